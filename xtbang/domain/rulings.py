"""行政复议、行政诉讼: what a review or a court has decided about a decision is recorded with its paper, then executed.

Where something was done on the ground of the decision, the guard says what must be undone first, and in which order.
"""

from collections.abc import Iterable, Iterator

from xtbang.actions.context import Context
from xtbang.actions.registry import AGAINST_REVOCATION, REVOCATIONS, effect, form_guard, guard, leads_back, prefill_form
from xtbang.actions.registry import options as option_list
from xtbang.domain.common import chosen_id
from xtbang.domain.corrections import correct, make_void, only_proposed, proposed_by
from xtbang.domain.payments import date_in
from xtbang.domain.revocation import day_of_event, everyone, named, standing_moves, state_before_of, undo
from xtbang.models import Event, Ruling
from xtbang.papers.facts.correction import Change
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

TITLE = "复议诉讼结果登记单"
UPHELD = "upheld"
BODIES = {"review": "行政复议决定", "court": "人民法院裁判"}


def _decisions(context: Context) -> dict[str, Event]:
    """Return the decisions in force that can be reviewed, the newest first."""
    moves = standing_moves(context.policy, context.rows.of(Event))
    return {str(event.id): event for event in reversed(moves) if event.trigger in REVOCATIONS}


@option_list
def reviewable_decisions(context: Context) -> dict[str, str]:
    """Return the decisions about which a review or a court may have decided, each with its day."""
    first = proposed_by(context)
    return {
        key: f"{quoted(named(context, event))}（{day_of_event(event)}）"
        for key, event in _decisions(context).items()
        if first is None or key == first.data["decision"]
    }


@form_guard
@reads("decision:choice dated:date number:text")
def ruling_in_order(context: Context) -> Iterator[Reason]:
    """Yield reasons when the paper is older than the decision, or recorded already."""
    yield from _against_paper(context, context.rows.of(Ruling))


def _against_paper(context: Context, others: Iterable[Ruling]) -> Iterator[Reason]:
    event, dated = context.session.get(Event, chosen_id(context, "decision")), date_in(context, "dated")
    if event is not None and dated < day_of(event.at):
        text = f"文书日期{in_chinese(dated)}早于该决定的日期{day_of_event(event)}。"
        yield Reason("ruling", text, context.cite("organisation"), field="dated")
    for row in others:
        if event is not None and (row.decision_id, row.number) == (event.id, context.data["number"]):
            text = f"文书 {row.number} 已于{in_chinese(day_of(row.recorded_at))}登记。"
            yield Reason("ruling", text, context.cite("organisation"), field="number")


@effect
@reads(
    "decision:choice body:choice(review court) result:choice(upheld quashed redo changed) number:text dated:date "
    "file:file reason:long"
)
def record_ruling(context: Context) -> None:
    """Record the paper; a decision that is upheld stands, any other one waits to be taken back by the offices."""
    data, file_id = context.data, context.file_id("file")
    event = context.session.get_one(Event, int(data["decision"]))
    if file_id is None:
        raise LookupError("a ruling without its paper")
    row = Ruling(
        project_id=context.project.id,
        decision_id=event.id,
        body=data["body"],
        result=data["result"],
        number=data["number"],
        dated=date_in(context, "dated"),
        text=data["reason"],
        file_id=file_id,
        recorded_at=context.now,
        recorded_by_id=context.actor.person_id,
    )
    context.session.add(row)
    context.session.flush()
    _follow(context)
    what, told = named(context, event), everyone(context)
    changes = [Change(what, "作出决定", context.label("result")), Change("依据", "", _cited(row))]
    changes += _what_follows(context, row)
    correct(context, TITLE, f"对{quoted(what)}的复议或者诉讼结果", changes, *told, dated=row.dated)


def _cited(row: Ruling) -> str:
    return f"{BODIES[row.body]}（{row.number}，{in_chinese(row.dated)}）"


def _follow(context: Context) -> None:
    """Let the ruling of the latest day about each decision in force count: it waits, unless the decision is upheld."""
    latest: dict[int, Ruling] = {}
    for row in sorted(context.rows.of(Ruling), key=lambda row: (row.dated, row.id)):
        latest[row.decision_id] = row
    in_force = _decisions(context)
    for row in context.rows.of(Ruling):
        waits = latest[row.decision_id] is row and row.result != UPHELD and str(row.decision_id) in in_force
        row.executed_at = None if waits else row.executed_at or context.now


