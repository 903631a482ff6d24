"""不予会签, 撤销, 收回, 复核: whoever does it reads first what is refused, revoked or taken back, with project, parties and money."""

from collections.abc import Callable
from io import BytesIO

import pytest

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.stages import test_rulings as rulings
from tests.support.files import pdf
from tests.web.test_money_acts import ACTS, LogIn, choices, ended
from xtbang.models import Project
from xtbang.web.project.concerned import READERS

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

# what is done, on which project, by whom, what is filled in, and what both pages of it say of the thing
Way = tuple[str, Project, str, dict[str, str], tuple[str, ...]]
DECIDED = "“终止”，2024年11月20日作出", "洪灾", "资金退回期限", "2026年12月31日", "由实施转入终止"


def refused_termination(factory: SiteProjectFactory) -> Way:
    project, _who, _data = ACTS["terminate"](factory)
    said = "于2024年11月20日会签", "洪灾", "客观原因或不可抗力", "资金退回期限", "2026年12月31日", "10.00 万元"
    return "withhold", project, "industry", first(factory, project, "withhold", "industry", "signature"), said


def refused_reversal(factory: SiteProjectFactory) -> Way:
    project = later.executing(factory)
    line = later.correctable(factory, project)[0]
    said = {"line": line, "cause": "mistaken", "dated": "2024-11-20", "reason": "登记错了"}
    factory.perform(project, "reverse_line", "finance", said)
    words = "冲正：", "登记有误，没有这笔款项", "登记错了", "20.00 万元"
    return "withhold", project, "industry", first(factory, project, "withhold", "industry", "signature"), words


def refused_write_off(factory: SiteProjectFactory) -> Way:
    project, _who, _data = ACTS["approve_write_off"](factory)
    return (
        "withhold",
        project,
        "industry",
        first(factory, project, "withhold", "industry", "signature"),
        ("同意核销：", "申请核销的资金"),
    )


def revoked(factory: SiteProjectFactory) -> Way:
    project = ended(factory)
    papers = "项目终止决定书、财政资金追缴通知书"
    return "revoke", project, "science", first(factory, project, "revoke", "science", "decision"), (*DECIDED, papers)


def ruled(factory: SiteProjectFactory) -> Way:
    project = ended(factory)
    data = first(factory, project, "record_ruling", "science", "decision") | {"body": "court", "result": "quashed"}
    data |= {"number": "湘03行终1号", "dated": "2024-11-20", "file": factory.file("判决.pdf")}
    return "record_ruling", project, "science", data, (*DECIDED, "人民法院判决书、裁定书")


def executed(factory: SiteProjectFactory) -> Way:
    project = ended(factory)
    rulings.record(factory, project, "quashed")
    return "execute_ruling", project, "science", first(factory, project, "execute_ruling", "science", "ruling"), DECIDED


def taken_back(factory: SiteProjectFactory) -> Way:
    project = later.ready(factory)
    later.approved(factory, project)
    data = first(factory, project, "take_back", "science", "record")
    return "take_back", project, "science", data, ("拨款审批", "20.00 万元")


def first(factory: SiteProjectFactory, project: Project, trigger: str, who: str, key: str) -> dict[str, str]:
    return {key: choices(factory, project, trigger, who, key)[0]}


WAYS: tuple[Callable[[SiteProjectFactory], Way], ...] = (
    refused_termination, refused_reversal, refused_write_off, revoked, ruled, executed, taken_back,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_thing_is_said_before_it_is_done_and_before_it_is_signed_again(
    factory: SiteProjectFactory, login: LogIn, way: Callable[[SiteProjectFactory], Way]
) -> None:
    trigger, project, who, data, words = way(factory)
    page, data = factory.page(project, f"/actions/{trigger}"), data | {"reason": "材料有误。"}
    told = (
        *words,
        project.number,
        project.title,
        "湘潭电机有限公司",
        "湘潭大学",
        "市级财政",
        "县市区（园区）财政",
        "材料有误。",
    )
    sent = factory.form(project, **data) | ({"file": (BytesIO(pdf()), "判决.pdf")} if "file" in data else {})
    shown = login(factory.people[who]).post(page, data=sent, content_type="multipart/form-data").text
    assert "请最后核对" in shown
    assert [word for word in told if str(word) not in shown] == []
    action = factory.engine.policy.actions[trigger]
    if not action.signed:
        return
    factory.perform(project, trigger, who, data)
    again = login(factory.people["industry"]).get(page).text
    assert [word for word in told if str(word) not in again] == []


def test_every_action_that_a_second_person_signs_or_that_takes_something_back_names_its_thing(
    factory: SiteProjectFactory,
) -> None:
    """By what is filled in, by what its page shows beside it, or by what it concerns; and it is confirmed."""
    policy = factory.engine.policy
    grave = [act for act in policy.actions.values() if act.second or act.leads_back or act.trigger == "withhold"]
    chosen = {act.trigger: {field.options for field in act.form.fields} for act in grave}
    unnamed = [trigger for trigger in chosen if not (policy.actions[trigger].shows or chosen[trigger] & {*READERS})]
    assert unnamed == ["import_project", "amend_funding_document", "amend_deal"], "each field is what is amended"
    asked = [act.trigger for act in grave if not (act.confirm or act.danger or act.ledger)]
    assert asked == []
