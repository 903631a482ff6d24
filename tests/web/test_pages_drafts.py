"""Drafts of documents: what is typed is kept, checked, printed and handed in."""

from typing import Any

from sqlalchemy import func, select

from tests.factories.later import executing, fill_acceptance, fill_report, reports_of
from tests.factories.site_projects import SiteProjectFactory
from tests.factories.values import ACCEPTANCE, APPLICATION, FORM, REPORT
from tests.web.drafting import Enter, draft_of, typed
from xtbang.models import Acceptance, Document, Project


def test_everything_typed_is_kept_right_or_wrong(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}"
    wrong = typed(factory, project, postcode="41110", revenue="上百", outcome="效" * 301)
    answer = enter("issuer").post(address, data=wrong)
    assert answer.status_code == 422
    assert "限 300 字" in answer.text
    assert 'value="上百"' in answer.text
    values = draft_of(factory, project.form_id)
    assert (values["postcode"], values["revenue"], len(values["outcome"])) == ("41110", "上百", 301)


def test_check_leads_on_only_when_nothing_is_missing(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft(outcome="")
    address = f"/projects/{project.id}/documents/{project.form_id}"
    answer = enter("issuer").post(address, data=typed(factory, project, check="1"))
    assert answer.status_code == 422
    assert "尚未填写" in answer.text
    answer = enter("issuer").post(address, data=typed(factory, project, outcome="效益", check="1"))
    assert answer.status_code == 302
    page = enter("issuer").get(answer.headers["Location"]).text
    assert "打印并盖章" in page
    assert "上传盖章扫描件" in page


def test_two_people_in_one_draft_overwrite_nothing_unseen(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}"
    seen = typed(factory, project)
    assert enter("issuer").post(address, data=seen | {"title": "甲写的"}).status_code == 302
    script = enter("issuer").post(f"{address}/draft", data=seen | {"title": "乙写的"})
    assert (script.status_code, script.json["ok"]) == (409, False)
    answer = enter("issuer").post(address, data=seen | {"title": "乙写的"})
    assert answer.status_code == 409
    assert "乙写的" in answer.text
    assert "<del>" in answer.text
    assert draft_of(factory, project.form_id)["title"] == "甲写的"
    again = typed(factory, project, title="乙写的")
    assert enter("issuer").post(address, data=again).status_code == 302
    assert draft_of(factory, project.form_id)["title"] == "乙写的"


def test_the_script_saves_and_counts_on(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}/draft"
    answer = enter("issuer").post(address, data=typed(factory, project, title="新名称"))
    assert (answer.json["ok"], answer.json["version"]) == (True, 1)
    factory.session.rollback()
    assert factory.session.get_one(Project, project.id, populate_existing=True).title == "新名称"


def application(factory: SiteProjectFactory, **values: Any) -> tuple[str, dict[str, Any]]:
    """The address of an application, and what a browser sends for it."""
    project = factory.agreed()
    factory.at("2024-11-04 09:00")
    document = factory.session.get_one(Document, project.application_id)
    factory.session.rollback()
    sent: dict[str, Any] = {"draft_version": str(document.draft_version)}
    for key, value in (APPLICATION | values).items():
        if isinstance(value, list):
            cells = ((n, column, text) for n, row in enumerate(value) for column, text in row.items())
            sent |= {f"{key}-{n}-{column}": text for n, column, text in cells}
        else:
            sent[key] = value
    return f"/projects/{project.id}/documents/{project.application_id}", sent


def test_an_empty_form_is_not_greeted_as_wrong(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.agreed()
    page = enter("issuer").get(f"/projects/{project.id}/documents/{project.application_id}").text
    assert "项不符合" not in page and "还不能申报立项" not in page and "需要改正" not in page
    assert "处待填" in page and "市级补助占比" in page


def test_a_plan_that_must_fail_is_said_at_its_cell_when_it_is_saved(factory: SiteProjectFactory, enter: Enter) -> None:
    row = APPLICATION["milestones"][0]
    address, sent = application(factory, src_city="50.01", milestones=[row, row | {"date": "2024-11-19"}])
    page = enter("issuer").post(address, data=sent)
    assert page.status_code == 422
    for cell in ("f-src_city", "f-milestones-1-date"):
        assert f'href="#{cell}"' in page.text and f'id="{cell}-error"' in page.text
    assert "早于起始日期2024年11月20日" in page.text and "的 25%（50.00 万元）" in page.text


def test_a_rule_in_principle_is_said_while_the_form_is_a_draft(factory: SiteProjectFactory, enter: Enter) -> None:
    form = factory.draft(new_tax="99")
    page = enter("issuer").get(f"/projects/{form.id}/documents/{form.form_id}").text
    assert "原则上不低于 100.00 万元" in page and '<details class="box need" open>' in page
    cell = page.partition('id="f-new_tax-doubt"')[2].partition("</div>")[0]
    assert "原则上不低于 100.00 万元" in cell and "f-new_tax-error" not in page
    blank = factory.draft()
    assert "-doubt" not in enter("issuer").get(f"/projects/{blank.id}/documents/{blank.form_id}").text


def test_what_is_doubtful_in_a_row_is_said_at_its_cell(factory: SiteProjectFactory, enter: Enter) -> None:
    project = executing(factory)
    (promised,) = APPLICATION["indicators"]
    good = ACCEPTANCE["indicators"][0] | promised | {"reached": "9999"}
    fill_acceptance(factory, project, indicators=[good, good | {"name": "外观"}, good | {"reached": "0"}])
    factory.session.commit()
    document = factory.session.scalars(select(Acceptance.document_id).where(Acceptance.project_id == project.id)).one()
    page = enter("bidder").get(f"/projects/{project.id}/documents/{document}").text
    for cell, said in (("1-name", "不在合同书的考核指标中"), ("2-reached", "实际值为 0")):
        doubt = page.partition(f'id="f-indicators-{cell}-doubt"')[2].partition("</div>")[0]
        assert said in doubt and said in page.partition(f'href="#f-indicators-{cell}"')[2].partition("</a>")[0]
    assert 'id="f-indicators-0-reached-doubt"' not in page and 'id="f-indicators-doubt"' not in page


def test_a_rule_in_principle_is_said_on_the_draft_and_before_the_next_step(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    address, sent = application(factory, new_tax="99", src_paid_to_bidder="79", src_issuer_own="41")
    issuer = enter("issuer")
    assert issuer.post(address, data=sent).status_code == 302
    page = issuer.get(address).text
    assert 'id="f-new_tax-error"' in page and "照此计划届时不能拨款" in page
    assert "照此计划届时不能拨款" in page.partition('id="f-src_paid_to_bidder-doubt"')[2].partition("</td>")[0]
    sent["draft_version"] = str(int(sent["draft_version"]) + 1)
    assert issuer.post(address, data=sent | {"check": "1"}).status_code == 422


def test_the_script_gets_the_sums_with_its_saving(factory: SiteProjectFactory, enter: Enter) -> None:
    address, sent = application(factory, total_investment="140", src_city="35.01")
    beside = enter("issuer").post(f"{address}/draft", data=sent).json["beside"]
    assert "140.00 万元 × 25%" in beside["use_other"] and "35.01 万元" in beside["use_other"]
    assert "进度安排" in beside["term_end"]


def test_a_draft_is_printed_the_same_twice(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/documents/{project.form_id}/preview.pdf"
    first, second = (enter("issuer").get(address) for _ in range(2))
    assert first.status_code == 200
    assert first.mimetype == "application/pdf"
    assert first.data == second.data


def test_a_submitted_form_is_no_longer_written_in_but_read(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.submitted()
    address = f"/projects/{project.id}/documents/{project.form_id}"
    leads_to = {name: enter(name).get(address).headers.get("Location") for name in ("issuer", "science", "rival")}
    assert leads_to == {"issuer": f"{address}/versions/1", "science": f"{address}/versions/1", "rival": None}
    assert enter("rival").get(address).status_code == 404
    assert enter("issuer").post(address, data=typed(factory, project, title="改")).status_code == 404
    assert draft_of(factory, project.form_id)["title"] == FORM["title"]


def test_a_draft_that_was_never_submitted_is_deleted(factory: SiteProjectFactory, enter: Enter) -> None:
    project = factory.draft()
    address = f"/projects/{project.id}/actions/discard"
    asked = enter("issuer").post(address, data=factory.form(project))
    assert asked.status_code == 200
    assert "请最后核对" in asked.text
    answer = enter("issuer").post(address, data=factory.form(project, confirmed="1"))
    assert answer.headers["Location"] == "/mine"
    factory.session.rollback()
    assert factory.session.scalar(select(func.count(Project.id))) == 0


def test_a_report_beyond_what_was_paid_is_wrong_at_its_cell_before_it_is_handed_in(
    factory: SiteProjectFactory, enter: Enter
) -> None:
    project = executing(factory)  # the city has paid 20 of 40
    row = reports_of(factory, project)[0]
    fill_report(factory, project, row, REPORT | {"spent_city": "20.01", "use_material": "35.01"})
    address = f"/projects/{project.id}/documents/{row.document_id}"
    page = enter("bidder").get(address).text
    assert "超过已拨付的 20.00 万元" in page and 'href="#f-spent_city"' in page
