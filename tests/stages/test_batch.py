"""One deed for many projects: n deeds of the engine, no more and no less, and what became of each."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from xtbang.actions.registry import EFFECTS
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import Batch, BatchItem, Event, Job, LedgerEntry, Mail, Paper, Person, Project, StoredFile
from xtbang.queries.batches import left_of
from xtbang.workflow.batch import AT_ONCE, MOST, Wanted, cancel, perform_many, start

Rows = dict[str, list[dict[str, Any]]]
BACK = {"reason": "请补充指标", "correct_by": "2024-09-09"}
OF_ITSELF = {"request_key", "previous", "digest"}


def entries(factory: ProjectFactory) -> list[Project]:
    """Three that were handed in, under two editions, by three units."""
    made = [("tech_demand", "2024", "issuer"), ("tech_supply", "2021", "rival"), ("tech_supply", "2021", "bidder")]
    return [factory.submitted(kind=kind, edition=edition, who=who) for kind, edition, who in made]


def checklists(factory: ProjectFactory) -> list[str]:
    return [line for edition in ("2021", "2024") for line in factory.engine.policy.edition(edition).checklist]


def begin(
    factory: ProjectFactory,
    trigger: str,
    who: str,
    projects: Sequence[Project],
    data: dict[str, Any] | None = None,
    own: Callable[[Project], dict[str, Any]] = lambda project: {},
    key: str = "batch-key",
) -> int:
    """Start it with the versions as they are now."""
    factory.session.rollback()
    wanted = [Wanted(project.id, project.version, own(project)) for project in projects]
    actor, uploads = factory.actor(who), factory.uploads
    return start(factory.engine, factory.session, actor, trigger, wanted, request_key=key, data=data, uploads=uploads)


def in_one_go(factory: ProjectFactory, *asked: Any, **more: Any) -> list[BatchItem]:
    """Start it, do it, return its items."""
    batch_id = begin(factory, *asked, **more)
    perform_many(factory.engine, factory.session, batch_id)
    return items(factory, batch_id)


def from_one_beginning(factory: ProjectFactory, ids: Sequence[int]) -> Iterator[tuple[bool, list[Project]]]:
    """The same projects twice, as they are now: to be done one by one, then (True) together."""
    database = factory.database
    assert database
    factory.session.rollback()
    begun = database.keep()
    for together in (False, True):
        factory.session.rollback()
        factory.session.expire_all()
        database.put_back(begun)
        yield together, [factory.session.get_one(Project, number) for number in ids]


def items(factory: ProjectFactory, batch_id: int) -> list[BatchItem]:
    factory.session.rollback()
    query = select(BatchItem).where(BatchItem.batch_id == batch_id).order_by(BatchItem.place)
    return list(factory.session.scalars(query.execution_options(populate_existing=True)))


def written(factory: ProjectFactory) -> Rows:
    """Everything that deeds write, row by row, but for what is a batch's own."""
    factory.session.rollback()
    factory.session.expire_all()
    found: Rows = {}
    for model in (Project, Event, LedgerEntry, Mail, Paper, StoredFile):
        rows = factory.session.scalars(select(model).order_by(model.id)).unique().all()
        found[model.__tablename__] = [
            {
                name: getattr(row, name)
                for name in (column.key for column in model.__table__.columns)
                if name not in OF_ITSELF and not (model is not Project and name in ("id", "event_id", "file_id"))
            }
            for row in rows
            if not (isinstance(row, Event) and row.stream.startswith("batch:"))
        ]
    return found


def own(factory: ProjectFactory, project: Project, data: dict[str, Any]) -> dict[str, Any]:
    """What is filled in for one project alone: of the lines those of its edition."""
    lines = factory.engine.policy.edition(project.edition).checklist
    return data | ({"checklist": [line for line in data["checklist"] if line in lines]} if "checklist" in data else {})


