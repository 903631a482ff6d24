"""The bureau's seal: valid signatures on real papers, still PDF/A, in the right place; nothing without a certificate."""

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from asn1crypto import x509 as asn1
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.factories.site_projects import SiteProjectFactory
from tests.papers.conftest import page_texts
from tests.papers.issued import WAYS
from tests.papers.seals import OFFICE, PASSWORD, certificate, picture, red, status, written
from tests.support.scans import SITES
from xtbang.background import worker_of
from xtbang.models import Paper
from xtbang.papers.pdf.issued import pdf_of
from xtbang.papers.scan.examine import examine
from xtbang.papers.seal import DATES, Seal, SealError
from xtbang.rendering import render_and_store
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

ROOT = Path(__file__).parents[2]
SITE = "https://bang.example.cn"
SEALED = set(DATES)
CITY = load_policy(ROOT / "workflows").city


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("seal")


@pytest.fixture(scope="module")
def trusted(folder: Path) -> asn1.Certificate:
    made = certificate(folder / "seal.p12")
    return asn1.Certificate.load(made.public_bytes(Encoding.DER))


@pytest.fixture(scope="module")
def seal(folder: Path, trusted: asn1.Certificate) -> Seal:
    return Seal(CITY, folder / "seal.p12", PASSWORD, picture(folder / "seal.png"))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(ROOT / "workflows")


FURTHER = ("revoked", "restricted", "asked twice")


@pytest.fixture(scope="module")
def rows(policy: Policy) -> Iterator[list[Paper]]:
    """The papers of a project that is closed, of one terminated with everything to come back, and of further ways."""
    closed, ended, *others = every = [ProjectFactory(policy) for _way in ("closed", "ended", *FURTHER)]
    for way, factory in zip(FURTHER, others, strict=True):
        WAYS[way](factory)
    project = later.executing(closed)
    later.county_pays(closed, project, "1", "20")
    later.passed(closed, project)
    later.matched(closed, project, "20")
    later.pay(closed, project, "disburse_final", "20")
    project = later.fifty(ended)
    later.blamed(ended, project)
    later.ended(ended, project, **later.SUBJECTIVE)
    yield [row for factory in every for row in factory.session.scalars(select(Paper).order_by(Paper.id))]
    for factory in every:
        factory.session.close()
        factory.session.get_bind().dispose()


def one(rows: list[Paper], name: str) -> Paper:
    return next(row for row in rows if row.name == name)


def plain(row: Paper, policy: Policy) -> bytes:
    return pdf_of(row, SITE, policy)


@pytest.mark.parametrize("name", sorted(SEALED))
def test_a_sealed_paper_is_valid(
    name: str, rows: list[Paper], seal: Seal, trusted: asn1.Certificate, policy: Policy, tmp_path: Path
) -> None:
    row = one(rows, name)
    before = plain(row, policy)
    content = seal.apply(row, before)
    assert content.startswith(before)  # nothing of the paper is changed, the signature is added
    found = status(content, trusted)
    assert found.intact and found.valid and found.trusted and found.bottom_line
    assert found.coverage.name == "ENTIRE_FILE"
    (tmp_path / "paper.pdf").write_bytes(content)
    said = subprocess.run(["pdfsig", "-nocert", tmp_path / "paper.pdf"], capture_output=True, text=True, check=True)
    for line in ("Signature is Valid.", "Total document signed", "ETSI.CAdES.detached"):
        assert line in said.stdout
    assert subprocess.run(["qpdf", "--check", tmp_path / "paper.pdf"], capture_output=True, check=False).returncode == 0
    scan = examine(content, "application/pdf", SITES)
    assert scan.ours and scan.codes == {row.code}  # signed, but not stamped by hand
    with pikepdf.open(BytesIO(content)) as pdf, pikepdf.open(BytesIO(before)) as old:
        still_archival(pdf, old)
    assert page_texts(content) == page_texts(before)


