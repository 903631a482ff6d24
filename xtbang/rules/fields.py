"""Forms as data: frozen definitions of every form, its fields, choices, limits and printed cells.

The values of a form are a JSON object keyed by ``Field.key``: a choice by its key, several as a list of keys, money
as a string in 万元 (``"12.5"``), whole numbers as ``int``, dates as ``"2026-11-23"``, a declaration as ``true``, a table
as a list of objects, a file as the SHA-256 of its stored content.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple


class FieldKind(StrEnum):
    """The kind of value that a field takes."""

    TEXT = "text"  # one line
    LONG = "long"  # several lines, counted in 字数
    WHOLE = "whole"  # whole number >= 0
    MONEY = "money"  # 万元, at most six decimals (the sixth is one 分)
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


class Choice(NamedTuple):
    """A choice: what is stored and compared, and what people read."""

    key: str
    label: str


def choices(labels: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return the choices of a mapping from key to label."""
    return tuple(Choice(key, label) for key, label in labels.items())


def named(names: Iterable[str]) -> tuple[Choice, ...]:
    """Return choices that are stored by the name that people read, such as regions (县市区)."""
    return tuple(Choice(str(name), str(name)) for name in names)


CONTRACT_PARTS = {
    "basics": "一、项目基本情况",
    "goals": "二、研究目标与考核指标",
    "route": "三、研究内容与技术路线",
    "schedule": "四、进度安排",
    "budget": "五、经费来源与支出预算",
    "payments": "六、经费拨付",
    "property": "七、知识产权归属与利益分配",
    "duties": "八、各方权利义务",
    "tracking": "九、过程管理与验收",
    "ending": "十、变更、延期与终止",
    "breach": "十一、违约责任与诚信",
    "secrecy": "十二、保密",
    "disputes": "十三、争议解决",
    "closing": "十四、附则",
}
BANK_ACCOUNTS = frozenset({"bank_account", "payee_account", "bidder_account"})  # keys of texts that are 银行账号
ACCEPTANCE = "acceptance"  # how the key of that form begins
FILE_TYPES = {"pdf": "PDF", "jpg": "JPG", "png": "PNG"}


@dataclass(frozen=True)
class Field:
    """A field of a form, or a column of a table."""

    key: str
    label: str
    kind: FieldKind
    required: bool = True
    limit: int | None = None  # 字数 for TEXT and LONG
    choices: tuple[Choice, ...] = ()
    former: tuple[tuple[str, str], ...] = ()  # words that were stored before choices had keys, each with its key
    options: str = ""  # name of the function that returns the choices of a project ("submitted_bids")
    unit: str = ""  # 万元, 人, %
    note: str = ""  # the note in brackets of the official form
    hint: str = ""  # help on the page, never printed
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    computed: str = ""  # name of a computation in rules.crosschecks; the field is never typed
    profile: str = ""  # attribute of the organisation that fills the field
    prefill: str = ""  # name of the function that returns the initial value ("today")
    public: bool = False  # visible to anyone once the entry is published
    printed: bool = True
    columns: tuple["Field", ...] = ()  # of a ROWS field
    min_rows: int = 0
    max_rows: int = 30
    dropped_without: str = ""  # of a ROWS field: a row that lacks this column is dropped
    takes: tuple[str, ...] = tuple(FILE_TYPES)  # of a FILE field: the types of file that are taken
    contract: str = ""  # the part of the contract (合同书) at whose end it is printed, by its key in CONTRACT_PARTS

    @property
    def takes_in_words(self) -> str:
        """Return the types of file that are taken: “PDF、JPG 或 PNG”."""
        *others, last = (FILE_TYPES[name] for name in self.takes)
        return f"{'、'.join(others)} 或 {last}" if others else last

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the choices."""
        return tuple(choice.key for choice in self.choices)

    def key_of(self, said: str) -> str:
        """Return the key of a choice that is given by its key, by a word stored for it formerly, or by its label.

        Return anything else unchanged.
        """
        if said in self.keys:
            return said
        labels = {choice.label: choice.key for choice in self.choices}
        return (labels | dict(self.former)).get(said, said)

    def label_of(self, said: str) -> str:
        """Return the label of a choice that is given as for `key_of`; anything else unchanged."""
        key = self.key_of(said)
        return next((choice.label for choice in self.choices if choice.key == key), said)

    def labels_of(self, several: Iterable[Any]) -> list[str]:
        """Return the label of each choice, as `label_of`."""
        return [self.label_of(str(said)) for said in several]


@dataclass(frozen=True)
class Cell:
    """A printed cell: fixed text, the value of a field, or both."""

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
    table: bool = False  # on the page its amounts are the rows of a table with their sum


def _reaches(field: Field) -> bool:
    return field.kind in (FieldKind.PHONE, FieldKind.MOBILE, FieldKind.EMAIL)


def _without_contacts(field: Field) -> Field:
    return replace(field, columns=tuple(column for column in field.columns if not _reaches(column)))


@dataclass(frozen=True)
class FormDefinition:
    """A form of an edition, as in ``workflows/forms/<key>.toml``."""

    key: str  # the file's stem: tech_demand_2021
    title: str  # as printed: …“揭榜挂帅”项目表
    subtitle: str = ""  # （技术需求类）
    attachment: str = ""  # 附件1
    sections: tuple[Section, ...] = ()
    checks: tuple[str, ...] = ()  # names of checks in rules.crosschecks
    widths: tuple[Decimal, ...] = ()  # widths of the printed columns, in percent
    layout: tuple[tuple[Cell, ...], ...] = ()  # the printed table, row by row

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return every field, in order."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def without_contacts(self) -> "FormDefinition":
        """Return the form without telephones and e-mail addresses, also those in tables."""
        kept = tuple(
            replace(section, fields=tuple(_without_contacts(field) for field in section.fields if not _reaches(field)))
            for section in self.sections
        )
        return replace(self, sections=kept)

    @property
    def for_experts(self) -> "FormDefinition":
        """Return the form as experts read it: without telephones and addresses, and the files in which they may be written."""
        files = {field.key for field in self.fields if field.kind is FieldKind.FILE} - self.examined
        return self.without_contacts.without(files)

    @property
    def examined(self) -> frozenset[str]:
        """Return the fields whose files are what a panel examines: those of the request for acceptance, the accounts."""
        files = frozenset(field.key for field in self.fields if field.kind is FieldKind.FILE)
        return files if self.key.partition("_")[0] == ACCEPTANCE else frozenset()

    def without(self, keys: Collection[str]) -> "FormDefinition":
        """Return the form without the fields of these keys."""
        kept = tuple(
            replace(section, fields=tuple(field for field in section.fields if field.key not in keys))
            for section in self.sections
        )
        return replace(self, sections=kept)

    def field(self, key: str) -> Field:
        """Return the field of that key. Raise KeyError when there is none."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)


def one_section(key: str, title: str, fields: tuple[Field, ...], heading: str = "") -> FormDefinition:
    """Return a form of one section, as the pages of a single action have it; without a heading it needs none."""
    return FormDefinition(key, title, sections=(Section(heading, fields),))
