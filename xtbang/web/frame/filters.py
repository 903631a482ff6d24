"""Formats of values on pages: dates as 2026年11月23日, money as 12.50 万元, times in Shanghai."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from xtbang import enums
from xtbang.queries.shown.states import batch_state, notice_state, organisation_state, slip_state, state_of
from xtbang.rules.contacts import kept_from_experts
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.document_number import number_of
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import format_sum, format_wan, grouped
from xtbang.rules.quotation import quoted
from xtbang.rules.term import in_chinese
from xtbang.rules.values import readable_value
from xtbang.web.frame.shell import policy

LABELS = {
    "track": enums.TRACK_LABELS,
    "bid": enums.BID_LABELS,
    "voucher": enums.VOUCHER_LABELS,
    "meeting": enums.MEETING_LABELS,
    "meeting_state": enums.MEETING_STATE_LABELS,
    "panel": enums.PANEL_LABELS,
    "seat": enums.SEAT_LABELS,
    "notice": enums.NOTICE_LABELS,
    "finding": enums.FINDING_LABELS,
    "call_state": enums.CALL_STATE_LABELS,
    "batch_item": enums.BATCH_ITEM_LABELS,
    "ledger": enums.LEDGER_LABELS,
    "reversal": enums.REVERSAL_LABELS,
    "source": enums.SOURCE_LABELS,
    "kind": enums.KIND_LABELS,
    "responsible": enums.RESPONSIBLE_LABELS,
}
DATED = {FieldKind.DATE: "date", FieldKind.DATETIME: "datetime-local"}


def day(value: date | str | None) -> str:
    """Return a date as 2026年11月23日."""
    if not value:
        return ""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    elif isinstance(value, datetime):
        value = day_of(value)
    return in_chinese(value)


def moment(value: datetime | None) -> str:
    """Return a time in Shanghai as 2026年11月23日 09:05."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return f"{in_chinese(local.date())} {local:%H:%M}"


def second(value: datetime | None) -> str:
    """Return a time in Shanghai as 2026年11月23日 09:05:07."""
    return f"{moment(value)}{value.astimezone(SHANGHAI).strftime(':%S')}" if value else ""


def left(until: datetime, now: datetime) -> str:
    """Return the time that is left as 还剩 3 天 5 小时."""
    time = until - now
    return f"还剩 {time.days} 天 {time.seconds // 3600} 小时"


def wan(value: Decimal | None) -> str:
    """Return an amount in yuan as 12.50 万元."""
    return "" if value is None else format_wan(value)


def figure(value: Decimal | None) -> str:
    """Return an amount in yuan as 1,234.50, for a table whose head says 万元; "—" for none."""
    return "—" if value is None else grouped(value)


def sum_of(fields: Iterable[Field], values: Mapping[str, Any]) -> str:
    """Return the sum of the amounts in these fields that can be read, without a total among them; "" when there is none."""
    typed = (values.get(field.key) for field in fields if not field.key.startswith("total"))
    amounts = [amount for text in typed if (amount := yuan(text)) is not None]
    return format_sum(sum(amounts, Decimal(0))) if amounts else ""


def label(value: str | None, table: str) -> str:
    """Return the Chinese name of a stored value: ``label("city", "source")``."""
    names = policy().city.role_labels if table == "role" else LABELS[table]
    return names.get(value or "", value or "")


def box_type(field: Field, value: Any) -> str:
    """Return the type of the box for a value of one line. A date that cannot be read stands in a box of text.

    A box for dates would be empty.
    """
    if field.kind in DATED:
        return DATED[field.kind] if not value or readable_value(field, value) else "text"
    return {FieldKind.PHONE: "tel", FieldKind.MOBILE: "tel", FieldKind.EMAIL: "email"}.get(field.kind, "text")


def action_name(trigger: str) -> str:
    """Return the Chinese name of a trigger; events of organisations and people have their own names."""
    action = policy().actions.get(trigger)
    return action.name if action else enums.EVENT_NAMES.get(trigger, trigger)


def is_confirmed(trigger: str) -> bool:
    """Return whether another person confirms that action (复核)."""
    action = policy().actions.get(trigger)
    return action is not None and bool(action.second)


def awaited(signed: Iterable[str], trigger: str) -> str:
    """Return who has still to countersign that action after these roles."""
    return policy().city.awaited(signed, policy().actions[trigger].who)


def local(link: str) -> str:
    """Return the link of a mail as a path on this site, whatever host name it has."""
    return urlsplit(link)._replace(scheme="", netloc="").geturl() or "/"


def add_filters(app: Flask) -> None:
    """Add the filters to every template."""
    for function in (
        day,
        moment,
        second,
        left,
        wan,
        figure,
        sum_of,
        label,
        box_type,
        action_name,
        is_confirmed,
        awaited,
        number_of,
        notice_state,
        slip_state,
        state_of,
        batch_state,
        organisation_state,
        kept_from_experts,
        quoted,
    ):
        app.jinja_env.filters[function.__name__] = function
