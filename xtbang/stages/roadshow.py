"""路演: bidder and plan are judged and inspected, both bureaus say their word, the party group resolves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen
from xtbang.actions.notify import notify, to_parties, to_people, to_role
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.domain.bids import in_shanghai, moment
from xtbang.domain.experts import cancel_panels, concluded_panel, open_panel
from xtbang.domain.roadshow_agenda import print_agenda
from xtbang.models import Call, Finding, Notice, NoticeItem, Project, Roadshow, RoadshowItem
from xtbang.rules.funding_facts import funding_facts
from xtbang.rules.money import format_wan, wan, yuan_from_wan
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import check_funding, county_share, is_self_managed
from xtbang.rules.term import in_chinese

NINE = "《办法》第九条"
THREE, FOUR = "《2024年实施方案》第三部分", "《2024年实施方案》第四部分"
BUREAUS = {"science": "市科技局", "industry": "市工信局"}
ABOUT_MONEY = ("A7.ratio", "A7.maximum", "A7.match", "A7.county", "A7.asked")


def findings(context: Context, kind: str) -> list[Finding]:
    """Every finding of that kind, oldest first."""
    return [finding for finding in context.rows.of(Finding) if finding.kind == kind]


def opinions(context: Context) -> dict[str, Finding]:
    """The newest word of each bureau: role → finding."""
    return {finding.role: finding for finding in findings(context, "opinion")}


def _find(context: Context) -> Finding:
    """A new finding by the actor, dated today; added to the session."""
    finding = Finding(
        project_id=context.project.id,
        kind="",
        role=context.role,
        person_id=context.actor.person_id,
        dated=context.today,
        favourable=None,
        text=context.data.get("text", ""),
        at=context.now,
    )
    context.session.add(finding)
    return finding


@guard
def not_yet_scheduled(context: Context) -> Iterator[Reason]:
    """A project has one turn; a roadshow that lies behind does not stand in the way of another."""
    roadshows = (item.roadshow for item in context.rows.of(RoadshowItem))
    ahead = next((roadshow for roadshow in roadshows if roadshow.starts_at > context.now), None)
    if ahead:
        text = f"本项目已排入{in_shanghai(ahead.starts_at)}的“{ahead.title}”。"
        yield Reason("N4.scheduled", text, THREE)


def _planned(context: Context) -> Roadshow | None:
    """The roadshow of that name, time and place, if there is one to join; locked until the end."""
    data = context.data
    query = select(Roadshow).where(Roadshow.title == data["title"], Roadshow.place == data["place"])
    query = query.where(Roadshow.starts_at == moment(data["starts_at"]))
    return context.session.scalars(query.with_for_update()).first()


@form_guard
def roadshow_in_future(context: Context) -> Iterator[Reason]:
    """The roadshow lies ahead; every project of one roadshow has equally long."""
    if moment(context.data["starts_at"]) <= context.now:
        yield Reason("N4.future", f"路演开始时间须晚于现在（{in_shanghai(context.now)}）。", THREE, field="starts_at")
    known = _planned(context)
    if known and known.minutes != context.data["minutes"]:
        text = f"“{known.title}”每个项目 {known.minutes} 分钟，与所填 {context.data['minutes']} 分钟不一致。"
        yield Reason("N4.minutes", text, THREE, field="minutes")


@effect
def schedule_roadshow(context: Context) -> None:
    """Next in the order of that roadshow; its agenda is printed anew."""
    session, project, data = context.session, context.project, context.data
    roadshow = _planned(context)
    if roadshow is None:
        roadshow = Roadshow(title=data["title"], starts_at=moment(data["starts_at"]), place=data["place"])
        roadshow.minutes, roadshow.created_at = data["minutes"], context.now
        session.add(roadshow)
        session.flush()
    position = max((item.position for item in roadshow.items), default=0) + 1
    session.add(RoadshowItem(roadshow_id=roadshow.id, project_id=project.id, position=position))
    session.flush()
    session.expire(roadshow, ["items"])
    projects = [session.get_one(Project, item.project_id) for item in roadshow.items]
    print_agenda(context, roadshow, projects, project)
    at = in_shanghai(roadshow.starts_at)
    notify(context, "schedule_roadshow", to_parties(), roadshow=roadshow, position=position, starts_at=at)
    panel = open_panel(context)
    seated = [seat.expert for seat in panel.seats if seat.status == "accepted"] if panel else []
    experts = to_people(seated, "expert")
    notify(context, "schedule_roadshow_experts", experts, roadshow=roadshow, position=position, starts_at=at)


@effect
def record_inspection(context: Context) -> None:
    """考察情况."""
    finding = _find(context)
    finding.kind, finding.dated = "inspection", date.fromisoformat(context.data["dated"])
    finding.file_id = context.file_id("file")


@effect
def record_opinion(context: Context) -> None:
    """本局意见; the newest word of a bureau counts."""
    finding = _find(context)
    finding.kind, finding.favourable = "opinion", context.data["favourable"] == "同意立项"
    context.session.flush()
    if len(opinions(context)) == len(BUREAUS):
        given = {BUREAUS[role]: item.favourable for role, item in opinions(context).items()}
        notify(context, "record_opinion", to_role("leader"), opinions=given)


@guard
def both_opinions(context: Context) -> Iterator[Reason]:
    """Both bureaus are for it, by two different people."""
    said = opinions(context)
    for role, name in BUREAUS.items():
        if role not in said:
            yield Reason("A9.opinion", f"{name}尚未登记意见。", NINE)
        elif not said[role].favourable:
            yield Reason("A9.opinion", f"{name}不同意立项：{said[role].text}", NINE)
    if len({finding.person_id for finding in said.values()}) < len(said):
        yield Reason("A9.two_people", "两局意见须由两名不同人员分别登记。", NINE)


@guard
def roadshow_concluded(context: Context) -> Iterator[Reason]:
    """The roadshow's panel is for it."""
    panel = concluded_panel(context, "roadshow")
    if open_panel(context):
        yield Reason("A9.roadshow", "路演评审专家组尚未形成结论。", NINE)
    elif panel is None:
        yield Reason("A9.roadshow", "尚未组织路演评审。", NINE)
    elif not panel.favourable:
        yield Reason("A9.roadshow", f"路演评审得分 {panel.result:.2f}，结论为不通过，不能立项。", NINE)


