"""The draw for a whole meeting (会次): one lot for all of its projects, one invitation for each expert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_people
from xtbang.actions.relations import parties
from xtbang.domain.bids import in_shanghai
from xtbang.domain.expert_pool import pool
from xtbang.domain.experts import DRAW, DRAWN, knows
from xtbang.domain.meetings import TAKING_PART
from xtbang.enums import MEETING_LABELS, PANEL_LABELS
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Meeting, MeetingSeat, Organisation, Person, Project, Recusal
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.drawing import drawn
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason


@dataclass
class Circle:
    """The experts of one kind as a meeting sees them: for which projects each is free, and why not for the others."""

    people: dict[int, Person] = field(default_factory=dict)
    free: dict[int, set[int]] = field(default_factory=dict)  # expert → projects
    known: set[int] = field(default_factory=set)  # experts who know the domain of a project
    against: dict[int, dict[int, str]] = field(default_factory=dict)  # expert → project → reason

    @property
    def order(self) -> list[list[int]]:
        """Return the circles of the draw: free for most projects first, among them who knows a domain."""
        circles = []
        for number in sorted({len(projects) for projects in self.free.values()}, reverse=True):
            here = sorted(expert for expert, projects in self.free.items() if len(projects) == number)
            circles += [[expert for expert in here if expert in self.known], here]
        return circles


def draw_for_meeting(caller: Caller, meeting_id: int, wanted: Mapping[str, int]) -> None:
    """Draw so many experts of each kind (keys ``technical``, ``financial``, ``legal``) and invite them to the meeting.

    Raises Forbidden, NotFound, Blocked (no projects, no number, too few experts). One transaction with its event.
    """
    if "science" not in caller.actor.roles:
        raise Forbidden(f"会次的专家由{caller.policy.city.lead.short}抽取。")
    session = caller.session
    with writing(session):
        meeting = session.get(Meeting, meeting_id, with_for_update=True)
        if meeting is None or meeting.kind not in PANEL_LABELS:
            raise NotFound(f"meeting {meeting_id}")
        projects = [session.get_one(Project, number) for number in meeting.order]
        there = {seat.expert_id for seat in meeting.seats if seat.status in TAKING_PART}
        found = {key: _circle(caller, projects, DRAWN[key], there) for key in DRAWN if wanted.get(key)}
        if against := list(_against(caller, meeting, wanted, found)):
            raise Blocked(against)
        _invite(caller, meeting, projects, wanted, found)


def _circle(caller: Caller, projects: Iterable[Project], kind: str, there: set[int]) -> Circle:
    found = Circle()
    for project in projects:
        context = Context.about(caller, project, "science")
        own = pool(context, kind)
        for person in own.free:
            if person.id in there:
                continue
            found.people[person.id] = person
            found.free.setdefault(person.id, set()).add(project.id)
            if kind == "技术" and knows(context, person):
                found.known.add(person.id)
        for expert_id, why in own.excluded.items():
            found.against.setdefault(expert_id, {})[project.id] = why
    return found


def _against(
    caller: Caller, meeting: Meeting, wanted: Mapping[str, int], found: Mapping[str, Circle]
) -> Iterable[Reason]:
    article = caller.cite("examination")
    if meeting.status != "planned" or not meeting.order:
        yield Reason("A9.meeting", "会次已结束或者没有项目，不能抽取专家。", article)
    if not any(wanted.get(key) for key in DRAWN):
        yield Reason("A9.draw", "至少抽取 1 名专家。", article, field="technical")
    waiting = select(Project.title).join(Recusal, Recusal.project_id == Project.id).distinct().order_by(Project.title)
    for title in caller.session.scalars(waiting.where(Project.id.in_(meeting.order), Recusal.status == "open")):
        yield Reason("A9.recusals", f"{quoted(title)}有回避申请尚未处理，先处理再抽取专家。", article)
    for key, circle in found.items():
        if wanted[key] > len(circle.free):
            kind, free = DRAWN[key], len(circle.free)
            text = (
                f"要抽取{kind}专家 {wanted[key]} 名，对本会次可抽取的只有 {free} 名（已除去有利害关系的和已受邀的）。"
            )
            yield Reason("A9.pool", text, article, field=key)


def _invite(
    caller: Caller, meeting: Meeting, projects: list[Project], wanted: Mapping[str, int], found: Mapping[str, Circle]
) -> None:
    seed, said, people = token_hex(16), {}, []
    for key, circle in found.items():
        chosen = drawn(seed, circle.order, wanted[key])
        apart = [[expert, project, why] for expert, whys in circle.against.items() for project, why in whys.items()]
        kind = DRAWN[key]
        said[kind] = {"wanted": wanted[key], "circles": circle.order, "excluded_for": apart, "drawn": chosen}
        people += [circle.people[expert] for expert in chosen]
        for expert in chosen:
            caller.session.add(_seat(caller, meeting, expert, kind))
    about = {"projects": [project.id for project in projects], "seed": seed, "kinds": said}
    audit.append(caller, f"meeting:{meeting.id}", trigger=DRAW, role="science", data=about)
    involved = select(Organisation.name).where(
        Organisation.id.in_(
            {number for project in projects if not _blind(caller, meeting, project) for number in parties(project)}
        )
    )
    when = in_shanghai(meeting.starts_at) if meeting.starts_at else ""
    notify(
        caller,
        "invite_to_meeting",
        to_people(people, "expert"),
        link=f"/reviews/meetings/{meeting.id}",
        meeting=meeting,
        what=MEETING_LABELS[meeting.kind],
        starts_at=when,
        parties=sorted(caller.session.scalars(involved)),
        count=len(projects),
    )


def _blind(caller: Caller, meeting: Meeting, project: Project) -> bool:
    """Return whether the panel of that project reads no names."""
    return meeting.kind in caller.policy.edition(project.edition).blind


def _seat(caller: Caller, meeting: Meeting, expert_id: int, kind: str) -> MeetingSeat:
    """Return the expert's invitation; one who was there and declined is invited anew."""
    seat = next((seat for seat in meeting.seats if seat.expert_id == expert_id), None)
    if seat is None:
        return MeetingSeat(
            meeting_id=meeting.id,
            expert_id=expert_id,
            kind=kind,
            whole=True,
            status="invited",
            invited_at=caller.now,
        )
    seat.whole, seat.status, seat.invited_at, seat.answered_at = True, "invited", caller.now, None
    return seat
