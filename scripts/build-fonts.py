"""Build static/fonts from free fonts: small TrueType files with family names of their own. See docs/fonts.md.

    python scripts/build-fonts.py [folder for downloads, default build/fonts]

Needs npm, apt-get (Debian 12), dpkg-deb and fonttools; the same input gives the same bytes.
"""

import bz2
import hashlib
import subprocess
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable
from fontTools.ttLib.reorderGlyphs import reorderGlyphs

OUT = Path(__file__).resolve().parents[1] / "static" / "fonts"
SOURCES = {
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz": "ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz": "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
    "expo-google-fonts-noto-serif-0.4.2.tgz": "78810a8143112a326def7ec976601ecb9855a9e79082c727246beec4f0531d0c",
    "expo-google-fonts-noto-sans-0.4.2.tgz": "98cf14a19b8e67a0e76bfd4d5df98937b9734e6dde570bd750f2259042042548",
    "expo-google-fonts-noto-sans-math-0.4.2.tgz": "652041ca903e7adcc1502a0621350526463e91416757310391370ff5f8fb3ce8",
    "expo-google-fonts-noto-sans-symbols-0.4.1.tgz": "d72d2f96c1c351967ec57842471b1da43ab8b1a40ecb003b1b0a0f50a3ee6388",
    "expo-google-fonts-noto-sans-symbols-2-0.4.1.tgz": (
        "3bf3d6333487df36e88d146e032a9ed8246617ca2dfe1513a8a382c3fad12ac4"
    ),
    "texlive-lang-chinese_2022.20230122-1_all.deb": "9cfa07bd44e7b9098e26f0ecac1b5ad210d2249d474c8074d53de92d650b0ec0",
    "fonts-hanazono_20170904-2.1_all.deb": "a6943366b4f5a6cec34221f8b4eb22555a628f0ee6ef4e3d3401cabe9363aeae",
    "fonts-babelstone-han_15.0.5-2_all.deb": "c7b7f9b5b78ad14c94d7e6d2b103307a7a643844c7db856fb97611d9d8a80589",
    "unicode-data_15.0.0-1_all.deb": "5efef23bbb1c6a133ecbdd63a2cfa07159ccacf5466a49e2426101c5ecd691fc",
}
UNIHAN = "./usr/share/unicode/Unihan_OtherMappings.txt.bz2"
FANDOL = "./usr/share/texlive/texmf-dist/fonts/opentype/public/fandol/"
MEMBERS = {  # archive -> what is taken out of it
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz": (
        "package/400Regular/NotoSerifSC_400Regular.ttf",
        "package/700Bold/NotoSerifSC_700Bold.ttf",
        "package/300Light/NotoSerifSC_300Light.ttf",
        "package/LICENSE_FONT",
    ),
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz": ("package/500Medium/NotoSansSC_500Medium.ttf",),
    "expo-google-fonts-noto-serif-0.4.2.tgz": (
        "package/300Light/NotoSerif_300Light.ttf",
        "package/700Bold/NotoSerif_700Bold.ttf",
    ),
    "expo-google-fonts-noto-sans-0.4.2.tgz": ("package/500Medium/NotoSans_500Medium.ttf",),
    "expo-google-fonts-noto-sans-math-0.4.2.tgz": ("package/400Regular/NotoSansMath_400Regular.ttf",),
    "expo-google-fonts-noto-sans-symbols-0.4.1.tgz": ("package/400Regular/NotoSansSymbols_400Regular.ttf",),
    "expo-google-fonts-noto-sans-symbols-2-0.4.1.tgz": ("package/400Regular/NotoSansSymbols2_400Regular.ttf",),
    "texlive-lang-chinese_2022.20230122-1_all.deb": (
        FANDOL + "FandolFang-Regular.otf",
        FANDOL + "FandolKai-Regular.otf",
        "./usr/share/doc/texlive-doc/fonts/fandol/COPYING.gz",
        "./usr/share/doc/texlive-doc/fonts/fandol/README",
    ),
    "fonts-hanazono_20170904-2.1_all.deb": (
        "./usr/share/fonts/truetype/hanazono/HanaMinA.ttf",
        "./usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
        "./usr/share/doc/fonts-hanazono/copyright",
    ),
    "unicode-data_15.0.0-1_all.deb": (UNIHAN,),
    "fonts-babelstone-han_15.0.5-2_all.deb": ("./usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf",),
}
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


