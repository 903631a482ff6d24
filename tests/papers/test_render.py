"""Papers: their pages, their foot, what they embed, and that equal input gives equal bytes."""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pikepdf
import pytest

from tests.papers.conftest import CODE, META, ROOT, filled, full_pdf, page_pictures, page_texts, paper, squeezed
from tests.support.scans import read_codes
from xtbang.papers.pdf.render import PaperError, chinese_time, render_paper, render_pdf

PARAGRAPH = "揭榜挂帅项目" * 200
LINE = re.compile(r"[揭榜挂帅项目]+")


def lines(pdf: bytes) -> list[list[str]]:
    return [[line.strip() for line in page.splitlines() if LINE.fullmatch(line.strip())] for page in page_texts(pdf)]


def test_a_notice_has_22_lines_of_28_characters() -> None:
    pages = lines(paper(f"<p>{PARAGRAPH}</p>", "notice"))
    assert len(pages) == 2
    assert len(pages[0]) == 22
    assert {len(line) for line in pages[0] + pages[1][:-1]} == {28}


def test_a_notice_fills_its_type_area() -> None:
    pdf = paper(f"<p>{PARAGRAPH}</p>", "notice")
    inked = []
    for picture in page_pictures(pdf, 254):  # 10 pixels to the millimetre
        grey = picture.convert("L").crop((0, 0, 2100, 2620))  # without the foot
        inked.append(grey.point(lambda value: 255 * (value < 128)).getbbox())
    (left, top, right, bottom), (even_left, _, even_right, _) = inked
    assert 278 <= left <= 292 and 1828 <= right <= 1842  # 28 mm from the fold, 156 mm wide
    assert 370 <= top <= 400 and 2580 <= bottom <= 2620  # 37 mm from the top, 225 mm high
    assert 258 <= even_left <= 272 and 1808 <= even_right <= 1822  # the fold is on the other side


def test_a_notice_is_numbered_outside() -> None:
    pdf = paper(f"<p>{PARAGRAPH * 2}</p>", "notice")
    texts = page_texts(pdf)
    for number, text in enumerate(texts, 1):
        assert f"—{number}—" in squeezed(text)
    assert len(texts) == 4
    for number, picture in enumerate(page_pictures(pdf, 72), 1):
        strip = picture.convert("L").crop((0, 755, picture.width, 770)).point(lambda value: 255 * (value < 128))
        inner, outer = strip.crop((0, 0, 150, 15)), strip.crop((picture.width - 150, 0, picture.width, 15))
        right, left = (outer, inner) if number % 2 else (inner, outer)
        assert right.getbbox()
        assert not left.getbbox()


@pytest.mark.parametrize("kind", ["form", "document", "notice"])
def test_each_page_tells_what_it_is(kind: str) -> None:
    pdf = paper(f"<p>{PARAGRAPH * 2}</p>", kind, title="标题")
    pages = page_texts(pdf)
    assert len(pages) > 1
    for number, text in enumerate(pages, 1):
        foot = squeezed(text)
        assert META.name + "编号：" + META.number + "第2版" in foot
        assert f"第{number}页/共{len(pages)}页" in foot
        assert f"生成时间：2024年9月12日16:30第{number}页" in foot
        assert f"校验码：{CODE}核验：{META.verify_url.removesuffix('/' + CODE)}" in foot
    for picture in page_pictures(pdf, 150):
        content = BytesIO()
        picture.save(content, "PNG")
        assert read_codes(content.getvalue(), "image/png") == {CODE}


@pytest.mark.patched
def test_chinese_lines_end_at_the_margin() -> None:
    """WeasyPrint widens only spaces: unpatched a line that may not begin with ， stays short."""
    pdf = paper(f"<p>{'关键核心技术攻关，' * 60}</p>", "document")
    [picture] = page_pictures(pdf, 254)
    grey = picture.convert("L").point(lambda value: 255 * (value < 128))
    ends = []
    for top in range(260, 2400, 92):
        box = grey.crop((0, top, 2100, top + 92)).getbbox()
        if box:
            ends.append(box[2])
    assert len(ends) > 5
    assert min(ends[:-2]) > 1780


def test_mixed_lines_are_not_torn_apart() -> None:
    text = "采用IGBT模块与SiC器件，精度≤0.01mm，" * 10
    [page] = page_texts(paper(f"<p>{text} <b>黑体ABC</b>{text}</p>"))
    assert squeezed(page).startswith(squeezed(f"{text}黑体ABC{text}"))


def test_the_document_says_what_it_is() -> None:
    with pikepdf.open(BytesIO(full_pdf("tech_demand_2021"))) as pdf:
        assert pdf.Root.Lang == "zh-CN"
        assert str(pdf.docinfo.Title) == "湘潭市科技创新“揭榜挂帅”项目表 XT2024-0017"
        assert str(pdf.docinfo.CreationDate) == "D:20240912083000Z"
        assert bool(pdf.Root.MarkInfo.Marked) and "/StructTreeRoot" in pdf.Root
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        with pdf.open_outline() as outline:
            [title] = outline.root
            assert title.title == "湘潭市科技创新计划“揭榜挂帅”项目表"
            assert [part.title for part in title.children] == ["一、技术需求方基本情况", "二、技术需求信息"]
            assert title.children[1].children[0].title == "1.项目的背景与意义"


