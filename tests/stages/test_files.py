"""Which files a form may name: those that came with it and one's own, never somebody else's by their digest."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests.factories.later import in_force, issued, newest, object_to, published, sign, voucher
from tests.factories.projects import ProjectFactory
from tests.factories.values import OBJECTION
from xtbang.errors import Blocked
from xtbang.models import Countersignature, Objection, Signature, StoredFile, Voucher
from xtbang.queries.rights.files import may_open_file
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


def refused_voucher(factory: ProjectFactory) -> str:
    project = in_force(factory)
    voucher(factory, project, "A1", "30")
    data = {"voucher": str(newest(factory, project)), "outcome": "refused", "reason": "看不清"}
    factory.perform(project, "check_voucher", "industry", data)
    return factory.file("回单A1.pdf")


def returned_scan(factory: ProjectFactory) -> str:
    project = issued(factory)
    sign(factory, project, "bidder")
    party = f"bidder:{factory.organisations['bidder'].id}"
    keys = {row.party for row in factory.session.scalars(select(Signature))}
    factory.perform(
        project, "return_signature", "science", {"party": party if party in keys else keys.pop(), "reason": "没有盖章"}
    )
    return factory.session.scalars(select(StoredFile.sha256).where(StoredFile.name.like("签章-bidder%"))).one()


def unsigned_audit(factory: ProjectFactory) -> str:
    project = in_force(factory)
    data = {
        "cause": "objective",
        "reason": "洪灾",
        "recover_by": "2026-12-31",
        "audit_file": factory.file("审计报告.pdf"),
    }
    factory.perform(project, "terminate", "science", data)
    signature = str(factory.session.scalars(select(Countersignature.id).where(Countersignature.status == "open")).one())
    factory.perform(project, "withhold", "industry", {"signature": signature, "reason": "应延期"})
    return factory.file("审计报告.pdf")


def form_sent_back(factory: ProjectFactory) -> str:
    project = factory.submitted()
    back = {"remarks": [{"field": "title", "text": "请写全称"}], "correct_by": "2024-09-12"}
    factory.perform(project, "send_back", "science", back)
    return factory.session.scalars(select(StoredFile.sha256).where(StoredFile.name == "盖章件.pdf")).one()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("refused", [refused_voucher, returned_scan, unsigned_audit, form_sent_back])
def test_what_a_bureau_has_refused_or_returned_opens_for_both_and_for_no_stranger(
    factory: ProjectFactory, refused: Callable[[ProjectFactory], str]
) -> None:
    row = factory.session.scalars(select(StoredFile).where(StoredFile.sha256 == refused(factory))).first()
    assert row
    readers = {who: may_open_file(factory.caller(who), row) for who in ("science", "science2", "industry", "rival")}
    assert readers == {"science": True, "science2": True, "industry": True, "rival": False}
