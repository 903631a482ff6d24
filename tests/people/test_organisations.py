"""An organisation is registered, confirmed, refused and restricted with nothing but a session of the database."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import has_app_context
from sqlalchemy import select

from tests.factories.projects import ProjectFactory
from tests.factories.restricting import act_on, restricted
from xtbang.actions.notify import notify, to_organisation
from xtbang.actions.relations import relations
from xtbang.domain.new_project import create_entry
from xtbang.enums import RoleName
from xtbang.errors import Blocked, Forbidden, Stale
from xtbang.models import Document, Event, Organisation, Person, Restriction
from xtbang.people.accounts import add_colleague
from xtbang.people.organisations import (
    confirm_organisation,
    edit_organisation,
    refuse_organisation,
    register_organisation,
    withdraw_confirmation,
)
from xtbang.people.person_form import fill, written
from xtbang.people.restriction_acts import CORRECT, LIFT, RECORD, RESTORE, ask_act, confirm_act, drop_act
from xtbang.queries.caller import Caller, actor_of
from xtbang.queries.rights.document_writers import may_write
from xtbang.rules import uscc
from xtbang.rules.actor import PUBLIC

UNIT = {
    "name": "湘潭新材料有限公司",
    "uscc": uscc.make("77"),
    "kind": "企业",
    "region": "雨湖区",
    "address": "湘潭市雨湖区某路1号",
    "postcode": "411100",
    "legal_name": "李明",
    "legal_phone": "0731-58570302",
}
FIRST = {"person_name": "张工", "title": "主任", "mobile": "13800000001", "email": "Zhang@bang.test"}
OTHER = {"ground": "other", "document": "湘科发〔2024〕9号"}
TERM = {"starts_on": "2024-09-02", "ends_on": "2027-09-01", "reason": "主观原因终止项目"} | OTHER


@pytest.fixture(autouse=True)
def without_flask() -> Iterator[None]:
    assert not has_app_context()
    yield
    assert not has_app_context()


def register(factory: ProjectFactory, **changes: Any) -> None:
    public = factory.engine.caller(factory.session, replace(PUBLIC, address="192.0.2.7"))
    first = FIRST | {key: changes.pop(key) for key in ("email",) if key in changes}
    register_organisation(public, UNIT | changes, first, "a hash")


def registered(factory: ProjectFactory) -> Organisation:
    return factory.session.scalars(select(Organisation).where(Organisation.uscc == UNIT["uscc"])).one()


def manager(factory: ProjectFactory) -> Caller:
    person = factory.session.scalars(select(Person).where(Person.email == "zhang@bang.test")).one()
    factory.people["manager"] = person
    return factory.engine.caller(factory.session, actor_of(person))


def events(factory: ProjectFactory, row: Organisation) -> list[str]:
    query = select(Event.trigger).where(Event.stream == f"organisation:{row.id}").order_by(Event.sequence)
    return list(factory.session.scalars(query))


def restrictions(factory: ProjectFactory) -> list[Restriction]:
    return list(factory.session.scalars(select(Restriction)))


def test_registered_and_confirmed(factory: ProjectFactory) -> None:
    register(factory)
    row = registered(factory)
    assert (row.status, factory.mails("science")[-1]) == ("pending", "请确认单位：湘潭新材料有限公司")
    assert manager(factory).actor.roles == {"newcomer"}
    confirm_organisation(factory.caller("science"), row.id, row.version)
    assert (row.status, row.confirmed_by_id) == ("confirmed", factory.people["science"].id)
    assert manager(factory).actor.roles == {"applicant"}
    assert factory.mails("manager") == ["单位注册已确认，可以开始申报"]
    assert events(factory, row) == ["register", "confirm_organisation"]
    assert factory.session.scalars(select(Event.address).where(Event.trigger == "register")).one() == "192.0.2.7"


def test_a_confirmation_by_mistake_is_withdrawn_and_the_code_is_free(factory: ProjectFactory) -> None:
    running = factory.submitted().issuer
    with pytest.raises(Blocked, match="是 1 个未办结项目的一方"):
        withdraw_confirmation(factory.caller("science"), running.id, running.version, "误确认")
    register(factory)
    row = registered(factory)
    with pytest.raises(Blocked, match="没有确认"):
        withdraw_confirmation(factory.caller("science"), row.id, row.version, "误确认")
    confirm_organisation(factory.caller("science"), row.id, row.version)
    withdraw_confirmation(factory.caller("science"), row.id, row.version, "不是该单位的人员")
    assert (row.status, row.confirmed_at, row.refusal) == ("refused", None, "不是该单位的人员")
    assert manager(factory).actor.roles == set()
    assert factory.mails("manager")[-1] == "单位注册的确认已撤回，请改正单位资料后重新提交"
    confirm_organisation(factory.caller("science"), row.id, row.version)
    assert row.status == "confirmed"


def test_who_waits_to_be_confirmed_writes_a_draft_and_hands_nothing_in(factory: ProjectFactory) -> None:
    others = factory.draft()
    register(factory)
    newcomer = manager(factory)
    with factory.writing():
        project = create_entry(newcomer, factory.calls["2024"], "tech_demand")
    document = factory.session.get_one(Document, project.form_id)
    assert may_write(factory.engine.policy, project, document, newcomer.actor)
    reason = factory.why_not(project, "submit", "manager")["A4.unconfirmed"]
    assert "确认之前只能填写草稿" in reason and "请致电市科技局" in reason
    assert relations(factory.session, others, newcomer.actor)[0] == {"public"}
    assert "issuer" in relations(factory.session, project, newcomer.actor)[0]
    row = registered(factory)
    confirm_organisation(factory.caller("science"), row.id, row.version)
    assert "A4.unconfirmed" not in factory.why_not(project, "submit", "manager")


def test_refused_corrected_and_asked_again(factory: ProjectFactory) -> None:
    register(factory)
    row = registered(factory)
    refuse_organisation(factory.caller("science"), row.id, row.version, "名称与执照不符")
    assert (row.status, row.refusal) == ("refused", "名称与执照不符")
    with pytest.raises(Blocked, match="已作出不予确认的决定"):
        refuse_organisation(factory.caller("science"), row.id, row.version, "再次")
    assert edit_organisation(manager(factory), row.version, {"name": "湘潭新材料股份有限公司"}) == "pending"
    assert factory.mails("science")[-1] == "请确认单位：湘潭新材料股份有限公司"


def test_a_code_is_registered_once(factory: ProjectFactory) -> None:
    register(factory)
    with pytest.raises(Blocked, match="已经注册"):
        register(factory, name="又一次")
    assert registered(factory).name == "湘潭新材料有限公司"


def test_what_was_not_seen_is_not_decided_on(factory: ProjectFactory) -> None:
    register(factory)
    row = registered(factory)
    with pytest.raises(Stale):
        confirm_organisation(factory.caller("science"), row.id, row.version + 1)
    assert (registered(factory).status, events(factory, row)) == ("pending", ["register"])


def test_colleagues_are_added_by_the_manager_alone(factory: ProjectFactory) -> None:
    register(factory)
    with pytest.raises(Forbidden):
        add_colleague(factory.caller("issuer"), FIRST | {"email": "new@bang.test"}, "a hash")
    with pytest.raises(Blocked, match="是本单位人员 张工 的登录账号"):
        add_colleague(manager(factory), FIRST, "a hash")
    colleague = add_colleague(manager(factory), FIRST | {"email": "new@bang.test"}, "another hash")
    assert (colleague.password, colleague.password_given, colleague.manager) == ("another hash", True, False)


def test_a_second_organisation_learns_why_an_address_is_taken_and_its_owner_who_asked(factory: ProjectFactory) -> None:
    register(factory)
    wanted = FIRST | {"email": factory.people["issuer"].email}
    for _twice in range(2):
        with pytest.raises(Blocked, match="一个账号只代表一个单位") as caught:
            add_colleague(manager(factory), wanted, "a hash")
    assert factory.organisations["issuer"].name not in str(caught.value)
    assert factory.mails("issuer") == ["有单位要用您的电子邮箱建立账号"]


def test_who_is_only_employed_gets_no_mail_and_who_acts_elsewhere_keeps_an_employer(factory: ProjectFactory) -> None:
    issuer, bidder = (factory.organisations[name] for name in ("issuer", "bidder"))
    expert = factory.people["技术0"]
    with factory.writing():
        fill(factory.session, expert, written(expert) | {"uscc": issuer.uscc, "employer": "", "roles": ["expert"]})
        some_mail(factory, issuer.id)
    assert (factory.mails("issuer"), factory.mails("技术0")) == (["单位注册已确认，可以开始申报"], [])
    both = {"uscc": bidder.uscc, "employer": issuer.name, "roles": ["expert", "applicant"]}
    with factory.writing():
        expert.roles = [*expert.roles, factory.roles[RoleName.APPLICANT]]
        fill(factory.session, expert, written(expert) | both)
        some_mail(factory, bidder.id)
    assert factory.mails("技术0") == ["单位注册已确认，可以开始申报"]
    assert (expert.works_at, expert.organisation_id) == (issuer.name, bidder.id)
    with factory.writing():
        bidder.dissolved_on = factory.now.date()
    assert factory.caller("技术0").actor.roles == {"expert"}


def some_mail(factory: ProjectFactory, organisation_id: int) -> None:
    """Some mail to that organisation."""
    notify(factory.caller("science"), "confirm_organisation", to_organisation(organisation_id), link="/desk", name="甲")


def test_restricted_once_and_let_in_again(factory: ProjectFactory) -> None:
    project, issuer = factory.draft(), factory.organisations["issuer"]
    values = TERM | {"uscc": issuer.uscc}
    for _again in range(2):
        restricted(factory, values, "the same request")
    assert "被限制申报" in factory.why_not(project, "submit", "issuer")["A13"]
    assert factory.mails("issuer") == ["单位被限制申报、揭榜和拨款，请知悉"]
    (restriction,) = restrictions(factory)
    act_on(factory, LIFT, {"reason": "已整改"}, restriction)
    assert "A13" not in factory.why_not(project, "submit", "issuer")
    with pytest.raises(Blocked, match="已经解除"):
        act_on(factory, LIFT, {"reason": "再次"}, restriction)


def test_every_act_on_a_restriction_takes_two_people_and_nothing_happens_before(factory: ProjectFactory) -> None:
    issuer = factory.organisations["issuer"]
    term = TERM | {"uscc": issuer.uscc}
    days = {"starts_on": TERM["starts_on"], "ends_on": "2031-12-31", "reason": "截止日期录入有误"}
    why = {"reason": "误认单位"}
    for kind, values in ((RECORD, term), (CORRECT, days), (LIFT, why), (RESTORE, why)):
        row = next(iter(restrictions(factory)), None)
        before, told = row and (row.ends_on, row.lifted_at), factory.mails("issuer")
        act = ask_act(factory.caller("science"), kind, values, row.id if row else None)
        assert act and (row and (row.ends_on, row.lifted_at), factory.mails("issuer")) == (before, told)
        with pytest.raises(Blocked, match="须由另一人确认"):
            confirm_act(factory.caller("science"), act.id)
        with pytest.raises(Blocked, match="正在等待另一人确认"):
            ask_act(factory.caller("science2"), kind, values, row.id if row else None)
        drop_act(factory.caller("science2"), act.id, "请再核实")
        assert factory.mails("science")[-1].endswith(f"未予确认：{issuer.name}")
        act = ask_act(factory.caller("science2"), kind, values, row.id if row else None)
        assert act
        with pytest.raises(Forbidden):
            confirm_act(factory.caller("finance"), act.id)
        confirm_act(factory.caller("industry" if kind == LIFT else "science"), act.id)
        with pytest.raises(Blocked, match="已经办理"):
            confirm_act(factory.caller("science"), act.id)
        assert len(factory.mails("issuer")) == len(told) + 1
    (row,) = restrictions(factory)
    assert (row.ends_on.isoformat(), row.lifted_at) == ("2031-12-31", None)
    with pytest.raises(Blocked, match="不能早于开始日期"):
        ask_act(factory.caller("science"), CORRECT, days | {"ends_on": "2001-01-01"}, row.id)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"uscc": uscc.make("99")}, "A13.organisation"),
        ({"ends_on": "2024-09-01"}, "A13.order"),
        ({"starts_on": "2023-01-01", "ends_on": "2024-09-01"}, "A13.until"),
    ],
)
def test_a_restriction_makes_sense(factory: ProjectFactory, change: dict[str, str], rule: str) -> None:
    values = TERM | {"uscc": factory.organisations["issuer"].uscc} | change
    with pytest.raises(Blocked) as caught:
        restricted(factory, values)
    assert [reason.rule for reason in caught.value.reasons] == [rule]
    assert restrictions(factory) == []
