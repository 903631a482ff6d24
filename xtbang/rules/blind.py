"""Blind review (盲审): forms and texts without what says who the parties are."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from xtbang.rules.actor import Actor
from xtbang.rules.fields import Field, FieldKind, FormDefinition

HIDDEN = "（隐去）"
NEVER = frozenset(
    {FieldKind.USCC, FieldKind.PHONE, FieldKind.MOBILE, FieldKind.EMAIL, FieldKind.POSTCODE, FieldKind.FILE}
)
WORDS = ("姓名", "单位名称", "单位地址", "联系人", "法定代表人", "收款单位", "开户行", "账号", "合同编号", "登记号")
EMPLOYER = "organisation"  # the key of a column
REACHED_BY = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<!\d)1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)|(?<!\d)[（(]?0\d{2,3}[）)]?[-— ]?\d{7,8}(?!\d)",
    re.ASCII,
)
FORMS_OF_FIRMS = ("有限责任公司", "股份有限公司", "集团有限公司", "有限公司", "集团")
SHORTEST = 3  # characters of a name that is left when the form of the firm is taken away
ENDINGS = (".pdf", ".jpg", ".jpeg", ".png")  # of the files that are taken
LEAST = 2  # characters of a name that is looked for


def _named_by(field: Field) -> bool:
    """Return whether the value of the field names an organisation or a person, or leads to one."""
    if field.kind in NEVER:
        return True
    if field.kind is not FieldKind.TEXT:
        return False
    return bool(field.profile) or field.key == EMPLOYER or any(word in field.label for word in WORDS)


def anonymous(form: FormDefinition) -> FormDefinition:
    """Return the form without files and without the fields that name organisations and people, also those in tables."""
    kept = (
        replace(section, fields=tuple(_anonymous(field) for field in section.fields if not _named_by(field)))
        for section in form.sections
    )
    return replace(form, sections=tuple(section for section in kept if section.fields))


def _anonymous(field: Field) -> Field:
    return replace(field, columns=tuple(column for column in field.columns if not _named_by(column)))


def names_in(form: FormDefinition, data: Mapping[str, Any]) -> set[str]:
    """Return what the values of these fields are: names, codes, addresses, telephones."""
    found = {str(data.get(field.key) or "") for field in form.fields if _searched(field)}
    for field in form.fields:
        columns = [column for column in field.columns if _searched(column)]
        rows = data.get(field.key) if columns else None
        found |= {str(row.get(column.key) or "") for row in rows or () for column in columns}
    return found - {""}


def _searched(field: Field) -> bool:
    return field.kind is not FieldKind.FILE and not field.profile.endswith(".title") and _named_by(field)


def without_names(value: Any, names: Collection[str] = ()) -> Any:
    """Return a text, or a list or mapping of texts, in which these names, telephones and e-mail addresses are hidden."""
    if isinstance(value, str):
        return REACHED_BY.sub(HIDDEN, hide_names(value, names))
    if isinstance(value, list):
        return [without_names(item, names) for item in value]
    if isinstance(value, Mapping):
        return {key: without_names(item, names) for key, item in value.items()}
    return value


def name_without_reach(name: str) -> str:
    """Return the name of a file in which telephones and e-mail addresses are hidden, with its ending."""
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), "")
    return str(without_names(name[: len(name) - len(ending)])) + name[len(name) - len(ending) :]


def file_name_for(reader: Actor, name: str) -> str:
    """Return the name of a file as the reader may read it."""
    return name_without_reach(name) if "expert" in reader.roles else name


def hide_names(text: str, names: Collection[str]) -> str:
    """Return the text in which these names are hidden; telephones and addresses that are not among them stay."""
    for name in sorted({*names, *map(_short, names)}, key=len, reverse=True):
        if len(name) >= LEAST:
            text = text.replace(name, HIDDEN)
    return text


def _short(name: str) -> str:
    """Return the name of a firm without its legal form; "" when too little is left."""
    stem = next((name.removesuffix(form) for form in FORMS_OF_FIRMS if name.endswith(form)), "")
    return stem if len(stem) >= SHORTEST else ""
