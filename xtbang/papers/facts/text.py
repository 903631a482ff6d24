"""The text of papers as plain values, without imports: the printing process needs no more of the facts."""

import re
from typing import Any

Facts = dict[str, Any]

_SPACE_NEXT_TO_FIGURE = re.compile(r"(?<=[^\x00-\x7f]) (?=[0-9])|(?<=[0-9%]) (?=[^\x00-\x7f])")


def closed_up(text: str) -> str:
    """Return the text as official papers set it: without a space between a figure and the Chinese next to it."""
    return _SPACE_NEXT_TO_FIGURE.sub("", text)
