"""Files and papers on their way out: only to who may read, whole or in pieces, kept by the browser, never damaged."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import FundingDocument, Notice, Paper, Person, Signature, StoredFile
from xtbang.papers.store import FolderStore, RecentFiles

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

Login = Callable[[Person], FlaskClient]


def paper_of(factory: SiteProjectFactory, *which: object) -> str:
    """The address of the first paper of which that holds."""
    factory.session.rollback()
    number = factory.session.scalars(select(Paper.id).where(*which).order_by(Paper.id).limit(1)).one()
    factory.session.rollback()
    return f"/papers/{number}.pdf"


def notice_of(factory: SiteProjectFactory) -> str:
    """The paper of a notice that everyone may read."""
    later.published(factory)
    return paper_of(factory, Paper.notice_id.is_not(None))


def form_of(factory: SiteProjectFactory) -> str:
    """A paper that issuer and bureaus alone may read."""
    factory.submitted(edition="2021")
    return paper_of(factory, Paper.name == "form")


def file_on_disk(app: Flask, content: bytes) -> Path:
    digest = sha256(content).hexdigest()
    return Path(app.config["FILES"], digest[:2], digest[2:4], digest)


# ---------------------------------------------------------------- asked again


def test_who_has_a_public_paper_is_not_sent_it_again(
    factory: SiteProjectFactory, client: FlaskClient, login: Login
) -> None:
    address = notice_of(factory)
    for reader in (client, login(factory.people["rival"])):
        first = reader.get(address)
        assert first.headers["Cache-Control"] == "private, no-cache"
        assert first.headers["ETag"] == f'"{sha256(first.data).hexdigest()}"'
        again = reader.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Cache-Control"] == "private, no-cache"
        other = reader.get(address, headers={"If-None-Match": '"another"'})
        assert (other.status_code, other.data) == (200, first.data)


def test_knowing_a_digest_opens_nothing(factory: SiteProjectFactory, client: FlaskClient, login: Login) -> None:
    address = form_of(factory)
    first = login(factory.people["issuer"]).get(address)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-store"
    for asked in ({"If-None-Match": first.headers["ETag"]}, {"If-None-Match": "*"}, {"Range": "bytes=0-9"}):
        assert login(factory.people["issuer"]).get(address, headers=asked).status_code in (206, 304), asked
        for reader in (client, login(factory.people["rival"]), login(factory.people["finance"])):
            answer = reader.get(address, headers=asked)
            assert answer.status_code == 404, asked
            assert "ETag" not in answer.headers and b"%PDF" not in answer.data


def test_the_paper_of_a_notice_is_public_while_it_is_published(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    address = notice_of(factory)
    assert client.get(address).status_code == 200
    notice = factory.session.scalars(
        select(Notice).join(Paper, Paper.notice_id == Notice.id).order_by(Paper.id)
    ).first()
    assert notice is not None
    number, at = notice.id, notice.published_at
    with factory.writing() as session:
        row = session.get_one(Notice, number)
        row.status, row.published_at = "draft", None
    assert client.get(address).status_code == 404
    with factory.writing() as session:
        row = session.get_one(Notice, number)
        row.status, row.published_at = "superseded", at
    assert client.get(address).status_code == 200


# ---------------------------------------------------------------- in pieces


def test_a_phone_reads_a_paper_in_pieces(factory: SiteProjectFactory, client: FlaskClient) -> None:
    address = notice_of(factory)
    whole = client.get(address)
    assert whole.headers["Accept-Ranges"] == "bytes"
    size = len(whole.data)
    for asked, start, end in (("0-99", 0, 100), ("100-", 100, size), ("-50", size - 50, size)):
        piece = client.get(address, headers={"Range": f"bytes={asked}", "If-Range": whole.headers["ETag"]})
        assert piece.status_code == 206
        assert piece.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert piece.data == whole.data[start:end]
    of_another = client.get(address, headers={"Range": "bytes=0-99", "If-Range": '"another"'})
    assert (of_another.status_code, of_another.data) == (200, whole.data)


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-1", "bytes=0-1,5-6", "bytes=x", "lines=1-2"])
def test_a_piece_that_cannot_be_had_is_answered_by_the_whole(
    factory: SiteProjectFactory, client: FlaskClient, asked: str
) -> None:
    address = notice_of(factory)
    answer = client.get(address, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (200, client.get(address).data)


# ---------------------------------------------------------------- damaged


@pytest.fixture
def damaged(factory: SiteProjectFactory, client: FlaskClient, app: Flask) -> Iterator[tuple[str, bytes]]:
    """The address of a public paper whose file lost a byte after it was read, and what it was."""
    address = notice_of(factory)
    content = client.get(address).data
    file = file_on_disk(app, content)
    file.chmod(0o640)
    file.write_bytes(content[:-1])
    yield address, content
    file.write_bytes(content)  # the sites of the tests share their files


def test_a_damaged_paper_is_never_sent(
    client: FlaskClient, app: Flask, damaged: tuple[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, content = damaged
    assert client.get(address).data == content  # what was checked, from memory
    monkeypatch.setitem(app.extensions, "recent", RecentFiles(app.extensions["store"], 0))
    for asked in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}):
        answer = client.get(address, headers=asked)
        assert answer.status_code == 500
        assert "ETag" not in answer.headers and b"%PDF" not in answer.data
        assert "登记在册，但存储中的内容与登记时不一致" in answer.text


def test_a_file_that_the_store_has_lost_is_named_to_who_may_open_it_and_to_nobody_else(
    factory: SiteProjectFactory, login: Login, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory.submitted()
    row = factory.session.scalars(select(StoredFile).where(StoredFile.name == "盖章件.pdf")).one()
    address = f"/files/{row.id}"
    factory.session.rollback()
    monkeypatch.setitem(app.extensions, "recent", RecentFiles(FolderStore(Path("/nowhere")), 0))
    answer = login(factory.people["issuer"]).get(address)
    assert answer.status_code == 500 and "“盖章件.pdf”登记在册，但存储中的内容已经不在" in answer.text
    assert login(factory.people["rival"]).get(address).status_code == 404


def test_an_upload_runs_nothing(factory: SiteProjectFactory, login: Login) -> None:
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    slip = factory.upload("回单.pdf")
    data = {"number": "A1", "amount": "80", "paid_on": "2024-11-01", "file": slip}
    factory.perform(project, "submit_voucher", "issuer", data)
    number = factory.session.scalars(select(StoredFile.id).where(StoredFile.sha256 == slip)).one()
    factory.session.rollback()
    answer = login(factory.people["science"]).get(f"/files/{number}")
    [policy] = answer.headers.getlist("Content-Security-Policy")
    assert policy.startswith("default-src 'none';") and policy.endswith("sandbox")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_file_replaced_by_a_correction_is_open_to_the_offices_and_a_partys_own_to_that_party(
    factory: SiteProjectFactory, login: Login
) -> None:
    """Of an office: by those who read the history that names it; of a party: by its own people, too."""
    project = later.issued(factory)
    later.funded(factory, project)
    row = factory.session.scalars(select(FundingDocument)).one()
    data = {"document": str(row.id), "number": "潭财教〔2024〕99号", "dated": "2024-11-19", "reason": "文件有误"}
    of_office = []
    for name in ("不全.pdf", "完整.pdf"):
        factory.perform(project, "amend_funding_document", "finance", data | {"file": factory.upload(name)})
        factory.perform(project, "amend_funding_document", "finance2")
        factory.session.refresh(row)
        of_office.append(row.file_id)
    assert len({*of_office}) == 2
    first = {"funding": of_office[0]}
    signed = {"signed_on": factory.now.date().isoformat(), "scan": factory.upload("没有盖章.pdf")}
    factory.perform(project, "sign_contract", "bidder", signed)
    first["own"] = factory.session.scalars(select(Signature.file_id).where(Signature.party == "bidder")).one()
    factory.perform(project, "return_signature", "science", {"party": "bidder", "reason": "没有盖章"})
    readers = {
        "funding": {
            "science": 200,
            "industry": 200,
            "leader": 200,
            "auditor": 200,
            "issuer": 404,
            "bidder": 404,
            "rival": 404,
        },
        "own": {"bidder": 200, "issuer": 404, "rival": 404},
    }
    for name, may in readers.items():
        seen = {who: login(factory.people[who]).get(f"/files/{first[name]}").status_code for who in may}
        assert seen == may, name


def test_a_contract_and_a_notice_are_sent_to_be_edited_and_nothing_else(
    factory: SiteProjectFactory, login: Login
) -> None:
    later.issued(factory)
    contract, notice, form = (
        paper_of(factory, Paper.name == name).replace(".pdf", "/edit.docx") for name in ("contract", "notice", "form")
    )
    science, bidder, rival = (login(factory.people[name]) for name in ("science", "bidder", "rival"))
    assert science.get(contract).data.startswith(b"PK") and bidder.get(contract).status_code == 200
    assert "编辑用" in unquote(science.get(notice).headers["Content-Disposition"])
    assert rival.get(contract).status_code == 404
    assert science.get(form).status_code == 404
