"""Eligibility: who may post an entry and who may bid for it."""

from collections.abc import Sequence
from typing import Any

from xtbang.rules.city import OUTSIDE
from xtbang.rules.edition import Edition
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason

KIND_NAMES = {
    "tech_demand": "技术需求",
    "tech_supply": "技术供给",
    "scene_demand": "应用场景需求",
    "scene_supply": "应用场景（科技成果）供给",
}


def is_local(region: str) -> bool:
    """Return whether a region lies in the city."""
    return region != OUTSIDE


def check_posting(edition: Edition, kind: str, org_kind: str, region: str) -> list[Reason]:
    """Return every reason why an organisation of that kind and region may not post that kind of entry."""
    name = KIND_NAMES.get(kind, kind)
    article = edition.cite("demand" if kind.endswith("_demand") else "supply")
    if kind not in edition.forms:
        return [Reason("A4.kind", f"{edition.title}不征集{quoted(name)}。", article)]
    reasons = _check_region(edition, region)
    allowed = edition.issuer_kinds.get(kind, ())
    if allowed and org_kind not in allowed:
        text = f"{edition.title}的{quoted(name)}由{'、'.join(allowed)}提出，贵单位类别为{quoted(org_kind)}。"
        reasons.append(Reason("A4.issuer", text, article))
    if edition.issuer_local.get(kind, False) and not is_local(region):
        text = f"{edition.title}的{quoted(name)}由市域内单位提出，贵单位登记在{quoted(OUTSIDE)}。"
        reasons.append(Reason("A4.local", text, article))
    return reasons


def check_bidding(
    edition: Edition, org_kind: str, issuer_id: Any, bidder_ids: Sequence[Any], region: str
) -> list[Reason]:
    """Return every reason why a bid may not be made.

    `bidder_ids` are the lead organisation, the members of its consortium and its partners; `org_kind` and `region` are
    those of the lead. The issuer may not be one of them. For hints (优先, 鼓励) see `bid_hints`.
    """
    reasons = _check_region(edition, region)
    if edition.bidder_kinds and org_kind not in edition.bidder_kinds:
        text = f"{edition.title}由{'、'.join(edition.bidder_kinds)}揭榜，贵单位类别为{quoted(org_kind)}。"
        reasons.append(Reason("A6.bidder", text, edition.cite("partners")))
    if issuer_id in bidder_ids:
        text = "同一项目的发榜方不能作为揭榜方、联合体成员或项目合作单位揭榜。"
        reasons.append(Reason("A6.issuer", text, edition.cite("partners")))
    if len(bidder_ids) > 1 and not edition.consortium_allowed:
        reasons.append(Reason("A6.consortium", f"{edition.title}不接受联合体揭榜。", edition.cite("partners")))
    if len(set(bidder_ids)) < len(bidder_ids):
        reasons.append(
            Reason("A6.twice", "同一单位在揭榜方、联合体成员和合作单位中只能出现一次。", edition.cite("partners"))
        )
    return reasons


def bid_hints(edition: Edition, bidder_ids: Sequence[Any], region: str) -> list[Reason]:
    """Return the arguments for a bid (优先, 鼓励): shown to people, never blocking."""
    hints = []
    if is_local(region):
        text = "本市具有良好科研业绩的单位和团队揭榜，予以优先支持。"
        hints.append(Reason("A6.local", text, edition.cite("partners"), Force.ADVICE))
    if edition.consortium_allowed and len(bidder_ids) > 1:
        hints.append(Reason("A6.joint", "鼓励采取产学研合作的方式揭榜攻关。", edition.cite("partners"), Force.ADVICE))
    return hints


def _check_region(edition: Edition, region: str) -> list[Reason]:
    if region in edition.regions:
        return []
    return [Reason("A4.region", f"{quoted(region)}不在可选的县市区（园区）之列，请先完善单位资料。")]
