"""The order of a group of the desk (待办): late ones first, or by the column that the address asks for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import request

from xtbang.queries.assignments import officers_of
from xtbang.queries.caller import Caller
from xtbang.queries.desk.tasks import Item
from xtbang.rules.policy import Policy
from xtbang.rules.sheet import empty_last
from xtbang.web.frame.lines import age_of

LONGEST = 500  # projects of one group that are put in order, as many as a batch has
NEAR = 3  # days before a last day that are said to be near it
AGES = {"late": 0, "near": 1, "": 2}  # the late first
VALUES: Mapping[str, Callable[[Item], Any]] = {
    "number": lambda item: item.row.number,
    "title": lambda item: item.row.title,
    "org": lambda item: item.row.issuer,
    "region": lambda item: item.row.region,
    "amount": lambda item: item.row.listed_amount,
    "waited": lambda item: item.waited,
}
COLUMNS = (*VALUES, "who")


def mine_only() -> dict[str, str]:
    """Return what the address of this page says of whose projects it is about (由本人承办), for those that it leads to."""
    return {"mine": "1"} if request.args.get("mine") else {}


def chosen_on_desk() -> dict[str, str]:
    """Return whose projects the address of this page is about, and in which order, for those that it leads to."""
    sort = request.args.get("sort", "")
    return mine_only() | ({"sort": sort} if sort.removeprefix("-") in COLUMNS else {})


def in_desk_order(reader: Caller, found: Sequence[Item], officers: Mapping[int, str] | None = None) -> list[Item]:
    """Return what waits in the order of the desk, as the address of this page asks for it; ``officers`` where they are known."""
    policy, sort = reader.policy, request.args.get("sort", "")
    by, down = sort.removeprefix("-"), sort.startswith("-")
    late_first = sorted(found, key=lambda item: AGES[age_of_item(policy, item)])
    if by == "who":
        names = officers_of(reader, {item.row.id for item in found}) if officers is None else officers
        return empty_last(late_first, lambda item: names.get(item.row.id), down)
    return empty_last(late_first, VALUES[by], down) if by in VALUES else late_first


def age_of_item(policy: Policy, item: Item) -> str:
    """Return how late it is by its date, or else by the days that are planned for its state."""
    if item.days is None:
        return age_of(item.waited, policy.days_in(item.row.edition, item.row.state))
    return "late" if item.days < 0 else "near" if item.days <= NEAR else ""
