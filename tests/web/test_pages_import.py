"""The import of past projects (导入): a county's table, checked line by line, signed by both offices, in whole or not at all."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from xtbang.actions import audit
from xtbang.background import work_off
from xtbang.models import Event, LedgerEntry, Organisation, Project, ProjectImport
from xtbang.queries.ledger import balances
from xtbang.rules.money import wan
from xtbang.rules.uscc import make
from xtbang.workflow import imports

Enter = Callable[[str], FlaskClient]
Row = dict[str, Any]
PAID = {
    "市级第1期金额（万元）": "20", "市级第1期日期": "2022-03-01", "市级第1期凭证号": "SZ-001",
}  # fmt: skip
REST = {
    "市级第2期金额（万元）": "20", "市级第2期日期": "2024.1.8", "市级第2期凭证号": "SZ-002",
    "县级第1期金额（万元）": "20", "县级第1期日期": "2022年3月15日", "县级第1期凭证号": "XZ-001",
    "县级第2期金额（万元）": "20", "县级第2期日期": "20240120", "县级第2期凭证号": "XZ-002",
}  # fmt: skip
LINE: Row = {
    "项目编号": "潭科揭榜2021-01", "项目名称": "高强韧合金制备", "项目类别": "技术需求", "技术领域": "先进装备制造",
    "县市区（园区）": "雨湖区", "发榜方": "湘潭旧厂有限公司", "发榜方统一社会信用代码": make("51"),
    "揭榜方": "旧大学", "揭榜方统一社会信用代码": make("52"), "科研投入总额（万元）": "200",
    "市级补助资金（万元）": "40", "县市区（园区）补助资金（万元）": "40", "实施开始日期": "2022-01-01",
    "实施结束日期": "2023-12-31", "项目状态": "办结", "办结或终止日期": "2024-02-01",
} | PAID | REST  # fmt: skip
RUNNING = dict.fromkeys(REST, "") | {
    "项目编号": "潭科揭榜2021-02", "项目状态": "实施", "办结或终止日期": "", "实施结束日期": "2025-06-30", "市级第1期凭证号": "SZ-003",
}  # fmt: skip
ENDED = dict.fromkeys(REST, "") | {
    "项目编号": "潭科揭榜2021-03", "项目状态": "已终止", "市级第1期凭证号": "SZ-004", "市级追回金额（万元）": "5",
    "市级追回日期": "2024-02-03", "市级追回凭证号": "SZH-1",
}  # fmt: skip


def sheet(heads: Sequence[str], rows: Sequence[Row]) -> bytes:
    """A spreadsheet with these heads and rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(heads))
    for row in rows:
        page.append([row.get(head.rstrip("*"), "") for head in heads])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def heads_of(client: FlaskClient) -> list[str]:
    """The heads of the template of 2024."""
    answer = client.get("/imports/template/2024")
    first = load_workbook(BytesIO(answer.data)).worksheets[0]
    return [str(cell.value) for cell in first[1]]


def send(client: FlaskClient, content: bytes, **values: str) -> Any:
    data: dict[str, Any] = {"year": "2021", "edition": "2024", "table": (BytesIO(content), "雨湖区历年.xlsx")} | values
    return client.post("/imports/new", data=data, content_type="multipart/form-data")


def faults(text: str) -> list[tuple[str, str, str]]:
    """Line, column and sentence of everything that the page says against a table."""
    cells = re.findall(
        r'data-label="行">(.*?)</td>\s*<td data-label="列">(.*?)</td>\s*<td data-label="问题">(.*?)</td>', text
    )
    return [(line, column, said) for line, column, said in cells]


def projects(factory: SiteProjectFactory) -> list[Project]:
    factory.session.rollback()
    query = select(Project).where(Project.import_id.is_not(None)).order_by(Project.import_id, Project.import_line)
    return list(factory.session.scalars(query.execution_options(populate_existing=True)))


@pytest.fixture
def bring_in(factory: SiteProjectFactory, enter: Enter) -> Callable[..., list[Project]]:
    """Hand a table in, and sign it."""

    def do(*rows: Row) -> list[Project]:
        science = enter("science")
        answer = send(science, sheet(heads_of(science), rows))
        assert answer.status_code == 302, faults(answer.text)
        enter("industry").post(f"{answer.location}/sign")
        return projects(factory)

    return do


