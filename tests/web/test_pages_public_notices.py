"""Notices, objections to them, the guide, checking a paper: what anyone may read and do without an account."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.later import published
from tests.factories.site_projects import SiteProjectFactory
from tests.support.files import pdf
from xtbang.models import Event, Notice, Objection, Paper, Project, StoredFile
from xtbang.rendering import render_and_store
from xtbang.web.public.articles import articles, definitions

PDF = pdf()
PRIVATE = ("13800000000", "0731-58570302", "王强", "@bang.test")


def publicity(factory: SiteProjectFactory) -> int:
    """The number of the one 公示."""
    found = factory.session.scalars(select(Notice.id).where(Notice.kind == "publicity")).one()
    factory.session.rollback()
    return found


def signature(page: str) -> str:
    """Who signed the notice."""
    return page.partition("sheet-sign")[2].partition("</p>")[0]


# ---------------------------------------------------------------- notices and objections


def test_a_running_notice_names_its_last_day_and_takes_objections(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    project = published(factory)
    notice = publicity(factory)
    text = client.get(f"/notices/{notice}").text
    assert "最后一日 2024年11月18日 24 时（北京时间）届满" in text
    assert f'href="/notices/{notice}/projects/{project.id}/objection"' in text
    assert "湘潭大学" in text
    assert "以书面形式向湘潭市科学技术局" in text and "湘潭市工业和信息化局" not in signature(text)
    assert "公示至2024年11月18日" in client.get("/notices?kind=publicity").text
    factory.at("2024-11-19 00:00")
    assert "公示已结束" in client.get(f"/notices/{notice}").text


def test_the_board_is_published_by_both_bureaus(factory: SiteProjectFactory, client: FlaskClient) -> None:
    factory.listed()
    board = factory.session.scalars(select(Notice.id).where(Notice.kind == "board")).one()
    factory.session.rollback()
    signed = signature(client.get(f"/notices/{board}").text)
    assert "湘潭市科学技术局" in signed and "湘潭市工业和信息化局" in signed


def test_a_notice_keeps_the_figures_it_was_published_with(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = published(factory)
    notice = publicity(factory)
    with factory.writing():
        factory.session.get_one(Project, project.id).title = "后来改的名称"
    text = client.get(f"/notices/{notice}").text
    assert "高温合金涂层关键技术" in text
    assert "后来改的名称" not in text


def test_a_draft_notice_is_nobodys(factory: SiteProjectFactory, client: FlaskClient) -> None:
    factory.recommended()
    notice = publicity(factory)
    assert client.get(f"/notices/{notice}").status_code == 404
    assert f"/notices/{notice}" not in client.get("/notices").text


def test_notices_in_the_order_of_publication(factory: SiteProjectFactory, client: FlaskClient) -> None:
    with factory.writing() as session:
        for n in range(45):
            moment = factory.now + timedelta(days=100 - n)  # the later made, the earlier published
            session.add(
                Notice(kind="call", title=f"通知{n}", status="published", created_at=moment, published_at=moment)
            )
    seen: list[str] = []
    url: str | None = "/notices"
    while url:
        text = client.get(url).text
        seen += re.findall(r">通知(\d+)<", text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        url = found[1].replace("&amp;", "&") if found else None
    assert seen == [str(n) for n in range(45)]


def objection(**values: Any) -> dict[str, Any]:
    return {"name": "李明", "contact": "0731-55550000", "facts": "数据不实", "request_key": "key"} | values


def test_an_objection_with_evidence_is_followed_by_its_code(
    factory: SiteProjectFactory, client: FlaskClient, app: Flask
) -> None:
    project = published(factory)
    url = f"/notices/{publicity(factory)}/projects/{project.id}/objection"
    factory.session.rollback()
    assert "提出异议" in client.get(url).text
    evidence = (BytesIO(PDF), "证据.pdf")
    answer = client.post(url, data=objection(evidence=evidence), follow_redirects=True)
    factory.session.rollback()
    row = factory.session.scalars(select(Objection)).one()
    assert row.code in answer.text
    assert row.file_id
    assert app.extensions["store"].get(sha256(PDF).hexdigest()) == PDF
    event = factory.session.scalars(select(Event).where(Event.trigger == "file_objection")).one()
    assert (event.actor_id, event.actor_name) == (None, "社会公众")
    factory.session.rollback()
    typed = row.code.replace("-", " ").lower()
    text = client.post("/objections", data={"code": typed}).text
    assert "核查中" in text
    for word in ("李明", "0731-55550000", "数据不实"):
        assert word not in text
    factory.perform(
        project,
        "decide_objection",
        "science",
        {"objection": str(row.id), "outcome": "dismissed", "finding": "经核查属实"},
    )
    assert "经核查属实" in client.post("/objections", data={"code": row.code}).text
    assert client.post("/objections", data={"code": "ABCD"}).status_code == 404
    assert f"?code={row.code}" not in answer.text


def test_what_is_wrong_with_an_objection_is_said_and_no_file_is_kept(
    factory: SiteProjectFactory, client: FlaskClient, app: Flask
) -> None:
    project = published(factory)
    url = f"/notices/{publicity(factory)}/projects/{project.id}/objection"
    factory.session.rollback()
    stranger = pdf(128)
    answer = client.post(url, data=objection(facts="", evidence=(BytesIO(stranger), "a.pdf")))
    assert answer.status_code == 422
    assert "“事实和理由”尚未填写" in answer.text
    assert 'value="李明"' in answer.text
    with pytest.raises(FileNotFoundError):
        app.extensions["store"].get(sha256(stranger).hexdigest())
    answer = client.post(url, data=objection(evidence=(BytesIO(b"MZ program"), "a.pdf")))
    assert "只接受 PDF、JPG 或 PNG" in answer.text
    factory.at("2024-11-19 00:00")
    answer = client.post(url, data=objection())
    assert "不再受理异议" in answer.text
    assert factory.session.scalars(select(Objection)).all() == []


def test_who_comes_after_the_last_day_is_told_before_anything_is_typed(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    project = published(factory)
    url = f"/notices/{publicity(factory)}/projects/{project.id}/objection"
    assert "<textarea" in client.get(url).text
    factory.at("2025-06-01 09:00")
    late = client.get(url).text
    assert "不再受理异议" in late and "<textarea" not in late
    sent = client.post(url, data=objection()).text  # from a page that was opened in time
    assert "不再受理异议" in sent and "<textarea" in sent


def test_no_objection_to_a_project_the_notice_does_not_name(factory: SiteProjectFactory, client: FlaskClient) -> None:
    other = factory.regular(edition="2021")
    published(factory)
    notice = publicity(factory)
    assert client.get(f"/notices/{notice}/projects/{other.id}/objection").status_code == 404


# ---------------------------------------------------------------- guide


def test_every_figure_of_the_guide_comes_from_the_edition(factory: SiteProjectFactory) -> None:
    edition, city = factory.engine.policy.edition("2024"), factory.engine.policy.city
    text = str([article.lines for article in articles(edition, city)])
    for figure in ("不低于 100.00 万元", "25%", "50.00 万元", "40%", "5 个工作日", "15.00 万元"):
        assert figure in text
    doubled = {
        item: replace(getattr(edition, item), value=getattr(edition, item).value * Decimal("1.2"))
        for item in (
            "investment_minimum",
            "new_tax_minimum",
            "subsidy_ratio",
            "subsidy_maximum",
            "issuer_payment_ratio",
            "notice_days",
        )
    }
    changed = str([article.lines for article in articles(replace(edition, **doubled), city)]) + str(
        definitions(replace(edition, **doubled))
    )
    for figure in ("不低于 120.00 万元", "30%", "60.00 万元", "48%", "6 个工作日"):
        assert figure in changed
    for figure in (" 25%", "40%", "100.00 万元"):
        assert figure not in changed


def test_the_guide_has_every_article_of_every_edition(factory: SiteProjectFactory, client: FlaskClient) -> None:
    text = client.get("/guide").text
    assert text.count("第十三条") == 2
    assert "企业新增税收不低于 100.00 万元" in text
    assert "实施周期不超过 3 年" in text
    assert "实施周期不超过 2 年" in text
    for href in set(re.findall(r'href="(/blank-forms/[^"]+)"', text)):
        edition, kind = href.removeprefix("/blank-forms/").removesuffix(".pdf").split("/")
        known = factory.engine.policy.edition(edition)
        assert kind in known.forms or kind in known.documents


def test_a_blank_form_is_a_pdf(factory: SiteProjectFactory, client: FlaskClient) -> None:
    first, again = (client.get("/blank-forms/2021/tech_supply.pdf") for _ in range(2))
    assert first.mimetype == "application/pdf"
    assert first.data.startswith(b"%PDF")
    assert first.data == again.data
    for path in ("2021/nothing", "1999/tech_demand", "2024/tech_supply"):
        assert client.get(f"/blank-forms/{path}.pdf").status_code == 404


# ---------------------------------------------------------------- checking a paper


def test_a_paper_is_known_by_its_code(factory: SiteProjectFactory, client: FlaskClient, app: Flask) -> None:
    project = factory.submitted(edition="2021")
    paper = factory.session.scalars(select(Paper).where(Paper.name == "receipt")).one()
    factory.session.rollback()
    typed = paper.code.replace("-", "").lower()
    answer = client.get(f"/verify?code={typed}")
    assert answer.location == f"/verify/{paper.code}"
    text = client.get(answer.location).text
    assert "受理回执" in text
    assert "有效" in text
    assert project.title not in text  # not listed yet
    for word in PRIVATE:
        assert word not in text
    with app.app_context():
        render_and_store(app, factory.session, paper)
    file = factory.session.scalars(select(StoredFile).where(StoredFile.id == paper.file_id)).one()
    content = app.extensions["store"].get(file.sha256)
    factory.session.rollback()
    assert file.sha256 in client.get(f"/verify/{paper.code}").text
    same = client.post(f"/verify/{paper.code}", data={"file": (BytesIO(content), "a.pdf")})
    other = client.post(f"/verify/{paper.code}", data={"file": (BytesIO(content + b" "), "a.pdf")})
    none = client.post(f"/verify/{paper.code}")
    assert "逐字节相同" in same.text
    assert "不一致" in other.text
    assert none.status_code == 422
    assert client.get("/verify/AAAA-AAAA-AAAA-AAAA").status_code == 404
