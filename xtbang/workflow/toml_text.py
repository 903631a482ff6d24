"""A TOML file as people save it: its encoding, and every syntax error in Chinese with its line."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from xtbang.rules.quotation import quoted
from xtbang.workflow.positions import Path, positions
from xtbang.workflow.tokens import Token, tokens

SEEN = 200  # bytes in which the encoding shows
MOST = 40  # syntax errors in one file before we give up
SAVE = "请在编辑器里选“另存为”，编码选 UTF-8"
INSTEAD = {  # characters of Chinese input methods that NFKC does not map to ASCII
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "【": "[", "】": "]", "〔": "[", "〕": "]", "、": ",", "。": ".",
    "\u2014": "-", "\u2212": "-",
}  # fmt: skip
FULL_WIDTH_SIGNS = (
    ("全角引号", "\"'"), ("全角等号", "="), ("全角括号", "[]{}()"), ("全角逗号或顿号", ","), ("全角数字", "0123456789"),
    ("全角空格", " "), ("全角字符", ""),
)  # fmt: skip
HEADER = re.compile(r"\s*(\[+)\s*([A-Za-z0-9_.-]+)\s*(]+)\s*(#.*)?$")
ASSIGNMENT = re.compile(r"\s*[A-Za-z0-9_.\"-]+\s*[=＝]\s*(.*)")
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
RULE = '文字放在英文引号 " 里，数字不加引号，是和否写 true 和 false，日期写成 2026-08-26'


@dataclass(frozen=True)
class Content:
    """The data of a file, the text that they were read from, and its syntax errors."""

    data: dict[str, Any] | None  # None: it cannot be read at all
    text: str = ""  # without the lines that are not TOML
    faults: tuple[tuple[int, str], ...] = ()  # line, sentence

    @cached_property
    def lines(self) -> dict[Path, int]:
        """Return the line of every value; asked for by mistakes alone."""
        return positions(list(tokens(self.text))).lines


def content(raw: bytes) -> Content:
    """Return the content of a file from its bytes."""
    if raw.startswith(b"PK"):
        return Content(
            None, faults=((1, "这是 Word 文档一类的文件，不是文本文件。请在编辑器里另存为纯文本，编码选 UTF-8。"),)
        )
    for mark, name in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if raw.startswith(mark) or raw[:SEEN].count(b"\x00") > SEEN // 10:
            return Content(None, faults=((1, f"文件是 {name} 编码，程序只读 UTF-8。{SAVE}。"),))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        if error.reason == "unexpected end of data":
            return Content(None, faults=((line, "文件到这里断了：没有保存完整，或者没有传送完整，请重新取一份。"),))
        return Content(None, faults=((line, f"文件不是 UTF-8 编码（像是 GBK，即 ANSI）。{SAVE}。"),))
    return _content(text.replace("\r\n", "\n").replace("\r", "\n"))


@lru_cache(maxsize=64)
def _content(text: str) -> Content:
    """Return the content of the text; lines that are not TOML are left out, so that the others can still be checked."""
    with suppress(tomllib.TOMLDecodeError):  # what is wrong with it is found by its tokens
        if not HIDDEN.search(text):
            return Content(tomllib.loads(text, parse_float=Decimal), text)
    pieces = list(tokens(text))
    found = dict(_slips(pieces, text))
    lines = text.split("\n")
    for number, written in enumerate(lines, 1):
        if (head := HEADER.match(written)) and len(head[1]) != len(head[3]):
            found.setdefault(number, _unpaired(written.strip()))
    for line, first, name in positions(pieces).repeated:
        found.setdefault(line, f"{name} 写了两次：第 {first} 行已经有了，请删去一处，或者改成应有的名称。")
    data = _loaded(lines, found)
    return Content(data, _without(lines, found), tuple(sorted(found.items())))


def _loaded(lines: list[str], found: dict[int, str]) -> dict[str, Any] | None:
    """Return the data of all valid lines and add the others to ``found``; None when nothing can be parsed."""
    while len(found) < MOST and all(_alone(lines[line - 1]) for line in found):
        rest = _without(lines, found)
        try:
            return tomllib.loads(rest, parse_float=Decimal)
        except tomllib.TOMLDecodeError as error:
            line, sentence = _said(str(error), rest)
            if line in found:
                return None
            found[line] = sentence
    return None


def _without(lines: list[str], found: dict[int, str]) -> str:
    return "\n".join("" if number in found else line for number, line in enumerate(lines, 1))


def _alone(line: str) -> bool:
    """Return whether a line can be left out without harm to others: a key and its value, or an item of a list."""
    bare = "".join(token.text for token in tokens(line) if token.kind == "mark")
    whole = bare.count("[") == bare.count("]") and bare.count("{") == bare.count("}")
    return whole and '"""' not in line and bool(ASSIGNMENT.match(line) or re.match(r"\s*[{\"“”].*[,，]\s*$", line))


def _slips(pieces: list[Token], text: str) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with characters outside strings, one sentence a line."""
    strange: dict[int, str] = {}
    lines = text.split("\n")
    for token in pieces:
        if token.kind == "strange" and not token.text.isascii():
            strange[token.line] = strange.get(token.line, "") + token.text
        elif token.kind == "string" and (hidden := HIDDEN.search(token.text)):
            line = token.line + token.text[: hidden.start()].count("\n")
            yield line, f"引号里有看不见的字符（{_code(hidden[0])}），请删去，重新输入这一行。"
        elif token.kind == "open" and token.line not in strange:
            yield token.line, _unclosed(token)
    for line, signs in strange.items():
        yield line, _strange(signs, lines[line - 1])


def _unclosed(token: Token) -> str:
    ends = token.text.rstrip(" ,]}")[-1:]
    if ends in ("”", "“", "＂", "’"):
        return f"引号没有收尾：末尾用了全角引号 {ends}，请改成英文引号 {token.text[0]}。"
    missing = token.text[:3] if token.text.startswith(('"""', "'''")) else token.text[0]
    return f"引号没有收尾：{token.text.splitlines()[0][:30]} 的后面缺 {missing}。"


