"""A project with every step, from 征集 to the state it should reach; each step is taken by the responsible person."""

from xtbang.demo.early import EarlySteps
from xtbang.demo.ending import EndingSteps
from xtbang.demo.late import LateSteps
from xtbang.demo.steps import Plan

# the steps of the funded track, in order; a project stops after one of them
FUNDED = (
    "submit accept appraise list_major bid agree write_application pay_bidder apply show recommend publish confirm "
    "issue_contract sign conclude check_payment match disburse_first county_pays report request_acceptance examine "
    "pass_acceptance match_second disburse_final county_pays_second"
).split()
MARKET = "submit accept list_regular bid agree register_deal".split()


class Walk(EarlySteps, LateSteps, EndingSteps):
    """A project and every step that it can take."""


__all__ = ["FUNDED", "MARKET", "Plan", "Walk"]
