"""The agenda (路演议程): the order of the projects on the day of a roadshow."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from xtbang.actions import audit
from xtbang.actions.issue import paper_code, register_number
from xtbang.actions.notify import notify, to_parties
from xtbang.domain.bids import in_shanghai
from xtbang.domain.score_sheets import order_changed
from xtbang.errors import Blocked, Forbidden, NotFound, Stale
from xtbang.models import Paper, Project, Roadshow
from xtbang.models.writing import writing
from xtbang.papers.facts.bid import agenda_facts
from xtbang.queries.caller import Caller
from xtbang.rules.reasons import Reason

TRIGGER = "reorder_roadshow"


def turn_at(roadshow: Roadshow, place: int) -> datetime:
    """Return when the project at that place (from 0) begins."""
    return roadshow.starts_at + timedelta(minutes=roadshow.minutes * place)


def reorder(caller: Caller, roadshow_id: int, seen: Sequence[int], order: Sequence[int]) -> None:
    """Put the projects in that order; both lists are project ids, ``seen`` is the order that the person saw.

    A new agenda is issued; the parties of every project that moved are notified of its new time. Raises NotFound,
    Forbidden, Stale, Blocked (the roadshow has begun). One transaction.
    """
    if "science" not in caller.actor.roles:
        raise Forbidden(f"路演顺序由{caller.policy.city.lead.short}安排。")
    with writing(caller.session):
        _reorder(caller, roadshow_id, list(seen), list(order))


def _reorder(caller: Caller, roadshow_id: int, seen: list[int], order: list[int]) -> None:
    session = caller.session
    roadshow = session.get(Roadshow, roadshow_id, with_for_update=True)
    if roadshow is None:
        raise NotFound(f"roadshow {roadshow_id}")
    before = [item.project_id for item in roadshow.items]
    if before != seen or sorted(before) != sorted(order):
        raise Stale([], 0)
    if roadshow.starts_at <= caller.now:
        raise Blocked([Reason("N4.begun", "路演已经开始，不能再调整顺序。", caller.cite("roadshow"))])
    if order == before:
        return
    for item in roadshow.items:
        item.position = order.index(item.project_id) + 1
    projects = [session.get_one(Project, project_id) for project_id in order]
    print_agenda(caller, roadshow, projects, projects[0])
    data = {"before": before, "after": order}
    audit.append(caller, f"roadshow:{roadshow.id}", trigger=TRIGGER, role="science", data=data)
    for place, project in enumerate(projects):
        if before[place] != project.id:
            notify(
                caller,
                "reorder_roadshow",
                to_parties(),
                project=project,
                roadshow=roadshow,
                position=place + 1,
                starts_at=in_shanghai(turn_at(roadshow, place)),
            )


def print_agenda(caller: Caller, roadshow: Roadshow, projects: list[Project], owner: Project) -> None:
    """Issue the present agenda among the papers of ``owner``; it supersedes the one before.

    Blank score sheets (评分表) that were printed for the day are cancelled.
    """
    session = caller.session
    order_changed(session, roadshow)
    subject, data = f"roadshow:{roadshow.id}", agenda_facts(roadshow, projects)
    own = Paper.name == "agenda", Paper.subject == subject
    version = (session.scalar(select(func.max(Paper.version)).where(*own)) or 0) + 1
    session.execute(update(Paper).where(*own, Paper.state == "current").values(state="superseded"))
    paper = Paper(
        code=paper_code(caller.site, owner.id, "agenda", subject, version, data),
        project_id=owner.id,
        name="agenda",
        title="路演议程",
        number=register_number("LY", roadshow.starts_at.year, roadshow.id),
        version=version,
        subject=subject,
        data=data,
        made_at=caller.now,
    )
    session.add(paper)
    session.flush()
