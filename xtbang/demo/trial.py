"""A trial of one edition (试办): an entry in every state, made by the steps of the demo, and every paper printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from flask_security import hash_password
from sqlalchemy import func, select
from sqlalchemy.exc import NoResultFound

from xtbang.config import DEMO_PASSWORD
from xtbang.demo import fast_commits, keep_loaded, record_accounts
from xtbang.demo.clock import OfficeClock
from xtbang.demo.participants import ParticipantBuilder, Participants
from xtbang.demo.scenarios import until
from xtbang.demo.shaped import shaped
from xtbang.demo.trial_walk import TrialDriver, TrialWalk
from xtbang.demo.walk import FUNDED, MARKET, Plan
from xtbang.domain.common import UNFINISHED
from xtbang.domain.new_project import create_entry
from xtbang.enums import KIND_LABELS
from xtbang.errors import Refusal
from xtbang.extensions import db
from xtbang.models import Call, Organisation, Paper, Project, Restriction
from xtbang.models.writing import writing
from xtbang.printing import print_form
from xtbang.rendering import render_and_store
from xtbang.rules.edition import Edition
from xtbang.rules.policy import Policy
from xtbang.rules.quotation import quoted
from xtbang.workflow.engine import Engine

Steps = tuple[str, ...]
DEMANDS = ("tech_demand", "scene_demand")
STEPS: tuple[Steps, ...] = (  # of a demand; together they lead to every state and every paper
    (),
    ("submit",),
    ("submit", "send_back"),
    ("submit", "accept", "invite", "print_sheets"),
    ("submit", "refuse"),
    ("submit", "refuse", "revoke"),
    ("submit", "withdraw"),
    until("list_major"),
    until("agree"),
    until("apply"),
    until("show", "print_meeting_lists"),
    until("apply", "give_up"),
    until("publish"),
    until("publish", "object", "decide"),
    until("issue_contract", "print_joint_document"),
    until("match", "print_payment_sheet"),
    until("report", "check"),
    until("county_pays", "first_report", "change_place"),
    until("county_pays", "reverse_payment"),
    until("county_pays", "first_report", "request_extension"),
    until("county_pays", "first_report", "request_extension", "grant_extension"),
    until("request_acceptance"),
    until("match_second"),
    tuple(FUNDED),
    until("county_pays", "terminate_objective", "recover", "settle"),
    until("county_pays", "terminate_subjective", "write_off"),
    tuple(MARKET),
)
FEW, SHORT, LONG = 4, 200, 900  # steps; days ago that an entry with more of them was begun, and one that is carried out
OF_PROJECT = re.compile("“[^”]*”项目|“[^”]*”榜单")  # the title of a project within that of a paper
MOST = Decimal(50)  # 万元: more than that the texts of the demo do not ask for
UNFIT = (LookupError, ValueError, NoResultFound)  # what the texts of the demo raise where they do not suit the edition


@dataclass
class Trial:
    """Tell what came of a trial, in Chinese."""

    states: list[tuple[str, str]] = field(default_factory=list)  # name of a state; number or title of an entry in it
    missing: list[str] = field(default_factory=list)  # names of states that no entry reached
    stopped: list[str] = field(default_factory=list)  # entries that came to a halt, with the reasons
    printed: list[str] = field(default_factory=list)  # names of files
    failed: list[str] = field(default_factory=list)  # papers that could not be printed, with the reason

    @property
    def succeeded(self) -> bool:
        """Return whether every state was reached and every paper printed."""
        return not (self.missing or self.stopped or self.failed)


def try_edition(app: Flask, edition: Edition, folder: Path) -> Trial:
    """Fill the empty database of an application with a trial of an edition, and print its papers into a folder."""
    with app.app_context():
        session, rng, clock, trial = db.session(), Random(1), OfficeClock(), Trial()  # noqa: S311
        policy: Policy = app.extensions["engine"].policy
        with writing(session):
            regions = [region.name for region in policy.city.regions]
            builder = ParticipantBuilder(session, rng, hash_password(DEMO_PASSWORD), policy.city.roles, regions)
            participants = builder.everyone(len(STEPS))
            call = _call(edition, clock.end, participants)
            session.add(call)
        engine = Engine(policy, app.extensions["engine"].site, clock)
        driver = TrialDriver(session, engine, app.extensions["store"], clock, participants.people, rng)
        record_accounts(driver, participants)
        with fast_commits(session), keep_loaded(session):
            for number, (kind, steps) in enumerate(_entries(edition)):
                trial.stopped += _walk(driver, participants, edition, call, kind, number, steps)
                driver.forget_project()
        query = select(Project.state, func.max(func.coalesce(Project.number, Project.title))).group_by(Project.state)
        reached = {state: said for state, said in session.execute(query)}
        for state in policy.life(edition.key).states.values():
            if state.id in reached:
                trial.states.append((state.name, reached[state.id]))
            else:
                trial.missing.append(state.name)
        _print(app, policy, edition, trial, folder)
        return trial


def _entries(edition: Edition) -> Iterator[tuple[str, Steps]]:
    """Yield the kind of every entry and its steps: one kind everywhere, each other kind submitted and matched."""
    first = next((kind for kind in DEMANDS if kind in edition.forms), next(iter(edition.forms)))
    yield from ((first, tuple(shaped(steps, edition))) for steps in STEPS)
    if edition.midterm:
        begun = shaped(until("report"), edition)
        yield first, (*begun, "request_midterm")
        yield first, (*begun, "request_midterm", "examine_midterm", "pass_midterm")
    yield from ((kind, steps) for kind in edition.forms if kind != first for steps in (("submit",), tuple(MARKET)))


def _call(edition: Edition, end: datetime, participants: Participants) -> Call:
    opens = end - timedelta(days=2 * LONG)
    return Call(
        code="SB",
        title=f"{edition.title}（试办）",
        edition=edition.name,
        kinds=list(edition.forms),
        opens_at=opens,
        closes_at=end + timedelta(days=365),
        published_at=opens,
        created_by_id=participants.people.offices["science"],
    )


def _amounts(edition: Edition) -> tuple[Decimal, Decimal]:
    """Return an investment and a subsidy in 万元 that the edition allows and for which the demo has texts."""
    total = max(edition.investment_minimum.value, Decimal(100)) * 2
    parts = edition.match_ratio.value + edition.county_ratio.value + 1
    most: Decimal = min(
        total * edition.subsidy_ratio.value, edition.subsidy_maximum.value, total / max(parts, Decimal(5))
    )
    return total, Decimal(max(1, int(min(most, MOST))))


def _walk(
    driver: TrialDriver,
    participants: Participants,
    edition: Edition,
    call: Call,
    kind: str,
    number: int,
    steps: Steps,
) -> list[str]:
    """Take one entry through its steps; return why it came to a halt, if it did."""
    issuers, bidders = _organisations(driver, participants, edition, kind)
    if not issuers or not bidders:
        return [f"{KIND_LABELS[kind]}：演示单位里没有能发榜或能揭榜的。"]
    months = min(20, int(edition.term_years.value * 12) - 1)
    plan = Plan(kind, number, issuers[0], [one for one in bidders if one != issuers[0]][:2], None, *_amounts(edition))
    plan.months, plan.words = months, "2024" if kind == "tech_demand" else "2021"
    ago = 3 * len(steps) + 3 if len(steps) < FEW else SHORT if len(steps) < FUNDED.index("conclude") else LONG
    driver.clock.set(driver.clock.end - timedelta(days=ago, minutes=number))
    driver.clock.ready(office=True)
    with driver.writing():
        project = create_entry(driver.caller(driver.member(plan.issuer)), driver.session.get_one(Call, call.id), kind)
    walk, driver.doing = TrialWalk(driver, project, plan), ""
    try:
        walk.write_form()
        walk.go(steps, 1, 2)
    except (Refusal, *UNFIT) as error:
        driver.session.rollback()
        policy, row = driver.engine.policy, walk.project
        action = policy.actions.get(driver.doing)
        doing = f"办理{quoted(action.name)}时" if action else ""
        why = str(error) if isinstance(error, Refusal) else f"示例数据不适用（{type(error).__name__}：{error}）"
        return [f"{KIND_LABELS[kind]} {row.number or ''}停在{quoted(policy.states[row.state].name)}，{doing}：{why}"]
    return []


def _organisations(
    driver: TrialDriver, participants: Participants, edition: Edition, kind: str
) -> tuple[list[int], list[int]]:
    """Return who may post an entry of that kind now, those without an unfinished one first, and who may bid for it."""
    session, local = driver.session, participants.people.counties
    barred = set(session.scalars(select(Restriction.organisation_id)))
    busy = set(session.scalars(select(Project.issuer_id).where(Project.state.in_(UNFINISHED))))
    free = [one for one in session.scalars(select(Organisation).order_by(Organisation.id)) if one.id not in barred]
    issuers = [one.id for one in free if one.kind in edition.issuer_kinds[kind] and one.region in local]
    allowed = edition.bidder_kinds or ("高校", "科研院所", "新型研发机构")
    bidders = [one.id for one in free if one.kind in allowed and one.id not in busy]
    return sorted(issuers, key=lambda one: one in busy), bidders


def _print(app: Flask, policy: Policy, edition: Edition, trial: Trial, folder: Path) -> None:
    """Render every blank form of the edition, and of the issued papers the newest of each kind."""
    for kind, form in {**edition.forms, **edition.documents}.items():
        name = f"空白 {form.title}{form.subtitle}"
        _keep(trial, folder, name, lambda kind=kind: print_form(policy, kind, edition.key, None))
    rows = db.session.execute(select(Paper.id, Paper.name, Paper.title).order_by(Paper.id))
    newest = {(name, OF_PROJECT.sub("", title)): number for number, name, title in rows}
    for number in sorted(newest.values()):
        paper = db.session.get_one(Paper, number)
        _keep(trial, folder, paper.title, lambda paper=paper: render_and_store(app, db.session(), paper))


def _keep(trial: Trial, folder: Path, name: str, pdf: Any) -> None:
    path = folder / f"{len(trial.printed) + 1:02} {name.replace('/', '／')}.pdf"
    try:
        path.write_bytes(pdf())
        trial.printed.append(path.name)
    except Exception as error:  # whatever it is, the next paper is tried
        trial.failed.append(f"{name}：{error or type(error).__name__}")
