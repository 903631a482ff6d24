"""The fonts under static/fonts: the only ones that a paper ever sees, so that each machine prints the same."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xtbang.rules.characters import unprintable

__all__ = ["FOLDER", "STATIC", "only_ours", "unprintable"]

STATIC = Path(__file__).resolve().parents[3] / "static"
FOLDER = STATIC / "fonts"


@contextmanager
def only_ours() -> Iterator[None]:
    """Fontconfig, while it is being set up, knows only our folder; programs started later know what they always did."""
    before = os.environ.get("FONTCONFIG_FILE")
    os.environ["FONTCONFIG_FILE"] = str(FOLDER / "fonts.conf")
    try:
        yield
    finally:
        if before is None:
            del os.environ["FONTCONFIG_FILE"]
        else:
            os.environ["FONTCONFIG_FILE"] = before
