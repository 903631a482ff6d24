"""Facts that an older version stored, in the shape that the templates print today.

What was stored is never rewritten: the facts are brought along each time they are read. A step knows from the keys
whether it has anything to do, so facts that are younger pass unchanged. It moves, renames and adds up what the paper
said then; of what the paper did not say it leaves a blank, and the template leaves out the row or the words.

Who changes the shape of facts adds a step, and gives what means something else another key.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from xtbang.papers.facts.text import Facts, closed_up
from xtbang.rules.money import sum_wan

if TYPE_CHECKING:  # the process that prints starts without SQLAlchemy
    from xtbang.models import Paper

Step = Callable[[Facts], Facts]

MEASURES = "《湘潭市科技创新“揭榜挂帅”项目管理办法》"
MONEY = {"wan", "text", "yuan", "words"}


def facts_of(paper: "Paper") -> Facts:
    """What the paper says, in today's shape."""
    return todays(paper.name, paper.data)


def todays(name: str, facts: Mapping[str, Any]) -> Facts:
    """The facts of a paper of that name in today's shape; ``facts`` stays as it is."""
    found = dict(facts)
    for step in STEPS.get(name, ()):
        found = step(found)
    return found


def _waivers_with_sentence(facts: Facts) -> Facts:
    """An exception did not say what had stood against the project."""
    return facts | {"waivers": [{"sentence": ""} | item for item in facts["waivers"]]}


def _amounts_closed_up(facts: Facts) -> Facts:
    """There was a space between a figure and 万元."""
    return {key: _closed_up(value) for key, value in facts.items()}


def _closed_up(value: Any) -> Any:
    if isinstance(value, list):
        return [_closed_up(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == MONEY:
        return value | {"text": closed_up(value["text"])}
    return {key: _closed_up(item) for key, item in value.items()}


def _creditor_with_account_name(facts: Facts) -> Facts:
    """The treasury's account was written in by hand."""
    return facts | {"creditor": {"account_name": ""} | facts["creditor"]}


def _contract_sources(facts: Facts) -> Facts:
    """One source, which was the 文号 of the 办法 or the name of a notice beside it."""
    if "sources" in facts:
        return facts
    rest = {key: value for key, value in facts.items() if key != "source"}
    source, of_measures = facts["source"], "《" in facts["project"]["edition"]
    if of_measures:
        return rest | {"sources": [f"{MEASURES}（{source}，以下简称《办法》）"]}
    return rest | {"sources": [f"{MEASURES}（以下简称《办法》）", f"《{source}》"]}


def _contract_subsidy_closed_up(facts: Facts) -> Facts:
    """The amount from which a project may be self-managed was a text with a space in it."""
    tracking = facts["tracking"]
    return facts | {"tracking": tracking | {"subsidy": closed_up(tracking["subsidy"])}}


def _contract_milestones_sum(facts: Facts) -> Facts:
    """The milestones were not added up."""
    return {"milestones_sum": sum_wan(item.get("money") or "0" for item in facts["milestones"])} | facts


def _payment_recorded_at(facts: Facts) -> Facts:
    """When a payment was recorded was not said."""
    return {"recorded_at": ""} | facts


def _audited(facts: Facts) -> Facts:
    """The name of the file stood for the audit report."""
    if "audited" in facts:
        return facts
    rest = {key: value for key, value in facts.items() if key != "audit_file"}
    return rest | {"audited": bool(facts["audit_file"])}


def _extension_without_file(facts: Facts) -> Facts:
    """The audit report, without which nobody could ask for an extension, was named by its file."""
    return {key: value for key, value in facts.items() if key != "audit_file"}


def _nobody_named(facts: Facts) -> Facts:
    """Who is responsible and restricted was said by role, not by name."""
    return {"named": [], "restricted": []} | facts


def _measures(facts: Facts) -> Facts:
    """The 办法 was cited without its 文号, in words of the template."""
    return {"measures": f"{MEASURES}（以下简称《办法》）"} | facts


# name of the paper → what brings its facts along, oldest first
STEPS: Mapping[str, tuple[Step, ...]] = {
    "contract": (
        _waivers_with_sentence,
        _amounts_closed_up,
        _contract_sources,
        _contract_subsidy_closed_up,
        _contract_milestones_sum,
    ),
    "funding": (_amounts_closed_up,),
    "payment_order": (_waivers_with_sentence, _amounts_closed_up, _payment_recorded_at),
    "extension": (_waivers_with_sentence, _amounts_closed_up, _extension_without_file),
    "acceptance": (_amounts_closed_up,),
    "acceptance_opinion": (_amounts_closed_up,),
    "certificate": (_amounts_closed_up,),
    "report": (_amounts_closed_up,),
    "termination": (_amounts_closed_up, _audited, _nobody_named, _measures),
    "recovery_notice": (_amounts_closed_up, _creditor_with_account_name, _measures),
}
