"""The roles that open the lists of officers, as pages and as files."""

from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import ColumnElement, false, or_, true

from xtbang.enums import BUREAU_ROLES
from xtbang.queries.rights.visibility import EVERYTHING, visible
from xtbang.rules.actor import Actor

OFFICES = (*BUREAU_ROLES, "leader", "finance", "county", "agency", "auditor")
SEE_OFFICE_WORK = (*BUREAU_ROLES, "leader", "auditor")
SEE_BUDGETS = (*SEE_OFFICE_WORK, "finance")
SEE_IMPORTS = (*SEE_OFFICE_WORK, "county")
SEE_MONEY = (*SEE_BUDGETS, "county")


def seen_by(who: Actor) -> ColumnElement[bool]:
    """Return the condition for projects that this person may see."""
    return visible(who.roles, who.person_id, who.organisation_id, who.region)


def money_seen_by(who: Actor) -> ColumnElement[bool]:
    """Return the condition for projects whose money this person may see; a county sees only its own region."""
    return visible(who.roles & frozenset(SEE_MONEY), who.person_id, None, who.region)


@dataclass(frozen=True)
class EntriesSeen:
    """The same for stored sums, which have no projects: ``everything``, what has a ``subsidy``, what lies in ``region``."""

    everything: bool
    subsidy: bool
    region: str

    @classmethod
    def by(cls, who: Actor) -> Self:
        """Return what this person sees."""
        return cls(
            not who.roles.isdisjoint(EVERYTHING), "finance" in who.roles, ("county" in who.roles and who.region) or ""
        )

    def condition(self, total: Any) -> ColumnElement[bool]:
        """Return the condition on the stored sums of entries, of deals or of the ledger, which has lines with a subsidy alone."""
        if self.everything:
            return true()
        ways = [getattr(total, "subsidised", true())] if self.subsidy else []
        return or_(false(), *ways, *([total.region == self.region] if self.region else []))


def money_region(who: Actor) -> str | None:
    """Return the region whose money alone this person sees; None for those who see all of it."""
    return (who.region or "") if who.roles & frozenset(SEE_MONEY) == {"county"} else None
