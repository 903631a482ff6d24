"""Every act that adds to the ledger: shown once more with project, parties and amounts, counted once, refused from an old page."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories import later
from tests.factories.site_projects import SiteProjectFactory
from tests.stages import test_lowered_subsidy as changes
from tests.stages import test_rulings as rulings
from tests.stages import test_surplus as surplus
from tests.stages.test_records_corrected import choices
from xtbang.models import LedgerEntry, Person, Project
from xtbang.rules.money import format_wan

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
LogIn = Callable[[Person], FlaskClient]
Act = tuple[Project, str, Mapping[str, Any]]  # the project, who posts, what the form holds ({} for a second signature)
TABLES = {"import_project", "revoke_import"}  # whole tables of past projects, confirmed line by line: test_imports


def today(factory: SiteProjectFactory) -> str:
    return factory.now.date().isoformat()


def asked(
    factory: SiteProjectFactory, project: Project, trigger: str, people: tuple[str, str], field: str, **data: Any
) -> Act:
    """Asked for by the first of two people, about the first thing that can be chosen."""
    key = choices(factory, project, trigger, people[0], field)[0]
    factory.perform(project, trigger, people[0], {field: key, "reason": "登记有误。"} | data)
    return project, people[1], {}


def check_voucher(factory: SiteProjectFactory) -> Act:
    project = later.in_force(factory)
    later.voucher(factory, project, "HD-1", "80")
    return project, "science", {"voucher": str(later.newest(factory, project)), "outcome": "accepted"}


def disburse_first(factory: SiteProjectFactory) -> Act:
    project = later.approved(factory, later.ready(factory))
    return project, "finance", {"amount": "20", "paid_on": today(factory), "note": "SK-1"}


def disburse_final(factory: SiteProjectFactory) -> Act:
    project = later.executing(factory)
    later.county_pays(factory, project, "1", "20")
    later.passed(factory, project)
    later.matched(factory, project, "20")
    later.approved(factory, project)
    return project, "finance", {"amount": "20", "paid_on": today(factory), "note": "WK-1"}


def record_county_instalment(factory: SiteProjectFactory) -> Act:
    data = {"instalment": "1", "amount": "20", "dated": today(factory), "note": "XB-1"}
    return later.executing(factory), "county", data | {"dated": "2024-11-20"}


def terminate(factory: SiteProjectFactory) -> Act:
    project = later.executing(factory)
    data = {"cause": "objective", "reason": "洪灾", "recover_by": "2026-12-31"}
    factory.perform(project, "terminate", "science", data | {"audit_file": factory.file("审计报告.pdf")})
    return project, "industry", {}


def reclaim(factory: SiteProjectFactory) -> Act:
    project = later.completed(factory)
    later.to_reclaim(factory, project)
    factory.perform(project, "reclaim", "science", later.RECLAIM)
    return project, "industry", {}


def ended(factory: SiteProjectFactory) -> Project:
    project = later.executing(factory)
    later.ended(factory, project)
    return project


def record_recovery(factory: SiteProjectFactory) -> Act:
    return ended(factory), "finance", surplus.came(factory, "4")


def return_surplus(factory: SiteProjectFactory) -> Act:
    project = ended(factory)
    factory.perform(project, "record_recovery", "finance", surplus.came(factory, "12.5", surplus="true"))
    factory.perform(project, "return_surplus", "finance", surplus.given_back(factory, project))
    return project, "science", {}


def approve_write_off(factory: SiteProjectFactory) -> Act:
    project = ended(factory)
    paper = {"document": "批复", "dated": "2024-11-20", "reason": "无财产", "file": factory.file("批复.pdf")}
    factory.perform(project, "propose_write_off", "finance", paper | {"source": "city", "amount": "10"})
    factory.perform(project, "approve_write_off", "science")
    return project, "industry", {}


def conclude_change(factory: SiteProjectFactory) -> Act:
    """A subsidy that falls below what was paid is claimed back."""
    project = later.executing(factory)
    changes.signed(factory, project, "15")
    return project, "science", {"recover_by": "2026-12-31"}


def reverse_line(factory: SiteProjectFactory) -> Act:
    more = {"cause": "returned", "dated": today(factory)}
    project = later.executing(factory)
    return asked(factory, project, "reverse_line", ("finance", "science"), "line", **more | {"dated": today(factory)})


def amend_line(factory: SiteProjectFactory) -> Act:
    project = later.executing(factory)
    return asked(factory, project, "amend_line", ("finance", "finance2"), "line", note="SK-9", dated=today(factory))


def recheck_voucher(factory: SiteProjectFactory) -> Act:
    return asked(
        factory, later.ready(factory), "recheck_voucher", ("industry", "science"), "voucher", outcome="refused"
    )


def revoke(factory: SiteProjectFactory) -> Act:
    project = ended(factory)
    decision = choices(factory, project, "revoke", "science", "decision")[0]
    factory.perform(project, "revoke", "science", {"decision": decision, "reason": "依据有误。"})
    return project, "industry", {}


def execute_ruling(factory: SiteProjectFactory) -> Act:
    project = ended(factory)
    rulings.record(factory, project, "quashed")
    ruling = choices(factory, project, "execute_ruling", "science", "ruling")[0]
    factory.perform(project, "execute_ruling", "science", {"ruling": ruling, "reason": "依法执行。"})
    return project, "industry", {}


ACTS: dict[str, Callable[[SiteProjectFactory], Act]] = {
    function.__name__: function
    for function in (
        check_voucher, disburse_first, disburse_final, record_county_instalment, terminate, reclaim, record_recovery,
        return_surplus, approve_write_off, conclude_change, reverse_line, amend_line, recheck_voucher, revoke,
        execute_ruling,
    )
}  # fmt: skip


def test_every_act_that_adds_to_the_ledger_is_tried(factory: SiteProjectFactory) -> None:
    ledger = {action.trigger for action in factory.engine.policy.actions.values() if action.ledger}
    assert ledger == set(ACTS) | TABLES


def lines(factory: SiteProjectFactory, project: Project) -> list[LedgerEntry]:
    factory.session.rollback()
    query = select(LedgerEntry).where(LedgerEntry.project_id == project.id).order_by(LedgerEntry.id)
    return list(factory.session.scalars(query))


@pytest.mark.parametrize("trigger", ACTS)
def test_it_is_shown_once_more_counts_once_and_is_refused_from_an_old_page(
    factory: SiteProjectFactory, login: LogIn, trigger: str
) -> None:
    project, who, data = ACTS[trigger](factory)
    client, page = login(factory.people[who]), factory.page(project, f"/actions/{trigger}")
    before, version = len(lines(factory, project)), factory.seen(project)[1]

    def post(**more: str) -> Any:
        form = factory.form(project, request_key="the key", seen_version=str(version)) | data | more
        return client.post(page, data=form, content_type="multipart/form-data")

    old = post(confirmed="1", seen_version=str(version - 1), request_key="an old page")
    assert old.status_code == 409
    assert len(lines(factory, project)) == before
    shown = post().text if data else client.get(page).text
    assert len(lines(factory, project)) == before, "it is only shown"
    first = post(confirmed="1")
    assert first.status_code == 302, first.text
    added = lines(factory, project)[before:]
    assert added
    assert post(confirmed="1").status_code == 302
    assert lines(factory, project)[before:] == added, "the second click counts nothing"
    bid = project.agreed_bid
    assert bid
    for word in (project.title, project.issuer.name, bid.lead.name, *{format_wan(abs(line.amount)) for line in added}):
        assert word in shown, word
