"""Spending in reports and requests for acceptance, compared with budget, payments and the report before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xtbang.actions.context import Context
from xtbang.actions.documents import frozen, written
from xtbang.domain.payments import ledger
from xtbang.models import Document, Report
from xtbang.papers.facts.contract import budget_of
from xtbang.rules.crosschecks import SPENT, USES
from xtbang.rules.fields import Field, FormDefinition
from xtbang.rules.funding_facts import yuan
from xtbang.rules.measures import falls_short, is_nothing, lacks_figure, moves_away, same_measure
from xtbang.rules.money import format_figure, format_sum, format_wan
from xtbang.rules.needs import reads
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force, Reason

ZERO = Decimal(0)
NOTHING = "—"
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """The known figures of each amount in a document: by the key of its field, a text for each of ``heads``."""

    heads: tuple[str, ...]
    cells: Mapping[str, tuple[str, ...]]

    def columns(self, fields: Iterable[Field]) -> list[int]:
        """Return the numbers of the columns that say something about one of these fields."""
        rows = [self.cells[field.key] for field in fields if field.key in self.cells]
        return [n for n in range(len(self.heads)) if any(row[n] != NOTHING for row in rows)]


@dataclass(frozen=True)
class Known:
    """Amounts in yuan by the key of the field: planned, paid (of the sources), and in the report before."""

    planned: Mapping[str, Decimal]
    paid: Mapping[str, Decimal]
    before: Mapping[str, Decimal]


def last_report(context: Context, document: Document) -> Values:
    """Return the values of the newest report handed in before this document is; empty when there is none."""
    rows = [row for row in context.rows.of(Report) if row.submitted_at and row.document_id != document.id]
    own = next((row.due_on for row in context.rows.of(Report) if row.document_id == document.id), None)
    earlier = [row for row in rows if own is None or row.due_on < own]
    return frozen(context, max(earlier, key=lambda row: row.due_on).document) if earlier else {}


def known(context: Context, document: Document) -> Known:
    """Return what is known of the amounts of a report or a request for acceptance."""
    project, paid = context.project, ledger(context)
    planned = dict(budget_of(project, frozen(context, project.application)))
    own = planned.pop("src_issuer_own", ZERO) + planned.pop("src_paid_to_bidder", ZERO)
    planned.pop("src_city", None), planned.pop("src_county", None)
    granted = {"spent_city": project.subsidy_city or ZERO, "spent_county": project.subsidy_county or ZERO}
    last = last_report(context, document)
    before = {key: amount for key in (*SPENT, *USES) if (amount := yuan(last.get(key))) is not None}
    received = {"spent_city": paid.paid["city"], "spent_county": paid.paid["county"]}
    return Known({"spent_own": own} | granted | planned, received, before)


def figures(context: Context, document: Document) -> Figures:
    """Return budget, payments and the last report as texts, to be shown next to the fields of a document."""
    found = known(context, document)
    rows = {
        key: tuple(
            format_figure(amounts[key]) if key in amounts else NOTHING
            for amounts in (found.planned, found.paid, found.before)
        )
        for key in (*SPENT, *USES)
    }
    return Figures(("预算（合同）", "已拨付", "上次累计"), rows)


def beside(context: Context, document: Document) -> dict[str, Any]:
    """Return the known figures of each amount as facts of the printed document."""
    found = figures(context, document)
    return {"heads": list(found.heads), "cells": {key: list(cells) for key, cells in found.cells.items()}}


@reads(" ".join(f"{key}:money" for key in (*SPENT, *USES)), "report", "acceptance")
@reads("new_tax:money indicators:rows(name target reached)", "acceptance")
@reads("indicators:rows(name target last reached)", "report")
def spending_reasons(context: Context, document: Document) -> Iterator[Reason]:
    """Yield reasons against the amounts of a report or a request, and as advice what is to be confirmed."""
    definition = context.edition.documents[document.kind]
    values, found = written(context, document), known(context, document)
    names = {field.key: field.label for field in definition.fields}
    spent = {key: amount for key in (*SPENT, *USES) if (amount := yuan(values.get(key))) is not None}
    yield from _beyond_public_money(context, document.kind, names, spent, found)
    over = [key for key in ("spent_own", *USES) if key in spent and spent[key] > found.planned.get(key, ZERO)]
    if over:
        parts = (
            f"{names[key]} {format_sum(spent[key])}（预算 {format_sum(found.planned.get(key, ZERO))}）" for key in over
        )
        yield _ask(context, "A8.over_budget", f"超过预算：{'；'.join(parts)}。", over[0])
    less = [key for key in spent if key in found.before and spent[key] < found.before[key]]
    if less:
        parts = (f"{names[key]} {format_sum(spent[key])}（上次累计 {format_sum(found.before[key])}）" for key in less)
        yield _ask(context, "A8.cumulative", f"累计支出少于上次报告：{'；'.join(parts)}。", less[0])
    yield from _other_than_promised(context, values)
    earlier = last_report(context, document)
    yield from _other_than_before(context, values, earlier)
    if document.kind == "acceptance":
        yield from _short_of_plan(context, definition, values, spent, found)
    else:
        yield from _no_progress(context, values)
        yield from _other_milestones(context, values, earlier)


def _beyond_public_money(
    context: Context, kind: str, names: Mapping[str, str], spent: Mapping[str, Decimal], found: Known
) -> Iterator[Reason]:
    """Yield a reason when more public money was spent than there is.

    A report cannot spend more than was paid; a request for acceptance not more than was granted, as the rest is paid
    afterwards. What the county has paid may not be recorded yet: a report is only asked back.
    """
    for key in ("spent_city", "spent_county"):
        if key not in spent:
            continue
        granted, paid = found.planned[key], found.paid[key]
        if spent[key] > granted:
            text = f"{names[key]} {format_sum(spent[key])}，超过核定的 {format_wan(granted)}。"
            yield Reason("A8.spent", text, context.cite("acceptance"), field=key)
        elif kind == "report" and spent[key] > paid:
            text = f"{names[key]} {format_sum(spent[key])}，超过已拨付的 {format_wan(paid)}。"
            force = Force.MUST if key == "spent_city" else Force.ADVICE
            yield Reason("A8.spent", text, context.cite("tracking"), force, field=key)


def _short_of_plan(
    context: Context, definition: FormDefinition, values: Values, spent: Mapping[str, Decimal], found: Known
) -> Iterator[Reason]:
    own = found.planned["spent_own"]
    if "spent_own" in spent and spent["spent_own"] < own:
        label = definition.field("spent_own").label
        yield _ask(
            context, "A8.own", f"{label} {format_sum(spent['spent_own'])}，少于计划的 {format_sum(own)}。", "spent_own"
        )
    planned, reached = yuan(frozen(context, context.project.application).get("new_tax")), yuan(values.get("new_tax"))
    if planned is not None and reached is not None and reached < planned:
        text = f"实际新增税收 {format_sum(reached)}，少于申报时预计的 {format_sum(planned)}。"
        yield _ask(context, "A8.new_tax", text, "new_tax")
    for number, row in enumerate(values.get("indicators", [])):
        target, value = str(row.get("target", "")), str(row.get("reached", ""))
        if falls_short(target, value):
            text = f"指标{quoted(row.get('name', ''))}实际值为 {value}，目标值为 {target}，未达到；请核对实际值和自评结论。"
            yield _ask(context, "A8.indicator", text, f"indicators.{number}.reached")
        elif is_nothing(target, value):
            text = f"指标{quoted(row.get('name', ''))}目标值为 {target}，实际值填为 {value}；请核对是否为实测值。"
            yield _ask(context, "A8.indicator", text, f"indicators.{number}.reached")
        elif lacks_figure(target, value):
            text = f"指标{quoted(row.get('name', ''))}目标值为 {target}，实际值{quoted(value)}没有写明数值；请核对。"
            yield _ask(context, "A8.indicator", text, f"indicators.{number}.reached")


def _other_than_before(context: Context, values: Values, earlier: Values) -> Iterator[Reason]:
    """Yield as advice the indicators whose last value is not what the last report says."""
    said = {str(row.get("name", "")): str(row.get("reached", "")) for row in earlier.get("indicators", [])}
    for number, row in enumerate(values.get("indicators", [])):
        name, unit, last = (str(row.get(key, "")) for key in ("name", "unit", "last"))
        if name in said and not same_measure(last, said[name], unit):
            text = f"指标{quoted(name)}的上次填报值填为{quoted(last or NOTHING)}，上次报告为{quoted(said[name] or NOTHING)}。"
            yield _ask(context, "A8.last", text, f"indicators.{number}.last")


@reads("milestones:rows(content)", "application")
@reads("milestones:rows(content state:choice(done))", "report")
def _other_milestones(context: Context, values: Values, earlier: Values) -> Iterator[Reason]:
    """Yield as advice the stages of the contract that are left out, and those that were done and are no more."""
    rows = {str(row.get("content", "")): row for row in values.get("milestones", [])}
    planned = [str(row["content"]) for row in frozen(context, context.project.application).get("milestones", [])]
    if left := [quoted(content) for content in planned if content not in rows]:
        text = f"合同书的阶段任务{'、'.join(left)}没有填报，或者名称有改动。"
        yield _ask(context, "A8.milestones", text, "milestones")
    for row in earlier.get("milestones", []):
        content = str(row.get("content", ""))
        if row.get("state") == "done" and content in rows and rows[content].get("state") != "done":
            text = f"阶段任务{quoted(content)}上次填报为已完成，本次不是；请核对。"
            yield _ask(context, "A8.milestones", text, "milestones")


@reads("indicators:rows(name target)", "application")
def _other_than_promised(context: Context, values: Values) -> Iterator[Reason]:
    """Yield as advice the indicators whose name or target is not that of the contract, and those that are left out."""
    promised = {str(row["name"]): row for row in _promised(context)}
    if not promised:
        return
    rows = values.get("indicators", [])
    for number, row in enumerate(rows):
        name, target, unit = (str(row.get(key, "")) for key in ("name", "target", "unit"))
        of_it = promised.get(name, {})
        wanted, counted = str(of_it.get("target", "")), str(of_it.get("unit", ""))
        if name not in promised:
            text = f"指标{quoted(name)}不在合同书的考核指标中，请核对名称。"
            yield _ask(context, "A8.promised", text, f"indicators.{number}.name")
        elif not same_measure(unit, counted, ""):
            text = f"指标{quoted(name)}的单位填为{quoted(unit or NOTHING)}，合同书为{quoted(counted or NOTHING)}。"
            yield _ask(context, "A8.promised", text, f"indicators.{number}.unit")
        elif not same_measure(target, wanted, unit):
            text = f"指标{quoted(name)}的目标值填为{quoted(target or NOTHING)}，合同书为{quoted(wanted or NOTHING)}。"
            yield _ask(context, "A8.promised", text, f"indicators.{number}.target")
    if left := promised.keys() - {row.get("name", "") for row in rows}:
        names = "、".join(f"{quoted(name)}" for name in promised if name in left)
        yield _ask(context, "A8.promised", f"合同书的考核指标{names}没有填报。", "indicators")


def _promised(context: Context) -> list[Values]:
    return [row for row in frozen(context, context.project.application).get("indicators", []) if row.get("name")]


def _no_progress(context: Context, values: Values) -> Iterator[Reason]:
    """Yield as advice the indicators of a report that stand at nothing, or farther from their target than before."""
    for number, row in enumerate(values.get("indicators", [])):
        name, target, last, value = (str(row.get(key, "")) for key in ("name", "target", "last", "reached"))
        if is_nothing(target, value):
            text = f"指标{quoted(name)}当前值为 {value}，目标值为 {target}；尚未测得的请写明“未测”，请核对。"
        elif moves_away(target, last, value):
            text = f"指标{quoted(name)}当前值为 {value}，上次填报 {last}，离目标值 {target}更远；请核对。"
        else:
            continue
        yield _ask(context, "A8.indicator", text, f"indicators.{number}.reached")


def carried(last: Values) -> dict[str, Any]:
    """Return what the next report or the request starts from: cumulative amounts, milestones, indicators."""
    amounts = {key: last[key] for key in (*SPENT, *USES) if last.get(key)}
    indicators = [dict(row) | {"last": row.get("reached", "")} for row in last.get("indicators", [])]
    return amounts | {"milestones": last.get("milestones", []), "indicators": indicators}


def _ask(context: Context, rule: str, text: str, field: str) -> Reason:
    return Reason(rule, text, context.cite("tracking"), Force.ADVICE, field=field)
