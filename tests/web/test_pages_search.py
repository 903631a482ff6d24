"""Search: what officers and the public find, what they never find, and that the index says what the rows say."""

from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.factories.later import executing, object_to, published
from tests.factories.participants import Person
from tests.factories.site_projects import SiteProjectFactory
from tests.web.counting import counted
from xtbang.actions.search_index import build_search_index
from xtbang.domain.budgets import ask_change
from xtbang.domain.collective_slips import declare_slip
from xtbang.domain.meeting_plans import plan_meeting
from xtbang.enums import RoleName
from xtbang.models import MeetingSeat, Notice, Objection, Project, ProjectImport, SearchEntry
from xtbang.models.writing import writing
from xtbang.people.restriction_acts import ask_act, confirm_act
from xtbang.queries.search_page import PART_OF, PARTS
from xtbang.rules.document_number import number_of

LogIn = Callable[[Person], FlaskClient]
PLAN = {
    "kind": "roadshow",
    "title": "第一场路演",
    "starts_at": "2024-11-20T09:00",
    "place": "三楼报告厅",
    "minutes": 20,
}
NAMES = "id kind row_id project_id part title text folded exact marks".split()


def kinds(browser: FlaskClient, words: str) -> set[str]:
    """The kinds of what is found."""
    answer = browser.get("/search", query_string={"q": words})
    assert answer.status_code == 200
    return {part.split('"')[0] for part in answer.text.split('id="found-')[1:]}


def entries(session: Session) -> list[Any]:
    """The whole index, its terms included."""
    session.rollback()
    shown = session.execute(select(*(getattr(SearchEntry, name) for name in NAMES)).order_by(SearchEntry.id)).all()
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'search_term', 'row')"))
        terms = session.execute(text("SELECT term, doc FROM temp.words ORDER BY term")).all()
        session.execute(text("DROP TABLE temp.words"))
    else:
        terms = session.execute(text("SELECT id, terms::text FROM search_entry ORDER BY id")).all()
    session.rollback()
    return [*shown, *terms]


def test_the_index_kept_with_every_deed_is_the_one_built_anew(factory: SiteProjectFactory, session: Session) -> None:
    other = factory.submitted(title="退回的项目")
    factory.perform(other, "send_back", "science", {"reason": "请补正", "correct_by": "2024-09-09"})
    executing(factory)
    kept = entries(session)
    assert len({row[1] for row in kept if len(row) == len(NAMES)}) > 10
    stands = {(row.kind, row.part) for row in kept if len(row) == len(NAMES) and row.kind in PART_OF}
    assert stands <= set(PART_OF.items())
    build_search_index(session)
    assert entries(session) == kept


def test_words_and_another_filter_find_what_both_find(
    factory: SiteProjectFactory, login: LogIn, client: FlaskClient, session: Session
) -> None:
    other = factory.submitted(title="伺服电机二")
    one = factory.listed(title="伺服电机一")
    with writing(session):
        changed = session.get_one(Project, other.id)
        changed.agency_id = factory.people["agency"].organisation_id
        changed.listed_at = session.get_one(Project, one.id).listed_at
        changed.region, changed.state, changed.subsidy_city, changed.track = (
            "岳塘区",
            "publicity",
            Decimal(40),
            "funded",
        )
    kept = entries(session)
    build_search_index(session)
    assert entries(session) == kept, "what is found of a project follows its region"
    session.rollback()
    numbers = {project.id: project.number or "" for project in (one, other)}
    for who, address, finds in (
        ("science", "/projects?q=电机", {one.id, other.id}),
        ("agency", "/projects?q=电机 伺服", {other.id}),
        ("agency", "/projects?q=电梯", set()),
        ("science", f"/projects?q=电机&state={one.state}", {one.id}),
        ("science", "/projects?q=电机&region=岳塘区", {other.id}),
        ("science", f"/projects?q=电机&kind={one.kind}&call={one.call_id}", {one.id, other.id}),
        ("science", "/projects?q=电机&call=99", set()),
        ("science", "/finance/projects?q=电机&region=岳塘区", {other.id}),
        ("finance", "/projects?q=电机", {other.id}),
        ("finance", "/search?q=电机&kind=project", {other.id}),
        ("county", "/search?q=电机&kind=project", {one.id}),
        ("county", "/projects?q=电机", {one.id}),
        ("", "/lists?q=电机&region=岳塘区", {other.id}),
        ("", f"/lists?q=电机&state={one.state}&year=2024", {one.id}),
        ("", "/lists?q=电机&year=2023", set()),
        ("", "/board?q=电机&state=publicity", {other.id}),
    ):
        page = (login(factory.people[who]) if who else client).get(address).text
        assert {key for key, number in numbers.items() if number in page} == finds, (who, address)


def test_what_is_not_committed_is_not_found(factory: SiteProjectFactory, session: Session) -> None:
    project = factory.listed()
    kept = entries(session)
    with pytest.raises(ZeroDivisionError), writing(session):
        session.get_one(Project, project.id).title = "没有写成的名称"
        session.flush()
        raise ZeroDivisionError
    assert entries(session) == kept
    with writing(session):
        session.get_one(Project, project.id).title = "更改后的名称"
    assert entries(session) != kept


