"""Who may open what, written down by hand: a change of any rule has to be made here too."""

from pathlib import Path

import pytest
from flask import Flask

from xtbang import create_app
from xtbang.enums import RoleName
from xtbang.rules.actor import NEWCOMER
from xtbang.web.frame.access import ANYONE, SIGNED_IN, rule_of

BUREAUS = "science industry third leader auditor"
OFFICES = "science industry third leader finance county agency auditor"
OFFICE = "science industry third leader finance county"
MONEY = "science industry third leader auditor finance county"
RULES = {
    "account.organisation_change": SIGNED_IN,
    "admin.confirm_change": "science industry third",
    "admin.organisation_change": "science",
    "admin.refuse_change": "science industry third",
    "account.switch_manager": SIGNED_IN,
    "account.open_mail": SIGNED_IN,
    "account.code": ANYONE,
    "account.colleagues": SIGNED_IN,
    "account.confirm_email": ANYONE,
    "account.deputies": OFFICE,
    "account.end_deputy": f"{OFFICE} admin",
    "admin.hand_over": "admin",
    "admin.person_deputies": "admin",
    "account.email": SIGNED_IN,
    "account.end_all": SIGNED_IN,
    "account.end_one": SIGNED_IN,
    "account.first_password": SIGNED_IN,
    "account.forget_kept": ANYONE,
    "account.forgot": ANYONE,
    "account.inbox": SIGNED_IN,
    "account.kept": ANYONE,
    "account.kept_page": ANYONE,
    "account.login": ANYONE,
    "account.organisation": SIGNED_IN,
    "account.profile": SIGNED_IN,
    "account.prove": SIGNED_IN,
    "account.read": SIGNED_IN,
    "account.register": ANYONE,
    "account.registered": ANYONE,
    "account.renew_codes": SIGNED_IN,
    "account.reset": SIGNED_IN,
    "account.reset_password": ANYONE,
    "account.reset_sent": ANYONE,
    "account.second_factor": SIGNED_IN,
    "account.second_factor_off": SIGNED_IN,
    "account.sign_ins": SIGNED_IN,
    "account.switch": SIGNED_IN,
    "actions.act": SIGNED_IN,
    "batches.index": f"{OFFICES} admin",
    "batches.print_forms": OFFICES,
    "batches.print_papers": BUREAUS,
    "batches.register": f"{OFFICES} admin",
    "calendar.close": SIGNED_IN,
    "calendar.file": SIGNED_IN,
    "calendar.page": SIGNED_IN,
    "calendar.renew": SIGNED_IN,
    "calendar.subscription": ANYONE,
    "desk.deed": OFFICES,
    "imports.confirm": "science industry third",
    "imports.index": "science industry third leader auditor county",
    "imports.new": "science industry third",
    "imports.page": "science industry third leader auditor county",
    "imports.refuse": "science industry third",
    "imports.template": "science industry third leader auditor county",
    "statistics.call": MONEY,
    "statistics.export": MONEY,
    "statistics.export_of_call": MONEY,
    "statistics.index": MONEY,
    "downloads.cancel": SIGNED_IN,
    "downloads.case_file": SIGNED_IN,
    "downloads.case_files": OFFICES,
    "downloads.index": SIGNED_IN,
    "views.delete": f"{OFFICES} admin",
    "views.rename": f"{OFFICES} admin",
    "views.density": f"{OFFICES} admin",
    "views.save": f"{OFFICES} admin",
    "downloads.list_file": f"{OFFICES} admin",
    "downloads.make_list_file": f"{OFFICES} admin",
    "files.view": SIGNED_IN,
    "files.word": SIGNED_IN,
    "batches.new": OFFICES,
    "batches.page": f"{OFFICES} admin",
    "batches.signatures": "science industry third",
    "batches.stop": f"{OFFICES} admin",
    "admin.audit": "auditor admin",
    "admin.backup": "admin",
    "admin.confirm_organisation": "science admin",
    "admin.edition": "admin science auditor",
    "admin.edition_form": "admin science auditor",
    "admin.editions": "admin science auditor",
    "admin.editions_guide": "admin science auditor",
    "admin.home": "admin science auditor",
    "admin.jobs": "admin auditor",
    "admin.check_chains": "admin auditor",
    "admin.cancel_job": "admin",
    "admin.retry_job": "admin",
    "admin.mails": "admin",
    "admin.organisation": "science industry third admin",
    "admin.organisations": "science admin",
    "admin.people": "admin",
    "admin.person": "admin",
    "admin.person_active": "admin",
    "admin.person_new": "admin",
    "admin.person_password": "admin",
    "admin.person_second_factor": "admin",
    "admin.refuse_organisation": "science admin",
    "admin.unconfirm_organisation": "science admin",
    "admin.confirm_restriction_act": "science industry third",
    "admin.drop_restriction_act": "science industry third",
    "admin.restriction_acts": "science industry third auditor admin",
    "admin.restriction_correct": "science",
    "admin.restriction_lift": "science",
    "account.restriction_notice": SIGNED_IN,
    "admin.restriction_new": "science",
    "admin.restriction_notice": "science industry third auditor admin",
    "admin.restriction_notice_deed": "science industry third",
    "admin.confirm_year": "science industry third",
    "admin.drop_year": "science industry third",
    "admin.holidays": "science industry third auditor admin",
    "admin.new_holidays": "science industry third",
    "admin.restriction_restore": "science",
    "admin.restriction_tell": "science",
    "admin.restrictions": "science auditor admin",
    "admin.retry_mails": "admin",
    "applicant.bid": "applicant",
    "applicant.copy": "applicant",
    "applicant.mine": SIGNED_IN,
    "applicant.new": "applicant newcomer",
    "search.page": f"{MONEY} admin",
    "bureau.projects": f"{MONEY} agency",
    "calls.cancel": "science",
    "calls.edit": "science",
    "calls.index": "science",
    "calls.new": "science",
    "calls.prolong": "science",
    "calls.publish": "science",
    "desk.home": SIGNED_IN,
    "documents.autosave": SIGNED_IN,
    "documents.edit": SIGNED_IN,
    "documents.preview": SIGNED_IN,
    "expert.meeting": "expert",
    "expert.panels": "expert",
    "expert.review": "expert",
    "expert.save_scores": "expert",
    "files.download": SIGNED_IN,
    "files.paper": ANYONE,
    "finance.account": "finance county",
    "finance.issue": "finance science industry third county",
    "finance.budget": "science industry third leader auditor finance",
    "finance.budgets": "science industry third leader auditor finance",
    "finance.change_budget": "science industry third finance",
    "finance.confirm_budget": "science industry third finance",
    "finance.drop_budget": "science industry third finance",
    "finance.reverse_budget": "science industry third finance",
    "finance.cancel": "finance county",
    "finance.slips": "finance county",
    "finance.lines": MONEY,
    "finance.plan": MONEY,
    "finance.recovery_list": MONEY,
    "finance.statement": MONEY,
    "finance.overview": MONEY,
    "finance.projects": MONEY,
    "notices_admin.correct": "science",
    "notices_admin.index": BUREAUS,
    "notices_admin.page": BUREAUS,
    "objecting.done": ANYONE,
    "objecting.file": ANYONE,
    "projects.compare": SIGNED_IN,
    "projects.page": SIGNED_IN,
    "public.blank_form": ANYONE,
    "probes.healthz": ANYONE,
    "probes.metrics": ANYONE,
    "probes.readyz": ANYONE,
    "public.board": ANYONE,
    "public.call": ANYONE,
    "public.entry": ANYONE,
    "public.guide": ANYONE,
    "public.home": ANYONE,
    "public.lists": ANYONE,
    "public.notice": ANYONE,
    "public.notices": ANYONE,
    "public.objections": ANYONE,
    "meetings.cancel_it": "science",
    "meetings.change": "science",
    "meetings.close": "science",
    "meetings.draw": "science",
    "meetings.index": BUREAUS,
    "meetings.new": "science",
    "meetings.print_one": "science industry third",
    "meetings.projects": "science",
    "meetings.sign_in": "science",
    "meetings.order": "science",
    "meetings.page": BUREAUS,
    "meetings.panel_sheets": "science industry third",
    "meetings.sheets": "science industry third",
    "security.login": ANYONE,
    "security.logout": SIGNED_IN,
    "static": ANYONE,
    "verify.code": ANYONE,
    "verify.page": ANYONE,
}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return create_app({"INSTANCE": tmp_path_factory.mktemp("access"), "SECRET_KEY": "test"})


