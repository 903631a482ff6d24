"""The milestones (阶段目标) of running projects as a time line."""

from sqlalchemy import func, select

from xtbang.models import Document, DocumentVersion, Project
from xtbang.queries.statistics.chart import Chart, Question
from xtbang.rules.forms import readable

MOST = 40  # projects


def milestones(question: Question) -> Chart:
    """Return the milestones of the projects that are being carried out, by day, as their applications say them."""
    caller = question.caller
    newest = select(func.max(DocumentVersion.number)).where(DocumentVersion.document_id == Document.id)
    query = select(
        Project.id, Project.title, Project.edition, Project.ends_on, Document.definition, DocumentVersion.data
    )
    query = query.join(Document, Document.id == Project.application_id).join(
        DocumentVersion, DocumentVersion.document_id == Document.id
    )
    running = [state.id for state in caller.policy.states.values() if state.funded]
    query = query.where(
        *question.conditions,
        Project.state.in_(running),
        DocumentVersion.number == newest.correlate(Document).scalar_subquery(),
    )
    rows, links = [], []
    for number, title, edition, ends_on, definition, data in caller.session.execute(
        query.order_by(Project.ends_on, Project.id).limit(MOST)
    ):
        form = caller.policy.edition(edition).documents["application"]
        values = readable(form, data) if form.key == definition else {}
        found = [(row.get("date"), row.get("content")) for row in values.get("milestones", ())]
        points = [(day, words) for day, words in found if day and words]
        if ends_on:
            points.append((ends_on.isoformat(), "实施期满"))
        for day, words in sorted(points):
            rows.append((title, day, words))
            links.append(number)
    heads = ("项目", "日期", "阶段目标")
    note = f"只列实施期满最早的 {MOST} 个项目。" if len({*links}) == MOST else ""
    return Chart("milestones", "实施中项目的阶段目标", heads, tuple(rows), "timeline", note=note, links=tuple(links))
