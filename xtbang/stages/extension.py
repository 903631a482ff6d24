"""延期 (extension): both bureaus examine a request to move the end of the term."""

from collections.abc import Iterator
from typing import Any

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_bureaus, to_members, to_parties
from xtbang.actions.registry import effect, guard
from xtbang.domain.common import signed_already
from xtbang.domain.consents import OTHER, agreed, consent, consents, named, side, to_side
from xtbang.domain.extension_requests import open_request, take_back_open_request
from xtbang.domain.reports import open_reports
from xtbang.models import Extension
from xtbang.papers.facts import common as facts
from xtbang.papers.facts import decision as facts_decision
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason, as_advice
from xtbang.rules.term import in_chinese
from xtbang.stages.execution import late_request_sentence, within_edition


def request_of(context: Context) -> Extension:
    """Return the request that waits for a decision. Raise LookupError when there is none."""
    request = open_request(context)
    if request is None:
        raise LookupError("a project in 延期 without a request")
    return request


def subject_of(request: Extension) -> str:
    """Return the subject of the parties' consent to a request."""
    return f"extension:{request.id}"


@guard
def both_parties_ask(context: Context) -> Iterator[Reason]:
    """Yield a reason until the other party has agreed to the request: the new term binds both."""
    request = open_request(context)
    given = agreed(context, subject_of(request)) if request else set()
    if len(given) == 1:  # a request from before consents were recorded has none
        missing = named(set(OTHER) - given)
        yield Reason("A11.parties", f"{missing}尚未同意延期申请，须双方同意后方可审核。", context.cite("extension"))


@guard
def asked_by_the_other(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the other party's request waits for this party's consent."""
    request = open_request(context)
    given = agreed(context, subject_of(request)) if request else set()
    if side(context) in given or not given:
        yield Reason("A11.parties", "没有等待本方同意的延期申请。", context.cite("extension"), nothing=True)


@guard
def request_of_the_other(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the other party has asked for an extension; it may be refused after it was agreed to, too."""
    request = open_request(context)
    asked = consents(context, subject_of(request)) if request else []
    if not asked or asked[0].role == side(context):
        yield Reason("A11.parties", "没有对方提出的、可以不同意的延期申请。", context.cite("extension"), nothing=True)


@effect
def join_extension(context: Context) -> None:
    """Record that the other party agrees to the request."""
    request = request_of(context)
    consent(context, subject_of(request))
    told = to_side(context.project, OTHER[side(context)]), to_bureaus()
    notify(context, "join_extension", *told, other=named({side(context)}), new_end=request.new_end)


@effect
@reads("reason:long")
def refuse_extension(context: Context) -> None:
    """End the other party's request: it needs the consent of both."""
    request = request_of(context)
    request.status, request.decided_at = "refused", context.now
    request.decision = context.data["reason"]
    refuser, new, why = named({side(context)}), request.new_end, request.decision
    told = to_parties(), to_members(context.project.agreed_bid)
    notify(context, "refuse_extension", *told, refuser=refuser, new_end=new, reason=why)
    notify(context, "refuse_extension_bureaus", to_bureaus(), refuser=refuser, new_end=new, reason=why)


@guard
def own_undecided_request(context: Context) -> Iterator[Reason]:
    """Yield reasons unless this party has asked and no bureau has signed a decision."""
    request = open_request(context)
    if request is None:
        yield Reason("A11.request", "没有待审核的延期申请。", context.cite("extension"), nothing=True)
        return
    asked = consents(context, subject_of(request))
    if asked and asked[0].role != side(context):
        yield Reason(
            "A11.parties",
            f"延期由{named({asked[0].role})}申请，由其撤回；不同意的，请办理“不同意对方的延期申请”。",
            context.cite("extension"),
        )
    yield from signed_already(context)


@effect
def withdraw_extension(context: Context) -> None:
    """Take back a request for an extension on which no bureau has decided."""
    take_back_open_request(context)


@guard
def extension_asked_in_time(context: Context) -> Iterator[Reason]:
    """Yield a reason when the request was made after the end of the term (原则上)."""
    request = open_request(context)
    if request is None:
        yield Reason("A11.request", "没有待审核的延期申请。", context.cite("extension"), nothing=True)
        return
    requested = day_of(request.requested_at)
    if requested > request.old_end:
        text = f"延期于{in_chinese(requested)}申请，实施期已于{in_chinese(request.old_end)}届满，原则上应在届满前申请。"
        yield Reason(
            "A11.in_time",
            text,
            context.cite("extension"),
            Force.PRINCIPLE,
            stable_text=late_request_sentence(request.old_end),
        )


@guard
def extension_asked_back(context: Context) -> Iterator[Reason]:
    """Yield as advice what the party that asked had to confirm: a term longer than the edition's."""
    if request := open_request(context):
        yield from as_advice(within_edition(context, request.new_end))


@effect
@reads("reason:long")
def grant_extension(context: Context) -> None:
    """Move the end of the term; open the reports of the added time."""
    request = _decide(context, "granted")
    context.project.ends_on = request.new_end
    open_reports(context)
    _issue(context, request, granted=True)
    old, new = request.old_end, request.new_end
    notify(context, "grant_extension", to_parties(), old_end=old, new_end=new, decision=request.decision)


@effect
@reads("reason:long")
def deny_extension(context: Context) -> None:
    """Deny the request; the end of the term stays."""
    request = _decide(context, "denied")
    _issue(context, request, granted=False)
    notify(context, "deny_extension", to_parties(), old_end=request.old_end, decision=request.decision)


def _decide(context: Context, status: str) -> Extension:
    request = request_of(context)
    request.status = status
    request.decision = context.data.get("reason", "")
    request.decided_at = context.now
    return request


def _issue(context: Context, request: Extension, *, granted: bool) -> None:
    project = context.project
    data = facts_decision.extension(
        project,
        context.edition,
        request,
        granted=granted,
        exceptions=facts.waivers(context.session, context.policy.city, project.id),
        signed=bureau_signatures(context),
    )
    issue(context, "extension", "项目延期审批表", data, subject=f"extension:{request.id}")


def bureau_signatures(context: Context) -> list[dict[str, Any]]:
    """Return every signature under the present decision."""
    now = context.trigger, context.role, context.actor.name, context.now
    return facts.signers(context.session, context.policy.city, context.project.id, *now)
