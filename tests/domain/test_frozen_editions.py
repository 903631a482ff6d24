"""An edition is frozen when it is first used; its projects live by that copy, and an amendment is a revision."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.projects import ProjectFactory
from tests.support.databases import Database
from xtbang.domain.calls import publish_call
from xtbang.domain.frozen_editions import freeze, freeze_used
from xtbang.domain.new_project import begin_entry
from xtbang.models import FrozenEdition
from xtbang.queries.frozen_editions import frozen_editions
from xtbang.rules.edition import Edition
from xtbang.rules.frozen import FORMAT
from xtbang.rules.policy import Policy


def with_days(edition: Edition, days: int, **changes: object) -> Edition:
    return replace(edition, notice_days=replace(edition.notice_days, value=Decimal(days)), **changes)  # type: ignore[arg-type]


@pytest.fixture
def amended(policy: Policy, database: Database) -> Iterator[ProjectFactory]:
    """The factory of 2024, in which an amendment of that edition is in force from 2024-09-10 on."""
    amendment = {"revision": 2, "amended_on": date(2024, 9, 10), "amended_by": "潭科发〔2024〕9号"}
    second = with_days(policy.edition("2024"), 7, key="2024.2", **amendment)
    made = ProjectFactory(replace(policy, editions=policy.editions | {"2024.2": second}), database)
    with made.writing():
        made.calls["2024"].published_at = made.now - timedelta(days=7)
    yield made
    made.session.close()


def kept(factory: ProjectFactory) -> list[str]:
    return [row.edition.key for row in frozen_editions(factory.session)]


def test_the_first_entry_freezes_its_edition_and_no_other(amended: ProjectFactory) -> None:
    assert kept(amended) == []
    project, _new = begin_entry(amended.caller("issuer"), amended.calls["2024"].id, "tech_demand")
    assert (project.edition, kept(amended)) == ("2024", ["2024"])
    (found,) = frozen_editions(amended.session)
    assert found.edition == amended.engine.policy.edition("2024")
    assert (found.frozen_at, found.whole) == (project.created_at, True)


def test_entries_are_taken_under_an_amendment_from_its_day_on_and_earlier_ones_keep_theirs(
    amended: ProjectFactory,
) -> None:
    first, _new = begin_entry(amended.caller("issuer"), amended.calls["2024"].id, "tech_demand")
    amended.at("2024-09-10 00:00")
    second, _new = begin_entry(amended.caller("issuer"), amended.calls["2024"].id, "tech_demand")
    assert (first.edition, second.edition, kept(amended)) == ("2024", "2024.2", ["2024", "2024.2"])
    days = [int(amended.engine.policy.edition(project.edition).notice_days.value) for project in (first, second)]
    assert days == [5, 7]


def test_a_call_that_is_published_freezes_its_edition(factory: ProjectFactory) -> None:
    call = factory.calls["2024"]
    with factory.writing():
        call.published_at = None
    publish_call(factory.caller("science"), call.id, call.version, {"title": "征集通知", "body": "请申报。"})
    assert kept(factory) == ["2024"]


def test_what_was_frozen_first_holds_for_a_process_that_read_other_files(policy: Policy, database: Database) -> None:
    factory = ProjectFactory(replace(policy, editions=dict(policy.editions)), database)
    caller = factory.caller("issuer")
    with factory.writing():
        freeze(caller, with_days(policy.edition("2024"), 9))
        held = freeze(caller, policy.edition("2024"))
    assert held.notice_days.value == 9
    assert factory.engine.policy.edition("2024").notice_days.value == 9
    factory.session.close()


def test_what_is_in_use_is_frozen_at_the_start(factory: ProjectFactory) -> None:
    factory.draft()
    assert freeze_used(factory.caller("issuer")) == ["2024"]
    assert freeze_used(factory.caller("issuer")) == []


def test_what_an_earlier_release_froze_stays_as_this_process_reads_it(policy: Policy, database: Database) -> None:
    editions = dict(policy.editions)
    factory = ProjectFactory(replace(policy, editions=editions), database)
    with factory.writing():
        factory.session.add(
            FrozenEdition(key="2024", format=FORMAT - 1, digest="of then", content={}, frozen_at=factory.now)
        )
        assert freeze(factory.caller("issuer"), editions["2024"]) is policy.editions["2024"]
    assert editions == policy.editions
    factory.session.close()
