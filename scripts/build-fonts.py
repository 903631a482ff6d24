"""Build static/fonts from free fonts: small TrueType files with family names of their own. See docs/fonts.md.

    python scripts/build-fonts.py [folder for downloads, default build/fonts]

Needs npm, apt-get (Debian 12), dpkg-deb and fonttools; the same input gives the same bytes.
"""

import bz2
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from font_outlines import DRAWN, draw, quadratic
from font_sources import UNIHAN, fetch, run, signs_licence
from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.reorderGlyphs import reorderGlyphs

OUT = Path(__file__).resolve().parents[1] / "static" / "fonts"
SIGNS_OFL = "SIL Open Font License 1.1, see LICENSE-noto-signs.txt"
OFL = "SIL Open Font License 1.1, see LICENSE-noto.txt"
GPL = "GPL 3 with font exception, see LICENSE-fandol.txt; converted from CFF to TrueType outlines, □☐☑≒ redrawn"
HANA = "Hanazono Font License, see LICENSE-hanazono.txt"
EPOCH = 3850000000  # seconds since 1904: a fixed date, so that a build can be repeated
HANGUL, PRIVATE = range(0xAC00, 0xD7A4), range(0xE000, 0xF900)
CONTROLS = {*range(0x20), *range(0x7F, 0xA0)}
SPACES = {0x20, 0xA0, 0x3000}  # without them a fallback font prints boxes between two rare characters
WRONG = {0x2122, 0xFFE3, 0xFFE5}  # Fandol draws $ for ￥, a hyphen for ￣ and a speck for ™
RAISED = (0xB2, 0xB3, 0xB9, *range(0x2070, 0x2080))  # ² ³ ¹ ⁰ to ⁿ
SET_AGAIN = {*RAISED, *range(0xBC, 0xBF)}  # ¹ ² ³ ⁴ and ¼ ½ ¾ are elsewhere too, of another size
TEXT_SIGNS = (  # letters, quotation marks, spaces, raised and lowered figures, currency, fractions, Roman numerals
    range(0xA0, 0x300), range(0x370, 0x460), range(0x490, 0x492), range(0x1E00, 0x1F00), range(0x2000, 0x20D0),
    range(0x2100, 0x2190),
)  # fmt: skip
SIGNS = (  # and arrows, operators, technical signs, shapes, ticks, the letters of formulas out of Word
    *TEXT_SIGNS, range(0x2190, 0x2400), range(0x2460, 0x2800), range(0x2900, 0x2C00), range(0x1D400, 0x1D800),
)  # fmt: skip


def is_han(code: int) -> bool:
    return 0x3400 <= code <= 0x4DBF or 0x4E00 <= code <= 0x9FFF or 0x20000 <= code <= 0x3FFFF


def is_sign(code: int) -> bool:
    """Has a shape or is a space of its own: no control, no line end, no combining mark, which needs layout tables."""
    return unicodedata.category(chr(code)) not in {"Cn", "Cf", "Zl", "Zp", "Mn", "Me", "Mc"}


def is_compatibility(code: int) -> bool:
    return 0xF900 <= code <= 0xFAFF or 0x2F800 <= code <= 0x2FA1F


def gb2312() -> list[int]:
    """GB 2312 in its own order: signs, then the 3755 common characters, then the 3008 less common ones."""
    found = []
    for lead in range(0xA1, 0xF8):
        for trail in range(0xA1, 0xFF):
            try:
                found.append(ord(bytes((lead, trail)).decode("gb2312")))
            except UnicodeDecodeError:
                continue
    return found


def standard(path: Path) -> set[int]:
    """通用规范汉字表, the 8105 characters of the State Council's list of 2013 (kTGH of Unihan)."""
    lines = bz2.decompress(path.read_bytes()).decode().splitlines()
    return {int(line.split("\t")[0][2:], 16) for line in lines if line.startswith("U+") and "\tkTGH\t" in line}


def codes(path: Path) -> set[int]:
    return set(TTFont(path, lazy=True).getBestCmap())


def cut(path: Path, wanted: Iterable[int]) -> TTFont:
    """The font with these characters only, outlines as quadratic curves, no layout tables."""
    options = subset.Options()
    options.drop_tables += "GSUB GPOS GDEF VORG vhea vmtx BASE kern MATH DSIG STAT gasp meta FFTM".split()
    options.hinting = False
    options.layout_features = []
    options.name_IDs = []
    options.notdef_outline = True
    options.recalc_timestamp = False
    font = subset.load_font(str(path), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=set(wanted))
    subsetter.subset(font)
    if "CFF " in font:
        quadratic(font)
    return font


