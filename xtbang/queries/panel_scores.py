"""The sheets (评分表) of a panel (专家组) and their result by the rules of the edition."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from xtbang.models import Panel, Seat
from xtbang.queries.shown.reviews import PanelShown, SeatShown, panel_shown
from xtbang.rules.aggregate import counted_scores, in_words, passed, result
from xtbang.rules.edition import Edition, Sheet
from xtbang.rules.money import plain


@dataclass(frozen=True)
class PanelScores:
    """A panel with its sheets and their result."""

    panel: PanelShown
    sheet: Sheet
    locked: tuple[tuple[SeatShown, int], ...]  # a seat with the sum of its sheet
    waiting: tuple[SeatShown, ...]  # invited or accepted, without a sheet
    counted: tuple[str, ...]
    result: Decimal | None
    passed: bool | None

    @property
    def combined(self) -> str:
        """Return how the scores become the result."""
        return in_words(self.sheet)


def scores_of(edition: Edition, panel: PanelShown) -> PanelScores:
    """Return the scores of the experts so far; without a locked sheet there is no result."""
    sheet = edition.sheets[panel.kind]
    locked = [seat for seat in panel.seats if seat.status == "locked"]
    totals = [sum(seat.scores.values()) for seat in locked]
    return PanelScores(
        panel,
        sheet,
        tuple(zip(locked, totals, strict=True)),
        tuple(seat for seat in panel.seats if seat.status in Seat.AWAITED),
        tuple(plain(score) for score in counted_scores(sheet, totals)) if totals else (),
        result(sheet, totals) if totals else None,
        passed(sheet, totals) if totals else None,
    )


def each_of(edition: Edition, panels: Iterable[Panel]) -> list[PanelScores]:
    """Return the scores of several panels."""
    return [scores_of(edition, panel_shown(panel)) for panel in panels]
