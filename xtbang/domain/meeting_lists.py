"""Lists of a meeting (会次) on paper: 签到表, 汇总表, 纪要, 专家评审费发放表; and who has signed in, with the fee."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.domain.meeting_papers import current, issue_for, titled
from xtbang.domain.meetings import TAKING_PART, found_at
from xtbang.enums import BUREAU_ROLES, MEETING_LABELS, PANEL_LABELS
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Finding, Meeting, MeetingSeat, Panel, Paper, Project
from xtbang.models.writing import writing
from xtbang.papers.facts.common import money
from xtbang.papers.facts.meeting import fee_facts, record_facts, sign_in_facts
from xtbang.queries.caller import Caller
from xtbang.rules.reasons import Reason

TITLES = {
    "sign_in": "签到表",
    "meeting_summary": "汇总表",
    "meeting_minutes": "纪要",
    "expert_fees": "专家评审费发放表",
}
TRIGGER = "print_meeting_paper"


def record_sign_in(caller: Caller, meeting_id: int, present: Mapping[int, Decimal | None]) -> None:
    """Record which experts have signed in (invitation → fee in yuan, None when none is paid); others have not.

    Raises Forbidden, NotFound. One transaction with its event.
    """
    if "science" not in caller.actor.roles:
        raise Forbidden(f"专家签到由{caller.policy.city.lead.short}登记。")
    with writing(caller.session):
        meeting = _locked(caller, meeting_id)
        for seat in meeting.seats:
            here = seat.id in present
            seat.signed_in_at = (seat.signed_in_at or caller.now) if here else None
            seat.fee = present.get(seat.id)
        fees = [[seat.expert_id, None if seat.fee is None else str(seat.fee)] for seat in _present(meeting)]
        stream, said = f"meeting:{meeting.id}", {"experts": fees}
        audit.append(caller, stream, trigger="sign_in_experts", role="science", data=said)


def print_list(caller: Caller, meeting_id: int, name: str) -> int:
    """Issue one of the lists of a meeting unless the current one says the same; return the id of its paper.

    Raises Forbidden, NotFound, Blocked (no expert has signed in).
    """
    if not caller.actor.roles & set(BUREAU_ROLES):
        raise Forbidden(f"会次文书由{caller.policy.city.bureaus}打印。")
    with writing(caller.session):
        meeting = _locked(caller, meeting_id)
        if name not in TITLES or not meeting.order:
            raise NotFound(f"{name} of meeting {meeting_id}")
        return _issued(caller, meeting, name, titled(meeting, TITLES[name])).id


def _issued(caller: Caller, meeting: Meeting, name: str, title: str) -> Paper:
    kind = MEETING_LABELS[meeting.kind]
    projects = [caller.session.get_one(Project, number) for number in meeting.order]
    coming = [seat for seat in meeting.seats if seat.status in TAKING_PART]
    if name == "sign_in":
        data = sign_in_facts(meeting, kind, coming, projects)
    elif name == "expert_fees":
        if not _present(meeting):
            raise Blocked([Reason("A9.sign_in", "尚未登记专家签到，不能出具发放表。")])
        data = fee_facts(meeting, kind, _present(meeting))
    else:
        rows = list(_decided(caller, meeting, projects))
        data = record_facts(meeting, kind, _present(meeting) or coming, rows)
    before = current(caller, meeting, name)
    if before and before.data == data:
        return before
    paper = issue_for(caller, meeting, name, title, data)
    role = next(role for role in BUREAU_ROLES if role in caller.actor.roles)
    said = {"paper": paper.title, "version": paper.version}
    audit.append(caller, f"meeting:{meeting.id}", trigger=TRIGGER, role=role, data=said)
    return paper


def _decided(caller: Caller, meeting: Meeting, projects: list[Project]) -> Iterator[tuple[Project, dict[str, str]]]:
    """Yield each project with what the meeting decided about it, in words; blank where nothing is decided yet."""
    if meeting.kind in PANEL_LABELS:
        query = select(Panel).where(Panel.meeting_id == meeting.id, Panel.status.in_(Panel.STANDS)).order_by(Panel.id)
        panels = {panel.project_id: panel for panel in caller.session.scalars(query)}
        for project in projects:
            yield project, _of_panel(panels.get(project.id))
        return
    asked = select(Finding).where(*found_at(meeting), Finding.project_id.in_([row.id for row in projects]))
    found = {row.project_id: row for row in caller.session.scalars(asked.order_by(Finding.id))}
    for project in projects:
        yield project, _of_finding(project, found.get(project.id))


def _of_panel(panel: Panel | None) -> dict[str, str]:
    sheets = [seat for seat in panel.seats if seat.status == "locked"] if panel else []
    concluded = panel is not None and panel.status == "concluded"
    return {
        "sheets": str(len(sheets)),
        "result": f"{panel.result:.2f}" if panel and panel.result is not None else "",
        "conclusion": ("通过" if panel.favourable else "不通过") if panel and concluded else "",
        "opinion": panel.opinion if panel else "",
    }


def _of_finding(project: Project, finding: Finding | None) -> dict[str, str]:
    words = ""
    if finding and finding.kind == "resolution":
        granted = f"，市级补助资金{money(project.subsidy_city)['text']}" if project.subsidy_city else ""
        words = f"拟立项{granted}" if finding.favourable else "不予立项"
    elif finding:
        words = "已考察"
    return {"sheets": "", "result": "", "conclusion": words, "opinion": finding.text if finding else ""}


def _present(meeting: Meeting) -> list[MeetingSeat]:
    return [seat for seat in meeting.seats if seat.signed_in_at is not None]


def _locked(caller: Caller, meeting_id: int) -> Meeting:
    meeting = caller.session.get(Meeting, meeting_id, with_for_update=True)
    if meeting is None:
        raise NotFound(f"meeting {meeting_id}")
    return meeting
