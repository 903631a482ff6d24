"""The second factor (登录验证码): a device generates a code for every sign-in (TOTP); recovery codes replace a lost device.

Secrets are passed encrypted and recovery codes as digests; the pages provide the functions that compare them.
"""

from collections.abc import Callable

from xtbang.actions.notify import notify, to_people
from xtbang.models import Person
from xtbang.models.writing import writing
from xtbang.people.accounts import as_person, locked_person, record
from xtbang.queries.caller import Caller

PAGE = "/second-factor"


def set_second_factor(caller: Caller, secret: str, proves: Callable[[Person], bool], digests: list[str]) -> bool:
    """Store the secret of one's own device if a code ``proves`` that it works; return whether it did.

    Replace the recovery codes as well. Notify the person.
    """
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        replaced = person.totp_secret is not None
        before = person.totp_counter
        person.totp_counter = None
        if not proves(person):
            person.totp_counter = before
            return False
        person.totp_secret, person.recovery_codes = secret, digests
        notify(caller, "set_second_factor", to_people([person]), link=PAGE, replaced=replaced)
        record(caller, person, "set_second_factor")
    return True


def renew_recovery_codes(caller: Caller, digests: list[str]) -> None:
    """Replace one's own recovery codes, used or not."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        person.recovery_codes = digests
        notify(caller, "renew_recovery_codes", to_people([person]), link=PAGE)
        record(caller, person, "renew_recovery_codes")


def switch_second_factor_off(caller: Caller) -> None:
    """Disable one's own second factor: the password alone signs in again."""
    with writing(caller.session):
        person = locked_person(caller.session, caller.actor.person_id)
        clear(person)
        notify(caller, "drop_second_factor", to_people([person]), link=PAGE)
        record(caller, person, "drop_second_factor")


def clear(person: Person) -> None:
    """Delete device and recovery codes, inside a writing transaction."""
    person.totp_secret, person.totp_counter, person.recovery_codes = None, None, []


def take_code(caller: Caller, person_id: int, proves: Callable[[Person], bool], digest: str) -> bool:
    """Return whether a code is valid for that person: a code of the device, or a recovery code, each only once.

    A refused code leaves an event; so does a used recovery code.
    """
    with writing(caller.session):
        person = locked_person(caller.session, person_id)
        if not person.active or not person.totp_secret:
            return False
        if proves(person):
            return True
        if digest in person.recovery_codes:
            person.recovery_codes = [kept for kept in person.recovery_codes if kept != digest]
            left = len(person.recovery_codes)
            notify(caller, "use_recovery_code", to_people([person]), link=PAGE, left=left)
            record(as_person(caller, person), person, "use_recovery_code")
            return True
        record(caller, person, "sign_in_refused", code=True)
        return False
