"""The work of experts: panels they sat on, sheets they handed in, and how far these lie from those of the others."""

from collections import Counter, defaultdict
from decimal import Decimal
from itertools import groupby
from operator import attrgetter

from sqlalchemy import case, null, select

from xtbang.models import Panel, Person, Project, Seat
from xtbang.queries.statistics.chart import Chart, Question
from xtbang.rules.agreement import deviation

MOST = 20  # experts in the chart


def experts(question: Question) -> Chart:
    """Return the experts with most sheets, and the mean distance of their totals from the mean of the others."""
    handed_in = case((Seat.status == "locked", Seat.scores), else_=null()).label("scores")
    query = select(Seat.panel_id, Seat.expert_id, Person.name, handed_in).join(Person, Person.id == Seat.expert_id)
    query = query.join(Panel, Panel.id == Seat.panel_id).join(Project, Project.id == Panel.project_id)
    query = query.where(*question.conditions, Panel.status.in_(Panel.STANDS)).order_by(Seat.panel_id, Seat.id)
    sheets: Counter[int] = Counter()
    asked: Counter[int] = Counter()
    names: dict[int, str] = {}
    distances: dict[int, list[Decimal]] = defaultdict(list)
    rows = question.caller.session.connection().execute(query).all()
    for _panel, seats in groupby(rows, attrgetter("panel_id")):
        totals: dict[int, int] = {}
        for _panel_id, expert, name, scores in seats:
            names[expert] = name
            asked[expert] += 1
            if scores is not None:
                totals[expert] = sum(scores.values())
        for place, expert in enumerate(totals):
            sheets[expert] += 1
            if len(totals) > 1:
                distances[expert].append(abs(deviation([*totals.values()], place)))
    most = sorted(names, key=lambda expert: (-sheets[expert], -asked[expert], names[expert], expert))[:MOST]
    lines = tuple((names[expert], sheets[expert], asked[expert], _mean(distances[expert])) for expert in most)
    heads = ("专家", "评分表（份）", "受邀（次）", "与其他专家的平均差（分）")
    return Chart("experts", "专家评审情况", heads, lines, note="平均差只供了解，不影响任何得分。")


def _mean(distances: list[Decimal]) -> Decimal | None:
    return (sum(distances, Decimal(0)) / len(distances)).quantize(Decimal("0.1")) if distances else None
