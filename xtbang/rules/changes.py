"""Changes of a contract (变更): what each kind changes, and who decides on it by the rule of the edition."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from xtbang.rules.crosschecks import SOURCES, USES
from xtbang.rules.fields import Field, FieldKind, FormDefinition, one_section
from xtbang.rules.funding_facts import yuan

if TYPE_CHECKING:
    from xtbang.rules.edition import Edition

OFFICES, NOTICE = "offices", "notice"
DECIDERS = {OFFICES: "须经审批", NOTICE: "各方商定、通知备案"}
KINDS = {
    "leader": "项目负责人",
    "team": "主要研究人员",
    "members": "联合体成员",
    "budget": "经费来源与支出预算",
    "milestones": "进度安排",
    "indicators": "考核指标",
    "place": "实施地点",
    "account": "补助资金收款账户",
    "contact": "联系人和联系电话",
}
# kind → the document that has its values, and their fields; the place is in the supplement alone
PARTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "leader": ("bid", ("leader_name", "leader_title", "leader_mobile")),
    "team": ("application", ("team",)),
    "members": ("bid", ("lead_task", "lead_share", "members")),
    "budget": ("application", ("total_investment", *SOURCES, *USES)),
    "milestones": ("application", ("milestones",)),
    "indicators": ("application", ("indicators",)),
    "place": ("", ("place",)),
    "account": ("contract", ("payee_name", "payee_bank", "payee_account")),
    "contact": ("contract", ("issuer_contact", "issuer_phone", "bidder_contact", "bidder_phone")),
}
ALWAYS = frozenset({"place", "account", "contact"})  # also while the work is examined, and until the last payment
WITH_THRESHOLD = frozenset({"budget"})
PLACE = Field("place", "实施地点", FieldKind.TEXT, limit=100)
GRANTED = {"src_city": "市级补助"}  # what the application asks for under another name: its label once it is granted


@dataclass(frozen=True)
class ChangeRule:
    """The rule of an edition for one kind of change: who decides on it."""

    kind: str
    decided_by: str  # one of DECIDERS
    threshold: Decimal | None = None  # of budget lines: up to this share of the total by notice, more by the offices


USUAL = (  # of editions that do not say it
    ChangeRule("leader", OFFICES),
    ChangeRule("team", NOTICE),
    ChangeRule("members", OFFICES),
    ChangeRule("budget", OFFICES, Decimal("0.1")),
    ChangeRule("milestones", OFFICES),
    ChangeRule("indicators", OFFICES),
    ChangeRule("place", NOTICE),
    ChangeRule("account", OFFICES),
    ChangeRule("contact", NOTICE),
)


def rule_of(rules: Iterable[ChangeRule], kind: str) -> ChangeRule | None:
    """Return the rule for that kind of change; None where the edition has none, and such a change is not possible."""
    return next((rule for rule in rules if rule.kind == kind), None)


def fields_of(edition: "Edition", kind: str) -> FormDefinition:
    """Return the fields of that kind of change as the edition's document has them."""
    name, keys = PARTS[kind]
    if not name:
        return one_section(kind, KINDS[kind], (PLACE,))
    known = {field.key: field for field in edition.documents[name].fields}
    fields = (known[key] for key in keys if key in known)
    said = tuple(replace(field, label=GRANTED.get(field.key, field.label)) for field in fields)
    return one_section(kind, KINDS[kind], said)


def decided_by(rule: ChangeRule, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return who decides on a change: with a threshold the parties alone, as long as no more than that share moves.

    Only money that moves between lines of spending counts as such: total and sources are decided by the offices.
    """
    if rule.threshold is None:
        return rule.decided_by
    if any(yuan(old.get(key)) != yuan(new.get(key)) for key in ("total_investment", *SOURCES)):
        return OFFICES
    total = yuan(new.get("total_investment")) or Decimal(0)
    return NOTICE if moved(old, new) <= total * rule.threshold else rule.decided_by


def moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> Decimal:
    """Return how much money moves to other lines of spending, in yuan."""
    more = ((yuan(new.get(key)) or Decimal(0)) - (yuan(old.get(key)) or Decimal(0)) for key in USES)
    return sum((amount for amount in more if amount > 0), Decimal(0))


def differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether anything is changed; a blank is as good as nothing."""
    return any(_plain(old.get(key)) != _plain(new.get(key)) for key in {*old, *new})


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [{key: item for key, item in row.items() if item not in (None, "")} for row in value]
    amount = yuan(value) if isinstance(value, str) else None
    return amount if amount is not None else value or None
