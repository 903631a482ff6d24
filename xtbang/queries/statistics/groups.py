"""Projects of a call by domain, county, kind and kind of bidder; the city's subsidy, of ended projects what was paid."""

from typing import Any

from sqlalchemy import case, exists, func, or_, select

from xtbang.enums import KIND_LABELS
from xtbang.models import Bid, FundingDocument, Organisation, Project
from xtbang.queries.budgets import counted, running
from xtbang.queries.statistics.chart import Chart, Question
from xtbang.rules.money import yuan

HEADS = ("申报（个）", "立项（个）", "市级补助（万元）")


def _grouped(question: Question, by: Any, *, joined: bool = False) -> list[tuple[Any, int, int, Any]]:
    policy = question.caller.policy
    granted = or_(running(policy), exists().where(FundingDocument.project_id == Project.id))
    columns = (
        func.count(),
        func.sum(case((granted, 1), else_=0)),
        func.sum(case((granted, counted(policy)), else_=yuan(0))),
    )
    query = select(by, *columns).select_from(Project).where(*question.conditions)
    if joined:
        query = query.join(Bid, Bid.id == Project.agreed_bid_id).join(Organisation, Organisation.id == Bid.lead_id)
    rows = question.caller.session.execute(query.group_by(by))
    return sorted(((name, count, funded or 0, amount or yuan(0)) for name, count, funded, amount in rows), key=_most)


def _most(row: tuple[Any, int, int, Any]) -> tuple[int, str]:
    return -row[1], str(row[0])


def _chart(key: str, title: str, head: str, rows: list[tuple[Any, int, int, Any]], labels: dict[str, str]) -> Chart:
    named = tuple(
        (labels.get(name, name) or "未填写", count, funded, amount.scaleb(-4)) for name, count, funded, amount in rows
    )
    return Chart(key, title, (head, *HEADS), named, drawn=2)


def by_domain(question: Question) -> Chart:
    """Return the projects by domain (所属领域)."""
    return _chart("domains", "按领域", "领域", _grouped(question, Project.domain), {})


def by_county(question: Question) -> Chart:
    """Return the projects by the county or park of their issuer."""
    return _chart("counties", "按县市区（园区）", "县市区（园区）", _grouped(question, Project.region), {})


def by_kind(question: Question) -> Chart:
    """Return the projects by kind of entry."""
    return _chart("kinds", "按类别", "类别", _grouped(question, Project.kind), KIND_LABELS)


def by_bidder(question: Question) -> Chart:
    """Return the projects with an agreed bidder, by the kind of that organisation."""
    rows = _grouped(question, Organisation.kind, joined=True)
    return _chart("bidders", "按揭榜方类型", "揭榜方类型", rows, {})
