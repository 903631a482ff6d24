"""Budgets of calls (批次预算): each figure with the rows that add up to it; changes by two people."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Row

from xtbang.domain.budgets import DROP_FORM, FORM, REVERSE_FORM, ask_change, ask_reversal, confirm_change, drop_change
from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import BudgetLine, Call
from xtbang.queries.budgets import ZERO, BudgetSums, budget_of, calls_with_budget, every_line, takers
from xtbang.queries.rights.lists import SEE_BUDGETS
from xtbang.queries.shown import shown
from xtbang.queries.shown.money import BudgetLineShown, budget_line_shown
from xtbang.queries.shown.notices import CallShown
from xtbang.rules.budget import KINDS, by_year
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import check, clean
from xtbang.web.finance.pages import finance
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.registers import in_order
from xtbang.web.frame.shell import caller, policy

Amounts = tuple[Decimal | None, ...]
CHANGE = (*BUREAU_ROLES, "finance")
LINES = 100  # projects of one page
PARTS = {
    "proposed": "拟立项，资金文件尚未登记",
    "fixed": "已下达立项及资金文件",
    "paid": "已拨付",
    "approved": "已审批待拨",
}


@finance.get("/finance/budgets")
@access(*SEE_BUDGETS)
def budgets() -> str:
    """Show every call with its budget: planned, proposed, fixed, paid, left."""
    return render_template("finance/budgets.html", rows=in_order(calls_with_budget(db.session(), policy())))


@finance.get("/finance/budgets/<int:call_id>")
@access(*SEE_BUDGETS)
def budget(call_id: int) -> str:
    """Show the budget of one call by years, its changes, and the projects that add up to one of its figures."""
    return _page(_call(call_id))


def _page(call: Call, typed: Mapping[int, str] | None = None, wrong: Sequence[str] = ()) -> str:
    """Return the page of a budget; with the reason that was typed for a line, and what is wrong with it."""
    session, today = db.session(), caller().today
    sums, part, year = budget_of(session, policy(), call.id), asked().text("of"), asked().number("year")
    lines, counts = every_line(session, call.id), dict[int, Decimal]()
    if part == "planned" or year is not None:
        counts = {line.id: _counted(line, year) for line in lines if line.status == "confirmed"}
        lines = [line for line in lines if counts.get(line.id)]
    after, who = asked().text("after"), actor()
    found = takers(session, policy(), call.id, part, after, LINES)
    rows, complete = found[:LINES], not after and len(found) <= LINES
    here: dict[str, Any] = {"call_id": call.id, "of": part or None, "_anchor": "rows"}
    return render_template(
        "finance/budget.html",
        call=shown(CallShown, call),
        sums=sums,
        today=today,
        lines=lines,
        counts=counts,
        year=year,
        kinds=KINDS,
        rows=rows,
        number=len(rows) if complete else None,
        total=_total(rows) if complete else _total_of(sums, part),
        first=url_for("finance.budget", **here) if after else "",
        more=url_for("finance.budget", **here, after=rows[-1].number) if len(found) > LINES else "",
        part=PARTS.get(part, ""),
        may=not who.roles.isdisjoint(CHANGE),
        me=who.person_id,
        typed=typed or {},
        errors={f"reason-{line_id}": wrong for line_id in typed or {}},
    )


def _total(rows: Iterable[Row[Any]]) -> Amounts:
    """Return what these projects take, what was paid of it, and what is approved, in yuan."""
    each = [(row.taken, row.paid, row.approved) for row in rows]
    return tuple(sum(amounts, ZERO) for amounts in zip((ZERO,) * 3, *each, strict=True))


def _total_of(sums: BudgetSums | None, part: str) -> Amounts:
    """Return the same of all projects of a part, where they are more than a page shows; None for what is not added up."""
    if sums is None:
        return ()
    of: dict[str, Amounts] = {
        "proposed": (sums.proposed, ZERO, ZERO),
        "fixed": (sums.fixed, sums.paid, sums.approved),
        "paid": (None, sums.paid, None),
        "approved": (None, None, sums.approved),
    }
    return of.get(part, (sums.committed, sums.paid, sums.approved))


def _counted(line: BudgetLineShown, year: int | None) -> Decimal:
    """Return what a confirmed change adds to what may be paid in that year, or in all years, in yuan."""
    adds = by_year([(line.kind, line.year, line.net)])
    return sum(adds.values(), Decimal(0)) if year is None else adds.get(year, Decimal(0))


@finance.route("/finance/budgets/<int:call_id>/change", methods=["GET", "POST"])
@access(*CHANGE)
def change_budget(call_id: int) -> Any:
    """Show the form of a change of the budget; on POST enter it, to be confirmed by another person."""
    call, today = _call(call_id), caller().today
    known = {"year": today.year, "kind": request.args.get("kind", "")}
    return _form(call, FORM, known, lambda values: ask_change(caller(), call_id, values))


@finance.route("/finance/budget-lines/<int:line_id>/reverse", methods=["GET", "POST"])
@access(*CHANGE)
def reverse_budget(line_id: int) -> Any:
    """Show the form of the reversal of a line; on POST enter it, to be confirmed by another person."""
    line = _line(line_id)
    return _form(line.call, REVERSE_FORM, {}, lambda values: ask_reversal(caller(), line_id, values), line)


@finance.post("/finance/budget-lines/<int:line_id>/confirm")
@access(*CHANGE)
def confirm_budget(line_id: int) -> Any:
    """Confirm a change that another person has entered."""
    call_id = _line(line_id).call_id
    try:
        confirm_change(caller(), line_id)
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("已复核，预算变动生效。", "success")
    return redirect(url_for("finance.budget", call_id=call_id, _anchor="lines"))


@finance.post("/finance/budget-lines/<int:line_id>/drop")
@access(*CHANGE)
def drop_budget(line_id: int) -> Any:
    """Refuse a change that another person has entered, or withdraw one's own; with the reason."""
    line = _line(line_id)
    values = clean(DROP_FORM, raw_values(DROP_FORM.fields, request.form))
    if wrong := check(DROP_FORM, values, complete=True):
        return _page(line.call, {line_id: values["reason"]}, [str(reason) for reason in wrong]), 422
    drop_change(caller(), line_id, values["reason"])
    flash("这一笔预算变动没有生效，理由已记录。", "success")
    return redirect(url_for("finance.budget", call_id=line.call_id, _anchor="lines"))


