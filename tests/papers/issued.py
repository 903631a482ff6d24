"""Papers that projects brought with them on their way through the real stages; each way is gone once per process."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from tests.stages import later
from tests.stages.world import World
from xtbang.domain.calls import publish_call
from xtbang.domain.receiving_accounts import record_account
from xtbang.domain.score_sheets import print_for_roadshow
from xtbang.models import Paper, Project, Roadshow
from xtbang.papers.pdf.issued import pdf_of
from xtbang.rules.policy import Policy
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
    world = World(policy())
    WAYS[way](world)
    found = tuple(world.session.scalars(select(Paper).options(lazyload(Paper.file)).order_by(Paper.id)))
    world.session.expunge_all()
    world.session.close()
    world.session.get_bind().dispose()
    return found


@cache
def pdf(way: str, place: int) -> bytes:
    return pdf_of(rows(way)[place], SITE, policy())


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


def _closed(world: World) -> None:
    """Extended, accepted, paid in full."""
    project = later.executing(world)
    _extended(world, project)
    later.county_pays(world, project, "1", "20")
    for row in later.reports_of(world, project)[:1]:
        world.at("2025-05-18 09:00")
        later.report(world, project, row)
    later.passed(world, project)
    later.matched(world, project, "20")
    later.pay(world, project, "disburse_final", "20")


def _extended(world: World, project: Project) -> None:
    world.at("2025-03-10 09:00")
    data = {"reason": "设备供货延误", "new_end": "2027-02-19", "audit_file": world.file("审计报告.pdf")}
    world.perform(project, "request_extension", "issuer", data)
    world.perform(project, "join_extension", "bidder")
    world.both(project, "grant_extension", {"reason": "情况属实，同意延期"})


def _ended(world: World) -> None:
    """Terminated with everything to come back, whoever was to blame restricted; only the city has named its account."""
    project = later.fifty(world)
    record_account(world.caller("finance"), ACCOUNT)
    later.blamed(world, project)
    later.ended(world, project, **later.SUBJECTIVE, restrict_until="2027-12-31")


def _roadshow(world: World) -> None:
    """A roadshow with one project, blank score sheets printed for it."""
    world.perform(world.applied(), "schedule_roadshow", "science", ROADSHOW)
    roadshow = world.session.scalars(select(Roadshow.id)).one()
    print_for_roadshow(world.caller("science"), roadshow)


def _called(world: World) -> None:
    """A call published."""
    call = world.calls["2024"]
    values = {"number": "潭科〔2024〕16号", "title": "关于征集2024年度科技创新“揭榜挂帅”项目技术需求的通知"}
    values["body"] = "现面向全市征集技术需求。\n一、征集时间\n2024年8月26日至9月16日。"
    publish_call(world.caller("science"), call.id, call.version, values)


WAYS: dict[str, Callable[[World], None]] = {
    "closed": _closed,
    "ended": _ended,
    "roadshow": _roadshow,
    "called": _called,
}
