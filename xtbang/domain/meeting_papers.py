"""Papers (文书) of a meeting (会次): one row of papers for all of its projects, numbered by the meeting."""

from typing import Any

from sqlalchemy import func, select, update

from xtbang.actions.issue import add_paper
from xtbang.enums import MEETING_LABELS
from xtbang.models import Meeting, Paper
from xtbang.queries.caller import Caller
from xtbang.rules.document_number import register_number

NUMBERED = {"roadshow": "LY"}  # what papers of a meeting of that kind are registered under; of others HY


def paper_number(meeting: Meeting) -> str:
    """Return the number of the papers of the meeting: ``LY-2026-0003``."""
    at = meeting.starts_at or meeting.created_at
    return register_number(NUMBERED.get(meeting.kind, "HY"), at.year, meeting.id)


def current(caller: Caller, meeting: Meeting, name: str) -> Paper | None:
    """Return the current paper of that name."""
    query = select(Paper).where(Paper.name == name, Paper.subject.in_(meeting.subjects), Paper.state == "current")
    return caller.session.scalars(query).first()


def issue_for(caller: Caller, meeting: Meeting, name: str, title: str, data: dict[str, Any]) -> Paper:
    """Issue a paper of the meeting, kept among those of its first project; the one before is superseded."""
    session, subject, owner = caller.session, meeting.subjects[0], meeting.order[0]
    own = Paper.name == name, Paper.subject.in_(meeting.subjects)
    version = (session.scalar(select(func.max(Paper.version)).where(*own)) or 0) + 1
    session.execute(update(Paper).where(*own, Paper.state == "current").values(state="superseded"))
    number = paper_number(meeting)
    return add_paper(caller, owner, name=name, subject=subject, version=version, data=data, title=title, number=number)


def cancel_for(caller: Caller, meeting: Meeting, *names: str) -> None:
    """Mark the current papers of these names as cancelled (作废); without a name all of the meeting."""
    papers = update(Paper).where(Paper.subject.in_(meeting.subjects), Paper.state == "current")
    if names:
        papers = papers.where(Paper.name.in_(names))
    caller.session.execute(papers.values(state="cancelled"))


def titled(meeting: Meeting, paper: str) -> str:
    """Return the title of a paper of the meeting: 路演议程."""
    return f"{MEETING_LABELS[meeting.kind]}{paper}"
