"""What becomes of the demo's entries: together they stand in every state, of every kind, under both editions."""

from dataclasses import dataclass

from xtbang.demo.walk import FUNDED, MARKET


@dataclass(frozen=True)
class Plot:
    """A kind of entry, how many days ago it began, and the steps it has taken since."""

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
    """The funded way up to and with a step, then whatever comes after."""
    return (*FUNDED[: FUNDED.index(step) + 1], *after)


def market(step: str) -> tuple[str, ...]:
    """The market's way up to and with a step."""
    return tuple(MARKET[: MARKET.index(step) + 1])


TD, TS, SD, SS = "tech_demand", "tech_supply", "scene_demand", "scene_supply"

PLOTS = (
    Plot(TD, 3, (), written=False),
    Plot(TD, 5, ()),
    Plot(TS, 4, ()),
    Plot(TD, 9, ("submit",)),
    Plot(SD, 6, ("submit",)),
    Plot(TS, 5, ("submit",)),
    Plot(SS, 7, ("submit",)),
    Plot(TD, 12, ("submit", "send_back")),
    Plot(TD, 20, ("submit", "send_back", "submit", "accept")),
    Plot(TD, 15, ("submit", "accept", "invite")),
    Plot(SD, 18, ("submit", "accept")),
    Plot(TS, 14, ("submit", "accept")),
    Plot(TD, 26, ("submit", "accept", "appraise")),
    Plot(TD, 40, ("submit", "refuse")),
    Plot(TD, 60, ("submit", "accept", "appraise", "drop")),
    Plot(SD, 50, ("submit", "withdraw")),
    Plot(TD, 30, until("list_major")),
    Plot(TD, 35, until("list_major", "bid")),
    Plot(SD, 32, until("list_major")),
    Plot(TD, 75, until("bid"), consortium=True),
    Plot(TS, 90, market("list_regular")),
    Plot(TS, 60, market("list_regular")),
    Plot(SS, 80, market("list_regular")),
    Plot(SS, 45, market("bid")),
    Plot(SD, 70, market("list_regular")),
    Plot(TD, 66, market("list_regular")),
    Plot(TD, 90, until("agree")),
    Plot(SD, 95, until("pay_bidder")),
    Plot(TS, 100, market("agree")),
    Plot(TS, 200, market("register_deal")),
    Plot(SS, 260, market("register_deal")),
    Plot(SD, 300, market("register_deal")),
    Plot(TD, 120, until("apply")),
    Plot(TD, 130, until("show"), consortium=True),
    Plot(TD, 150, until("show", "decline")),
    Plot(TD, 115, until("recommend")),
    Plot(TD, 118, until("publish")),
    Plot(SD, 122, until("publish", "object")),
    Plot(TD, 180, until("publish", "object", "decide_upheld", "uphold")),
    Plot(TD, 170, until("confirm")),
    Plot(TD, 175, until("issue_contract"), consortium=True),
    Plot(SD, 178, until("issue_contract")),
    Plot(TD, 210, until("conclude")),
    Plot(TD, 230, until("check_payment")),
    Plot(TD, 240, until("match")),
    Plot(TD, 420, until("report", "check"), months=24),
    Plot(SD, 400, until("county_pays"), months=30),
    Plot(TD, 0, until("report", "check"), "2024", consortium=True, months=24, most=14),
    Plot(TD, 0, until("report"), "2024", months=23, most=14),
    Plot(TD, 0, until("county_pays", "first_report", "request_extension"), "2024", months=24, most=12),
    Plot(
        TD, 0, until("county_pays", "first_report", "request_extension", "grant_extension"), "2024", months=18, most=10
    ),
    Plot(TD, 0, until("request_acceptance"), "2024", months=12, most=12),
    Plot(TD, 0, until("examine"), "2024", months=14, most=12),
    Plot(TD, 0, until("pass_acceptance"), "2024", months=12, most=10),
    Plot(TD, 0, until("match_second"), "2024", months=12, most=10),
    Plot(TD, 0, tuple(FUNDED), "2024", months=10, most=8, consortium=True),
    Plot(TD, 900, tuple(FUNDED), months=18),
    Plot(SD, 950, tuple(FUNDED), months=20),
    Plot(TD, 500, until("county_pays", "terminate_objective"), months=24),
    Plot(TD, 520, until("county_pays", "terminate_objective", "recover", "settle"), months=24),
    Plot(TD, 0, until("county_pays", "terminate_subjective"), "2024", months=24, most=12),
    Plot(TD, 0, until("report", "terminate_subjective", "recover", "settle"), "2024", months=20, most=12),
    Plot(TD, 300, until("conclude", "terminate_objective"), months=20),
    Plot(SD, 45, ("submit", "accept", "list_regular", "promote"), most=5),
)
