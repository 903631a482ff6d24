"""The rules about a plan of money: of an application, and of a budget that a change (变更) makes anew."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from xtbang.rules.edition import Edition
from xtbang.rules.funding_facts import funding_facts
from xtbang.rules.money import format_wan
from xtbang.rules.plan import APPLICATION, planned_payment
from xtbang.rules.reasons import Reason
from xtbang.rules.subsidy import check_funding, county_proportion, county_share


def funding_reasons(edition: Edition, values: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield reasons from every money and term rule of the law and of the notice of the year, each at its field."""
    facts = funding_facts(dict(values), edition.documents["application"])
    if not facts:
        return
    for reason in check_funding(edition, **facts | {"county": None}):
        yield replace(reason, field=APPLICATION.fields[reason.rule])
    yield from planned_payment(edition, values)
    planned, share = facts["county"], county_share(edition, facts["subsidy"])
    if planned > share:  # a county subsidy outside of the planned total is added to it (1 : 1 in any case)
        ratio = county_proportion(edition)
        text = f"列入科研投入的县市区（园区）补助 {format_wan(planned)}，超过按 {ratio} 配套的 {format_wan(share)}。"
        yield Reason("A7.county", text, edition.county_ratio.article, field="src_county")
