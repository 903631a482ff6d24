"""Complete forms: the data object of 附件1–4 (2021) and of the 项目技术需求表 (2024), key by key."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.demo.texts.compose import plan, write
from xtbang.demo.texts.model import DEMANDS, Profile, Topic, form_kind, in_wan
from xtbang.demo.texts.phrases import Slots
from xtbang.demo.texts.sources import topics

LIMITS = {  # 字数 by kind and edition; two cells of the official forms have no limit and get a short one here
    ("tech_demand", "2021"): {
        "background": 600, "state_of_art": 500, "requirement": 500, "outcome": 500, "bidder_terms": 500,
    },
    ("tech_demand", "2024"): {
        "background": 500, "state_of_art": 300, "requirement": 500, "outcome": 300, "bidder_terms": 300,
    },
    ("tech_supply", "2021"): {"standing": 500, "basis": 500, "bidder_terms": 500},
    ("scene_demand", "2021"): {
        "scene_content": 300, "scene_basis": 300,
        "background": 600, "state_of_art": 500, "requirement": 500, "outcome": 500, "bidder_terms": 500,
    },
    ("scene_supply", "2021"): {"solution": 400, "standing": 500, "basis": 500, "bidder_terms": 500},
}  # fmt: skip
_PATTERNS = {
    "tech_demand": "patterns_demand",
    "scene_demand": "patterns_scene_demand",
    "tech_supply": "patterns_supply",
    "scene_supply": "patterns_supply",
}
_TITLES = (
    "面向{site}的{object}研制与应用",
    "{object}国产化及工程应用关键技术",
    "适用于{site}的{object}优化升级关键技术",
    "{object}批量制造与质量一致性控制技术",
    "{site}用{object}可靠性提升技术",
)
_MOST = Decimal(50)  # 万元, 办法 第七条
_WHOLE = Decimal(1)


def topic_of(kind: str, index: int) -> Topic:
    """Return the topic of an entry: the topics of its kind in turn, repeated."""
    known = topics(kind)
    return known[index % len(known)]


def entry(
    kind: str,
    edition: str,
    index: int,
    rng: random.Random,
    org: Profile,
    person: Any,
    term_start: date | str,
    term_end: date | str,
    *,
    total: Decimal | None = None,
    subsidy: Decimal | None = None,
) -> dict[str, Any]:
    """Return the data object of one form with every required key, money in 万元.

    An index beyond the number of topics of the kind uses the same topics again, in other words and with other titles.
    `total` and `subsidy` (万元) are drawn if not given. Raise KeyError for a kind that the edition does not have.
    """
    limits = LIMITS[kind, edition]
    topic = topic_of(kind, index)
    start, end = str(term_start), str(term_end)
    money = _investment(topic, rng, total, subsidy)
    slots = Slots(topic, org, rng, months=months_between(start, end), total=in_wan_text(money[0]))
    values = _organisation(org, person, kind)
    values |= {"title": _title(topic, index, rng), **_choices(topic, kind, edition, rng)}
    for field, limit in limits.items():
        values[field] = _text(topic, kind, field, limit, index, slots, rng)
    if kind in DEMANDS:
        values |= {"term_start": start, "term_end": end}
        values |= _money_2024(money, rng) if edition == "2024" else {"planned_total": in_wan_text(money[0])}
    return values | {"region": org.region, "credit_declaration": True}


def months_between(start: str, end: str) -> int:
    """Return the whole months of a term, including its last day."""
    first, last = date.fromisoformat(start), date.fromisoformat(end)
    return round(((last - first).days + 1) / 30.4375)


def in_wan_text(amount: Decimal) -> str:
    """Return a figure in 万元 without trailing zeros."""
    return f"{amount.normalize():f}"


def _text(topic: Topic, kind: str, field: str, limit: int, index: int, slots: Slots, rng: random.Random) -> str:
    hand = bool(topic.data.get("hand"))
    segments = plan(topic.data.get(field, []), _PATTERNS[kind], field, alone=hand)
    return write(segments, slots, limit, rng, whole=hand and index < len(topics(kind)))


def _title(topic: Topic, index: int, rng: random.Random) -> str:
    lap = index // len(topics(topic.kind))
    if not lap:
        return topic.title
    pattern = _TITLES[(lap + index) % len(_TITLES)]
    title = pattern.format(object=topic.object, site=topic.sites[lap % len(topic.sites)])
    return title if lap < 8 else f"{title}（XT-{index:05d}）"


def _choices(topic: Topic, kind: str, edition: str, rng: random.Random) -> dict[str, Any]:
    data = topic.data
    values: dict[str, Any] = {"domain": topic.domain_2021 if edition == "2021" else topic.domain_2024}
    if kind != "scene_demand":
        values["level"] = data["level"]
    if kind.startswith("tech"):
        values["tech_types"] = topic.types(edition)
    if kind == "tech_supply":
        values["supply_modes"] = list(data["modes"])
    if kind == "scene_supply":
        values |= {"maturity": data["maturity"], "transfer_modes": list(data["modes"])}
    return values


def _organisation(org: Any, person: Any, kind: str) -> dict[str, Any]:
    values = {
        "org_name": org.name,
        "uscc": org.uscc,
        "address": org.address,
        "postcode": org.postcode,
        "legal_name": org.legal_name,
        "legal_phone": org.legal_phone,
        "contact_name": person.name,
        "contact_title": person.title,
        "contact_mobile": person.mobile,
        "contact_email": person.email,
    }
    if kind not in DEMANDS:
        return values | {"org_kind": form_kind(org.kind)}
    money = {key: in_wan(getattr(org, key)) for key in ("revenue", "profit_tax", "rd_spend")}
    return values | {"staff": org.staff, "rd_staff": org.rd_staff, **money}


def _investment(
    topic: Topic, rng: random.Random, total: Decimal | None, subsidy: Decimal | None
) -> tuple[Decimal, Decimal]:
    if total is None:
        planned = Decimal(topic.data.get("total", 200)) * rng.randrange(80, 131, 5) / 100
        total = max(Decimal(100), planned // 5 * 5)
    if subsidy is None:
        share = rng.choice((Decimal("0.25"), Decimal("0.25"), Decimal("0.2"), Decimal("0.15")))
        subsidy = min(_MOST, total * share // _WHOLE)
    return total, subsidy


def _money_2024(money: tuple[Decimal, Decimal], rng: random.Random) -> dict[str, str]:
    total, subsidy = money
    return {
        "planned_investment": in_wan_text(total),
        "self_raised": in_wan_text(total - subsidy),
        "subsidy_asked": in_wan_text(subsidy),
        "new_tax": str(rng.randrange(100, 420, 5)),
    }
