"""回避申请: before the draw a party names who should not judge its project; the lead office grants or refuses it."""

from collections.abc import Iterator

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_organisation, to_role
from xtbang.actions.registry import effect, form_guard, guard, options
from xtbang.domain.expert_pool import named_in
from xtbang.models import Person, Recusal, Role
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

MOST = 20  # requests of one organisation in one project that wait or stand, so that no party empties the pool


def _own(context: Context, *statuses: str) -> list[Recusal]:
    """Return the requests of the acting person's organisation in these states."""
    own = (row for row in context.rows.of(Recusal) if row.organisation_id == context.actor.organisation_id)
    return [row for row in own if row.status in statuses]


def _open(context: Context) -> list[Recusal]:
    return [row for row in context.rows.of(Recusal) if row.status == "open"]


@form_guard
@reads("person:text employer:text")
def somebody_named(context: Context) -> Iterator[Reason]:
    """Yield reasons unless a person or an employer is named, and not more often than is sensible."""
    article, person, employer = context.cite("examination"), context.data["person"], context.data["employer"]
    if not person and not employer:
        yield Reason("A9.named", "请填写专家姓名或者工作单位，至少填一项。", article, field="person")
    standing = _own(context, "open", "granted")
    if any((row.person, row.employer) == (person, employer) for row in standing):
        yield Reason("A9.named", "本单位已经对同一对象申请回避。", article, field="person")
    if len(standing) >= MOST:
        text = f"本单位在本项目的回避申请已有 {len(standing)} 项，最多 {MOST} 项；不再需要的，请先撤回。"
        yield Reason("A9.named_often", text, article)


@effect
@reads("person:text employer:text reason:long")
def name_recusal(context: Context) -> None:
    """Put the request on the project's recusal list and notify the lead office."""
    person = context.actor.person_id
    organisation = context.actor.organisation_id
    if person is None or organisation is None:
        raise LookupError("a party without a person")
    row = Recusal(
        project_id=context.project.id,
        organisation_id=organisation,
        person=context.data["person"],
        employer=context.data["employer"],
        reason=context.data["reason"],
        named_at=context.now,
        named_by_id=person,
    )
    context.session.add(row)
    context.session.flush()
    notify(context, "name_recusal", to_role("science"), name=row.named, party=row.organisation.name, reason=row.reason)


@options
def own_recusals(context: Context) -> dict[str, str]:
    """Return the own organisation's requests that are not decided yet."""
    return {str(row.id): row.named for row in _own(context, "open")}


@effect
@reads("recusal:choice")
def withdraw_recusal(context: Context) -> None:
    """Take the request back before it is decided."""
    row = context.session.get_one(Recusal, int(context.data["recusal"]))
    row.status, row.decided_at, row.decided_by_id = "withdrawn", context.now, context.actor.person_id


@options
def open_recusals(context: Context) -> dict[str, str]:
    """Return the requests to be decided, each with how many experts it would exclude."""
    rows = _open(context)
    return {
        str(row.id): f"{row.organisation.name}（{in_chinese(day_of(row.named_at))}）：{row.named}，"
        f"专家库中有 {_hit(context, row)} 名；理由：{row.reason[:60]}"
        for row in rows
    }


def _hit(context: Context, row: Recusal) -> int:
    """Return how many active experts the request names."""
    experts = select(Person).join(Person.roles).where(Role.name == "expert", Person.active)
    named = named_in(context.session, [row])
    return sum(1 for person in context.session.scalars(experts) if named(person))


@guard
def recusal_waits(context: Context) -> Iterator[Reason]:
    """Yield a reason unless there is a request to decide."""
    if not _open(context):
        yield Reason("A9.recusals", "没有待处理的回避申请。", context.cite("examination"), nothing=True)


@effect
@reads("recusal:choice answer:choice(granted refused) finding:long")
def decide_recusal(context: Context) -> None:
    """Grant or refuse the request, with the office's reason, and notify its party."""
    row = context.session.get_one(Recusal, int(context.data["recusal"]))
    row.status, row.finding = context.data["answer"], context.data["finding"]
    row.decided_at, row.decided_by_id = context.now, context.actor.person_id
    granted = row.status == "granted"
    relation = "issuer" if row.organisation_id == context.project.issuer_id else "bidder"
    to = to_organisation(row.organisation_id, relation)
    notify(context, "decide_recusal", to, name=row.named, granted=granted, finding=row.finding)


@guard
def recusals_decided(context: Context) -> Iterator[Reason]:
    """Yield a reason while requests wait: they are decided before the draw."""
    if waiting := len(_open(context)):
        text = f"有 {waiting} 项回避申请尚未处理，先处理再抽取专家。"
        yield Reason("A9.recusals", text, context.cite("examination"))
