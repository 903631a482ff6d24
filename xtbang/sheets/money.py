"""Lists of money as files: projects, lines of the ledger, the plan of payments, budgets, collective slips."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, islice
from typing import Any

from sqlalchemy import Row, and_

from xtbang.domain.collective_slips import DIRECTIONS
from xtbang.domain.receiving_accounts import own_source
from xtbang.enums import LEDGER_LABELS, SOURCE_LABELS
from xtbang.models import LedgerEntry, Project
from xtbang.queries.budgets import calls_with_budget
from xtbang.queries.caller import Caller
from xtbang.queries.collective_slips import slips_of
from xtbang.queries.finance import CAUSES, Filters, every_project, instalment_names, recoveries
from xtbang.queries.ledger_lines import LineFilters, account_for, accounts_at, every_ledger_line
from xtbang.queries.payment_plan import Expected, Plan
from xtbang.queries.payment_queue import queue, reasons
from xtbang.queries.project_facts import name_of
from xtbang.queries.rights.lists import SEE_BUDGETS, SEE_MONEY, money_seen_by
from xtbang.queries.rights.project_parts import PERSONAL
from xtbang.queries.shown.states import slip_state
from xtbang.rules.asked import Asked
from xtbang.rules.policy import Policy
from xtbang.rules.sheet import Column, Kind, Sheet, money, texts
from xtbang.sheets.registry import list_file


@list_file("finance.projects", SEE_MONEY)
def project_money(caller: Caller, asked: Asked) -> Sheet:
    """Return funded projects with what is planned and paid of every instalment by each treasury."""
    policy, names = caller.policy, instalment_names(caller.policy)
    treasuries = ("市", "县") if policy.county_pays else ("市",)
    of = [[f"{who}级补助", *(f"{who}级{name}已拨" for name in names)] for who in treasuries]
    about = texts("项目编号", "项目名称", "发榜方", "揭榜方", "县市区（园区）", "状态")
    amounts = money("科研投入总额", "发榜方已付款", *chain(*of), "应追缴", "已追缴")
    seen = and_(money_seen_by(caller.actor), *asked.among(Project.id))
    rows = every_project(caller, seen, Filters.of(asked))
    return Sheet(
        "揭榜挂帅项目资金", [*about, *amounts], (_money(caller, row, len(names)) for row in islice(rows, asked.most))
    )


def _money(caller: Caller, row: Row[Any], instalments: int) -> Sequence[Any]:
    policy, numbers = caller.policy, range(1, instalments + 1)
    state = name_of(policy.states[row.state], row, caller.collected)
    names = row.id, row.number, row.title, row.issuer, row.bidder, row.region, state
    city = (row.subsidy_city, *(getattr(row, f"city{number}") for number in numbers))
    county = (row.subsidy_county, *(getattr(row, f"county{number}") for number in numbers))
    shared = county if policy.county_pays else ()
    return (*names, row.total_investment, row.issuer_paid, *city, *shared, row.due_back, row.back)


@list_file("finance.lines", SEE_MONEY)
def ledger(caller: Caller, asked: Asked) -> Sheet:
    """Return lines of the ledger with receipt, date and account; added up where they are those of one figure."""
    filters = LineFilters.of_address(asked)
    columns = [
        Column("日期", Kind.DATE),
        *texts("项目编号", "项目名称", "发榜方", "县市区（园区）", "资金来源", "款项", "期次"),
        Column("金额（万元）", Kind.MONEY, total=bool(filters.of)),
        *texts("凭证号", "收款单位", "开户银行", "账号", "说明"),
    ]
    seen = and_(money_seen_by(caller.actor), *asked.among(LedgerEntry.id))
    rows = every_ledger_line(caller.session, seen, filters)
    return Sheet("资金台账明细", columns, _lines(caller, islice(rows, asked.most)))


def _lines(caller: Caller, rows: Iterator[Row[Any]]) -> Iterator[Sequence[Any]]:
    accounts = accounts_at(caller.session)
    for row in rows:
        to = account_seen(caller, account_for(accounts, row))
        said = row.id, row.dated, row.number, row.title, row.issuer, row.region, SOURCE_LABELS[row.source]
        paid = LEDGER_LABELS[row.kind], instalment_of(caller.policy, row), row.counted, row.receipt
        yield (*said, *paid, to["name"], to["bank_name"], to["bank_account"], "冲正" if row.reverses_id else "")


def account_seen(caller: Caller, to: Mapping[str, str]) -> Mapping[str, str]:
    """Return an account that a line was paid to, as far as this reader may see accounts."""
    may = any("accounts" in PERSONAL.get(role, ()) for role in caller.actor.roles)
    return to if may else {"name": to["name"], "bank_name": "", "bank_account": ""}


def instalment_of(policy: Policy, row: Row[Any]) -> str:
    """Return the name of the instalment of a line of the ledger; "" without one."""
    return policy.editions[row.edition].instalments[row.instalment - 1].name if row.instalment else ""


@list_file("finance.plan", SEE_MONEY)
def payment_plan(caller: Caller, asked: Asked) -> Sheet:
    """Return the payments that are expected, of one month or of all."""
    columns = [
        *texts("月份", "项目编号", "项目名称", "发榜方", "县市区（园区）", "环节", "期次"),
        *money("市级", "县级"),
    ]
    found = Plan(caller, asked.text("region")).payments(month_asked(asked), asked.most, ids=asked.ids)
    return Sheet("用款计划", columns, (_expected(caller.policy, item) for item in found))


def month_asked(asked: Asked) -> date | None:
    """Return the first day of the month that is asked for, None for all."""
    try:
        return date.fromisoformat(f"{asked.text('month')}-01")
    except ValueError:
        return None


def _expected(policy: Policy, item: Expected) -> Sequence[Any]:
    row = item.row
    place = row.number, row.title, row.issuer, row.region, policy.states[row.state].name
    return (item.id, f"{item.month:%Y-%m}", *place, item.name, item.city, item.county)


@list_file("finance.budgets", SEE_BUDGETS)
def budgets(caller: Caller, asked: Asked) -> Sheet:
    """Return every call with its budget."""
    columns = [*texts("批次", "批次代号"), *money("预算", "拟立项", "已立项", "可安排", "已拨付", "未拨付")]
    rows = (
        (call.id, call.title, call.code)
        + ((sums.planned, sums.proposed, sums.fixed, sums.left, sums.paid, sums.unpaid) if sums else (None,) * 6)
        for call, sums in calls_with_budget(caller.session, caller.policy, asked.ids)
    )
    return Sheet("批次预算", columns, rows)


@list_file("finance.slips", ("finance", "county"))
def collective_slips(caller: Caller, asked: Asked) -> Sheet:
    """Return the collective slips of one's own treasury."""
    columns = [
        *texts("凭证号", "方向"),
        Column("日期", Kind.DATE),
        *money("总金额", "已登记"),
        Column("笔数", Kind.WHOLE),
        *texts("状态", "说明"),
    ]
    own = own_source(caller.actor)
    found = slips_of(caller.session, *own, most=asked.most, only=asked.ids or None) if own else []
    rows = (
        (
            slip.id, slip.number, DIRECTIONS[slip.direction], slip.dated, slip.total, slip.used, slip.lines,
            slip_state(slip).words,
            slip.note,
        )
        for slip in found
    )  # fmt: skip
    return Sheet("汇总凭证", columns, rows)


