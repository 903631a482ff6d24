"""The issuer's own share (自筹) where less was granted than applied for: the contract raises it only with its consent."""

from collections.abc import Iterator
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen
from xtbang.actions.notify import notify, to_role
from xtbang.actions.registry import effect, guard
from xtbang.domain.consents import agreed, consent
from xtbang.papers.facts.contract import budget_of
from xtbang.rules.funding_facts import yuan
from xtbang.rules.money import format_wan, wan
from xtbang.rules.reasons import Force, Reason


def _own_share(context: Context) -> tuple[Decimal, Decimal]:
    """Return the issuer's own money in yuan: as it was planned, and as the contract has it."""
    application = frozen(context, context.project.application)
    planned = yuan(application.get("src_issuer_own")) or Decimal(0)
    return planned, budget_of(context.project, application)["src_issuer_own"]


def own_share_raised(context: Context) -> Decimal:
    """Return what the contract adds to the issuer's own money in yuan, because less was granted than applied for."""
    planned, own = _own_share(context)
    return own - planned


def _subject(context: Context) -> str:
    return f"own_share:{wan(own_share_raised(context))}"


@guard
def own_share_agreed(context: Context) -> Iterator[Reason]:
    """Yield a reason until the issuer has agreed to pay more itself, where less was granted than applied for."""
    raised = own_share_raised(context)
    if raised > 0 and "issuer" not in agreed(context, _subject(context)):
        text = f"核定的补助少于申请数，差额 {format_wan(raised)}须由发榜方同意以自筹资金补足，方可列入合同书。"
        yield Reason("A7.own_share", text, context.cite("money"))


@guard
def own_share_asked(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the issuer is asked to pay more itself; then, as advice, from how much to how much."""
    raised = own_share_raised(context)
    if raised <= 0:
        yield Reason("A7.own_share", "核定的补助不少于申请数，没有须补足的差额。", context.cite("money"), nothing=True)
    elif "issuer" in agreed(context, _subject(context)):
        yield Reason(
            "A7.own_share",
            f"发榜方已同意以自筹资金补足差额 {format_wan(raised)}。",
            context.cite("money"),
            nothing=True,
        )
    else:
        planned, own = _own_share(context)
        label = context.edition.documents["application"].field("src_issuer_own").label
        text = f"核定的补助比申请数少 {format_wan(raised)}，{label}由 {format_wan(planned)}增至 {format_wan(own)}。"
        yield Reason("A7.own_share", text, context.cite("money"), Force.ADVICE)


@effect
def accept_own_share(context: Context) -> None:
    """Record that the issuer pays what was not granted, so that the total stays as planned."""
    consent(context, _subject(context))
    notify(context, "accept_own_share", to_role("science"), amount=own_share_raised(context))
