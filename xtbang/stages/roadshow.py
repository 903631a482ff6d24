"""路演 (roadshow): experts judge bidder and plan, bureaus inspect and give opinions, the party group (党组) decides."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen
from xtbang.actions.findings import add_finding
from xtbang.actions.notify import notify, to_county, to_members, to_parties, to_people, to_role
from xtbang.actions.registry import effect, form_guard, guard, prefill
from xtbang.domain import meetings
from xtbang.domain.agenda import print_again
from xtbang.domain.bids import in_shanghai, moment
from xtbang.domain.budgets import hold_budget, within_budget
from xtbang.domain.event_dates import day_or_today
from xtbang.domain.experts import cancel_panels, concluded_panel, open_panel
from xtbang.models import Call, Finding, Meeting, MeetingItem, Notice, NoticeItem
from xtbang.rules.city import Office
from xtbang.rules.dates import day_of
from xtbang.rules.funding_facts import funding_facts
from xtbang.rules.money import format_wan, wan, yuan_from_wan
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import check_funding, county_share, is_self_managed, subsidy_limit
from xtbang.rules.term import in_chinese

MONEY_RULES = ("A7.ratio", "A7.maximum", "A7.match", "A7.county", "A7.asked")


def findings(context: Context, kind: str) -> list[Finding]:
    """Return every finding of that kind, oldest first."""
    return [row for row in context.rows.of(Finding) if row.kind == kind and row.voided_at is None]


def opinions(context: Context) -> dict[str, Finding]:
    """Return the newest opinion of each bureau: role → finding."""
    return {finding.role: finding for finding in findings(context, "opinion")}


def _by_office(context: Context) -> list[tuple[Office, Finding | None]]:
    """Return the offices that countersign, each with its newest opinion."""
    given = opinions(context)
    return [(office, given.get(office.role)) for office in context.policy.city.offices]


def _turns(context: Context) -> list[Meeting]:
    """Return the roadshows that the project is on and that were not cancelled."""
    items = (item for item in context.rows.of(MeetingItem) if item.left_at is None)
    return [item.meeting for item in items if item.meeting.kind == "roadshow" and item.meeting.status != "cancelled"]


@guard
def not_yet_scheduled(context: Context) -> Iterator[Reason]:
    """Yield a reason when the project is scheduled for a future roadshow; a past one does not count."""
    for meeting in _turns(context):
        if meeting.starts_at and meeting.starts_at > context.now:
            text = f"本项目已排入{in_shanghai(meeting.starts_at)}的{quoted(meeting.title)}。"
            yield Reason("N4.scheduled", text, context.cite("roadshow"))
            return


def _planned(context: Context) -> Meeting | None:
    """Return the planned roadshow of that title, time and place, locked; None when there is none."""
    data = context.data
    query = select(Meeting).where(Meeting.title == data["title"], Meeting.place == data["place"])
    query = query.where(Meeting.starts_at == moment(data["starts_at"]))
    query = query.where(Meeting.kind == "roadshow", Meeting.status == "planned")
    return context.session.scalars(query.with_for_update()).first()


@form_guard
@reads("title:text starts_at:datetime place:text minutes:whole")
def roadshow_in_future(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the roadshow is in the future and gives every project the same time (2024 方案三)."""
    if moment(context.data["starts_at"]) <= context.now:
        yield Reason(
            "N4.future",
            f"路演开始时间须晚于现在（{in_shanghai(context.now)}）。",
            context.cite("roadshow"),
            field="starts_at",
        )
    known = _planned(context)
    if known and known.minutes != context.data["minutes"]:
        text = f"{quoted(known.title)}每个项目 {known.minutes} 分钟，与所填 {context.data['minutes']} 分钟不一致。"
        yield Reason("N4.minutes", text, context.cite("roadshow"), field="minutes")


@effect
@reads("title:text starts_at:datetime place:text minutes:whole")
def schedule_roadshow(context: Context) -> None:
    """Add the project as the last one of the roadshow with its panel, if it has one, and print the agenda again."""
    data = context.data
    when = {"title": data["title"], "place": data["place"], "minutes": data["minutes"]}
    meeting, panel = _planned(context), open_panel(context)
    own = panel.meeting if panel and panel.kind == "roadshow" else None
    if meeting is None and own and own.starts_at is None and own.order == [context.project.id]:
        meeting, place = own, 1
        for name, value in when.items():
            setattr(meeting, name, value)
        meeting.starts_at = moment(data["starts_at"])
    elif meeting is None:
        meeting, place = meetings.begin(context, "roadshow", starts_at=moment(data["starts_at"]), **when), 1
    else:
        place = meetings.join(context, meeting)
    if panel and own and own is not meeting:
        meetings.bring(context, panel, meeting)
    print_again(context, meeting)
    at = in_shanghai(moment(data["starts_at"]))
    notify(context, "schedule_roadshow", to_parties(), roadshow=meeting, position=place, starts_at=at)
    seated = [seat.expert for seat in panel.seats if seat.status == "accepted"] if panel else []
    experts = to_people(seated, "expert")
    notify(context, "schedule_roadshow_experts", experts, roadshow=meeting, position=place, starts_at=at)


