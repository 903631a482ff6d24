"""The plan of payments (用款计划) by month."""

from decimal import Decimal

from flask import render_template, request, url_for

from xtbang.queries.payment_plan import in_full
from xtbang.queries.rights.lists import SEE_MONEY
from xtbang.sheets.money import planned
from xtbang.web.finance.pages import finance
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.registers import in_order
from xtbang.web.frame.shell import caller, policy

LINES = 100  # payments of one page


@finance.get("/finance/plan")
@access(*SEE_MONEY)
def plan() -> str:
    """Show what is expected to be paid, month by month, and the payments of a month or of all."""
    months, chosen = planned(caller(), asked())
    shown = [month for month in months if chosen in (None, month.month)]
    rows = in_order([item for month in shown for item in month.payments])
    first = min(asked().number("from") or 0, max(0, len(rows) - 1)) // LINES * LINES
    pages = {"newer": first - LINES if first else None, "older": first + LINES if rows[first + LINES :] else None}
    here = {key: value for key, value in request.args.items() if key in ("month", "region", "sort")}
    return render_template(
        "finance/plan.html",
        months=months,
        chosen=chosen,
        rows=in_full(caller(), rows[first : first + LINES]),
        first=first,
        found=len(rows),
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
