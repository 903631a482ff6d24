"""No form asks for a value that its project or its meeting holds: it stands there already, or is new and said here to be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

# of these a new one is written every time: words, files, declarations, decisions, the rows of a table
ALWAYS_NEW = (FieldKind.LONG, FieldKind.FILE, FieldKind.FLAG, FieldKind.YES, FieldKind.ROWS)
NEW = {
    # days and times that are decided in this very form
    "a day that is set here": """
        send_back.correct_by remind.until request_extension.new_end rectify.rectify_by
        terminate.recover_by terminate.restrict_until propose_plan.recover_by extend_bids.bids_until reopen.bids_until
        schedule_roadshow.starts_at issue_prior_notice.restrict_until conclude_change.recover_by
        reclaim.recover_by reclaim.restrict_until
    """,
    "what a paper from outside says": """
        accept.received_on register_deal.contract_number register_deal.contract_signed_on register_deal.contract_amount
        submit_voucher.number submit_voucher.amount confirm_county_match.number
        disburse_first.note disburse_final.note record_county_instalment.note
        record_recovery.note return_surplus.note propose_write_off.document
        propose_write_off.dated record_ruling.number record_ruling.dated enter_statement.received_on
        record_service.dated convene_liability.organiser
    """,
    "a number that an office gives": """
        list_major.notice_number publish_notice.notice_number conclude.notice_number terminate.notice_number
        reclaim.notice_number
        record_document_number.number
    """,
    "what somebody says or asks for": """
        refuse.rule name_recusal.person name_recusal.employer answer_invitation.note file_objection.name
        file_objection.contact enter_objection.name enter_objection.contact check_voucher.note
    """,
    "how many and how long, decided here": """
        convene_appraisal.technical convene_appraisal.financial convene_appraisal.legal convene_roadshow.technical
        convene_roadshow.financial convene_roadshow.legal
        convene_acceptance.technical convene_acceptance.financial convene_acceptance.legal
        convene_liability.technical convene_liability.financial convene_liability.legal draw_more.technical
        draw_more.financial draw_more.legal schedule_roadshow.title schedule_roadshow.place schedule_roadshow.minutes
    """,
    "what the table of a county says of a past project": """
        import_project.number import_project.title import_project.domain import_project.issuer_name
        import_project.issuer_code import_project.bidder_name import_project.bidder_code import_project.total
        import_project.subsidy_city import_project.subsidy_county import_project.contract_amount
        import_project.starts_on import_project.ends_on import_project.closed_on import_project.issuer_paid
        import_project.issuer_paid_on
    """,
    "what is right instead, while the page shows what is recorded": """
        amend_line.note amend_line.dated amend_line.amount amend_subsidy.resolution_date
        amend_subsidy.resolution_number amend_service.dated amend_ruling.number amend_ruling.dated
    """,
}
KNOWN_TO_BE_NEW = {name for names in NEW.values() for name in names.split()}


@pytest.fixture(scope="module")
def rules() -> Policy:
    return load_policy(Path(__file__).parents[2] / "workflows")


def asked(policy: Policy) -> Iterator[tuple[str, Field]]:
    """What people fill in although nothing stands there; the only thing to choose is chosen already."""
    for action in policy.actions.values():
        for field in action.form.fields:
            decided = field.kind in (FieldKind.CHOICE, FieldKind.CHOICES)
            if not (field.prefill or field.computed or decided or field.kind in ALWAYS_NEW):
                yield f"{action.trigger}.{field.key}", field


def test_what_is_asked_for_is_new(rules: Policy) -> None:
    assert {name for name, _field in asked(rules)} - KNOWN_TO_BE_NEW == set()


def test_what_is_said_to_be_new_is_asked_for(rules: Policy) -> None:
    names = {f"{action.trigger}.{field.key}" for action in rules.actions.values() for field in action.form.fields}
    filled = {
        f"{action.trigger}.{field.key}"
        for action in rules.actions.values()
        for field in action.form.fields
        if field.prefill
    }
    assert KNOWN_TO_BE_NEW & filled == set()
    assert names >= KNOWN_TO_BE_NEW