@guard
def inspection_noted(context: Context) -> Iterator[Reason]:
    """Bidder and issuer have been inspected (考察)."""
    if not findings(context, "inspection"):
        yield Reason("N4.inspection", "尚未登记考察情况。", THREE)


@form_guard
def resolution_recorded(context: Context) -> Iterator[Reason]:
    """The party group has met; number and minutes are asked for by the form."""
    met = date.fromisoformat(context.data["resolution_date"])
    if met > context.today:
        yield Reason("N5.resolution", f"党组会日期{in_chinese(met)}晚于今天。", FOUR, field="resolution_date")


def _applied(context: Context) -> dict[str, Any]:
    """What the frozen application says of money and term."""
    facts = funding_facts(frozen(context, context.project.application))
    if facts is None:
        raise LookupError("no application")
    return facts


@form_guard
def subsidy_within_rules(context: Context) -> Iterator[Reason]:
    """Not more than was applied for, and within every limit of 第七条."""
    facts, subsidy = _applied(context), yuan_from_wan(context.data["subsidy_city"])
    if subsidy > facts["subsidy"]:
        text = f"市级补助资金 {format_wan(subsidy)}，不得超过申报书申请的 {format_wan(facts['subsidy'])}。"
        yield Reason("A7.asked", text, "《办法》第七条", field="subsidy_city")
    county = county_share(context.edition, subsidy)
    for reason in check_funding(context.edition, **facts | {"subsidy": subsidy, "county": county}):
        yield replace(reason, field="subsidy_city") if reason.rule in ABOUT_MONEY else reason


def _resolve(context: Context, favourable: bool) -> None:
    """党组会决议."""
    finding = _find(context)
    finding.kind, finding.favourable = "resolution", favourable
    finding.dated = date.fromisoformat(context.data["resolution_date"])
    finding.number = context.data["resolution_number"]
    finding.text = context.data.get("reason", "")
    finding.file_id = context.file_id("minutes")


@effect
def recommend(context: Context) -> None:
    """拟立项: the subsidy is fixed, the tracking mode follows from it, the project joins the next public notice."""
    project = context.project
    facts, subsidy = _applied(context), yuan_from_wan(context.data["subsidy_city"])
    project.subsidy_city = subsidy
    project.subsidy_county = county_share(context.edition, subsidy)
    start, end = facts["term_start"], facts["term_end"]
    project.self_managed = is_self_managed(context.edition, start, end, subsidy)
    _resolve(context, favourable=True)
    cancel_panels(context)
    _join_notice(context, subsidy, project.subsidy_county)
    notify(context, "recommend", to_parties())
    notify(context, "recommend_science", to_role("science"))
    notify(context, "recommend_county", to_role("county"))


def _join_notice(context: Context, subsidy: Decimal, county: Decimal) -> None:
    """Onto the public notice of the call that is not published yet; the call is locked, so that there is only one."""
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
def decline(context: Context) -> None:
    """不予立项."""
    context.project.closed_at = context.now
    _resolve(context, favourable=False)
    cancel_panels(context)
    notify(context, "decline", to_parties(), reason=context.data["reason"])
