"""The migration of facts stored by an older version to the shape that the templates print today.

Stored facts are never rewritten: they are migrated each time they are read. A step sees from the keys whether it has
anything to do, so newer facts pass unchanged. It moves, renames and adds up what the paper said then. What the paper
did not say stays blank, and the template leaves out the row or the words.

A change of the shape of facts needs a step here; a value with a new meaning gets a new key.
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
UNREAD = {"party": "", "name": "", "at": "", "text": ""}  # how the other party agreed, where there is no consent
TWO_INSTALMENTS = (
    {
        "name": "首期",
        "after": "contract",
        "needs": ["issuer_has_paid", "voucher_present", "county_match_confirmed"],
    },
    {"name": "尾款", "after": "acceptance", "needs": ["county_earlier_recorded", "county_match_confirmed"]},
)


def facts_of(paper: "Paper") -> Facts:
    """Return the facts of a paper in the present shape."""
    return in_present_shape(paper.name, paper.data)


def in_present_shape(name: str, facts: Mapping[str, Any]) -> Facts:
    """Return the facts of a paper of that name in the present shape; ``facts`` is not changed."""
    found = dict(facts)
    for step in STEPS.get(name, ()):
        found = step(found)
    return found


def _waivers_with_sentence(facts: Facts) -> Facts:
    """Add the sentence that blocked the project, which waivers did not contain, as blank."""
    return facts | {"waivers": [{"sentence": ""} | item for item in facts["waivers"]]}


def _amounts_closed_up(facts: Facts) -> Facts:
    """Remove the space between a figure and 万元."""
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
    """Add the name of the treasury's account, which was filled in by hand, as blank."""
    return facts | {"creditor": {"account_name": ""} | facts["creditor"]}


def _contract_sources(facts: Facts) -> Facts:
    """Replace the one source, which was the 文号 of the 办法 or the name of a notice, by the list of sources."""
    if "sources" in facts:
        return facts
    rest = {key: value for key, value in facts.items() if key != "source"}
    source, of_measures = facts["source"], "《" in facts["project"]["edition"]
    if of_measures:
        return rest | {"sources": [f"{MEASURES}（{source}，以下简称《办法》）"]}
    return rest | {"sources": [f"{MEASURES}（以下简称《办法》）", f"《{source}》"]}


def _contract_subsidy_closed_up(facts: Facts) -> Facts:
    """Remove the space in the subsidy up to which a project may be self-managed, which was a text."""
    tracking = facts["tracking"]
    return facts | {"tracking": tracking | {"subsidy": closed_up(tracking["subsidy"])}}


def _contract_milestones_sum(facts: Facts) -> Facts:
    """Add the sum of the milestones."""
    return {"milestones_sum": sum_wan(item.get("money") or "0" for item in facts["milestones"])} | facts


def _payment_recorded_at(facts: Facts) -> Facts:
    """Add the time at which the payment was recorded as blank."""
    return {"recorded_at": ""} | facts if "paid_on" in facts else facts


def _paid(facts: Facts) -> Facts:
    """Move what an order that was issued after the payment said of it to one key; add the signatures, which it lacked."""
    if "paid" in facts:
        return facts
    keys = ("paid_on", "receipt", "office", "handled_by", "recorded_at")
    rest = {key: value for key, value in facts.items() if key not in keys}
    return rest | {"paid": {key: facts[key] for key in keys}, "signers": []}


def _payment_plan(facts: Facts) -> Facts:
    """Replace the two instalments by the list of all."""
    if "plan" in facts:
        return facts
    rest = {key: value for key, value in facts.items() if key not in ("first", "second")}
    named = (("首期", facts["first"]), ("尾款", facts["second"]))
    return rest | {"plan": [{"name": name, "amount": amount} for name, amount in named]}


def _contract_instalments(facts: Facts) -> Facts:
    """Add to the two instalments what followed from their order: name, event and conditions."""
    payments = facts["payments"]
    if "issuer_before" in payments:
        return facts
    parts = [part | more for part, more in zip(payments["instalments"], TWO_INSTALMENTS, strict=True)]
    return facts | {"payments": payments | {"instalments": parts, "issuer_before": "首期"}}


def _contract_without_more(facts: Facts) -> Facts:
    """Add the fields of which the form says that the contract prints them, as none."""
    return {"more": []} | facts


def _contract_extension(facts: Facts) -> Facts:
    """Add that the term could be extended, as in every edition then."""
    return facts | {"ending": {"extension": True} | facts["ending"]}


def _audited(facts: Facts) -> Facts:
    """Replace the file name of the audit report by whether there was one."""
    if "audited" in facts:
        return facts
    rest = {key: value for key, value in facts.items() if key != "audit_file"}
    return rest | {"audited": bool(facts["audit_file"])}


def _extension_without_file(facts: Facts) -> Facts:
    """Remove the file name of the audit report, which every extension has."""
    return {key: value for key, value in facts.items() if key != "audit_file"}


