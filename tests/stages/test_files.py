"""Which files a form may name: those that came with it and one's own, never somebody else's by their digest."""

import pytest
from sqlalchemy import select

from tests.factories.later import in_force, object_to, published, voucher
from tests.factories.projects import ProjectFactory
from tests.factories.values import OBJECTION
from xtbang.errors import Blocked
from xtbang.models import Objection, StoredFile, Voucher
from xtbang.queries.rights.project_parts import is_evidence
from xtbang.rules.actor import PUBLIC

SLIP = {"number": "B1", "amount": "1", "paid_on": "2024-11-18"}


def test_the_public_attaches_nothing_that_lies_there_already(factory: ProjectFactory) -> None:
    project = published(factory)
    digest = factory.session.scalars(select(StoredFile.sha256).where(StoredFile.name == "盖章件.pdf")).one()
    with pytest.raises(Blocked) as caught:
        factory.engine.perform(factory.session, project.id, "file_objection", PUBLIC, OBJECTION | {"evidence": digest})
    assert [reason.rule for reason in caught.value.reasons] == ["file"]
    object_to(factory, project, evidence=factory.file("证据.pdf"))
    evidence = select(StoredFile).join(Objection, Objection.file_id == StoredFile.id)
    assert is_evidence(factory.session, factory.session.scalars(evidence).one())


def test_what_a_stranger_attached_is_not_named_by_the_next_one(factory: ProjectFactory) -> None:
    project = published(factory)
    object_to(factory, project, evidence=factory.file("证据.pdf"))
    del factory.uploads[digest := factory.file("证据.pdf")]
    with pytest.raises(Blocked):
        object_to(factory, project, evidence=digest)


def test_a_file_that_hangs_elsewhere_is_not_the_evidence_of_an_objection(factory: ProjectFactory) -> None:
    project = published(factory)
    object_to(factory, project)
    with factory.writing() as session:
        stamped = session.scalars(select(StoredFile).where(StoredFile.name == "盖章件.pdf")).one()
        session.scalars(select(Objection)).one().file_id = stamped.id
    assert not is_evidence(factory.session, stamped)


def test_an_organisation_names_its_own_files_and_nobody_elses(factory: ProjectFactory) -> None:
    project = in_force(factory)
    voucher(factory, project, "A1", "30")
    own, theirs = factory.file("回单A1.pdf"), factory.file("签章-bidder-1.pdf")
    factory.uploads.clear()
    against = factory.blocked(project, "submit_voucher", "issuer", SLIP | {"file": theirs})
    assert against == {"file": "“资金拨付凭据”的文件没有收到，请重新上传。"}
    factory.perform(project, "submit_voucher", "issuer", SLIP | {"file": own})
    assert len({row.file_id for row in factory.session.scalars(select(Voucher))}) == 1


def test_an_officer_names_only_what_they_brought_themselves(factory: ProjectFactory) -> None:
    project = in_force(factory)
    audit = factory.file("审计报告.pdf")
    data = {"cause": "objective", "reason": "洪灾", "recover_by": "2026-12-31", "audit_file": audit}
    factory.perform(project, "terminate", "science", data)
    factory.uploads.clear()
    seal = {"dated": "2024-11-19", "amount": "20", "number": "1号", "file": audit}
    assert set(factory.blocked(project, "confirm_county_match", "county", seal)) == {"file"}
    factory.perform(project, "terminate", "industry")  # under what the other bureau's signature came with
    assert project.state == "terminated"
