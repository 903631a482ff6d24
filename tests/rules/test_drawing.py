"""The draw by lot."""

import pytest

from xtbang.rules.drawing import drawn


def test_the_draw_takes_the_first_circle_first_and_is_random() -> None:
    first, rest = [1, 2], [3, 4, 5, 6]
    assert {tuple(sorted(drawn(str(seed), [first, rest], 3))) for seed in range(60)} == {(1, 2, n) for n in rest}
    assert {drawn(str(seed), [first, rest], 1)[0] for seed in range(40)} == {1, 2}
    with pytest.raises(ValueError, match="7 wanted, 6 there"):
        drawn("", [first, rest], 7)


def test_the_same_seed_draws_the_same_whatever_the_order_of_the_pool() -> None:
    assert drawn("seed", [[1, 2, 3], [3, 4]], 4) == drawn("seed", [[3, 1, 2], [4, 1]], 4)
