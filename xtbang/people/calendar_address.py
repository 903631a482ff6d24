"""The private address of a person's calendar (日历订阅地址): opened, replaced and closed by its owner."""

import secrets

from xtbang.models.writing import writing
from xtbang.people.accounts import locked_person, record
from xtbang.queries.caller import Caller

NUMBERS = 2**31


def open_calendar_address(caller: Caller) -> None:
    """Open a new private address for the caller; an earlier one is no longer answered."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        person.calendar_number = secrets.randbelow(NUMBERS)
        record(caller, person, "open_calendar_address")


def close_calendar_address(caller: Caller) -> None:
    """Close the caller's private address, if there is one."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        if person.calendar_number is not None:
            person.calendar_number = None
            record(caller, person, "close_calendar_address")
