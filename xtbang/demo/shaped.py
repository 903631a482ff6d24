"""The steps of the demo, brought to the shape that an edition gives to the life of its projects."""

from collections.abc import Iterator, Sequence

from xtbang.rules.edition import Edition

# stage → its own steps, which an edition without it does not have
WITHOUT = {
    "appraisal": ("appraise", "invite", "print_sheets"),
    "roadshow": ("print_meeting_lists",),
    "publicity": ("publish", "confirm", "object", "decide"),
    "extension": ("request_extension", "grant_extension"),
}
INSTEAD = {"roadshow": {"show": "opine"}}  # stage → its step → what remains of that step
PAID = {  # event → the steps of each of its instalments
    "contract": ("match", "disburse_first", "county_pays"),
    "midterm": ("match", "disburse_midterm", "county_pays"),
    "acceptance": ("match_second", "disburse_final", "county_pays_second"),
}
OF_COUNTY = {"match", "match_second", "county_pays", "county_pays_second"}
MIDTERM = ("request_midterm", "examine_midterm", "pass_midterm")


def shaped(steps: Sequence[str], edition: Edition) -> list[str]:
    """Return the steps that lead to the same place in the edition."""
    left = {step for stage in edition.without for step in WITHOUT.get(stage, ())}
    instead = {step: new for stage in edition.without for step, new in INSTEAD.get(stage, {}).items()}
    kept = [instead.get(step, step) for step in steps if step not in left]
    paid = _paid(kept, edition)
    return list(paid if edition.county_ratio.value else (step for step in paid if step not in OF_COUNTY))


def _paid(steps: Sequence[str], edition: Edition) -> Iterator[str]:
    """Yield the steps with those of every instalment, and the midterm check before the request for acceptance."""
    first = {event: steps_of[0] for event, steps_of in PAID.items() if event != "midterm"}
    for place, step in enumerate(steps):
        event = next((event for event, steps_of in PAID.items() if step in steps_of and event in first), None)
        if event is None:
            if step == "request_acceptance" and edition.midterm:
                yield from MIDTERM
                yield from PAID["midterm"] * len(edition.paid_after("midterm"))
            yield step
            continue
        many = len(edition.paid_after(event))
        following = steps[place + 1] if place + 1 < len(steps) else ""
        last = step == PAID[event][-1] or following not in PAID[event]
        if many and last:  # all but the last one whole, the last one as far as the steps go
            yield from PAID[event] * (many - 1)
            yield from PAID[event][: PAID[event].index(step) + 1]
