"""The facts of a payment sheet (批次拨款审批单): one line per project, and their total."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from xtbang.models import Project
from xtbang.papers.facts.common import money
from xtbang.papers.facts.text import Facts
from xtbang.rules.edition import Instalment
from xtbang.rules.money import wan


@dataclass(frozen=True)
class Line:
    """An instalment of one project, and who receives it; amount in yuan."""

    project: Project
    instalment: Instalment
    amount: Decimal
    payee: Facts


def payment_sheet(lines: Sequence[Line], office: str, *, handled_by: str, dated: date) -> Facts:
    """Return the facts of the sheet, the projects in the given order."""
    return {
        "items": [
            {
                "project": line.project.id,
                "number": line.project.number or "",
                "title": line.project.title,
                "instalment": line.instalment.number,
                "instalment_name": line.instalment.name,
                "amount": wan(line.amount),
                "payee": line.payee,
            }
            for line in lines
        ],
        "sum": money(sum((line.amount for line in lines), Decimal(0))),
        "dated": dated.isoformat(),
        "office": office,
        "handled_by": handled_by,
    }
