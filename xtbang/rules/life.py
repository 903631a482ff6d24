"""The life of a project under one edition: what ``lifecycle.toml`` says, without the stages that the edition leaves out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from xtbang.rules.edition import Edition
from xtbang.rules.edition_facts import EDITION_FACTS
from xtbang.rules.fields import Field, FormDefinition, Section
from xtbang.rules.lives import Action, LeftOut, Life, State

COUNTY = "county"  # the role, and the treasury
EXPERT = "expert"


def life_of(whole: Life, edition: Edition) -> Life:
    """Return the states and the actions of the edition's projects."""
    left_out = {
        state.id: state.left_out for state in whole.states.values() if state.left_out and state.id in edition.without
    }
    states = {state.id: _state(state, edition) for state in whole.states.values() if _exists(state, edition)}
    had = (a for a in whole.actions.values() if not a.only_if or EDITION_FACTS[a.only_if](edition))
    made = (_action(action, states, left_out, edition) for action in had)
    return Life(states, {action.trigger: action for action in made if action.sources})


def together(whole: Life, lives: Iterable[Life]) -> Life:
    """Return the states and actions that any of the lives has, as ``lifecycle.toml`` says them where they differ."""
    found = list(lives)
    states = {}
    for key, state in whole.states.items():
        if own := [life.states[key] for life in found if key in life.states]:
            states[key] = own[0] if own.count(own[0]) == len(own) else state
    actions = {}
    for trigger, action in whole.actions.items():
        having = [life.actions[trigger] for life in found if trigger in life.actions]
        known = {state for own in having for state in own.sources}
        if having:
            sources = tuple(state for state in whole.states if state in known)
            plain = len({own.to for own in having}) == 1 and having[0].to
            actions[trigger] = replace(action, sources=sources, to=plain or action.to)
    return Life(states, actions)


def _exists(state: State, edition: Edition) -> bool:
    if state.only_if and not EDITION_FACTS[state.only_if](edition):
        return False
    return not (state.left_out and not state.left_out.remains and state.id in edition.without)


def _state(state: State, edition: Edition) -> State:
    absent = set() if edition.county_ratio.value else {COUNTY}
    if state.only_if == "has_midterm" and not EDITION_FACTS["midterm_by_panel"](edition):
        absent.add(EXPERT)  # officers examine alone
    state = replace(state, turn=tuple(role for role in state.turn if role not in absent))
    rest = state.left_out
    if rest is None or state.id not in edition.without:
        return state
    return replace(state, name=rest.name, about=rest.about, turn=rest.turn, turn_when=())


def _action(action: Action, states: Mapping[str, State], left_out: Mapping[str, LeftOut], edition: Edition) -> Action:
    also = tuple(state for case in action.also if EDITION_FACTS[case.fact](edition) for state in case.value)
    sources = tuple(
        state
        for state in (*action.sources, *also)
        if state in states and not (state in left_out and action.trigger in left_out[state].drops)
    )
    to, then = action.to, action.then
    for way in action.ways:
        if EDITION_FACTS[way.fact](edition):
            to, then = way.to, way.then
    if to in left_out and not left_out[to].remains:
        sources = sources if left_out[to].to else ()
        to, then = left_out[to].to, left_out[to].then
    unneeded = {name for rest in left_out.values() for name in rest.unneeded}
    asked = next((item for item in edition.asks if item.trigger == action.trigger), None)
    needs = [name for name in action.needs if name not in unneeded]
    form = action.form if edition.county_ratio.value else _without_county(action.form)
    if asked:
        needs += [name for name in asked.needs if name not in needs]
        form = _with_papers(form, {paper.key: paper for paper in asked.papers})
    article = edition.cite_all(action.cites)
    return replace(action, sources=sources, to=to, then=then, needs=tuple(needs), form=form, article=article)


def _without_county(form: FormDefinition) -> FormDefinition:
    """Return the form without the choice of the county, which pays nothing."""
    sections = [replace(section, fields=tuple(map(_others, section.fields))) for section in form.sections]
    return replace(form, sections=tuple(sections))


def _others(field: Field) -> Field:
    """Return the field without that choice, also in its columns."""
    choices = tuple(choice for choice in field.choices if choice.key != COUNTY)
    return replace(field, choices=choices, columns=tuple(map(_others, field.columns)))


def _with_papers(form: FormDefinition, papers: Mapping[str, Field]) -> FormDefinition:
    """Return the form with other files asked for: one of a key that is known takes its place, a new one comes last."""
    known = {item.key for item in form.fields}
    sections = [
        replace(section, fields=tuple(papers.get(item.key, item) for item in section.fields))
        for section in form.sections
    ]
    new = tuple(paper for key, paper in papers.items() if key not in known)
    return replace(form, sections=(*sections, *([Section("", new)] if new else [])))
