"""The work of experts: panels they sat on, sheets they handed in, and how far these lie from those of the others."""

from collections import Counter, defaultdict
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from xtbang.models import Panel, Project, Seat
from xtbang.queries.statistics.chart import Chart, Question
from xtbang.rules.agreement import deviation

MOST = 20  # experts in the chart


def experts(question: Question) -> Chart:
    """Return the experts with most sheets, and the mean distance of their totals from the mean of the others."""
    query = select(Panel).join(Project, Project.id == Panel.project_id)
    query = query.where(*question.conditions, Panel.status.in_(Panel.STANDS))
    sheets: Counter[int] = Counter()
    asked: Counter[int] = Counter()
    names: dict[int, str] = {}
    distances: dict[int, list[Decimal]] = defaultdict(list)
    loaded = selectinload(Panel.seats).joinedload(Seat.expert)
    for panel in question.caller.session.scalars(query.options(loaded)).unique():
        locked = [seat for seat in panel.seats if seat.status == "locked"]
        totals = [sum(seat.scores.values()) for seat in locked]
        for seat in panel.seats:
            names[seat.expert_id] = seat.expert.name
            asked[seat.expert_id] += 1
        for place, seat in enumerate(locked):
            sheets[seat.expert_id] += 1
            if len(totals) > 1:
                distances[seat.expert_id].append(abs(deviation(totals, place)))
    most = sorted(names, key=lambda expert: (-sheets[expert], -asked[expert], names[expert], expert))[:MOST]
    rows = tuple((names[expert], sheets[expert], asked[expert], _mean(distances[expert])) for expert in most)
    heads = ("专家", "评分表（份）", "受邀（次）", "与其他专家的平均差（分）")
    return Chart("experts", "专家评审情况", heads, rows, note="平均差只供了解，不影响任何得分。")


def _mean(distances: list[Decimal]) -> Decimal | None:
    return (sum(distances, Decimal(0)) / len(distances)).quantize(Decimal("0.1")) if distances else None
