"""Yearly statements (年度资金表): issued by who keeps the money's books, each superseding the one before of the same year and county."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.issue import add_paper
from xtbang.models import Paper
from xtbang.models.writing import writing
from xtbang.papers.facts.statement import yearly_statement
from xtbang.queries.caller import Caller
from xtbang.queries.rights.files import STATEMENT as NAME
from xtbang.rules.document_number import register_number

TRIGGER = "issue_statement"


def issue_statement(caller: Caller, year: int, region: str, rows: Sequence[Any], role: str) -> Paper:
    """Issue the statement of a year, of one county or of the whole city (""), unless the current one says the same."""
    subject, city = subject_of(year, region), caller.policy.city
    office = city.treasury_of(region) if role == "county" else city.by_role[role].name
    data = yearly_statement(
        year,
        rows,
        region=region,
        office=office,
        handled_by=caller.actor.name,
        dated=caller.today,
        county_pays=caller.policy.county_pays,
    )
    with writing(caller.session):
        known = select(Paper).where(Paper.name == NAME, Paper.subject == subject).order_by(Paper.id.desc()).limit(1)
        before = caller.session.scalars(known.with_for_update()).first()
        if before is not None and before.data == data:
            return before
        if before is not None:
            before.state = "superseded"
        version = before.version + 1 if before else 1
        title = f"{year}年度资金表"
        paper = add_paper(
            caller, None, name="yearly_statement", subject=subject, version=version, data=data, title=title
        )
        paper.number = register_number("ZJ", year, paper.id)
        said = {"paper": title, "region": region, "version": version}
        audit.append(caller, f"statement:{subject}", trigger=TRIGGER, role=role, data=said)
        return paper


def current_statement(session: Session, year: int, region: str) -> Paper | None:
    """Return the statement in force of a year, of one county or of the whole city."""
    known = select(Paper).where(Paper.name == NAME, Paper.subject == subject_of(year, region))
    return session.scalars(known.where(Paper.state == "current")).first()


def subject_of(year: int, region: str) -> str:
    """Return the subject of the statement of a year and a county, "" for the whole city."""
    return f"year:{year}:{region}"