def test_the_data_is_embedded_once_as_data() -> None:
    with pikepdf.open(BytesIO(full_pdf("tech_demand_2021"))) as pdf:
        [name] = pdf.attachments
        file = pdf.attachments[name]
        assert name == "data.json" or file.filename == "data.json"
        assert json.loads(file.get_file().read_bytes()) == filled("tech_demand_2021")
        assert len(pdf.Root.AF) == 1
        assert pdf.Root.AF[0].AFRelationship == "/Data"
        assert pdf.Root.AF[0].EF.F.Subtype == "/application/json"


def test_what_pdf_a_asks_and_can_be_checked() -> None:
    with pikepdf.open(BytesIO(full_pdf("scene_demand_2021"))) as pdf:
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "3U"
            assert metadata["dc:title"] == str(pdf.docinfo.Title)
            assert metadata["xmp:CreateDate"] == "2024-09-12T08:30:00Z"
        [intent] = pdf.Root.OutputIntents
        assert intent.S == "/GTS_PDFA1" and intent.DestOutputProfile.N == 3
        assert not pdf.is_encrypted and "/ID" in pdf.trailer
        assert "/JavaScript" not in pdf.Root.get("/Names", {}) and "/OpenAction" not in pdf.Root
        for item in pdf.objects:
            if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                continue
            assert item.get("/Type") != "/FontDescriptor" or "/FontFile2" in item
            assert item.get("/Type") != "/Font" or item.get("/Subtype") != "/Type0" or "/ToUnicode" in item
            assert "/SMask" not in item and item.get("/ca", 1) == 1 and item.get("/CA", 1) == 1
            assert not item.get("/Interpolate", False)


@pytest.mark.parametrize("key", ["tech_demand_2021", "scene_supply_2021"])
def test_qpdf_finds_nothing(key: str, tmp_path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(full_pdf(key))
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No syntax or stream encoding errors" in done.stdout


def test_the_same_paper_twice_is_the_same_file() -> None:
    full_pdf.cache_clear()
    first = full_pdf("tech_demand_2021")
    paper("<p>something else in between 𠮷</p>", "notice")
    full_pdf.cache_clear()
    assert full_pdf("tech_demand_2021") == first


def test_another_process_makes_the_same_file() -> None:
    program = (
        "import sys, hashlib\nfrom tests.papers.conftest import full_pdf\n"
        "sys.stdout.write(hashlib.sha256(full_pdf('tech_demand_2021')).hexdigest())"
    )
    here = hashlib.sha256(full_pdf("tech_demand_2021")).hexdigest()
    for seed, zone in (("1", "UTC"), ("2", "America/New_York")):
        shown = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": zone, "LANG": "C"},
        ).stdout  # fmt: skip
        assert shown == here


def test_threads_do_not_disturb_each_other() -> None:
    bodies = [f"<p>第 {number} 份 {'甲乙丙丁'[number % 4] * 50}</p>" for number in range(4)]
    alone = [paper(body) for body in bodies]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(paper, bodies * 3))
    assert together == alone * 3


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:9/x.png", "https://example.com/x.png", "file:///etc/passwd", "../css/../../pyproject.toml", "ftp://x/y",
     "file://host/etc/passwd", f"file://{ROOT}/static/../pyproject.toml", f"file://{ROOT}/static/%2e%2e/pyproject.toml"],
)  # fmt: skip
def test_a_paper_fetches_nothing(address: str) -> None:
    with pytest.raises(PaperError, match="may not fetch"):
        paper(f'<p>文字</p><img alt="" src="{address}">')


def test_complaints_are_errors() -> None:
    with pytest.raises(PaperError, match="colour"):
        paper('<p style="colour: red">文字</p>')
    assert paper("<p>文字</p>").startswith(b"%PDF-1.7")


def test_a_paper_by_its_template() -> None:
    pdf = render_paper("base.html", {}, meta=META, data={"甲": [1, "12.5"]})
    assert squeezed(page_texts(pdf)[0]).startswith(META.name)
    again = render_paper("base.html", {}, meta=META, data={"甲": [1, "12.5"]}, watermark=True)
    assert again != pdf


def test_times_are_told_in_shanghai() -> None:
    assert chinese_time(META.made_at) == "2024年9月12日 16:30"


def test_what_people_wrote_is_text() -> None:
    pdf = render_pdf(
        "<!DOCTYPE html><html><body class=document><p>&lt;b&gt;</p></body></html>",
        title="<题>", data="</script>", made_at=META.made_at, identifier="x",
    )  # fmt: skip
    assert page_texts(pdf)[0].strip() == "<b>"
