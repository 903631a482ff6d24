"""Tasks of those who confirm corrections (复核) that another person has asked for."""

from typing import Any

from sqlalchemy import Row

from xtbang.models import Countersignature, Person, Project
from xtbang.queries.caller import Caller
from xtbang.queries.desk.groups import Statement, task, waiting_entries


def _asked(row: Row[Any]) -> str:
    return f"{row.signer}已提交，您复核后生效。"


@task(note=_asked)
def confirmations(caller: Caller, role: str) -> Statement:
    """Return the corrections that another person has asked for; to a county those of its own office."""
    mine = [action.trigger for action in caller.policy.actions.values() if role in action.second]
    asked = waiting_entries(
        Countersignature.trigger.label("trigger"), Person.name.label("signer"), since=Countersignature.at
    )
    asked = asked.join(Countersignature, Countersignature.project_id == Project.id)
    asked = asked.join(Person, Person.id == Countersignature.person_id).where(
        Countersignature.status == "open",
        Countersignature.trigger.in_(mine),
        Countersignature.person_id != caller.actor.person_id,
    )
    if role == "county":
        asked = asked.where(Project.region == (caller.actor.region or ""), Countersignature.role == role)
    return asked
