"""Panels (专家组) of appraisal, roadshow, acceptance and liability: experts answer, score and conclude."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from xtbang.actions.context import Context
from xtbang.actions.issue import issue
from xtbang.actions.notify import notify, to_bureaus, to_people, to_role
from xtbang.actions.registry import effect, form_guard, form_of_trigger, guard, options
from xtbang.domain import meetings
from xtbang.domain.bids import in_shanghai
from xtbang.domain.expert_pool import seated_though_named, seated_with_a_stake
from xtbang.domain.experts import open_panel
from xtbang.domain.score_sheets import panel_changed
from xtbang.enums import MEETING_LABELS, PANEL_LABELS
from xtbang.errors import Blocked, NotFound
from xtbang.models import MeetingItem, Panel, Seat
from xtbang.models.writing import writing
from xtbang.papers.facts.bid import panel_facts
from xtbang.queries.caller import Caller
from xtbang.rules.aggregate import drops_extremes, passed, result
from xtbang.rules.edition import Sheet
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.money import plain
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason


def locked(panel: Panel) -> list[Seat]:
    """Return the seats whose scores count."""
    return [seat for seat in panel.seats if seat.status == "locked"]


def totals(panel: Panel) -> list[int]:
    """Return the sum of points of every locked sheet."""
    return [sum(seat.scores.values()) for seat in locked(panel)]


def own_seat(context: Context) -> Seat | None:
    """Return the acting expert's seat on the open panel."""
    panel = open_panel(context)
    seats = panel.seats if panel else []
    return next((seat for seat in seats if seat.expert_id == context.actor.person_id), None)


def sheet_of(context: Context, panel: Panel) -> Sheet:
    """Return the edition's sheet (评分表) for that kind of panel."""
    return context.edition.sheets[panel.kind]


def scores_needed(context: Context, panel: Panel) -> int:
    """Return how many locked sheets a conclusion needs; for a roadshow a call may set its own number."""
    own = context.project.call.roadshow_scores if panel.kind == "roadshow" else None
    return sheet_of(context, panel).experts_minimum if own is None else own


def missing(context: Context, panel: Panel) -> int:
    """Return how many experts have to be added before the conclusion of an open panel can have enough sheets."""
    able = sum(seat.status in Seat.TAKES_PART for seat in panel.seats)
    return max(0, scores_needed(context, panel) - able)


