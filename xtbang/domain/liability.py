"""责任论证 (liability): a third party organises the panel, which gets the case: allegation, evidence, the parties' statements."""

from collections.abc import Iterator

from xtbang.actions.context import Context
from xtbang.actions.notify import notify, to_bureaus, to_parties
from xtbang.actions.registry import effect, form_guard, guard
from xtbang.actions.relations import parties
from xtbang.domain.experts import PANEL, convene, open_panel
from xtbang.models import Panel, PartyStatement
from xtbang.queries.organisations import compared_names
from xtbang.rules.dates import day_of
from xtbang.rules.needs import reads
from xtbang.rules.reasons import Reason
from xtbang.rules.search_words import as_compared

KIND = "liability"


@form_guard
@reads("organiser:text")
def organiser_independent(context: Context) -> Iterator[Reason]:
    """Yield a reason when a party of the project, or an office that decides, would organise the inquiry itself."""
    organiser, city = context.data["organiser"], context.policy.city
    name, known = as_compared(organiser), compared_names(context.session, parties(context.project))
    if name in known:
        text = f"{organiser}是项目的一方，须委托与各方没有利害关系的第三方组织论证。"
        yield Reason("A12.organiser", text, context.cite("subjective"), field="organiser")
    if name in {as_compared(said) for office in city.by_role.values() for said in (office.name, office.short)}:
        text = f"{organiser}是办理本项目的部门，须委托第三方机构组织论证。"
        yield Reason("A12.organiser", text, context.cite("subjective"), field="organiser")


@effect
@reads(f"{PANEL} organiser:text allegation:long evidence:file")
def convene_liability(context: Context) -> None:
    """Convene the panel for the liability, 责任论证专家组, with its case; the parties learn what is held against whom."""
    organiser, allegation = context.data["organiser"], context.data["allegation"]
    convene(context, organiser=organiser, allegation=allegation, evidence_id=context.file_id("evidence"))
    notify(context, "convene_liability", to_parties(), organiser=organiser, allegation=allegation)


def inquiry(context: Context) -> Panel | None:
    """Return the liability panel that has not concluded."""
    panel = open_panel(context)
    return panel if panel is not None and panel.kind == KIND else None


@guard
def inquiry_open(context: Context) -> Iterator[Reason]:
    """Yield a reason unless a liability panel sits."""
    if inquiry(context) is None:
        yield Reason("A12.panel", "没有正在进行的责任论证。", context.cite("subjective"), nothing=True)


@effect
@reads("text:long file:file")
def state_in_inquiry(context: Context) -> None:
    """Submit a party's statement and evidence to the panel; until the conclusion more can be added."""
    panel = inquiry(context)
    if panel is None:
        raise LookupError("no inquiry")
    context.session.add(
        PartyStatement(
            project_id=context.project.id,
            panel_id=panel.id,
            organisation_id=context.actor.organisation_id,
            kind="stated",
            text=context.data["text"],
            file_id=context.file_id("file"),
            received_on=day_of(context.received_at),
            recorded_at=context.now,
            recorded_by_id=context.actor.person_id,
        )
    )
    notify(context, "state_in_inquiry", to_bureaus(), name=context.actor.organisation_name)
