"""A merger or division recorded by mistake is taken back by two people; what was done since stays with the successor."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.people.test_organisation_changes import change, filled, found
from tests.people.test_succession import succeed
from tests.stages import test_changes as changes
from xtbang.errors import Blocked, NotFound
from xtbang.models import Bid, BidMember, Organisation, OrganisationChange, Restriction
from xtbang.models.base import Base
from xtbang.people.organisation_changes import refuse_change
from xtbang.people.succession_back import ask_taking_back, confirm_taking_back, what_goes_back

OWNED = [
    column
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if table.name not in ("event", "mail", "organisation_change", "restriction", "search_entry")
    and (any(key.column.table.name == "organisation" for key in column.foreign_keys) or column.name == "party")
]


def owners(factory: ProjectFactory) -> dict[str, list[Any]]:
    """Whose every row is that is an organisation's, in every table that says so."""
    factory.session.expire_all()
    rows_of = {}
    for column in OWNED:
        rows = factory.session.execute(select(column.table.c.id, column).order_by(column.table.c.id)).all()
        rows_of[str(column)] = [tuple(row) for row in rows]
    return rows_of


def as_they_were(factory: ProjectFactory, before: dict[str, list[Any]]) -> bool:
    """Whether the rows that there were then have the owners that they had then."""
    now = owners(factory)
    return all(now[column][: len(rows)] == rows for column, rows in before.items())


def ask(factory: ProjectFactory, who: str) -> OrganisationChange:
    row = factory.organisations[who]
    factory.session.refresh(row)
    return ask_taking_back(factory.caller("science"), row.id, row.version, *_typed(factory))


def _typed(factory: ProjectFactory) -> tuple[dict[str, Any], Any]:
    return filled(factory, reason="合并登记在了同名单位。")


def take_back(factory: ProjectFactory, who: str) -> Organisation:
    ask(factory, who)
    row = factory.organisations[who]
    confirm_taking_back(factory.caller("industry"), row.id, row.version)
    factory.session.refresh(row)
    return row


def staying(factory: ProjectFactory, who: str) -> list[str]:
    back = what_goes_back(factory.caller("science"), factory.organisations[who])
    assert back is not None
    return back.said["staying"]


def test_all_of_a_merger_returns_with_people_restrictions_and_every_row(factory: ProjectFactory) -> None:
    project = later.fifty(factory)
    with factory.writing():
        factory.people["bidder"].manager = True
        old = factory.organisations["bidder"]
        days = {"starts_on": date(2024, 9, 2), "ends_on": date(2099, 9, 1), "reason": "弄虚作假"}
        factory.session.add(Restriction(organisation_id=old.id, created_at=factory.now, created_by_id=1, **days))
    before = owners(factory)
    new = succeed(factory, "bidder", "firm")
    assert not as_they_were(factory, before)
    factory.at("2025-01-06 09:00")
    take_back(factory, "bidder")
    assert as_they_were(factory, before)
    assert (old.dissolved_on, factory.people["bidder"].manager) == (None, True)
    assert project.agreed_bid and project.agreed_bid.lead_id == old.id
    kept = factory.session.execute(select(Restriction.organisation_id, Restriction.lifted_at.is_(None))).all()
    assert sorted(map(tuple, kept)) == sorted([(old.id, True), (new.id, False)])
    rows = factory.session.scalars(select(OrganisationChange).order_by(OrganisationChange.id)).all()
    assert [(row.kind, row.status) for row in rows] == [
        ("merger", "taken_back"), ("merger", "taken_back"), ("taking_back", "confirmed")
    ]  # fmt: skip
    assert "项目有关单位登记变更" in factory.mails("issuer")[-1]
    assert "单位变更已登记：撤销承继登记" in factory.mails("bidder")[-1]
    succeed(factory, "bidder", "firm")  # the taking back was itself wrong: the merger is recorded again
    assert factory.session.get_one(Organisation, old.id).dissolved_on


def test_a_successor_is_not_found_any_more_by_the_former_names_of_its_predecessor(factory: ProjectFactory) -> None:
    signed = factory.organisations["bidder"].name
    change(factory, "bidder", "rename", name="湘潭新名大学")
    new = succeed(factory, "bidder", "firm")
    assert new.name in found(factory, signed)
    take_back(factory, "bidder")
    assert found(factory, signed) == found(factory, "湘潭新名大学") == ["湘潭新名大学"]