def sort(font: TTFont, first: list[int]) -> None:
    """Frequent characters first: a subset keeps every glyph number up to the highest one used."""
    rank = {code: number for number, code in enumerate([*range(0x20, 0x7F), *DRAWN, *first])}
    places: dict[str, int] = {".notdef": -1}
    for code, name in font.getBestCmap().items():
        places[name] = min(places.get(name, 1 << 30), rank.get(code, len(rank) + code))
    font["glyf"].glyphOrder = font.getGlyphOrder()
    reorderGlyphs(font, sorted(font.getGlyphOrder(), key=lambda name: (places.get(name, 1 << 29), name)))


def dress(font: TTFont, family: str, licence: str) -> None:
    """One family name per file, one set of heights for all of them."""
    unit = font["head"].unitsPerEm
    up, down = round(unit * 0.88), round(unit * 0.12)
    head, hhea, os2 = font["head"], font["hhea"], font["OS/2"]
    hhea.ascent, hhea.descent, hhea.lineGap = up, -down, 0
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = up, -down, 0
    os2.usWinAscent, os2.usWinDescent = up, down
    os2.usWeightClass, os2.usWidthClass, os2.fsSelection, os2.fsType = 400, 5, 0x40, 0
    head.macStyle, head.created, head.modified, head.fontRevision = 0, EPOCH, EPOCH, 1.0
    font["name"].names = []
    plain = family.replace(" ", "")
    texts = {1: family, 2: "Regular", 3: plain, 4: family, 5: "Version 1.0", 6: plain, 13: licence}
    for number, text in texts.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font.recalcBBoxes = True
    font.recalcTimestamp = False


def signs(paths: list[Path], like: Path, wanted: Iterable[int]) -> TTFont:
    """The signs that text faces lack, from the first font that has each: letters and figures as high as those of
    ``like``, what is raised as high as its ², operators and shapes on the middle of a Chinese character.
    """
    faces = [TTFont(path) for path in paths]
    capital, square = (height(TTFont(like), sign) for sign in "H²")
    scale = capital[1] / height(faces[0], "H")[1]
    raised = square[0] - scale * height(faces[0], "²")[0]
    first = [0x20, *RAISED, *range(0x2080, 0x209D)]
    rank = {code: number for number, code in enumerate(first)}
    glyphs, widths, names = {}, {}, {}
    for code in (-1, *sorted(wanted, key=lambda code: (rank.get(code, len(first)), code))):
        place = next((number for number, face in enumerate(faces) if code in face.getBestCmap() or code == -1), None)
        if place is None:
            continue
        face, name = faces[place], ".notdef" if code == -1 else f"u{code:04X}"
        size, up = (1.0, 40.0) if place else (scale, raised if code in RAISED else 0.0)
        outlines = face.getGlyphSet()
        source = outlines[face.getBestCmap().get(code, ".notdef")]
        drawn, pen = DecomposingRecordingPen(outlines), TTGlyphPen(None)
        source.draw(drawn)
        drawn.replay(TransformPen(pen, (size, 0, 0, size, 0, up)))
        glyphs[name], widths[name] = pen.glyph(), round(size * source.width)
        if code != -1:
            names[code] = name
    builder = FontBuilder(1000)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(names)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics({name: (width, glyphs[name].xMin) for name, width in widths.items()})
    builder.setupHorizontalHeader()
    builder.setupNameTable({})
    builder.setupOS2()
    builder.setupPost(keepGlyphNames=False)
    return builder.font


def height(font: TTFont, sign: str) -> tuple[float, float]:
    """Foot and head of a character in thousandths of an em."""
    outlines, unit = font.getGlyphSet(), font["head"].unitsPerEm
    pen = BoundsPen(outlines)
    outlines[font.getBestCmap()[ord(sign)]].draw(pen)
    return pen.bounds[1] * 1000 / unit, pen.bounds[3] * 1000 / unit


def save(font: TTFont, stem: str) -> set[int]:
    path = OUT / f"{stem}.ttf"
    font.save(path)
    made = TTFont(path)
    found = set(made.getBestCmap())
    outlines = made.getGlyphSet()
    for code in (ord(sign) for sign in "一□☑₂✔" if ord(sign) in found):
        bounds = BoundsPen(outlines)
        outlines[made.getBestCmap()[code]].draw(bounds)
        if not bounds.bounds:
            sys.exit(f"{path}: {chr(code)} came out empty")
    print(f"{path.name:20} {len(found):6} characters {path.stat().st_size / 1e6:6.2f} MB")
    return found


def watermark(font: TTFont) -> str:
    """草稿 as outlines in light grey, rising to the right: a picture, so that it is not copied with the text."""
    outlines, paths = font.getGlyphSet(), []
    for place, sign in enumerate("草稿"):
        pen = SVGPathPen(outlines)
        outlines[font.getBestCmap()[ord(sign)]].draw(pen)
        paths.append(f'<path transform="translate({place * 1200} 0)" d="{pen.getCommands()}"/>')
    turned = f'<g fill="#e9e9e9" transform="translate(300 1900) rotate(-35) scale(1 -1)">{"".join(paths)}</g>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2400 2200">{turned}</svg>\n'


