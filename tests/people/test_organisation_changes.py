"""An organisation gets another name, another code, moves, is corrected, ends: on record, with what was signed left as it was."""

from typing import Any

import pytest
from sqlalchemy import select, true

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.people.test_organisations import UNIT, events, manager, register, registered
from xtbang.domain.expert_pool import pool
from xtbang.errors import Blocked, Forbidden, Stale
from xtbang.models import Event, Organisation, OrganisationChange
from xtbang.people.organisation_changes import ask_change, confirm_change, record_change, refuse_change
from xtbang.people.organisations import confirm_organisation, edit_organisation, refuse_organisation
from xtbang.queries.office_list import Filters, page
from xtbang.queries.organisations import named_or_coded
from xtbang.rules import uscc

NEW = "湘潭新名电机股份有限公司"


def filled(factory: ProjectFactory, **values: Any) -> tuple[dict[str, Any], Any]:
    """What a form of a change holds, and its file."""
    upload = factory.uploads[factory.file("变更通知书.pdf")]
    day = factory.now.date().isoformat()
    return {"dated": day, "reason": "登记机关核准", "file": upload.sha256} | values, upload


def change(factory: ProjectFactory, who: str, kind: str, **values: Any) -> Organisation:
    """The lead office records it."""
    row = factory.organisations[who]
    record_change(factory.caller("science"), row.id, row.version, kind, *filled(factory, **values))
    return row


def ask(factory: ProjectFactory, kind: str, **values: Any) -> OrganisationChange:
    """The issuer's manager asks for it."""
    with factory.writing():
        factory.people["issuer"].manager = True
    row = factory.organisations["issuer"]
    return ask_change(factory.caller("issuer"), row.version, kind, *filled(factory, **values))


def found(factory: ProjectFactory, search: str) -> list[str]:
    query = select(Organisation.name).where(named_or_coded(search)).order_by(Organisation.id)
    return list(factory.session.scalars(query))


def test_a_new_name_is_asked_for_and_confirmed_and_the_contract_keeps_the_old_one(factory: ProjectFactory) -> None:
    project = later.fifty(factory)
    row, contract = factory.organisations["issuer"], later.paper(factory, project, "contract")
    old, signed, printed = row.name, contract.code, dict(contract.data)
    asked = ask(factory, "rename", name=NEW)
    assert (row.name, factory.mails("science")[-1]) == (old, f"请确认单位变更：{old}")
    with pytest.raises(Blocked, match="已有一项变更等待确认"):
        ask(factory, "move", region="雨湖区")
    confirm_change(factory.caller("science"), row.id, row.version)
    assert (row.name, asked.before, asked.after, asked.status) == (NEW, {"name": old}, {"name": NEW}, "confirmed")
    assert events(factory, row) == ["ask_change", "change_rename"]
    told = factory.session.scalars(select(Event).where(Event.stream == f"project:{project.id}")).all()[-1]
    assert old in told.reason and NEW in told.reason
    assert factory.mails("bidder")[-1].startswith("项目有关单位登记变更")
    assert factory.mails("issuer")[-1] == "单位变更已登记：更名"
    assert found(factory, old) == found(factory, NEW) == [NEW]
    listed = page(factory.caller("science"), true(), Filters(search=old))
    assert [item.id for item in listed.rows] == [project.id]
    contract = later.paper(factory, project, "contract")
    assert (contract.code, contract.data) == (signed, printed)
    later.blamed(factory, project)
    later.ended(factory, project, **later.SUBJECTIVE)
    decision = later.paper(factory, project, "termination").data["project"]
    assert decision["issuer"]["name"] == f"{NEW}（原{old}）"
    assert "（原" not in decision["bidder"]["name"]


def test_an_expert_whose_employer_was_renamed_is_barred_by_either_name(factory: ProjectFactory) -> None:
    project, old = factory.accepted(), factory.organisations["issuer"].name
    change(factory, "issuer", "rename", name=NEW)
    with factory.writing():
        factory.people["技术0"].employer = old
        factory.people["技术1"].employer = NEW
        factory.people["技术2"].organisation_id = factory.organisations["firm"].id  # for which it acts
        factory.people["技术2"].employer = NEW
    action = factory.engine.policy.actions["convene_appraisal"]
    found = pool(factory.engine.context(factory.session, project, factory.actor("science"), "science", action), "技术")
    barred = {factory.people[f"技术{number}"].id for number in range(3)}
    assert barred <= found.excluded.keys()


