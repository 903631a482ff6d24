"""One project in a season in which things go wrong, what may go wrong on its road, and what holds after each."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.workflow.life_laws import papers_agree
from xtbang.actions import audit
from xtbang.actions.registry import OPTIONS
from xtbang.models import Event, Project

WHY = "经复查，登记或者决定有误。"
TREASURIES = ("city", "county")


@dataclass
class Season:
    """One project, what goes wrong with it, and what must come out in the end."""

    factory: ProjectFactory
    mishaps: frozenset[str]  # those that happen
    project: Project
    happened: int = 0
    bidder: str = "bidder"
    first: str = ""  # 万元 that were paid first
    granted: str = "40"  # 万元 for the city, and as much for the county

    @property
    def today(self) -> str:
        return self.factory.now.date().isoformat()

    def suffer(self, mishap: "Mishap") -> None:
        """Let it happen, and be put right."""
        mishap(self)

    def do(self, trigger: str, who: str, **data: Any) -> None:
        self.factory.perform(self.project, trigger, who, data)

    def both(self, trigger: str, **data: Any) -> None:
        """By both bureaus."""
        self.factory.both(self.project, trigger, data)

    def twice(self, trigger: str, first: str, second: str, **data: Any) -> None:
        """Asked for by one, confirmed by another."""
        self.do(trigger, first, **data)
        self.do(trigger, second)

    def choice(self, trigger: str, who: str, field: str, part: str = "") -> str:
        """The first choice of a field whose label has that part."""
        action = self.factory.engine.action(self.project, trigger)
        role = who.rstrip("2")
        context = self.factory.engine.context(self.factory.session, self.project, self.factory.actor(who), role, action)
        labels = OPTIONS[action.form.field(field).options](context)
        return next(key for key, label in labels.items() if part in label)

    def revoked(self) -> None:
        """The last decision is revoked by those who made it, and a second person."""
        first = self.factory.engine.action(self.project, "revoke").who[0]
        second = "science" if first == "industry" else "industry"
        self.twice("revoke", first, second, decision=self.choice("revoke", first, "decision"), reason=WHY)

    def taken_back(self, first: str, second: str, part: str) -> None:
        record = self.choice("take_back", first, "record", part)
        self.twice("take_back", first, second, record=record, reason=WHY)

    def reversed_line(self, who: str, second: str, part: str, cause: str = "returned") -> None:
        line = self.choice("reverse_line", who, "line", part)
        self.twice("reverse_line", who, second, line=line, cause=cause, dated=self.today, reason=WHY)

    def amended_line(self, who: str, second: str, part: str, note: str) -> None:
        line = self.choice("amend_line", who, "line", part)
        self.twice("amend_line", who, second, line=line, note=note, dated=self.today, amount="", reason=WHY)

    def set_aside(self, again: str) -> None:
        panel = self.choice("set_aside", "industry", "panel")
        self.both("set_aside", panel=panel, again=again, reason=WHY)

    def file(self, name: str) -> str:
        return self.factory.file(name)

    def resolution(self, city: str) -> dict[str, Any]:
        return {"resolution_date": self.today, "resolution_number": "潭科党〔2024〕9号", "subsidy_city": city} | {
            "minutes": self.file(f"纪要{city}-{self.happened}.pdf"),
            "reason": WHY,
        }


Mishap = Callable[[Season], None]
ROADS: dict[str, list[Mishap]] = {"paid": [], "ended": [], "stopped": []}


def on(road: str) -> Callable[[Mishap], Mishap]:
    """A mishap on that road."""

    def register(mishap: Mishap) -> Mishap:
        ROADS[road].append(mishap)
        return mishap

    return register


def may(season: Season, *mishaps: Mishap) -> None:
    """Let those of these happen that are drawn; everything agrees after each."""
    for mishap in mishaps:
        if mishap.__name__ in season.mishaps:
            state = season.project.state
            season.suffer(mishap)
            assert season.project.state == state, f"{mishap.__name__} is not put right"
            season.happened += 1
            agrees(season)


def agrees(season: Season) -> None:
    """Ledger, chain and papers say the same."""
    project, session = season.project, season.factory.session
    events = session.scalars(select(Event).where(Event.stream == f"project:{project.id}").order_by(Event.sequence))
    assert audit.broken(events) == []
    sums = later.sums(season.factory, project)
    for source in TREASURIES:
        granted = getattr(project, f"subsidy_{source}") or Decimal(0)
        assert 0 <= sums.outstanding.get(source, 0) <= sums.paid.get(source, 0) <= granted
    papers_agree(session, project.id)
