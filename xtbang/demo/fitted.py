"""Values that a form of any edition accepts: the demo's own texts where they fit, something plausible where they do not."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.forms import check, clean
from xtbang.rules.uscc import make

ROUNDS = 3  # a value may only fit once others do
TEXT = "按照通知要求填写，供核对版式。"
PLAUSIBLE: Mapping[FieldKind, Any] = {
    FieldKind.YES: "true",
    FieldKind.FLAG: "true",
    FieldKind.USCC: make("91430300MA4T00001"),
    FieldKind.DOCUMENT_NUMBER: "潭科发〔2026〕1号",
    FieldKind.PHONE: "0731-58570302",
    FieldKind.MOBILE: "13800000000",
    FieldKind.EMAIL: "demo@example.com",
    FieldKind.POSTCODE: "411100",
}
NUMBERS = (FieldKind.WHOLE, FieldKind.MONEY, FieldKind.PERCENT, FieldKind.NUMBER)


def fitted(form: FormDefinition, values: Mapping[str, Any], today: date, upload: Callable[[], str]) -> dict[str, Any]:
    """Return values for every field of a form; ``upload`` stores a file and returns its digest.

    Fields that the form does not have are left out, and a value that it does not accept is replaced.
    """
    found = {field.key: values.get(field.key, "") for field in form.fields if not field.computed}
    for _ in range(ROUNDS):
        wrong = {reason.field.partition(".")[0] for reason in check(form, clean(form, found), complete=True)}
        wrong &= found.keys()
        if not wrong:
            break
        found |= {field.key: plausible(field, today, upload) for field in form.fields if field.key in wrong}
    return found


def plausible(field: Field, today: date, upload: Callable[[], str]) -> Any:
    """Return a value that the field accepts on its own."""
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        first = field.keys[:1]
        return list(first) if field.kind is FieldKind.CHOICES else "".join(first)
    if field.kind in NUMBERS:
        return str(max(field.minimum or Decimal(0), min(field.maximum or Decimal(1), Decimal(1))))
    if field.kind in (FieldKind.TEXT, FieldKind.LONG):
        return TEXT[: field.limit or len(TEXT)]
    if field.kind is FieldKind.DATE:
        return today.isoformat()
    if field.kind is FieldKind.DATETIME:
        return f"{today + timedelta(days=1)}T09:00"
    if field.kind is FieldKind.FILE:
        return upload()
    if field.kind is FieldKind.ROWS:
        row = {column.key: plausible(column, today, upload) for column in field.columns if not column.computed}
        return [row] * max(field.min_rows, 1)
    return PLAUSIBLE[field.kind]
