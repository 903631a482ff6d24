"""Texts of the demo: fictional organisations and people, topics, and every long text about them.

Plain values from a `random.Random`: no Flask, no database. The words are in ``data/*.toml``.
"""

from xtbang.demo.texts.applications import application
from xtbang.demo.texts.bids import bid
from xtbang.demo.texts.entry_texts import LIMITS, entry, topic_of
from xtbang.demo.texts.model import ENTRY_KINDS, Expert, Indicator, Org, Person, Task, Topic
from xtbang.demo.texts.orgs import bidders_for, issuer_of, more_organisations, org_by_slug, organisations
from xtbang.demo.texts.people import experts, full_name, people, person
from xtbang.demo.texts.remarks import (
    domains,
    funding_number,
    guide,
    pool_names,
    pools,
    resolution_number,
    send_back_remarks,
)
from xtbang.demo.texts.reports import acceptance, report
from xtbang.demo.texts.sources import topic_by_id, topics

__all__ = [
    "ENTRY_KINDS",
    "LIMITS",
    "Expert",
    "Indicator",
    "Org",
    "Person",
    "Task",
    "Topic",
    "acceptance",
    "application",
    "bid",
    "bidders_for",
    "domains",
    "entry",
    "experts",
    "full_name",
    "funding_number",
    "guide",
    "issuer_of",
    "more_organisations",
    "org_by_slug",
    "organisations",
    "people",
    "person",
    "pool_names",
    "pools",
    "report",
    "resolution_number",
    "send_back_remarks",
    "topic_by_id",
    "topic_of",
    "topics",
]
