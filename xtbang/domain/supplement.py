"""The supplement (补充合同) of a change: the next version of the contract, signed by whom it binds, then in force."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.documents import freeze, frozen
from xtbang.actions.issue import issue
from xtbang.actions.notify import Receivers, notify, to_bureaus, to_county, to_organisation, to_parties, to_role
from xtbang.actions.registry import effect, guard
from xtbang.domain.change_values import apply_values, definition_for, to_be_signed
from xtbang.domain.overpayment import claim_overpaid, pass_over
from xtbang.domain.payments import date_in
from xtbang.domain.repayment import follow_plan
from xtbang.models import Change, Signature
from xtbang.papers.facts.change import supplement
from xtbang.queries.signing import signing_parties
from xtbang.rules.changes import KINDS, OFFICES
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason

TITLE = "补充合同"


def subject_of(change: Change) -> str:
    """Return the subject of the paper of a change."""
    return f"change:{change.id}"


def signed_by(context: Context, change: Change) -> set[str]:
    """Return the parties that have signed the supplement."""
    return {row.party for row in context.rows.of(Signature) if row.version_id == change.version_id}


def issue_supplement(context: Context, change: Change) -> None:
    """Freeze the next version of the contract and issue its supplement, for the parties and those who decide to sign."""
    project, edition, contract = context.project, context.edition, context.project.contract
    if contract is None:
        raise LookupError("a change without a contract")
    values = frozen(context, contract)
    version = context.rows.newest(contract.id)
    data = dict(version.data) if version else dict(contract.draft)
    more = change.new if change.kind in ("account", "contact") else {}
    change.version_id = freeze(context, contract, data | more).id
    change.number = 1 + sum(row.number is not None for row in context.rows.of(Change))
    change.signers = _signers(context, change)
    change.status, change.signatures = "signing", len(change.signers)
    facts = supplement(
        project,
        edition,
        context.policy.city,
        change,
        definition_for(context, change.kind),
        contract=values,
    )
    issue(
        context,
        "supplement",
        f"{TITLE}（{change.number}）",
        facts,
        subject=subject_of(change),
        number=facts["number"],
    )
    context.session.flush()
    members = [row.organisation_id for row in change.members if row.joins]
    told: list[Receivers] = [to_parties(), *(to_organisation(number, "member") for number in members)]
    told += [to_bureaus()] if change.decided_by == OFFICES else [to_role("science")]
    notify(context, "issue_supplement", *told, what=KINDS[change.kind], number=facts["number"])


def _signers(context: Context, change: Change) -> dict[str, str]:
    """Return who signs: every party that is bound afterwards, and the offices where they decide."""
    leaving = {f"member:{row.organisation_id}" for row in change.members if not row.joins}
    offices = set(context.policy.city.roles) if change.decided_by != OFFICES else set()
    every = signing_parties(context.project, context.policy.city)
    found = {party: name for party, name in every.items() if party not in leaving | offices}
    joining = (row.organisation for row in change.members if row.joins)
    units = {party: name for party, name in found.items() if party not in context.policy.city.by_role}
    units |= {f"member:{row.id}": f"乙方联合体成员 {row.name}" for row in joining}
    return units | {party: name for party, name in found.items() if party in context.policy.city.by_role}


@guard
def supplement_issued(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a supplement is being signed."""
    if to_be_signed(context) is None:
        yield Reason("A9.change", "没有待生效的补充合同。", context.cite("examination"), nothing=True)


@effect
@reads("recover_by:date")
def conclude_change(context: Context) -> None:
    """Put the supplement into force: from now on everything is computed with the new values; what was overpaid is claimed."""
    change = to_be_signed(context)
    if change is None:
        raise LookupError("no supplement")
    apply_values(context, change)
    change.status, change.ended_at, change.in_force_on = "in_force", context.now, context.today
    change.recover_by = date_in(context, "recover_by") if context.data.get("recover_by") else None
    context.session.flush()
    claim_overpaid(context)
    follow_plan(context)
    pass_over(context)
    gone = [to_organisation(row.organisation_id, "member") for row in change.members if not row.joins]
    told = to_parties(), to_role("finance"), to_county(), to_organisation(context.project.agency_id, "agency"), *gone
    notify(context, "conclude_change", *told, what=KINDS[change.kind], number=change.number)
