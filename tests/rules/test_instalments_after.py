"""Instalments after the subsidy has fallen: what was paid above the new figures is kept from the next payment."""

from decimal import Decimal

import pytest

from tests.papers.issued import policy
from xtbang.rules.subsidy import instalments, instalments_after

HALF = Decimal(200_000)


@pytest.mark.parametrize(
    ("subsidy", "paid", "amounts"),
    [
        ("400000", {}, ("200000", "200000")),
        ("400000", {1: HALF}, ("200000", "200000")),
        ("300000", {}, ("150000", "150000")),
        ("300000", {1: HALF}, ("200000", "100000")),  # 50 000 were paid too much
        ("300000.01", {1: HALF}, ("200000", "100000.01")),
        ("200000.01", {1: HALF}, ("200000", "0.01")),
        ("200000", {1: HALF}, ("200000", "0")),
        ("199999.99", {1: HALF}, ("200000", "0")),  # nothing is left; what is missing would have to come back
        ("300000", {1: HALF, 2: Decimal(100_000)}, ("200000", "100000")),
        ("400000", {2: HALF}, ("200000", "200000")),  # the first one came back from the bank
        ("300000", {2: HALF}, ("100000", "200000")),
        ("200000.01", {2: HALF}, ("0.01", "200000")),
        ("200000", {2: HALF}, ("0", "200000")),
    ],
)
def test_what_was_paid_above_is_kept_from_the_next_payment(
    subsidy: str, paid: dict[int, Decimal], amounts: tuple[str, ...]
) -> None:
    edition = policy().editions["2024"]
    assert instalments_after(edition, Decimal(subsidy), paid) == tuple(map(Decimal, amounts))


def test_without_a_fall_it_is_the_plan() -> None:
    edition, subsidy = policy().editions["2024"], Decimal("333333.33")
    first, second = instalments(edition, subsidy)
    assert instalments_after(edition, subsidy, {1: first}) == (first, second)
