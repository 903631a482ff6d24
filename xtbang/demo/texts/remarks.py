"""Remarks and statements of officers, experts and parties during a project; the guides of the calls."""

import random
from collections.abc import Iterable
from datetime import date

from xtbang.demo.texts.entry_texts import LIMITS
from xtbang.demo.texts.people import DOMAINS
from xtbang.demo.texts.sources import load

_ANY_FORM = ("title", "contact_mobile")
_DEMAND_ONLY = ("revenue", "rd_spend")


def pools(name: str) -> tuple[str, ...]:
    """Return the sentences of a pool (see ``data/pools.toml``). Raise KeyError when there is none of that name."""
    return tuple(load("pools")[name])


def pool_names() -> tuple[str, ...]:
    """Return the names of all pools."""
    return tuple(load("pools"))


def domains() -> list[str]:
    """Return the domains (所属领域) of 2021, in the order of the official form."""
    return list(DOMAINS)


def guide(edition: str) -> str:
    """Return the guide of the call (征集指南) of that edition, quoted from the sources."""
    return str(load("guides")["guide"][edition]).strip()


def send_back_remarks(rng: random.Random, kind: str, edition: str = "2021") -> dict[str, str]:
    """Return two to four remarks by field of that form, and the overall one under the empty key."""
    written = load("remarks")
    known: Iterable[str] = (*_ANY_FORM, *(_DEMAND_ONLY if kind.endswith("demand") else ()), *LIMITS[kind, edition])
    fields = [key for key in known if key in written["field"]]
    chosen = set(rng.sample(fields, min(len(fields), rng.randint(2, 4))))
    remarks = {"": rng.choice(written["overall"])}
    return remarks | {key: rng.choice(written["field"][key]) for key in fields if key in chosen}


def resolution_number(day: date, serial: int) -> str:
    """Return the number of a party-group resolution (党组会纪要)."""
    return f"潭科党组纪要〔{day.year}〕{serial}号"


def funding_number(day: date, serial: int) -> str:
    """Return the number of the joint funding document with 市财政局."""
    return f"潭财教指〔{day.year}〕{serial}号"
