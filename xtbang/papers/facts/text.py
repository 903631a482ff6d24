"""Plain values on papers; the process that prints needs no more than this of the facts."""

import re
from typing import Any

Facts = dict[str, Any]

_BESIDE_A_FIGURE = re.compile(r"(?<=[^\x00-\x7f]) (?=[0-9])|(?<=[0-9%]) (?=[^\x00-\x7f])")


def closed_up(text: str) -> str:
    """Return a text as official papers set it: no space between a figure and the Chinese beside it."""
    return _BESIDE_A_FIGURE.sub("", text)