def test_a_refused_change_changes_nothing_and_says_why(factory: ProjectFactory) -> None:
    asked, row = ask(factory, "code", uscc=uscc.make("55")), factory.organisations["issuer"]
    with pytest.raises(Stale):
        refuse_change(factory.caller("science"), row.id, row.version - 1, "材料不清")
    code = row.uscc
    refuse_change(factory.caller("science"), row.id, row.version, "材料不清")
    assert (row.uscc, asked.status, asked.refusal) == (code, "refused", "材料不清")
    assert factory.mails("issuer")[-1] == "单位变更未予确认：更换统一社会信用代码，请知悉"
    with pytest.raises(Blocked, match="没有等待确认的变更"):
        confirm_change(factory.caller("science"), row.id, row.version)


def test_a_new_code_is_found_by_the_old_one_and_belongs_to_one(factory: ProjectFactory) -> None:
    row, other = factory.organisations["issuer"], factory.organisations["bidder"]
    old = row.uscc
    with pytest.raises(Blocked, match=f"已由“{other.name}”登记"):
        change(factory, "issuer", "code", uscc=other.uscc)
    change(factory, "issuer", "code", uscc=uscc.make("55"))
    assert found(factory, old) == found(factory, uscc.make("55")) == [row.name]


def test_who_moves_keeps_the_county_of_what_was_handed_in(factory: ProjectFactory) -> None:
    project = factory.submitted()
    county = project.region
    row = change(factory, "issuer", "move", region="韶山市")
    assert (row.region, project.region) == ("韶山市", county)
    assert row.renamed_at is None


def test_who_is_dissolved_does_nothing_more_until_that_was_a_mistake(factory: ProjectFactory) -> None:
    row = change(factory, "issuer", "dissolution")
    assert (row.dissolved_on, factory.caller("issuer").actor.roles) == (factory.now.date(), frozenset())
    with pytest.raises(Blocked, match="已登记注销"):
        change(factory, "issuer", "rename", name=NEW)
    change(factory, "issuer", "revival")
    assert (row.dissolved_on, factory.caller("issuer").actor.roles) == (None, {"applicant"})


@pytest.mark.parametrize(
    ("kind", "values", "sentence"),
    [
        ("rename", {"dated": "2099-01-01", "name": NEW}, "日期不能晚于今天"),
        ("move", {"region": "湘潭高新区"}, "与现在登记的相同"),
        ("revival", {}, "没有登记注销"),
    ],
)
def test_a_change_makes_sense(factory: ProjectFactory, kind: str, values: dict[str, str], sentence: str) -> None:
    if kind == "move":
        values = {"region": factory.organisations["issuer"].region}
    with pytest.raises(Blocked, match=sentence):
        change(factory, "issuer", kind, **values)
    assert events(factory, factory.organisations["issuer"]) == []


def test_only_the_manager_of_a_confirmed_organisation_asks(factory: ProjectFactory) -> None:
    row = factory.organisations["issuer"]
    with pytest.raises(Forbidden):
        ask_change(factory.caller("issuer"), row.version, "rename", *filled(factory, name=NEW))
    register(factory)
    with pytest.raises(Forbidden, match="确认之前"):
        ask_change(manager(factory), 1, "rename", *filled(factory, name=NEW))


def test_a_refused_registration_frees_its_code(factory: ProjectFactory) -> None:
    register(factory)
    first = registered(factory)
    refuse_organisation(factory.caller("science"), first.id, first.version, "不是该单位的人员")
    register(factory, name="真正的单位", email="real@bang.test")
    rightful = registered(factory)
    assert (rightful.name, first.code, rightful.status) == ("真正的单位", UNIT["uscc"], "pending")
    with pytest.raises(Blocked, match="已由另一个单位注册使用"):
        edit_organisation(manager(factory), first.version, {"name": "再来一次"})
    with pytest.raises(Blocked, match="已由另一个单位注册使用"):
        confirm_organisation(factory.caller("science"), first.id, first.version)
    refuse_organisation(factory.caller("science"), rightful.id, rightful.version, "撤回")
    confirm_organisation(factory.caller("science"), first.id, first.version)
    assert registered(factory).id == first.id
