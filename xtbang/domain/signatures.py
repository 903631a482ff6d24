"""Signatures (签章) under the contract: who has signed which version, and whether the scan is of that version."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_organisation, to_role
from xtbang.actions.registry import effect, form_guard, guard, options
from xtbang.domain.change_values import to_be_signed
from xtbang.domain.payments import date_in
from xtbang.domain.stamped_scans import doubt_on, else_on, not_scanned
from xtbang.domain.supplement import TITLE, subject_of
from xtbang.models import Document, DocumentVersion, Paper, Signature
from xtbang.queries.signing import signing_parties
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Force, Reason
from xtbang.rules.term import in_chinese


def contract_of(context: Context) -> Document:
    """Return the contract's document. Raise LookupError when there is none."""
    document = context.project.contract
    if document is None:
        raise LookupError("a project in 签约 without a contract")
    return document


def version_of(context: Context) -> DocumentVersion | None:
    """Return the version to be signed: the newest of the contract in 签约, later that of a supplement.

    None without one, and when the paper of the contract is void: it has to be issued anew.
    """
    if _before_it_holds(context):
        return context.rows.newest(context.project.contract_id) if contract_paper(context) else None
    change = to_be_signed(context)
    return context.session.get(DocumentVersion, change.version_id) if change else None


def _before_it_holds(context: Context) -> bool:
    """Return whether the contract is still being written and signed."""
    return "contract" in context.life.states[context.project.state].documents


def contract_paper(context: Context) -> Paper | None:
    """Return the paper to be signed: the supplement that is being signed, otherwise the current contract."""
    change = to_be_signed(context)
    name, subject = ("supplement", subject_of(change)) if change is not None else ("contract", "")
    papers = (paper for paper in context.rows.of(Paper) if paper.name == name and paper.subject == subject)
    return next((paper for paper in papers if paper.state == "current"), None)


def signers_of(context: Context) -> dict[str, str]:
    """Return who signs it: key of the party → its name."""
    change = to_be_signed(context)
    return dict(change.signers) if change is not None else signing_parties(context.project, context.policy.city)


def called(context: Context) -> str:
    """Return what is being signed, in words."""
    change, version = to_be_signed(context), version_of(context)
    return f"{TITLE}（{change.number}）" if change else f"合同书第 {version.number if version else 1} 版"


def party_of(context: Context) -> str:
    """Return the party that the actor signs for: issuer, bidder, member:<organisation>, science, industry."""
    return f"member:{context.actor.organisation_id}" if context.role == "member" else context.role


def signatures(context: Context) -> dict[str, Signature]:
    """Return the signatures under the newest version, by party."""
    version = version_of(context)
    if version is None:
        return {}
    return {row.party: row for row in context.rows.of(Signature) if row.version_id == version.id}