def test_a_sealed_bid_returns_without_a_word(factory: ProjectFactory) -> None:
    project, old = factory.listed(), factory.organisations["bidder"]
    bid = factory.bid(project)
    succeed(factory, "bidder", "firm")
    back = what_goes_back(factory.caller("science"), old)
    assert back and [row.id for row in back.returning] == [project.id]
    assert back.said == {"returning": [], "staying": []}
    mails = factory.mails("issuer")
    take_back(factory, "bidder")
    assert (factory.session.get_one(Bid, bid.id).lead_id, factory.mails("issuer")) == (old.id, mails)


def test_a_project_on_which_something_was_done_stays_with_the_successor_and_is_named(factory: ProjectFactory) -> None:
    project, other = later.in_force(factory), factory.draft()
    new = succeed(factory, "issuer", "firm")
    factory.at("2025-01-06 09:00")
    data = {"number": "HD-9", "amount": "8", "paid_on": "2025-01-05", "file": factory.file("凭证.pdf")}
    factory.perform(project, "submit_voucher", "firm", data)
    assert staying(factory, "issuer") == [f"{project.number} {project.title}：2025年1月6日已办理“提交付款凭证”"]
    old = take_back(factory, "issuer")
    factory.session.expire_all()
    assert (project.issuer_id, other.issuer_id) == (new.id, old.id)
    succeed(factory, "firm", "issuer", "division", parts=[f"issuer:{project.id}"])
    assert project.issuer_id == old.id


def test_a_member_that_had_no_place_beside_its_successor_is_one_again(factory: ProjectFactory) -> None:
    project = later.executing(factory)
    member = factory.organisations["member"]
    with factory.writing():
        assert project.agreed_bid
        factory.session.add(
            BidMember(bid_id=project.agreed_bid.id, organisation_id=member.id, confirmed_at=factory.now)
        )
    before = owners(factory)
    succeed(factory, "member", "bidder")
    factory.session.expire_all()
    assert project.agreed_bid.members == []
    take_back(factory, "member")
    factory.session.expire_all()
    assert [(row.organisation_id, row.confirmed_at) for row in project.agreed_bid.members] == [(member.id, factory.now)]
    assert as_they_were(factory, before)


def test_who_signs_a_change_under_way_is_the_member_again(factory: ProjectFactory) -> None:
    project, member = later.executing(factory), factory.organisations["member"]
    changes.ask(factory, project, "members", changes.consortium(member))
    for who, said in (("bidder", {}), ("member", {"clean": "true"})):
        factory.perform(project, "agree_change", who, said)
    factory.both(project, "grant_change", {})
    row = changes.change(factory, project)
    signers, agreed = dict(row.signers), dict(row.agreed)
    succeed(factory, "member", "firm")
    assert row.signers != signers
    take_back(factory, "member")
    factory.session.refresh(row)
    assert (row.signers, row.agreed) == (signers, agreed)


def test_it_takes_two_people_and_the_last_of_several_first(factory: ProjectFactory) -> None:
    first, second = factory.submitted(), factory.submitted()
    succeed(factory, "issuer", "firm", "division", parts=[f"issuer:{first.id}"])
    factory.at("2024-11-01 09:00")
    succeed(factory, "issuer", "rival", "division", parts=[f"issuer:{second.id}"])
    change, old = ask(factory, "issuer"), factory.organisations["issuer"]
    with pytest.raises(Blocked, match="须由另一人确认"):
        confirm_taking_back(factory.caller("science"), old.id, old.version)
    refuse_change(factory.caller("science2"), old.id, old.version, "证明材料不全")
    assert (change.status, factory.mails("science")[-1]) == ("refused", "单位变更未予确认：撤销承继登记，请知悉")
    take_back(factory, "issuer")
    assert (first.issuer_id, second.issuer_id) == (factory.organisations["firm"].id, old.id)
    take_back(factory, "issuer")
    assert first.issuer_id == old.id
    with pytest.raises(NotFound):
        ask(factory, "issuer")


def test_a_successor_that_has_gone_into_another_is_taken_back_first(factory: ProjectFactory) -> None:
    factory.submitted()
    succeed(factory, "issuer", "firm")
    factory.at("2024-11-01 09:00")
    succeed(factory, "firm", "rival")
    with pytest.raises(Blocked, match="此后已并入其他单位"):
        ask(factory, "issuer")
    take_back(factory, "firm")
    take_back(factory, "issuer")
