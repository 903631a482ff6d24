"""PDFs of about a kilobyte that take PDFium minutes or gigabytes to open."""

import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream

A4 = (595, 842)
ALL = b"0 0 595 842 re f\n"
Resources = Callable[[pikepdf.Pdf], Dictionary]


def document(content: bytes, resources: Resources = lambda _: Dictionary(), before: int = 0) -> bytes:
    """A page with that content, packed twice, behind so many empty ones."""
    made = pikepdf.new()
    for _ in range(before + 1):
        page = made.add_blank_page(page_size=A4)
    page.Resources = resources(made)
    page.Contents = Stream(made, zlib.compress(zlib.compress(content, 9), 9))
    page.Contents.Filter = Array([Name.FlateDecode, Name.FlateDecode])
    out = BytesIO()
    made.save(out, compress_streams=False)
    return out.getvalue()


def _form(made: pikepdf.Pdf, content: bytes, resources: Dictionary) -> Stream:
    return Stream(made, content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, *A4], Resources=resources)


def _nested(made: pikepdf.Pdf) -> Dictionary:
    """A form that draws one ten times that draws one ten times, and so on."""
    resources, content = Dictionary(), ALL
    for _ in range(7):
        resources = Dictionary(XObject=Dictionary(F=_form(made, content, resources)))
        content = b"/F Do " * 10
    return resources


def _group(made: pikepdf.Pdf) -> Dictionary:
    form = _form(made, ALL, Dictionary())
    form.Group = Dictionary(S=Name.Transparency, CS=Name.DeviceRGB, I=True, K=True)
    see_through = Dictionary(ca=0.5, BM=Name.Luminosity)
    return Dictionary(XObject=Dictionary(F=form), ExtGState=Dictionary(G=see_through))


def _tiles(made: pikepdf.Pdf) -> Dictionary:
    tile = Stream(
        made, b"0 0 .01 .01 re f", Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1, BBox=[0, 0, 1, 1],
        XStep=0.02, YStep=0.02, Resources=Dictionary(),
    )  # fmt: skip
    return Dictionary(Pattern=Dictionary(P=tile))


def _shading(_made: pikepdf.Pdf) -> Dictionary:
    colours = Dictionary(FunctionType=2, Domain=[0, 1], C0=[0, 0, 0], C1=[1, 1, 1], N=1)
    radial = Dictionary(
        ShadingType=3, ColorSpace=Name.DeviceRGB, Coords=[0, 0, 0, 595, 842, 900], Extend=[True, True], Function=colours
    )
    return Dictionary(Shading=Dictionary(S=radial))


LONG: dict[str, Callable[[], bytes]] = {
    "2,000 shadings": lambda: document(b"/S sh\n" * 2000, _shading),
    "forms in forms": lambda: document(b"/F Do " * 10, _nested),
    "1,000 transparent groups": lambda: document(b"/G gs " + b"/F Do " * 1000, _group),
    "small tiles": lambda: document(b"/Pattern cs /P scn " + ALL * 10, _tiles),
    "200,000 rectangles": lambda: document(ALL * 200_000),
}


def many_lines() -> bytes:
    """2 million lines: 420 MB."""
    return document(b"0 0 m 1 1 l S\n" * 2_000_000)