def test_every_part_and_any_order_of_words(factory: SiteProjectFactory, login: LogIn, client: FlaskClient) -> None:
    factory.submitted(title="退火炉余热利用")
    project = factory.listed(title="Ｓ型高精密伺服电机（二期）")
    science, number = login(factory.people["science"]), project.number or ""
    title = project.title
    parts = {title[at : at + size] for size in range(1, len(title) + 1) for at in range(0, len(title), 3)}
    searches = {*parts, "电机 高精", "s型高精密", "(二期) 湘潭", f"电机 {number[-4:]}", number.lower(), f"{number} 机"}
    for words in sorted(part for part in searches if part.strip()):
        for path in ("/search", "/projects", "/lists"):
            browser = client if path == "/lists" else science
            found = browser.get(path, query_string={"q": words}).text
            assert number in found.replace("<mark>", "").replace("</mark>", ""), (path, words)
    for words in ("伺服 余热", "机电", "电机（三期）", "%", "电机_", "电机%"):
        assert not kinds(science, words), words
        for path, browser in (("/projects", science), ("/lists", client)):
            assert number not in browser.get(path, query_string={"q": words}).text, (path, words)
    marked = science.get("/search", query_string={"q": "电机"}).text
    assert "高精密伺服<mark>电机</mark>" in marked


def test_who_finds_what(factory: SiteProjectFactory, login: LogIn, session: Session) -> None:
    project = executing(factory)
    said = {
        entry.kind: entry for entry in session.scalars(select(SearchEntry).where(SearchEntry.project_id == project.id))
    }
    expert = said["panel"].text.splitlines()[0]
    number, receipt_file = (
        session.scalars(
            select(SearchEntry.text).where(SearchEntry.kind == "voucher", SearchEntry.part == part).limit(1)
        ).one()
        for part in ("vouchers", "voucher_files")
    )
    receipt = said["line"].exact.upper()
    asked = {  # words → kind, and who finds it
        (project.number or "", "project"): "science industry leader auditor finance county",
        (project.issuer.uscc, "project"): "science industry leader auditor finance county",
        ("潭财教〔2024〕88号", "funding"): "science industry leader auditor finance county",
        (receipt, "line"): "science industry leader auditor finance county",
        (number, "voucher"): "science industry leader auditor finance county",
        (receipt_file, "voucher"): "science industry leader auditor finance",
        (expert, "panel"): "science industry leader auditor",
        ("13800000000", "form"): "science industry leader auditor finance county",
        (project.issuer.name, "organisation"): "science admin",
        (factory.people["issuer"].email, "organisation"): "science admin",
        (expert, "person"): "admin",
    }
    session.rollback()
    for (words, kind), readers in asked.items():
        found = {
            who
            for who in "science industry leader auditor finance county admin".split()
            if kind in kinds(login(factory.people[who]), words)
        }
        assert found == set(readers.split()), (words, kind)
    for who in ("issuer", "bidder", "agency", expert):
        person = factory.people.get(who) or next(p for p in factory.people.values() if p.name == who)
        assert login(person).get("/search?q=XTJB").status_code == 403, who


def test_objections_budgets_and_every_notice_are_found_and_objectors_by_the_bureaus_alone(
    factory: SiteProjectFactory, login: LogIn, session: Session
) -> None:
    project = published(factory)
    object_to(factory, project)
    change = {"kind": "granted", "year": "2024", "amount": "900", "source": "科技专项", "number": "潭财预〔2024〕7号"}
    change |= {"dated": factory.caller("finance").today.isoformat(), "reason": "年度预算"}
    ask_change(factory.caller("finance"), project.call_id, change)
    said = session.scalars(select(Objection)).one()
    notice = session.scalars(select(Notice).where(Notice.number == "", Notice.published_at.is_not(None))).first()
    assert notice
    asked = {
        (said.facts[:8], "objection"): "science industry leader auditor",
        (said.name, "objection"): "science industry",
        (number_of(notice), "notice"): "science industry leader auditor finance county",
        ("潭财预〔2024〕7号", "budget"): "science industry leader auditor finance",
    }
    parts = set(session.scalars(select(SearchEntry.part)))
    assert parts - {""} <= set().union(*(seen for _roles, seen in PARTS)), "a part that nobody finds"
    session.rollback()
    for (words, kind), readers in asked.items():
        everyone = "science industry leader auditor finance county admin".split()
        found = {who for who in everyone if kind in kinds(login(factory.people[who]), words)}
        assert found == set(readers.split()), (words, kind)


