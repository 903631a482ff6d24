"""A single value of a form: how a typed value is normalised, and what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xtbang.rules import document_number, uscc, wordcount
from xtbang.rules.fields import BANK_ACCOUNTS, Field, FieldKind
from xtbang.rules.money import plain
from xtbang.rules.quotation import quoted
from xtbang.rules.spellings import codes, dates, numbers
from xtbang.rules.texts import character_faults, normalise_text

Fault = tuple[str, str]  # id of the rule, Chinese sentence

_MONEY = re.compile(r"-?[0-9]{1,8}(?:\.[0-9]{1,6})?")
_HUGE = re.compile(r"[0-9]{9,}(?:\.[0-9]+)?")  # 万元: amounts too large for _MONEY
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,2})?")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_WHOLE = re.compile(r"[0-9]{1,12}")
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(_DATE.pattern + r"T[0-9]{2}:[0-9]{2}")
_LANDLINE = r"(?:\+?86[- ]?)?(?:0[0-9]{2,3}[- ]?)?[2-9][0-9]{6,7}(?:-[0-9]{1,6})?"
_PHONE = re.compile(rf"{_LANDLINE}|(?:\+?86[- ]?)?1[3-9][0-9]{{9}}|[48]00-?[0-9]{{3}}-?[0-9]{{4}}(?:-[0-9]{{1,6}})?")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_POSTCODE = re.compile(r"[0-9]{6}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9_!#$%&'*+/=?^`{|}~-]+"
_EMAIL = re.compile(rf"(?=.{{3,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")

_TEXTS = frozenset({
    FieldKind.TEXT, FieldKind.LONG, FieldKind.USCC, FieldKind.DOCUMENT_NUMBER, FieldKind.PHONE, FieldKind.MOBILE,
    FieldKind.EMAIL, FieldKind.POSTCODE,
})  # fmt: skip
_YES, _NO = ("on", "true", "1", "yes", "是"), ("off", "false", "0", "no", "否")
_CHARACTERS_PER_WORD = 20  # upper bound per 字: a run of letters counts as one 字 whatever its length
_LINE, _LINES = 500, 20_000  # most characters of a one-line and of a long text without a limit of its own
_LARGEST_WHOLE = 10**12


def is_blank(value: Any) -> bool:
    """Return whether nothing was given: an empty text or list, None, or a box that is not ticked; 0 is a value."""
    return value is None or value is False or value == "" or value == [] or value == {}


def clean_value(field: Field, raw: Any) -> Any:
    """Return the value to be stored (see `xtbang.rules.fields`), or the typed text when it cannot be read.

    Blank is ``""``, for choices and rows ``[]``, for boxes ``False``. Rows are cleaned by `xtbang.rules.forms`.
    """
    if field.kind in (FieldKind.YES, FieldKind.FLAG):
        return _clean_box(raw)
    if field.kind is FieldKind.CHOICES:
        return _clean_choices(field, raw)
    if raw is None or raw == []:
        return ""
    if isinstance(raw, str):
        text = normalise_text(raw, lines=field.kind is FieldKind.LONG)
        if field.kind is FieldKind.CHOICE:
            return field.key_of(text)
        return _TYPED[field.kind](field, text) if field.kind in _TYPED else text
    if field.kind is FieldKind.MONEY and isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw) if abs(raw) < _LARGEST_WHOLE else raw
    return raw


def size(value: Any) -> int:
    """Return the number of characters of a value, including everything in a list, in a table and in its rows."""
    if isinstance(value, Mapping):
        return sum(map(size, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(size, value))
    return 0 if is_blank(value) else len(str(value))


def too_long(field: Field, name: str, value: Any) -> Iterator[Fault]:
    """Yield a fault when a value has more characters than are stored for its field; not for tables."""
    most = _LINES if field.kind in (FieldKind.LONG, FieldKind.CHOICES) else _LINE
    if field.limit is not None:
        most = max(most, field.limit * _CHARACTERS_PER_WORD)
    if (length := size(value)) > most:
        yield "F.limit", f"{name}共 {length} 个字符，最多 {most} 个。"


def readable_value(field: Field, value: Any) -> Any:
    """Return the value, or blank (as in `clean_value`) when it cannot be read.

    A text or a choice can always be read; any other value only when it has none of the `faults`, be it in a spelling in
    which an older version stored it as typed.
    """
    if field.kind is FieldKind.CHOICES:
        known = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return [field.key_of(item) for item in value] if known else []
    if field.kind is FieldKind.CHOICE:
        return field.key_of(value) if isinstance(value, str) else ""
    known = isinstance(value, str) if field.kind in _TEXTS else not any(faults(field, "", value))
    if not known and isinstance(value, str) and field.kind in _TYPED and not any(too_long(field, "", value)):
        value = clean_value(field, value)
        known = not any(faults(field, "", value))
    if known and not is_blank(value):
        return value
    return False if field.kind in (FieldKind.YES, FieldKind.FLAG) else ""


def faults(field: Field, name: str, value: Any) -> Iterator[Fault]:
    """Yield what is wrong with a value that is not blank, one sentence each; `name` is the field in the sentence."""
    if over := list(too_long(field, name, value)):
        yield from over  # and nothing else: an oversized value is not analysed
    elif field.kind in (FieldKind.YES, FieldKind.FLAG):
        if value is not True:
            yield "F.format", f"{name}只能勾选或不勾选。"
    elif field.kind is FieldKind.CHOICES:
        yield from _choices_faults(field, name, value)
    elif field.kind is FieldKind.WHOLE:
        if isinstance(value, bool) or not isinstance(value, int) or value >= _LARGEST_WHOLE:
            yield "F.format", name + (_doubt(field.kind, value) or "须为整数，例如 120。")
        else:
            yield from _range_faults(field, name, Decimal(value))
    elif not isinstance(value, str):
        yield "F.format", f"{name}的格式不正确，请重新填写。"
    else:
        yield from _text_faults(field, name, value)


def _clean_box(raw: Any) -> Any:
    text = raw.strip().lower() if isinstance(raw, str) else raw
    if is_blank(text) or text in _NO:
        return False
    return True if text is True or text in _YES else raw


def _clean_choices(field: Field, raw: Any) -> Any:
    if is_blank(raw):
        return []
    items = list(raw) if isinstance(raw, list | tuple) else [raw]
    if not all(isinstance(item, str) for item in items):
        return raw
    chosen = dict.fromkeys(field.key_of(text) for item in items if (text := normalise_text(item)))
    order = {key: place for place, key in enumerate(field.keys)}
    return sorted(chosen, key=lambda key: order.get(key, len(order)))


def _figure(pattern: re.Pattern[str], read: Callable[[str, str], str]) -> Callable[[Field, str], str]:
    """Return a reader of numbers that keeps as typed what the pattern refuses."""

    def reader(field: Field, text: str) -> str:
        found = read(text, field.unit)
        return found if pattern.fullmatch(found) else text

    return reader


def _shortest(pattern: re.Pattern[str], read: Callable[[str, str], str]) -> Callable[[Field, str], str]:
    figure = _figure(pattern, read)

    def reader(field: Field, text: str) -> str:
        found = figure(field, text)
        return plain(Decimal(found)) if pattern.fullmatch(found) else found

    return reader


def _counted(field: Field, text: str) -> int | str:
    read = numbers.whole(text, field.unit)
    return int(read) if _WHOLE.fullmatch(read) else text


_TYPED: dict[FieldKind, Callable[[Field, str], Any]] = {
    FieldKind.TEXT: lambda field, text: (
        codes.account(text) if field.key in BANK_ACCOUNTS else document_number.compact(text)  # others as they are
    ),
    FieldKind.WHOLE: _counted,
    FieldKind.MONEY: _shortest(_MONEY, lambda text, _: numbers.amount(text)),
    FieldKind.PERCENT: _shortest(_PERCENT, lambda text, _: numbers.number(text, "%")),
    FieldKind.NUMBER: _figure(_NUMBER, numbers.number),
    FieldKind.DATE: lambda _, text: dates.day(text),
    FieldKind.DATETIME: lambda _, text: dates.moment(text),
    FieldKind.USCC: lambda _, text: uscc.compact(typed) if (typed := codes.code(text)).isascii() else text,
    FieldKind.DOCUMENT_NUMBER: lambda _, text: document_number.compact(text),
    FieldKind.PHONE: lambda _, text: codes.telephone(text),
    FieldKind.MOBILE: lambda _, text: codes.mobile(text),
    FieldKind.EMAIL: lambda _, text: codes.email(text),
    FieldKind.POSTCODE: lambda _, text: codes.code(text),
    FieldKind.FILE: lambda _, text: text.lower() if text.isascii() else text,
}


def _choices_faults(field: Field, name: str, value: Any) -> Iterator[Fault]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        yield "F.format", f"{name}的格式不正确，请重新选择。"
        return
    if len(set(value)) < len(value):
        yield "F.choice", f"{name}有重复的选项。"
    for item in value:
        yield from _choice_faults(field, name, item)


def _choice_faults(field: Field, name: str, value: str) -> Iterator[Fault]:
    if field.choices and field.key_of(value) not in field.keys:
        labels = "、".join(choice.label for choice in field.choices)
        yield "F.choice", f"{name}没有{quoted(value[:50])}这一选项，可选：{labels}。"
    elif not field.choices:
        yield from _character_faults(field, name, value)


def _text_faults(field: Field, name: str, value: str) -> Iterator[Fault]:
    kind = field.kind
    if kind in (FieldKind.TEXT, FieldKind.LONG):
        yield from _character_faults(field, name, value)
        if field.key in BANK_ACCOUNTS and (doubt := codes.doubt_of_account(value)):
            yield "F.format", name + doubt
        most = len(value) if field.limit is None else field.limit  # there are no more words than characters
        if len(value) > most and (words := wordcount.count(value)) > most:
            yield "F.limit", f"{name}共 {words} 字，限 {most} 字，请删减 {words - most} 字。"
    elif kind is FieldKind.CHOICE:
        yield from _choice_faults(field, name, value)
    elif kind in _CODES:
        fault = _CODES[kind](value, name)
        yield from [("F.format", fault)] if fault else _character_faults(field, name, value)
    elif kind in _NUMERIC:
        pattern, sentence = _NUMERIC[kind]
        if pattern.fullmatch(value):
            yield from _range_faults(field, name, Decimal(value))
        elif kind is FieldKind.MONEY and _HUGE.fullmatch(numbers.amount(value)):
            yield "F.range", f"{name}过大，须小于 1 亿万元；请核对是否以万元为单位。"
        else:
            yield "F.format", name + (_doubt(kind, value) or sentence)
    elif not _FORMATS[kind][0](value):
        yield "F.format", name + (_doubt(kind, value) or _FORMATS[kind][1])


def _character_faults(field: Field, name: str, value: str) -> Iterator[Fault]:
    yield from character_faults(name, value)
    if field.kind is not FieldKind.LONG and "\n" in value:
        yield "F.control", f"{name}只能填写一行。"


def _doubt(kind: FieldKind, value: Any) -> str:
    """Return why a typed value was not understood; "" when there is nothing particular to say."""
    return _DOUBTS[kind](value) if kind in _DOUBTS and isinstance(value, str) else ""


def _range_faults(field: Field, name: str, value: Decimal) -> Iterator[Fault]:
    least, most = field.minimum, field.maximum
    if field.kind is FieldKind.PERCENT:
        most = Decimal(100) if most is None else most
    if field.kind is not FieldKind.NUMBER and least is None:
        least = Decimal(0)
    unit = "万元" if field.kind is FieldKind.MONEY else field.unit
    unit = unit if unit in ("", "%") else f" {unit}"
    if least is not None and value < least:
        yield "F.range", f"{name}为 {plain(value)}{unit}，不得小于 {plain(least)}{unit}。"
    if most is not None and value > most:
        yield "F.range", f"{name}为 {plain(value)}{unit}，不得大于 {plain(most)}{unit}。"


def _is_date(value: str) -> bool:
    return bool(_DATE.fullmatch(value)) and _parses(date.fromisoformat, value)


def _is_datetime(value: str) -> bool:
    return bool(_DATETIME.fullmatch(value)) and _parses(datetime.fromisoformat, value)


def _parses(parser: Callable[[str], object], value: str) -> bool:
    try:
        parser(value)
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: bool(pattern.fullmatch(value))


_CODES = {FieldKind.USCC: uscc.sentence, FieldKind.DOCUMENT_NUMBER: document_number.sentence}
_NUMERIC = {
    FieldKind.MONEY: (_MONEY, "须为以万元为单位的数，最多六位小数，例如 12.5。"),
    FieldKind.PERCENT: (_PERCENT, "须为百分数，最多两位小数，例如 12.5。"),
    FieldKind.NUMBER: (_NUMBER, "须为数字，例如 0.05。"),
}
_DOUBTS: dict[FieldKind, Callable[[str], str]] = {
    FieldKind.WHOLE: numbers.doubt_of_number,
    FieldKind.MONEY: numbers.doubt_of_amount,
    FieldKind.PERCENT: numbers.doubt_of_number,
    FieldKind.NUMBER: numbers.doubt_of_number,
    FieldKind.DATE: dates.doubt_of_day,
    FieldKind.DATETIME: dates.doubt_of_moment,
    FieldKind.PHONE: codes.doubt_of_telephone,
    FieldKind.MOBILE: codes.doubt_of_telephone,
    FieldKind.EMAIL: codes.doubt_of_email,
}
_FORMATS: dict[FieldKind, tuple[Callable[[str], bool], str]] = {
    FieldKind.DATE: (_is_date, "须为日期，例如 2026-11-23。"),
    FieldKind.DATETIME: (_is_datetime, "须为日期和时间，例如 2026-11-23 23:59。"),
    FieldKind.PHONE: (_matches(_PHONE), "须为电话号码，例如 0731-58570302 或 13800000000。"),
    FieldKind.MOBILE: (_matches(_MOBILE), "须为 11 位手机号码，例如 13800000000。"),
    FieldKind.EMAIL: (_matches(_EMAIL), "须为电子邮箱地址，例如 name@example.com。"),
    FieldKind.POSTCODE: (_matches(_POSTCODE), "须为 6 位邮政编码，例如 411100。"),
    FieldKind.FILE: (_matches(_DIGEST), "不是已上传的文件，请重新上传。"),
}
