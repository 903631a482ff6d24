"""The guide to the files under workflows/: every name that can be written in them, as the readers know it.

The readers note which names and values they ask every table for; ``guide.toml`` has one Chinese line for each name.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from xtbang.actions.registry import OPTIONS, PREFILLS
from xtbang.enums import PANEL_LABELS, ROLE_LABELS
from xtbang.rules.changes import DECIDERS
from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS
from xtbang.rules.edition import BOUNDS
from xtbang.rules.lives import Life
from xtbang.workflow import labels
from xtbang.workflow.city import CityReader
from xtbang.workflow.editions import EditionReader
from xtbang.workflow.form_reader import FormReader
from xtbang.workflow.lifecycle import LifecycleReader
from xtbang.workflow.positions import Path as Place
from xtbang.workflow.reading import Reader

LINES: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("guide.toml").read_text(encoding="utf-8"))
HEAD = """<!-- Written by `xtbang workflow guide --write`; never edited by hand. -->

# workflows/ 里可以写的名称

怎样修改、怎样核对见[修改 workflows/ 里的文件](workflows.zh-CN.md)。“须写”一栏有 ✓ 的不能缺。

"""
AS_FIELD = "写法同表格里的 [[section.field]]。"
FILES = {
    "editions": "版本：editions/*.toml",
    "forms": "表格：forms/*.toml",
    "lifecycle": "办事流程：lifecycle.toml",
    "city": "城市：city.toml",
}
OPEN = ("parameters", "issuers")  # tables whose tables are all alike
SAME = {
    "column": "field",
    "source": "source",
    "field": "field",
    "cites": "cites",
}  # the last part of a table -> its lines in every file
ACT, TRANSITION = "lifecycle:act", "lifecycle:transition"
ROLES = ("turn", "who", "tell")
OFFICES = {
    "offices": "会签的各部门",
    "science": "牵头部门",
    "industry": "第二个会签部门",
    "third": "第三个会签部门",
    "leader": "牵头部门的领导",
    "finance": "财政部门",
}
WORDS: dict[str, dict[str, str]] = {
    "documents": {"form": "项目表", **labels.DOCUMENTS},
    "force": {force.value: word for force, word in labels.FORCES.items()},
    "aggregate": labels.AGGREGATES,
    "after": labels.EVENTS,
    "by": labels.CHECKED_BY,
    "decided_by": DECIDERS,
    "pays": labels.EVENTS,
    "needs": labels.CONDITIONS,
    "checks": labels.CHECKS,
    "kind": labels.FIELD_KINDS,
    "key": PANEL_LABELS,
    **labels.CHOICES,
    "role": OFFICES,
    **dict.fromkeys(ROLES, ROLE_LABELS | OFFICES),
}
MOST_VALUES = 24


@dataclass
class Gathered:
    """Hold what one kind of table may say, gathered from every table of that kind."""

    many: bool  # written as [[table]]
    names: set[str]
    needs: set[str]
    alike: bool = True  # whether every table of this kind may have the same names
    values: dict[str, list[Collection[str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A name that can be written, whether it has to be, and what to write; values stand between backticks."""

    name: str
    needed: bool
    said: str


@dataclass(frozen=True)
class Names:
    """The names of one kind of table."""

    head: str  # as in the file: [parameters.…], [[source]]; "" for names before the first table
    lines: tuple[Line, ...]  # none where they are those of a field of a form


@dataclass(frozen=True)
class Part:
    """Hold what can be written in one kind of file."""

    title: str
    tables: tuple[Names, ...]


def guide(folder: Path) -> str:
    """Return the whole guide as Markdown, from the sound files of a folder."""
    text = [HEAD]
    for part in parts(folder):
        text.append(f"## {part.title}\n\n")
        for table in part.tables:
            text += [f"### {table.head}\n\n"] * bool(table.head)
            if not table.lines:
                text.append(f"{AS_FIELD}\n\n")
                continue
            text.append("| 名称 | 须写 | 写什么 |\n|---|---|---|\n")
            for line in table.lines:
                said = line.said.replace("|", chr(92) + "|")
                text.append(f"| `{line.name}` | {'✓' if line.needed else ''} | {said} |\n")
            text.append("\n")
    return "".join(text).rstrip("\n") + "\n"


def parts(folder: Path) -> Iterator[Part]:
    """Yield what can be written in every kind of file, from the sound files of a folder."""
    for file, readers in _readers(folder).items():
        gathered, order = _gathered(readers), ["", *LINES[f"{file}:"]]
        shapes = sorted(gathered, key=lambda shape: order.index(shape.partition(".")[0]))
        tables = (_table(file, shape, gathered[shape]) for shape in shapes if not shape.endswith(".column"))
        yield Part(FILES[file], tuple(tables))