def test_past_projects_come_in_with_their_money_their_events_and_the_names_of_both_offices(
    factory: SiteProjectFactory, enter: Enter, bring_in: Callable[..., list[Project]]
) -> None:
    bring_in(LINE | {"发榜方已付揭榜方（万元）": "80", "发榜方最后付款日期": "2022/2/1"}, LINE | RUNNING, LINE | ENDED)
    closed, running, ended = projects(factory)
    assert [row.state for row in (closed, running, ended)] == ["closed", "execution", "terminated"]
    assert balances(factory.session, closed.id).paid == {"city": 400_000, "county": 400_000}
    assert balances(factory.session, closed.id).issuer_paid == 800_000
    assert balances(factory.session, running.id).paid == {"city": 200_000, "county": 0}
    assert balances(factory.session, ended.id).recovered == {"city": Decimal(50_000)}
    signed, event = factory.session.scalars(
        select(Event).where(Event.project_id == closed.id).order_by(Event.sequence)
    ).all()
    assert (signed.outcome, signed.actor_name) == ("signed", factory.people["science"].name)
    assert audit.broken([signed, event]) == []
    assert (event.trigger, event.outcome, event.to_state, event.actor_name) == (
        "import_project", "moved", "closed", factory.people["industry"].name
    )  # fmt: skip
    assert event.data["payments"][1]["dated"] == "2024-01-08"
    page = enter("science").get(f"/projects/{running.id}").text
    assert "由第 1 号导入" in page
    assert "第 3 行" in page
    for who in ("science", "industry", "leader", "finance", "county", "auditor"):
        for project in (closed, running, ended):
            assert enter(who).get(f"/projects/{project.id}").status_code in (200, 404)
    assert "已导入" in enter("county").get("/imports/1").text


