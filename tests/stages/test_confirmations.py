"""A confirmation (复核) or further signature is offered to exactly those from whom it is taken; its guards speak before it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.stages.test_records_corrected import WHY, choices
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Project, Voucher
from xtbang.models.writing import writing

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PEOPLE = "science science2 industry leader finance finance2 county issuer bidder".split()
Begun = Callable[[ProjectFactory], tuple[Project, str, str]]  # project, trigger, who has asked for it


def asked(trigger: str, who: str, field: str, **data: Any) -> Begun:
    """What a project in 实施 offers first in that field, asked for."""

    def begin(factory: ProjectFactory) -> tuple[Project, str, str]:
        project = later.executing(factory)
        (key, *_) = choices(factory, project, trigger, who, field)
        day = {"dated": factory.now.date().isoformat()} if "dated" in data else {}
        day |= {"file": factory.file("判决书.pdf")} if "file" in data else {}
        factory.perform(project, trigger, who, WHY | {field: key} | data | day)
        return project, trigger, who

    return begin


BEGUN = {
    "reverse_line": asked("reverse_line", "finance", "line", cause="returned", dated=""),
    "reverse_line of the county": asked("reverse_line", "finance2", "line", cause="mistaken", dated=""),
    "amend_line": asked("amend_line", "finance", "line", note="更1", dated=""),
    "recheck_voucher": asked("recheck_voucher", "science", "voucher", outcome="refused"),
    "amend_funding_document": asked("amend_funding_document", "finance", "document", number="潭财教〔2024〕89号", dated=""),
    "record_ruling": asked(
        "record_ruling", "industry", "decision", body="court", result="upheld", number="（2024）湘03行终8号", dated="",
        file="",
    ),
}  # fmt: skip


def offered_to(factory: ProjectFactory, project: Project, trigger: str) -> set[str]:
    return {
        who
        for who in PEOPLE
        for offer in factory.engine.offers(factory.session, project, factory.actor(who))
        if offer.action.trigger == trigger and offer.open
    }


class TakenBackError(Exception):
    """What was tried is rolled back."""


def takes_it(factory: ProjectFactory, project: Project, trigger: str, who: str) -> bool:
    """Whether the confirmation is taken from that person; nothing of it stays."""
    try:
        with writing(factory.session):
            factory.engine.perform_within(factory.session, project.id, trigger, factory.actor(who))
            raise TakenBackError
    except TakenBackError:
        return True
    except (Blocked, Forbidden):
        return False


@pytest.mark.parametrize("name", BEGUN)
def test_a_confirmation_is_offered_to_exactly_those_from_whom_it_is_taken(factory: ProjectFactory, name: str) -> None:
    project, trigger, first = BEGUN[name](factory)
    offered = offered_to(factory, project, trigger)
    assert offered == {who for who in PEOPLE if takes_it(factory, project, trigger, who)}
    assert offered
    assert first not in offered


def test_what_has_become_impossible_is_said_before_it_is_confirmed(factory: ProjectFactory) -> None:
    """The voucher was decided on otherwise after its recheck was asked for: by hand, as no act of another page can now."""
    project, trigger, _first = BEGUN["recheck_voucher"](factory)
    with factory.writing():
        (voucher,) = factory.session.scalars(select(Voucher).where(Voucher.project_id == project.id))
        voucher.status = "refused"
    assert "已经是“不予认定”" in factory.why_not(project, trigger, "industry")["A7.voucher"]
