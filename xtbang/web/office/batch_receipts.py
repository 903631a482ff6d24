"""The receipts (回单) of a batch of payments: read from the bank's table, matched, and asked about where that is not certain."""

import json
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from werkzeug.datastructures import FileStorage, MultiDict

from xtbang.actions.context import Context
from xtbang.domain.payment_approvals import APPROVE
from xtbang.domain.payment_sheets import listed
from xtbang.domain.payments import city_payment_due, payee
from xtbang.extensions import db
from xtbang.papers.spreadsheet import UnreadableSheet, cells_of
from xtbang.rules.bank_receipts import (
    LOST,
    Awaited,
    BankReceipt,
    Matching,
    Question,
    UnreadableTable,
    has_heads,
    match,
    receipts_of,
)
from xtbang.rules.lives import Action
from xtbang.rules.money import yuan_from_wan
from xtbang.web.frame.access import actor
from xtbang.web.frame.scanning import against_table
from xtbang.web.frame.shell import engine, policy
from xtbang.workflow.many import Candidate

LARGEST = 5 * 1024 * 1024  # bytes
OTHER = "other"  # the answer that a receipt belongs to none of these payments
Own = MutableMapping[int, dict[str, Any]]


@dataclass(frozen=True)
class BankReceipts:
    """Payments matched with a table of receipts, for the page: ``answers`` is by the row of the table."""

    trouble: str = ""
    matching: Matching = field(default_factory=lambda: Matching({}))
    answers: Mapping[int, str] = field(default_factory=dict)
    unanswered: int = 0
    lines: Mapping[int, str] = field(default_factory=dict)  # the questions as they are sent along, by row
    read: bool = False

    def keeps(self, project_id: int) -> bool:
        """Return whether a payment stays chosen: the table has its receipt, or one that may be its own."""
        found = project_id in self.matching.found
        return not self.read or found or any(project_id in one.choices for one in self.matching.asked)


def pays(action: Action) -> bool:
    """Return whether an action pays instalments of the city."""
    return any(state.paid_by == action.trigger for state in policy().states.values())


def approves(action: Action) -> bool:
    """Return whether an action approves payments, of which one sheet is printed for all."""
    return action.trigger == APPROVE


def dues(able: Sequence[Candidate]) -> dict[int, Decimal]:
    """Return the instalment that each payment, or approval of one, is about, in yuan, by project."""
    found = {item.project.id: context for item in able if (context := _context(item))}
    return {number: yuan_from_wan(city_payment_due(context) or "0") or Decimal(0) for number, context in found.items()}


def payees(able: Sequence[Candidate]) -> dict[int, dict[str, Any]]:
    """Return name, bank and account of who receives each payment, by project."""
    return {item.project.id: _payee(item) for item in able}


def sheets(able: Sequence[Candidate]) -> dict[int, dict[str, Any]]:
    """Return number and id of the payment sheet in force that each payment is on, and whether it is outdated, by project."""
    found = listed([context for item in able if (context := _context(item))])
    return {
        project_id: {"paper_id": item.paper.id, "number": item.paper.number, "outdated": item.outdated}
        for project_id, item in found.items()
    }


def read(file: FileStorage | None, able: Sequence[Candidate], own: Own) -> BankReceipts:
    """Fill number and date of every certain receipt into ``own``; return what is to be asked, or why nothing was read."""
    content = file.stream.read(LARGEST + 1) if file and file.filename else b""
    if not content:
        return BankReceipts("请选择银行导出的 xlsx 表格。")
    if len(content) > LARGEST:
        return BankReceipts("表格超过 5 MB，请只导出这次拨付的日期范围。")
    if against := against_table(content):
        return BankReceipts(against)
    try:
        receipts = receipts_of(cells_of(content, has_heads))
    except (UnreadableSheet, UnreadableTable) as error:
        return BankReceipts(str(error))
    matching = match(receipts, [_awaited(item) for item in able])
    for project_id, receipt in matching.found.items():
        _fill_in(own, project_id, receipt)
    return BankReceipts(matching=matching, lines={one.receipt.row: _packed(one) for one in matching.asked}, read=True)


def answered(form: MultiDict[str, str], able: Sequence[Candidate], own: Own) -> BankReceipts:
    """Fill the receipts that a person has assigned into ``own``; return the questions with their answers."""
    asked = [one for text in form.getlist("line") if (one := _unpacked(text))]
    known = {item.project.id for item in able}
    answers: dict[int, str] = {}
    for one in asked:
        answer = form.get(f"line-{one.receipt.row}", "")
        if answer in answers.values() and answer != OTHER:
            answer = ""  # a project has one receipt
        answers[one.receipt.row] = answer
        if answer.isdecimal() and int(answer) in known & {*one.choices}:
            _fill_in(own, int(answer), one.receipt)
    lines = {one.receipt.row: _packed(one) for one in asked}
    return BankReceipts("", Matching({}, tuple(asked)), answers, sum(not answer for answer in answers.values()), lines)


def _fill_in(own: Own, project_id: int, receipt: BankReceipt) -> None:
    values = own.setdefault(project_id, {})
    if LOST not in receipt.number and receipt.number:
        values["note"] = receipt.number
    if receipt.dated:
        values["paid_on"] = receipt.dated.isoformat()


def _payee(item: Candidate) -> dict[str, Any]:
    context = _context(item)
    return payee(context) if context else {}


def _context(item: Candidate) -> Context | None:
    offer = item.offer
    if offer is None:
        return None
    return engine().context(db.session(), item.project, actor(), offer.role, offer.action, known=offer.known)


def _awaited(item: Candidate) -> Awaited:
    found = _payee(item)
    due = yuan_from_wan(item.values.get("amount") or "0") or Decimal(0)
    return Awaited(item.project.id, due, found.get("bank_account") or "", found.get("name") or "")


def _packed(one: Question) -> str:
    line = one.receipt
    dated = line.dated.isoformat() if line.dated else ""
    return json.dumps([line.row, line.number, dated, str(line.amount), line.account, line.name, one.choices, one.why])


def _unpacked(text: str) -> Question | None:
    try:
        row, number, dated, amount, account, name, choices, why = json.loads(text)
        on = date.fromisoformat(dated) if dated else None
        line = BankReceipt(int(row), str(number), on, Decimal(amount), str(account), str(name))
        return Question(line, tuple(int(choice) for choice in choices), str(why))
    except (ValueError, TypeError, ArithmeticError):
        return None