def test_meetings_restrictions_imports_and_slips_are_found_by_those_who_open_their_registers(
    factory: SiteProjectFactory, login: LogIn, session: Session
) -> None:
    meeting = plan_meeting(factory.caller("science"), PLAN)
    project = factory.submitted()
    lasts = {"starts_on": "2024-09-02", "ends_on": "2025-09-01"}
    decided = {"uscc": project.issuer.uscc, "reason": "骗取补助", "document": "潭市监处〔2024〕31号"}
    act = ask_act(factory.caller("science"), "restrict", lasts | decided)
    assert act
    confirm_act(factory.caller("industry"), act.id)
    other = {"uscc": factory.organisations["rival"].uscc, "reason": "围标串标", "document": "潭市监处〔2024〕47号"}
    waits = ask_act(factory.caller("science"), "restrict", lasts | other)
    assert waits
    slip = {"direction": "out", "total": "50", "dated": "2024-09-02", "note": "三季度汇总"}
    declare_slip(factory.caller("finance"), slip | {"number": "HZ2024090201"})
    declare_slip(factory.caller("county"), slip | {"number": "XX2024090277"})
    by, at = factory.people["science"].id, factory.caller("science").now
    with writing(session):
        table = {"edition": "2024", "file_name": "岳塘区历年项目.xlsx", "sha256": "0" * 64, "lines": []}
        session.add(ProjectImport(call_id=project.call_id, asked_at=at, asked_by_id=by, **table))
        expert = factory.person("孟祥熙", RoleName.EXPERT)
        session.flush()
        session.add(MeetingSeat(meeting_id=meeting, expert_id=expert.id, kind="技术", invited_at=at))
    kept = entries(session)
    build_search_index(session)
    assert entries(session) == kept
    asked = {
        ("三楼报告厅", "meeting"): "science industry leader auditor",
        ("孟祥熙", "meeting"): "science industry leader auditor",
        ("处〔2024〕31号", "restriction"): "science auditor admin",
        (f"{project.issuer.name} 骗取", "restriction"): "science auditor admin",
        ("串标 处〔2024〕47", "waiting_act"): "science industry auditor admin",
        ("岳塘区历年", "import"): "science industry leader auditor county",
        ("HZ2024090201", "slip"): "finance",
        ("XX2024090277 三季度", "slip"): "county",
    }
    for (words, kind), readers in asked.items():
        everyone = "science industry leader auditor finance county admin".split()
        found = {who for who in everyone if kind in kinds(login(factory.people[who]), words)}
        assert found == set(readers.split()), (words, kind)
        browser = login(factory.people[min(readers.split())])
        page = browser.get("/search", query_string={"q": words, "kind": kind}).text
        address = unescape(page.split("<li data-line")[1].split('<a href="')[1].split('"')[0])
        opened = browser.get(address)
        assert opened.status_code == 200, address
        assert words.split()[0] in opened.text or project.issuer.name in opened.text, address
    confirm_act(factory.caller("industry"), waits.id)
    found = kinds(login(factory.people["science"]), "串标")
    assert "restriction" in found and "waiting_act" not in found


def test_a_sealed_bid_and_a_draft_are_never_found(
    factory: SiteProjectFactory, login: LogIn, client: FlaskClient
) -> None:
    project = factory.listed()
    factory.bid(project, route="独有的回转窑方案")
    factory.draft(title="没有提交的草稿")
    officers = {name: login(factory.people[name]) for name in ("science", "leader", "auditor", "finance", "county")}
    for name, browser in officers.items():
        assert not kinds(browser, "独有的回转窑"), name
        assert "bid" not in kinds(browser, "湘潭大学"), name
        assert not kinds(browser, "没有提交的草稿"), name
    assert "没有提交的草稿" not in client.get("/lists?q=草稿").text
    factory.at("2024-10-29 09:00")
    found = {name for name, browser in officers.items() if "bid" in kinds(browser, "独有的回转窑")}
    assert found == {"science", "leader", "auditor"}


def test_the_public_finds_public_facts_alone(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = published(factory)
    for words, there in (
        (project.title[:4], True),
        (project.issuer.name, True),
        (project.issuer.uscc, False),
        ("13800000000", False),
    ):
        found = project.number in client.get("/lists", query_string={"q": words}).text
        assert found is there, words
    assert client.get("/search?q=电机").status_code == 302


def test_pages_of_one_kind_and_as_many_statements_for_many(
    factory: SiteProjectFactory, app: Flask, login: LogIn
) -> None:
    science = login(factory.people["science"])
    for number in range(3):
        factory.submitted(title=f"回转窑节能之{number}")
    with counted(app) as few:
        assert science.get("/search?q=回转窑").text.count('<span class="found-number">') == 6  # with their forms
    with factory.writing() as session:
        first = session.scalars(select(Project).order_by(Project.id.desc()).limit(1)).one()
        for number in range(30):
            copy = {
                c.key: getattr(first, c.key)
                for c in Project.__table__.columns
                if c.key not in ("id", "number", "form_id")
            }
            session.add(Project(**copy, number=f"XTJB-2024-1{number:03d}"))
    with counted(app) as many:
        page = science.get("/search?q=回转窑").text
    assert "查看全部项目" in page
    assert len(many) == len(few)
    one = science.get("/search?q=回转窑&kind=project").text
    assert one.count("found-number") == 20
    rest = science.get(one.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")).text
    assert rest.count("found-number") == 13
    exact = science.get("/search?q=XTJB-2024-1003").text
    assert "XTJB-2024-1003" in exact.replace("<mark>", "").replace("</mark>", "")
