"""Forms as data: frozen definitions of every form, its fields, choices, limits and printed cells.

A value of a form is a plain JSON object keyed by ``Field.key``: a choice by its Chinese label, several as a
list, money as a string in 万元 (``"12.5"``), whole numbers as ``int``, dates as ``"2026-11-23"``, a declaration as
``true``, a table as a list of objects, a file as the SHA-256 of its stored content.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class FieldKind(StrEnum):
    """What may be typed into a field."""

    TEXT = "text"  # one line
    LONG = "long"  # several lines, counted in 字数
    WHOLE = "whole"  # whole number >= 0
    MONEY = "money"  # 万元, at most six decimals, so that it is whole 分
    PERCENT = "percent"  # 0–100, at most two decimals
    NUMBER = "number"  # any decimal number
    DATE = "date"
    DATETIME = "datetime"  # Asia/Shanghai, "2026-11-23T23:59"
    CHOICE = "choice"  # one of `choices`
    CHOICES = "choices"  # one or more of `choices`
    YES = "yes"  # a declaration that must be ticked
    FLAG = "flag"  # a box that may be ticked
    USCC = "uscc"  # 统一社会信用代码, GB 32100
    DOCUMENT_NUMBER = "document_number"  # 发文字号, GB/T 9704-2012
    PHONE = "phone"
    MOBILE = "mobile"
    EMAIL = "email"
    POSTCODE = "postcode"
    FILE = "file"  # the SHA-256 of an upload
    ROWS = "rows"  # a table: a list of objects with the keys of `columns`


@dataclass(frozen=True)
class Field:
    """One thing that a form asks for."""

    key: str
    label: str
    kind: FieldKind
    required: bool = True
    limit: int | None = None  # 字数 for TEXT and LONG
    choices: tuple[str, ...] = ()
    options: str = ""  # choices that only the program knows, by name of a provider ("submitted_bids")
    unit: str = ""  # 万元, 人, %
    note: str = ""  # the note in brackets of the official form
    hint: str = ""  # help on the page, never printed
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    computed: str = ""  # name of a computation in rules.forms: never typed
    profile: str = ""  # attribute of the organisation that fills it
    prefill: str = ""  # what stands there when the page opens, by name of a provider ("today")
    public: bool = False  # shown to anyone once the entry is published
    printed: bool = True
    columns: tuple["Field", ...] = ()  # of a ROWS field
    min_rows: int = 0
    max_rows: int = 30
    dropped_without: str = ""  # of a ROWS field: a row that lacks this column is dropped


@dataclass(frozen=True)
class Cell:
    """One printed cell: fixed text, or the value of a field, or both."""

    text: str = ""
    field: str = ""
    cols: int = 1
    rows: int = 1
    style: str = ""  # "label", "value", "section", "long"


@dataclass(frozen=True)
class Section:
    """A part of a form, with its heading."""

    title: str
    fields: tuple[Field, ...]
    note: str = ""


@dataclass(frozen=True)
class FormDefinition:
    """One form of one edition, as in ``workflows/forms/<key>.toml``."""

    key: str  # the file's stem: tech_demand_2021
    title: str  # 湘潭市科技创新计划“揭榜挂帅”项目表
    subtitle: str = ""  # （技术需求类）
    attachment: str = ""  # 附件1
    sections: tuple[Section, ...] = ()
    checks: tuple[str, ...] = ()  # names of cross checks in rules.forms
    widths: tuple[Decimal, ...] = ()  # widths of the printed columns, in percent
    layout: tuple[tuple[Cell, ...], ...] = ()  # the printed table, row by row

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field, in order."""
        return tuple(field for section in self.sections for field in section.fields)

    def field(self, key: str) -> Field:
        """The field of that key; KeyError when there is none."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)
