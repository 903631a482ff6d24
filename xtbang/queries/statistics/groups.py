"""Projects of a call by domain, county, kind and kind of bidder; the city's subsidy, of ended projects what was paid."""

from collections.abc import Mapping

from xtbang.enums import KIND_LABELS
from xtbang.queries.statistics.chart import Chart, Group, Question

HEADS = ("申报（个）", "立项（个）", "市级补助（万元）")


def _most(group: Group) -> tuple[int, str]:
    return -group.entries, group.name


def _chart(key: str, title: str, head: str, groups: list[Group], labels: Mapping[str, str]) -> Chart:
    named = tuple(
        (labels.get(name, name) or "未填写", count, funded, amount.scaleb(-4))
        for name, count, funded, amount in sorted(groups, key=_most)
    )
    return Chart(key, title, (head, *HEADS), named, drawn=2)


def by_domain(question: Question) -> Chart:
    """Return the projects by domain (所属领域)."""
    return _chart("domains", "按领域", "领域", question.groups["domain"], {})


def by_county(question: Question) -> Chart:
    """Return the projects by the county or park of their issuer."""
    return _chart("counties", "按县市区（园区）", "县市区（园区）", question.groups["region"], {})


def by_kind(question: Question) -> Chart:
    """Return the projects by kind of entry."""
    return _chart("kinds", "按类别", "类别", question.groups["kind"], KIND_LABELS)


def by_bidder(question: Question) -> Chart:
    """Return the projects with an agreed bidder, by the kind of that organisation."""
    known = [group for group in question.groups["bidder"] if group.name]
    return _chart("bidders", "按揭榜方类型", "揭榜方类型", known, {})