def wrong_lines(folder: Path) -> list[str]:
    """Return the names that have no line in guide.toml, and the lines whose name the readers do not know."""
    known: dict[str, set[str]] = {}
    for file, readers in _readers(folder).items():
        for shape, found in _gathered(readers).items():
            known.setdefault(_heading(file, shape), set()).update(found.names)
    pairs = {(heading, name) for heading, names in known.items() for name in names}
    written = {(heading, name) for heading, names in LINES.items() for name in names}
    return sorted(f"{heading} {name}" for heading, name in pairs ^ written)


def _readers(folder: Path) -> dict[str, list[Reader]]:
    """Return a reader of every file, after it has read, by the part of the guide that it belongs to."""
    city = CityReader(folder / "city.toml")
    found = city.city()
    places = found.places if found else ()
    life = LifecycleReader(folder / "lifecycle.toml", CHECKS, COMPUTATIONS, OPTIONS, PREFILLS)
    life.city = found
    life.lifecycle()
    paths = sorted((folder / "forms").glob("*.toml"))
    known = (frozenset(CHECKS), frozenset(COMPUTATIONS), frozenset(OPTIONS))
    forms = {path.stem: FormReader(path, *known, places=places) for path in paths}
    for form in forms.values():
        form.read()
    editions = [
        EditionReader(path, forms, None, life=Life(life.states, life.actions))
        for path in sorted((folder / "editions").glob("*.toml"))
    ]
    for edition in editions:
        edition.edition()
    return {"editions": [*editions], "forms": [*forms.values()], "lifecycle": [life], "city": [city]}


def _gathered(readers: Iterable[Reader]) -> dict[str, Gathered]:
    gathered: dict[str, Gathered] = {}
    for reader in readers:
        for place, (names, needs) in _asked(reader).items():
            many = bool(place) and isinstance(place[-1], int)
            found = gathered.setdefault(_shape(place), Gathered(many, {*names}, {*needs}))
            found.alike &= found.names == names
            found.names |= names
            found.needs &= needs
        for place, name, values in reader.offered:
            if _shape(place) in gathered:
                gathered[_shape(place)].values.setdefault(name, []).append(values)
    return gathered


def _asked(reader: Reader) -> dict[Place, tuple[frozenset[str], frozenset[str]]]:
    """Return the names that every table may have and those that it needs, whatever number of times it was asked."""
    asked: dict[Place, tuple[frozenset[str], frozenset[str]]] = {}
    for place, names, needs in reader.asked:
        before = asked.get(place, (frozenset(), frozenset()))
        asked[place] = (before[0] | names, before[1] | needs)
    return asked


def _shape(place: Place) -> str:
    """Return the names of the tables that lead to a place: ``sheet.criterion``, ``parameters.*``."""
    names = [part for part in place if isinstance(part, str)]
    return f"{names[0]}.*" if len(names) > 1 and names[0] in OPEN else ".".join(names)


def _heading(file: str, shape: str) -> str:
    """Return the heading of guide.toml under which the lines of a table stand."""
    heading = SAME.get(shape.rpartition(".")[2], f"{file}:{shape}")
    return TRANSITION if heading == ACT else heading


def _table(file: str, shape: str, found: Gathered) -> Names:
    heading = _heading(file, shape)
    if heading == "field" and (file, shape) != ("forms", "section.field"):
        return Names(f"[[{shape}]]", ())
    known, head = LINES[heading], shape.replace("*", "…")
    lines = []
    for name in (name for name in known if name in found.names):
        said = "；".join([known[name], *_bounds(file, name), *_values(name, found.values.get(name, []))])
        lines.append(Line(name, found.alike and name in found.needs, f"{said}。"))
    return Names((f"[[{head}]]" if found.many else f"[{head}]") if head else "", tuple(lines))


def _bounds(file: str, name: str) -> Iterator[str]:
    if file == "editions" and name in BOUNDS:
        bounds = BOUNDS[name]
        unit = "写成小数，25% 写 0.25" if bounds.unit == "比例" else f"单位：{bounds.unit}"
        yield f"{bounds.least} 到 {bounds.most}{'，整数' if bounds.whole else ''}（{unit}）"


def _values(name: str, offered: list[Collection[str]]) -> Iterator[str]:
    """Yield the values to choose from, where the program fixes them and not what else is in the files."""
    if not offered or not all(isinstance(values, tuple | frozenset) for values in offered):
        return
    values = [value for value in _ordered(offered[0]) if value]
    same = all({*known} == {*offered[0]} for known in offered)
    if same and values and len(values) <= MOST_VALUES and not values[0].startswith("《"):
        yield f"可以写：{'、'.join(_value(name, value) for value in values)}"


def _ordered(values: Collection[str]) -> list[str]:
    return list(values) if isinstance(values, tuple) else sorted(values)


def _value(name: str, value: str) -> str:
    if not value.isascii():
        return value
    words = WORDS.get(name, {})
    return f"`{value}`" + (f"（{words[value]}）" if value in words else "")
