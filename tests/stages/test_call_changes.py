"""A call is prolonged or cancelled with a public notice: its drafts, its entries, and what does not depend on it any more."""

from datetime import timedelta

import pytest

from tests.factories.projects import ProjectFactory
from xtbang.domain.call_changes import calls_to_move_to, cancel_call, prolong_call
from xtbang.errors import Blocked
from xtbang.models import Call, Notice, Project
from xtbang.workflow.cancelled_calls import wind_up

SAID = {"title": "公告", "body": "正文", "number": "", "reason": "专项资金调整"}


def published(factory: ProjectFactory) -> ProjectFactory:
    """Its call was announced."""
    with factory.writing():
        factory.calls["2024"].published_at = factory.calls["2024"].opens_at
    return factory


def prolong(factory: ProjectFactory, until: str) -> Notice:
    call = factory.calls["2024"]
    return prolong_call(factory.caller("science"), call.id, call.version, SAID | {"closes_at": until})


def cancel(factory: ProjectFactory, move_to: str = "") -> tuple[int, int]:
    call = factory.calls["2024"]
    cancel_call(factory.caller("science"), call.id, call.version, SAID)
    return wind_up(factory.engine, factory.session, factory.actor("science"), call.id, move_to, SAID["reason"])


def another(factory: ProjectFactory, edition: str = "2024") -> Call:
    """Another open call."""
    own = factory.calls["2024"]
    with factory.writing():
        call = Call(code="2024-09", title="补充批次", edition=edition, kinds=list(own.kinds), opens_at=own.opens_at)
        call.closes_at, call.published_at = factory.now + timedelta(days=60), factory.now
        factory.session.add(call)
    return call


def test_a_prolonged_call_takes_what_comes_later_and_sealed_bids_stay_as_they_are(factory: ProjectFactory) -> None:
    draft, listed = published(factory).draft(), factory.listed()
    window = listed.bids_until
    factory.at("2024-12-30 09:00")
    assert "N1.window" in factory.why_not(draft, "submit", "issuer")
    call, unfilled = factory.calls["2024"], SAID | {"closes_at": "2025-01-31T17:30", "body": "延长至（　）。"}
    with pytest.raises(Blocked, match="还没有填写"):
        prolong_call(factory.caller("science"), call.id, call.version, unfilled)
    notice = prolong(factory, "2025-01-31T17:30")
    assert (notice.kind, notice.status) == ("call", "published")
    assert "N1.window" not in factory.why_not(draft, "submit", "issuer")
    assert factory.mails("issuer")[-1].startswith("征集截止时间延长")
    assert cancel(factory) == (0, 0)
    assert (listed.state, listed.bids_until) == ("listing", window)


def test_entries_of_a_cancelled_call_end_with_a_mail(factory: ProjectFactory) -> None:
    draft, submitted = published(factory).draft(), factory.submitted()
    assert cancel(factory) == (1, 0)
    assert (submitted.state, draft.state) == ("given_up", "draft")
    told = factory.mails("issuer")
    assert any(mail.startswith("申报随批次终结") for mail in told)
    assert any(mail.startswith("征集已取消") for mail in told)
    assert "N1.cancelled" in factory.why_not(draft, "submit", "issuer")


def test_entries_move_to_another_call_of_the_same_edition(factory: ProjectFactory) -> None:
    draft, submitted = published(factory).draft(), factory.submitted()
    number = submitted.number
    other = another(factory)
    assert offered(factory, draft) == {}, "as long as its own call stands"
    assert cancel(factory, str(other.id)) == (1, 0)
    assert (submitted.state, submitted.call_id, submitted.number) == ("solicitation", other.id, number)
    factory.perform(draft, "move_entry", "issuer", {"call": str(other.id), "reason": ""})
    assert "N1.cancelled" not in factory.why_not(draft, "submit", "issuer")


def offered(factory: ProjectFactory, project: Project) -> dict[str, str]:
    """The calls to which it can be moved."""
    action = factory.engine.policy.actions["move_entry"]
    return calls_to_move_to(factory.engine.context(factory.session, project, factory.actor("issuer"), "issuer", action))
