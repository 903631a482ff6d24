"""Countersigning (会签) and confirming (复核): people who are awaited are asked by mail when a first signature waits."""

from collections.abc import Collection, Iterator, Sequence

from xtbang.actions.context import Context
from xtbang.actions.notify import Reader, Receivers, notify, to_role
from xtbang.models import Countersignature, Project
from xtbang.queries.caller import Caller
from xtbang.rules.lives import Action


def ask_for_signatures(context: Context, action: Action, signed: Sequence[Countersignature]) -> None:
    """Ask by mail the people who may sign after these signatures, each once: the other offices, or other people of the same one."""
    city, roles = context.policy.city, [item.role for item in signed]
    wanted = list(action.second) if action.second else city.awaited_roles(roles, action.who)
    notify(
        context,
        "countersign",
        _others(wanted, {item.person_id for item in signed}),
        link=f"/projects/{context.project.id}/actions/{action.trigger}",
        key=f"countersign:{signed[0].id}",
        word="复核" if action.second else "会签",
        what=action.name,
        bureau=city.role_labels[context.role],
        officer=context.actor.name,
        awaited="另一人" if action.second else city.awaited(roles, action.who),
        reason=str(context.data.get("reason") or ""),
    )


def _others(roles: Collection[str], signed: Collection[int]) -> Receivers:
    """Return receivers: the people of these roles who have not signed themselves."""

    def found(caller: Caller, project: Project | None) -> Iterator[tuple[str, Reader]]:
        yield from (pair for pair in to_role(*roles)(caller, project) if pair[1].id not in signed)

    return found