def _form(
    call: Call,
    form: FormDefinition,
    known: Mapping[str, Any],
    ask: Callable[[dict[str, Any]], BudgetLine],
    line: BudgetLine | None = None,
) -> Any:
    call_id, values, errors, status = call.id, dict(known), dict[str, list[str]](), 200
    if request.method == "POST":
        values = clean(form, raw_values(form.fields, request.form))
        wrong: Any = check(form, values, complete=True)
        if not wrong:
            try:
                ask(values)
            except Blocked as blocked:
                wrong = blocked.reasons
            else:
                flash("已登记，等待另一人复核；复核后生效。", "success")
                return redirect(url_for("finance.budget", call_id=call_id, _anchor="lines"))
        call, line = db.session.get_one(Call, call_id), db.session.get(BudgetLine, line.id) if line else None
        errors, status = by_field(wrong), 422
    sums = budget_of(db.session(), policy(), call_id)
    page = render_template(
        "finance/budget_form.html",
        call=shown(CallShown, call),
        form=form,
        values=values,
        errors=errors,
        sums=sums,
        line=line and budget_line_shown(line),
        kinds=KINDS,
        today=caller().today,
    )
    return page, status


def _call(call_id: int) -> Call:
    return db.session.get(Call, call_id) or abort(404)


def _line(line_id: int) -> BudgetLine:
    return db.session.get(BudgetLine, line_id) or abort(404)