def _what_follows(context: Context, row: Ruling) -> Iterator[Change]:
    """Yield what is to be done after a ruling was recorded, and before it can be executed."""
    if row.result == UPHELD:
        yield Change("后续办理", "", "原决定继续有效")
    elif row.executed_at is None:
        yield Change("后续办理", "", f"由{context.policy.city.together}撤销原决定，项目回到作出该决定以前的环节")
        event = context.session.get_one(Event, row.decision_id)
        yield from (Change("须先办理", "", reason.text) for reason in _before(context, event))


# ---------------------------------------------------------------- a ruling that was recorded wrongly


def _recorded(context: Context) -> dict[str, Ruling]:
    rows = sorted(context.rows.of(Ruling), key=lambda row: -row.id)
    return only_proposed(context, "ruling", {str(row.id): row for row in rows})


@option_list
def recorded_rulings(context: Context) -> dict[str, str]:
    """Return the rulings that are recorded, the newest first, each with its decision."""
    session = context.session
    return {
        key: f"{_cited(row)}：{quoted(named(context, session.get_one(Event, row.decision_id)))}"
        for key, row in _recorded(context).items()
    }


@option_list
def decisions_of_rulings(context: Context) -> dict[str, str]:
    """Return the decisions about which a ruling may be: those in force, and those about which one is recorded."""
    ruled = {row.decision_id for row in context.rows.of(Ruling)}
    events = {str(event.id): event for event in context.rows.of(Event) if event.id in ruled} | _decisions(context)
    return {
        key: f"{quoted(named(context, event))}（{day_of_event(event)}）"
        for key, event in sorted(events.items(), key=lambda item: -int(item[0]))
    }


@prefill_form("amend_ruling")
def ruling_as_recorded(context: Context) -> dict[str, str]:
    """Return what is recorded of the newest ruling, by field."""
    row = next(iter(_recorded(context).values()), None)
    if row is None:
        return {}
    known = {"ruling": str(row.id), "decision": str(row.decision_id), "body": row.body, "result": row.result}
    return known | {"number": row.number, "dated": row.dated.isoformat(), "text": row.text}


@form_guard
@reads("ruling:choice decision:choice body:choice result:choice number:text dated:date text:long file:file")
def ruling_amended(context: Context) -> Iterator[Reason]:
    """Yield reasons when nothing changes, when the paper is older than the decision, or recorded already."""
    row, data = context.session.get(Ruling, chosen_id(context, "ruling")), context.data
    yield from _against_paper(context, (other for other in context.rows.of(Ruling) if other is not row))
    if row is not None and not data.get("file") and not _differences(context, row):
        yield Reason("ruling", "填写的内容与现在登记的相同，没有需要更正的。", context.cite("organisation"))


def _differences(context: Context, row: Ruling) -> list[Change]:
    """Return what is filled in otherwise than it is recorded."""
    data, form = context.data, context.policy.actions["amend_ruling"].form
    before, after = context.session.get_one(Event, row.decision_id), context.session.get(Event, int(data["decision"]))
    compared = [
        Change("针对的决定", named(context, before), named(context, after) if after else ""),
        Change("文书种类", form.field("body").label_of(row.body), form.field("body").label_of(data["body"])),
        Change("结果", form.field("result").label_of(row.result), form.field("result").label_of(data["result"])),
        Change("文号或者案号", row.number, data["number"]),
        Change("文书日期", in_chinese(row.dated), in_chinese(date_in(context, "dated"))),
        Change("决定或者裁判的内容", row.text, data["text"]),
    ]
    moved = int(data["decision"]) != row.decision_id
    return [item for item in compared if item.old != item.new or (moved and item is compared[0])]


