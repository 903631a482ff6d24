"""What anyone may see: home, lists and board, entries, notices and objections, guide, checking a paper."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from tests.factories.site_projects import SiteProjectFactory
from tests.support.files import pdf
from tests.web.counting import counted
from xtbang.models import Person, Project
from xtbang.queries import board

LogIn = Callable[[Person], FlaskClient]
PDF = pdf()
PRIVATE = ("13800000000", "0731-58570302", "王强", "@bang.test")


def many(factory: SiteProjectFactory, number: int, prefix: str = "XTJB-2021", **more: Any) -> None:
    """So many listed entries, put straight into the table; ten of them listed in the same microsecond."""
    call, who = factory.calls["2021"], factory.people["issuer"]
    start = datetime(2024, 9, 3, tzinfo=UTC)
    with factory.writing() as session:
        for n in range(number):
            facts: dict[str, Any] = {
                "number": f"{prefix}-{n:04d}",
                "title": f"第{n}项关键技术",
                "kind": "tech_demand",
                "state": "listing",
                "track": "market",
                "listed_at": start + timedelta(microseconds=n // 10 * 7 + 1),
            }
            session.execute(
                insert(Project).values(
                    call_id=call.id,
                    edition="2021",
                    version=1,
                    issuer_id=who.organisation_id,
                    created_by_id=who.id,
                    created_at=start,
                    state_since=start,
                    submitted_at=start,
                    domain="军工",
                    region="雨湖区",
                    provincial=False,
                    planned_total=Decimal(1_200_000),
                    **facts | more,
                )
            )


def numbers(text: str) -> list[str]:
    return re.findall(r'href="/entries/([^"]+)"', text)


# ---------------------------------------------------------------- home


def test_home_shows_calls_lists_board_and_notices(factory: SiteProjectFactory, client: FlaskClient) -> None:
    listed = factory.listed()
    text = client.get("/").text
    assert listed.title in text
    assert f'href="/entries/{listed.number}"' in text
    assert "的公告" in text  # the board's notice
    assert "目前没有正在征集的批次" in text  # 2024-10-08: both windows are over
    factory.at("2024-09-10 12:00")
    text = client.get("/").text
    assert "还剩 6 天 11 小时" in text
    assert "2024年9月16日 23:59:59 截止" in text


def test_home_counts_no_further_than_a_thousand(
    factory: SiteProjectFactory, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(factory, 6)
    monkeypatch.setattr(board, "COUNTED", 5)
    monkeypatch.setattr("xtbang.web.public.pages.COUNTED", 5)
    assert "5+" in client.get("/").text
    assert "共 5+ 项" in client.get("/lists").text


def test_an_unpublished_call_is_not_shown(factory: SiteProjectFactory, client: FlaskClient) -> None:
    with factory.writing():
        for call in factory.calls.values():
            call.published_at = None
    assert "我要申报" not in client.get("/").text
    assert client.get(f"/calls/{factory.calls['2024'].id}").status_code == 404


def test_a_call_with_its_guide_and_blank_forms(factory: SiteProjectFactory, client: FlaskClient) -> None:
    with factory.writing():
        factory.calls["2024"].guide = "一、征集方向与重点\n<b>不是标签</b>"
    text = client.get(f"/calls/{factory.calls['2024'].id}").text
    assert "征集方向与重点" in text
    assert "&lt;b&gt;不是标签" in text
    assert "/blank-forms/2024/tech_demand.pdf" in text


# ---------------------------------------------------------------- lists and board


def test_pages_neither_repeat_nor_skip(factory: SiteProjectFactory, client: FlaskClient) -> None:
    many(factory, 45)
    seen: list[str] = []
    url: str | None = "/lists"
    while url:
        text = client.get(url).text
        seen += numbers(text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        url = found[1].replace("&amp;", "&") if found else None
    assert seen == [f"XTJB-2021-{n:04d}" for n in sorted(range(45), key=lambda n: (n // 10, n), reverse=True)]


def test_as_many_queries_for_three_rows_as_for_twenty(factory: SiteProjectFactory, app: Flask, login: LogIn) -> None:
    browser = login(factory.people["issuer"])
    spent = []
    for number in (3, 20):
        with factory.writing() as session:
            session.execute(update(Project).values(state="withdrawn"))
        many(factory, number, prefix=f"N{number}")
        with counted(app) as statements:
            assert len(numbers(browser.get("/lists").text)) == number
        spent.append(len(statements))
    assert spent[0] == spent[1]


def test_search_finds_a_substring_of_any_length_and_takes_wildcards_literally(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    project = factory.regular(edition="2021", title="高温合金涂层")
    factory.regular(edition="2021", title="100%国产_轴承")
    wide = project.number.translate({sign: sign + 0xFEE0 for sign in range(0x21, 0x7F)})
    assert numbers(client.get("/lists", query_string={"q": wide}).text) == [project.number]
    assert len(numbers(client.get("/lists?q=温").text)) == 1
    assert len(numbers(client.get("/lists?q=合金涂").text)) == 1
    assert len(numbers(client.get("/lists?q=湘潭电机").text)) == 2  # the issuer's name
    assert len(numbers(client.get("/lists?q=%25").text)) == 1
    assert len(numbers(client.get("/lists?q=_").text)) == 1
    assert len(numbers(client.get("/lists", query_string={"q": "'; DROP TABLE project; --"}).text)) == 0
    assert "没有符合条件的项目" in client.get("/lists?q=没有的词").text


def test_filters_hold_over_pages_and_in_the_form(factory: SiteProjectFactory, client: FlaskClient) -> None:
    many(factory, 25)
    supply = factory.regular(edition="2021", kind="tech_supply", title="供给", tech_types=["前沿颠覆性技术"])
    text = client.get("/lists?kind=tech_demand&region=雨湖区&year=2024&state=listing&domain=军工").text
    assert len(numbers(text)) == 20
    older = re.search(r'rel="next" href="([^"]+)"', text)
    assert older
    for part in ("kind=tech_demand", "year=2024", "state=listing"):
        assert part in older[1]
    assert '<option value="tech_demand" selected>' in text
    assert len(numbers(client.get(older[1].replace("&amp;", "&")).text)) == 5
    assert numbers(client.get("/lists?kind=tech_supply").text) == [supply.number]
    assert numbers(client.get("/lists?year=2021").text) == []


def test_a_year_is_shanghais(factory: SiteProjectFactory, client: FlaskClient) -> None:
    many(factory, 1, listed_at=datetime(2024, 12, 31, 16, 30, tzinfo=UTC))  # half past midnight on New Year's Day
    assert len(numbers(client.get("/lists?year=2025").text)) == 1
    assert len(numbers(client.get("/lists?year=2024").text)) == 0


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=1-",
        "before=99999999999999999999-1",
        "before=1-99999999999999999999",
        "year=x",
        "year=0",
        "kind=x",
    ],
)
def test_a_strange_query_is_answered(factory: SiteProjectFactory, client: FlaskClient, query: str) -> None:
    assert client.get(f"/lists?{query}").status_code == 200


def test_nothing_shows_before_it_is_accepted_or_after_it_is_taken_back(
    factory: SiteProjectFactory, client: FlaskClient
) -> None:
    waiting = factory.submitted(edition="2021", planned_total="200")
    taken = factory.regular(edition="2021", title="收回的")
    factory.perform(taken, "withdraw", "issuer", {"reason": "不再需要"})
    assert numbers(client.get("/lists").text) == []
    for project in (waiting, taken):
        assert client.get(f"/entries/{project.number}").status_code == 404


def test_the_board_holds_only_major_projects(factory: SiteProjectFactory, client: FlaskClient) -> None:
    factory.regular(edition="2021")
    major = factory.listed()
    assert numbers(client.get("/board").text) == [major.number]


# ---------------------------------------------------------------- entries


def test_an_entry_shows_what_is_public_and_nobody(factory: SiteProjectFactory, client: FlaskClient) -> None:
    project = factory.listed()
    text = client.get(f"/entries/{project.number}").text
    assert project.title in text
    assert "湘潭电机有限公司" in text
    assert "项目需求内容描述" in text
    form = factory.engine.policy.edition(project.edition).forms[project.kind]
    for field in (form.field(key) for key in ("domain", "level", "tech_types")):
        assert all(choice.key not in text for choice in field.choices), f"{field.key} is told by its label"
    for word in PRIVATE:
        assert word not in text
    assert "2024年10月8日 08:00 至 2024年10月28日 17:30" in text


def test_bidding_leads_through_signing_in(factory: SiteProjectFactory, client: FlaskClient, login: LogIn) -> None:
    project = factory.listed()
    act = f"/projects/{project.id}/actions/open_bid"
    assert f'href="{act}"' in client.get(f"/entries/{project.number}").text
    answer = client.get(act)
    assert (answer.status_code, answer.location) == (302, f"/login?next={act}")
    assert client.get(answer.location).location == f"/account/sign-in?next={act}"
    assert act not in login(factory.people["issuer"]).get(f"/entries/{project.number}").text
    factory.at("2024-10-28 17:31")
    assert act not in client.get(f"/entries/{project.number}").text


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize("path", ["/notices/{}", "/calls/{}", "/notices?before={}", "/notices/{}/projects/1/objection"])
@pytest.mark.parametrize("number", ["2147483647", "2147483648", "99999999999999999999"])
def test_a_number_no_database_can_hold(app: Flask, client: FlaskClient, path: str, number: str) -> None:
    assert client.get(path.format(number)).status_code in (200, 400, 404)


@pytest.mark.parametrize("path", ["/lists?q=%00", "/entries/%00", "/objections?code=%00", "/verify/%00"])
def test_a_nul_is_refused(app: Flask, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 400
