"""Impossible definitions of a single field: what no one could fill in."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.quotation import quoted

CHOOSING = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})
NUMERIC = frozenset({FieldKind.WHOLE, FieldKind.MONEY, FieldKind.PERCENT, FieldKind.NUMBER})
PRINTED_LIMIT = re.compile(
    r"(?:(?:限|不超过|不多于|不得超过|最多|至多|控制在)\s*(?P<most>[0-9]+)\s*个?字)|(?P<within>[0-9]+)\s*个?字(?:以内|之内|以下|内)"
)
LONGEST = {FieldKind.TEXT: 500, FieldKind.LONG: 20_000}  # 字: no more is stored
LARGEST = {FieldKind.MONEY: 10**8, FieldKind.WHOLE: 10**12}  # numbers below it are stored
UNITS = {FieldKind.MONEY: "万元", FieldKind.PERCENT: "%"}  # in which the value is stored
PROFILES = {  # kind of what the profile of an organisation or a person has, where it is not a plain text
    "uscc": "uscc", "postcode": "postcode", "legal_phone": "phone", "staff": "whole", "rd_staff": "whole",
    "revenue": "money", "profit_tax": "money", "rd_spend": "money", "kind": "choice", "region": "choice",
    "person.mobile": "mobile", "person.email": "email",
}  # fmt: skip
PRIVATE = frozenset({FieldKind.PHONE, FieldKind.MOBILE, FieldKind.EMAIL, FieldKind.FILE})
SECRET = ("address", "legal_", "person.")  # profiles that are not published
MOST_ROWS = 200
KEY, ONLY = re.compile("[a-z][a-z0-9_]*"), "只能用小写英文字母、数字和下划线 _，以字母开头。"

Strange = tuple[str, ...]  # name of the value, sentence, and the item of a list; of a limit the text it differs from


def strange_field(field: Field, said: Mapping[str, Any]) -> Iterator[Strange]:
    """Yield every mistake in the definition of a field; ``said`` is its table in the file."""
    if not KEY.fullmatch(field.key):
        yield "key", f'写的是 "{field.key}"，{ONLY}'
    yield from _limits(field)
    yield from _sources(field, said)
    yield from _bounds(field, said)
    yield from _rows(field, said)
    yield from _choices(field)


def printed_limit(text: str) -> tuple[str, int] | None:
    """Return the limit that a text of the official form names, with its words: “限300字”, “500字以内”."""
    found = PRINTED_LIMIT.search(text)
    return (found[0], int(found["most"] or found["within"])) if found else None


def _sources(field: Field, said: Mapping[str, Any]) -> Iterator[Strange]:
    """Yield mistakes about where a value comes from, its unit, and who may see it."""
    if field.profile:
        wanted = PROFILES.get(field.profile, "text")
        if field.kind != wanted and {field.kind, wanted} - {FieldKind.TEXT, FieldKind.PHONE, FieldKind.MOBILE}:
            yield "profile", f"写的是 {field.profile}（{wanted}），但是填写方式是 {field.kind}：填不进去。"
    if "takes" in said and field.kind is not FieldKind.FILE:
        yield "takes", "不能写：只有上传文件（file）的可以限文件的类别。"
    elif not field.takes:
        yield "takes", "是空的：什么文件都不能上传，至少写一类。"
    if field.contract and field.kind is FieldKind.FILE:
        yield "contract", "不能写：合同书印不出上传的文件。"
    if column := next((column for column in field.columns if column.contract), None):
        yield "column", f"的列 {column.key} 不能写 contract：整张表一起印，写在表格上。"
    if field.unit and field.unit != UNITS.get(field.kind, field.unit):
        yield "unit", f"写的是{quoted(field.unit)}，填写方式 {field.kind} 的单位只能是{quoted(UNITS[field.kind])}。"
    if field.public and (field.kind in PRIVATE or field.profile.startswith(SECRET)):
        yield "public", "不能写 true：电话、邮箱、地址和附件不对外公开。"


def _limits(field: Field) -> Iterator[Strange]:
    if field.limit is not None and field.kind not in (FieldKind.TEXT, FieldKind.LONG):
        yield "limit", "不能写：只有填写方式是 text 和 long 的可以限字数。"
    elif field.limit is not None and field.limit < 1:
        yield "limit", f"写的是 {field.limit}，字数限制至少为 1：否则什么都不能填。"
    elif field.limit is not None and field.limit > LONGEST[field.kind]:
        yield "limit", f"写的是 {field.limit}，填写方式 {field.kind} 最多 {LONGEST[field.kind]} 字。"
    for name in ("note", "hint", "label"):
        printed = printed_limit(getattr(field, name))
        if printed and field.limit is None:
            yield name, f"里印着{quoted(printed[0])}，但是没有 limit = {printed[1]} 这一行：超过的字数不会有人提醒。"
        elif printed and field.limit != printed[1]:
            yield "limit", f"写的是 {field.limit}，但是 {name} 里印着{quoted(printed[0])}：两处须一致。", name


def _bounds(field: Field, said: Mapping[str, Any]) -> Iterator[Strange]:
    least, most = field.minimum, field.maximum
    for name, value in (("minimum", least), ("maximum", most)):
        if name in said and field.kind not in NUMERIC:
            yield name, "不能写：只有填写数字的（whole、money、percent、number）可以有上下限。"
        elif value is not None and value < 0 and field.kind in (FieldKind.WHOLE, FieldKind.PERCENT):
            yield name, f"写的是 {value}，填写方式 {field.kind} 没有负数。"
        elif value is not None and value != int(value) and field.kind is FieldKind.WHOLE:
            yield name, f"写的是 {value}，填写方式 whole 只有整数。"
        elif value is not None and abs(value) >= LARGEST.get(field.kind, abs(value) + 1):
            yield name, f"写的是 {value}，填写方式 {field.kind} 的数须小于 {LARGEST[field.kind]}。"
        elif value is not None and value > 100 and field.kind is FieldKind.PERCENT:
            yield name, f"写的是 {value}，百分数最大为 100。"
    if least is not None and most is not None and least > most:
        yield "minimum", f"写的是 {least}，大于 maximum 的 {most}：没有数能满足。"


def _rows(field: Field, said: Mapping[str, Any]) -> Iterator[Strange]:
    if (field.kind is FieldKind.ROWS) != bool(field.columns):
        yield "column", "写错了：填写方式是 rows 的须有列（column），其他的不能有。"
    for name in ("min_rows", "max_rows"):
        if name in said and field.kind is not FieldKind.ROWS:
            yield name, "不能写：只有填写方式是 rows 的可以限行数。"
    if field.min_rows < 0:
        yield "min_rows", f"写的是 {field.min_rows}，行数不能为负。"
    if not 1 <= field.max_rows <= MOST_ROWS:
        yield "max_rows", f"写的是 {field.max_rows}，应在 1 到 {MOST_ROWS} 行之间。"
    elif field.min_rows > field.max_rows:
        name = "min_rows" if "min_rows" in said else "max_rows"
        yield name, f"写的是 {field.min_rows}，大于 max_rows 的 {field.max_rows}：填多少行都不对。"


def _choices(field: Field) -> Iterator[Strange]:
    """Yield a mistake when choices are missing or out of place, and for choices that look the same to readers."""
    if (field.kind in CHOOSING) != (bool(field.choices) != bool(field.options)):
        name = "choices" if field.choices else "options" if field.options else "kind"
        yield name, "与填写方式不合：choice 和 choices 须有 choices 或 options 之一，其他的填写方式都不能有。"
    if len(field.choices) == 1 and field.kind is FieldKind.CHOICE:
        yield "choices", f"里只有{quoted(field.choices[0].label)}：单选至少要有两个选项。"
    first: dict[str, str] = {}
    for key, label in field.choices:
        if key != label and not KEY.fullmatch(key):
            yield "choices", f'里的 "{key}" {ONLY}', key
        plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", label))
        if first.get(plain) == label:
            yield "choices", f"里{quoted(label)}写了两次，请删去一个。", key
        elif plain in first:
            yield "choices", f"里{quoted(label)}与{quoted(first[plain])}只差全角半角或空格，请删去一个。", key
        first.setdefault(plain, label)
