"""Static files: an address changes with its content, so that a browser asks for it once; texts are sent compressed.

The site's own style sheet is the files under ``static/css``, joined in one.
"""

import gzip
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

SHEET = "style.css"
ORDER = (
    "properties.css",
    "text.css",
    "base/*.css",
    "components/*.css",
    "pages/*.css",
    "print.css",
)  # later files override earlier ones
TEXTS = frozenset({".css", ".js", ".svg"})
A_YEAR = "public, max-age=31536000, immutable"


def sheets(folder: Path) -> list[Path]:
    """Return the files under ``static/css`` in the order of the cascade."""
    return [path for pattern in ORDER for path in sorted(folder.glob(pattern))]


@dataclass(frozen=True)
class Text:
    """A static text as it is sent."""

    content: bytes
    mimetype: str

    @cached_property
    def digest(self) -> str:
        """Return what names the content in its address."""
        return sha256(self.content).hexdigest()[:16]

    @cached_property
    def packed(self) -> bytes:
        """Return the content compressed by gzip."""
        return gzip.compress(self.content, mtime=0)


class Texts(dict[str, Text]):
    """The static texts by name, each read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        """Take note of what there is under a folder."""
        super().__init__()
        found = {path.relative_to(folder).as_posix(): [path] for path in folder.rglob("*") if path.suffix in TEXTS}
        self.files = found | {SHEET: sheets(folder / "css")}

    def __missing__(self, name: str) -> Text:
        """Return a text of the folder. Raise KeyError when there is none of that name."""
        content = b"\n".join(path.read_bytes() for path in self.files[name])
        self[name] = Text(content, guess_type(name)[0] or "text/plain")
        return self[name]


def add_static_files(app: Flask) -> None:
    """Serve the texts under ``/static/``, and give every address of one that ``url_for`` makes its digest."""
    app.extensions["texts"] = texts = Texts(Path(str(app.static_folder)))
    files = app.view_functions["static"]

    def static(filename: str) -> Response:
        """Return a file; only the present address of a text is cached for long."""
        try:
            text = texts[filename]
        except KeyError:
            return files(filename=filename)  # type: ignore[return-value]
        packed = request.accept_encodings.quality("gzip") > 0
        answer = Response(text.packed if packed else text.content, mimetype=text.mimetype)
        if packed:
            answer.headers["Content-Encoding"] = "gzip"
        answer.headers.update(kept_for(text, request.query_string.decode("latin-1")))
        return answer

    @app.url_defaults
    def name_content(endpoint: str, values: dict[str, Any]) -> None:
        name = values.get("filename", "")
        if endpoint == "static" and "v" not in values and Path(name).suffix in TEXTS:
            values["v"] = texts[name].digest

    app.view_functions["static"] = static


def texts_of(app: Flask) -> Texts:
    """Return the static texts of the application."""
    found: Texts = app.extensions["texts"]
    return found


def kept_for(text: Text, query: str) -> dict[str, str]:
    """Return the headers by which a browser keeps a text: for long only at its present address."""
    return {
        "ETag": f'W/"{text.digest}"',
        "Cache-Control": A_YEAR if query == f"v={text.digest}" else "no-cache",
        "Vary": "Accept-Encoding",
    }
