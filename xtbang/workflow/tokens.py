"""The tokens of a TOML file, each with its line; also of text that is not valid TOML."""

import re
from collections.abc import Iterator
from typing import NamedTuple

TOKEN = re.compile(
    r'''(?P<comment>\#[^\n]*)
    |(?P<string>"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?!"")(?:[^"\\\n]|\\[^\n])*"|'(?!'')[^'\n]*')
    |(?P<open>""".*|\'\'\'.*|["'][^\n]*)   # a string without its end
    |(?P<newline>\n)
    |(?P<blank>[ \t]+)
    |(?P<mark>[\[\]{}=,.])
    |(?P<bare>[A-Za-z0-9_+:-]+)
    |(?P<strange>.)''',
    re.DOTALL | re.VERBOSE,
)


class Token(NamedTuple):
    """A token of a TOML file with its line, 1 for the first."""

    kind: str
    text: str
    line: int


def tokens(text: str) -> Iterator[Token]:
    """Yield every token of the text except blanks and comments."""
    line = 1
    for found in TOKEN.finditer(text):
        kind, piece = str(found.lastgroup), found.group()
        if kind not in ("blank", "comment"):
            yield Token(kind, piece, line)
        if kind in ("newline", "string", "open"):
            line += piece.count("\n")
