"""行政复议、行政诉讼: what a review or a court has decided about a decision is recorded with its paper, then executed.

Where something was done on the ground of the decision, the guard says what must be undone first, and in which order.
"""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.registry import AGAINST_REVOCATION, REVOCATIONS, effect, form_guard, guard, leads_back
from xtbang.actions.registry import options as option_list
from xtbang.domain.common import chosen_id
from xtbang.domain.corrections import correct, proposed_by
from xtbang.domain.payments import date_in
from xtbang.domain.revocation import day_of_event, everyone, named, standing_moves, state_before_of, undo
from xtbang.models import Event, Ruling
from xtbang.papers.facts.correction import Change
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

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
    """Yield reasons when the paper is older than the decision, in the future, or recorded already."""
    event, dated = context.session.get(Event, chosen_id(context, "decision")), date_in(context, "dated")
    if event is not None and dated < day_of(event.at):
        text = f"文书日期{in_chinese(dated)}早于该决定的日期{day_of_event(event)}。"
        yield Reason("ruling", text, context.cite("organisation"), field="dated")
    for row in context.rows.of(Ruling):
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
    stays = data["result"] == UPHELD
    for earlier in context.rows.of(Ruling):
        if earlier.decision_id == event.id:  # the later one takes its place
            earlier.executed_at = earlier.executed_at or context.now
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
        executed_at=context.now if stays else None,
    )
    context.session.add(row)
    what, paper = named(context, event), f"{BODIES[row.body]}（{row.number}，{in_chinese(row.dated)}）"
    order = [reason.text for reason in _before(context, event)]
    together = context.policy.city.together
    follows = "原决定继续有效" if stays else f"由{together}撤销原决定，项目回到作出该决定以前的环节"
    changes = [Change(what, "作出决定", context.label("result")), Change("依据", "", paper)]
    changes.append(Change("后续办理", "", follows))
    changes += [Change("须先办理", "", text) for text in order if not stays]
    told = everyone(context)
    correct(context, "复议诉讼结果登记单", f"对{quoted(what)}的复议或者诉讼结果", changes, *told, dated=row.dated)


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
    ground = f"依{BODIES[row.body]}（{row.number}，{in_chinese(row.dated)}）：{context.data['reason']}"
    undo(context, context.session.get_one(Event, row.decision_id), ground)
