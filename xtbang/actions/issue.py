"""Issue papers (文书): a row with plain facts and a check code (校验码); the PDF is rendered from exactly that row."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update

from xtbang.actions.context import Context
from xtbang.actions.documents import canonical
from xtbang.models import Paper
from xtbang.papers.codes import make_code
from xtbang.queries.caller import Caller
from xtbang.rules.site import Site


def paper_code(
    site: Site,
    project_id: int,
    name: str,
    subject: str,
    version: int,
    data: dict[str, Any],
    made_at: datetime | None = None,
) -> str:
    """Return the check code of a paper: the same for the same facts, not to be guessed.

    ``made_at`` is for a paper printed before it is issued: the time in its footer is one of its facts.
    """
    facts = f"{project_id}/{name}/{subject}/{version}/{canonical(data)}"
    if made_at is not None:
        facts += f"/{made_at.astimezone(UTC).isoformat()}"
    return make_code(site.secret, facts)


def issue(
    context: Context,
    name: str,
    title: str,
    data: dict[str, Any],
    *,
    subject: str = "",
    version: int | None = None,
    number: str = "",
    owner_id: int | None = None,
    made_at: datetime | None = None,
    code: str = "",
) -> Paper:
    """Issue a paper; older versions of it (same name and subject) are superseded. Without ``version`` it is the next one.

    ``made_at`` and ``code`` are for a paper that was printed and stamped before it is issued: its PDF stays the same.
    """
    project = context.project
    if version is None:
        own = (Paper.project_id == project.id, Paper.name == name, Paper.subject == subject)
        version = (context.session.scalar(select(func.max(Paper.version)).where(*own)) or 0) + 1
    older = update(Paper).where(Paper.project_id == project.id, Paper.name == name, Paper.subject == subject)
    context.session.execute(older.where(Paper.state == "current").values(state="superseded"))
    return add_paper(
        context,
        project.id,
        code=code or paper_code(context.site, project.id, name, subject, version, data, made_at),
        name=name,
        title=title,
        number=number or project.number or "",
        version=version,
        subject=subject,
        data=data,
        made_at=made_at or context.now,
        owner_id=owner_id,
    )


def add_paper(
    caller: Caller,
    project_id: int | None,
    *,
    name: str,
    subject: str,
    version: int,
    data: dict[str, Any],
    **values: Any,
) -> Paper:
    """Add the row of a paper, made now and with its own code where ``values`` say nothing else."""
    made = {"code": paper_code(caller.site, project_id or 0, name, subject, version, data), "made_at": caller.now}
    plain = {"project_id": project_id, "name": name, "subject": subject, "version": version, "data": data}
    paper = Paper(**made | plain | values)
    caller.session.add(paper)
    caller.session.flush()
    return paper


def issue_for_organisation(
    caller: Caller, organisation_id: int, name: str, title: str, data: dict[str, Any], subject: str = ""
) -> Paper:
    """Issue a paper about an organisation and no project; the one before, of the same name and subject, is superseded."""
    subject = f"organisation:{organisation_id}{subject}"
    own = Paper.project_id.is_(None), Paper.name == name, Paper.subject == subject
    version = (caller.session.scalar(select(func.max(Paper.version)).where(*own)) or 0) + 1
    older = update(Paper).where(*own, Paper.state == "current")
    caller.session.execute(older.values(state="superseded"))
    return add_paper(
        caller, None, name=name, subject=subject, version=version, data=data, title=title, owner_id=organisation_id
    )


def cancel_for_organisation(caller: Caller, organisation_id: int, name: str, subject: str = "") -> None:
    """Mark the current paper of that name about an organisation as cancelled (作废)."""
    own = Paper.project_id.is_(None), Paper.name == name, Paper.subject == f"organisation:{organisation_id}{subject}"
    papers = update(Paper).where(*own, Paper.state == "current")
    caller.session.execute(papers.values(state="cancelled"))


def cancel(context: Context, name: str, subject: str = "") -> None:
    """Mark every current paper of that name (and subject) as cancelled (作废)."""
    papers = update(Paper).where(Paper.project_id == context.project.id, Paper.name == name, Paper.state == "current")
    if subject:
        papers = papers.where(Paper.subject == subject)
    context.session.execute(papers.values(state="cancelled"))