def one_by_one(
    factory: ProjectFactory, trigger: str, deeds: Sequence[tuple[Project, dict[str, Any]]], who: str = "science"
) -> list[list[str]]:
    """Do each of them singly; the reasons against each."""
    found = []
    for project, data in deeds:
        try:
            factory.perform(project, trigger, who, data)
            found.append([])
        except Blocked as blocked:
            found.append([str(reason) for reason in blocked.reasons])
    return found


def test_a_batch_of_n_is_n_deeds(factory: ProjectFactory) -> None:
    database = factory.database
    assert database
    ids = [project.id for project in entries(factory)]
    factory.session.rollback()
    begun = database.keep()

    @settings(max_examples=6)
    @given(
        order=st.permutations(ids),
        number=st.integers(1, 3),
        trigger=st.sampled_from(["accept", "send_back"]),
        missing=st.booleans(),
    )
    def holds(order: list[int], number: int, trigger: str, missing: bool) -> None:
        lines = checklists(factory)[1 if missing else 0 :]
        data = {"accept": {"checklist": lines, "scan_looked_at": True}, "send_back": BACK}[trigger]
        answers = []
        for together in (False, True):
            factory.session.rollback()
            factory.session.expire_all()
            database.put_back(begun)
            chosen = [factory.session.get_one(Project, project_id) for project_id in order[:number]]
            if together:
                reasons = [item.reasons for item in in_one_go(factory, trigger, "science", chosen, data)]
            else:
                reasons = one_by_one(factory, trigger, [(project, own(factory, project, data)) for project in chosen])
            answers.append((reasons, written(factory)))
        assert answers[0] == answers[1]

    holds()


def test_payments_of_a_batch_are_those_of_single_deeds_to_the_cent(factory: ProjectFactory) -> None:
    assert factory.database
    project = later.approved(factory, later.ready(factory))
    factory.session.rollback()
    begun = factory.database.keep()
    paid = {"amount": "20", "note": "沪农银202411200001"}
    factory.perform(project, "disburse_first", "finance", paid | {"paid_on": "2024-11-20"})
    single = written(factory)
    factory.session.expire_all()
    factory.session.rollback()
    factory.database.put_back(begun)
    project = factory.session.get_one(Project, project.id)
    [item] = in_one_go(factory, "disburse_first", "finance", [project], {"paid_on": "2024-11-20"}, lambda _: paid)
    assert (item.status, item.outcome) == ("done", "moved")
    assert written(factory) == single


def test_the_first_office_signs_all_and_the_second_moves_them(factory: ProjectFactory) -> None:
    three = entries(factory)
    lines = checklists(factory)
    in_one_go(factory, "accept", "science", three, {"checklist": lines, "scan_looked_at": True}, key="accepted")
    signed = in_one_go(factory, "list_regular", "science", three, key="first")
    assert [item.outcome for item in signed] == ["signed"] * 3
    moved = in_one_go(factory, "list_regular", "industry", three, key="second")
    assert [item.outcome for item in moved] == ["moved"] * 3


def test_what_changed_meanwhile_is_to_be_repeated_and_what_broke_too(
    factory: ProjectFactory, monkeypatch: pytest.MonkeyPatch, unanswered: list[str]
) -> None:
    first, second, third = entries(factory)
    batch_id = begin(factory, "send_back", "science", [first, second, third], BACK)
    factory.perform(first, "send_back", "science", BACK)
    factory.perform(first, "submit", "issuer")
    plain = EFFECTS["send_back"]

    def breaks(context: Any) -> None:
        if context.project.id == second.id:
            raise ZeroDivisionError
        plain(context)

    with monkeypatch.context() as patched:
        patched.setitem(EFFECTS, "send_back", breaks)
        perform_many(factory.engine, factory.session, batch_id)
    states = [item.status for item in items(factory, batch_id)]
    assert states == ["again", "again", "done"]
    assert "以后又有变化" in items(factory, batch_id)[0].reasons[0]
    assert unanswered.pop().split(":")[0] in items(factory, batch_id)[1].reasons[0]


