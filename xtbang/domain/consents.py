"""Consents (核对、同意): what binds both parties goes out once the other one has read it and agreed.

A consent is a dated statement in the project's file. Its subject names exactly what was read, so that it does not hold
for anything else.
"""

from collections.abc import Iterable, Iterator

from xtbang.actions.context import Context
from xtbang.actions.findings import add_finding
from xtbang.actions.notify import Receivers, notify, to_issuer, to_organisation
from xtbang.actions.registry import ASKS_FORM, GUARDS, effect, guard
from xtbang.models import Acceptance, Document, Finding, Project
from xtbang.papers.facts.common import moment
from xtbang.papers.facts.older import UNREAD
from xtbang.papers.facts.text import Facts
from xtbang.rules.forms import check
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason, as_advice

KIND, ASKED = "consent", "reading"
ASK_READING = "ask_reading"  # the action by which a party asks the other one to read its draft
WRITERS = {"application": "issuer", "acceptance": "bidder"}  # what binds both parties → the one that writes it
TITLES = {"application": "项目申报书", "acceptance": "验收申请书"}
OTHER = {"issuer": "bidder", "bidder": "issuer"}

PARTIES = {"issuer": "发榜方", "bidder": "揭榜方"}


def side(context: Context) -> str:
    """Return which party the actor acts for: issuer or bidder."""
    return "issuer" if context.actor.organisation_id == context.project.issuer_id else "bidder"


def named(sides: Iterable[str]) -> str:
    """Return the parties in words: 发榜方、揭榜方."""
    return "、".join(name for key, name in PARTIES.items() if key in sides)


def consent(context: Context, subject: str, text: str = "") -> None:
    """Record that the actor's party agrees to that subject."""
    _state(context, KIND, subject, text)


def _state(context: Context, kind: str, subject: str, text: str = "") -> None:
    add_finding(context, kind, role=side(context), number=subject, favourable=True, text=text)


def consents(context: Context, subject: str) -> list[Finding]:
    """Return the consents to that subject, the first one first."""
    rows = context.rows.of(Finding)
    return [row for row in rows if (row.kind, row.number, row.voided_at) == (KIND, subject, None)]


def agreed(context: Context, subject: str) -> set[str]:
    """Return the parties that have agreed to that subject."""
    return {row.role for row in consents(context, subject)}


def reading_of(context: Context, document: Document) -> Facts:
    """Return how the other party agreed to a document that goes out: who, when and its opinion; blank when there is no consent."""
    project, reader = context.project, OTHER[WRITERS[document.kind]]
    of_it = f"{document.kind}:{document.id}:"
    consents_given = (row for row in context.rows.of(Finding) if row.kind == KIND and row.voided_at is None)
    given = [row for row in consents_given if row.number.startswith(of_it)]
    if not given:
        return dict(UNREAD)
    lead = project.agreed_bid.lead if project.agreed_bid else project.issuer
    name = project.issuer.name if reader == "issuer" else lead.name
    return {"party": PARTIES[reader], "name": name, "at": moment(given[-1].at), "text": given[-1].text}


def to_side(project: Project, which: str) -> Receivers:
    """Return receivers: the people of the issuer, or of the lead of the agreed bid."""
    if which == "issuer":
        return to_issuer()
    return to_organisation(project.agreed_bid.lead_id if project.agreed_bid else None, "bidder")


# ---------------------------------------------------------------- a document of one party, read by the other


def document_in_hand(context: Context) -> Document | None:
    """Return the draft that one party writes now and the other reads: the application, the request for acceptance."""
    written_here = context.policy.states[context.project.state].documents
    if "application" in written_here and context.project.track == "funded":
        return context.project.application
    requests = (row for row in reversed(context.rows.of(Acceptance)) if row.status == "draft")
    request = next(requests, None) if "acceptance" in written_here else None
    return request.document if request else None


def draft_subject(document: Document) -> str:
    """Return the subject of a consent to this very draft; a later change needs another consent."""
    return f"{document.kind}:{document.id}:{document.draft_version}"


def _complete(context: Context, document: Document) -> bool:
    return not check(context.edition.documents[document.kind], document.draft, complete=True)


def _asked(context: Context, document: Document) -> bool:
    """Return whether the other party has been asked to read this very draft."""
    subject = draft_subject(document)
    return any(row.kind == ASKED and row.number == subject for row in context.rows.of(Finding))


