"""Receiving accounts (收款账户): where the treasury of the city, a county or a park wants recovered money paid."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from xtbang.actions import audit
from xtbang.errors import Forbidden
from xtbang.models import ReceivingAccount
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.actor import Actor

TRIGGER = "record_account"


def own_source(actor: Actor) -> tuple[str, str] | None:
    """Return source and region of the account that this person records; None for a person without that right."""
    if "finance" in actor.roles:
        return "city", ""
    if "county" in actor.roles and actor.region:
        return "county", actor.region
    return None


def record_account(caller: Caller, values: Mapping[str, Any]) -> ReceivingAccount:
    """Record the account of the actor's own treasury; ``values``: name, bank_name, bank_account, since (checked).

    Recovery notices already issued keep the account they name. Raises Forbidden. One transaction with its event.
    """
    own = own_source(caller.actor)
    if own is None:
        raise Forbidden(f"收款账户由{caller.policy.city.finance.short}和县市区（园区）财政登记。")
    source, region = own
    with writing(caller.session):
        row = ReceivingAccount(
            source=source,
            region=region,
            name=values["name"],
            bank_name=values["bank_name"],
            bank_account=values["bank_account"],
            since=date.fromisoformat(values["since"]),
            recorded_at=caller.now,
            recorded_by_id=caller.actor.person_id,
        )
        caller.session.add(row)
        caller.session.flush()
        said = {"source": source, "region": region} | dict(values)
        role = "finance" if source == "city" else "county"
        audit.append(caller, f"account:{row.id}", trigger=TRIGGER, role=role, data=said)
    return row
