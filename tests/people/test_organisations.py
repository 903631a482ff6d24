"""An organisation is registered, confirmed, refused and restricted with nothing but a session of the database."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import has_app_context
from sqlalchemy import select

from tests.stages.world import World
from xtbang.errors import Blocked, Forbidden, Stale
from xtbang.models import Event, Organisation, Person, Restriction
from xtbang.people.accounts import add_colleague
from xtbang.people.organisations import (
    confirm_organisation,
    edit_organisation,
    refuse_organisation,
    register_organisation,
)
from xtbang.people.restrictions import lift_restriction, restrict
from xtbang.queries.caller import Caller, actor_of
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
TERM = {"starts_on": "2024-09-02", "ends_on": "2027-09-01", "reason": "主观原因终止项目"}


@pytest.fixture(autouse=True)
def without_flask() -> Iterator[None]:
    assert not has_app_context()
    yield
    assert not has_app_context()


def register(world: World, **changes: Any) -> None:
    public = world.engine.caller(world.session, replace(PUBLIC, address="192.0.2.7"))
    register_organisation(public, UNIT | changes, FIRST, "a hash")


def registered(world: World) -> Organisation:
    return world.session.scalars(select(Organisation).where(Organisation.uscc == UNIT["uscc"])).one()


def manager(world: World) -> Caller:
    person = world.session.scalars(select(Person).where(Person.email == "zhang@bang.test")).one()
    world.people["manager"] = person
    return world.engine.caller(world.session, actor_of(person))


def events(world: World, row: Organisation) -> list[str]:
    query = select(Event.trigger).where(Event.stream == f"organisation:{row.id}").order_by(Event.sequence)
    return list(world.session.scalars(query))


def restrictions(world: World) -> list[Restriction]:
    return list(world.session.scalars(select(Restriction)))


def test_registered_and_confirmed(world: World) -> None:
    register(world)
    row = registered(world)
    assert (row.status, world.mails("science")[-1]) == ("pending", "请确认单位：湘潭新材料有限公司")
    assert manager(world).actor.roles == frozenset()
    confirm_organisation(world.caller("science"), row.id, row.version)
    assert (row.status, row.confirmed_by_id) == ("confirmed", world.people["science"].id)
    assert manager(world).actor.roles == {"applicant"}
    assert world.mails("manager") == ["单位注册已确认，可以开始申报"]
    assert events(world, row) == ["register", "confirm_organisation"]
    assert world.session.scalars(select(Event.address).where(Event.trigger == "register")).one() == "192.0.2.7"


def test_refused_corrected_and_asked_again(world: World) -> None:
    register(world)
    row = registered(world)
    refuse_organisation(world.caller("science"), row.id, row.version, "名称与执照不符")
    assert (row.status, row.refusal) == ("refused", "名称与执照不符")
    with pytest.raises(Blocked, match="已作出不予确认的决定"):
        refuse_organisation(world.caller("science"), row.id, row.version, "再次")
    assert edit_organisation(manager(world), row.version, {"name": "湘潭新材料股份有限公司"}) == "pending"
    assert world.mails("science")[-1] == "请确认单位：湘潭新材料股份有限公司"


def test_a_code_is_registered_once(world: World) -> None:
    register(world)
    with pytest.raises(Blocked, match="已经注册"):
        register(world, name="又一次")
    assert registered(world).name == "湘潭新材料有限公司"


def test_what_was_not_seen_is_not_decided_on(world: World) -> None:
    register(world)
    row = registered(world)
    with pytest.raises(Stale):
        confirm_organisation(world.caller("science"), row.id, row.version + 1)
    assert (registered(world).status, events(world, row)) == ("pending", ["register"])


def test_colleagues_are_added_by_the_manager_alone(world: World) -> None:
    register(world)
    with pytest.raises(Forbidden):
        add_colleague(world.caller("issuer"), FIRST | {"email": "new@bang.test"}, "a hash")
    with pytest.raises(Blocked, match="电子邮箱不能使用"):
        add_colleague(manager(world), FIRST, "a hash")
    colleague = add_colleague(manager(world), FIRST | {"email": "new@bang.test"}, "another hash")
    assert (colleague.password, colleague.password_given, colleague.manager) == ("another hash", True, False)


def test_restricted_once_and_let_in_again(world: World) -> None:
    project, issuer = world.draft(), world.organisations["issuer"]
    values = TERM | {"uscc": issuer.uscc}
    for _again in range(2):
        restrict(world.caller("science"), values, "the same request")
    assert "被限制申报" in world.why_not(project, "submit", "issuer")["A13"]
    assert world.mails("issuer") == ["单位被限制申报、揭榜和拨款，请知悉"]
    (restriction,) = restrictions(world)
    lift_restriction(world.caller("science"), restriction.id, "已整改")
    assert "A13" not in world.why_not(project, "submit", "issuer")
    with pytest.raises(Blocked, match="已经解除"):
        lift_restriction(world.caller("science"), restriction.id, "再次")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"uscc": uscc.make("99")}, "A13.organisation"),
        ({"ends_on": "2024-09-01"}, "A13.order"),
        ({"starts_on": "2023-01-01", "ends_on": "2024-09-01"}, "A13.until"),
    ],
)
def test_a_restriction_makes_sense(world: World, change: dict[str, str], rule: str) -> None:
    values = TERM | {"uscc": world.organisations["issuer"].uscc} | change
    with pytest.raises(Blocked) as caught:
        restrict(world.caller("science"), values, "key")
    assert [reason.rule for reason in caught.value.reasons] == [rule]
    assert restrictions(world) == []
