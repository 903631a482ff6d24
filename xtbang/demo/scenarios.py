"""The scenarios of the demo: together they cover every state, every kind of entry, and both editions."""

from dataclasses import dataclass

from xtbang.demo.walk import FUNDED, MARKET


@dataclass(frozen=True)
class Scenario:
    """A kind of entry, its age in days, and the steps that it has taken since."""

    kind: str
    ago: int
    steps: tuple[str, ...]
    edition: str = "2021"
    consortium: bool = False
    written: bool = True
    months: int = 20
    least: int = 1
    most: int = 4


def until(step: str, *after: str) -> tuple[str, ...]:
    """Return the steps of the funded track up to and including a step, then the steps ``after``."""
    return (*FUNDED[: FUNDED.index(step) + 1], *after)


def market(step: str) -> tuple[str, ...]:
    """Return the steps of the market track up to and including a step."""
    return tuple(MARKET[: MARKET.index(step) + 1])


TD, TS, SD, SS = "tech_demand", "tech_supply", "scene_demand", "scene_supply"

SCENARIOS = (
    Scenario(TD, 3, (), written=False),
    Scenario(TD, 5, ()),
    Scenario(TS, 4, ()),
    Scenario(TD, 9, ("submit",)),
    Scenario(SD, 6, ("submit",)),
    Scenario(TS, 5, ("submit",)),
    Scenario(SS, 7, ("submit",)),
    Scenario(TD, 12, ("submit", "send_back")),
    Scenario(TD, 20, ("submit", "send_back", "submit", "accept")),
    Scenario(TD, 15, ("submit", "accept", "invite")),
    Scenario(SD, 18, ("submit", "accept")),
    Scenario(TS, 14, ("submit", "accept")),
    Scenario(TD, 26, ("submit", "accept", "appraise")),
    Scenario(TD, 40, ("submit", "refuse")),
    Scenario(TD, 60, ("submit", "accept", "appraise", "drop")),
    Scenario(SD, 50, ("submit", "withdraw")),
    Scenario(TD, 30, until("list_major")),
    Scenario(TD, 35, until("list_major", "bid")),
    Scenario(SD, 32, until("list_major")),
    Scenario(TD, 75, until("bid"), consortium=True),
    Scenario(TS, 90, market("list_regular")),
    Scenario(TS, 60, market("list_regular")),
    Scenario(SS, 80, market("list_regular")),
    Scenario(SS, 45, market("bid")),
    Scenario(SD, 70, market("list_regular")),
    Scenario(TD, 66, market("list_regular")),
    Scenario(TD, 90, until("agree")),
    Scenario(SD, 95, until("pay_bidder")),
    Scenario(TS, 100, market("agree")),
    Scenario(TS, 200, market("register_deal")),
    Scenario(SS, 260, market("register_deal")),
    Scenario(SD, 300, market("register_deal")),
    Scenario(TD, 120, until("apply")),
    Scenario(TD, 130, until("show"), consortium=True),
    Scenario(TD, 150, until("show", "decline")),
    Scenario(TD, 115, until("recommend")),
    Scenario(TD, 118, until("publish")),
    Scenario(SD, 122, until("publish", "object")),
    Scenario(TD, 180, until("publish", "object", "decide_upheld", "uphold")),
    Scenario(TD, 170, until("confirm")),
    Scenario(TD, 175, until("issue_contract"), consortium=True),
    Scenario(SD, 178, until("issue_contract")),
    Scenario(TD, 210, until("conclude")),
    Scenario(TD, 230, until("check_payment")),
    Scenario(TD, 240, until("match")),
    Scenario(TD, 420, until("report", "check"), months=24),
    Scenario(SD, 400, until("county_pays"), months=30),
    Scenario(TD, 0, until("report", "check"), "2024", consortium=True, months=24, most=14),
    Scenario(TD, 0, until("report"), "2024", months=23, most=14),
    Scenario(TD, 0, until("county_pays", "first_report", "request_extension"), "2024", months=24, most=12),
    Scenario(
        TD, 0, until("county_pays", "first_report", "request_extension", "grant_extension"), "2024", months=18, most=10
    ),
    Scenario(TD, 0, until("request_acceptance"), "2024", months=12, most=12),
    Scenario(TD, 0, until("examine"), "2024", months=14, most=12),
    Scenario(TD, 0, until("pass_acceptance"), "2024", months=12, most=10),
    Scenario(TD, 0, until("match_second"), "2024", months=12, most=10),
    Scenario(TD, 0, tuple(FUNDED), "2024", months=10, most=8, consortium=True),
    Scenario(TD, 900, tuple(FUNDED), months=18),
    Scenario(SD, 950, tuple(FUNDED), months=20),
    Scenario(TD, 500, until("county_pays", "terminate_objective"), months=24),
    Scenario(TD, 520, until("county_pays", "terminate_objective", "recover", "settle"), months=24),
    Scenario(TD, 0, until("county_pays", "terminate_subjective"), "2024", months=24, most=12),
    Scenario(TD, 0, until("report", "terminate_subjective", "recover", "settle"), "2024", months=20, most=12),
    Scenario(TD, 300, until("conclude", "terminate_objective"), months=20),
    Scenario(SD, 45, ("submit", "accept", "list_regular", "promote"), most=5),
    Scenario(TD, 140, until("apply", "give_up")),
)
