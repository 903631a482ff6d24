"""Outlines of glyphs: those of CFF fonts as TrueType has them, and the signs that are drawn here."""

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.qu2cuPen import Qu2CuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable


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