def fetch(folder: Path) -> None:
    """Download what is missing with the registries' own clients, check it, take out the members that are used."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, digest in SOURCES.items():
        archive = folder / name
        if not archive.exists() and name.endswith(".tgz"):
            package, version = name.removeprefix("expo-google-fonts-").removesuffix(".tgz").rsplit("-", 1)
            run("npm", "pack", f"@expo-google-fonts/{package}@{version}", cwd=folder)
        elif not archive.exists():
            package, version, _ = name.split("_")
            run("apt-get", "download", f"{package}={version}", cwd=folder)
        if hashlib.sha256(archive.read_bytes()).hexdigest() != digest:
            sys.exit(f"{archive}: not the file that static/fonts was built from")
        for member in MEMBERS[name]:
            if not (folder / Path(member).name).exists():
                command = ["tar", "xzO", "-f", str(archive), member]
                if name.endswith(".deb"):
                    command = ["sh", "-c", f"dpkg-deb --fsys-tarfile {archive} | tar xO {member}"]
                (folder / Path(member).name).write_bytes(run(*command).stdout)


def run(*command: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE)  # noqa: S603


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


def quadratic(font: TTFont) -> None:
    """CFF outlines to glyf outlines; traced curves that differ by less than two units of 1000 are joined."""
    glyphs = {}
    outlines = font.getGlyphSet()
    for name in font.getGlyphOrder():
        pen = TTGlyphPen(outlines)
        outlines[name].draw(Cu2QuPen(Qu2CuPen(Cu2QuPen(pen, 0.5), 2, all_cubic=True), 1, reverse_direction=True))
        glyphs[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = font.getGlyphOrder(), glyphs
    del font["CFF "]
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for name in "Zones TwilightPoints Storage FunctionDefs InstructionDefs StackElements SizeOfInstructions".split():
        setattr(maxp, f"max{name}", int(name == "Zones"))
    maxp.maxComponentElements = 0
    font["post"].formatType = 3
    font["post"].extraNames, font["post"].mapping = [], {}
    font.sfntVersion = "\0\1\0\0"


SQUARE = [(120, 0), (120, 760), (880, 760), (880, 0)], [(164, 44), (836, 44), (836, 716), (164, 716)]
TICK = [(225, 395), (290, 455), (425, 300), (715, 655), (785, 600), (432, 165)]
BARS = [(140, 455), (140, 505), (860, 505), (860, 455)], [(140, 255), (140, 305), (860, 305), (860, 255)]
DOTS = [(180, 590), (180, 680), (270, 680), (270, 590)], [(730, 80), (730, 170), (820, 170), (820, 80)]
DRAWN = {0x25A1: SQUARE, 0x2610: SQUARE, 0x2611: (*SQUARE, TICK), 0x2252: (*BARS, *DOTS)}  # □ ☐ ☑ ≒


def draw(font: TTFont) -> None:
    """Put in □ ☐ ☑ ≒, so that a ticked box is exactly the empty one with a tick."""
    order = font.getGlyphOrder()
    for code, contours in DRAWN.items():
        pen = TTGlyphPen(None)
        for contour in contours:
            pen.moveTo(contour[0])
            for point in contour[1:]:
                pen.lineTo(point)
            pen.closePath()
        name = f"xt{code:04X}"
        order = [*order, name]
        font.setGlyphOrder(order)
        font["glyf"].glyphs[name] = pen.glyph()
        font["glyf"].glyphOrder = order
        font["hmtx"].metrics[name] = (1000, 120)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name
    font["maxp"].numGlyphs = len(order)


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


def signs_licence(folder: Path) -> list[str]:
    """Who holds the rights in the fonts that the signs are from, then the licence that all of them share."""
    texts = [
        run("tar", "xzO", "-f", str(folder / name), "package/LICENSE_FONT").stdout.decode()
        for name in sorted(SOURCES)
        if name.endswith(".tgz") and "-sc-" not in name
    ]
    holders = dict.fromkeys(text.partition("\n")[0] for text in texts)
    return ["\n".join(holders) + "\n" + texts[0].partition("\n")[2]]


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
