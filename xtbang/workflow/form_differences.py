"""Say in Chinese sentences what differs between two forms, field by field."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from xtbang.rules.fields import FILE_TYPES, Field, FormDefinition, Section
from xtbang.rules.money import plain
from xtbang.workflow.labels import ATTRIBUTES, CHECKS, CHOICES, FIELD_KINDS
from xtbang.workflow.wording import changed, list_difference, named


def form_differences(old: FormDefinition, new: FormDefinition) -> Iterator[str]:
    """Yield one sentence for each difference, in the order of the new form."""
    if old == new:
        return
    for name, label in (("title", "表名"), ("subtitle", "副标题"), ("attachment", "附件号")):
        yield from changed(label, getattr(old, name), getattr(new, name))
    known, asked = ([CHECKS.get(name, name) for name in form.checks] for form in (old, new))
    yield from list_difference("程序核对的内容", known, asked)
    yield from _sections(old.sections, new.sections)
    yield from _fields(old.fields, new.fields, "填写项")
    places = [
        {field.key: section.title for section in form.sections for field in section.fields} for form in (old, new)
    ]
    renamed = [section.title for section in old.sections] != [section.title for section in new.sections]
    for field in new.fields:
        before, after = (place.get(field.key, "") for place in places)
        if before and before != after and not renamed:
            yield f"{named(field.label)}由{named(before)}移到{named(after)}。"
    if (old.widths, old.layout) != (new.widths, new.layout):
        yield "印刷的表格有变化。"


def _sections(old: Sequence[Section], new: Sequence[Section]) -> Iterator[str]:
    yield from list_difference("各部分的标题", [section.title for section in old], [section.title for section in new])
    notes = {section.title: section.note for section in old}
    for section in new:
        yield from changed(f"{named(section.title)}的说明", notes.get(section.title, ""), section.note)


def _fields(old: Sequence[Field], new: Sequence[Field], what: str, table: str = "") -> Iterator[str]:
    before, after = {field.key: field for field in old}, {field.key: field for field in new}
    for key, field in after.items():
        if key in before:
            yield from _field(before[key], field, f"{table}的" * bool(table))
        else:
            yield f"{table}新增{what}{named(field.label)}（{_asked(field)}）。"
    yield from (f"{table}取消{what}{named(field.label)}。" for key, field in before.items() if key not in after)
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield f"{table}{what}的次序有变化。"


def _asked(field: Field) -> str:
    """Return “多行文字，选填，字数上限 300”."""
    parts = [FIELD_KINDS[field.kind], "必填" if field.required else "选填"]
    if field.limit is not None:
        parts.append(f"字数上限 {field.limit}")
    labels = "、".join(choice.label for choice in field.choices)
    return "，".join([*parts, *[f"选项：{labels}"] * bool(labels)])


def _field(old: Field, new: Field, inside: str) -> Iterator[str]:
    name = f"{inside}{named(new.label)}"
    if old.label != new.label:
        yield f"{inside}{named(old.label)}改称{named(new.label)}。"
    if old.kind != new.kind:
        yield f"{name}由{FIELD_KINDS[old.kind]}改为{FIELD_KINDS[new.kind]}。"
    yield from _choices(old, new, name)
    for attribute, label in ATTRIBUTES.items():
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before == after:
            continue
        if isinstance(label, tuple):
            yield f"{name}{label[0] if after else label[1]}。"
        elif isinstance(before, tuple):
            yield from list_difference(f"{name}的{label}", *map(_types, (before, after)))
        elif isinstance(before, str):
            said = CHOICES.get(attribute, {})
            yield from changed(f"{name}的{label}", said.get(before, before), said.get(after, after))
        else:
            yield f"{name}的{label}由{_number(before)}改为{_number(after).rstrip()}。"
    yield from _fields(old.columns, new.columns, "列", name)


def _choices(old: Field, new: Field, name: str) -> Iterator[str]:
    before, after = dict(old.choices), dict(new.choices)
    for key, label in after.items():
        if before.get(key, label) != label:
            yield f"{name}的选项{named(before[key])}改称{named(label)}。"
    kept = [after.get(key, label) for key, label in before.items()]
    yield from list_difference(f"{name}的选项", kept, list(after.values()))
    if kept == list(after.values()) and old.keys != new.keys:
        yield f"{name}的选项代号有变化。"


def _types(taken: Sequence[str]) -> list[str]:
    return [FILE_TYPES.get(name, name) for name in taken]


def _number(value: int | Decimal | None) -> str:
    return "“不限”" if value is None else f" {plain(Decimal(value))} "