@guard
def panel_open(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a panel is open."""
    if open_panel(context) is None:
        yield Reason("A9.panel", "没有正在评审的专家组。", context.cite("examination"), nothing=True)


@guard
@reads("answer:choice(accepted declined recused) no_conflict:flag note:text")
def seat_invited(context: Context) -> Iterator[Reason]:
    """Yield a reason unless an invitation waits for an answer and its acceptance declares no conflict.

    Who has accepted, or has handed in a sheet, can still recuse themselves (申请回避) until the panel's conclusion. Who
    declines says why.
    """
    seat, answer = own_seat(context), context.data.get("answer")
    if seat is None or seat.status not in Seat.TAKES_PART:
        yield Reason("A9.seat", "您没有待答复的评审邀请。", context.cite("examination"), nothing=True)
    elif seat.status != "invited" and answer and answer != "recused":
        text = "您已接受邀请，专家组形成结论前只能申请回避。"
        yield Reason("A9.seat", text, context.cite("examination"), field="answer")
    elif answer == "declined" and not context.data.get("note"):
        yield Reason("A9.why", "谢绝邀请的，请在“说明”中写明原因。", context.cite("examination"), field="note")
    elif answer == "accepted" and not context.data.get("no_conflict"):
        yield Reason(
            "A9.recusal", "接受邀请前须承诺与项目各方无利害关系。", context.cite("examination"), field="no_conflict"
        )


@effect
@reads("answer:choice(accepted declined recused) note:text")
def answer_invitation(context: Context) -> None:
    """Record 接受, 谢绝 or 申请回避; the science bureau is notified when the expert does not take part."""
    seat, answer = own_seat(context), context.data["answer"]
    if seat is None:
        raise LookupError("no seat")
    seat.status, seat.locked_at = answer, None  # scores of who recuses themselves stay in the record without counting
    seat.answered_at = context.now
    seat.answer_note = context.data.get("note", "")
    meetings.answered(context, seat.panel, seat.expert_id, answer, seat.answer_note)
    if seat.status != "accepted":
        panel_changed(context, seat.panel)
        expert = seat.expert.name
        said = context.label("answer")
        lacking = missing(context, seat.panel)
        notify(
            context,
            "answer_invitation",
            to_role("science"),
            seat=seat.kind,
            expert=expert,
            answer=said,
            lacking=lacking,
        )


@form_of_trigger("submit_scores")
def scoring_form(context: Context) -> tuple[Field, ...]:
    """Return a number field for each criterion of the edition's sheet, and a comment field."""
    seat = own_seat(context)
    if seat is None:
        return ()
    criteria = tuple(
        Field(item.key, item.label, FieldKind.WHOLE, unit="分", hint=item.note, maximum=Decimal(item.maximum))
        for item in sheet_of(context, seat.panel).criteria
    )
    return (*criteria, Field("comment", "评审意见", FieldKind.LONG, limit=500))


@guard
def seat_accepted(context: Context) -> Iterator[Reason]:
    """Yield a reason unless the expert has accepted the invitation and not yet locked the scores."""
    seat = own_seat(context)
    if seat is None or seat.status in ("declined", "recused", "voided"):
        yield Reason("A9.seat", "您不在正在评审的专家组中。", context.cite("examination"))
    elif seat.status == "invited":
        yield Reason("A9.seat", "请先答复评审邀请。", context.cite("examination"))
    elif seat.status == "locked":
        yield Reason("A9.locked", "评分已提交并锁定，不能修改。", context.cite("examination"))


@form_guard
def scores_within_sheet(context: Context) -> Iterator[Reason]:
    """Yield a reason for each criterion without a whole number from 0 to its maximum."""
    seat = own_seat(context)
    for item in sheet_of(context, seat.panel).criteria if seat else ():
        score = context.data.get(item.key)
        if not isinstance(score, int) or not 0 <= score <= item.maximum:
            text = f"{quoted(item.label)}须为 0 至 {item.maximum} 分的整数。"
            yield Reason("A9.score", text, context.cite("examination"), field=item.key)


def save_scores(caller: Caller, seat_id: int, scores: Mapping[str, int], comment: str) -> None:
    """Store what an expert has filled in so far without submitting it. One transaction, without an event.

    Raises NotFound when the seat is not the acting expert's, Blocked when its sheet is not open.
    """
    with writing(caller.session):
        seat = caller.session.get(Seat, seat_id, with_for_update=True)
        if seat is None or seat.expert_id != caller.actor.person_id:
            raise NotFound(f"seat {seat_id}")
        if seat.status != "accepted" or seat.panel.status != "open":
            raise Blocked([Reason("A9.seat", "这份评分表现在不能填写。", caller.cite("examination"))])
        seat.scores, seat.comment = dict(scores), comment


@effect
def submit_scores(context: Context) -> None:
    """Lock the sheet; with enough of them, and after the last one, the science bureau is asked for the conclusion."""
    seat = own_seat(context)
    if seat is None:
        raise LookupError("no seat")
    seat.scores = {item.key: context.data[item.key] for item in sheet_of(context, seat.panel).criteria}
    seat.comment = context.data["comment"]
    seat.status, seat.locked_at = "locked", context.now
    left, lacking = sum(other.status in Seat.AWAITED for other in seat.panel.seats), missing(context, seat.panel)
    if not left or len(locked(seat.panel)) == scores_needed(context, seat.panel):
        panel = PANEL_LABELS[seat.panel.kind]
        notify(context, "submit_scores", to_role("science"), panel=panel, left=left, lacking=lacking)


@options
def sheets_handed_in(context: Context) -> dict[str, str]:
    """Return the sheets of the open panel that count: seat → expert."""
    panel = open_panel(context)
    return {str(seat.id): f"{seat.expert.name}（{seat.kind}）" for seat in locked(panel)} if panel else {}


@guard
def sheet_there(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a sheet of the open panel could be voided."""
    if not sheets_handed_in(context):
        text = "没有正在评审的专家组，或者还没有专家提交评分。"
        yield Reason("A9.sheet", text, context.cite("examination"), nothing=True)


@effect
@reads("sheet:choice reason:long")
def void_sheet(context: Context) -> None:
    """Cancel a sheet (评分作废) before the conclusion: it stays in the record without counting, its expert leaves."""
    seat = context.session.get_one(Seat, int(context.data["sheet"]))
    seat.status, seat.locked_at, seat.answered_at = "voided", None, context.now
    seat.answer_note = context.data["reason"]
    meetings.answered(context, seat.panel, seat.expert_id, "declined", seat.answer_note)
    panel_changed(context, seat.panel)
    label, reason, blind = PANEL_LABELS[seat.panel.kind], context.data["reason"], seat.panel.blind
    notify(context, "void_sheet", to_people([seat.expert], "expert"), panel=label, reason=reason, blind=blind)


@guard
def stakes_asked_again(context: Context) -> Iterator[Reason]:
    """Yield a reason for each sheet of an expert who has a stake by now: it has to be voided first."""
    panel = open_panel(context)
    sheets = locked(panel) if panel else []
    for expert in seated_with_a_stake(context, sheets):
        text = f"专家{expert.name}所在单位与项目有利害关系，应当回避，请先将其评分作废。"
        yield Reason("A9.recusal", text, context.cite("examination"))
    for expert in seated_though_named(context, sheets):
        text = f"项目一方申请专家{expert.name}回避，已准许，请先将其评分作废。"
        yield Reason("A9.recusal", text, context.cite("examination"))


@guard
@reads("favourable:choice(passed not_passed)")
def scores_enough(context: Context) -> Iterator[Reason]:
    """Yield reasons unless enough sheets are locked and a positive conclusion reaches the pass mark."""
    panel = open_panel(context)
    if panel is None:
        return
    sheet, scores, needed = sheet_of(context, panel), totals(panel), scores_needed(context, panel)
    if len(scores) < needed:
        text = f"{PANEL_LABELS[panel.kind]}已有 {len(scores)} 名专家提交评分，至少须有 {needed} 名。"
        yield Reason("A9.scores", text, sheet.article)
    if scores and context.data.get("favourable") == "passed" and not passed(sheet, scores):
        how = "去掉一个最高分和一个最低分后的平均分" if drops_extremes(sheet, len(scores)) else "平均分"
        text = (
            f"专家评分的{how}为 {result(sheet, scores)} 分，低于合格线 {plain(sheet.pass_mark)} 分，结论不能为“通过”。"
        )
        yield Reason("A9.pass_mark", text, sheet.article, field="favourable")


@guard
def meeting_held(context: Context) -> Iterator[Reason]:
    """Yield a reason until the meeting at which the panel sits has begun; a review in writing has no time."""
    panel = open_panel(context)
    at = (item.meeting for item in context.rows.of(MeetingItem) if panel and item.meeting_id == panel.meeting_id)
    meeting = next(at, None)
    if meeting and meeting.starts_at and meeting.starts_at > context.now:
        yield Reason(
            "A9.held",
            f"{MEETING_LABELS[meeting.kind]}{quoted(meeting.title)}定于{in_shanghai(meeting.starts_at)}开始，"
            "此前不能形成专家组结论。",
            context.cite("roadshow" if meeting.kind == "roadshow" else "examination"),
        )


@guard
def expert_kinds_complete(context: Context) -> Iterator[Reason]:
    """Yield a reason unless every kind of expert that the sheet requires has locked a sheet."""
    panel = open_panel(context)
    if panel is None:
        return
    sheet, kinds = sheet_of(context, panel), {seat.kind for seat in locked(panel)}
    missing = [kind for kind in sheet.kinds_required if kind not in kinds]
    if missing:
        text = (
            f"{PANEL_LABELS[panel.kind]}须有{'、'.join(sheet.kinds_required)}专家评分，尚缺{'、'.join(missing)}专家。"
        )
        yield Reason("A9.kinds", text, sheet.article)


@form_guard
@reads("favourable:choice(passed not_passed) responsible:choice(issuer bidder both)")
def responsibility_named(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a liability panel that finds a fault, and only such a panel, names the party."""
    panel = open_panel(context)
    if panel is None:
        return
    named, found = context.data.get("responsible"), context.data["favourable"] == "passed"
    if panel.kind == "liability" and found and not named:
        text = "责任论证结论须明确责任方。"
        yield Reason("A12.responsible", text, context.cite("subjective"), field="responsible")
    elif named and not (panel.kind == "liability" and found):
        text = "责任方仅在责任论证结论为“通过”（主观原因成立）时填写。"
        yield Reason("A12.responsible", text, context.cite("subjective"), field="responsible")


@effect
@reads("favourable:choice(passed not_passed) opinion:long responsible:choice(issuer bidder both)")
def conclude_panel(context: Context) -> None:
    """Record result, opinion and conclusion and issue the 评分汇总表; experts without scores leave the panel."""
    panel, project, data = open_panel(context), context.project, context.data
    if panel is None:
        raise LookupError("no panel")
    sheet = sheet_of(context, panel)
    for seat in panel.seats:
        if seat.status in Seat.AWAITED:
            seat.status, seat.answered_at = "declined", context.now
            seat.answer_note = "专家组形成结论前未提交评分"
    panel.result = result(sheet, totals(panel))
    panel.favourable = data["favourable"] == "passed"
    panel.opinion, panel.responsible = data["opinion"], data.get("responsible") or ""
    panel.status, panel.concluded_at = "concluded", context.now
    meetings.settle(context, meetings.locked(context, panel.meeting_id))
    label = PANEL_LABELS[panel.kind]
    issue(
        context, "panel_summary", f"{label}评分汇总表", panel_facts(project, panel, sheet), subject=f"panel:{panel.id}"
    )
    bureaus = to_bureaus()
    conclusion = context.label("favourable")
    notify(context, "conclude_panel", bureaus, panel=label, result=panel.result, conclusion=conclusion)
