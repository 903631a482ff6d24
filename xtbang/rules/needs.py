"""Declare what code needs of the forms in ``workflows/``, next to the functions that use them: checked when files are read.

``@reads("amount:money paid_on:date")`` on a guard or an effect is about the form of every action that it serves; further
arguments name documents or kinds of entry instead: ``@reads("price:money", "bid")``. A field is written ``key:kind``. In
brackets stand the columns of a table, or the choices that the code tells apart: exactly these, with ``…`` at the end at
least these. A form may have more fields and more columns.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from xtbang.rules.fields import Field, FieldKind

Function = TypeVar("Function", bound=Callable[..., Any])

ENTRIES = ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
DECLARED = re.compile(r"(\w+):(\w+)(?:\(([^)]*)\))?(?= |$)")
MORE = "…"
TEXTS = frozenset(
    {FieldKind.TEXT, FieldKind.LONG, FieldKind.PHONE, FieldKind.MOBILE, FieldKind.EMAIL, FieldKind.DOCUMENT_NUMBER}
)

_of_functions: dict[Callable[..., Any], list[str]] = {}
_of_forms: dict[str, list[str]] = {}


@dataclass(frozen=True)
class Need:
    """Describe what code needs of one field."""

    kind: str
    columns: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()  # that the code tells apart
    closed: bool = False  # whether the code can do nothing with any other choice

    def and_(self, other: "Need") -> "Need":
        """Return what two readers of the field need together. Raise ValueError when they take it for another kind."""
        if self.kind != other.kind and not {self.kind, other.kind} <= TEXTS:
            raise ValueError(f"read as {self.kind} and as {other.kind}")
        return Need(self.kind, self.columns | other.columns, self.choices | other.choices, self.closed or other.closed)


Needs = Mapping[str, Need]  # by the key of the field


def reads(fields: str, *forms: str) -> Callable[[Function], Function]:
    """Declare what the decorated function reads: of the action's form, or of the named documents and kinds of entry."""

    def declare(function: Function) -> Function:
        for form in forms:
            _of_forms.setdefault(form, []).append(fields)
        if not forms:
            _of_functions.setdefault(function, []).append(fields)
        return function

    return declare


def keys_of(declared: str) -> frozenset[str]:
    """Return the keys of the declared fields."""
    return frozenset(key for key, _kind, _brackets in DECLARED.findall(declared))


def needs_of_functions(*functions: Callable[..., Any]) -> Needs:
    """Return what guards and effects read of the form of their action."""
    return _together(text for function in functions for text in _of_functions.get(function, ()))


def needs_of_form(kind: str) -> Needs:
    """Return what is read of that kind of document or entry."""
    return _together(_of_forms.get(kind, ()))


def lacking(needs: Needs, fields: tuple[Field, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield each field that is not as the program needs it: its key, the name of the wrong value, a sentence."""
    known = {field.key: field for field in fields}
    for key, need in needs.items():
        field = known.get(key)
        if field is None:
            yield key, "", f"：缺填写项 {key}（{need.kind}）。程序要用它，不能删去或改名。"
        elif field.kind != need.kind and not {field.kind, need.kind} <= TEXTS:
            yield key, "kind", f"写的是 {field.kind}，程序要用的是 {need.kind}。"
        elif missing := need.columns - {column.key for column in field.columns}:
            yield key, "column", f"缺列 {'、'.join(sorted(missing))}：程序要用它，不能删去或改名。"
        elif not field.options:
            yield from _choices(need, field)


def _choices(need: Need, field: Field) -> Iterator[tuple[str, str, str]]:
    if missing := need.choices - {*field.keys}:
        yield (
            field.key,
            "choices",
            f"缺选项 {'、'.join(sorted(missing))}：程序要用它，代号不能删去或改名（文字可以改写）。",
        )
    strange = [key for key in field.keys if key not in need.choices]
    if need.closed and strange and not missing:
        known = "、".join(sorted(need.choices))
        yield field.key, "choices", f"多了选项 {'、'.join(strange)}：程序不认识，只能是 {known}。"


def _together(declared: Iterator[str] | list[str] | tuple[str, ...]) -> Needs:
    found: dict[str, Need] = {}
    for text in declared:
        for key, kind, brackets in DECLARED.findall(text):
            need = _need(kind, brackets.split())
            found[key] = found[key].and_(need) if key in found else need
    return found


def _need(kind: str, parts: list[str]) -> Need:
    if kind == FieldKind.ROWS:
        return Need(kind, columns=frozenset(parts))
    return Need(kind, choices=frozenset(parts) - {MORE}, closed=bool(parts) and MORE not in parts)
