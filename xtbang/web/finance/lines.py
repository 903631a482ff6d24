"""The lines of the ledger (台账明细): what adds up to a figure of money, with receipt, date and account."""

from functools import partial
from typing import Any

from flask import render_template, request
from sqlalchemy import Row, select

from xtbang.enums import LEDGER_LABELS, SOURCE_LABELS
from xtbang.extensions import db
from xtbang.models import Call
from xtbang.queries.ledger_lines import (
    LineFilters,
    account_for,
    accounts_at,
    ledger_lines,
    sum_of_lines,
)
from xtbang.queries.rights.lists import SEE_MONEY, money_region, money_seen_by
from xtbang.sheets.money import account_seen, instalment_of
from xtbang.web.finance.pages import finance, year_choices
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked
from xtbang.web.frame.list_files import filters_of
from xtbang.web.frame.registers import listed
from xtbang.web.frame.shell import caller, policy

SIZE = 50
FIGURES = {
    "issuer_paid": "发榜方付款",
    "city": "市级已拨",
    "county": "县级已拨",
    "due": "应追缴",
    "recovered": "已追缴",
    "written_off": "核销",
    "outstanding": "待追缴",
}


@finance.get("/finance/lines")
@access(*SEE_MONEY)
def lines() -> str:
    """Show the lines of the ledger that match, newest first, with what they add up to."""
    session, seen, filters = db.session(), money_seen_by(actor()), LineFilters.of_address(asked())
    found = listed(partial(ledger_lines, session, seen, filters), SIZE)
    region = money_region(actor())
    number, total = sum_of_lines(session, seen, filters, region)
    accounts = accounts_at(session)
    return render_template(
        "finance/lines.html",
        listed=found.shown(lambda row: (row, _what(row), account_seen(caller(), account_for(accounts, row)))),
        number=number,
        total=total,
        filters=filters,
        figures=FIGURES if policy().county_pays else {key: FIGURES[key] for key in FIGURES if key != "county"},
        sources=SOURCE_LABELS,
        filtered=bool(filters_of(request.args)),
        regions=() if region is not None else policy().city.places,
        years=year_choices(session, region),
        calls={str(row.id): row.title for row in session.execute(select(Call.id, Call.title).order_by(Call.id.desc()))},
    )


def _what(row: Row[Any]) -> str:
    """Return in words what a line is."""
    return f"{'冲正：' if row.reverses_id else ''}{instalment_of(policy(), row)}{LEDGER_LABELS[row.kind]}"
