"""Periodic reports (执行情况报告) and requests for acceptance (验收申请书) of one topic."""

import random
from decimal import ROUND_DOWN, Decimal
from typing import Any

from xtbang.demo.texts.bids import STAGES
from xtbang.demo.texts.entry_texts import in_wan_text, topic_of
from xtbang.demo.texts.model import Indicator, Profile, Topic
from xtbang.demo.texts.orgs import issuer_of
from xtbang.demo.texts.phrases import Slots
from xtbang.demo.texts.sources import load

_STATES = ("done", "ongoing", "not_started")
_TENTH = Decimal("0.1")
_SHARES = {  # of what was spent, in percent; the rest is for materials
    "use_equipment": 28,
    "use_testing": 11,
    "use_fuel": 2,
    "use_travel": 3,
    "use_publication": 2,
    "use_labour": 14,
    "use_expert": 1,
    "use_other": 1,
}


def report(
    rng: random.Random,
    kind: str,
    index: int,
    *,
    progress: float | None = None,
    total: Decimal | None = None,
    subsidy: Decimal = Decimal(0),
    issuer: Profile | None = None,
) -> dict[str, Any]:
    """Return a periodic report after `progress` (0–1) of the work.

    Money spent so far in 万元: city and county money from the first half of the subsidy, the rest is own money.
    """
    topic = topic_of(kind, index)
    done = rng.uniform(0.25, 0.9) if progress is None else progress
    slots = _slots(topic, issuer, rng, percent=round(done * 100))
    stages = int(done * len(STAGES))
    whole = total or Decimal(topic.data.get("total", 200))
    spent = (whole * Decimal(round(done * rng.uniform(0.85, 1.0), 3))).quantize(_TENTH)
    grant = (subsidy / 2 * Decimal(round(min(1.0, done * 1.3), 2))).quantize(_TENTH, ROUND_DOWN)
    own = max(spent - 2 * grant, Decimal(0))
    return {
        "summary": _text(rng, slots, "progress"),
        "milestones": [
            {
                "content": content,
                "state": _STATES[0 if number < stages else 1 if number == stages else 2],
                "note": "" if number > stages else f"{proof}已归档" if number < stages else "按计划推进",
            }
            for number, (content, proof) in enumerate(STAGES)
        ],
        "indicators": [
            {"name": each.name, "unit": each.unit, "target": each.goal, "reached": _underway(each, done)}
            for each in topic.indicators
        ],
        **_by_line(own + 2 * grant),
        "spent_own": in_wan_text(own),
        "spent_city": in_wan_text(grant),
        "spent_county": in_wan_text(grant),
        "problems": _text(rng, slots, "problems"),
    }


def acceptance(
    rng: random.Random,
    kind: str,
    index: int,
    *,
    total: Decimal | None = None,
    subsidy: Decimal = Decimal(0),
    issuer: Profile | None = None,
    good: bool = True,
) -> dict[str, Any]:
    """Return the data of a request for acceptance; `good=False` leaves one indicator short.

    The money spent is the total or a little more: the first halves of both subsidies, and the issuer's money, which
    replaces the second halves until they are paid.
    """
    topic = topic_of(kind, index)
    slots = _slots(topic, issuer, rng, percent=100)
    whole = total or Decimal(topic.data.get("total", 200))
    spent = (whole * rng.randint(1000, 1030) / 1000).quantize(_TENTH)
    short = -1 if good else rng.randrange(len(topic.indicators))
    return {
        "indicators": [
            {
                "name": each.name,
                "unit": each.unit,
                "target": each.goal,
                "reached": "未达到，仍在整改" if number == short else _reached(each, rng),
                "proof": each.proof,
            }
            for number, each in enumerate(topic.indicators)
        ],
        "results": _text(rng, slots, "achievement"),
        "new_tax": str(rng.randrange(105, 420, 5)),
        **_by_line(spent),
        "spent_own": in_wan_text(spent - subsidy),
        "spent_city": in_wan_text(subsidy / 2),
        "spent_county": in_wan_text(subsidy / 2),
        "self_grade": "reached" if good else "mostly_reached",
        "self_text": _text(rng, slots, "self_evaluation"),
    }


def _by_line(spent: Decimal) -> dict[str, str]:
    """Return what was spent by line of the budget; materials are the rest."""
    parts = {key: (spent * Decimal(share) / 100).quantize(_TENTH, ROUND_DOWN) for key, share in _SHARES.items()}
    parts["use_material"] = spent - sum(parts.values())
    return {key: in_wan_text(amount) for key, amount in parts.items()}


def _slots(topic: Topic, issuer: Profile | None, rng: random.Random, **extra: Any) -> Slots:
    return Slots(topic, issuer or issuer_of(topic), rng, **extra)


def _text(rng: random.Random, slots: Slots, pool: str) -> str:
    parts = [rng.choice(group) for group in load("reports")[pool]]
    return "\n".join(slots.fill(part) for part in parts)


def _underway(each: Indicator, done: float) -> str:
    if done > 0.8:
        return f"实验室已达到{each.goal}，待第三方检测"
    if done > 0.45:
        return f"样机测试中，阶段值介于{each.level}与目标之间" if each.level else "样机测试中"
    return f"尚处研制阶段，现为{each.level}" if each.level else "尚处研制阶段"


def _reached(each: Indicator, rng: random.Random) -> str:
    """Return a measured value a little better than the target, or the target itself if it is not a number."""
    sign, text = each.target[:1], each.target[1:]
    try:
        value = Decimal(text)
    except ArithmeticError:
        return f"达到{each.goal}"
    if sign not in "≥≤" or not value:
        return f"达到{each.goal}"
    room = Decimal(100) - value if each.unit == "%" and sign == "≥" else value
    better = room * rng.randint(2, 12) / 100 * (1 if sign == "≥" else -1)
    places = Decimal(1).scaleb(min(int(value.as_tuple().exponent), 0) - (1 if abs(value) < 100 else 0))
    return f"实测{in_wan_text((value + better).quantize(places))}{each.unit}"
