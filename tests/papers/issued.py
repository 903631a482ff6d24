"""Papers that projects brought with them on their way through the real stages; each way is gone once per process."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.papers import layout
from xtbang.domain.calls import publish_call
from xtbang.domain.meeting_lists import TITLES, print_list, record_sign_in
from xtbang.domain.receiving_accounts import record_account
from xtbang.domain.revocation import revocable_decisions
from xtbang.domain.score_sheets import print_for_meeting
from xtbang.domain.yearly_statements import issue_statement
from xtbang.models import Meeting, MeetingSeat, Paper, Project
from xtbang.papers.pdf.issued import pdf_of
from xtbang.people.restriction_notices import serve, tell
from xtbang.people.restriction_statements import state
from xtbang.people.restrictions import decide
from xtbang.queries.ledger import year_by_county
from xtbang.rules.policy import Policy
from xtbang.workflow.batch_papers import print_joint_document, print_sheet
from xtbang.workflow.definition import load_policy

ROOT = Path(__file__).parents[2]
SITE = "https://bang.example.cn"
ACCOUNT = {
    "name": "湘潭市财政国库",
    "bank_name": "湘潭银行城中支行",
    "bank_account": "9999 0000 1111",
    "since": "2024-01-01",
}
ROADSHOW = {"title": "“智造莲城”路演", "starts_at": "2024-11-20T09:00", "place": "路演厅", "minutes": 20}


@cache
def policy() -> Policy:
    return load_policy(ROOT / "workflows")


@cache
def rows(way: str) -> tuple[Paper, ...]:
    """Every paper of one way, oldest first; the rows belong to no session any longer."""
    factory = ProjectFactory(policy())
    WAYS[way](factory)
    found = tuple(factory.session.scalars(select(Paper).options(lazyload(Paper.file)).order_by(Paper.id)))
    factory.session.expunge_all()
    factory.session.close()
    factory.session.get_bind().dispose()
    return found


@cache
def printed(way: str, place: int) -> layout.Printed:
    return layout.printed(lambda: pdf_of(rows(way)[place], SITE, policy()))


def pdf(way: str, place: int) -> bytes:
    return printed(way, place).pdf


def every() -> list[tuple[str, int]]:
    """The first paper of each name, and of each kind of notice: where it is."""
    first: dict[str, tuple[str, int]] = {}
    for way in WAYS:
        for place, row in enumerate(rows(way)):
            first.setdefault(label(row), (way, place))
    return list(first.values())


def label(row: Paper) -> str:
    """``payment_order``, ``notice_board``."""
    return f"{row.name}_{row.data['kind']}" if row.name == "notice" else row.name


def _closed(factory: ProjectFactory) -> None:
    """Extended, accepted, paid in full."""
    project = later.executing(factory)
    _extended(factory, project)
    later.county_pays(factory, project, "1", "20")
    for row in later.reports_of(factory, project)[:1]:
        factory.at("2025-05-18 09:00")
        later.report(factory, project, row)
    later.passed(factory, project)
    later.matched(factory, project, "20")
    print_sheet(factory.engine, factory.session, factory.actor("finance"), [project.id])
    later.pay(factory, project, "disburse_final", "20")


def _extended(factory: ProjectFactory, project: Project) -> None:
    factory.at("2025-03-10 09:00")
    data = {"reason": "设备供货延误", "new_end": "2027-02-19", "audit_file": factory.file("审计报告.pdf")}
    factory.perform(project, "request_extension", "issuer", data)
    factory.perform(project, "join_extension", "bidder")
    factory.both(project, "grant_extension", {"reason": "情况属实，同意延期"})


def _changed(factory: ProjectFactory, project: Project) -> None:
    """Other people do the work: a supplement to be signed."""
    factory.perform(project, "open_change", "bidder", {"kind": "team"})
    row = {"name": "钱七", "title": "教授", "organisation": "湘潭大学", "role": "项目负责人"}
    factory.perform(project, "propose_change", "bidder", {"team": [row], "reason": "原负责人调离"})
    factory.perform(project, "agree_change", "issuer")


def _asked_twice(factory: ProjectFactory) -> None:
    """Asked by the bureau to go on, and once more."""
    project = later.executing(factory)
    for text in ("请按时提交执行情况报告。", "报告已经逾期，请立即提交。"):
        factory.perform(project, "remind", "science", {"whom": ["bidder"], "text": text, "until": "2026-12-31"})
        factory.later(days=1)


def _ended(factory: ProjectFactory) -> None:
    """Terminated with everything to come back, whoever was to blame restricted; only the city has named its account."""
    project = later.fifty(factory)
    _changed(factory, project)
    record_account(factory.caller("finance"), ACCOUNT)
    later.blamed(factory, project)
    notice = later.told(factory, project, "2027-12-31")
    said = {"kind": "stated", "text": "核心人员离职系突发疾病所致，已另行安排人员。"}
    factory.perform(project, "make_statement", "bidder", said)
    later.waived(factory, project, notice)
    data = {"reason": "弄虚作假", "recover_by": "2026-12-31", "restrict_until": "2027-12-31"} | later.SUBJECTIVE
    factory.both(project, "terminate", data | {"considered": "所附材料不能证明已另行安排人员，不予采纳。"})
    paper = {"document": "（2026）湘03破1号裁定", "dated": "2024-11-20", "reason": "破产财产分配完毕，无财产可供执行"}
    paper |= {"source": "city", "amount": "5", "file": factory.file("裁定.pdf")}
    factory.perform(project, "propose_write_off", "finance", paper)
    factory.both(project, "approve_write_off")


def _roadshow(factory: ProjectFactory) -> None:
    """A roadshow with one project, blank score sheets and every list printed for it."""
    project = factory.applied()
    factory.perform(project, "schedule_roadshow", "science", ROADSHOW)
    roadshow = factory.session.scalars(select(Meeting.id).where(Meeting.kind == "roadshow")).one()
    print_for_meeting(factory.caller("science"), roadshow)
    factory.panel(project, "roadshow", (2, 1, 0))
    seats = factory.session.scalars(select(MeetingSeat.id).where(MeetingSeat.meeting_id == roadshow)).all()
    record_sign_in(factory.caller("science"), roadshow, dict.fromkeys(seats, Decimal(800)))
    for name in TITLES:
        print_list(factory.caller("science"), roadshow, name)


def _called(factory: ProjectFactory) -> None:
    """A call published."""
    call = factory.calls["2024"]
    values = {"number": "潭科〔2024〕16号", "title": "关于征集2024年度科技创新“揭榜挂帅”项目技术需求的通知"}
    values["body"] = "现面向全市征集技术需求。\n一、征集时间\n2024年8月26日至9月16日。"
    publish_call(factory.caller("science"), call.id, call.version, values)


def _corrected(factory: ProjectFactory) -> None:
    """A payment that the bank has returned, after the statement of the year."""
    project = later.executing(factory)
    rows = year_by_county(factory.session, 2024)
    issue_statement(factory.caller("finance"), 2024, "", rows, "finance")
    data = {"line": later.correctable(factory, project)[0], "cause": "returned"}
    data |= {"dated": "2024-11-20", "reason": "收款账号有误，银行退回。"}
    for who in ("finance", "science"):
        factory.perform(project, "reverse_line", who, data)


def _granted(factory: ProjectFactory) -> None:
    """The joint document of a project, to be signed."""
    known = factory.engine, factory.session, factory.actor("finance"), [later.contracting(factory).id]
    print_joint_document(*known, "潭财教指〔2024〕31号", factory.now.date())


def _revoked(factory: ProjectFactory) -> None:
    """An entry that was refused and is taken up again."""
    project = factory.submitted()
    factory.perform(project, "refuse", "science", {"rule": "《办法》第六条", "reason": "材料不齐"})
    action = factory.engine.action(project, "revoke")
    context = factory.engine.context(factory.session, project, factory.actor("science"), "science", action)
    data = {"decision": next(iter(revocable_decisions(context))), "reason": "经复查，材料已在期限内补齐。"}
    for who in ("science", "industry"):
        factory.perform(project, "revoke", who, data)


def _restricted(factory: ProjectFactory) -> None:
    """A restriction outside of a project, told and decided."""
    days = {"starts_on": "2024-09-02", "ends_on": "2027-09-01"}
    facts = {"reason": "在另一项目中虚报发票，骗取补助资金。", "evidence": "发票查验结果；银行流水。"}
    notice = tell(factory.caller("science"), days | facts | {"uscc": factory.organisations["bidder"].uscc}, "told")
    serve(factory.caller("science"), notice, {"manner": "in_person", "dated": "2024-09-02"})
    state(factory.caller("bidder"), notice, {"kind": "stated", "text": "发票由供应商提供，本单位并不知情。"})
    factory.at("2024-09-12 09:00")
    decision = {"ends_on": "2026-09-01", "considered": "部分采纳，限制期缩短一年。"}
    decide(factory.caller("science2"), notice, decision, "decided")


WAYS: dict[str, Callable[[ProjectFactory], None]] = {
    "closed": _closed,
    "ended": _ended,
    "asked twice": _asked_twice,
    "roadshow": _roadshow,
    "called": _called,
    "corrected": _corrected,
    "revoked": _revoked,
    "granted": _granted,
    "restricted": _restricted,
}
