"""A deputy is appointed on a page, sees the desk of who is away, and the administrator hands over what somebody had."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.factories.records import NOW, RecordFactory
from xtbang.models import Person

LogIn = Callable[[Person], FlaskClient]


def test_a_deputy_sees_desk_and_menu_of_who_is_away(records: RecordFactory, login: LogIn) -> None:
    with records.writing():
        records.project("solicitation")
        records.person("stand-in", "leader")
    day, email = NOW.date().isoformat(), records.people["stand-in"].email
    form = {"email": email, "roles": ["science"], "starts_on": day, "ends_on": day, "reason": "出差"}
    browser, deputy = login(records.people["science"]), login(records.people["stand-in"])
    assert deputy.get("/admin/organisations").status_code == 403
    assert "代办" in browser.get("/profile").text and "须选择" not in browser.get("/deputies").text
    wrong = browser.post("/deputies", data=form | {"ends_on": "2026-01-01"})
    assert wrong.status_code == 422 and "截止日期不能早于" in wrong.text
    assert browser.post("/deputies", data=form).location == "/deputies"
    assert "代办中" in browser.get("/deputies").text
    assert deputy.get("/admin/organisations").status_code == 200
    assert "待受理" in deputy.get("/desk").text and ">管理</a>" in deputy.get("/desk").text
    records.session.rollback()
    admin = login(records.people["admin"])
    page = f"/admin/people/{records.people['science'].id}"
    records.session.rollback()
    assert "离岗交接" in admin.get(page).text
    done = admin.post(f"{page}/hand-over", data={"email": email, "reason": "调离"})
    assert done.status_code == 302
    assert browser.get("/desk").status_code == 302, "signed out at once"
