"""The lines of the ledger (台账明细): what adds up to a figure of money, with receipt, date and account; as a page and as a file."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Response, abort, render_template, request, url_for
from sqlalchemy import Row, select

from xtbang.enums import LEDGER_LABELS, SOURCE_LABELS
from xtbang.extensions import db
from xtbang.models import Call
from xtbang.queries.ledger import totals_by_year
from xtbang.queries.ledger_lines import (
    LineFilters,
    account_for,
    accounts_at,
    every_ledger_line,
    ledger_lines,
    sum_of_lines,
)
from xtbang.queries.rights.project_parts import PERSONAL
from xtbang.web.finance.pages import SEE_MONEY, finance, seen_by
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.exports import csv_file, xlsx_file
from xtbang.web.frame.inputs import searched
from xtbang.web.frame.shell import policy

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
HEADS = "日期 项目编号 项目名称 发榜方 县市区（园区） 资金来源 款项 期次 金额（万元） 凭证号 收款单位 开户银行 账号 说明".split()


@finance.get("/finance/lines")
@access(*SEE_MONEY)
def lines() -> str:
    """Show the lines of the ledger that match, newest first, with what they add up to."""
    session, seen, filters = db.session(), seen_by(actor()), _filters()
    before = request.args.get("before", type=int)
    rows = ledger_lines(session, seen, filters, before, SIZE)
    number, total = sum_of_lines(session, seen, filters)
    chosen: dict[str, Any] = {key: value for key, value in request.args.items() if key != "before" and value}
    accounts, only_county = accounts_at(session), actor().roles & frozenset(SEE_MONEY) == {"county"}
    return render_template(
        "finance/lines.html",
        rows=[(row, _what(row), _account(accounts, row)) for row in rows[:SIZE]],
        number=number,
        total=total,
        filters=filters,
        figures=FIGURES if policy().county_pays else {key: FIGURES[key] for key in FIGURES if key != "county"},
        sources=SOURCE_LABELS,
        chosen=chosen,
        older=url_for("finance.lines", **(chosen | {"before": rows[SIZE - 1].id})) if len(rows) > SIZE else "",
        newest=url_for("finance.lines", **chosen) if before else "",
        regions=() if only_county else policy().city.places,
        years={item.name: f"{item.name} 年" for item in totals_by_year(session, seen)},
        calls={str(row.id): row.title for row in session.execute(select(Call.id, Call.title).order_by(Call.id.desc()))},
    )


@finance.get("/finance/lines/export/<kind>")
@access(*SEE_MONEY)
def export_lines(kind: str) -> Response:
    """Send the lines that match as a file: ``csv`` or ``xlsx``."""
    make = {"csv": csv_file, "xlsx": xlsx_file}.get(kind)
    if make is None:
        abort(404)
    return make("资金台账明细", HEADS, _cells(every_ledger_line(db.session(), seen_by(actor()), _filters())))


def _cells(rows: Iterator[Row[Any]]) -> Iterator[Sequence[Any]]:
    accounts = accounts_at(db.session())
    for row in rows:
        to = _account(accounts, row)
        kind, instalment = LEDGER_LABELS[row.kind], _instalment(row)
        said = (row.dated.isoformat(), row.number, row.title, row.issuer, row.region, SOURCE_LABELS[row.source])
        money = (kind, instalment, row.counted.scaleb(-4), row.receipt if row.receipt else "")
        yield (*said, *money, to["name"], to["bank_name"], to["bank_account"], "冲正" if row.reverses_id else "")


def _account(accounts: Any, row: Row[Any]) -> Mapping[str, str]:
    """Return the account that a line was paid to, as far as this reader may see accounts."""
    to: Mapping[str, str] = account_for(accounts, row)
    may = any("accounts" in PERSONAL.get(role, ()) for role in actor().roles)
    return to if may else {"name": to["name"], "bank_name": "", "bank_account": ""}


def _what(row: Row[Any]) -> str:
    """Return in words what a line is."""
    return f"{'冲正：' if row.reverses_id else ''}{_instalment(row)}{LEDGER_LABELS[row.kind]}"


def _instalment(row: Row[Any]) -> str:
    return policy().editions[row.edition].instalments[row.instalment - 1].name if row.instalment else ""


def _filters() -> LineFilters:
    args = request.args
    of = args.get("of", "")
    ids = {key: args.get(key, type=int) for key in ("year", "call", "project")}
    return LineFilters(of if of in FIGURES else "", args.get("region", ""), search=searched(), **ids)
