"""Hold what belongs to a project but has a life of its own, one noun a file: bids, panels, notices, vouchers, payments …"""

from xtbang.domain import (
    bids,
    common,
    consents,
    county_funds,
    experts,
    extension_requests,
    notices,
    own_share,
    panels,
    paper_numbers,
    payment_numbers,
    reports,
    reversal,
    signatures,
    vouchers,
    waivers,
)

__all__ = [
    "bids",
    "common",
    "consents",
    "county_funds",
    "experts",
    "extension_requests",
    "notices",
    "own_share",
    "panels",
    "paper_numbers",
    "payment_numbers",
    "reports",
    "reversal",
    "signatures",
    "vouchers",
    "waivers",
]
