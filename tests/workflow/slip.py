"""What a slip of the pen is, and the files in which people make them."""

from typing import NamedTuple


class Slip(NamedTuple):
    """One slip, at the first place where the right text stands."""

    file: str
    right: str
    wrong: str
    said: tuple[str, ...]  # words of the message
    line: int | None = None  # of the wrong text, 0 for the first; None: where it begins to differ
    encoding: str = "utf-8"


LIFE, E21, E24 = "lifecycle.toml", "editions/2021.toml", "editions/2024.toml"
CITY = "city.toml"
BID, REPORT, CONTRACT, TECH = (
    "forms/bid.toml",
    "forms/report.toml",
    "forms/contract.toml",
    "forms/tech_demand_2024.toml",
)
APPLICATION, ACCEPTANCE, SUPPLY = "forms/application.toml", "forms/acceptance.toml", "forms/tech_supply_2021.toml"


def parameter(name: str, value: str, wrong: str, *said: str) -> Slip:
    """A number of the edition of 2024."""
    head = f"[parameters.{name}]\n"
    return Slip(E24, f"{head}value = {value}\n", f"{head}value = {wrong}\n", (wrong, *said), 1)
