"""What every paper has in common: the marks of PDF/A-3u, and that nothing reaches over its margins.

No full validator of PDF/A is run (none can be had from the package registries): what is checked here is what can be
read from the file, and ``qpdf --check``. Pictures and the list of marks are left under ``test-output/papers``.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from tests.papers.conftest import PLAIN, ROOT, page_pictures
from tests.papers.every import every
from tests.papers.worst import papers
from xtbang.enums import NOTICE_LABELS

OUTPUT = ROOT / "test-output" / ("papers-plain" if PLAIN else "papers")
DPI, COLUMNS = 50, 5
MARGIN = 22 / 25.4  # inches: no paper has less at its sides


def marks(pdf: pikepdf.Pdf, patched: bool) -> Iterator[tuple[str, bool]]:
    """What PDF/A-3u and we ask of a paper, and whether it is there; some of it only patched WeasyPrint makes."""
    root = pdf.Root
    with pdf.open_metadata() as metadata:
        yield "XMP 3U", metadata.pdfa_status == "3U"
        yield "title", bool(metadata["dc:title"]) and metadata["dc:title"] == str(pdf.docinfo.Title)
    intents = list(root.get("/OutputIntents", []))
    yield "output intent", [item.S for item in intents] == ["/GTS_PDFA1"] and "/DestOutputProfile" in intents[0]
    yield "structure tree", bool(root.MarkInfo.Marked) and bool(root.StructTreeRoot.get("/K"))
    yield "zh-CN", root.get("/Lang") == "zh-CN"
    associated = list(root.get("/AF", []))
    yield (
        "one data.json",
        [item.get("/AFRelationship") for item in associated] == ["/Data"] and len(pdf.attachments) == 1,
    )
    yield "bookmarks", len(pdf.open_outline().root) > 0
    yield "no encryption, script", not pdf.is_encrypted and "/OpenAction" not in root and "/AA" not in root
    objects = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary | pikepdf.Stream)]
    yield "no script", not any(item.get("/S") == "/JavaScript" for item in objects)
    fonts = [item for item in objects if item.get("/Type") == "/FontDescriptor"]
    yield "fonts embedded", bool(fonts) and all("/FontFile2" in item for item in fonts)
    names = [str(item.FontName) for item in fonts]
    yield "our fonts, subset", all(re.match(r"/?[A-Z]{6}\+XT-", name) for name in names)
    unicode = [item for item in objects if item.get("/Type") == "/Font" and item.get("/Subtype") == "/Type0"]
    yield "ToUnicode", all("/ToUnicode" in item for item in unicode)
    opaque = all("/SMask" not in item and item.get("/ca", 1) == 1 and item.get("/CA", 1) == 1 for item in objects)
    yield "no transparency", opaque
    elements = [item for item in objects if item.get("/Type") == "/StructElem"]
    if patched:
        yield "scope of headings", all("/Scope" in item.A for item in elements if item.S == "/TH")
        names = {str(item.ID) for item in elements if "/ID" in item}
        listed = root.StructTreeRoot.get("/IDTree", {}).get("/Names", [])
        yield "names of headings", names == {str(name) for name in list(listed)[::2]}
        reached = {item.objgen for item in descendants(root.StructTreeRoot)}
        named = {ref.objgen for page in list(root.StructTreeRoot.ParentTree.Nums)[1::2] for ref in page}
        yield "one tree", named <= reached and {item.objgen for item in elements} == reached
        yield "foot as artifact", all(footed(page) for page in pdf.pages)


def descendants(element: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """The elements of the structure tree below one."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
            yield kid
            yield from descendants(kid)


def footed(page: pikepdf.Page) -> bool:
    """Whether the running foot is marked as one, and no text stands outside of all marks."""
    depth, foot = 0, False
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            depth += 1
            foot = foot or (str(operands[0]) == "/Artifact" and name == "BDC" and operands[1].Subtype == "/Footer")
        elif name == "EMC":
            depth -= 1
        elif name in ("Tj", "TJ") and not depth:
            return False
    return foot


def qpdf(content: bytes, folder: Path) -> bool:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    return done.returncode == 0 and "No syntax or stream encoding errors" in done.stdout


def test_every_paper_bears_the_marks_of_pdf_a(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines, missing, names = [], {}, set()
    for name, content in every():
        with pikepdf.open(BytesIO(content)) as pdf:
            found = dict(marks(pdf, not PLAIN)) | {"qpdf --check": qpdf(content, tmp_path)}
            pages = len(pdf.pages)
        lacking = [mark for mark, there in found.items() if not there]
        if lacking:
            missing[name] = lacking
        names.add(name)
        words = f"缺 {'、'.join(lacking)}" if lacking else f"{len(found)} 项齐全"
        lines.append(f"{name:<38}{pages:>3} 页 {len(content) // 1024:>5} KB  {words}")
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "pdfa.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    summary = f"PDF/A-3u 标记（非完整校验）：{len(lines)} 份文书，缺项 {len(missing)} 份；见 {OUTPUT.relative_to(ROOT)}/pdfa.txt"
    with capfd.disabled():  # stderr: the only stream of a worker of pytest-xdist that reaches the log
        print(f"\n{summary}", file=sys.stderr, flush=True)
    assert missing == {}
    only_some = {
        "midterm_opinion",
        "case_contents",
        "case_note",
    }  # not issued in these lives: only the longest case is here
    kinds = {f"notice_{kind}" for kind in NOTICE_LABELS} | set(papers()) - {"notice"} - only_some
    assert {f"{kind}-first" for kind in kinds} <= names


def test_nothing_reaches_over_the_margins() -> None:
    """A picture of all pages of each paper is kept to be looked at."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    over = []
    for name, content in every():
        pictures = [picture.convert("L") for picture in page_pictures(content, DPI)]
        for number, picture in enumerate(pictures, 1):
            left, _, right, bottom = picture.point(lambda value: 255 * (value < 160)).getbbox()
            edge = MARGIN * DPI
            if left < edge - 1 or right > picture.width - edge + 1 or bottom > picture.height - 8 / 25.4 * DPI:
                over.append(f"{name}: {number}")
        sheet(pictures).save(OUTPUT / f"{name}.png", optimize=True)
    assert over == []


def sheet(pictures: list[Image.Image]) -> Image.Image:
    """The pages side by side."""
    width, height = (max(getattr(picture, side) for picture in pictures) + 4 for side in ("width", "height"))
    columns = min(COLUMNS, len(pictures))
    made = Image.new("L", (columns * width, -(-len(pictures) // columns) * height), 120)
    for place, picture in enumerate(pictures):
        made.paste(picture, (place % columns * width + 2, place // columns * height + 2))
    return made
