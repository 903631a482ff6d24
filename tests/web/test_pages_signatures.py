"""The stamped contracts of several projects, scanned at once: each goes to the project whose code is printed on it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict
from html import unescape
from io import BytesIO
from zipfile import ZipFile

import pypdfium2
import pytest
import segno
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from tests.factories.later import issued
from tests.factories.site_projects import SiteProjectFactory
from tests.support.copies import alike
from tests.support.databases import SqliteFile
from xtbang.models import Batch, Paper, Person, Project, Signature, StoredFile
from xtbang.papers.codes import make_code, verify_url
from xtbang.papers.scan.examine import Scan
from xtbang.web.office import scan_files
from xtbang.web.office.scan_files import ScanFile, _contents, _of_facts, _signer, runs_of

LogIn = Callable[[Person], FlaskClient]
on_sqlite = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
ADDRESS = "/batches/signatures"


def page(code: str) -> Image.Image:
    """A scanned page at 100 dpi with that code in its foot; without a code for ""."""
    sheet, picture = Image.new("RGB", (827, 1169), "white"), BytesIO()
    sheet.paste((40, 40, 40), (100, 100, 700, 110))
    if code:
        segno.make(verify_url("http://localhost", code), error="m", micro=False).save(
            picture, kind="png", scale=3, border=2
        )
        sheet.paste(Image.open(picture).convert("RGB"), (650, 1000))
    return sheet


def scan(*codes: str) -> bytes:
    """A PDF of scanned pages with these codes."""
    first, *rest = map(page, codes)
    content = BytesIO()
    first.save(content, "PDF", save_all=True, append_images=rest, resolution=100)
    return content.getvalue()


@pytest.fixture
def projects(factory: SiteProjectFactory) -> list[Project]:
    """Three projects with a contract to be signed."""
    assert isinstance(factory.database, SqliteFile)
    found = alike(factory.database, factory.session, issued(factory), 3)
    with factory.writing():  # codes that can be printed
        for number, paper in enumerate(factory.session.scalars(select(Paper).where(Paper.name == "contract"))):
            paper.code, paper.number = make_code(b"tests", str(number)), f"HT-{number}"
    return found


def code_of(factory: SiteProjectFactory, project: Project) -> str:
    query = select(Paper.code).where(Paper.project_id == project.id, Paper.name == "contract", Paper.state == "current")
    return factory.session.scalars(query).one()


def sent(text: str, **more: str) -> dict[str, object]:
    """What the form of the page sends as it stands."""
    hidden = re.findall(r'name="(versions|request_key)" value="([^"]*)"', text)
    chosen = re.findall(r'<select[^>]*name="(of-\w+)".*?</select>', text, re.DOTALL)
    found: dict[str, object] = dict(hidden) | {"scan": re.findall(r'name="scan" value="([^"]*)"', text)}
    for name in chosen:
        [box] = re.findall(rf'name="{name}".*?</select>', text, re.DOTALL)
        marked = re.search(r'value="([^"]*)" selected', box)
        found[name] = marked[1] if marked else ""
    return found | {"signed_on": "2024-12-02"} | more


def signed(factory: SiteProjectFactory) -> dict[int, str]:
    """The file that science has signed with, by project."""
    factory.session.rollback()
    query = select(Signature.project_id, StoredFile.name).join(StoredFile, StoredFile.id == Signature.file_id)
    return {number: name for number, name in factory.session.execute(query.where(Signature.party == "science"))}


@on_sqlite
def test_a_zip_and_a_merged_scan_go_each_to_its_project_and_what_cannot_be_told_is_asked(
    factory: SiteProjectFactory, login: LogIn, projects: list[Project]
) -> None:
    factory.at("2024-12-03 10:00")
    first, second = (code_of(factory, project) for project in projects[:2])
    with ZipFile(packed := BytesIO(), "w") as archive:
        archive.writestr("合同/连续扫描.pdf", scan(first, "", first, second, second))
        archive.writestr("说明.txt", "不是扫描件")
    science = login(factory.people["science"])
    files = [(packed, "合同.zip"), (BytesIO(scan("")), "看不清.pdf"), (BytesIO(b"%PDF-1.7 broken"), "坏的.pdf")]
    packed.seek(0)
    read = unescape(science.post(ADDRESS, data={"signed_on": "2024-12-02", "scans": files}).text)
    assert "没有收下的 2 份" in read and "说明.txt" in read and "PDF 已损坏" in read
    assert "连续扫描（第 1-3 页）.pdf" in read and "连续扫描（第 4-5 页）.pdf" in read
    assert "有 1 份没有认出是哪个项目的合同" in read and 'name="confirmed"' not in read
    form = sent(read)
    [asked] = [name for name, value in form.items() if value == ""]
    form[asked] = str(projects[2].id)
    checked = unescape(science.post(ADDRESS, data=form).text)
    assert "确认上传 3 份" in checked and "扫描件存疑：二维码未能识别" in checked
    done = science.post(ADDRESS, data=sent(checked, confirmed="1"))
    assert done.status_code == 302 and "已办理（3 项）" in science.get(done.location).text
    assert signed(factory) == {
        projects[0].id: "连续扫描（第 1-3 页）.pdf",
        projects[1].id: "连续扫描（第 4-5 页）.pdf",
        projects[2].id: "看不清.pdf",
    }
    assert factory.session.scalars(select(Batch.trigger)).all() == ["sign_contract"]


def _damaged(method: int) -> Iterator[bytes]:
    """A zip with its names, lengths and contents changed, one byte after the other."""
    with ZipFile(packed := BytesIO(), "w", method) as archive:
        archive.writestr("合同/甲.pdf", b"%PDF-1.7 " + bytes(range(256)))
    content = packed.getvalue()
    for place in range(4, len(content)):
        yield content[:place] + bytes([content[place] ^ 0xA5]) + content[place + 1 :]


@on_sqlite
def test_a_zip_that_is_damaged_or_lists_too_much_is_told_and_never_a_fault(app: Flask) -> None:
    listed = b"PK\x01\x02" + b"\0" * 42
    endless = b"PK\x03\x04" + listed * 20_000 + b"PK\x05\x06" + b"\0" * 18
    bad = [endless, *(content for method in (0, 8, 12, 14) for content in _damaged(method))]
    told = 0
    with app.test_request_context():
        for content in bad:
            wrong: list[tuple[str, str]] = []
            found = list(_contents([FileStorage(BytesIO(content), "合同.zip")], wrong))
            told += bool(wrong)
            assert content is not endless or (not found and "打不开" in wrong[0][1])
    assert told > 500


@on_sqlite
def test_what_was_found_on_a_file_travels_with_the_page_as_it_was(app: Flask) -> None:
    scan = Scan("坏", frozenset("AB"), "别处", 3, 2, ours=True, drawn=True, cropped=True, contacts=(1, 3))
    untold = [name for name, value in asdict(scan).items() if value == getattr(Scan(), name)]
    assert untold == ["places"]  # a page that is asked again has no use for them
    file = ScanFile("0" * 64, "合同.pdf", "application/pdf", 5, scan, 3, 7)
    with app.test_request_context():
        back = _of_facts(_signer().loads(file.token))
        assert back == file and hash(back) == hash(file)
        assert back.upload(bytes).contacts == "1、3"


@on_sqlite
def test_files_that_take_too_long_altogether_are_told_to_be_sent_apart(
    factory: SiteProjectFactory, login: LogIn, projects: list[Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_files, "LONGEST", 0.0)
    files = [(BytesIO(scan("")), "甲.pdf"), (BytesIO(scan("")), "乙.pdf")]
    read = login(factory.people["science"]).post(ADDRESS, data={"signed_on": "2024-12-02", "scans": files})
    assert read.text.count("这一份没有读取，请分开上传。") == 2


@on_sqlite
def test_the_scan_of_another_version_or_one_sent_twice_is_told_in_its_row_and_not_handed_in(
    factory: SiteProjectFactory, login: LogIn, projects: list[Project]
) -> None:
    old = code_of(factory, projects[0])
    with factory.writing():
        paper = factory.session.scalars(select(Paper).where(Paper.code == old)).one()
        facts = {column.key: getattr(paper, column.key) for column in Paper.__table__.columns if column.key != "id"}
        factory.session.add(Paper(**facts | {"version": 2, "code": make_code(b"tests", "newer")}))
        paper.state = "superseded"
    factory.at("2024-12-03 10:00")
    science, code = login(factory.people["science"]), code_of(factory, projects[1])
    files = [(BytesIO(scan(old)), "旧版.pdf"), (BytesIO(scan(code)), "甲.pdf"), (BytesIO(scan(code, code)), "乙.pdf")]
    read = unescape(science.post(ADDRESS, data={"signed_on": "2024-12-02", "scans": files}).text)
    assert "已被新版本取代" in read and "与“甲.pdf”属于同一个项目" in read
    done = science.post(ADDRESS, data=sent(read, confirmed="1"))
    assert "已办理（1 项）" in science.get(done.location).text
    assert signed(factory) == {projects[1].id: "甲.pdf"}


def photo(code: str, shade: str, kind: str = "JPEG", turn: int = 0) -> bytes:
    """A photographed page of that shade with that code; turned as a telephone says it with ``turn``, the EXIF orientation."""
    sheet, content, exif = page(code), BytesIO(), Image.Exif()
    sheet.paste(shade, (0, 300, 827, 900))
    if turn:
        exif[0x0112], sheet = turn, sheet.transpose(Image.Transpose.ROTATE_90)
    sheet.save(content, kind, exif=exif)
    return content.getvalue()


@on_sqlite
def test_photographed_pages_of_one_contract_are_joined_in_the_order_of_their_names(
    factory: SiteProjectFactory, login: LogIn, projects: list[Project], app: Flask
) -> None:
    factory.at("2024-12-03 10:00")
    science, first, second = login(factory.people["science"]), projects[0], projects[1]
    named = factory.session.scalars(select(Paper.number).where(Paper.code == code_of(factory, first))).one()
    files = [
        (BytesIO(photo(code_of(factory, first), "red", turn=6)), f"{named}_10.jpg"),
        (BytesIO(photo("", "lime", "PNG")), f"{str(named).lower()}_2.png"),
        (BytesIO(photo("", "blue")), "照片12.jpg"),
        (BytesIO(scan(code_of(factory, second))), "扫描 (2).pdf"),
        (BytesIO(scan(code_of(factory, second), "")), "扫描 (1).pdf"),
    ]
    read = unescape(science.post(ADDRESS, data={"signed_on": "2024-12-02", "scans": files}).text)
    assert "有 1 份没有认出是哪个项目的合同" in read and "照片12.jpg属于哪个项目" in read
    assert "第 2 个，共 2 个" in read, "the PNG by the number in its name"
    form = sent(read)
    [asked] = [name for name, value in form.items() if value == ""]
    form[asked] = str(first.id)
    checked = unescape(science.post(ADDRESS, data=form).text)
    assert (
        "3 个文件按文件名的顺序合成一份，可以上传" in checked
        and "未能识别" not in checked
        and "确认上传 2 份" in checked
    )
    done = science.post(ADDRESS, data=sent(checked, confirmed="1"))
    assert done.status_code == 302 and "已办理（2 项）" in science.get(done.location).text
    assert signed(factory) == {first.id: f"{str(named).lower()}（3 页）.pdf", second.id: "扫描（3 页）.pdf"}
    of_first = select(StoredFile.sha256).join(Signature, Signature.file_id == StoredFile.id)
    digest = factory.session.scalars(of_first.where(Signature.project_id == first.id)).one()
    with pypdfium2.PdfDocument(app.extensions["store"].get(digest)) as whole:
        middles = [sheet.render(scale=0.2).to_pil().convert("RGB").resize((1, 1)).getpixel((0, 0)) for sheet in whole]
        strongest = ["red lime blue".split()[shade.index(max(shade))] for shade in middles]
        assert strongest == ["lime", "red", "blue"] and all(round(sheet.get_height()) == 842 for sheet in whole)


@on_sqlite
def test_on_a_list_the_deed_leads_to_the_page_and_a_forged_file_is_not_taken(
    factory: SiteProjectFactory, login: LogIn, projects: list[Project]
) -> None:
    industry = login(factory.people["industry"])
    assert industry.get(f"/batches/new?list=projects&trigger=sign_contract&id={projects[0].id}").location.startswith(
        ADDRESS
    )
    forged = {"signed_on": "2024-12-02", "scan": "e30.forged", "confirmed": "1", "versions": f"{projects[0].id}:1"}
    assert "请选择签章合同的扫描件" in industry.post(ADDRESS, data=forged).text
    assert login(factory.people["finance"]).get(ADDRESS).status_code == 403


@pytest.mark.parametrize(
    ("places", "runs"),
    [
        ([(0, 7), (1, 7), (3, 8)], [(7, 0, 2), (8, 3, 4)]),
        ([(1, 7), (2, 8)], [(7, 0, 1), (8, 2, 4)]),
        ([(0, 7), (1, 8), (2, 7)], None),
        ([(4, 7)], [(7, 0, 4)]),
        ([], []),
    ],
)
def test_pages_without_a_code_stay_with_those_before(
    places: list[tuple[int, int]], runs: list[tuple[int, int, int]] | None
) -> None:
    assert runs_of(places, 5) == runs
