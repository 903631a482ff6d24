"""Many at once on pages: chosen in a list, checked, done; the result for whoever is of the office, and its rest once more."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from html import unescape
from io import BytesIO
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import later
from tests.factories.records import NOW, RecordFactory
from tests.factories.site_projects import SiteProjectFactory
from tests.support.files import pdf
from tests.web.counting import counted
from xtbang.background import work_off
from xtbang.models import Batch, BatchItem, FundingDocument, LedgerEntry, Panel, Paper, Person, Project
from xtbang.workflow.batch import AT_ONCE

LogIn = Callable[[Person], FlaskClient]
BACK = {"reason": "请补充指标", "correct_by": "2024-09-09"}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_two_entries_are_sent_back_with_one_text_and_the_result_can_be_kept(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    gone = factory.submitted(edition="2021", kind="tech_supply", who="bidder")
    factory.perform(gone, "withdraw", "issuer" if gone.issuer_id == first.issuer_id else "bidder", {"reason": "不做了"})
    science = login(factory.people["science"])
    listed = science.get("/desk?group=accept").text
    assert "本页全选" in listed
    assert "全部符合条件的 2 项" in listed
    address = f"/batches/new?list=desk&group=accept&trigger=send_back&id={first.id}&id={second.id}&id={gone.id}"
    page = science.get(address).text
    assert "不能办理的 1 项" in page
    assert "项目现处于“已撤回”" in page
    take = {"take": [str(first.id), str(second.id)]}
    wrong = science.post(address, data=take | BACK | {"correct_by": ""})
    assert wrong.status_code == 422
    assert "请补充指标" in wrong.text
    past = science.post(address, data=take | BACK | {"correct_by": "2024-09-01"}).text
    assert "修改截止日期须晚于今天" in past
    assert "确认退回修改" not in past
    checked = science.post(address, data=take | BACK).text
    assert "确认退回修改 2 项" in checked
    sent = take | BACK | {name: hidden(checked, name) for name in ("versions", "request_key")} | {"confirmed": "1"}
    done = science.post(address, data=sent)
    assert science.post(address, data=sent).location == done.location
    assert [factory.seen(project)[0] for project in (first, second)] == ["draft", "draft"]
    for name, status in (("science", 200), ("science2", 200), ("auditor", 200), ("industry", 404), ("finance", 404)):
        answer = login(factory.people[name]).get(done.location)
        assert answer.status_code == status, name
        assert status == 404 or "已办理（2 项）" in answer.text
    assert "全部办成" in science.get("/batches").text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_line_of_the_checklist_that_only_some_entries_fulfil_is_not_ticked_and_named_in_the_row(
    factory: SiteProjectFactory, session: Session, login: LogIn
) -> None:
    first, second = (factory.submitted(edition="2021", kind="tech_supply", who=who) for who in ("bidder", "rival"))
    science = login(factory.people["science"])
    address = f"/batches/new?list=projects&trigger=accept&id={first.id}&id={second.id}"
    line = "单位名称、统一社会信用代码与登记一致"
    box = re.compile(rf'value="{line}"[^>]*checked')
    page = science.get(address).text
    assert box.search(page) and "系统未能核对" not in page
    with factory.writing():
        session.merge(second).issuer.name += "（更名）"
    page = science.get(address).text
    assert not box.search(page) and page.count("系统未能核对") == 1
    assert f"系统未能核对：{line}" in page[page.index(second.title) :]
    back = science.post(address, data={"take": str(second.id), "rest": str(first.id), "edit": "1"}).text
    assert re.findall(r'name="take" value="(\d+)"', back) == [str(first.id), str(second.id)], "as they were chosen"


def test_what_changed_meanwhile_is_done_once_more(factory: SiteProjectFactory, session: Session, login: LogIn) -> None:
    project = factory.submitted()
    science = login(factory.people["science"])
    address = f"/batches/new?list=projects&all=1&state={project.state}&trigger=refuse"
    filled = {"take": str(project.id), "rule": "第六条", "reason": "不属于征集范围"}
    checked = science.post(address, data=filled).text
    factory.perform(project, "send_back", "science", BACK)
    factory.perform(project, "submit", "issuer")
    sent = filled | {name: hidden(checked, name) for name in ("versions", "request_key")} | {"confirmed": "1"}
    result = science.get(science.post(address, data=sent).location).text
    assert "以后又有变化" in result
    [again] = re.findall(r'href="([^"]*again=[^"]*)"', result)
    again = again.replace("&amp;", "&")
    page = science.get(again).text
    assert "不属于征集范围" in page
    checked = science.post(again, data=filled).text
    sent = filled | {name: hidden(checked, name) for name in ("versions", "request_key")} | {"confirmed": "1"}
    assert "已办理（1 项）" in science.get(science.post(again, data=sent).location).text
    assert session.scalars(select(Batch.again_of_id).order_by(Batch.id)).all() == [None, 1]


def test_amounts_are_filled_in_for_each_and_a_wrong_one_is_told_in_its_row(
    factory: SiteProjectFactory, session: Session, login: LogIn
) -> None:
    project = later.approved(factory, later.ready(factory))
    finance, name = login(factory.people["finance"]), f"own-{project.id}-"
    address = f"/batches/new?list=projects&trigger=disburse_first&id={project.id}"
    page = finance.get(address).text
    assert f'name="{name}amount"' in page
    assert 'value="20"' in page
    assert f'name="{name}paid_on"' in page
    filled = {"take": str(project.id), f"{name}paid_on": "2024-11-20", f"{name}amount": "20", f"{name}note": ""}
    wrong = finance.post(address, data=filled)
    assert wrong.status_code == 422
    assert f'id="f-{name}note-error"' in wrong.text
    other = finance.post(address, data=filled | {f"{name}note": "202411200001", f"{name}amount": "19"}).text
    assert "不能办理的 1 项" in other and 'name="confirmed"' not in other
    back = {key: hidden(other, key) for key in ("rest", f"{name}note", f"{name}amount")} | {"edit": "1"}
    changed = finance.post(address, data=back).text
    assert "202411200001" in changed and 'value="19"' in changed and "可以办理的 1 项" in changed
    checked = finance.post(address, data=filled | {f"{name}note": "202411200001"}).text
    assert re.search(r"拨付金额合计\D{,80}20\.00", checked)
    wide = finance.post(address, data=filled | {f"{name}note": "202411200001", f"{name}amount": "２０．００"}).text
    assert re.search(r"拨付金额合计\D{,80}20\.00", wide), "as it is understood, not as it was typed"
    sent = filled | {f"{name}note": "202411200001", "confirmed": "1"}
    sent |= {key: hidden(checked, key) for key in ("versions", "request_key")}
    result = finance.post(address, data=sent).location
    page = finance.get(result).text
    assert "已办理（1 项）" in page and 'data-label="金额">20.00<' in page, "what was paid, not the whole subsidy"
    file = load_workbook(
        BytesIO(finance.get(f"/list-files/batches.page/xlsx?batch_id={result.rpartition('/')[2]}").data)
    )
    assert [row[4] for row in file.active.iter_rows(min_row=2, values_only=True)] == [20, 20]
    assert factory.seen(project)[0] == "execution"


def test_receipts_are_read_from_the_table_of_the_bank_and_what_does_not_match_is_asked(
    factory: SiteProjectFactory, session: Session, login: LogIn
) -> None:
    project = later.approved(factory, later.ready(factory))
    finance, name = login(factory.people["finance"]), f"own-{project.id}-"
    address = f"/batches/new?list=projects&trigger=disburse_first&id={project.id}"
    page = finance.get(address).text
    payee = unescape(re.findall(r"收款单位</span> (.*?)　湘潭农商行", page)[0])
    asked = {"take": str(project.id), f"{name}amount": "20", f"{name}paid_on": "2024-11-20", f"{name}note": ""}
    other = b"PK is no table"
    for sent, told in ((other, "表格不能打开"), (b"a,b", "只能读取 xlsx"), (statement(["x"]), "没有找到这些列")):
        answer = finance.post(address, data=asked | {"receipts": "1", "bank": (BytesIO(sent), "明细.xlsx")})
        assert answer.status_code == 422
        assert told in answer.text
    heads = ["交易流水号", "交易日期", "付款金额", "收款账号", "收款户名"]
    certain = ["20241120-7", datetime(2024, 11, 20), 200_000, "6222000011112222", payee]
    read = finance.post(
        address, data=asked | {"receipts": "1", "bank": (BytesIO(statement(heads, certain)), "明细.xlsx")}
    ).text
    assert "已填入 1 笔" in read
    assert re.search(f'name="{name}note"[^>]*>20241120-7</textarea>', read)
    doubtful = statement(heads, [*certain[:3], 6222000011112222, payee])
    read = finance.post(address, data=asked | {"receipts": "1", "bank": (BytesIO(doubtful), "明细.xlsx")}).text
    assert "账号在表格里是数字，末几位已丢失" in read
    line = {"line": unescape(hidden(read, "line"))}
    unanswered = finance.post(address, data=asked | line | {"line-2": ""})
    assert unanswered.status_code == 422
    assert "有 1 笔还没有确认" in unanswered.text
    checked = finance.post(address, data=asked | line | {"line-2": str(project.id)}).text
    assert "确认首期拨付 1 项" in checked
    sent = asked | {name: hidden(checked, name) for name in ("versions", "request_key", f"{name}note")}
    assert "已办理（1 项）" in finance.get(finance.post(address, data=sent | {"confirmed": "1"}).location).text
    session.rollback()
    assert session.scalars(select(LedgerEntry.note).where(LedgerEntry.instalment == 1)).all() == ["20241120-7"]


def test_payments_of_a_batch_are_on_one_sheet_before_they_are_approved(
    factory: SiteProjectFactory, session: Session, login: LogIn
) -> None:
    project = later.ready(factory)
    finance = login(factory.people["finance"])
    address = f"/batches/new?list=projects&trigger=approve_payment&id={project.id}"
    page = finance.get(address).text
    assert "出具批次拨款审批单" in page and "本次拨款合计" in page and 'data-label="金额">20.00<' in page
    sent = {"take": str(project.id), "paper": "1"}
    sheet = urlsplit(finance.post(address, data=sent).location).path
    assert urlsplit(finance.post(address, data=sent).location).path == sheet  # it says the same
    assert finance.get(sheet).mimetype == "application/pdf"
    assert login(factory.people["issuer"]).get(sheet).status_code == 404
    session.rollback()
    paper = session.scalars(select(Paper).where(Paper.name == "payment_sheet")).one()
    assert (paper.number, paper.data["sum"]["text"]) == (f"BK-2024-{paper.id:04d}", "20.00万元")
    assert [item["payee"]["bank_account"] for item in paper.data["items"]] == ["6222000011112222"]
    assert factory.seen(project)[0] == "first_payment"
    page = finance.get(address).text
    assert paper.number in page
    assert "已与审批单不同" not in page
    with factory.writing():
        project.subsidy_city = Decimal(300_000)
    assert "已与审批单不同，请重新出具" in finance.get(address).text
    finance.post(address, data=sent)
    assert "已与审批单不同" not in finance.get(address).text
    session.rollback()
    assert session.scalars(select(Paper.state).where(Paper.name == "payment_sheet").order_by(Paper.id)).all() == [
        "superseded",
        "current",
    ]
    later.pay(factory, project, "disburse_first", "15")
    refused = finance.post(address, data=sent)
    assert "没有选中可以办理“拨款审批”的项目" in refused.text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_joint_document_is_printed_to_be_signed_before_it_is_recorded(
    factory: SiteProjectFactory, session: Session, login: LogIn
) -> None:
    project = later.contracting(factory)
    finance = login(factory.people["finance"])
    address = f"/batches/new?list=projects&trigger=record_funding_document&id={project.id}"
    assert "出具资金文件" in finance.get(address).text
    sent = {"take": str(project.id), "paper": "1", "number": "", "dated": ""}
    assert "请填写发文日期" in finance.post(address, data=sent).text
    day = factory.now.date().isoformat()
    paper = urlsplit(finance.post(address, data=sent | {"dated": day}).location).path
    assert finance.get(paper).mimetype == "application/pdf"
    assert login(factory.people["issuer"]).get(paper).status_code == 404
    finance.post(address, data=sent | {"dated": day, "number": "潭财教指〔2024〕31号"})
    session.rollback()
    papers = session.scalars(select(Paper).where(Paper.name == "joint_document").order_by(Paper.id)).all()
    assert [(row.state, row.data["number"]) for row in papers] == [
        ("superseded", ""),
        ("current", "潭财教指〔2024〕31号"),
    ]
    assert papers[-1].data["sum"]["text"] == "80.00万元"
    assert factory.seen(project)[0] == "contracting"


def statement(*rows: list[object]) -> bytes:
    """A table of the bank."""
    book, file = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_a_file_is_uploaded_once_and_belongs_to_every_project(
    factory: SiteProjectFactory, session: Session, login: LogIn
) -> None:
    project = later.contracting(factory)
    finance = login(factory.people["finance"])
    address = f"/batches/new?list=projects&trigger=record_funding_document&id={project.id}"
    filled = {"take": str(project.id), "number": "潭财教〔2024〕88号", "dated": "2024-11-19"}
    checked = finance.post(address, data=filled | {"file": (BytesIO(pdf()), "资金文件.pdf")}).text
    assert "资金文件.pdf" in checked
    sent = filled | {key: hidden(checked, key) for key in ("versions", "request_key", "file")} | {"confirmed": "1"}
    assert "已办理（1 项）" in finance.get(finance.post(address, data=sent).location).text
    session.rollback()
    document = session.scalars(select(FundingDocument).where(FundingDocument.project_id == project.id)).one()
    assert document.file_id is not None


def test_more_than_twenty_are_done_by_the_worker_with_a_bar_and_can_be_stopped(
    records: RecordFactory, app: Flask, session: Session, login: LogIn
) -> None:
    with records.writing():
        entries = [records.project("solicitation") for _number in range(AT_ONCE + 1)]
    science, number = login(records.people["science"]), len(entries)
    address = "/batches/new?list=desk&group=accept&all=1&trigger=refuse"
    filled = {"take": [str(entry.id) for entry in entries], "rule": "第六条", "reason": "不属于征集范围"}
    with counted(app) as seen:
        checked = science.post(address, data=filled).text
    assert f"确认不予受理 {number} 项" in checked
    assert len(seen) < 15 * number
    sent = filled | {key: hidden(checked, key) for key in ("versions", "request_key")} | {"confirmed": "1"}
    place = urlsplit(science.post(address, data=sent).location).path
    page = science.get(place)
    assert f'max="{number}" value="0"' in page.text
    assert page.headers["Refresh"]
    assert science.post(f"{place}/cancel").status_code == 302
    app.extensions["engine"].clock = lambda: NOW
    while work_off(app):
        pass
    session.rollback()
    assert set(session.scalars(select(BatchItem.status))) == {"waiting"}
    assert set(session.scalars(select(Project.state))) == {"solicitation"}
    assert f"再办一次（{number} 项）" in science.get(place).text


def test_what_most_projects_have_alike_is_typed_once_and_the_rest_says_its_own(
    factory: SiteProjectFactory, session: Session, login: LogIn
) -> None:
    projects = [factory.accepted() for _number in range(3)]
    for project in projects:
        panel = factory.panel(project, "appraisal", (3, 0, 0))
        for who in factory.seats(panel):
            factory.score(project, panel, who)
    science = login(factory.people["science"])
    address = "/batches/new?list=projects&trigger=conclude_panel&" + "&".join(f"id={one.id}" for one in projects)
    page = science.get(address).text
    alike = page.partition("多数项目相同的内容")[2].partition("可以办理的")[0]
    assert 'name="alike-opinion"' in alike and "必填" not in alike
    last = f"own-{projects[2].id}-"
    typed = {"take": [str(one.id) for one in projects], "alike-favourable": "passed", "alike-opinion": "同意。"}
    typed |= {f"{last}favourable": "not_passed", f"{last}opinion": "指标不足。"}
    assert science.post(address, data=typed | {"alike-opinion": ""}).status_code == 422
    checked = science.post(address, data=typed).text
    sent = {"take": typed["take"], "confirmed": "1"}
    sent |= {
        key: unescape(value)
        for key, value in re.findall(r'name="(own-[^"]*|versions|request_key)" value="([^"]*)"', checked)
    }
    assert "已办理（3 项）" in science.get(science.post(address, data=sent).location).text
    session.rollback()
    said = session.scalars(select(Panel).order_by(Panel.project_id)).all()
    assert [(one.favourable, one.opinion) for one in said] == [
        (True, "同意。"),
        (True, "同意。"),
        (False, "指标不足。"),
    ]