def test_the_rule_of_every_endpoint(program: Flask) -> None:
    declared = {endpoint: sorted(rule_of(program, endpoint)) for endpoint in program.view_functions}
    assert declared == {endpoint: sorted(rule.split()) for endpoint, rule in RULES.items()}


def test_rules_name_roles_that_exist(program: Flask) -> None:
    known = {ANYONE, SIGNED_IN, NEWCOMER, *(role.value for role in RoleName)}
    assert {name for endpoint in program.view_functions for name in rule_of(program, endpoint)} <= known


def test_a_view_without_a_rule_is_never_served(tmp_path: Path) -> None:
    program = create_app({"INSTANCE": tmp_path, "SECRET_KEY": "test"})
    program.add_url_rule("/forgotten", "forgotten", lambda: "seen")
    with pytest.raises(KeyError, match="forgotten declares no access rule"):
        rule_of(program, "forgotten")
    answer = program.test_client().get("/forgotten")
    assert answer.status_code == 500
    assert answer.text != "seen"


def test_visitors_are_stopped_at_every_closed_page(program: Flask) -> None:
    """GET of what takes no parameter leads to the sign-in page."""
    visitor = program.test_client()
    for rule in program.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or ANYONE in rule_of(program, rule.endpoint):
            continue
        answer = visitor.get(rule.rule)
        assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login"), rule.endpoint
