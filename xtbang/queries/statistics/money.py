"""Money by year: the budget, what was paid and came back; the turnover of technical contracts (技术合同成交额)."""

from decimal import Decimal

from sqlalchemy import func, select

from xtbang.models import Call, DealTotal, LedgerTotal
from xtbang.queries.budgets import confirmed_lines
from xtbang.queries.ledger import totals_by_year
from xtbang.queries.statistics.chart import Chart, Question
from xtbang.rules.budget import by_year

ZERO = Decimal(0)


def by_years(question: Question) -> Chart:
    """Return budget, payments of both treasuries and recoveries by year: the sums of the page of money (资金)."""
    session, county = question.caller.session, question.caller.policy.county_pays
    totals = {int(total.name): total for total in totals_by_year(session, *question.of(LedgerTotal))}
    planned: dict[int, Decimal] = {}
    if question.whole_city:
        calls = session.scalars(select(Call.id)) if question.call_id is None else [question.call_id]
        for lines in confirmed_lines(session, calls).values():
            for year, amount in by_year((line.kind, line.year, line.net) for line in lines).items():
                planned[year] = planned.get(year, ZERO) + amount
    rows = []
    for year in sorted({*totals, *planned}):
        total = totals.get(year)
        paid = (total.city, *((total.county,) if county else ()), total.recovered) if total else (ZERO,) * (2 + county)
        amounts = (*((planned.get(year, ZERO),) if planned else ()), *paid)
        rows.append((f"{year}年", *(amount.scaleb(-4) for amount in amounts)))
    heads = ("年度", *(["预算（万元）"] if planned else []), "市级已拨（万元）")
    heads += ("县级已拨（万元）", "已追回（万元）") if county else ("已追回（万元）",)
    return Chart("money", "资金按年度", heads, tuple(rows), "columns", drawn=len(heads) - 1)


def deals(question: Question) -> Chart:
    """Return the turnover of registered technical contracts by the year of their registration."""
    sums = func.sum(DealTotal.deals), func.sum(DealTotal.amount)
    query = select(DealTotal.year, *sums).where(*question.of(DealTotal)).having(sums[0] > 0)
    found = question.caller.session.execute(query.group_by(DealTotal.year).order_by(DealTotal.year))
    rows = tuple((f"{when}年", amount.scaleb(-4), count) for when, count, amount in found)
    heads = ("年度", "成交额（万元）", "技术合同（项）")
    return Chart("deals", "技术合同成交额", heads, rows, "columns")
