"""The words for the state of a row: the same on its page, in a list and in a file."""

import re
from datetime import date
from types import SimpleNamespace

import pytest

from xtbang.models import Objection
from xtbang.queries.shown.states import STATES, notice_state, organisation_state, slip_state

DAY = date(2026, 9, 10)


@pytest.mark.parametrize(
    ("status", "last_day", "words"),
    [
        ("draft", None, "待发布"),
        ("published", None, "已发布"),
        ("published", DAY, "公示中"),
        ("published", date(2026, 9, 9), "公示期满"),
        ("superseded", DAY, "已被更正"),
    ],
)
def test_a_notice_runs_until_its_last_day(status: str, last_day: date | None, words: str) -> None:
    assert notice_state(SimpleNamespace(status=status, last_day=last_day), DAY).words == words


@pytest.mark.parametrize(
    ("cancelled", "used", "lines", "words"),
    [(None, 0, 0, "未使用"), (None, 5, 1, "登记中"), (None, 9, 2, "已登记完"), (DAY, 0, 0, "已撤销")],
)
def test_a_collective_slip_is_used_up_by_its_lines(cancelled: date | None, used: int, lines: int, words: str) -> None:
    assert slip_state(SimpleNamespace(cancelled_at=cancelled, total=9, used=used, lines=lines)).words == words


def test_an_organisation_that_no_longer_exists_is_called_so_whatever_it_was() -> None:
    assert organisation_state(SimpleNamespace(status="confirmed", dissolved_on=DAY)).words == "已注销"
    assert organisation_state(SimpleNamespace(status="refused", dissolved_on=None)).words == "不予确认"


def test_an_objection_has_words_for_every_state_that_the_database_knows() -> None:
    checks = [str(getattr(check, "sqltext", "")) for check in Objection.__table__.constraints]  # type: ignore[attr-defined]
    stored = {status for check in checks if check.startswith("status IN") for status in re.findall(r"'(\w+)'", check)}
    assert stored == set(STATES["objection"]) and stored
