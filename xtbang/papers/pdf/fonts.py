"""The bundled fonts under static/fonts: papers use no others, so that every machine prints the same."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xtbang.rules.characters import unprintable

__all__ = ["FOLDER", "STATIC", "only_bundled_fonts", "unprintable"]

STATIC = Path(__file__).resolve().parents[3] / "static"
FOLDER = STATIC / "fonts"


@contextmanager
def only_bundled_fonts() -> Iterator[None]:
    """Yield while Fontconfig starts with our font folder only; programs started later are not affected."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
