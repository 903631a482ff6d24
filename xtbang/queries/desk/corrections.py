"""Tasks of those who confirm corrections (复核) that another person has asked for."""

from typing import Any

from sqlalchemy import Row

from xtbang.models import Countersignature, Person, Project
from xtbang.queries.desk.groups import Statement, task, waiting_entries
from xtbang.queries.prepared import ME, REGION
from xtbang.rules.policy import Policy


def _asked(row: Row[Any]) -> str:
    return f"{row.signer}已提交，您复核后生效。"


@task(note=_asked)
def confirmations(policy: Policy, role: str) -> Statement:
    """Return the corrections that another person has asked for; to a county those of its own office."""
    mine = [action.trigger for action in policy.actions.values() if role in action.second]
    asked = waiting_entries(
        Countersignature.trigger.label("trigger"), Person.name.label("signer"), since=Countersignature.at
    )
    asked = asked.join(Countersignature, Countersignature.project_id == Project.id)
    asked = asked.join(Person, Person.id == Countersignature.person_id).where(
        Countersignature.status == "open",
        Countersignature.trigger.in_(mine),
        Countersignature.person_id != ME,
    )
    if role == "county":
        asked = asked.where(Project.region == REGION, Countersignature.role == role)
    return asked
