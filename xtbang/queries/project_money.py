"""The money of a project for pages and exports: what the rules allow, what was planned and what was paid."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xtbang.enums import SOURCE_LABELS
from xtbang.models import Project
from xtbang.queries.desk.own_share import CONSENT
from xtbang.queries.ledger import TREASURIES, ZERO, Balances, granted_to
from xtbang.queries.shown.money import VoucherShown
from xtbang.rules.edition import Edition, Instalment, Parameter
from xtbang.rules.forms import readable
from xtbang.rules.funding_facts import funding_facts
from xtbang.rules.money import format_percent, format_wan, plain, wan
from xtbang.rules.policy import Policy
from xtbang.rules.recovery import Cause, recovery_due, recovery_rule
from xtbang.rules.subsidy import (
    amount,
    county_share,
    instalments_after,
    is_self_managed,
    issuer_payment_due,
    match_needed,
    ratio_limit,
)
from xtbang.rules.term import in_chinese


@dataclass(frozen=True)
class Line:
    """One rule applied to this project: what it asks, how that is calculated, what is there."""

    name: str
    asked: str  # 不超过 40.00 万元
    sum: str  # 160.00 万元 × 25% = 40.00 万元
    found: str
    kept: bool | None  # whether the rule is met; None: not decided yet
    article: str
    force: str


@dataclass(frozen=True)
class Money:
    """The money of a project; numbers are in yuan."""

    total: Decimal
    own: Decimal | None  # self-raised, as applied for, with what the issuer has agreed to add
    city: Decimal
    county: Decimal
    on_top: Decimal  # the county's money that is not part of the total
    gap: Decimal | None  # what the sources are short of the total: less was granted than applied for
    waiting: Decimal  # vouchers of the issuer that are not checked yet
    decided: bool  # whether the subsidy is fixed; otherwise amounts are as applied for
    lines: tuple[Line, ...]
    bars: tuple[dict[str, Any], ...]
    recovery: tuple[dict[str, Any], ...]
    instalments: tuple[str, ...]  # their names, in the order of payment


def money_of(
    policy: Policy,
    project: Project,
    application: dict[str, Any] | None,
    paid: Balances,
    vouchers: Iterable[VoucherShown],
    agreed: Collection[str],
) -> Money | None:
    """Return the money of a project; None before it asks for a subsidy.

    ``agreed`` are the subjects of consents. What was granted less than applied for is the issuer's own once it has agreed.
    """
    edition, together = policy.edition(project.edition), policy.city.together
    form = edition.documents["application"]
    asked = funding_facts(readable(form, application), form) if application else None
    total = project.total_investment if project.total_investment is not None else (asked or {}).get("total")
    decided = project.subsidy_city is not None
    city = project.subsidy_city if project.subsidy_city is not None else (asked or {}).get("subsidy")
    if not total or city is None:
        return None
    county = project.subsidy_county if project.subsidy_county is not None else county_share(edition, city)
    own = asked["self_raised"] if asked else None
    on_top = county if asked and not asked["county"] else ZERO
    gap = None if own is None else total - own - city - (county - on_top)
    if own is not None and gap is not None and f"{CONSENT}{wan(gap)}" in agreed:
        own, gap = own + gap, ZERO
    waiting = sum((row.amount for row in vouchers if row.status == "open"), ZERO)
    lines = tuple(_lines(project, edition, together, total, own, city, county, paid, waiting))
    bars = tuple(_bars(edition, total, city, county, paid, waiting)) if decided else ()
    if project.state in policy.funded:
        bars = tuple(bar | {"note": _when(project, bar)} if "instalment" in bar else bar for bar in bars)
    names = tuple(item.name for item in edition.instalments)
    return Money(total, own, city, county, on_top, gap, waiting, decided, lines, bars, tuple(_recovery(paid)), names)


def _lines(
    project: Project,
    edition: Edition,
    together: str,
    total: Decimal,
    own: Decimal | None,
    city: Decimal,
    county: Decimal,
    paid: Balances,
    waiting: Decimal,
) -> Iterator[Line]:
    def line(name: str, rule: Parameter, asked: str, reckoned: str, found: Decimal | None, kept: bool | None) -> Line:
        text = "—" if found is None else format_wan(found)
        return Line(name, asked, reckoned, text, kept, rule.article, rule.force.value)

    rule = edition.investment_minimum
    least = amount(rule)
    yield line("科研投入总额", rule, f"不低于 {format_wan(least)}", "", total, total >= least)
    rule, limit = edition.subsidy_ratio, ratio_limit(edition, total)
    ratio = f"{format_wan(total)} × {format_percent(rule.value)} = {format_wan(limit)}"
    yield line("市级补助占比", rule, f"不超过 {format_wan(limit)}", ratio, city, city <= limit)
    rule = edition.subsidy_maximum
    most = amount(rule)
    yield line("市级补助上限", rule, f"不超过 {format_wan(most)}", "", city, city <= most)
    rule, needed = edition.match_ratio, match_needed(edition, city)
    times = f"{format_wan(city)} × {plain(rule.value)} = {format_wan(needed)}"
    yield line("自筹配套", rule, f"不低于 {format_wan(needed)}", times, own, None if own is None else own >= needed)
    rule, share = edition.county_ratio, county_share(edition, city)
    one = f"{format_wan(city)} × {plain(rule.value)} = {format_wan(share)}"
    if rule.value:
        yield line("县市区（园区）补助", rule, f"等于 {format_wan(share)}", one, county, county == share)
    if (item := edition.issuer_pays_before) is not None:
        rule, due = edition.issuer_payment_ratio, issuer_payment_due(edition, total)
        before = f"{format_wan(total)} × {format_percent(rule.value)} = {format_wan(due)}"
        done = paid.issuer_paid >= due
        kept = True if done else False if ("city", item.number) in paid.instalments else None
        said = line(f"发榜方付款（{item.paying}前）", rule, f"不低于 {format_wan(due)}", before, paid.issuer_paid, kept)
        yield replace(said, found=f"{said.found}，另有待核验 {format_wan(waiting)}") if waiting else said
    if project.starts_on and project.ends_on:
        yield _tracking(project, edition, together, city)


def _tracking(project: Project, edition: Edition, together: str, city: Decimal) -> Line:
    assert project.starts_on and project.ends_on  # noqa: S101
    rule, years = edition.self_managed_subsidy, edition.self_managed_years
    alone = is_self_managed(edition, project.starts_on, project.ends_on, city)
    asked = f"补助不超过 {format_wan(amount(rule))}且周期不超过 {plain(years.value)} 年的自我管理"
    term = f"{in_chinese(project.starts_on)}至{in_chinese(project.ends_on)}"
    return Line("跟踪方式", asked, term, "自我管理" if alone else f"{together}跟踪管理", None, rule.article, "")


def _bars(
    edition: Edition, total: Decimal, city: Decimal, county: Decimal, paid: Balances, waiting: Decimal
) -> Iterator[dict[str, Any]]:
    if edition.issuer_pays_before is not None:
        due = issuer_payment_due(edition, total)
        ratio = format_percent(edition.issuer_payment_ratio.value)
        bar = _bar(f"发榜方付款（达到总额的 {ratio}）", due, paid.issuer_paid)
        if waiting:
            bar["note"] = f"另有已提交、待核验的付款凭证 {format_wan(waiting)}，核验认定后计入"
            bar |= {} if bar["tone"] == "done" else {"state": "待核验", "tone": "wait"}
        yield bar
    for source, whole in ((source, whole) for source, whole in (("city", city), ("county", county)) if whole):
        given = {number: amount for (payer, number), amount in paid.instalments.items() if payer == source}
        for item, planned in zip(edition.instalments, instalments_after(edition, whole, given), strict=True):
            done = paid.instalments.get((source, item.number), ZERO)
            bar = _bar(f"{SOURCE_LABELS[source]}{item.name}", planned, done)
            yield bar | ({"instalment": item, "source": source} if done < planned else {})


def _when(project: Project, bar: dict[str, Any]) -> str:
    """Return when an instalment is paid, as far as it is known: the articles name a step, no day."""
    item: Instalment = bar["instalment"]
    if bar["source"] == "county":
        return f"市级{item.name}拨付后拨付"
    if item.after == "contract":
        return f"合同生效、{item.paying}条件齐备后即拨付"
    if item.after == "midterm":
        return "通过中期检查、条件齐备后拨付"
    until = f"，实施期至{in_chinese(project.ends_on)}" if project.ends_on else ""
    return f"通过验收、条件齐备后拨付{until}"


def _bar(label: str, planned: Decimal, done: Decimal) -> dict[str, Any]:
    tone, state = ("done", "已付") if done >= planned else ("wait", "部分") if done else ("muted", "未付")
    return {
        "label": label,
        "planned": float(planned),
        "paid": float(min(done, planned)),
        "planned_text": format_wan(planned),
        "paid_text": format_wan(done),
        "state": state,
        "tone": tone,
    }


def _recovery(paid: Balances) -> Iterator[dict[str, Any]]:
    for source in TREASURIES:
        due = paid.due.get(source, ZERO)
        if due:
            back, gone = paid.recovered.get(source, ZERO), paid.written_off.get(source, ZERO)
            left, held = paid.outstanding[source], paid.surplus_held[source]
            yield _bar(f"应退回{SOURCE_LABELS[source]}", due, back) | {
                "state": "追缴中" if left else "已核销" if gone else "已收回",
                "tone": "stop" if left else "done",
                "note": "，".join(
                    f"{word} {format_wan(amount)}"
                    for word, amount in (("已核销", gone), ("尚差", left), ("多缴待退还", held))
                    if amount
                ),
            }


def would_recover(project: Project, edition: Edition, paid: Balances) -> list[dict[str, Any]]:
    """Return what a termination, or a claim after 办结, would recover for each source, for either cause."""
    found = []
    fault = "办结后查实弄虚作假" if project.state == "closed" else "发榜方或揭榜方主观原因"
    for cause, name in ((Cause.OBJECTIVE, "客观原因或不可抗力"), (Cause.SUBJECTIVE, fault)):
        rule, due = recovery_rule(edition, cause), recovery_due(edition, cause, paid.paid, granted_to(edition, project))
        found += [
            {
                "key": cause.value,
                "cause": name,
                "source": SOURCE_LABELS[source],
                "paid": format_wan(paid.paid[source]),
                "rate": format_percent(rule.value),
                "due": format_wan(due[source]),
                "article": rule.article,
            }
            for source in TREASURIES
            if source == "city" or edition.county_ratio.value
        ]
    return found
