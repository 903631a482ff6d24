"""The confirmation of an action that cannot be undone: the values filled in, the amounts, the consequences."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.models import Project
from xtbang.rules.compare import display_text
from xtbang.rules.edition import Edition
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.forms import is_blank
from xtbang.rules.money import format_wan, format_yuan, in_words, yuan_from_wan
from xtbang.rules.policy import Policy
from xtbang.rules.quotation import quoted
from xtbang.rules.subsidy import county_proportion, county_share
from xtbang.rules.term import in_chinese
from xtbang.workflow.offers import Offer

SUBSIDY = "subsidy_city"  # the field of what the city grants, on which the county's share follows


def asks_twice(offer: Offer) -> bool:
    """Return whether an action needs a confirmation page, by its weight: what it says itself, not what is filled in."""
    action = offer.action
    if offer.signed:
        return False  # the page of the second signature already shows everything
    return bool(action.confirm) or action.danger or action.ledger


def said(form: FormDefinition, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all values as label and text; a choice by its label."""
    return [
        {"label": field.label, "value": _text(field, values[field.key]), "file": field.kind is FieldKind.FILE}
        for field in form.fields
        if not is_blank(values.get(field.key))
    ]


def _text(field: Field, value: Any) -> str:
    if field.kind is FieldKind.FILE:
        return str(value)  # a digest: the page has the file's name
    if field.kind is FieldKind.ROWS and isinstance(value, list):
        lines = []
        for row in value:
            cells = [_text(column, row.get(column.key)) for column in field.columns]
            lines.append("：".join(cell for cell in cells if cell))
        return "\n".join(lines)
    if field.kind is FieldKind.DATE:
        return _day(str(value))
    if field.kind is FieldKind.DATETIME:
        return f"{_day(str(value)[:10])} {str(value)[11:]}"
    if field.kind is FieldKind.MONEY:
        amount = _yuan(value)
        return str(value) if amount is None else format_wan(amount)
    return display_text(field, value)


def amounts(form: FormDefinition, values: Mapping[str, Any], edition: Edition) -> list[dict[str, str]]:
    """Return every amount in 万元, in yuan and in words (中文大写); with the city's subsidy also what the county then pays."""
    found = []
    for field in form.fields:
        amount = _yuan(values.get(field.key)) if field.kind is FieldKind.MONEY else None
        if amount is not None:
            found.append(_in_all_forms(field.label, amount))
            if field.key == SUBSIDY and edition.county_ratio.value:
                label = f"县市区（园区）补助资金（{county_proportion(edition)}）"
                found.append(_in_all_forms(label, county_share(edition, amount)))
    return found


def _in_all_forms(label: str, amount: Decimal) -> dict[str, str]:
    return {"label": label, "wan": format_wan(amount), "yuan": format_yuan(amount), "words": in_words(amount)}


def consequences(policy: Policy, project: Project, offer: Offer, after: str) -> list[str]:
    """Return the consequences of the action, one sentence each; ``after`` is the state that it leads to."""
    action, found = offer.action, []
    if action.both and not offer.last:
        awaited = policy.city.awaited((*offer.signers, offer.role), action.who)
        found.append(f"您会签后等待{awaited}会签，会签齐后生效。")
    if action.second and not offer.last:
        found.append("提交后由另一人复核，复核后生效。")
    if after != project.state:
        states = policy.life(project.edition).states
        state = states[after]
        what = "，项目就此终结" if state.final else f"（{state.about}）" if state.about else ""
        found.append(f"项目由{quoted(states[project.state].name)}转入{quoted(state.name)}{what}。")
    if action.confirm:
        found.append(action.confirm)
    if action.issues:
        found.append(f"随之出具：{action.issues}。")
    if action.undo:
        found.append(f"在他人据以办理之前，可以{quoted(policy.actions[action.undo].name)}。")
    if action.revocable:
        found.append("事后发现不当的，作出决定的部门可以撤销。")
    if action.corrected_by:
        found.append(f"事后发现有误的，通过{quoted(policy.actions[action.corrected_by].name)}改正。")
    if action.remedy:
        found.append(action.remedy)
    return found


def _yuan(text: Any) -> Any:
    try:
        return yuan_from_wan(text)
    except ValueError:
        return None


def _day(text: str) -> str:
    try:
        return in_chinese(date.fromisoformat(text))
    except ValueError:
        return text
