"""Applications for funding (项目申报书): contract, money by source and by use, goals, milestones, indicators; exact sums."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.demo.texts.bids import PATTERN, milestones, route, team
from xtbang.demo.texts.compose import plan, write
from xtbang.demo.texts.entry_texts import in_wan_text, months_between, topic_of
from xtbang.demo.texts.model import Profile
from xtbang.demo.texts.orgs import issuer_of
from xtbang.demo.texts.phrases import Slots

_USES = {  # share of the total in percent, drawn from a range; the rest is for materials
    "use_equipment": (26, 36),
    "use_testing": (10, 15),
    "use_fuel": (2, 4),
    "use_travel": (2, 4),
    "use_publication": (1, 3),
    "use_labour": (12, 18),
    "use_expert": (1, 2),
    "use_other": (1, 3),
}
_TENTH = Decimal("0.1")


def application(
    rng: random.Random,
    kind: str,
    index: int,
    *,
    total: Decimal,
    subsidy: Decimal,
    start: date,
    end: date,
    signed_on: date,
    bidder: Profile,
    issuer: Profile | None = None,
    price: Decimal | None = None,
    serial: int | None = None,
) -> dict[str, Any]:
    """Return the data of an application; money in 万元, ``contract_file`` is the caller's.

    County money equals the city's and is part of the total if the remainder is at least three times the subsidy;
    otherwise it is not part of the total and the cell is "0". The bidder is paid `price`, or 42–50 % of the total.
    Raise ValueError when the subsidy is above 25 % or 50 万元.
    """
    if subsidy * 4 > total or subsidy > 50:
        raise ValueError(f"补助 {subsidy} 万元超过科研投入总额 {total} 万元的 25% 或 50 万元")
    topic = topic_of(kind, index)
    issuer = issuer or issuer_of(topic)
    county = subsidy if total - 2 * subsidy >= 3 * subsidy else Decimal(0)
    raised = total - subsidy - county
    paid = min(raised, price or (total * rng.randint(42, 50) / 100).quantize(_TENTH))
    new_tax = rng.randrange(100, 420, 5)
    slots = Slots(
        topic, issuer, rng,
        lead=bidder.name, months=months_between(str(start), str(end)), new_tax=new_tax,
        n_tasks=len(topic.tasks), n_indicators=len(topic.indicators), share=rng.choice(("1", "1.5", "2", "3")),
    )  # fmt: skip
    number = serial if serial is not None else rng.randint(1, 99999)
    return {
        "contract_number": f"XTJS-{signed_on.year}-{number:05d}",
        "contract_registration": f"{signed_on.year}4303YS{number:06d}",
        "contract_signed_on": str(signed_on),
        "contract_amount": in_wan_text(paid),
        "ip_ownership": write(plan([], PATTERN, "ip_ownership"), slots, 500, rng),
        "ip_sharing": write(plan([], PATTERN, "ip_sharing"), slots, 300, rng),
        "total_investment": in_wan_text(total),
        "src_issuer_own": in_wan_text(raised - paid),
        "src_paid_to_bidder": in_wan_text(paid),
        "src_city": in_wan_text(subsidy),
        "src_county": in_wan_text(county),
        **_uses(rng, total),
        "goals": write(plan([], PATTERN, "goals"), slots, 500, rng),
        "route": route(topic, slots, rng),
        "term_start": str(start),
        "term_end": str(end),
        "milestones": milestones(topic, total, start, end),
        "indicators": [each.row() for each in topic.indicators],
        "new_tax": str(new_tax),
        "team": team(rng, topic, [issuer, bidder], rng.randint(5, 9)),
    }


def _uses(rng: random.Random, total: Decimal) -> dict[str, str]:
    parts = {key: (total * rng.randint(*span) / 100).quantize(_TENTH) for key, span in _USES.items()}
    parts["use_material"] = total - sum(parts.values())
    order = ("use_equipment", "use_material", *list(_USES)[1:])
    return {key: in_wan_text(parts[key]) for key in order}
