"""Bids (揭榜申请书): a bid for one topic by a lead organisation and its consortium."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xtbang.demo.texts.compose import Segment, plan, write
from xtbang.demo.texts.entry_texts import in_wan_text, months_between, topic_of
from xtbang.demo.texts.model import Indicator, Profile, Topic
from xtbang.demo.texts.people import full_name
from xtbang.demo.texts.phrases import Slots
from xtbang.demo.texts.sources import load
from xtbang.rules.quotation import quoted

PATTERN = "patterns_bid"
_START, _TERM = date(2025, 1, 1), timedelta(days=729)
_TITLES = ("教授", "研究员", "副教授", "副研究员", "高级工程师", "工程师", "讲师", "助理研究员")
_COMPANY_TITLES = ("正高级工程师", "高级工程师", "高级工程师", "工程师", "工程师", "助理工程师", "高级技师")
_LEADERS = ("教授", "研究员", "正高级工程师", "高级工程师")
STAGES = (
    ("完成方案设计、机理分析和评审，冻结技术状态", "设计报告及评审意见"),
    ("完成关键部件（材料、算法）试制与单元测试", "单元测试报告"),
    ("完成样机集成和实验室（台架）考核", "样机及测试记录"),
    ("完成现场安装、调试和应用验证", "现场运行记录与用户意见"),
    ("完成第三方检测、资料整理和验收", "检测报告、验收资料"),
)
_SHARES = {1: ("70", "30"), 2: ("60", "25", "15"), 3: ("50", "20", "20", "10")}


def bid(
    rng: random.Random,
    kind: str,
    index: int,
    lead: Profile,
    members: Sequence[Profile] = (),
    *,
    total: Decimal | None = None,
    start: date = _START,
    end: date | None = None,
) -> dict[str, Any]:
    """Return the data of a bid for the topic of (kind, index); at most three members. Price and money in 万元.

    The price is 42–55 % of `total` (the planned investment, 万元), so that paying it proves the 40 % of 第七条.
    """
    topic = topic_of(kind, index)
    end = end or start + _TERM
    whole = total or Decimal(topic.data.get("total", 200))
    price = (whole * rng.randint(42, 55) / 100).quantize(Decimal("0.1"))
    shares = _SHARES.get(len(members), ("100",))
    slots = Slots(
        topic, lead, rng,
        lead=lead.name, leader=(leader := full_name(rng)), price=in_wan_text(price),
        months=months_between(str(start), str(end)), n_tasks=len(topic.tasks), n_indicators=len(topic.indicators),
        partners=_partners(lead, members), **dict(zip(("p1", "p2", "p3", "p4"), _split(rng), strict=True)),
    )  # fmt: skip
    return {
        "lead_task": _lead_task(topic, bool(members)),
        "lead_share": shares[0],
        "members": [
            _member(each, topic, number, share)
            for number, (each, share) in enumerate(zip(members, shares[1:], strict=True), 1)
        ],
        "leader_name": leader,
        "leader_title": rng.choice(_LEADERS[2:] if lead.kind == "企业" else _LEADERS),
        "leader_mobile": f"154{rng.randrange(10**8):08d}",
        "team": team(rng, topic, [lead, *members], rng.randint(4, 8)),
        "response": [_response(topic, number, each, rng) for number, each in enumerate(topic.indicators)],
        "route": route(topic, slots, rng),
        "basis": write(plan([], PATTERN, "basis"), slots, 800, rng),
        "milestones": milestones(topic, price, start, end),
        "price": in_wan_text(price),
        "payment_plan": write(plan([], PATTERN, "payment_plan"), slots, 300, rng),
        "results": write(plan([], PATTERN, "results"), slots, 500, rng),
        "bidder_declaration": True,
    }


def route(topic: Topic, slots: Slots, rng: random.Random) -> str:
    """Return the technical approach (技术路线) in at most 1500 字: every task of the topic, tested and secured."""
    segments = plan([], PATTERN, "route")
    first = next(i for i, each in enumerate(segments) if each.options[0].startswith("/（三）"))
    frames = list(load(PATTERN)["task"][0]["say"])
    rng.shuffle(frames)
    tasks = []
    for number, task in enumerate(topic.tasks):
        text = frames[number % len(frames)]
        for key, value in {
            "no": str(number + 1), "name": task.name, "need": task.need, "method": task.method,
        }.items():  # fmt: skip
            text = text.replace("{" + key + "}", value)
        tasks.append(Segment(True, (text,)))
    return write([*segments[:first], *tasks, *segments[first:]], slots, 1500, rng, whole=True)


def team(rng: random.Random, topic: Topic, orgs: Sequence[Profile], n: int) -> list[dict[str, str]]:
    """Return `n` people of those organisations, each with a part of the work."""
    names: list[str] = []
    while len(names) < n:
        if (name := full_name(rng)) not in names:
            names.append(name)
    roles = [*(task.name for task in topic.tasks), "试验验证与数据分析", "现场实施与技术培训", "项目管理与经费"]
    rows = []
    for number, name in enumerate(names):
        org = orgs[number % len(orgs)]
        title = rng.choice(_COMPANY_TITLES if org.kind == "企业" else _TITLES)
        rows.append({"name": name, "title": title, "organisation": org.name, "role": roles[number % len(roles)]})
    return rows


def milestones(topic: Topic, money: Decimal, start: date, end: date) -> list[dict[str, str]]:
    """Return five milestones up to the last day; their money adds up to `money` (万元) exactly."""
    days = (end - start).days
    parts = [(money * share / 100).quantize(Decimal("0.1")) for share in (20, 25, 25, 20)]
    parts.append(money - sum(parts))
    rows = []
    for number, ((content, proof), part) in enumerate(zip(STAGES, parts, strict=True), 1):
        task = topic.tasks[min(number - 1, len(topic.tasks) - 1)].name
        rows.append({
            "date": str(start + timedelta(days=days * number // len(STAGES))),
            "content": f"{content}，重点完成{quoted(task)}" if number < len(STAGES) else content,
            "indicator": proof,
            "money": in_wan_text(part),
        })  # fmt: skip
    return rows


def _lead_task(topic: Topic, shared: bool) -> str:
    names = "、".join(task.name for task in topic.tasks[: 2 if shared else len(topic.tasks)])
    return f"牵头负责总体方案、技术集成和验收，承担{names}，对全部考核指标负总责"


def _member(org: Profile, topic: Topic, number: int, share: str) -> dict[str, str]:
    task = topic.tasks[min(number + 1, len(topic.tasks) - 1)].name
    return {"name": org.name, "uscc": org.uscc, "kind": org.kind, "task": f"承担{task}及相应试验验证", "share": share}


def _response(topic: Topic, number: int, each: Indicator, rng: random.Random) -> dict[str, str]:
    task = topic.tasks[number % len(topic.tasks)]
    word = rng.choice(("完全响应，承诺达到", "满足要求，承诺", "完全响应，保证达到"))
    return {
        "indicator": each.name,
        "requirement": each.goal,
        "commitment": f"{word}{each.goal}",
        "method": f"通过{quoted(task.name)}实现：{task.method}；以{each.proof}为证",
    }


def _partners(lead: Profile, members: Sequence[Profile]) -> str:
    if not members:
        return f"{lead.name}独立揭榜，并与发榜方技术团队组成联合攻关组，"
    return f"{lead.name}与{'、'.join(each.name for each in members)}组成联合体，"


def _split(rng: random.Random) -> tuple[int, ...]:
    return rng.choice(((40, 25, 20, 15), (45, 20, 20, 15), (40, 30, 20, 10), (50, 20, 20, 10)))
