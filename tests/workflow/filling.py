"""Something for every field of any form: what is right, what is at the edge, what is nonsense."""

from datetime import date, timedelta
from random import Random
from typing import Any

from xtbang.actions.context import Upload
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.uscc import make

EDGES: dict[FieldKind, tuple[Any, ...]] = {
    FieldKind.TEXT: ("示例", "", "龘" * 500, "\x00", "<script>"),
    FieldKind.LONG: ("示例内容。", "", "超" * 4000, "第一行\n第二行"),
    FieldKind.WHOLE: ("1", "3", "0", "-1", "10", "99", "１", "abc"),
    FieldKind.MONEY: ("0.01", "0", "-5", "15", "25", "50", "99999999.99", "1e5", "１００", ""),
    FieldKind.PERCENT: ("50", "100", "-1", "100.01"),
    FieldKind.DOCUMENT_NUMBER: ("潭科发[2026]12号", "潭科发〔2026〕012号", "12", ""),
    FieldKind.CHOICE: ("",),
    FieldKind.YES: ("true", ""),
    FieldKind.FLAG: ("true", ""),
    FieldKind.FILE: ("",),
}
SCAN = Upload("5" * 64, "扫描件.png", "image/png", 100)


def fill(
    form: FormDefinition, rng: Random, today: date, amounts: tuple[str, ...] = (), *, wild: float = 0.2
) -> dict[str, Any]:
    """Values for a whole form; ``wild`` is the share of fields that get whatever the edges hold."""
    return {field.key: _value(field, rng, today, amounts, wild) for field in form.fields}


def _value(field: Field, rng: Random, today: date, amounts: tuple[str, ...], wild: float) -> Any:
    if rng.random() < wild:
        days = (today + timedelta(days=rng.choice((-400, -1, 0, 1, 30, 900)))).isoformat()
        dated = {FieldKind.DATE: (days, "2026-02-30", ""), FieldKind.DATETIME: (f"{days}T23:59", "")}
        edges = dated.get(field.kind) or EDGES.get(field.kind, ("",))
        return rng.choice(edges + (field.keys if field.kind is FieldKind.CHOICE else ()))
    return _good(field, rng, today, amounts)


def _good(field: Field, rng: Random, today: date, amounts: tuple[str, ...]) -> Any:
    ahead = any(word in field.key for word in ("until", "_by", "new_end", "starts_at"))
    day = (today + timedelta(days=rng.choice((20, 40, 400)) if ahead else 0)).isoformat()
    number = rng.randint(int(field.minimum or 1), int(field.maximum or 3)) if field.kind is FieldKind.WHOLE else 0
    values: dict[FieldKind, Any] = {
        FieldKind.TEXT: f"示例{rng.randint(1, 9999)}"[: field.limit or 9],
        FieldKind.LONG: "情况属实，材料齐全。",
        FieldKind.WHOLE: str(number),
        FieldKind.MONEY: rng.choice(amounts) if amounts else "25",
        FieldKind.PERCENT: "50",
        FieldKind.NUMBER: "1",
        FieldKind.DATE: day,
        FieldKind.DATETIME: f"{day}T09:00",
        FieldKind.CHOICES: list(field.keys),
        FieldKind.YES: "true",
        FieldKind.FLAG: "true",
        FieldKind.DOCUMENT_NUMBER: f"潭科发〔2026〕{rng.randint(1, 99_999)}号",
        FieldKind.USCC: make("91430300MA4T00001"),
        FieldKind.PHONE: "0731-58570302",
        FieldKind.MOBILE: "13800000000",
        FieldKind.EMAIL: "a@example.com",
        FieldKind.POSTCODE: "411100",
        FieldKind.FILE: SCAN.sha256,
        FieldKind.ROWS: [],
    }
    if field.kind is FieldKind.CHOICE:
        return rng.choice(field.keys) if field.keys else ""
    return values[field.kind]