def ranges(found: set[int]) -> str:
    """``coverage.txt``: every character that prints, as ranges of hexadecimal numbers."""
    lines, ordered = [], sorted(found)
    start = last = ordered[0]
    for code in [*ordered[1:], 1 << 30]:
        if code != last + 1:
            lines.append(f"{start:X}-{last:X}" if last > start else f"{start:X}")
            start = code
        last = code
    return "\n".join(lines) + "\n"


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/fonts").resolve()
    fetch(folder)
    OUT.mkdir(parents=True, exist_ok=True)
    serif, bold = folder / "NotoSerifSC_400Regular.ttf", folder / "NotoSerifSC_700Bold.ttf"
    sans = folder / "NotoSansSC_500Medium.ttf"
    fang, kai = folder / "FandolFang-Regular.otf", folder / "FandolKai-Regular.otf"
    frequent = gb2312()
    noto = {code for code in codes(serif) if code not in HANGUL}
    common = {code for code in noto if not is_han(code) and not is_compatibility(code)}
    common |= {*frequent, *standard(folder / Path(UNIHAN).name)} & noto
    everything: set[int] = set()
    for stem, family, path, wanted, licence in (
        ("fangsong", "XT FangSong", fang, {code for code in codes(fang) if code not in PRIVATE} - WRONG, GPL),
        ("kaiti", "XT KaiTi", kai, codes(kai) & {*frequent, *range(0x20, 0x7F)} - WRONG, GPL),
        ("songti", "XT SongTi", serif, common, OFL),
        ("heiti", "XT HeiTi", sans, common, OFL),
        ("biaosong", "XT BiaoSong", bold, common, OFL),
    ):
        font = cut(path, wanted - DRAWN.keys() - CONTROLS)
        draw(font)
        sort(font, frequent)
        dress(font, family, licence)
        everything |= save(font, stem)
    latin = cut(folder / "NotoSerifSC_300Light.ttf", [*range(0x20, 0x7F), *range(0xA0, 0x100)])
    latin["head"].unitsPerEm = 1100  # Noto's letters are large beside 仿宋: figures come out half an em wide
    dress(latin, "XT Latin", OFL)
    everything |= save(latin, "latin")
    names = {code for code in common - {*frequent} if is_han(code)}
    for stem, family, wanted in (("names", "XT Names", names), ("rare", "XT Rare", noto - common)):
        font = cut(folder / "NotoSerifSC_300Light.ttf", wanted | SPACES)  # as thin as 仿宋 and 楷体, which lack them
        dress(font, family, OFL)
        everything |= save(font, stem)
    hana = folder / "HanaMinB.ttf"
    chosen = codes(folder / "BabelStoneHan.ttf") | codes(folder / "HanaMinA.ttf")
    beyond = {c for c in codes(hana) & chosen if c >= 0x20000 and not is_compatibility(c)} - everything
    last = cut(hana, beyond | SPACES)
    dress(last, "XT Beyond", HANA)
    everything |= save(last, "beyond")
    missing = {code for span in SIGNS for code in span if code not in everything and is_sign(code)}
    others = [folder / f"NotoSans{name}_400Regular.ttf" for name in ("Math", "Symbols2", "Symbols")]
    lettered = {code for span in TEXT_SIGNS for code in span}
    for stem, family, path, like, wanted in (
        ("signs", "XT Signs", folder / "NotoSerif_300Light.ttf", "latin", missing | SET_AGAIN),
        ("signs-hei", "XT SignsHei", folder / "NotoSans_500Medium.ttf", "heiti", missing & lettered),
        ("signs-bold", "XT SignsBold", folder / "NotoSerif_700Bold.ttf", "biaosong", missing & lettered),
    ):
        font = signs([path, *others] if stem == "signs" else [path], OUT / f"{like}.ttf", wanted | SPACES - {0x3000})
        dress(font, family, SIGNS_OFL)
        everything |= save(font, stem)
    (OUT / "draft.svg").write_text(watermark(TTFont(OUT / "heiti.ttf")))
    (OUT / "coverage.txt").write_text(ranges(everything))
    for name, texts in (
        ("LICENSE-noto.txt", [(folder / "LICENSE_FONT").read_text()]),
        ("LICENSE-noto-signs.txt", signs_licence(folder)),
        ("LICENSE-hanazono.txt", [(folder / "copyright").read_text()]),
        (
            "LICENSE-fandol.txt",
            [(folder / "README").read_text(), run("gzip", "-dc", str(folder / "COPYING.gz")).stdout.decode()],
        ),
    ):
        (OUT / name).write_text("\n\n".join(texts))


if __name__ == "__main__":
    main()
