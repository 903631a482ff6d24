"""The facts of a prior notice (告知书), and what a decision says of it afterwards."""

from collections.abc import Iterable

from xtbang.models import PartyStatement, PriorNotice, Project
from xtbang.papers.facts.common import iso, organisation, project
from xtbang.papers.facts.decision import FRAUD
from xtbang.papers.facts.text import Facts
from xtbang.rules.dates import day_of
from xtbang.rules.edition import Edition
from xtbang.rules.service import MANNERS, notice_title


def title_of(notice: PriorNotice) -> str:
    """Return the title of the notice."""
    return notice_title(restricts=notice.restrict_until is not None, completed=notice.after_completion)


def prior_notice(
    row: Project,
    edition: Edition,
    notice: PriorNotice,
    *,
    panel: Facts,
    recoveries: list[Facts],
    signed: list[Facts],
    reached: str,
) -> Facts:
    """Return the facts of the prior notice: what was found, by which evidence, what is intended, until when to answer.

    ``reached`` says how the lead office is reached.
    """
    return {
        "project": project(row, edition),
        "title": title_of(notice),
        "closed_on": iso(day_of(row.over_since)) if notice.after_completion and row.over_since else None,
        "addressees": [organisation(one.organisation) for one in notice.addressees],
        "measures": edition.measures.defined,
        "document_number": "",
        "panel": panel,
        "reason": notice.reason,
        "evidence": notice.evidence,
        "recoveries": recoveries,
        "restricted": [one.organisation.name for one in notice.addressees if one.restricted],
        "restrict_until": iso(notice.restrict_until),
        "article": edition.cite_all(FRAUD) if notice.after_completion else edition.recovery_subjective.article,
        "days": edition.statement_days,
        "reached": reached,
        "issued_on": day_of(notice.issued_at).isoformat(),
        "signers": signed,
    }


def heard(notice: PriorNotice, statements: Iterable[PartyStatement], considered: str) -> Facts:
    """Return what a decision says of its notice: whom it reached when, what each has stated, how that was considered."""
    said = list(statements)
    return {
        "title": title_of(notice),
        "issued_on": day_of(notice.issued_at).isoformat(),
        "parties": [
            {
                "name": one.organisation.name,
                "manner": MANNERS.get(one.manner, ""),
                "served_on": iso(one.served_on),
                "answer_until": iso(one.answer_until),
                "statements": [
                    {"kind": row.kind, "text": row.text, "received_on": row.received_on.isoformat()}
                    for row in said
                    if row.organisation_id == one.organisation_id
                ],
            }
            for one in notice.addressees
        ],
        "considered": considered,
    }
