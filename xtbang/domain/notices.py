"""Notices (公告): publishing one that is not about a single project, superseding a published one by a corrected one."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.issue import add_paper
from xtbang.actions.notify import notify, to_parties
from xtbang.actions.registry import form_guard, form_of_trigger
from xtbang.actions.relations import parties
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Notice, NoticeItem, Paper, Project
from xtbang.models.notice import NUMBER_INDEX
from xtbang.models.writing import writing
from xtbang.papers.facts import common as facts
from xtbang.papers.facts.older import facts_of
from xtbang.queries.caller import Caller
from xtbang.queries.holidays import holidays_of
from xtbang.rules.dates import day_of
from xtbang.rules.document_number import EXAMPLE, STANDARD, number_of
from xtbang.rules.edition import Edition
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.site import Site
from xtbang.rules.term import in_chinese
from xtbang.rules.workdays import notice_period

TRIGGER = "supersede_notice"
NUMBER = Field(
    "notice_number",
    "公告文号",
    FieldKind.DOCUMENT_NUMBER,
    required=False,
    hint=f"例如 {EXAMPLE}。没有编发文字号的不填，公告使用系统编号。",
)


def number_taken(session: Session, number: str, field: str, but: int | None = None) -> Iterator[Reason]:
    """Yield a reason when another notice in force has that 文号; ``but`` is the id of the one being superseded."""
    query = select(Notice.title).where(Notice.number == number, Notice.status == "published", Notice.id != (but or 0))
    title = session.scalars(query.limit(1)).first() if number else None
    if title is not None:
        yield _taken(number, f"公告{quoted(title)}", field)


def _taken(number: str, by: str, field: str) -> Reason:
    return Reason("A9.number", f"文号 {number} 已用于{by}，一个文号只编一份公告，请核对。", STANDARD, field=field)


def notice_of(context: Context) -> Notice | None:
    """Return the newest public notice (公示) that names the project, or None."""
    notices = (item.notice for item in context.rows.of(NoticeItem))
    standing = [notice for notice in notices if notice.kind == "publicity" and notice.status != "superseded"]
    return max(standing, key=lambda notice: notice.id, default=None)


def period_of(context: Context, notice: Notice) -> tuple[date | None, bool]:
    """Return the last counted day of a notice, and whether it is still provisional.

    A provisional period is counted anew with what is known by now; it ends no earlier than was published.
    """
    if not notice.provisional or notice.published_at is None or notice.last_day is None:
        return notice.last_day, notice.provisional
    published, days = day_of(notice.published_at), days_of(context.project, context.policy.editions)
    _first, last, provisional = notice_period(published, days, holidays_of(context.session, context.policy.city))
    return max(last, notice.last_day), provisional


@form_guard
def notice_number_free(context: Context) -> Iterator[Reason]:
    """Yield a reason when the 文号 typed for the new notice is that of another one in force."""
    yield from number_taken(context.session, context.data.get("notice_number", ""), "notice_number")


@form_of_trigger("reopen")
def number_of_board(context: Context) -> tuple[Field, ...]:
    """Return a field for the 文号 of the board notice that is published anew; only for the bureau, not for an issuer."""
    return (NUMBER,) if context.role == "science" and context.project.track == "funded" else ()


def publish_alone(caller: Caller, notice: Notice, contact: str = "", project_id: int | None = None) -> Paper:
    """Publish a notice whose title, body, days and items are set, and issue its paper; inside a transaction.

    The paper's footer has the notice's 文号, or its number in the register. Raises Blocked when another notice got the
    same 文号 in the same moment.
    """
    session = caller.session
    notice.status = "published"
    notice.published_at, notice.published_by_id = caller.now, caller.actor.person_id
    session.add(notice)
    try:
        session.flush()
    except IntegrityError as error:
        if NUMBER_INDEX not in str(error.orig):
            raise
        raise Blocked([_taken(notice.number, "刚刚发布的另一份公告", "")]) from error
    figures = [item.figures for item in notice.items]
    data = facts.notice(notice, figures, city=caller.policy.city, contact=contact, published_on=caller.today)
    values = {"notice_id": notice.id, "title": notice.title[:120], "number": number_of(notice)}
    subject = f"notice:{notice.id}"
    return add_paper(caller, project_id, name="notice", subject=subject, version=1, data=data, **values)


def supersede(caller: Caller, notice_id: int, values: Mapping[str, Any]) -> Notice:
    """Publish a corrected notice in place of a published one; ``values``: title, number, body, reason.

    The period of a 公示 with projects still in 公示 starts again today. Raises NotFound, Blocked, and Forbidden, also
    for a person of a party. One transaction; each project gets its event and its parties a mail.
    """
    if "science" not in caller.actor.roles:
        raise Forbidden(f"公告由{caller.policy.city.lead.short}更正。")
    with writing(caller.session):
        return supersede_within(caller, notice_id, values)


def supersede_within(
    caller: Caller,
    notice_id: int,
    values: Mapping[str, Any],
    renewed: Collection[int] = (),
    left: Collection[int] = (),
) -> Notice:
    """Publish a corrected notice in place of a published one, in a transaction that is open; see `supersede`.

    The figures of the projects ``renewed`` are those of now, whether its days begin anew or not. The projects ``left`` are
    not in the new one; the others are in it as they were, and their days go on.
    """
    session = caller.session
    old = session.get(Notice, notice_id, with_for_update=True)
    if old is None:
        raise NotFound(f"notice {notice_id}")
    if old.status != "published":
        text = "公告尚未发布，发布前可直接修改。" if old.status == "draft" else "公告已被更正，请更正最新的一份。"
        raise Blocked([Reason("A9.notice", text, caller.cite("examination"))])
    projects = _locked(session, old)
    if any(caller.actor.organisation_id in parties(project) for project in projects.values()):
        raise Forbidden("您所在单位是公告所列项目的一方，应当回避。")
    number = values.get("number", "")
    if taken := list(number_taken(session, number, "number", old.id)):
        raise Blocked(taken)
    old.status = "superseded"  # first, so that the new one may have its number
    session.flush()
    new = Notice(
        kind=old.kind,
        call_id=old.call_id,
        number=number,
        title=values["title"],
        body=values["body"],
        first_day=old.first_day,
        last_day=old.last_day,
        provisional=old.provisional,
        created_at=caller.now,
    )
    running = [project for project in projects.values() if project.state == "publicity"]
    anew = old.kind == "publicity" and bool(running) and not left
    if anew:
        days = days_of(running[0], caller.policy.editions)
        new.first_day, new.last_day, new.provisional = notice_period(
            caller.today, days, holidays_of(session, caller.policy.city)
        )
    new.items = [
        NoticeItem(
            project_id=item.project_id,
            figures=facts.figures(projects[item.project_id]) if anew or item.project_id in renewed else item.figures,
        )
        for item in old.items
        if item.project_id not in left
    ]
    session.add(new)
    publish_alone(caller, new, _contact(caller, old, new, anew), _owner(session, old))
    replace_by(session, old, new)
    _record(caller, old, new, projects, values)
    return new


def replace_by(session: Session, old: Notice, new: Notice) -> None:
    """Mark the old notice and its paper as superseded by the new one; both stay readable.

    A notice that names other projects as well still holds for them, and stays in force.
    """
    if not {item.project_id for item in old.items} <= {item.project_id for item in new.items}:
        return
    old.status, old.superseded_by_id = "superseded", new.id
    papers = update(Paper).where(Paper.notice_id == old.id, Paper.state == "current")
    session.execute(papers.values(state="superseded"))


def days_of(project: Project, editions: Mapping[str, Edition]) -> int:
    """Return the number of working days of a public notice for that project: that of its call, or of the edition."""
    return project.call.notice_days or int(editions[project.edition].notice_days.value)


def how_to_object(site: Site, office: str, last_day: str) -> str:
    """Return the paragraph of a 公示 on objections, which that office takes; ``last_day`` in Chinese."""
    where = f"（{site.reached}）" if site.reached else ""
    return (
        f"公示期间（至{last_day}24时止），任何单位和个人对公示内容有异议的，可登录 {site.url} "
        f"在线提出，或以书面形式向{office}{where}提出。提出异议应当写明姓名或单位名称、联系方式、事实和理由，并提供证据材料。"
    )


def _contact(caller: Caller, old: Notice, new: Notice, anew: bool) -> str:
    """Return how to object while that is possible; for other notices the old paragraph."""
    if new.kind == "publicity":
        return (
            how_to_object(caller.site, caller.policy.city.lead.name, in_chinese(new.last_day))
            if anew and new.last_day
            else ""
        )
    papers = select(Paper).where(Paper.notice_id == old.id).order_by(Paper.id.desc())
    paper = caller.session.scalars(papers.limit(1)).first()
    return str(facts_of(paper).get("contact", "")) if paper else ""


def _owner(session: Session, old: Notice) -> int | None:
    """Return the id of the project that the old notice's paper belongs to."""
    return session.scalars(select(Paper.project_id).where(Paper.notice_id == old.id).limit(1)).first()


def _locked(session: Session, notice: Notice) -> dict[int, Project]:
    numbers = [item.project_id for item in notice.items]
    query = select(Project).where(Project.id.in_(numbers)).order_by(Project.id).with_for_update()
    return {project.id: project for project in session.scalars(query)}


def _record(
    caller: Caller, old: Notice, new: Notice, projects: Mapping[int, Project], values: Mapping[str, Any]
) -> None:
    data = {"notice": old.id, "by": new.id} | dict(values)
    common: dict[str, Any] = {"trigger": TRIGGER, "role": "science", "reason": values["reason"], "data": data}
    audit.append(caller, f"notice:{old.id}", **common)
    why, until = values["reason"], new.last_day if new.last_day != old.last_day else None
    for project in projects.values():
        audit.append(
            caller,
            f"project:{project.id}",
            project_id=project.id,
            project_version=project.version,
            from_state=project.state,
            to_state=project.state,
            **common,
        )
        receivers = to_parties()
        notify(caller, "supersede_notice", receivers, project=project, notice=new.title, reason=why, runs_until=until)
