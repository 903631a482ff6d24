"""Who may see which action in which state: a table written by hand from the life of a project, checked whole."""

import pytest

from tests.workflow.any_state import PEOPLE, STATES, AnyStateSite
from xtbang.errors import Blocked, Forbidden

# trigger: (states, who); copied from the page that describes the life of a project, not from the TOML
BUREAUS = "science industry"
RUNNING = "contracting first_payment execution extension acceptance final_payment"
PAID = "first_payment execution extension acceptance final_payment closed termination terminated"
CHANGING = "first_payment execution extension acceptance final_payment"
MEETINGS = "appraisal roadshow " + RUNNING
NAMING = (
    "appraisal bidding roadshow contracting first_payment execution extension acceptance final_payment closed given_up"
)
PANELS = MEETINGS + " closed given_up"
HEARING = RUNNING + " closed"
CLAIMED = "first_payment execution extension acceptance final_payment closed termination"
OPEN = "solicitation appraisal listing bidding roadshow publicity termination " + RUNNING
DECIDED = "appraisal listing bidding roadshow publicity closed termination terminated rejected given_up " + RUNNING
TABLE = {
    # transitions
    "submit": ("draft", "issuer"),
    "send_back": ("solicitation", "science"),
    "withdraw": ("draft solicitation appraisal listing", "issuer"),
    "accept": ("solicitation", "science"),
    "refuse": ("solicitation", "science"),
    "list_regular": ("appraisal", BUREAUS),
    "list_major": ("appraisal", BUREAUS),
    "promote": ("listing", "science"),
    "drop": ("appraisal", BUREAUS),
    "agree": ("listing", "issuer"),
    "reopen": ("bidding", "issuer science"),
    "register_deal": ("bidding", "science"),
    "apply": ("bidding", "issuer"),
    "give_up_bid": ("bidding", "bidder"),
    "give_up_entry": ("bidding", "issuer"),
    "give_up": ("roadshow publicity contracting", "issuer bidder"),
    "end_with_call": ("draft solicitation appraisal", "science"),
    "move_entry": ("draft solicitation appraisal", "issuer science"),
    "end_entry": ("draft solicitation appraisal listing bidding roadshow publicity contracting", BUREAUS),
    "ask_reading": ("bidding execution extension", "issuer bidder"),
    "confirm_reading": ("bidding execution extension", "issuer bidder"),
    "withdraw_reading": ("bidding execution extension", "issuer bidder"),
    "recommend": ("roadshow", "leader"),
    "decline": ("roadshow", "leader"),
    "confirm": ("publicity", "science"),
    "uphold": ("publicity", BUREAUS),
    "conclude": ("contracting", "science"),
    "approve_payment": ("first_payment final_payment", BUREAUS + " finance"),
    "disburse_first": ("first_payment", "finance"),
    "request_extension": ("execution", "issuer bidder"),
    "join_extension": ("extension", "issuer bidder"),
    "refuse_extension": ("extension", "issuer bidder"),
    "withdraw_extension": ("extension", "issuer bidder"),
    "grant_extension": ("extension", BUREAUS),
    "deny_extension": ("extension", BUREAUS),
    "request_acceptance": ("execution extension", "bidder"),
    "withdraw_acceptance": ("acceptance", "bidder"),
    "withdraw_application": ("roadshow", "issuer"),
    "rectify": ("acceptance", BUREAUS),
    "pass_acceptance": ("acceptance", BUREAUS),
    "disburse_final": ("final_payment", "finance"),
    "terminate": (RUNNING, BUREAUS),
    "reclaim": ("closed", BUREAUS),
    "settle": ("termination", "finance"),
    "issue_prior_notice": (HEARING, BUREAUS),
    "record_service": (HEARING, BUREAUS),
    "amend_service": (HEARING, BUREAUS),
    "state_in_inquiry": (HEARING + " given_up", "issuer bidder member"),
    "make_statement": (HEARING, "issuer bidder member"),
    "enter_statement": (HEARING, BUREAUS),
    "withdraw_prior_notice": (HEARING, BUREAUS),
    # acts beside the project
    "import_project": ("draft", BUREAUS),
    "revoke_import": ("execution closed terminated", BUREAUS),
    "discard": ("draft", "issuer"),
    "upload_scan": ("draft", "issuer"),
    "convene_appraisal": ("appraisal", "science"),
    "convene_roadshow": ("roadshow", "science"),
    "convene_acceptance": ("acceptance", "science"),
    "convene_liability": (HEARING + " given_up", "science"),
    "name_recusal": (NAMING, "issuer bidder member"),
    "withdraw_recusal": (NAMING, "issuer bidder member"),
    "decide_recusal": (NAMING, "science"),
    "draw_more": (PANELS, "science"),
    "join_meeting": (MEETINGS, "science"),
    "leave_meeting": (MEETINGS, "science"),
    "answer_invitation": (PANELS, "expert"),
    "submit_scores": (PANELS, "expert"),
    "conclude_panel": (PANELS, "science"),
    "void_sheet": (PANELS, "science"),
    "open_bid": ("listing", "bidder outsider member"),
    "confirm_membership": ("listing", "member"),
    "submit_bid": ("listing", "bidder outsider member"),
    "withdraw_bid": ("listing", "bidder outsider member"),
    "extend_bids": ("listing", "science"),
    "recommend_province": (
        "listing bidding roadshow publicity contracting first_payment execution acceptance final_payment",
        BUREAUS,
    ),
    "schedule_roadshow": ("roadshow", "science"),
    "record_inspection": ("roadshow", BUREAUS),
    "record_opinion": ("roadshow", BUREAUS),
    "publish_notice": ("publicity", "science"),
    "decide_objection": ("publicity", "science"),
    "enter_objection": ("publicity", "science"),
    "accept_own_share": ("contracting", "issuer"),
    "issue_contract": ("contracting", "science"),
    "sign_contract": (RUNNING, "issuer bidder member science industry"),
    "withdraw_signature": (RUNNING, "issuer bidder member science industry"),
    "look_at_signature": (RUNNING, "science"),
    "open_change": (CHANGING, "issuer bidder"),
    "propose_change": (CHANGING, "issuer bidder"),
    "agree_change": (CHANGING, "issuer bidder member"),
    "decline_change": (CHANGING, "issuer bidder member"),
    "withdraw_change": (CHANGING, "issuer bidder"),
    "grant_change": (CHANGING, BUREAUS),
    "deny_change": (CHANGING, BUREAUS),
    "conclude_change": (CHANGING, "science"),
    "record_funding_document": ("contracting", "finance"),
    "submit_voucher": ("bidding roadshow publicity contracting first_payment", "issuer"),
    "withdraw_voucher": ("bidding roadshow publicity contracting first_payment", "issuer"),
    "check_voucher": ("bidding roadshow publicity contracting first_payment", BUREAUS),
    "record_waiver": ("bidding roadshow publicity contracting first_payment execution", BUREAUS),
    "confirm_county_match": ("first_payment final_payment", "county"),
    "record_county_instalment": ("execution extension acceptance final_payment closed termination", "county"),
    "record_document_number": (OPEN + " closed terminated given_up rejected withdrawn", BUREAUS),
    "declare_county_unpaid": ("termination", "county finance"),
    "withdraw_report": ("execution extension", "bidder"),
    "submit_report": ("execution extension", "bidder"),
    "assign_agency": ("first_payment execution extension acceptance", "science"),
    "record_check": ("execution extension acceptance", BUREAUS + " agency"),
    "propose_write_off": (CLAIMED, "finance"),
    "approve_write_off": (CLAIMED, BUREAUS),
    "refuse_write_off": (CLAIMED, BUREAUS),
    "propose_plan": (CLAIMED, "finance"),
    "approve_plan": (CLAIMED, BUREAUS),
    "refuse_plan": (CLAIMED, BUREAUS),
    "record_recovery": (CLAIMED + " terminated", "finance"),
    "return_surplus": (CLAIMED + " terminated", "finance"),
    "withhold": (
        "draft solicitation listing rejected appraisal bidding roadshow publicity closed termination terminated "
        + RUNNING,
        BUREAUS + " leader finance county",
    ),
    "remind": (OPEN, BUREAUS),
    "assign_officer": (OPEN, BUREAUS),
    # corrections
    "revoke": (
        "appraisal listing publicity contracting first_payment execution final_payment closed termination terminated rejected "
        "given_up",
        BUREAUS + " leader finance",
    ),
    "record_ruling": (DECIDED, BUREAUS),
    "amend_ruling": ("draft solicitation " + DECIDED, BUREAUS),
    "execute_ruling": (DECIDED, BUREAUS),
    "take_back": (
        "appraisal listing bidding roadshow publicity closed termination " + RUNNING,
        BUREAUS + " county finance",
    ),
    "recheck_voucher": ("roadshow publicity closed " + RUNNING, BUREAUS),
    "amend_subsidy": ("publicity contracting first_payment", "leader"),
    "review_objection": ("publicity", "science"),
    "set_aside": ("appraisal roadshow publicity closed given_up " + RUNNING, BUREAUS),
    "return_signature": (RUNNING, "science"),
    "amend_funding_document": (RUNNING + " closed termination terminated", "finance"),
    "amend_deal": ("closed", "science"),
    "reverse_line": (PAID, "finance county"),
    "amend_line": (PAID, "finance county"),
}
# offered only where there is something to choose from: nothing was signed, paid or decided here
ON_DEMAND = {
    "withhold",
    "import_project",
    "revoke_import",
    "revoke",
    "take_back",
    "recheck_voucher",
    "review_objection",
    "return_signature",
} | {
    "amend_funding_document",
    "set_aside",
    "amend_service",
    "return_surplus",
    "end_with_call",
    "move_entry",
    "execute_ruling",
    "amend_ruling",
    "withdraw_recusal",
    "amend_deal",
    "record_document_number",
    "reverse_line",
    "amend_line",
}
BY_ANYONE = {"file_objection"}  # offered on the notice's page, not on the project's


