"""From one deed to the next of the same kind: its place in the queue, what else may be done, the scan beside the form."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.factories.site_projects import SiteProjectFactory
from xtbang.models import Person, StoredFile

LogIn = Callable[[Person], FlaskClient]
BACK = {"confirmed": "1", "reason": "请补充指标", "correct_by": "2024-09-09"}


def test_the_desk_opens_the_deed_and_after_it_the_next_of_the_same_kind(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    with factory.writing() as session:
        session.get_one(StoredFile, first.form.scan_id).sha256 = factory.upload("盖章件.pdf")
    science = login(factory.people["science"])
    assert f'href="/desk/accept/{first.id}"' in science.get("/desk").text
    opened = science.get(f"/desk/accept/{first.id}").location
    assert opened == f"/projects/{first.id}/actions/accept?queue=accept"
    page = science.get(opened).text
    assert "第 1 件，共 2 件" in page
    assert "改为：退回修改" in page
    assert f'<iframe src="/files/{first.form.scan_id}/view"' in page
    shown = science.get(f"/files/{first.form.scan_id}/view")
    assert shown.status_code == 200
    assert "frame-ancestors 'self'" in shown.headers["Content-Security-Policy"]
    assert login(factory.people["rival"]).get(f"/files/{first.form.scan_id}/view").status_code == 404
    address = f"/projects/{first.id}/actions/send_back?queue=accept&at=0&done=0"
    done = science.post(address, data=factory.form(first, **BACK))
    assert done.location == f"/desk/accept/{second.id}?done=1"
    page = science.get(science.get(done.location).location).text
    assert first.number in page
    assert "第 2 件，共 2 件" in page
    address = f"/projects/{second.id}/actions/send_back?queue=accept&at=0&done=1"
    done = science.post(address, data=factory.form(second, **BACK))
    assert "都办完了" in science.get(done.location).text


def test_a_deed_done_on_the_page_of_a_project_names_the_next_of_its_kind(
    factory: SiteProjectFactory, login: LogIn
) -> None:
    first, second = factory.submitted(), factory.submitted(edition="2021", kind="tech_supply", who="rival")
    science = login(factory.people["science"])
    done = science.post(factory.page(first, "/actions/send_back"), data=factory.form(first, **BACK))
    page = science.get(done.location).text
    assert f'同类事项“待受理”还有 1 件：<a href="/desk/accept/{second.id}">下一件</a>' in page


def test_the_program_ticks_what_it_knows(factory: SiteProjectFactory, login: LogIn) -> None:
    project = factory.submitted()
    science = login(factory.people["science"])
    known = [line for line in factory.engine.policy.edition("2024").checklist if f'value="{line}" checked' in
             science.get(factory.page(project, "/actions/accept")).text]  # fmt: skip
    assert known == ["单位名称、统一社会信用代码与登记一致", "项目表各项填写完整，字数符合要求"]
    with factory.writing():
        project.issuer.name = "另一个名称"
    page = science.get(factory.page(project, "/actions/accept")).text
    assert f'value="{known[0]}" checked' not in page
