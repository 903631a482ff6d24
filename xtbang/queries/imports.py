"""Imports (导入) as pages show them: what was handed in, who has signed, what became of it, and its projects."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from xtbang.models import Job, Project, ProjectImport
from xtbang.queries.caller import Caller
from xtbang.queries.paging import paged
from xtbang.queries.shown import shown
from xtbang.rules.money import yuan_from_wan

SHOWN = 50  # of the list
ZERO = Decimal(0)


@dataclass(frozen=True)
class LineShown:
    """A line of an import; amounts in yuan."""

    number: int  # as the spreadsheet counts
    values: Mapping[str, Any]
    total: Decimal
    granted: Decimal  # by city and county
    paid: Decimal
    back: Decimal
    project_id: int | None  # once it has come in
    state: str  # of the project now; "" before


@dataclass(frozen=True)
class ImportShown:
    """An import without its lines."""

    id: int
    call: str
    call_id: int
    edition: str
    file_name: str
    sha256: str
    signatures: list[Any]
    status: str
    asked_at: datetime
    asked_by: str
    asked_by_id: int
    decided_at: datetime | None
    decision: str
    size: int  # how many lines


@dataclass(frozen=True)
class Origin:
    """The table from which a project came in, for its page."""

    import_id: int
    line: int
    day: datetime


def imports(
    session: Session, before: int | None = None, most: int = SHOWN, only: Collection[int] | None = None
) -> list[ImportShown]:
    """Return the imports (those with these ids), the newest first; ``most + 1`` if there are more."""
    query = select(ProjectImport).options(joinedload(ProjectImport.call), joinedload(ProjectImport.asked_by))
    query = query.order_by(ProjectImport.id.desc())
    return [_shown(row) for row in session.scalars(paged(query, ProjectImport.id, before, most, only))]


def one_import(session: Session, import_id: int) -> tuple[ImportShown, list[LineShown]] | None:
    """Return an import with its lines and the projects that they have become; None when there is none."""
    row = session.get(ProjectImport, import_id)
    if row is None:
        return None
    known = select(Project.import_line, Project.id, Project.state).where(Project.import_id == import_id)
    made = {line: (number, state) for line, number, state in session.execute(known)}
    return _shown(row), [_line(item, *made.get(item["line"], (None, ""))) for item in row.lines]


def waits_until(caller: Caller, import_id: int) -> datetime | None:
    """Return when the worker begins with an import that waits for the night; None for any other."""
    job = select(Job.next_try_at).where(Job.kind == "import", Job.key == str(import_id), Job.started_at.is_(None))
    at = caller.session.scalars(job.where(Job.finished_at.is_(None))).first()
    return at if at is not None and at > caller.now else None


def origin_of(session: Session, import_id: int | None, line: int | None) -> Origin | None:
    """Return from which table a project came in; None for one that was handed in here."""
    row = session.get(ProjectImport, import_id) if import_id is not None else None
    return Origin(row.id, line or 0, row.decided_at or row.asked_at) if row else None


def _shown(row: ProjectImport) -> ImportShown:
    return shown(ImportShown, row, call=row.call.title, asked_by=row.asked_by.name, size=len(row.lines))


def _line(item: Mapping[str, Any], project_id: int | None, state: str) -> LineShown:
    values = item["values"]
    paid = {True: ZERO, False: ZERO}  # whether it came back
    for row in values["payments"]:
        paid[not row["instalment"]] += yuan_from_wan(row["amount"])
    granted = yuan_from_wan(values["subsidy_city"]) + yuan_from_wan(values["subsidy_county"])
    known = item["line"], values, yuan_from_wan(values["total"]), granted, paid[False], paid[True]
    return LineShown(*known, project_id, state)