@effect
@reads("dated:date text:long file:file")
def record_inspection(context: Context) -> None:
    """Record an inspection (考察情况)."""
    day, text, file_id = date.fromisoformat(context.data["dated"]), context.data["text"], context.file_id("file")
    add_finding(context, "inspection", dated=day, text=text, file_id=file_id)


@form_guard
@reads("dated:date")
def opinion_dated(context: Context) -> Iterator[Reason]:
    """Yield a reason when the opinion is dated in the future or before the application that it is about."""
    if not context.data.get("dated"):
        return
    dated, since = date.fromisoformat(context.data["dated"]), day_of(context.project.state_since)
    if dated > context.today:
        yield Reason("date.future", "意见日期不能晚于今天。", field="dated")
    elif dated < since:
        text = f"意见日期{in_chinese(dated)}早于进入本环节的日期{in_chinese(since)}。"
        yield Reason("date.early", text, context.cite("examination"), field="dated")


@effect
@reads("favourable:choice(agreed not_agreed) text:long dated:date")
def record_opinion(context: Context) -> None:
    """Record the opinion of the actor's bureau (本局意见), of today unless dated; the newest one counts."""
    day, agreed = day_or_today(context, context.data.get("dated")), context.data["favourable"] == "agreed"
    add_finding(context, "opinion", dated=day, favourable=agreed, text=context.data["text"])
    context.session.flush()
    given = {office.short: found.favourable for office, found in _by_office(context) if found}
    if len(given) == len(context.policy.city.offices):
        notify(context, "record_opinion", to_role("leader"), opinions=given)


@guard
def both_opinions(context: Context) -> Iterator[Reason]:
    """Yield reasons unless every office agrees, each by another person."""
    city, opinion = context.policy.city, _by_office(context)
    for office, found in opinion:
        if found is None:
            yield Reason("A9.opinion", f"{office.short}尚未登记意见。", context.cite("examination"))
        elif not found.favourable:
            yield Reason("A9.opinion", f"{office.short}不同意立项：{found.text}", context.cite("examination"))
    people = [found.person_id for _office, found in opinion if found]
    if len({*people}) < len(people):
        yield Reason(
            "A9.two_people", f"{city.together}意见须由{city.people}不同人员分别登记。", context.cite("examination")
        )