def test_an_interrupted_batch_goes_on_and_does_nothing_twice(
    factory: ProjectFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    three = entries(factory)
    batch_id = begin(factory, "send_back", "science", three, BACK)
    factory.engine.perform(  # as if the process had ended before it could note the outcome
        factory.session, three[0].id, "send_back", factory.actor("science"), BACK, request_key=f"batch:{batch_id}:{three[0].id}"
    )  # fmt: skip
    for _time in range(2):
        perform_many(factory.engine, factory.session, batch_id)
    assert [item.outcome for item in items(factory, batch_id)] == ["repeated", "moved", "moved"]
    returned = select(Event).where(Event.trigger == "send_back")
    assert len(factory.session.scalars(returned).all()) == 3
    assert begin(factory, "send_back", "science", three, BACK) == batch_id
    with pytest.raises(Forbidden):
        begin(factory, "send_back", "science2", three, BACK)


def test_a_batch_that_is_cancelled_stops_before_the_next_project(factory: ProjectFactory) -> None:
    batch_id = begin(factory, "send_back", "science", entries(factory), BACK)
    for who in ("industry", "auditor"):
        with pytest.raises(NotFound):
            cancel(factory.caller(who), batch_id)

    def stop(done: int, _total: int) -> None:
        if done == 1:
            assert cancel(factory.caller("science2"), batch_id)

    perform_many(factory.engine, factory.session, batch_id, stop)
    assert [item.status for item in items(factory, batch_id)] == ["done", "waiting", "waiting"]
    assert not cancel(factory.caller("science"), batch_id)


def test_who_may_no_longer_leaves_the_rest_to_a_colleague(factory: ProjectFactory) -> None:
    first, second, _third = entries(factory)
    batch_id = begin(factory, "send_back", "science", [first, second], BACK)

    def moved(done: int, _total: int) -> None:
        if done == 1:
            with factory.writing() as session:
                session.get_one(Person, factory.people["science"].id).roles.clear()

    perform_many(factory.engine, factory.session, batch_id, moved)
    perform_many(factory.engine, factory.session, batch_id)
    assert [item.status for item in items(factory, batch_id)] == ["done", "again"]
    assert left_of(factory.caller("science2"), batch_id) == [second.id]


def test_more_than_twenty_wait_for_the_worker(factory: ProjectFactory) -> None:
    project = factory.submitted()
    with factory.writing() as session:
        numbers = range(AT_ONCE)
        facts = {name: getattr(project, name) for name in ("call_id", "edition", "kind", "issuer_id", "created_by_id")}
        more = [Project(**facts, created_at=factory.now, state_since=factory.now) for _number in numbers]
        session.add_all(more)
    batch_id = begin(factory, "send_back", "science", [project, *more], BACK)
    job = factory.session.scalars(select(Job)).one()
    assert (job.kind, job.key, job.total) == ("batch", str(batch_id), AT_ONCE + 1)
    perform_many(factory.engine, factory.session, batch_id)
    found = items(factory, batch_id)
    assert [item.status for item in found] == ["done"] + ["refused"] * AT_ONCE
    assert found[1].reasons == ["项目现处于“草稿”，“退回修改”只能在“征集”时办理（《办法》第四条）。"]


def test_a_batch_is_of_an_action_for_many_by_whom_it_is_for_and_not_too_long(factory: ProjectFactory) -> None:
    project = factory.submitted()
    for trigger, who in (
        ("withdraw", "issuer"),
        ("send_back", "industry"),
        ("send_back", "issuer"),
        ("none", "science"),
    ):
        with pytest.raises(Forbidden):
            begin(factory, trigger, who, [project], BACK)
    for projects in ([], [project] * (MOST + 1)):
        with pytest.raises(Blocked):
            begin(factory, "send_back", "science", projects, BACK)
    assert factory.session.scalars(select(Batch)).all() == []
