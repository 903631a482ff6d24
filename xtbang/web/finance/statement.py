"""The yearly statement (年度资金表): what each county and each source paid and got back in a year, to be printed and signed."""

from typing import Any

from flask import render_template, request

from xtbang.extensions import db
from xtbang.queries.ledger import totals_by_year, year_by_county
from xtbang.queries.rights.lists import SEE_MONEY, money_seen_by
from xtbang.web.finance.pages import finance
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.shell import caller, policy


@finance.get("/finance/statement")
@access(*SEE_MONEY)
def statement() -> str:
    """Show the statement of a year, this one unless another is chosen; a county reads its own."""
    session, seen = db.session(), money_seen_by(actor())
    year = request.args.get("year", type=int) or caller().today.year
    rows = year_by_county(session, year, seen)
    sources: list[dict[str, Any]] = []
    if rows:
        total = rows[-1]
        sources = [{"name": "发榜方付款（自筹）", "of": "issuer_paid", "paid": total.issuer_paid}]
        sources.append({"name": "市级财政补助", "of": "city", "paid": total.city})
        if policy().county_pays:
            sources.append({"name": "县市区（园区）财政补助", "of": "county", "paid": total.county})
    return render_template(
        "finance/statement.html",
        year=year,
        years={item.name: f"{item.name} 年" for item in totals_by_year(session, seen)},
        rows=rows,
        sources=sources,
        county_pays=policy().county_pays,
        today=caller().today,
        who=actor().name,
    )
