"""The plan of payments (用款计划) by month, as a page and as a file."""

from datetime import date
from decimal import Decimal

from flask import Response, abort, render_template, request

from xtbang.queries.payment_plan import Expected, by_month, expected_payments
from xtbang.web.finance.pages import SEE_MONEY, finance, seen_by
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.exports import csv_file, xlsx_file
from xtbang.web.frame.shell import caller, policy

HEADS = "月份 项目编号 项目名称 发榜方 县市区（园区） 环节 期次 市级（万元） 县级（万元）".split()


@finance.get("/finance/plan")
@access(*SEE_MONEY)
def plan() -> str:
    """Show what is expected to be paid, month by month, and the payments of a month or of all."""
    every, chosen = _expected()
    months = by_month(every)
    rows = [item for item in every if chosen in (None, item.month)]
    return render_template(
        "finance/plan.html",
        months=months,
        chosen=chosen,
        rows=rows,
        city=sum((item.city for item in rows), Decimal(0)),
        county=sum((item.county for item in rows), Decimal(0)),
        all_city=sum((item.city for item in months), Decimal(0)),
        all_county=sum((item.county for item in months), Decimal(0)),
        states=policy().states,
        county_pays=policy().county_pays,
        region=request.args.get("region", ""),
        regions=() if actor().roles & frozenset(SEE_MONEY) == {"county"} else policy().city.places,
    )


@finance.get("/finance/plan/export/<kind>")
@access(*SEE_MONEY)
def export_plan(kind: str) -> Response:
    """Send the payments of a month or of all as a file: ``csv`` or ``xlsx``."""
    make = {"csv": csv_file, "xlsx": xlsx_file}.get(kind)
    if make is None:
        abort(404)
    every, chosen = _expected()
    states = policy().states
    return make(
        "用款计划",
        HEADS,
        (
            (f"{item.month:%Y-%m}", item.row.number, item.row.title, item.row.issuer, item.row.region,
             states[item.row.state].name, item.name, item.city.scaleb(-4), item.county.scaleb(-4))
            for item in every if chosen in (None, item.month)
        ),
    )  # fmt: skip


def _expected() -> tuple[list[Expected], date | None]:
    try:
        chosen = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        chosen = None
    return expected_payments(caller(), seen_by(actor()), request.args.get("region", "")), chosen