@guard
def roadshow_concluded(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the roadshow panel has approved the project."""
    panel = concluded_panel(context, "roadshow")
    if open_panel(context):
        yield Reason("A9.roadshow", "路演评审专家组尚未形成结论。", context.cite("examination"))
    elif panel is None:
        yield Reason("A9.roadshow", "尚未组织路演评审。", context.cite("examination"))
    elif not panel.favourable:
        yield Reason(
            "A9.roadshow", f"路演评审得分 {panel.result:.2f}，结论为不通过，不能立项。", context.cite("examination")
        )


@guard
def inspection_noted(context: Context) -> Iterator[Reason]:
    """Yield a reason unless an inspection (考察) has been recorded (2024 方案三)."""
    if not findings(context, "inspection"):
        yield Reason("N4.inspection", "尚未登记考察情况。", context.cite("roadshow"))


@form_guard
@reads("resolution_date:date")
def resolution_recorded(context: Context) -> Iterator[Reason]:
    """Yield reasons when the meeting of the party group (党组会) is in the future or before what it decides on."""
    met = date.fromisoformat(context.data["resolution_date"])
    if met > context.today:
        yield Reason(
            "N5.resolution", f"党组会日期{in_chinese(met)}晚于今天。", context.cite("approval"), field="resolution_date"
        )
    for rule, what, day, cited in _before_resolution(context):
        if met < day:
            text = f"党组会日期{in_chinese(met)}早于{what}的日期{in_chinese(day)}。"
            yield Reason(rule, text, cited, field="resolution_date")


def _before_resolution(context: Context) -> Iterator[tuple[str, str, date, str]]:
    """Yield what the party group has before it, as far as there is any: the rule, its name, its day, the citation."""
    panel = concluded_panel(context, "roadshow")
    if panel and panel.concluded_at:
        yield "A9.order_conclusion", "专家组形成结论", day_of(panel.concluded_at), context.cite("examination")
    if visits := findings(context, "inspection"):
        yield "N4.order", "考察", min(visit.dated for visit in visits), context.cite("roadshow")
    for office, found in _by_office(context):
        if found:
            yield f"A9.order_{office.role}", f"{office.short}意见", found.dated, context.cite("examination")


def _application_facts(context: Context) -> dict[str, Any]:
    """Return money and term of the frozen application. Raise LookupError when there is none."""
    values = frozen(context, context.project.application)
    facts = funding_facts(values, context.edition.documents["application"])
    if facts is None:
        raise LookupError("no application")
    return facts


@form_guard
@reads("subsidy_city:money")
def subsidy_within_rules(context: Context) -> Iterator[Reason]:
    """Yield reasons when the subsidy exceeds the requested one or a limit of the rules about money."""
    facts, subsidy = _application_facts(context), yuan_from_wan(context.data["subsidy_city"])
    if subsidy > facts["subsidy"]:
        text = f"市级补助资金 {format_wan(subsidy)}，不得超过申报书申请的 {format_wan(facts['subsidy'])}。"
        yield Reason("A7.asked", text, context.cite("money"), field="subsidy_city")
    county = county_share(context.edition, subsidy)
    for reason in check_funding(context.edition, **facts | {"subsidy": subsidy, "county": county}):
        yield replace(reason, field="subsidy_city") if reason.rule in MONEY_RULES else reason


@prefill
def subsidy_within_limits(context: Context) -> str:
    """Return the subsidy that was applied for, in 万元, at most what the rules about money allow."""
    facts = funding_facts(frozen(context, context.project.application), context.edition.documents["application"])
    return wan(min(facts["subsidy"], subsidy_limit(context.edition, facts["total"]))) if facts else ""


def add_resolution(context: Context, favourable: bool) -> None:
    """Add the resolution of the party group (党组会决议)."""
    add_finding(
        context,
        "resolution",
        dated=date.fromisoformat(context.data["resolution_date"]),
        number=context.data["resolution_number"],
        favourable=favourable,
        text=context.data.get("reason", ""),
        file_id=context.file_id("minutes"),
    )


@effect
@reads("resolution_date:date resolution_number:text minutes:file subsidy_city:money reason:long")
def recommend(context: Context) -> None:
    """Recommend the project (拟立项): set the subsidy and the tracking mode, add it to the next public notice (公示)."""
    project = context.project
    facts, subsidy = _application_facts(context), yuan_from_wan(context.data["subsidy_city"])
    hold_budget(context, within_budget)
    project.subsidy_city = subsidy
    project.subsidy_county = county_share(context.edition, subsidy)
    start, end = facts["term_start"], facts["term_end"]
    project.self_managed = is_self_managed(context.edition, start, end, subsidy)
    add_resolution(context, favourable=True)
    cancel_panels(context)
    noticed = "publicity" not in context.edition.without
    if noticed:
        _join_notice(context, subsidy, project.subsidy_county)
        notify(context, "recommend_science", to_role("science"), noticed=noticed)
    notify(context, "recommend", to_parties(), noticed=noticed)
    notify(context, "recommend_county", to_county(), noticed=noticed)


def _join_notice(context: Context, subsidy: Decimal, county: Decimal) -> None:
    """Add the project to the draft notice of its call; the call is locked, so that there is only one draft."""
    session, project = context.session, context.project
    session.get_one(Call, project.call_id, with_for_update=True)
    query = select(Notice).where(Notice.kind == "publicity", Notice.status == "draft")
    notice = session.scalars(query.where(Notice.call_id == project.call_id).order_by(Notice.id)).first()
    if notice is None:
        title = f"{project.call.title[:180]}拟立项名单公示"
        notice = Notice(kind="publicity", call_id=project.call_id, title=title, status="draft", created_at=context.now)
        session.add(notice)
        session.flush()
    bid = project.agreed_bid
    figures = {
        "number": project.number,
        "title": project.title,
        "issuer": project.issuer.name,
        "bidder": bid.lead.name if bid else "",
        "members": [member.organisation.name for member in bid.members] if bid else [],
        "region": project.region,
        "total": wan(project.total_investment or Decimal(0)),
        "subsidy_city": wan(subsidy),
        "subsidy_county": wan(county),
        "starts_on": project.starts_on.isoformat() if project.starts_on else "",
        "ends_on": project.ends_on.isoformat() if project.ends_on else "",
    }
    session.add(NoticeItem(notice_id=notice.id, project_id=project.id, figures=figures))


@effect
@reads("resolution_date:date resolution_number:text minutes:file reason:long")
def decline(context: Context) -> None:
    """Close the project as declined (不予立项)."""
    context.project.closed_at = context.now
    add_resolution(context, favourable=False)
    cancel_panels(context)
    notify(context, "decline", to_parties(), to_members(context.project.agreed_bid), reason=context.data["reason"])
