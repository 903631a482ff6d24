"""Holidays (放假安排): the years that are known, entered by one person of the offices and confirmed by another."""

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from xtbang.domain.holidays import DROP, FORM, confirm_holidays, drop_holidays, enter_holidays
from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked, NotFound
from xtbang.extensions import db
from xtbang.models import HolidayYear
from xtbang.queries.holidays import holiday_years, holidays_of
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import HolidayYearShown
from xtbang.rules.forms import check, clean
from xtbang.rules.workdays import is_known, spans
from xtbang.web.admin.home import admin, at_home
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.shell import caller, policy


@admin.get("/admin/holidays")
@access(*BUREAU_ROLES, "auditor", "admin")
def holidays() -> str:
    """Show every year that was entered, and from which years on nothing is known."""
    return _page()


def _page(typed: dict[int, str] | None = None, wrong: list[str] | None = None) -> str:
    today, known = caller().today, holidays_of(db.session(), policy().city)
    who = actor()
    return render_template(
        "admin/holidays.html",
        rows=[_shown(row) for row in holiday_years(db.session())],
        years={year: is_known(date(year, 1, 1), known) for year in range(today.year - 1, today.year + 2)},
        may=not who.roles.isdisjoint(policy().city.roles),
        me=who.person_id,
        home=at_home(),
        typed=typed or {},
        errors={f"reason-{number}": wrong for number in typed or {}},
    )


def _shown(row: HolidayYear) -> HolidayYearShown:
    off = spans([date.fromisoformat(day) for day in row.off])
    known = {"asked_by": row.asked_by.name, "decided_by": row.decided_by.name if row.decided_by else ""}
    worked = [date.fromisoformat(day) for day in row.worked]
    return shown(HolidayYearShown, row, off=off, worked=worked, **known)


@admin.route("/admin/holidays/new", methods=["GET", "POST"])
@access(*BUREAU_ROLES)
def new_holidays() -> Any:
    """Show the form of a year's holidays; on POST enter them, to be confirmed by another person."""
    if request.method == "GET":
        return _form({"year": request.args.get("year", ""), "dated": caller().today.isoformat()}, {}, 200)
    values = clean(FORM, raw_values(FORM.fields, request.form))
    if wrong := check(FORM, values, complete=True):
        return _form(values, by_field(wrong), 422)
    try:
        enter_holidays(caller(), values)
    except Blocked as blocked:
        return _form(values, by_field(blocked.reasons), 409)
    flash("已登记，等待另一人复核；复核后生效。", "success")
    return redirect(url_for("admin.holidays"))


def _form(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    return render_template("admin/holidays_new.html", form=FORM, values=values, errors=errors, home=at_home()), status


@admin.post("/admin/holidays/<int:row_id>/confirm")
@access(*BUREAU_ROLES)
def confirm_year(row_id: int) -> Any:
    """Confirm what another person has entered."""
    try:
        confirm_holidays(caller(), row_id)
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("已复核，放假安排生效；正在计算的期限按它重新计算。", "success")
    return redirect(url_for("admin.holidays"))


@admin.post("/admin/holidays/<int:row_id>/drop")
@access(*BUREAU_ROLES)
def drop_year(row_id: int) -> Any:
    """Refuse what another person has entered, or withdraw one's own; with the reason."""
    if db.session.get(HolidayYear, row_id) is None:
        raise NotFound(f"holidays {row_id}")
    values = clean(DROP, raw_values(DROP.fields, request.form))
    if wrong := check(DROP, values, complete=True):
        return _page({row_id: values["reason"]}, [str(reason) for reason in wrong]), 422
    try:
        drop_holidays(caller(), row_id, values["reason"])
    except Blocked as blocked:
        flash(str(blocked), "error")
    else:
        flash("这一项放假安排没有生效，理由已记录。", "success")
    return redirect(url_for("admin.holidays"))