@effect
@reads(
    "ruling:choice decision:choice body:choice(review court) result:choice(upheld quashed redo changed) number:text "
    "dated:date text:long file:file reason:long"
)
def amend_ruling(context: Context) -> None:
    """Correct what is recorded of a ruling: the papers before stay readable, and what follows is what now stands there.

    A decision that was taken back by mistake is not in force again: the offices make it anew, where the project is.
    """
    row, data = context.session.get_one(Ruling, int(context.data["ruling"])), context.data
    event = context.session.get_one(Event, row.decision_id)
    changes = _differences(context, row)
    row.decision_id, row.body, row.result = int(data["decision"]), data["body"], data["result"]
    row.number, row.dated, row.text = data["number"], date_in(context, "dated"), data["text"]
    if (file_id := context.file_id("file")) is not None:
        changes.append(Change("文书", "原文件", "新文件"))
        row.file_id = file_id
    context.session.flush()
    _follow(context)
    if _executed(context, row) and (row.decision_id != event.id or row.result == UPHELD):
        text = f"{quoted(named(context, event))}已经据此撤销，由作出决定的部门按程序重新作出"
        changes.append(Change("已经办理的", "", text))
    changes += _what_follows(context, row)
    title, what = "复议诉讼结果更正单", f"对{quoted(named(context, event))}的复议或者诉讼结果的登记"
    paper = correct(context, title, what, changes, *everyone(context), dated=context.today)
    for recorded in _papers_of(context, row):
        make_void(context, paper, "correction", recorded)


def _executed(context: Context, row: Ruling) -> bool:
    """Return whether a decision was taken back on the ground of the ruling."""
    done = (
        event for event in context.rows.of(Event) if event.trigger == "execute_ruling" and event.outcome != "signed"
    )
    return any(event.data["ruling"] == str(row.id) for event in done)


def _papers_of(context: Context, row: Ruling) -> Iterator[str]:
    """Yield the subjects of the papers on which the ruling was recorded and corrected before."""
    for event in context.rows.of(Event):
        if event.outcome == "done" and event is not context.event:
            recorded = event.trigger == "record_ruling" and event.at == row.recorded_at
            amended = event.trigger == "amend_ruling" and event.data["ruling"] == str(row.id)
            if recorded or amended:
                yield f"{event.trigger}:{event.id}"


def waiting_ruling(context: Context) -> Ruling | None:
    """Return the ruling that is to be executed next: the one about the newest decision."""
    open_rows = [row for row in context.rows.of(Ruling) if row.executed_at is None]
    return max(open_rows, key=lambda row: row.decision_id, default=None)


@option_list
def rulings_to_execute(context: Context) -> dict[str, str]:
    """Return the ruling that waits to be executed."""
    row = waiting_ruling(context)
    return {str(row.id): f"{BODIES[row.body]} {row.number}，{in_chinese(row.dated)}"} if row else {}


def _before(context: Context, event: Event) -> Iterator[Reason]:
    """Yield what must be done before the decision can be taken back, in order: later decisions, then what rests on it."""
    moves = standing_moves(context.policy, context.rows.of(Event))
    later = [move for move in reversed(moves) if move.id > event.id]
    for move in later:
        name, article = named(context, move), context.cite("organisation")
        made = context.life.actions.get(move.trigger)
        if move.trigger in REVOCATIONS:
            yield Reason("ruling", f"先撤销此后作出的决定{quoted(name)}（{day_of_event(move)}）。", article)
        elif made and made.undo:
            yield Reason("ruling", f"先撤回此后办理的{quoted(name)}（{day_of_event(move)}）。", article)
        elif made and made.corrected_by == "reverse_line":
            yield Reason(
                "ruling", f"先冲正此后办理的{quoted(name)}（{day_of_event(move)}），款项由收款单位退回。", article
            )
        else:
            yield Reason(
                "ruling",
                f"此后已办理{quoted(name)}（{day_of_event(move)}），须先按终止办理，追回的资金一并处理。",
                article,
            )
    if not later and event.trigger in AGAINST_REVOCATION:
        yield from AGAINST_REVOCATION[event.trigger](context, event)


@guard
def nothing_in_its_way(context: Context) -> Iterator[Reason]:
    """Yield what must be done first before the ruling can be executed, in order."""
    row = waiting_ruling(context)
    if row is not None:
        yield from _before(context, context.session.get_one(Event, row.decision_id))


@leads_back("execute_ruling")
def state_of_the_ruling(context: Context) -> str:
    """Return the state in which the decision was made that the ruling takes away."""
    row = waiting_ruling(context)
    return state_before_of(context, context.session.get_one(Event, row.decision_id)) if row else context.project.state


@effect
@reads("reason:long")
def execute_ruling(context: Context) -> None:
    """Take the decision back as the ruling says: all is as before it, to be decided anew where the ruling asks for it."""
    row = waiting_ruling(context)
    if row is None:
        raise LookupError("no ruling waits")
    ground = f"依{_cited(row)}：{context.data['reason']}"
    undo(context, context.session.get_one(Event, row.decision_id), ground)
