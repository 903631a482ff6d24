"""The yearly statement (年度资金表): what each county and each source paid and got back in a year, to be printed and signed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from xtbang.domain.yearly_statements import current_statement, issue_statement
from xtbang.enums import BUREAU_ROLES
from xtbang.extensions import db
from xtbang.queries.ledger import year_by_county
from xtbang.queries.rights.lists import SEE_MONEY, money_region
from xtbang.queries.shown import shown
from xtbang.queries.shown.documents import PaperShown
from xtbang.web.finance.pages import finance, year_choices
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.shell import caller, policy

ISSUERS = ("finance", *BUREAU_ROLES, "county")


@finance.get("/finance/statement")
@access(*SEE_MONEY)
def statement() -> str:
    """Show the statement of a year, this one unless another is chosen; a county reads its own."""
    session, region = db.session(), money_region(actor())
    year = request.args.get("year", type=int) or caller().today.year
    rows = year_by_county(session, year, region)
    paper = current_statement(session, year, region or "")
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
        years=year_choices(session, region),
        rows=rows,
        sources=sources,
        county_pays=policy().county_pays,
        today=caller().today,
        who=actor().name,
        may=not actor().roles.isdisjoint(ISSUERS),
        paper=paper and shown(PaperShown, paper),
    )


@finance.post("/finance/statement")
@access(*ISSUERS)
def issue() -> Any:
    """Issue the statement of a year as a paper, of one's own county or of the whole city, and lead to its PDF."""
    session, year = db.session(), request.form.get("year", type=int) or 0
    region = money_region(actor())
    rows = year_by_county(session, year, region)
    if not rows:
        flash(f"{year}年没有资金往来，没有可以出具的资金表。", "warning")
        return redirect(url_for("finance.statement", year=year))
    role = next(each for each in ISSUERS if each in actor().roles)
    paper = issue_statement(caller(), year, region or "", rows, role)
    return redirect(url_for("files.paper", paper_id=paper.id))
