"""Show what stands next to the form on the page of an action, by the names in ``shows`` of ``workflows/lifecycle.toml``."""

from collections.abc import Callable
from typing import Any

from xtbang.queries.action_page import decisions, documents, panels
from xtbang.queries.caller import Caller
from xtbang.queries.project_rows import ProjectRows
from xtbang.rules.lives import Action

Values = dict[str, Any]

SHOWS: dict[str, Callable[[Caller, ProjectRows], Values]] = {
    "acceptance": documents.acceptance,
    "application_link": documents.application_link,
    "appraisal": panels.appraisal,
    "bid_link": documents.bid_link,
    "bids": decisions.bids,
    "change": decisions.change,
    "conclusions": panels.conclusions,
    "contract_link": documents.contract_link,
    "draft": documents.draft,
    "draft_link": documents.draft_link,
    "extension": decisions.extension,
    "form": documents.form,
    "form_link": documents.form_link,
    "judgement": panels.judgement,
    "liability": panels.liability,
    "midterm": documents.midterm,
    "money": decisions.money,
    "notice": decisions.notice,
    "objections": decisions.objections,
    "open_panels": panels.open_panels,
    "plan": decisions.plan,
    "recusals": panels.recusals,
    "prior_notice": decisions.prior_notice,
    "reports": documents.reports,
    "ruling": decisions.ruling,
    "signatures": decisions.signatures,
    "term": decisions.term,
    "vouchers": decisions.vouchers,
    "write_off": decisions.write_off,
}


def shown(caller: Caller, rows: ProjectRows, action: Action) -> Values:
    """Return everything that the page of that action shows next to its form."""
    values: Values = {}
    for name in action.shows:
        values |= SHOWS[name](caller, rows)
    return values
