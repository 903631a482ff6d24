"""Reading one TOML file strictly: every mistake becomes a sentence with its line, and reading goes on."""

import difflib
import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from xtbang.errors import DefinitionError, Mistake
from xtbang.rules.quotation import quoted
from xtbang.workflow.positions import Path as Place
from xtbang.workflow.toml_text import Content, content

NAMES = ("key", "id", "trigger", "name", "short", "title")  # the keys that name a table in a sentence
TYPES = {
    str: "文字（放在英文引号里）",
    int: "整数",
    bool: " true 或 false",
    list: '清单，如 ["甲", "乙"]',
    dict: "一张表",
}
SHOWN, FEW = 16, 4  # the most names that a sentence lists; how many of a longer list
NEAR = 0.5  # from 0 to 1, how similar a name has to be for a suggestion


class Table(dict[str, Any]):
    """A table of a file with its place."""

    place: Place = ()


class Asked(NamedTuple):
    """The names that a table may have, and those that it needs."""

    place: Place
    names: frozenset[str]
    needs: frozenset[str]


class Offered(NamedTuple):
    """The values that a name of a table may have."""

    place: Place
    name: str
    values: Collection[str]


class Reader:
    """Reader of one file. Mistakes go to `mistakes`; what cannot be read has a neutral value from there on.

    The hints that every check takes locate the value: the table, the name of the value in it and, for one item of a
    list, the item. What every table was asked for is recorded in `asked` and `offered`: the guide
    to the files is made from them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes: list[Mistake] = []
        self.wrong: set[Place] = set()  # tables with a mistake
        self.found = Content(None)
        self.asked: list[Asked] = []
        self.offered: list[Offered] = []

    @property
    def sound(self) -> bool:
        """Return whether there is no mistake so far: relations are only checked between values that are valid."""
        return not self.mistakes

    def refuse(self) -> None:
        """Raise DefinitionError with every mistake, if there is one."""
        if self.mistakes:
            raise DefinitionError(self.mistakes)

    def _load(self) -> Table:
        """Return the whole file; an empty table when it cannot be read at all."""
        try:
            self.found = content(self.path.read_bytes())
        except OSError:
            self.found = Content(None, faults=((0, "没有这个文件，或者不能读取。"),))
        self.mistakes += [Mistake(self.path, line, sentence) for line, sentence in self.found.faults]
        return _placed(self.found.data or {}, ())

    # -- the small checks

    def _keys(self, table: Table, known: Iterable[str], needs: Collection[str] = ()) -> None:
        """Check that the table has no unknown name, and every name that it needs."""
        every = sorted({*known, *needs})
        self.asked.append(Asked(table.place, frozenset(every), frozenset(needs)))
        missing = [name for name in needs if name not in table]
        for name in table:
            if name not in every:
                free = [one for one in every if one not in table]
                missing = [one for one in missing if one not in difflib.get_close_matches(name, free, 1, NEAR)]
                self._fail(f"是不认识的名称，这里可以写的有：{_listed(every, name, every)}。", table, name)
        if missing and not self.found.faults:  # otherwise it may be in a line that could not be read
            before = [name for name in list(needs)[: list(needs).index(missing[0])] if name in table]
            self._fail(
                f"缺 {'、'.join(missing)}。", table, also=[(table, before[-1])] if before and not table.place else []
            )

    def _typed(self, table: Table, name: str, kind: type, default: Any) -> Any:
        value = table.get(name, default)
        wanted = Table if kind is dict else kind
        if value is not default and type(value) is not wanted:
            self._fail(f"写的是{as_written(value)}，应为{TYPES[kind]}。", table, name)
            return kind() if default is None else default
        return kind() if value is None else value

    def _tables(self, table: Table, name: str, default: Any = None) -> list[Table]:
        value = self._typed(table, name, list, [])
        tables = [item for item in value if type(item) is Table]
        if len(tables) < len(value) or (default is None and name in table and not value):
            self._fail("应为一张或几张表。", table, name)
        return tables

    def _texts(self, table: Table, name: str) -> tuple[str, ...]:
        value = self._typed(table, name, list, [])
        texts = []
        for item in value:
            if type(item) is not str or not item.strip():
                self._fail(
                    f"清单里有{as_written(item)}，每一项应为文字（放在英文引号里），不能为空。", table, name, item
                )
            elif item in texts:
                self._fail(f"{quoted(item)}写了两次。", table, name, item)
            else:
                self._trimmed(item, table, name, item)
                texts.append(item)
        return tuple(texts)

    def _flag(self, table: Table, name: str, default: bool = False) -> bool:
        return bool(self._typed(table, name, bool, default))

    def _text(self, table: Table, name: str) -> str:
        """Return a text; it is a mistake when it is there and blank."""
        value = str(self._typed(table, name, str, ""))
        if type(table.get(name)) is str and not value.strip():
            self._fail("是空的，请填写，或者删去这一行。", table, name)
        self._trimmed(value, table, name)
        return value

    def _trimmed(self, value: str, *hint: Any) -> None:
        if value != value.strip() and value.strip():
            self._fail(f"{quoted(value)}的前后有多余的空格，请删去。", *hint)

    def _decimal(self, value: object, *hint: Any) -> Decimal | None:
        if type(value) not in (int, Decimal) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(value)):
            self._fail(f"写的是{as_written(value)}，应为数字，如 5 或 0.25。", *hint)
            return None
        found = Decimal(str(value))
        if not found.is_finite():
            self._fail(f"写的是{as_written(value)}，应为数字，如 5 或 0.25。", *hint)
            return None
        return found

    def _among(self, name: Any, known: Collection[str] | None, what: str, *hint: Any) -> bool:
        """Return whether a value is one of the known ones; ``what`` names them in a sentence."""
        table, said = _apart(hint)
        if known is not None and said:
            self.offered.append(Offered(table.place, str(said[0]), known))
        if known is None or (type(name) is str and name in known):
            return True
        names = [one for one in (known if isinstance(known, list | tuple) else sorted(known)) if one]
        self._fail(f"写的是{as_written(name)}，不是{what}；只能是 {_listed(names, name, names)}。", *hint)
        return False

    def _each(self, names: tuple[str, ...], known: Collection[str], what: str, *hint: Any) -> None:
        for name in names:
            self._among(name, known, what, *hint, name)

    def _once(self, tables: list[Table], name: str) -> None:
        """Check that no two tables have the same name."""
        first: dict[str, Table] = {}
        for table in tables:
            value = str(table.get(name))
            if name in table and value in first:
                self._fail(f"{quoted(value)}写了两次。", table, name, also=[(first[value], name)])
            first.setdefault(value, table)

    def _fail(self, message: str, *hint: Any, also: Iterable[tuple[Any, ...]] = ()) -> None:
        """Add a mistake at the place of the hints: “[table] 的 name 写的是 …”.

        It may as well be at one of the other places: the sentence names all of their lines.
        """
        table, names = _apart(hint)
        about = [_called(table)] if table.place else []
        about += [str(name) for name in names[:1] if name in table]
        between = "" if not about or about[-1].endswith("）") or message[0] in "：“" else " "
        sentence = " 的 ".join(about).replace("） 的", "）的") + between + message
        self.wrong.add(table.place)
        lines = dict.fromkeys(self._line(*place) for place in (hint, *also))
        self.mistakes += [Mistake(self.path, line, sentence) for line in lines]

    def _line(self, *hint: Any) -> int:
        """Return the line of the value, of the table's name, or of the table; 0 when the file has none."""
        table, names = _apart(hint)
        lines = self.found.lines
        if names and names[0] in table:
            value, place = table[names[0]], (*table.place, names[0])
            if len(names) > 1 and isinstance(value, list) and names[1] in value:
                return lines.get((*place, _last(value, names[1])), lines.get(place, 0))
            if len(names) > 1 and isinstance(value, dict) and names[1] in value:
                return lines.get((*place, names[1]), lines.get(place, 0))
            return lines.get(place) or lines.get((*place, 0)) or self._first_within(place)
        if not table.place:
            return 0
        here = [(*table.place, name) for name in NAMES] + [table.place]
        for place in here:
            if place in lines:
                return lines[place]
        return self._first_within(table.place)

    def _first_within(self, whole: Place) -> int:
        """Return the first line of anything within a table that has no line itself; 0 when the file has none."""
        return min((line for place, line in self.found.lines.items() if place[: len(whole)] == whole), default=0)