def _strange(signs: str, line: str) -> str:
    meant = {sign: INSTEAD.get(sign) or unicodedata.normalize("NFKC", sign) for sign in signs}
    for name, ascii_signs in FULL_WIDTH_SIGNS:
        wrong = [sign for sign, plain in meant.items() if plain.isascii() and (plain in ascii_signs or not ascii_signs)]
        if wrong:
            if name == "全角空格":
                return "这里用了全角空格，请改成英文（半角）的空格，或者删去。"
            return f"这里用了{name} {' '.join(wrong)}，请改成英文（半角）的 {' '.join(meant[sign] for sign in wrong)}。"
    if all(unicodedata.category(sign) in ("Cf", "Cc") for sign in signs):
        return f"这里有看不见的字符（{_code(signs)}），请删去，重新输入这一行。"
    if re.match(r"\s*[^=\"']*[^\x00-\x7f][^=\"']*=", line):
        return f"等号左边只能是英文名称，这里有{quoted(signs)}。"
    if re.search(r"=\s*[0-9]{4}年", line):
        return "日期写成 2026-08-26，不加引号，不写年月日。"
    return f'{quoted(signs)}在引号外面：文字要放在英文引号 " 里，数字用 0 到 9 写，不带单位。'


def _code(signs: str) -> str:
    return f"U+{ord(signs[0]):04X}"


def _said(message: str, text: str) -> tuple[int, str]:
    """Return line and Chinese sentence for an English message of ``tomllib``."""
    lines = text.split("\n")
    place = re.search(r"\(at line (\d+), column (\d+)", message)
    line, column = (int(place[1]), int(place[2])) if place else (len(text.rstrip().split("\n")), 0)
    stated = lines[line - 1].strip()
    value = (ASSIGNMENT.match(stated) or [stated, stated])[1].split("#")[0].strip()
    start = _open_list(list(tokens(text)), line)
    if start and (column == 0 or stated.startswith("[") or ASSIGNMENT.match(stated)):
        return start, "从这里开始的方括号没有收尾：缺一个 ]。"
    if message.startswith("Unclosed array"):
        return _comma(lines, line, column)
    if message.startswith(("Cannot declare", "Cannot overwrite", "Cannot mutate")):
        if single := _single(lines, stated):
            return (
                single,
                f"{quoted(lines[single - 1].strip())}少一层方括号：同名的表有几张，每张的表头都写成 {stated}。",
            )
        return line, f"{quoted(stated)}与前面的重复，请删去一处。"
    if message.startswith("Expected '='"):
        return line, f"{quoted(stated[:30])}缺等号：写成“名称 = 值”。"
    if message.startswith(("Invalid value", "Expected newline", "Invalid date", "Unescaped", "Illegal", "Unclosed")):
        return line, _value(value)
    if message.startswith("Invalid statement") and stated.startswith(("]", "}")):
        return line, f"多了一个 {stated[0]}，前面没有与它配对的。"
    if stated.startswith("["):
        return line, _unpaired(stated)
    return line, f"{quoted(stated[:30])}不合 TOML 的写法：写成“名称 = 值”，{RULE}。"


def _unpaired(header: str) -> str:
    return f"{quoted(header)}的方括号不配对：表头写成 [名称] 或 [[名称]]。"


def _single(lines: list[str], header: str) -> int:
    """Return the line that has the name of a ``[[table]]`` in single brackets; 0 when there is none."""
    single = header.removeprefix("[").removesuffix("]") if header.startswith("[[") else ""
    return next((number for number, line in enumerate(lines, 1) if single and line.strip() == single), 0)


def _value(value: str) -> str:
    if not value:
        return "等号后面没有值。"
    if re.match(r"\d{4}[-/.]\d+[-/.]", value):
        return f"没有 {value} 这个日期，日期写成 2026-08-26。"
    if value in ("True", "False", "yes", "no", "TRUE", "FALSE"):
        return f"{value} 看不懂：是写 true，否写 false，都用小写。"
    if re.match(r"[\d.]+\s*(%|/|[A-Za-z])", value):
        return f"{value} 看不懂：数字后面不带百分号或单位，25% 写成 0.25。"
    if re.match(r"0\d|\.\d|\d+\.$|\d{1,3},\d{3}", value):
        return f"数字 {value} 的写法不对：写成 5、0.5 或者 10000。"
    if "\\" in value:
        return f"{value[:30]} 里的反斜杠 \\ 要写两个。"
    return f"{value[:30]} 看不懂：{RULE}。"


def _comma(lines: list[str], line: int, column: int) -> tuple[int, str]:
    """Return line and sentence for a list in which something is missing before a column."""
    if lines[line - 1][: column - 1].strip():
        return line, '方括号没有收尾，或者两项之间缺逗号：清单写成 ["甲", "乙"]。'
    last = max(number for number in range(1, line) if lines[number - 1].strip())
    return last, "这一项后面缺逗号。"


def _open_list(pieces: list[Token], line: int) -> int:
    """Return the line of a list that begins above ``line`` and is still open there; 0 when there is none."""
    depth = start = 0
    for before, token in pairwise(pieces):
        if token.line >= line:
            break
        if depth or (token.text == "[" and before.text == "="):
            start = start if depth else token.line
            depth += (token.text == "[") - (token.text == "]")
    return start if depth else 0