FAULTS: dict[str, tuple[Row, str, str]] = {  # what is wrong → the cells, the column, part of the sentence
    "a code with a slip": ({"发榜方统一社会信用代码": make("51")[:-1] + "0"}, "发榜方统一社会信用代码", "校验码不符"),
    "a day that may be two": ({"实施开始日期": "3/4/2022"}, "实施开始日期", "日期"),
    "an amount that may be two": ({"科研投入总额（万元）": "1,20"}, "科研投入总额", "1,20"),
    "a state that there is not": ({"项目状态": "完成"}, "项目状态", "选项"),
    "nothing where something must be": ({"项目名称": ""}, "项目名称", "尚未填写"),
    "half a payment": ({"市级第1期凭证号": ""}, "市级第1期凭证号", "填齐"),
    "a second instalment without the first": (dict.fromkeys(PAID, ""), "拨付和追回", "第 1 期起"),
    "more paid than granted": ({"市级第2期金额（万元）": "20.01"}, "市级补助资金", "超过补助"),
    "closed with less than granted": ({"市级第2期金额（万元）": "19.99"}, "项目状态", "全部拨付"),
    "ended before it began": ({"实施结束日期": "2021-12-31"}, "实施结束日期", "晚于开始"),
    "a day to come": ({"市级第2期日期": "2031-01-01"}, "市级第2期日期", "晚于今天"),
    "a sum without its day": ({"发榜方已付揭榜方（万元）": "80"}, "发榜方最后付款日期", "填齐"),
    "both parties one": ({"揭榜方统一社会信用代码": make("51")}, "揭榜方统一社会信用代码", "同一个单位"),
    "a registered code under another name": ({"发榜方统一社会信用代码": make("1")}, "发榜方", "登记的单位是"),
}


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_every_fault_is_told_with_its_line_and_column_and_nothing_is_stored(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    science = enter("science")
    rows = [LINE | {"项目编号": f"N-{place}"} | cells for place, (cells, _column, _said) in enumerate(FAULTS.values())]
    for place, row in enumerate(rows):  # numbers of payments are each its own
        for key in [head for head in row if "凭证号" in head and row[head]]:
            row[key] = f"{row[key]}-{place}"
    told = faults(send(science, sheet(heads_of(science), [*rows, rows[0] | {"项目名称": "又一个"}])).text)
    for line, (what, (_cells, column, said)) in enumerate(FAULTS.items(), start=2):
        assert any((str(line), column or "—") == fault[:2] and said in fault[2] for fault in told), (what, told)
    assert any("第 2 行" in said for line, _column, said in told if line == str(len(rows) + 2))
    assert projects(factory) == []
    assert factory.session.scalar(select(func.count(ProjectImport.id))) == 0


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_heads_are_found_wherever_they_stand_and_what_is_no_column_is_told(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    science = enter("science")
    heads = heads_of(science)
    assert "没有找到表头" in send(science, sheet(["甲", "乙"], [])).text
    told = faults(send(science, sheet([head for head in heads if head != "项目名称*"] + ["备注"], [LINE])).text)
    assert ("1", "备注", "模板没有这一列，请删去，或者改成模板的列名。") in told
    assert ("1", "项目名称", "缺少这一列。") in told
    in_yuan = ["科研投入总额（元）" if head.startswith("科研投入") else head for head in heads[::-1]]
    content = sheet(in_yuan, [LINE | {"科研投入总额（元）": "2,000,000.00"}])
    assert send(science, content).status_code == 302
    row = factory.session.scalars(select(ProjectImport)).one()
    assert row.lines[0]["values"]["total"] == "200"
    assert "已经导入，或者正在等待会签" in send(science, content).text


def test_one_line_that_does_not_hold_any_more_keeps_the_whole_table_out(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    science, industry = enter("science"), enter("industry")
    heads = heads_of(science)
    first = send(science, sheet(heads, [LINE, LINE | RUNNING])).location
    second = send(science, sheet(heads, [LINE | ENDED, LINE | {"项目名称": "同一编号"}])).location
    science.post(f"{first}/sign")
    assert projects(factory) == []  # who handed it in does not sign for the other office
    industry.post(f"{first}/sign")
    assert len(projects(factory)) == 2
    industry.post(f"{second}/sign")
    assert len(projects(factory)) == 2
    page = science.get(second).text
    assert "第 3 行：项目编号 潭科揭榜2021-01 已用于" in page
    assert factory.session.scalar(select(func.count(Project.id)).where(Project.state == "draft")) == 0


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_refused_reason_against_an_import_stands_in_its_box(factory: SiteProjectFactory, enter: Enter) -> None:
    science, industry = enter("science"), enter("industry")
    page = send(science, sheet(heads_of(science), [LINE])).location
    refused = industry.post(f"{page}/drop", data={"reason": "抄错" * 200})
    assert refused.status_code == 422 and f'value="{"抄错" * 200}"' in refused.text and "共 400 个字符" in refused.text
    assert "请写明不予会签或者撤回的理由" in industry.post(f"{page}/drop", data={"reason": " "}).text
    assert industry.post(f"{page}/drop", data={"reason": "金额抄错"}).status_code == 302
    assert "金额抄错" in science.get(page).text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_wrong_import_is_revoked_its_lines_are_reversed_and_it_comes_in_again(
    factory: SiteProjectFactory, enter: Enter, bring_in: Callable[..., list[Project]]
) -> None:
    (project,) = bring_in(LINE)
    reason = {"reason": "金额抄错"}
    for who in ("science", "industry"):
        factory.perform(project, "revoke_import", who, reason)
    assert (project.state, balances(factory.session, project.id).paid) == ("withdrawn", {"city": 0, "county": 0})
    again = bring_in(LINE | {"项目名称": "金额改正"})[-1]
    assert (again.number, again.state) == (LINE["项目编号"], "closed")
    lines = factory.session.scalar(select(func.count(LedgerEntry.id)).where(LedgerEntry.project_id == project.id))
    assert lines == 8  # four, each with its reversal
    running = bring_in(LINE | RUNNING)[-1]
    factory.perform(running, "record_check", "science", {"dated": "2024-08-01", "favourable": "normal", "text": "正常"})
    assert "已经办理“登记跟踪检查”" in factory.blocked(running, "revoke_import", "science", reason)["import.used"]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_running_project_that_came_in_goes_on_to_its_last_payment(
    factory: SiteProjectFactory, bring_in: Callable[..., list[Project]]
) -> None:
    issuer, bidder = (factory.people[who].organisation for who in ("issuer", "bidder"))
    assert issuer
    assert bidder
    parties = {"发榜方": issuer.name, "发榜方统一社会信用代码": issuer.uscc, "县市区（园区）": issuer.region}
    parties |= {"揭榜方": bidder.name, "揭榜方统一社会信用代码": bidder.uscc}
    (project,) = bring_in(LINE | RUNNING | parties)
    later.county_pays(factory, project, "1", "20")
    for row in later.reports_of(factory, project):  # none is asked for from before it came in
        assert row.due_on >= factory.now.date()
        factory.at(f"{row.due_on} 09:00")
        later.report(factory, project, row)
    later.fill_acceptance(factory, project)
    later.request(factory, project)
    factory.concluded(project, "acceptance", (2, 1, 0))
    factory.both(project, "pass_acceptance", {"reason": "达到考核要求"})
    later.matched(factory, project, "20")
    later.pay(factory, project, "disburse_final", "20")
    assert project.state == "closed"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_payment_that_came_in_is_amended_and_reversed_as_any_other(
    factory: SiteProjectFactory, bring_in: Callable[..., list[Project]]
) -> None:
    (project,) = bring_in(LINE | RUNNING)
    rows = select(LedgerEntry).where(LedgerEntry.project_id == project.id, LedgerEntry.source == "city")

    def line() -> LedgerEntry:
        """The first instalment as it stands."""
        return factory.session.scalars(rows.order_by(LedgerEntry.id.desc()).limit(1)).one()

    before, why = line(), {"reason": "导入时抄错。"}
    said = {"line": str(before.id), "note": "SZ-改", "dated": before.dated.isoformat(), "amount": wan(before.amount)}
    factory.perform(project, "amend_line", "finance", said | why)
    factory.perform(project, "amend_line", "science")
    assert (line().note, balances(factory.session, project.id).paid["city"]) == ("SZ-改", before.amount)
    back = {"line": str(line().id), "cause": "returned", "dated": factory.now.date().isoformat()}
    factory.perform(project, "reverse_line", "finance", back | why)
    factory.perform(project, "reverse_line", "science")
    assert (project.state, balances(factory.session, project.id).paid["city"]) == ("first_payment", 0)
    assert later.paper(factory, project, "correction").data["changes"][-1]["new"] == "首拨"


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_large_table_comes_in_by_the_worker(app: Flask, factory: SiteProjectFactory, enter: Enter) -> None:
    science = enter("science")
    rows = [LINE | RUNNING | {"项目编号": f"2021-{number}", "市级第1期凭证号": f"SZ-{number}"} for number in range(21)]
    page = send(science, sheet(heads_of(science), rows)).location
    enter("industry").post(f"{page}/sign")
    assert "正在导入" in science.get(page).text
    assert projects(factory) == []
    work_off(app)
    assert len(projects(factory)) == 21
    assert "已导入" in science.get(page).text
    assert factory.session.scalar(select(func.count(Organisation.id)).where(Organisation.uscc == make("51"))) == 1


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_would_hold_up_others_by_day_comes_in_at_night(
    app: Flask, factory: SiteProjectFactory, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BY_DAY", 20)
    science = enter("science")
    rows = [LINE | RUNNING | {"项目编号": f"2021-{number}", "市级第1期凭证号": f"SZ-{number}"} for number in range(21)]
    page = send(science, sheet(heads_of(science), rows)).location
    enter("industry").post(f"{page}/sign")
    tomorrow = factory.now + timedelta(days=1)
    assert f"{tomorrow.year}年{tomorrow.month}月{tomorrow.day}日 01:00起在后台导入" in science.get(page).text
    work_off(app)
    assert projects(factory) == []
    factory.at(f"{tomorrow:%Y-%m-%d} 01:00")
    work_off(app)
    assert len(projects(factory)) == 21
    link = re.search(r'href="(/batches/new\?[^"]*import_id=[^"]*)"', science.get(page).text)
    assert link and "可以办理的 21 项" in science.get(link[1].replace("&amp;", "&")).text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_what_was_paid_to_an_imported_project_is_claimed_back_for_a_fraud_found_since(
    factory: SiteProjectFactory, bring_in: Callable[..., list[Project]]
) -> None:
    (project,) = bring_in(LINE)
    over = project.closed_at
    factory.later(days=1)
    later.to_reclaim(factory, project, "issuer")
    factory.both(project, "reclaim", later.RECLAIM)
    assert (project.state, project.completed_at) == ("termination", over)
    due = balances(factory.session, project.id).due
    assert {source: wan(amount) for source, amount in due.items()} == {"city": "40", "county": "40"}
