"""The fonts: shipped, complete, told apart, and never a box in place of a character."""

import os
import re
import subprocess
import sys
import unicodedata
from html import escape
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from PIL import ImageOps

from tests.papers.conftest import ROOT, page_texts, paper, squeezed
from xtbang.papers.pdf.fonts import FOLDER, unprintable
from xtbang.papers.pdf.render import Unprintable

RARE = "𬭎𫟅䶮㛃𠮷𡈽𤭢昇堃喆镕赟璟玥琰祎翀"
SIGNS = "□☑☐≒√✓×±≤≥℃㎡①⑳Ⅳ‰μΩ“”‘’《》〔〕【】…—·￥％"
TECHNICAL = "CO₂排放10⁶ t·m⁻¹，Al₂O₃，⌀12 mm，✔"
TRADE = (
    "¹²³⁰ⁱ⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₓₙ½⅓⅔⅛⅜ⅠⅫⅰⅻ①㊿⑴⒈Ⓐ℃℉№℡™ℓ㎡㎥㎜㎝㎞㎏㎎㏄㏑㏒㎐㎾㎿㎸㎷㏎㎍㎖㎗㎘㎕"
    "→←↔⇌⇒⇔↯∑∏∫∮∬√∝∞≈≅≜≠≡≤≥⩽⩾≪≫±∓×÷⊕⊗⊥⟂∥∀∃∂∇∈∉⊂⊆∅⌈⌉⌊⌋⟨⟩𝑃𝑈𝛼ℝαβγϕϵΩДЖĀāáǎàēǖǘǚǜêńňɡɑČŁź"
    "–—―‐‑“”‘’‹›«»✓✔✗✘☑☒☐■□▲△●○◆★☆⌀‰‱§¶†‡…※⚠─│┌┐￥¥€£₽￣Ａ９％ㄅㄆ\u2009\u202f"
)
CONTEXTS = ("text", "subtitle", "attachment", "tight", "title")  # 仿宋, 楷体, 黑, 仿宋, 小标宋
BLANK = {"Zs", "Cf"}
BODIES = ("form", "document", "notice")
STYLES = ("text", "subtitle", "attachment")


def cmap(path: Path) -> set[int]:
    with TTFont(path, lazy=True) as font:
        return set(font.getBestCmap())


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """Name of each font and whether its file is embedded."""
    found = {}
    with pikepdf.open(BytesIO(pdf)) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                found[str(item["/FontName"])[1:]] = "/FontFile2" in item
    return found


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("style", STYLES)
def test_rare_characters_print(kind: str, style: str) -> None:
    pdf = paper(f'<p class="{style}">{RARE}{SIGNS}</p>', kind, title=RARE)
    text = squeezed("".join(page_texts(pdf)))
    assert RARE + RARE in text
    assert squeezed(SIGNS) in text
    fonts = fonts_of(pdf)
    assert all(fonts.values())
    assert all(re.fullmatch(r"[A-Z]{6}\+XT-[A-Za-z]+", name) for name in fonts)


def test_a_rare_character_draws_its_own_shape() -> None:
    """A missing glyph would be a box: each of these is another picture, and none is the box."""
    shapes = set()
    for sign in RARE + "□":
        page = pypdfium2.PdfDocument(paper(f'<p style="font-size: 60pt; line-height: 90pt">{sign}</p>'))[0]
        shapes.add(page.render(scale=1, grayscale=True).to_pil().crop((0, 60, 300, 200)).tobytes())
    assert len(shapes) == len(RARE) + 1


@pytest.mark.parametrize("context", CONTEXTS)
def test_signs_of_technical_texts_print_and_are_read_back(context: str) -> None:
    if context == "title":
        pdf = paper("", title=TECHNICAL + TRADE)
    else:
        pdf = paper(f'<p class="{context}">{TECHNICAL}</p><p class="{context}">{TRADE}</p>')
    text = squeezed("".join(page_texts(pdf)))
    assert squeezed(TECHNICAL) in text
    assert squeezed(TRADE) in text
    assert all(fonts_of(pdf).values())


def ink(sign: str, family: str) -> tuple[int, int, int, int]:
    """Where a character is black, in a hundredth of an em: left, top, right, bottom."""
    body = f'<p style="font: 200pt/300pt {family}; text-align: left">{sign}</p>'
    page = pypdfium2.PdfDocument(paper(body))[0].render(scale=0.5, grayscale=True).to_pil()
    return ImageOps.invert(page.crop((0, 0, page.width, 230))).getbbox() or (0, 0, 0, 0)