def _without_names(facts: Facts) -> Facts:
    """Add the names of the responsible and restricted organisations, which were given by role only, as none."""
    return {"named": [], "restricted": []} | facts


def _measures(facts: Facts) -> Facts:
    """Add the title of the 办法, which the template cited without its 文号."""
    return {"measures": f"{MEASURES}（以下简称《办法》）"} | facts


def _restriction_without_start(facts: Facts) -> Facts:
    """Add the first day of the restriction, which began with the settlement then, as blank."""
    return {"restrict_from": ""} | facts


def _without_number(facts: Facts) -> Facts:
    """Add the document number, which had no place on the paper, as blank."""
    return {"document_number": ""} | facts


def _ordered_at_once(facts: Facts) -> Facts:
    """Add the day of the notice, which was that of the decision, and the plan, which there was none of."""
    return {"ordered_on": facts["decided_on"], "plan": [], "done_with": None} | facts


def _receipt_of_anything(facts: Facts) -> Facts:
    """Replace the issuer by who handed in, and add what comes next, which was part of the template, as blank."""
    if "submitter" in facts:
        return facts
    rest = {key: value for key, value in facts.items() if key != "issuer"}
    return rest | {"submitter": facts["issuer"], "next": ""}


def _receipt_of_document(facts: Facts) -> Facts:
    """Add what the digest is made of, which the template says of a document, as blank."""
    return {"digest_of": ""} | facts


def _unread(facts: Facts) -> Facts:
    """Add how the other party agreed, which had no place on the paper, as blank."""
    return {"read": dict(UNREAD)} | facts


def _indicators_with_unit(facts: Facts) -> Facts:
    """Add the unit of an indicator, which the request did not have, as blank."""
    rows = [{"unit": ""} | row for row in facts["values"].get("indicators", [])]
    return facts | {"values": facts["values"] | {"indicators": rows}}


def _unheard(facts: Facts) -> Facts:
    """Add the prior notice, which decisions did not mention, as none."""
    return {"heard": None} | facts


def _no_organiser(facts: Facts) -> Facts:
    """Add the third party that organises a liability panel, which was not recorded, as blank."""
    return {"organiser": ""} | facts


def _panel_without_organiser(facts: Facts) -> Facts:
    """Add the same to the panel of a decision."""
    return facts | {"panel": facts["panel"] and _no_organiser(facts["panel"])}


def _nothing_beside(facts: Facts) -> Facts:
    """Add the known figures of the amounts, of which older papers have none."""
    return {"beside": None} | facts


def _nothing_beyond(facts: Facts) -> Facts:
    """Add to what is recovered that nothing was paid beyond the subsidy."""
    return facts | {"recoveries": [_within(line) for line in facts["recoveries"]]}


def _within(line: Facts) -> Facts:
    """Add to what comes back from a treasury that all of what was paid is within the subsidy."""
    return {"beyond": None, "kept": line["paid"]} | line


def _ended(facts: Facts) -> Facts:
    """Add to a recovery notice that its ground is the termination."""
    return {"supplement": ""} | facts | {"line": _within(facts["line"])}


def _not_closed(facts: Facts) -> Facts:
    """Add that the project was not 办结 before its money was claimed back."""
    return {"closed_on": None} | facts


# name of the paper → the steps that migrate its facts, oldest first
STEPS: Mapping[str, tuple[Step, ...]] = {
    "receipt": (_receipt_of_anything, _receipt_of_document),
    "contract": (
        _waivers_with_sentence,
        _amounts_closed_up,
        _contract_sources,
        _contract_subsidy_closed_up,
        _contract_milestones_sum,
        _contract_instalments,
        _contract_without_more,
        _contract_extension,
    ),
    "funding": (_amounts_closed_up,),
    "payment_order": (_waivers_with_sentence, _amounts_closed_up, _payment_recorded_at, _payment_plan, _paid),
    "extension": (_waivers_with_sentence, _amounts_closed_up, _extension_without_file),
    "application": (_unread,),
    "acceptance": (_amounts_closed_up, _unread, _nothing_beside),
    "acceptance_opinion": (
        _amounts_closed_up,
        _unread,
        _indicators_with_unit,
        _panel_without_organiser,
        _nothing_beside,
    ),
    "certificate": (_amounts_closed_up,),
    "report": (_amounts_closed_up, _nothing_beside),
    "termination": (
        _amounts_closed_up,
        _audited,
        _without_names,
        _measures,
        _without_number,
        _restriction_without_start,
        _unheard,
        _panel_without_organiser,
        _nothing_beyond,
        _not_closed,
    ),
    "prior_notice": (_panel_without_organiser, _nothing_beyond, _not_closed),
    "midterm_opinion": (_panel_without_organiser,),
    "panel_summary": (_no_organiser,),
    "revocation": (_without_number,),
    "recovery_notice": (
        _amounts_closed_up,
        _creditor_with_account_name,
        _measures,
        _without_number,
        _ordered_at_once,
        _ended,
        _not_closed,
    ),
}
