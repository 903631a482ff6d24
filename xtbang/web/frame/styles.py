"""The site's style sheet: the files under ``static/css`` joined in one file, whose address changes with its content."""

from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request, url_for

NAME = "style.css"
ORDER = (
    "properties.css",
    "text.css",
    "base/*.css",
    "components/*.css",
    "pages/*.css",
    "print.css",
)  # later files override earlier ones
A_YEAR = "public, max-age=31536000, immutable"


def sheets(folder: Path) -> list[Path]:
    """Return the files under ``static/css`` in the order of the cascade."""
    return [path for pattern in ORDER for path in sorted(folder.glob(pattern))]


def add_styles(app: Flask) -> None:
    """Join the files once, serve them as ``/static/style.css``, and give every template the address: ``style_url()``."""
    css = "\n".join(path.read_text(encoding="utf-8") for path in sheets(Path(str(app.static_folder)) / "css"))
    digest = sha256(css.encode()).hexdigest()[:16]
    files = app.view_functions["static"]

    def static(filename: str) -> Response:
        """Return the joined sheet, also for the address of an older one; only its current address is cached for long."""
        if filename != NAME:
            return files(filename=filename)  # type: ignore[return-value]
        answer = Response(css, mimetype="text/css")
        answer.headers["Cache-Control"] = A_YEAR if request.args.get("v") == digest else "no-cache"
        return answer

    app.view_functions["static"] = static
    app.jinja_env.globals["style_url"] = lambda: url_for("static", filename=NAME, v=digest)
