"""Projects of a call by domain, county, kind and kind of bidder; the city's subsidy, of ended projects what was paid."""

from typing import Any

from sqlalchemy import case, func, or_, select

from xtbang.enums import KIND_LABELS
from xtbang.models import EntryTotal
from xtbang.queries.budgets import counted_together, running
from xtbang.queries.statistics.chart import Chart, Question
from xtbang.rules.money import yuan

HEADS = ("申报（个）", "立项（个）", "市级补助（万元）")


def _grouped(question: Question, by: Any, *conditions: Any) -> list[tuple[Any, int, int, Any]]:
    """Return name, entries, those with a subsidy and what these take of the budget, of each group of stored entries."""
    policy = question.caller.policy
    granted = or_(running(policy, EntryTotal), EntryTotal.documented)
    amounts = (EntryTotal.projects, 0), (counted_together(policy), yuan(0))
    sums = func.sum(EntryTotal.projects), *(func.sum(case((granted, one), else_=zero)) for one, zero in amounts)
    query = select(by, *sums).where(*question.of(EntryTotal), *conditions).group_by(by).having(sums[0] > 0)
    return sorted(map(tuple, question.caller.session.execute(query)), key=_most)


def _most(row: tuple[Any, int, int, Any]) -> tuple[int, str]:
    return -row[1], str(row[0])


def _chart(key: str, title: str, head: str, rows: list[tuple[Any, int, int, Any]], labels: dict[str, str]) -> Chart:
    named = tuple(
        (labels.get(name, name) or "未填写", count, funded, amount.scaleb(-4)) for name, count, funded, amount in rows
    )
    return Chart(key, title, (head, *HEADS), named, drawn=2)


def by_domain(question: Question) -> Chart:
    """Return the projects by domain (所属领域)."""
    return _chart("domains", "按领域", "领域", _grouped(question, EntryTotal.domain), {})


def by_county(question: Question) -> Chart:
    """Return the projects by the county or park of their issuer."""
    return _chart("counties", "按县市区（园区）", "县市区（园区）", _grouped(question, EntryTotal.region), {})


def by_kind(question: Question) -> Chart:
    """Return the projects by kind of entry."""
    return _chart("kinds", "按类别", "类别", _grouped(question, EntryTotal.kind), KIND_LABELS)


def by_bidder(question: Question) -> Chart:
    """Return the projects with an agreed bidder, by the kind of that organisation."""
    rows = _grouped(question, EntryTotal.bidder, EntryTotal.bidder != "")
    return _chart("bidders", "按揭榜方类型", "揭榜方类型", rows, {})