def still_archival(pdf: pikepdf.Pdf, old: pikepdf.Pdf) -> None:
    """What PDF/A-3u asks and can be checked: metadata, output intent, attachment, no font that is not embedded."""
    metadata = pdf.open_metadata()
    assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "U")
    assert pdf.Root.Metadata.read_bytes() == old.Root.Metadata.read_bytes()
    assert dict(pdf.docinfo) == dict(old.docinfo)
    assert len(pdf.Root.OutputIntents) == 1
    assert pdf.attachments["data.json"].get_file().read_bytes() == old.attachments["data.json"].get_file().read_bytes()
    assert [str(item.AFRelationship) for item in pdf.Root.AF] == ["/Data"]
    (field,) = pdf.Root.AcroForm.Fields
    assert "/NeedAppearances" not in pdf.Root.AcroForm
    assert int(field.F) & 4 and not int(field.F) & 0b100011  # printed; not hidden, invisible or no view
    look = field.AP.N
    assert set(look.Resources.keys()) <= {"/XObject", "/ExtGState"}
    (image,) = look.Resources.XObject.values()
    assert (str(image.ColorSpace), str(image.SMask.ColorSpace)) == ("/DeviceRGB", "/DeviceGray")
    assert not image.get("/Interpolate", False)


@pytest.mark.parametrize("name", sorted(SEALED))
def test_the_seal_is_where_the_office_signs(name: str, rows: list[Paper], seal: Seal, policy: Policy) -> None:
    """Over the office's last name, and over the date where it stands under that name; nowhere else."""
    alone = [row for row in rows if row.data.get("offices") == [OFFICE]]
    row = one(alone if name == "notice" else rows, name)
    content = seal.apply(row, plain(row, policy))
    page, x, y = written(content, OFFICE)[-1]
    seals = {number: spot for number in range(len(page_texts(content))) if (spot := red(content, number))}
    assert list(seals) == [page]
    assert abs(seals[page][0] - x) < 3
    assert -3 < seals[page][1] - y < 30
    if name == "notice":
        date = f"{row.made_at:%Y}年{row.made_at.month}月"
        assert any(number == page and abs(down - seals[page][1]) < 30 for number, _, down in written(content, date))


