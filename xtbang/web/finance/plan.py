"""The plan of payments (用款计划) by month."""

from decimal import Decimal

from flask import render_template, request, url_for

from xtbang.queries.payment_plan import Plan
from xtbang.queries.rights.lists import SEE_MONEY
from xtbang.sheets import LISTS
from xtbang.sheets.money import month_asked
from xtbang.sheets.registry import SORTED
from xtbang.web.finance.pages import finance
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.shell import caller, policy

LINES = 100  # payments of one page
CUT = f"只将预计最早的 {SORTED} 笔排序"


@finance.get("/finance/plan")
@access(*SEE_MONEY)
def plan() -> str:
    """Show what is expected to be paid, month by month, and the payments of a month or of all."""
    seen, chosen = Plan(caller(), asked().text("region")), month_asked(asked())
    months = seen.months()
    shown = [month for month in months if chosen in (None, month.month)]
    found = sum(month.count for month in shown)
    order = LISTS["finance.plan"].order(caller(), asked())
    listed = len(order[0]) if order else found
    first = min(asked().number("from") or 0, max(0, listed - 1)) // LINES * LINES
    if order:
        wanted = order[0][first : first + LINES]
        known = {item.id: item for item in seen.payments(chosen, None, ids=wanted)} if wanted else {}
        rows = [known[number] for number in wanted if number in known]
    else:
        rows = list(seen.payments(chosen, LINES, first))
    pages = {"newer": first - LINES if first else None, "older": first + LINES if listed > first + LINES else None}
    here = {key: value for key, value in request.args.items() if key in ("month", "region", "sort")}
    return render_template(
        "finance/plan.html",
        months=months,
        chosen=chosen,
        rows=rows,
        first=first,
        found=found,
        cut=CUT if order and order[1] else "",
        pages={
            name: "" if start is None else url_for("finance.plan", **here, **{"from": start}, _anchor="rows")
            for name, start in pages.items()
        },
        city_sum=sum((month.city for month in shown), Decimal(0)),
        county_sum=sum((month.county for month in shown), Decimal(0)),
        all_city=sum((month.city for month in months), Decimal(0)),
        all_county=sum((month.county for month in months), Decimal(0)),
        county_pays=policy().county_pays,
        region=request.args.get("region", ""),
        regions=() if actor().roles & frozenset(SEE_MONEY) == {"county"} else policy().city.places,
    )
