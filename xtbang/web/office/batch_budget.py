"""A batch that fixes amounts (党组会): the running sum held against the budget of each call, and how the projects rank."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xtbang.domain.budgets import within_budget
from xtbang.extensions import db
from xtbang.queries.budgets import BudgetSums, budget_sums, confirmed_lines
from xtbang.queries.meeting_scores import Ranked, judged_panels, ranking
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import CallShown
from xtbang.queries.shown.project import project_head
from xtbang.rules.budget import beyond_together
from xtbang.rules.lives import Action
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.reasons import Reason
from xtbang.web.frame.shell import caller, policy
from xtbang.workflow.many import Candidate

AMOUNT = "subsidy_city"
JUDGED = "judgement"  # among what the page of the action shows


@dataclass(frozen=True)
class Against:
    """The amounts that are filled in for the projects of one call, and its budget; in yuan."""

    call: CallShown
    amount: Decimal
    sums: BudgetSums

    @property
    def rest(self) -> Decimal:
        """Return what is left of the budget afterwards; below 0 where it is not enough."""
        return self.sums.left - self.amount


def against_budget(action: Action, able: Iterable[Candidate], own: Mapping[int, Mapping[str, Any]]) -> list[Against]:
    """Return the sum of each call that has a budget; nothing for an action that fixes no amounts."""
    if within_budget.__name__ not in action.needs or AMOUNT not in action.each:
        return []
    typed: dict[int, Decimal] = {}
    calls: dict[int, CallShown] = {}
    for item in able:
        project = item.project
        calls[project.call_id] = shown(CallShown, project.call)
        typed[project.call_id] = typed.get(project.call_id, Decimal(0)) + _yuan(own.get(project.id, {}).get(AMOUNT))
    session = db.session()
    found = budget_sums(session, policy(), confirmed_lines(session, calls))
    return [Against(calls[key], typed[key], sums) for key, sums in found.items()]


def beyond_budget(found: Iterable[Against]) -> Iterator[Reason]:
    """Yield a reason for each call whose budget is not enough for all amounts together."""
    for item in found:
        yield from beyond_together(item.call.title, item.sums.left, item.amount, caller().cite("approval"))


def ranks(action: Action, able: Iterable[Candidate]) -> dict[int, Ranked]:
    """Return the place of each project among them by its roadshow, where the action shows how they were judged."""
    if JUDGED not in action.shows:
        return {}
    projects = [project_head(item.project) for item in able]
    panels = judged_panels(db.session(), [project.id for project in projects])
    found = ranking(db.session(), policy(), "roadshow", projects, panels) if panels else []
    return {item.row.id: item for item in found}


def _yuan(typed: Any) -> Decimal:
    try:
        return yuan_from_wan(typed)
    except ValueError:
        return Decimal(0)
