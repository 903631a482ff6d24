"""The facts of a supplement (补充合同): what the contract says no longer, what it says instead, who signs."""

from collections.abc import Mapping
from typing import Any

from xtbang.models import Change, Project
from xtbang.papers.facts.common import moment, project
from xtbang.papers.facts.text import Facts
from xtbang.rules.changes import KINDS, OFFICES
from xtbang.rules.city import City
from xtbang.rules.compare import display_text
from xtbang.rules.edition import Edition
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.forms import is_blank, worded


def supplement(
    row: Project,
    edition: Edition,
    city: City,
    change: Change,
    definition: FormDefinition,
    *,
    contract: Mapping[str, Any],
) -> Facts:
    """Return the facts of the supplement of a change; ``contract`` has the fields that officers filled in."""
    old, new = worded(definition, change.old), worded(definition, change.new)
    number = contract.get("number", "")
    return {
        "number": f"{number}-补{change.number}",
        "contract": number,
        "ordinal": change.number or 1,
        "project": project(row, edition),
        "kind": KINDS[change.kind],
        "reason": change.reason,
        "asked_at": moment(change.asked_at) if change.asked_at else "",
        "decided": change.decided_by == OFFICES,
        "decision": change.decision,
        "offices": [office.name for office in city.offices],
        "texts": [_text(field, old, new) for field in definition.fields if field.kind is not FieldKind.ROWS],
        "tables": [_table(field, old, new) for field in definition.fields if field.kind is FieldKind.ROWS],
        "parties": [_signer(key, name, row, city) for key, name in change.signers.items()],
    }


def _text(field: Field, old: Mapping[str, Any], new: Mapping[str, Any]) -> Facts:
    before, after = display_text(field, old.get(field.key)), display_text(field, new.get(field.key))
    return {"label": field.label, "old": before or "（无）", "new": after or "（无）", "differs": before != after}


def _table(field: Field, old: Mapping[str, Any], new: Mapping[str, Any]) -> Facts:
    return {
        "label": field.label,
        "columns": [_headed(column) for column in field.columns],
        "old": [_cells(field, line) for line in old.get(field.key) or []],
        "new": [_cells(field, line) for line in new.get(field.key) or []],
    }


def _headed(column: Field) -> str:
    unit = column.unit if column.kind is FieldKind.MONEY else ""
    return f"{column.label}（{unit}）" if unit else column.label


def _cells(field: Field, line: Mapping[str, Any]) -> list[str]:
    found = []
    for column in field.columns:
        value = line.get(column.key)
        plain = column.kind in (FieldKind.MONEY, FieldKind.PERCENT)
        found.append("" if is_blank(value) else str(value) if plain else display_text(column, value))
    return found


def _signer(key: str, name: str, row: Project, city: City) -> Facts:
    """Return a party of the signature page: a unit with its head, or an office."""
    ends = "）" if key in ("issuer", "bidder") else " "  # of the role, see `queries.signing.signing_parties`
    return {"key": key, "label": name, "unit": key not in city.by_role, "name": name.partition(ends)[2]}
