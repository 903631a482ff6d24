"""Which files a form may name: those that came with it and one's own, never somebody else's by their digest."""

import pytest
from sqlalchemy import select

from tests.stages.later import OBJECTION, in_force, object_to, published, voucher
from tests.stages.world import World
from xtbang.errors import Blocked
from xtbang.models import Objection, StoredFile, Voucher
from xtbang.queries.rights.project_parts import is_evidence
from xtbang.rules.actor import PUBLIC

SLIP = {"number": "B1", "amount": "1", "paid_on": "2024-11-18"}


def test_the_public_attaches_nothing_that_lies_there_already(world: World) -> None:
    project = published(world)
    digest = world.session.scalars(select(StoredFile.sha256).where(StoredFile.name == "盖章件.pdf")).one()
    with pytest.raises(Blocked) as caught:
        world.engine.perform(world.session, project.id, "file_objection", PUBLIC, OBJECTION | {"evidence": digest})
    assert [reason.rule for reason in caught.value.reasons] == ["file"]
    object_to(world, project, evidence=world.file("证据.pdf"))
    assert is_evidence(world.session, world.session.scalars(select(Objection.file_id)).one() or 0)


def test_what_a_stranger_attached_is_not_named_by_the_next_one(world: World) -> None:
    project = published(world)
    object_to(world, project, evidence=world.file("证据.pdf"))
    del world.uploads[digest := world.file("证据.pdf")]
    with pytest.raises(Blocked):
        object_to(world, project, evidence=digest)


def test_a_file_that_hangs_elsewhere_is_not_the_evidence_of_an_objection(world: World) -> None:
    project = published(world)
    object_to(world, project)
    with world.writing() as session:
        stamped = session.scalars(select(StoredFile).where(StoredFile.name == "盖章件.pdf")).one()
        session.scalars(select(Objection)).one().file_id = stamped.id
    assert not is_evidence(world.session, stamped.id)


def test_an_organisation_names_its_own_files_and_nobody_elses(world: World) -> None:
    project = in_force(world)
    voucher(world, project, "A1", "30")
    own, theirs = world.file("回单A1.pdf"), world.file("签章-bidder-1.pdf")
    world.uploads.clear()
    against = world.blocked(project, "submit_voucher", "issuer", SLIP | {"file": theirs})
    assert against == {"file": "“资金拨付凭据”的文件没有收到，请重新上传。"}
    world.perform(project, "submit_voucher", "issuer", SLIP | {"file": own})
    assert len({row.file_id for row in world.session.scalars(select(Voucher))}) == 1


def test_an_officer_names_only_what_they_brought_themselves(world: World) -> None:
    project = in_force(world)
    audit = world.file("审计报告.pdf")
    data = {"cause": "objective", "reason": "洪灾", "recover_by": "2026-12-31", "audit_file": audit}
    world.perform(project, "terminate", "science", data)
    world.uploads.clear()
    seal = {"dated": "2024-11-19", "amount": "20", "number": "1号", "file": audit}
    assert set(world.blocked(project, "confirm_county_match", "county", seal)) == {"file"}
    world.perform(project, "terminate", "industry")  # under what the other bureau's signature came with
    assert project.state == "terminated"