def test_the_table_knows_every_trigger(factory: AnyStateSite) -> None:
    assert set(factory.engine.policy.actions) == set(TABLE) | BY_ANYONE


@pytest.mark.parametrize("state", STATES)
def test_offers_are_exactly_what_the_table_says(factory: AnyStateSite, state: str) -> None:
    project = factory.project(state)
    for person in PEOPLE:
        offers = factory.engine.offers(factory.session, project, factory.actor(person))
        offered = {offer.action.trigger for offer in offers if offer.role}
        assert offered == {trigger for trigger in set(TABLE) - ON_DEMAND if allowed(trigger, state, person)}, person


@pytest.mark.parametrize(
    ("database", "state"),
    [*(("sqlite", state) for state in STATES), ("postgresql", "contracting")],
    indirect=["database"],
)
def test_perform_refuses_everything_else_and_changes_nothing(factory: AnyStateSite, state: str) -> None:
    """Before anything of a database is asked that the two do differently; so one state is enough on the other."""
    project_id = factory.project(state).id
    for person in PEOPLE:
        actor = factory.actor(person)
        for trigger in TABLE:
            if not allowed(trigger, state, person):
                with pytest.raises((Forbidden, Blocked)):
                    factory.engine.perform(factory.session, project_id, trigger, actor, {}, None)
    assert factory.reread(project_id) == (state, 1, 0)


def allowed(trigger: str, state: str, person: str) -> bool:
    """What the table says."""
    states, who = TABLE[trigger]
    if person == "bidder" and state == "appraisal":  # nobody has bid yet
        return False
    return state in states.split() and person in who.split()