def test_one_changed_byte_is_found(rows: list[Paper], seal: Seal, trusted: asn1.Certificate, policy: Policy) -> None:
    row = one(rows, "notice")
    content = bytearray(seal.apply(row, plain(row, policy)))
    content[len(content) // 3] ^= 1
    assert not status(bytes(content), trusted).intact


def test_other_papers_stay_as_they_are(rows: list[Paper], seal: Seal, policy: Policy) -> None:
    others = {row.name: row for row in rows if row.name not in SEALED}
    assert {"form", "bid", "contract", "payment_order", "acceptance_opinion"} <= set(others)
    for row in others.values():
        assert not seal.covers(row)
    assert seal.apply(others["form"], plain(others["form"], policy)) == plain(others["form"], policy)


def test_each_office_seals_only_what_it_issues(rows: list[Paper], folder: Path) -> None:
    certificate(folder / "finance.p12", "湘潭市财政局")
    finance = Seal(CITY, folder / "finance.p12", PASSWORD)
    assert {row.name for row in rows if finance.covers(row)} == {"funding", "recovery_notice"}


def test_without_a_picture_it_is_signed_unseen(
    rows: list[Paper], folder: Path, trusted: asn1.Certificate, policy: Policy
) -> None:
    row = one(rows, "receipt")
    content = Seal(CITY, folder / "seal.p12", PASSWORD).apply(row, plain(row, policy))
    assert status(content, trusted).bottom_line
    assert red(content, 0) is None


def test_a_paper_without_the_line_is_signed_unseen(
    rows: list[Paper], seal: Seal, trusted: asn1.Certificate, policy: Policy, caplog: pytest.LogCaptureFixture
) -> None:
    content = seal.apply(one(rows, "receipt"), plain(one(rows, "payment_order"), policy))
    assert status(content, trusted).bottom_line
    assert "no place for a seal" in caplog.text


@pytest.mark.parametrize(
    ("changes", "password", "sentence"),
    [
        ({"name": "某公司"}, PASSWORD, "不是湘潭市科学技术局、湘潭市工业和信息化局"),
        ({"name": f"{OFFICE}𬭎"}, PASSWORD, "不认识的字：𬭎"),
        ({"days": (-20, -1)}, PASSWORD, "现在不能使用"),
        ({"days": (1, 20)}, PASSWORD, "现在不能使用"),
        ({"repudiable": True}, PASSWORD, "不可否认"),
        ({}, "wrong", "密码不对"),
    ],
)
def test_a_certificate_that_cannot_sign_is_said(
    changes: dict[str, Any], password: str, sentence: str, tmp_path: Path
) -> None:
    certificate(tmp_path / "seal.p12", **changes)
    with pytest.raises(SealError, match=sentence):
        Seal(CITY, tmp_path / "seal.p12", password)


def test_files_that_are_none_are_said(folder: Path, trusted: asn1.Certificate, tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"junk")
    Image.new("RGB", (600, 600), "red").save(tmp_path / "solid.png")
    with pytest.raises(SealError, match="不存在"):
        Seal(CITY, tmp_path / "none.p12", PASSWORD)
    with pytest.raises(SealError, match="不是 PKCS#12 文件"):
        Seal(CITY, tmp_path / "junk", PASSWORD)
    for name, sentence in (("junk", "不是 PNG"), ("none.png", "不存在"), ("solid.png", "背景透明")):
        with pytest.raises(SealError, match=sentence):
            Seal(CITY, folder / "seal.p12", PASSWORD, tmp_path / name)


# ---------------------------------------------------------------- in the program


@pytest.fixture
def sealing(app: Flask, folder: Path, seal: Seal) -> Iterator[Flask]:
    """The application with the settings of a seal."""
    app.config.update(
        SEAL_CERTIFICATE=str(folder / "seal.p12"), SEAL_PASSWORD=PASSWORD, SEAL_PICTURE=str(folder / "seal.png")
    )
    yield app
    app.extensions.pop("seal", None)


def kept(app: Flask, session: Session) -> dict[str, bytes]:
    """What is stored of a project that was submitted and listed, by the paper's name."""
    for paper_id in session.scalars(select(Paper.id)).all():
        session.rollback()
        with app.app_context():
            render_and_store(app, session, session.get_one(Paper, paper_id))
    found = session.scalars(select(Paper)).all()
    return {row.name: app.extensions["store"].get(row.file.sha256) for row in found if row.file}


def test_it_is_signed_once_and_kept(sealing: Flask, session: Session, trusted: asn1.Certificate) -> None:
    SiteProjectFactory(sealing, session).submitted(edition="2021")
    first = kept(sealing, session)
    assert status(first["receipt"], trusted).bottom_line
    assert b"/ByteRange" not in first["form"]
    (row,) = session.scalars(select(Paper).where(Paper.name == "receipt"))
    with sealing.app_context():
        assert render_and_store(sealing, session, row) == first["receipt"]  # stored once
    assert kept(sealing, session) == first
    session.rollback()
    answer = sealing.test_client().post(
        f"/verify/{row.code}", data={"file": (BytesIO(first["receipt"]), "回执.pdf")}
    )  # fmt: skip
    assert "逐字节相同" in answer.text


def test_without_a_certificate_nothing_changes(app: Flask, session: Session) -> None:
    SiteProjectFactory(app, session).submitted(edition="2021")
    found = kept(app, session)
    engine = app.extensions["engine"]
    for row in session.scalars(select(Paper)):
        assert found[row.name] == pdf_of(row, engine.site.url, engine.policy)
    session.rollback()


def test_the_program_does_not_start_with_a_bad_certificate(sealing: Flask) -> None:
    sealing.config["SEAL_PASSWORD"] = "wrong"
    with pytest.raises(SealError, match="密码不对"):
        worker_of(sealing)
