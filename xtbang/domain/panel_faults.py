"""撤销专家组结论: a conclusion that came about with a formal fault is set aside; the panel concludes again, or another one sits."""

from collections.abc import Iterator
from datetime import datetime

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_people, to_role
from xtbang.actions.registry import effect, guard, options
from xtbang.domain import meetings
from xtbang.domain.corrections import correct, make_void
from xtbang.domain.experts import concluded_panel, open_panel
from xtbang.domain.meeting_papers import cancel_for
from xtbang.domain.panels import locked
from xtbang.enums import PANEL_LABELS
from xtbang.models import Acceptance, Midterm, Panel
from xtbang.papers.facts.correction import Change
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese

DECIDED = {"publicity": ("roadshow", "recommend"), "final_payment": ("acceptance", "pass_acceptance")}  # by the state
INQUIRY = "liability"  # the kind of panel that belongs to no single state; only 终止 needs its conclusion


def _standing(context: Context) -> dict[str, Panel]:
    """Return the conclusions of this state, of the decision that led to it, and about liability."""
    found = {}
    kind_decided, _decision = DECIDED.get(context.project.state, ("", ""))
    for kind in (context.project.state, kind_decided, INQUIRY):
        panel = concluded_panel(context, kind)
        if panel is not None and panel.convened_at >= _asked_at(context, kind, panel):
            found[str(panel.id)] = panel
    return found


def _asked_at(context: Context, kind: str, panel: Panel) -> datetime:
    """Return when the examination that goes on was asked for; a panel of an earlier one has been decided on."""
    rows: list[Acceptance] | list[Midterm] = []
    if kind == "acceptance":
        rows = context.rows.of(Acceptance)
    elif kind == "midterm":
        rows = context.rows.of(Midterm)
    return max(
        (row.requested_at for row in rows if row.status == "open" and row.requested_at), default=panel.convened_at
    )


def _said(panel: Panel) -> str:
    return f"{'通过' if panel.favourable else '不通过'}，{panel.result:.2f} 分"


@options
def conclusions_to_set_aside(context: Context) -> dict[str, str]:
    """Return the conclusions that can be set aside, each with its day."""
    return {
        key: f"{PANEL_LABELS[panel.kind]}（{_said(panel)}，{in_chinese(day_of(panel.concluded_at))}）"
        for key, panel in _standing(context).items()
        if panel.concluded_at
    }


@guard
def no_panel_sits(context: Context) -> Iterator[Reason]:
    """Yield a reason while another panel is open: a project has one at a time."""
    panel = open_panel(context)
    if panel is not None:
        text = f"{PANEL_LABELS[panel.kind]}专家组正在评审，形成结论后再办。"
        yield Reason("A9.panel", text, context.cite("examination"))


@guard
@reads("panel:choice")
def nothing_decided_on_it(context: Context) -> Iterator[Reason]:
    """Yield a reason when a decision rests on the conclusion: its office revokes it first."""
    kind, trigger = DECIDED.get(context.project.state, ("", ""))
    found = _standing(context)
    chosen = found.get(str(context.data.get("panel") or ""))
    decided = [panel for panel in ([chosen] if chosen else found.values()) if panel.kind == kind]
    if decided and (chosen or len(decided) == len(found)):
        action, revoke = context.life.actions[trigger], context.life.actions["revoke"].name
        offices = "、".join(context.policy.city.role_labels[role] for role in action.who)
        back = context.life.states[action.sources[0]].name
        text = (
            f"已据此结论作出决定{quoted(action.name)}：先由{offices}办理{quoted(revoke)}，项目回到{back}后再撤销结论。"
        )
        yield Reason("A9.decided", text, context.cite("examination"))


@effect
@reads("panel:choice again:choice(same anew) reason:long")
def set_aside(context: Context) -> None:
    """Set the conclusion aside: the same panel concludes again, its sheets to be voided or not, or another one is convened."""
    panel = context.session.get_one(Panel, int(context.data["panel"]))
    label, said, seats = PANEL_LABELS[panel.kind], _said(panel), locked(panel)
    again = context.data["again"] == "same"
    change = Change(f"{label}结论", said, "撤销，不再有效")
    follow = Change("重新形成结论", "", context.label("again"))
    told = to_bureaus(), to_role("leader")
    paper = correct(context, "专家组结论撤销单", f"{label}专家组的结论", [change, follow], *told, dated=context.today)
    make_void(context, paper, "panel_summary", f"panel:{panel.id}")
    for name in ("meeting_summary", "meeting_minutes"):
        cancel_for(context, panel.meeting, name)
    panel.status, panel.concluded_at = "open" if again else "set_aside", None
    if again:
        panel.favourable = panel.result = None
        panel.opinion = panel.responsible = ""
        notify(context, "set_aside_science", to_role("science"), panel=label)
    else:
        meetings.leave_planned(context)
    experts = to_people([seat.expert for seat in seats], "expert")
    notify(context, "set_aside", experts, panel=label, again=again, reason=context.data["reason"])