def test_raised_figures_are_of_one_size_and_height() -> None:
    """¹²³ are in most text faces, ⁴ in some and ⁵⁶ in none."""
    for family in (
        "XT Latin, XT FangSong, XT Signs",
        "XT KaiTi, XT Signs",
        "XT HeiTi, XT SignsHei",
        "XT BiaoSong, XT SignsBold",
    ):
        two, four, six, low, base = (ink(sign, family) for sign in "²⁴⁶₂2")
        for other in (four, six):
            assert abs(other[1] - two[1]) <= 2 and abs(other[3] - two[3]) <= 2
        assert six[1] < base[1] + 2 and six[3] < base[3] - 10
        assert low[1] > base[1] + 10 and base[3] < low[3] < base[3] + 20


def test_wrong_shapes_of_fandol_are_left_out() -> None:
    """It draws $ for ￥, a hyphen for ￣ and a speck for ™."""
    for stem in ("fangsong", "kaiti"):
        assert not cmap(FOLDER / f"{stem}.ttf") & {0xFFE5, 0xFFE3, 0x2122}
    dollar, yuan = (ink(sign, "XT FangSong, XT SongTi") for sign in "＄￥")
    assert dollar != yuan


def test_every_character_listed_has_an_outline() -> None:
    """In each file, so that no fallback ends at an empty glyph."""
    for path in FOLDER.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            places, number = font["loca"], font.getReverseGlyphMap()
            empty = [
                hex(code)
                for code, name in font.getBestCmap().items()
                if places[number[name]] == places[number[name] + 1] and unicodedata.category(chr(code)) not in BLANK
            ]
        assert set(empty) <= {"0x2800", "0x3164", "0xffa0"}, path.name  # blank by their nature


@pytest.mark.parametrize("missing", ["😀", "\uf0b7", "\U00030edd", "\U0002a6df", "ก"])
def test_a_missing_glyph_fails(missing: str) -> None:
    assert unprintable(f"湘{missing}潭{missing}") == [missing]
    with pytest.raises(Unprintable, match=missing) as caught:
        paper(f"<p>湘{missing}潭</p>")
    assert caught.value.characters == missing
    assert page_texts(paper("<p>湘潭</p>"))[0].startswith("湘潭")


def test_the_list_of_what_prints_is_that_of_the_fonts() -> None:
    spans = [[int(end, 16) for end in line.split("-")] for line in (FOLDER / "coverage.txt").read_text().split()]
    listed = {code for span in spans for code in range(span[0], span[-1] + 1)}
    assert listed == {code for path in FOLDER.glob("*.ttf") for code in cmap(path)}


def test_what_is_said_to_print_prints() -> None:
    every = [chr(code) for code in range(0x20, 0x30000) if not 0xD800 <= code < 0xE000 and not unprintable(chr(code))]
    assert len(every) > 55_000
    shown = [sign for number, sign in enumerate(every) if number % 23 == 0 or ord(sign) < 0x3000]
    assert len(page_texts(paper(f"<p>{escape('潭'.join(shown))}</p>"))) > 1


def test_what_everyone_types_prints() -> None:
    standard = "".join(
        bytes((lead, trail)).decode("gb2312", "ignore") for lead in range(0xB0, 0xF8) for trail in range(0xA1, 0xFF)
    )
    everything = "".join(map(chr, [*range(0x20, 0x7F), *range(0x4E00, 0xA000), *range(0x3400, 0x4DC0)]))
    assert unprintable(standard + SIGNS + RARE + "\n\t\u200b\ufe0f\u3000" + everything) == []


def test_each_file_is_a_family_of_its_own() -> None:
    """WeasyPrint takes files of one family, weight and style for one font and prints wrong characters."""
    names = []
    for path in FOLDER.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            names.append(font["name"].getDebugName(1))
        assert 0x20 in cmap(path)  # else there is a box between two characters of it
    assert len(names) == len(set(names)) == 12
    assert all(name.startswith("XT ") for name in names)


def test_licences_stand_beside_the_fonts() -> None:
    assert {path.name for path in FOLDER.glob("LICENSE*")} == {
        "LICENSE-noto.txt", "LICENSE-noto-signs.txt", "LICENSE-fandol.txt", "LICENSE-hanazono.txt",
    }  # fmt: skip
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 50_000_000


def test_only_our_fonts_are_seen_and_nothing_leaks() -> None:
    """Whatever the machine has installed, and without changing the environment of programs started later."""
    program = (
        "import os\nbefore = dict(os.environ)\n"
        "from tests.papers.conftest import paper\n"
        "from tests.papers.test_fonts import fonts_of\n"
        "print(sorted(fonts_of(paper('<p style=\"font-family: Noto Serif CJK SC, DejaVu Sans\">湘潭 abc</p>'))))\n"
        "assert dict(os.environ) == before\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout  # fmt: skip
    assert "XT-" in shown
    assert "Noto" not in shown and "DejaVu" not in shown
