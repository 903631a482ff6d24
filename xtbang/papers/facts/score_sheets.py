"""The facts of blank scoring sheets (评分表), the score summary (评分汇总表) and the panel opinion (论证意见表).

They are printed for a panel that meets on paper.
"""

from collections.abc import Iterable
from typing import Any

from xtbang.models import Project, Seat
from xtbang.papers.facts.bid import expert_facts, sheet_facts
from xtbang.rules.aggregate import in_words
from xtbang.rules.blind import HIDDEN
from xtbang.rules.edition import Sheet
from xtbang.rules.money import plain


def score_sheet(
    project: Project, sheet: Sheet, seats: Iterable[Seat], minimum: int, blind_title: str = ""
) -> dict[str, Any]:
    """Return the facts of a sheet for each expert on the panel, and of the summary.

    While the panel has no experts, ``minimum`` sheets are printed without a name. For a blind panel (盲审) they have
    ``blind_title`` and name no party.
    """
    head = sheet_facts(project, sheet)
    if blind_title:
        head["project"] |= {"title": blind_title, "issuer": HIDDEN, "bidder": HIDDEN}
    return {
        **head,
        "experts": [expert_facts(seat) for seat in seats if seat.status in Seat.TAKES_PART],
        "minimum": minimum,
        "aggregate": in_words(sheet),
        "pass_mark": plain(sheet.pass_mark),
        "liability": sheet.key == "liability",
    }
