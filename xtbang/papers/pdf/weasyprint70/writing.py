"""Bytes of the file, each made once."""

import zlib
from typing import Any

import pydyf  # type: ignore[import-untyped]
from weasyprint import pdf
from weasyprint.pdf import fonts

_pydyf_to_bytes = pydyf._to_bytes
_writing = False  # while a file is written nothing in it changes any more (one at a time: renders hold a lock)


def apply() -> None:
    pydyf._to_bytes = _to_bytes
    pydyf.Array.data = property(_array_data)
    pydyf.Dictionary.data = property(_dictionary_data)
    pydyf.Stream.data = property(_stream_data)
    pydyf.PDF.page_references = property(_page_references)
    pydyf.PDF.write = _write
    fonts.Font.__init__ = _font
    pdf.ColorProfile = _profile


def _to_bytes(item: Any) -> bytes:
    """As pydyf's, the frequent kinds first."""
    kind = type(item)
    if kind is bytes:
        return bytes(item)
    if kind is str:
        return bytes(item.encode("ascii"))
    if kind is int:
        return b"%d" % item
    return bytes(_pydyf_to_bytes(item))


def _array_data(array: Any) -> bytes:
    return b"[%b]" % b" ".join(map(_to_bytes, array))


def _dictionary_data(dictionary: Any) -> bytes:
    """Asked for twice: by the file, and by the digest that its identifier is made of."""
    if _writing and (known := dictionary.__dict__.get("_final")):
        return bytes(known)
    data = b"".join([b"/%b %b" % (_to_bytes(key), _to_bytes(value)) for key, value in dictionary.items()])
    data = b"<<%b>>" % data
    if _writing:
        dictionary._final = data
    return data


def _stream_data(stream: Any) -> bytes:
    """The stream, compressed at level 6 instead of 9, and not again for the file's identifier."""
    if _writing and (known := stream.__dict__.get("_final")):
        return bytes(known)
    content = b"\n".join(map(_to_bytes, stream.stream))
    extra = pydyf.Dictionary(stream.extra.copy())
    if stream.compress:
        extra["Filter"] = "/FlateDecode"
        content = zlib.compress(content, 6)
    extra["Length"] = len(content)
    data = b"\n".join((extra.data, b"stream", content, b"endstream"))
    if _writing:
        stream._final = data
    return data


def _page_references(file: Any) -> tuple[bytes, ...]:
    """Asked for by every element of the structure tree."""
    kids = file.pages["Kids"]
    known: tuple[bytes, ...] = file.__dict__.get("_references", ())
    if len(known) != len(kids) // 3:
        known = file._references = tuple(b"%d 0 R" % number for number in kids[::3])
    return known


def _write(file: Any, *args: Any, _original: Any = pydyf.PDF.write, **options: Any) -> None:
    global _writing
    _writing = True
    try:
        _original(file, *args, **options)
    finally:
        _writing = False


def _font(font: Any, *args: Any, _original: Any = fonts.Font.__init__) -> None:
    """A font without a copy of its whole file: the subset takes its place before anything is written."""
    copy, fonts.get_hb_object_data = fonts.get_hb_object_data, lambda face: b""
    try:
        _original(font, *args)
    finally:
        fonts.get_hb_object_data = copy


def _profile(file: Any, *args: Any, _original: Any = pdf.ColorProfile) -> Any:
    """The colour profile of the output intent, its file closed, which WeasyPrint forgets."""
    with file:
        return _original(file, *args)
