"""Facts about an edition that ``workflows/lifecycle.toml`` may name: which shape the life of its projects has."""

from collections.abc import Callable, Mapping

from xtbang.rules.edition import EVENTS, Edition


def _pays(event: str) -> Callable[[Edition], bool]:
    return lambda edition: bool(edition.paid_after(event))


def _pays_nothing(event: str) -> Callable[[Edition], bool]:
    return lambda edition: not edition.paid_after(event)


def _in_parts(event: str) -> Callable[[Edition], bool]:
    return lambda edition: len(edition.paid_after(event)) > 1


def _issuer_pays(event: str) -> Callable[[Edition], bool]:
    def asked(edition: Edition) -> bool:
        item = edition.issuer_pays_before
        return item is not None and item.after == event

    return asked


EDITION_FACTS: Mapping[str, Callable[[Edition], bool]] = {
    "has_midterm": lambda edition: edition.midterm is not None,
    "county_pays": lambda edition: bool(edition.county_ratio.value),
    "midterm_by_panel": lambda edition: edition.midterm is not None and edition.midterm.by == "panel",
    **{f"pays_after_{event}": _pays(event) for event in EVENTS},
    **{f"pays_nothing_after_{event}": _pays_nothing(event) for event in EVENTS},
    **{f"in_parts_after_{event}": _in_parts(event) for event in EVENTS},
    **{f"issuer_pays_after_{event}": _issuer_pays(event) for event in EVENTS},
}
