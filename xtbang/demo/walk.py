"""One project's way from 征集 to where it is meant to stand, each step by the person whose step it is."""

from xtbang.demo.early import Early
from xtbang.demo.late import Late
from xtbang.demo.steps import Plan

# the steps of the funded way, in order; a project stops after one of them
FUNDED = (
    "submit accept appraise list_major bid agree write_application pay_bidder apply show recommend publish confirm "
    "issue_contract sign conclude check_payment match disburse_first county_pays report request_acceptance examine "
    "pass_acceptance match_second disburse_final county_pays_second"
).split()
MARKET = "submit accept list_regular bid agree register_deal".split()


class Walk(Early, Late):
    """A project and every step it can take."""


__all__ = ["FUNDED", "MARKET", "Plan", "Walk"]
