"""A season in which forty things go wrong, in the order of a project's life: each is put right, to the last yuan.

A road is the straight way of one project; on it lie the mishaps, each with what puts it right. After every mishap the ledger
balances, the chain of events holds, and no paper is current that says what is not so.
"""

from random import Random

import pytest

from tests.factories.projects import ProjectFactory
from tests.stages.season.roads import live
from tests.stages.season.season import ROADS

SAMPLE = 9  # mishaps of one road in `make test`


def test_a_season_has_forty_mishaps() -> None:
    assert sum(map(len, ROADS.values())) >= 40


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("road", ROADS)
def test_a_season_with_some_of_the_mishaps(factory: ProjectFactory, road: str) -> None:
    """The same ones each time, others on every road."""
    names = sorted(mishap.__name__ for mishap in ROADS[road])
    live(factory, road, frozenset(Random(road).sample(names, min(SAMPLE, len(names)))))


@pytest.mark.faults
@pytest.mark.parametrize("road", ROADS)
def test_a_season_with_all_of_the_mishaps(factory: ProjectFactory, road: str) -> None:
    live(factory, road, frozenset(mishap.__name__ for mishap in ROADS[road]))
