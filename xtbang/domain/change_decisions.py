"""Decisions of the offices on a change of the contract (变更): granted, or not."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_parties
from xtbang.actions.registry import effect, guard
from xtbang.domain.change_figures import against
from xtbang.domain.change_values import present
from xtbang.domain.changes import against_change, end_change, missing, waiting, waiting_now, without_change
from xtbang.domain.supplement import issue_supplement
from xtbang.rules.changes import KINDS, differs
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason


@guard
def change_to_decide(context: Context) -> Iterator[Reason]:
    """Yield a reason unless all parties have agreed to a change that the offices decide on."""
    change = waiting(context)
    if change is None or change.status == "signing":
        yield without_change(context, "没有待审批的变更。")
    elif change.status == "asked":
        yield against_change(context, f"变更须先经{'、'.join(missing(context, change).values())}同意。")


@guard
def change_still_sound(context: Context) -> Iterator[Reason]:
    """Yield reasons when the new values break a rule by now, or what they change has become different."""
    change = waiting(context)
    if change is None:
        return
    yield from against(context, change.kind, change.new)
    if differs(present(context, change.kind), change.old):
        yield against_change(context, f"{KINDS[change.kind]}在申请后已有变动，请不同意本次变更，由各方重新申请。")


@guard
def change_to_deny(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a change is under way."""
    if waiting(context) is None:
        yield without_change(context, "没有正在办理的变更。")


@effect
@reads("reason:long")
def grant_change(context: Context) -> None:
    """Grant the change: the supplement is issued, to be signed by the parties and the offices."""
    change = waiting_now(context)
    change.decision = context.data.get("reason", "")
    issue_supplement(context, change)


@effect
@reads("reason:long")
def deny_change(context: Context) -> None:
    """End a change that is not approved, not agreed to in time or never signed; the contract stays as it is."""
    change = waiting_now(context)
    end_change(context, change, "denied", context.data["reason"])
    notify(context, "deny_change", to_parties(), what=KINDS[change.kind], reason=context.data["reason"])