@guard
def contract_issued(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a version to sign: of the contract in 签约, of a supplement later."""
    if version_of(context) is None:
        first = _before_it_holds(context)
        text = "合同书尚未出具。" if first else "没有待签章的补充合同。"
        yield Reason("A9.contract", text, context.cite("examination"), nothing=not first)
    elif party_of(context) not in signers_of(context):
        yield Reason("A9.contract", f"{called(context)}不须本方签章。", context.cite("examination"))


@guard
def not_yet_signed(context: Context) -> Iterator[Reason]:
    """Yield a reason when this party has already signed the newest version."""
    signed = signatures(context).get(party_of(context))
    if signed:
        text = f"本方已于{in_chinese(signed.signed_on)}签订，签章扫描件已上传。"
        yield Reason("A9.signed", text, context.cite("examination"))


@form_guard
@reads("signed_on:date scan:file")
def scan_matches_contract(context: Context) -> Iterator[Reason]:
    """Yield reasons unless the file is a scan, a readable code is the newest version's and the day is possible."""
    version, paper = version_of(context), contract_paper(context)
    if version is None or paper is None:
        return
    yield from not_scanned(context, "scan", context.cite("examination"))
    known = else_on(context, "scan", paper.code)
    if known:
        text = f"扫描件不是{called(context)}：{known}。请打印当前版本，签章后重新上传。"
        yield Reason("scan.other", text, context.cite("examination"), field="scan")
    elif doubt := doubt_on(context, "scan", paper.code):
        text = f"扫描件存疑：{doubt}。不是完整的签章合同的，请返回修改，换成含全部各页的扫描件；确认提交的，由工作人员人工核对。"
        yield Reason("scan.doubt", text, context.cite("examination"), Force.ADVICE, field="scan")
    signed_on = date_in(context, "signed_on")
    if signed_on > context.today:
        yield Reason("date.future", "签订日期不能晚于今天。", field="signed_on")
    elif signed_on < day_of(version.frozen_at):
        text = f"签订日期{in_chinese(signed_on)}早于{called(context)}出具的日期{issued_on(version)}。"
        yield Reason("date.early", text, context.cite("examination"), field="signed_on")


@effect
@reads("signed_on:date scan:file")
def sign_contract(context: Context) -> None:
    """Store the party's stamped scan; an officer has to look when not every code could be read."""
    version, paper = version_of(context), contract_paper(context)
    file_id = context.file_id("scan")
    if version is None or paper is None or file_id is None:
        raise LookupError("a signature without a contract or a scan")
    party = party_of(context)
    doubt = doubt_on(context, "scan", paper.code)
    context.session.add(
        Signature(
            project_id=context.project.id,
            version_id=version.id,
            party=party,
            organisation_id=context.actor.organisation_id if party not in context.policy.city.by_role else None,
            file_id=file_id,
            doubt=doubt,
            signed_on=date_in(context, "signed_on"),
            uploaded_at=context.now,
            uploaded_by_id=context.actor.person_id,
        )
    )
    name, number, officer = (
        signers_of(context)[party],
        version.number,
        to_role("science"),
    )
    if doubt:
        notify(context, "sign_contract_doubt", officer, signer=name, version=number, doubt=doubt)
    else:
        notify(context, "sign_contract", officer, signer=name, version=number)


@guard
def own_scan_unexamined(context: Context) -> Iterator[Reason]:
    """Yield a reason unless this party has uploaded a scan of the newest version that no officer has looked at."""
    row = signatures(context).get(party_of(context))
    if row is None:
        yield Reason("A9.signed", "没有可以撤回的签章扫描件。", context.cite("examination"), nothing=True)
    elif row.looked_at_by_id is not None:
        yield Reason(
            "A9.signed",
            f"{context.policy.city.lead.short}已核对本方的签章扫描件，不能再撤回。",
            context.cite("examination"),
        )


@effect
def withdraw_signature(context: Context) -> None:
    """Take back this party's scan, to upload another one."""
    row = signatures(context)[party_of(context)]
    context.session.delete(row)
    name = signers_of(context)[row.party]
    notify(context, "withdraw_signature", to_role("science"), signer=name)


@options
def unread_signatures(context: Context) -> dict[str, str]:
    """Return the parties whose scan is in doubt and that no officer has looked at yet."""
    names = signers_of(context)
    return {party: names.get(party, party) for party, row in signatures(context).items() if _unread(row)}


@guard
def signature_unread(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a scan for an officer to look at."""
    if not unread_signatures(context):
        yield Reason("A9.unread", "没有须人工核对的签章扫描件。", context.cite("examination"), nothing=True)


@effect
@reads("party:choice outcome:choice(matches differs)")
def look_at_signature(context: Context) -> None:
    """Record that the officer has compared the scan with the version; a wrong scan is deleted to be uploaded again."""
    party = context.data["party"]
    row = signatures(context)[party]
    name = signers_of(context)[party]
    if context.data["outcome"] == "matches":
        row.looked_at_by_id = context.actor.person_id
        return
    context.session.delete(row)
    signers = to_organisation(row.organisation_id, party.split(":")[0]) if row.organisation_id else to_role(party)
    notify(context, "look_at_signature", signers, signer=name)


@guard
def all_parties_signed(context: Context) -> Iterator[Reason]:
    """Yield reasons unless every party has signed the newest version and no scan is in doubt."""
    version = version_of(context)
    if version is None:
        yield Reason("A9.contract", "合同书尚未出具。", context.cite("examination"))
        return
    names, signed = signers_of(context), signatures(context)
    missing = [name for party, name in names.items() if party not in signed]
    if missing:
        yield Reason(
            "A9.signatures",
            f"{called(context)}尚待签章：{'、'.join(missing)}。",
            context.cite("examination"),
        )
    unread = [(name, signed[party]) for party, name in names.items() if party in signed and _unread(signed[party])]
    if unread:
        text = f"签章扫描件须先人工核对：{'；'.join(f'{name}，{row.doubt}' for name, row in unread)}。"
        yield Reason("A9.unread", text, context.cite("examination"))


def _unread(row: Signature) -> bool:
    return bool(row.doubt) and row.looked_at_by_id is None


def issued_on(version: DocumentVersion) -> str:
    """Return the day a version was issued, in Chinese."""
    return in_chinese(day_of(version.frozen_at))