@list_file("finance.overview", SEE_MONEY)
def payment_queue(caller: Caller, asked: Asked) -> Sheet:
    """Return the instalments to be paid: those whose conditions are met first, and what blocks each of the others."""
    columns = [
        *texts("编号", "名称", "单位", "县市区（园区）", "期次"),
        *money("应拨金额"),
        Column("等待（天）", Kind.WHOLE),
        *texts("可以拨付", "尚缺的条件"),
    ]
    rows = (
        (
            item.row.id, item.row.number, item.row.title, item.row.issuer, item.row.region, item.instalment.name, item.amount,
            item.waited(caller.today), "是" if item.ready else "否",
            "；".join(map(str, reasons(item, caller.policy.edition(item.row.edition)))),
        )
        for item in queue(caller, money_seen_by(caller.actor), asked.most, asked.ids)
    )  # fmt: skip
    return Sheet("待拨付资金", columns, rows)


@list_file("finance.recovery_list", SEE_MONEY)
def recovery_list(caller: Caller, asked: Asked) -> Sheet:
    """Return the projects with money to be recovered, by the last day for it, of city and county."""
    columns = [
        *texts("编号", "名称", "单位", "县市区（园区）", "原因"),
        Column("退回期限", Kind.DATE),
        *money("应追缴", "市级应追缴", "县级应追缴", "尚差", "市级尚差", "县级尚差"),
    ]
    rows = (
        (
            row.id, row.number, row.title, row.issuer, row.region, CAUSES[row.cause], row.due,
            row.city_due + row.county_due, row.city_due, row.county_due,
            row.city_left + row.county_left, row.city_left, row.county_left,
        )
        for row in recoveries(caller, money_seen_by(caller.actor), asked.most, asked.ids)
    )  # fmt: skip
    return Sheet("追缴", columns, rows)
