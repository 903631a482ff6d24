"""The milestones (阶段目标) of running projects: as a time line those of the half year and what is late, as a file all."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from xtbang.models import Document, DocumentVersion, Project, Report
from xtbang.queries.caller import Caller
from xtbang.queries.statistics.chart import Chart, Question
from xtbang.rules.forms import readable, worded

PROJECTS = 200  # read for the page, those whose term ends first
LINES = 40  # of the page: what fits on two sheets
HEADS = ("项目", "日期", "阶段目标", "情况")
ENDS = "实施期满"
DONE = "已完成"  # as reports have it


class Milestone(NamedTuple):
    """One milestone; ``done`` and ``said`` by the newest report that was handed in."""

    project: int
    title: str
    day: str
    words: str
    done: bool
    said: str


def milestones(question: Question) -> Chart:
    """Return the milestones that fall due in the present half year, and earlier ones that no report says are done; late ones first."""
    today = question.caller.today
    first, last, half = half_year_of(today)
    found = sorted(_milestones(question, PROJECTS), key=lambda one: (one.day, one.project))
    wanted = [one for one in found if first.isoformat() <= one.day <= last.isoformat() or _late(one, first)]
    note = f"这里列出{half}到期的，和以前到期、报告没有填报已完成的；其余见全部阶段目标的表格。"
    if len(wanted) > LINES:
        note = f"共 {len(wanted)} 项，这里列出最早到期的 {LINES} 项。{note}"
    title = f"{half}到期和逾期的阶段目标"
    return _chart("milestones", title, wanted[:LINES], today, note=note, whole=("all_milestones", "全部阶段目标"))


def all_milestones(question: Question) -> Chart:
    """Return every milestone of the projects that are being carried out, project by project, as their applications say them."""
    return _chart("all_milestones", "实施中项目的全部阶段目标", list(_milestones(question)), question.caller.today)


def half_year_of(day: date) -> tuple[date, date, str]:
    """Return the first and the last day of the half of the calendar year with that day, and what it is called."""
    if day.month <= 6:
        return date(day.year, 1, 1), date(day.year, 6, 30), f"{day.year} 年上半年"
    return date(day.year, 7, 1), date(day.year, 12, 31), f"{day.year} 年下半年"


def _late(one: Milestone, day: date) -> bool:
    return one.day < day.isoformat() and not one.done


def _said(one: Milestone, today: date) -> str | None:
    late = "逾期" if _late(one, today) else ""
    return "，".join(filter(None, (late, one.said))) or None


def _chart(key: str, title: str, found: list[Milestone], today: date, **more: Any) -> Chart:
    rows = ((one.title, one.day, one.words, _said(one, today)) for one in found)
    return Chart(key, title, HEADS, tuple(rows), "timeline", links=tuple(one.project for one in found), **more)


def _milestones(question: Question, most: int | None = None) -> Iterator[Milestone]:
    """Yield the milestones of running projects, those whose term ends first; of at most so many projects.

    Those of a project that is not, or no longer, at work count as done: acceptance (验收) decides on them.
    """
    caller, report, told, other = question.caller, aliased(Document), aliased(DocumentVersion), aliased(Report)
    last = select(func.max(other.due_on)).where(other.project_id == Project.id, other.submitted_at.is_not(None))
    newest = and_(Report.project_id == Project.id, Report.due_on == last.correlate(Project).scalar_subquery())
    columns = Project.id, Project.title, Project.edition, Project.state, Project.ends_on
    query = select(*columns, Document.definition, DocumentVersion.data, report.definition, told.data)
    query = query.join(Document, Document.id == Project.application_id)
    query = query.join(DocumentVersion, _newest_version(Document, DocumentVersion))
    query = query.outerjoin(Report, newest).outerjoin(report, report.id == Report.document_id)
    query = query.outerjoin(told, _newest_version(report, told))
    running = [state.id for state in caller.policy.states.values() if state.funded]
    query = query.where(*question.conditions, Project.state.in_(running)).order_by(Project.ends_on, Project.id)
    at_work = next(due.states for due in caller.policy.due_dates if due.key == "term_ends")
    for number, title, edition, state, ends_on, definition, data, reported_in, reported in caller.session.execute(
        query.limit(most)
    ):
        values, over = _values(caller, edition, "application", definition, data), state not in at_work
        rows = _values(caller, edition, "report", reported_in, reported).get("milestones", ())
        states = {row.get("content"): (row.get("state") == DONE, row.get("state") or "") for row in rows}
        points = [(row.get("date"), row.get("content")) for row in values.get("milestones", ())]
        for day, words in sorted((day, words) for day, words in points if day and words):
            done, said = states.get(words, (False, ""))
            yield Milestone(number, title, day, words, done or over, said)
        if ends_on:
            yield Milestone(number, title, ends_on.isoformat(), ENDS, over, "")


def _newest_version(document: Any, version: Any) -> ColumnElement[bool]:
    other = aliased(DocumentVersion)
    newest = select(func.max(other.number)).where(other.document_id == document.id).correlate(document)
    return and_(version.document_id == document.id, version.number == newest.scalar_subquery())


def _values(caller: Caller, edition: str, kind: str, definition: str | None, data: Any) -> dict[str, Any]:
    """Return what a document says, with every choice as its label; nothing of a form that the edition does not have."""
    form = caller.policy.edition(edition).documents.get(kind)
    return worded(form, readable(form, data)) if form and form.key == definition else {}
