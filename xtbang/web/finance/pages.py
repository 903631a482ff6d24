"""Money (资金): planned and paid, by project, county and year; recoveries; exports as files."""

from decimal import Decimal
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from xtbang.domain.payment_approvals import APPROVE
from xtbang.domain.receiving_accounts import own_source, record_account
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.people.account_forms import RECEIVING_FORM
from xtbang.queries.budgets import waiting_lines
from xtbang.queries.finance import Filters, planned, recoveries, sums
from xtbang.queries.finance import projects as project_rows
from xtbang.queries.ledger import totals
from xtbang.queries.ledger import years as years_of_lines
from xtbang.queries.payment_queue import LISTED, Payment, queue, reasons
from xtbang.queries.receiving_accounts import accounts_of
from xtbang.queries.rights.lists import SEE_MONEY, money_region, money_seen_by
from xtbang.queries.rights.visibility import seen_by_reader
from xtbang.queries.shown import shown
from xtbang.queries.shown.money import AccountShown
from xtbang.rules.actor import Actor
from xtbang.rules.forms import check, clean
from xtbang.web.finance.recoveries import recovery_line
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import asked, by_field, raw_values
from xtbang.web.frame.lines import about
from xtbang.web.frame.list_files import filters_of
from xtbang.web.frame.registers import in_order, listed
from xtbang.web.frame.shell import caller, policy
from xtbang.web.office.selection import Picking, deeds_for

finance = Blueprint("finance", __name__)

SHOWN = 10  # recoveries below the payments


@finance.get("/finance")
@access(*SEE_MONEY)
def overview() -> str:
    """Show the payment queue with every reason, the recoveries, and the totals."""
    who, asking = actor(), caller()
    seen = seen_by_reader(asking.policy, who.roles & frozenset(SEE_MONEY))
    found = queue(asking, seen, LISTED + 1)
    payments = found[:LISTED]
    ready = [item.amount for item in payments if item.ready]
    region = money_region(who)
    city_planned, county_planned, running = planned(asking, region)
    total, counties, years = totals(asking.session, region)
    deeds = deeds_for(asking.policy, who.roles, {item.row.state for item in payments})
    owed = recoveries(asking, seen, SHOWN + 1)
    return render_template(
        "finance/overview.html",
        budgets_waiting=0 if region is not None else waiting_lines(asking.session),
        payments=[_payment(item, who) for item in in_order(payments)],
        cut=f"只列出前 {LISTED} 项，办理后其余依次出现" if len(found) > LISTED else "",
        ready=len(ready),
        ready_sum=sum(ready, Decimal(0)),
        pick=Picking("payments", (), str(len(payments)), deeds),
        recoveries=[recovery_line(row, who) for row in owed[:SHOWN]],
        more_recoveries=len(owed) > SHOWN,
        total=total,
        counties=counties,
        years=years,
        city_planned=city_planned,
        county_planned=county_planned,
        county_pays=policy().county_pays,
        running=running,
        account=_account(who),
        region=region or "",
    )


def year_choices(session: Session, region: str | None) -> dict[str, str]:
    """Return the years with lines of the ledger, of all or of one region, as choices of a filter."""
    return {str(year): f"{year} 年" for year in years_of_lines(session, region)}


def _account(who: Actor) -> dict[str, Any] | None:
    """Return the receiving account that this person manages: its owner and the account in force. None for others."""
    own = own_source(who)
    if own is None:
        return None
    source, region = own
    rows, today = accounts_of(db.session(), source, region), caller().today
    in_force = next((row for row in rows if row.since <= today), None)
    return {
        "whose": region or "市级财政",
        "row": in_force and shown(AccountShown, in_force),
        "rows": [shown(AccountShown, row) for row in rows],
    }


@finance.route("/finance/account", methods=["GET", "POST"])
@access("finance", "county")
def account() -> Any:
    """Show the receiving account (收款账户) of one's own treasury and earlier ones; on POST record a new one."""
    who = actor()
    if request.method == "GET":
        return _account_page(who, {"since": caller().today.isoformat()}, {}, 200)
    values = clean(RECEIVING_FORM, raw_values(RECEIVING_FORM.fields, request.form))
    if wrong := check(RECEIVING_FORM, values, complete=True):
        return _account_page(who, values, by_field(wrong), 422)
    try:
        record_account(caller(), values)
    except Blocked as blocked:
        return _account_page(who, values, by_field(blocked.reasons), 409)
    flash("收款账户已登记，此后出具的追缴通知书将印上该账户。", "success")
    return redirect(url_for("finance.account"))


def _account_page(who: Actor, values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    found = _account(who)
    if found is None:
        abort(403)
    return render_template(
        "finance/account.html", account=found, form=RECEIVING_FORM, values=values, errors=errors
    ), status


def _payment(item: Payment, who: Actor) -> dict[str, Any]:
    row, together = item.row, policy().city.together
    trigger = policy().states[row.state].paid_by if row.approved else APPROVE
    mine = row.met and not who.roles.isdisjoint(policy().actions[trigger].who)
    notes = (
        f"付款比例的原则性要求，{together}已会签豁免。" if item.waived else "",
        f"另有付款凭证待{together}核验。" if item.unchecked else "",
    )
    return about(row) | {
        "instalment": item.instalment.name,
        "name": f"{item.instalment.name}{'拨付' if row.approved else '拨款审批'}",
        "amount": item.amount,
        "waited": item.waited(caller().today),
        "reasons": reasons(item, policy().editions[row.edition]),
        "notes": [note for note in notes if note],
        "act": url_for("actions.act", project_id=row.id, trigger=trigger) if mine else "",
    }


@finance.get("/finance/recoveries")
@access(*SEE_MONEY)
def recovery_list() -> str:
    """Show what has to be recovered, a line for each project, by the last day for it."""
    who, asking = actor(), caller()
    found = recoveries(asking, seen_by_reader(asking.policy, who.roles & frozenset(SEE_MONEY)), LISTED + 1)
    rows = in_order(found[:LISTED])
    deeds = deeds_for(asking.policy, who.roles, {row.state for row in rows})
    return render_template(
        "finance/recoveries.html",
        rows=[recovery_line(row, who) for row in rows],
        cut=f"只列出期限最早的 {LISTED} 项，办结后其余依次出现" if len(found) > LISTED else "",
        pick=Picking("recoveries", (), str(len(rows)), deeds),
    )


@finance.get("/finance/projects")
@access(*SEE_MONEY)
def projects() -> str:
    """Show planned and paid amounts, project by project."""
    who, filters, chosen = actor(), Filters.of(asked()), filters_of(request.args)
    seen = money_seen_by(who)
    found = listed(partial(project_rows, caller(), seen, filters))
    region = money_region(who)
    summed = sums(caller(), seen, filters, region)
    return render_template(
        "finance/projects.html",
        listed=found,
        sums=summed,
        filters=filters,
        filtered=bool(chosen),
        pick=Picking("money", tuple(chosen.items()), str(summed.number), deeds_for(policy(), who.roles)),
        regions=() if region is not None else policy().city.places,
        years=year_choices(db.session(), region),
        county_pays=policy().county_pays,
    )
