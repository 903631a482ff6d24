"""Payment sheets (批次拨款审批单): one sheet for many payments, printed and signed on paper before they are approved."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.domain.corrections import office_of
from xtbang.domain.payments import city_instalment, due_now, payee
from xtbang.models import Paper
from xtbang.papers.facts.payment_sheet import Line, payment_sheet
from xtbang.rules.document_number import register_number
from xtbang.rules.money import wan

NAME, TRIGGER = "payment_sheet", "print_payment_sheet"


def issue_sheet(contexts: Sequence[Context]) -> Paper:
    """Issue the sheet of the instalments that are due, in that order, unless the current one says the same.

    It is a paper of its first project. It supersedes every sheet in force that has one of its
    instalments. Raise LookupError where no instalment is due.
    """
    first, lines = contexts[0], [_line(context) for context in contexts]
    data = payment_sheet(lines, office_of(first, first.role), handled_by=first.actor.name, dated=first.today)
    wanted = {(line.project.id, line.instalment.number) for line in lines}
    current = select(Paper).where(Paper.name == NAME, Paper.state == "current").order_by(Paper.id)
    for paper in first.session.scalars(current):
        if paper.data == data:
            return paper
        if wanted & {(item["project"], item["instalment"]) for item in paper.data["items"]}:
            paper.state = "superseded"
    subject = f"payments:{lines[0].instalment.number}"
    paper = issue(first, "payment_sheet", "批次拨款审批单", data, subject=subject)
    paper.number = register_number("BK", first.today.year, paper.id)
    said = {"paper": paper.title, "projects": [line.project.id for line in lines]}
    audit.append(first, f"payment_sheet:{paper.id}", trigger=TRIGGER, role=first.role, data=said)
    return paper


@dataclass(frozen=True)
class Listed:
    """The sheet in force that has the instalment which is due; ``outdated``: it names another amount or payee."""

    paper: Paper
    outdated: bool


def listed(contexts: Sequence[Context]) -> dict[int, Listed]:
    """Return the sheet in force of each project that is on one with the instalment that is due now."""
    if not contexts:
        return {}
    current = select(Paper).where(Paper.name == NAME, Paper.state == "current")
    sheets = contexts[0].session.scalars(current).all()
    lines = {(item["project"], item["instalment"]): (paper, item) for paper in sheets for item in paper.data["items"]}
    found = {}
    for context in contexts:
        line = _line(context)
        if (line.project.id, line.instalment.number) in lines:
            paper, item = lines[line.project.id, line.instalment.number]
            same = (item["amount"], item["payee"]) == (wan(line.amount), line.payee)
            found[line.project.id] = Listed(paper, not same)
    return found


def _line(context: Context) -> Line:
    item = due_now(context)
    return Line(context.project, item, city_instalment(context, item.number), payee(context))