@guard
def own_draft_complete(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the actor's party writes a draft that is complete and not yet agreed to."""
    document = document_in_hand(context)
    if document is None or WRITERS[document.kind] != side(context):
        yield Reason("A9.read", "目前没有须送对方核对的材料。", context.cite("examination"), nothing=True)
    elif not _complete(context, document):
        yield Reason("A9.read", f"{TITLES[document.kind]}尚未填写完整，请先检查。", context.cite("examination"))
    elif OTHER[side(context)] in agreed(context, draft_subject(document)):
        yield Reason(
            "A9.read", "没有须送对方核对的改动：对方已核对当前内容。", context.cite("examination"), nothing=True
        )
    elif _asked(context, document):
        text = "当前内容已送对方核对，等待对方同意；内容改动后须再送一次。"
        yield Reason("A9.read", text, context.cite("examination"), nothing=True)


@effect
def ask_reading(context: Context) -> None:
    """Ask the other party to read the draft."""
    document = document_in_hand(context)
    if document is None:
        raise LookupError("no draft to read")
    _state(context, ASKED, draft_subject(document))
    other = OTHER[side(context)]
    writer, title = named({side(context)}), TITLES[document.kind]
    notify(context, "ask_reading", to_side(context.project, other), writer=writer, document=title)


@guard
def draft_of_the_other(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the other party's draft is complete and this party has not agreed to it yet."""
    document = document_in_hand(context)
    if document is None or WRITERS[document.kind] == side(context):
        yield Reason("A9.read", "目前没有须由本方核对的材料。", context.cite("examination"), nothing=True)
    elif not _complete(context, document):
        yield Reason(
            "A9.read",
            f"{TITLES[document.kind]}由{named({WRITERS[document.kind]})}填写，尚未完成。",
            context.cite("examination"),
            nothing=True,
        )
    elif side(context) in agreed(context, draft_subject(document)):
        text = "没有须由本方核对的改动：本方已核对当前内容，内容改动后须再次核对。"
        yield Reason("A9.read", text, context.cite("examination"), nothing=True)


@guard
def draft_asked_back(context: Context) -> Iterator[Reason]:
    """Yield as advice what its writer has to confirm in the other party's draft, for the party that reads it."""
    document = document_in_hand(context)
    if document is None or WRITERS[document.kind] == side(context) or not _complete(context, document):
        return
    for name in context.life.actions[context.policy.handed_in_by(document.kind).trigger].needs:
        if name not in ASKS_FORM:
            yield from as_advice(reason for reason in GUARDS[name](context) if reason.force is Force.ADVICE)


@effect
@reads("text:long")
def confirm_reading(context: Context) -> None:
    """Record that the other party has read the draft and agrees that it goes out."""
    document = document_in_hand(context)
    if document is None:
        raise LookupError("no draft to read")
    consent(context, draft_subject(document), context.data.get("text", ""))
    reader, title = named({side(context)}), TITLES[document.kind]
    writer = to_side(context.project, WRITERS[document.kind])
    notify(context, "confirm_reading", writer, reader=reader, document=title, text=context.data.get("text", ""))


@guard
def consent_still_free(context: Context) -> Iterator[Reason]:
    """Yield a reason unless this party has agreed to the other one's draft as it is now, which was not handed in yet."""
    document = document_in_hand(context)
    theirs = document is not None and WRITERS[document.kind] != side(context)
    if document is None or not theirs or side(context) not in agreed(context, draft_subject(document)):
        text = "没有可以撤回的核对意见：对方的材料尚未核对、已经改动或者已经提交。"
        yield Reason("A9.read", text, context.cite("examination"), nothing=True)


@effect
@reads("reason:long")
def withdraw_reading(context: Context) -> None:
    """Take back this party's consent to the other one's draft: it has to be given again before the draft goes out."""
    document = document_in_hand(context)
    if document is None:
        raise LookupError("no draft to read")
    for row in consents(context, draft_subject(document)):
        if row.role == side(context):
            row.voided_at = context.now
    writer, title = to_side(context.project, WRITERS[document.kind]), TITLES[document.kind]
    reason = context.data["reason"]
    notify(context, "withdraw_reading", writer, reader=named({side(context)}), document=title, reason=reason)


@guard
def read_by_the_other(context: Context) -> Iterator[Reason]:
    """Yield a reason until the other party has agreed to this very draft, once it is complete."""
    document = document_in_hand(context)
    if document is None or not _complete(context, document):
        return
    reader = OTHER[WRITERS[document.kind]]
    if reader not in agreed(context, draft_subject(document)):
        ask = context.life.actions[ASK_READING].name
        left = "已送其核对，待其同意后再提交" if _asked(context, document) else f"请办理{quoted(ask)}，对方同意后再提交"
        text = f"{TITLES[document.kind]}对双方有约束力，{named({reader})}尚未核对当前内容；{left}。"
        yield Reason("A9.read", text, context.cite("examination"))