def _apart(hint: tuple[Any, ...]) -> tuple[Table, list[Any]]:
    """Return the table of the hints, and the names in it."""
    table = next((item for item in hint if type(item) is Table), Table())
    return table, [item for item in hint if type(item) is not Table]


def _last(items: list[Any], item: Any) -> int:
    return len(items) - 1 - items[::-1].index(item)


def _placed(value: dict[str, Any], place: Place) -> Table:
    """Return the table with its place, and every table in it with its own place."""
    table = Table()
    table.place = place
    for name, item in value.items():
        if isinstance(item, dict):
            table[name] = _placed(item, (*place, name))
        elif isinstance(item, list):
            table[name] = [
                _placed(one, (*place, name, number)) if isinstance(one, dict) else one
                for number, one in enumerate(item)
            ]
        else:
            table[name] = item
    return table


def _called(table: Table) -> str:
    """Return the head of the table in the file, with its name."""
    if not table.place:
        return ""
    names = [part for part in table.place if isinstance(part, str)]
    if names[-1] == "cells":
        return f"[[print.row]] 第 {int(table.place[-1]) + 1} 格"
    head = ".".join(names)
    if isinstance(table.place[-1], str):
        return f"[{head}]"
    name = next((str(table[name]) for name in NAMES if type(table.get(name)) is str and table[name]), "")
    return f"[[{head}]]" + (f"（{name[:20]}）" if name else "")


def as_written(value: object) -> str:
    """Return a value as it is written in the file, after a Chinese word: a space sets off what is not Chinese."""
    if type(value) is bool:
        return f" {str(value).lower()}"
    if type(value) is str:
        return f' "{value[:40]}"'
    if isinstance(value, dict):
        return "一张表"
    if isinstance(value, list):
        return "一份清单"
    return f" {value}"


def _listed(names: Collection[str], name: Any, free: Collection[str]) -> str:
    """Return the known names in a sentence, with the free one that is nearest to an unknown name."""
    near = difflib.get_close_matches(str(name), free, 1, NEAR)
    listed = "、".join(names) if len(names) <= SHOWN else f"{'、'.join([*names][:FEW])} 等 {len(names)} 个"
    return (listed or "（没有）") + (f"（最接近的是 {near[0]}）" if near else "")
