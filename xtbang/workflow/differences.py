"""Say in Chinese sentences what differs between two editions, for the people who check a new one."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from xtbang.enums import KIND_LABELS, PANEL_LABELS
from xtbang.rules.changes import DECIDERS, KINDS, ChangeRule
from xtbang.rules.edition import BOUNDS, Asked, Criterion, Edition, Instalment, MidtermRule, Parameter, Sheet
from xtbang.rules.law import Source
from xtbang.rules.money import format_percent, plain
from xtbang.workflow.form_differences import form_differences
from xtbang.workflow.labels import (
    AGGREGATES,
    ARTICLES,
    CHECKED_BY,
    CITED,
    CONDITIONS,
    DOCUMENTS,
    EVENTS,
    FLAGS,
    FORCES,
    PARAMETERS,
    STAGES,
)
from xtbang.workflow.wording import changed, list_difference, named

GENERAL, NUMBERS, PAYMENTS, FORMS, SHEETS, CHECKLIST, SOURCES = GROUPS = (
    "总则", "参数", "拨付", "表单", "评分表", "受理核对清单", "引用文件"
)  # fmt: skip
TIMES = ("年", "个月", "个工作日")  # units of what becomes longer or shorter, not higher or lower


class Difference(NamedTuple):
    """A difference between two editions: the group that it belongs to (one of GROUPS), and its sentence."""

    group: str
    sentence: str


def differences(old: Edition, new: Edition) -> list[Difference]:
    """Return every difference in the order of the groups; an empty list when only the keys differ."""
    found = {
        GENERAL: _general(old, new),
        NUMBERS: _parameters(old, new),
        PAYMENTS: _instalments(old.instalments, new.instalments),
        FORMS: _forms(old, new),
        SHEETS: _sheets(old, new),
        CHECKLIST: _checklist(old, new),
        SOURCES: _sources(old, new),
    }
    return [Difference(group, sentence) for group, sentences in found.items() for sentence in sentences]


def _general(old: Edition, new: Edition) -> Iterator[str]:
    yield from changed("名称", old.title, new.title)
    if old.starts_on != new.starts_on:
        yield f"施行日期由{_day(old.starts_on)}改为{_day(new.starts_on)}。"
    if old.ends_on != new.ends_on:
        yield f"停止施行的日期由{_day(old.ends_on)}改为{_day(new.ends_on)}。"
    yield from changed("一名专家一年内最多抽取", *(_times(edition.draws_per_year) for edition in (old, new)))
    yield from changed("陈述、申辩的期限", *(f"{edition.statement_days} 个工作日" for edition in (old, new)))
    yield from list_difference(
        "盲审", *([PANEL_LABELS.get(kind, kind) for kind in edition.blind] for edition in (old, new))
    )
    yield from _amendment(old, new)
    for name, (allowed, not_allowed) in FLAGS.items():
        if getattr(old, name) != getattr(new, name):
            yield f"改为{allowed if getattr(new, name) else not_allowed}。"
    yield from list_difference("地区", old.regions, new.regions)
    yield from list_difference("省去的环节", _stages(old), _stages(new))
    yield from list_difference("办理天数", *(_planned(edition) for edition in (old, new)))
    yield from _midterm(old.midterm, new.midterm)
    yield from _asked(old, new)
    yield from _changes(old, new)
    yield from _bidders(old.bidder_kinds, new.bidder_kinds)
    for kind in (kind for kind in KIND_LABELS if kind in old.issuer_kinds and kind in new.issuer_kinds):
        name = f"{KIND_LABELS[kind]}的发榜单位类别"
        yield from list_difference(name, old.issuer_kinds[kind], new.issuer_kinds[kind])
        if old.issuer_local[kind] != new.issuer_local[kind]:
            yield f"{KIND_LABELS[kind]}的发榜单位改为{'须' if new.issuer_local[kind] else '不必'}在本市注册。"
    for key, name in ARTICLES.items():
        yield from changed(f"{named(name)}的依据", old.articles.get(key, ""), new.articles.get(key, ""))
    for about, name in CITED.items():
        yield from changed(f"{name}的依据", old.cites.get(about, ""), new.cites.get(about, ""))


def _amendment(old: Edition, new: Edition) -> Iterator[str]:
    before, after = ((edition.revision, edition.amended_on, edition.amended_by) for edition in (old, new))
    if before != after and new.revision > 1:
        yield f"第 {new.revision - 1} 次修订：{new.amended_by}，自{_day(new.amended_on)}起施行。"
    elif before != after:
        yield f"不是修订的版本（另一版本为第 {old.revision - 1} 次修订，{old.amended_by}）。"


def _stages(edition: Edition) -> tuple[str, ...]:
    return tuple(STAGES.get(name, name) for name in edition.without)


def _planned(edition: Edition) -> tuple[str, ...]:
    return tuple(f"{STAGES.get(state, state)} {days} 天" for state, days in edition.days.items())


def _midterm(old: MidtermRule | None, new: MidtermRule | None) -> Iterator[str]:
    said = [
        f"由{CHECKED_BY[rule.by]}在实施期过去 {format_percent(rule.at)} 时进行（{rule.article}）" if rule else ""
        for rule in (old, new)
    ]
    yield from changed("中期检查", *said)


def _changes(old: Edition, new: Edition) -> Iterator[str]:
    before, after = ({rule.kind: _decider(rule) for rule in edition.changes} for edition in (old, new))
    for kind in _both(before, after):
        yield from changed(f"{KINDS[kind]}的变更", before.get(kind, "不办理"), after.get(kind, "不办理"))


def _decider(rule: ChangeRule) -> str:
    limit = f"（科目间调剂不超过总额 {format_percent(rule.threshold)} 的除外）" if rule.threshold is not None else ""
    return f"{DECIDERS.get(rule.decided_by, rule.decided_by)}{limit}"


def _asked(old: Edition, new: Edition) -> Iterator[str]:
    before, after = ({item.trigger: item for item in edition.asks} for edition in (old, new))
    for trigger in _both(before, after):
        was, now = (found.get(trigger, Asked(trigger)) for found in (before, after))
        yield from list_difference(f"{trigger} 另要核对的条件", was.needs, now.needs)
        papers = [tuple(paper.label for paper in item.papers) for item in (was, now)]
        yield from list_difference(f"{trigger} 另要的材料", *papers)
        if papers[0] == papers[1] and was.papers != now.papers:
            yield f"{trigger} 另要的材料的要求有变化。"


def _times(number: int | None) -> str:
    return "不限" if number is None else f"{number} 次"


def _day(day: date | None) -> str:
    return f" {day.year} 年 {day.month} 月 {day.day} 日" if day else "未定"


def _bidders(old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[str]:
    if old and new:
        yield from list_difference("揭榜单位类别", old, new)
    elif old != new:
        yield f"揭榜单位由{'、'.join(old) or '不限类别'}改为{'、'.join(new) or '不限类别'}。"


def _parameters(old: Edition, new: Edition) -> Iterator[str]:
    for name, label in PARAMETERS.items():
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield _parameter(name, label, before, after)


def _parameter(name: str, label: str, old: Any, new: Any) -> str:
    if old is None:
        return f"增加{named(label)}：{_value(name, new.value)}，{FORCES[new.force]}（{new.article}）。"
    if new is None:
        return f"取消{named(label)}（原为 {_value(name, old.value)}，{old.article}）。"
    if not isinstance(new, Parameter):
        return f"{label}{_moved(name, Decimal(old), Decimal(new))}。"
    parts = [_moved(name, old.value, new.value)] * (old.value != new.value)
    if old.force != new.force:
        parts.append(f"{FORCES[old.force]}改为{FORCES[new.force]}")
    if old.article != new.article:
        parts.append(f"依据由{old.article}改为{new.article}")
    start = label if old.value != new.value else f"{label}（{_value(name, new.value)}）："
    return f"{start}{'，'.join(parts)}{'' if old.article != new.article else f'（{new.article}）'}。"


def _moved(name: str, old: Decimal, new: Decimal) -> str:
    """Return “由 20% 提高到 25%”."""
    up, down = ("延长到", "缩短到") if BOUNDS[name].unit in TIMES else ("提高到", "降低到")
    before = _value(name, old)
    return f"由 {before}{' ' * before.endswith('%')}{up if new > old else down} {_value(name, new)}"


def _value(name: str, value: Decimal) -> str:
    unit = BOUNDS[name].unit
    return format_percent(value) if unit == "比例" else f"{plain(value)} {unit}"


def _instalments(old: tuple[Instalment, ...], new: tuple[Instalment, ...]) -> Iterator[str]:
    if [(item.name, item.share, item.after) for item in old] != [(item.name, item.share, item.after) for item in new]:
        yield f"补助由{_plan(old)}改为{_plan(new)}。"
    before = {item.name: item for item in old}
    for item in new:
        was = before.get(item.name)
        if was:
            yield from list_difference(f"{named(item.name)}的拨付条件", _needs(was), _needs(item))
            yield from changed(f"{named(item.name)}的依据", was.article, item.article)
        else:
            conditions = "、".join(_needs(item)) or "无"
            yield f"新增的{named(item.name)}的拨付条件：{conditions}（{item.article}）。"


def _plan(items: tuple[Instalment, ...]) -> str:
    """Return “分两期（首期 50%，合同生效后；尾款 50%，通过验收后）”."""
    parts = [f"{item.name} {format_percent(item.share)}，{EVENTS[item.after]}后" for item in items]
    return f"{('一次', '分两期', '分三期', '分四期', '分五期')[len(items) - 1]}拨付（{'；'.join(parts)}）"


def _needs(item: Instalment) -> tuple[str, ...]:
    return tuple(CONDITIONS[name] for name in item.needs)


def _forms(old: Edition, new: Edition) -> Iterator[str]:
    for names, before, after in ((KIND_LABELS, old.forms, new.forms), (DOCUMENTS, old.documents, new.documents)):
        for key, name in names.items():
            if key in before and key in after:
                for sentence in form_differences(before[key], after[key]):
                    yield f"{name}：{sentence}"
            elif key in before:
                yield f"{name}：不再征集。" if before is old.forms else f"{name}：取消。"
            elif key in after:
                yield f"{name}：新增征集（{after[key].title}）。" if after is new.forms else f"{name}：新增。"


def _sheets(old: Edition, new: Edition) -> Iterator[str]:
    for key in _both(old.sheets, new.sheets):
        before, after = old.sheets.get(key), new.sheets.get(key)
        if before and after:
            yield from (f"{after.title}：{sentence}" for sentence in _sheet(before, after))
        elif after:
            yield f"{after.title}：新增。"
        elif before:
            yield f"{before.title}：取消。"


def _sheet(old: Sheet, new: Sheet) -> Iterator[str]:
    yield from changed("名称", old.title, new.title)
    if old.pass_mark != new.pass_mark:
        yield f"通过分数{_moved('pass_mark', old.pass_mark, new.pass_mark)}。"
    if old.experts_minimum != new.experts_minimum:
        least, most = Decimal(old.experts_minimum), Decimal(new.experts_minimum)
        yield f"专家人数下限{_moved('experts_minimum', least, most)}。"
    yield from list_difference("须有的专家类别", old.kinds_required, new.kinds_required)
    if old.aggregate != new.aggregate:
        yield f"合成得分由{AGGREGATES[old.aggregate]}改为{AGGREGATES[new.aggregate]}。"
    if old.trimmed_from != new.trimmed_from:
        fewest = [Decimal(sheet.trimmed_from) for sheet in (old, new)]
        yield f"去掉最高分和最低分的最少评分数{_moved('trimmed_from', *fewest)}。"
    yield from changed("依据", old.article, new.article)
    before, after = ({item.key: item for item in sheet.criteria} for sheet in (old, new))
    for key in _both(before, after):
        yield from _criterion(before.get(key), after.get(key))
    if [key for key in before if key in after] != [key for key in after if key in before]:
        yield "评分项的次序有变化。"


def _criterion(old: Criterion | None, new: Criterion | None) -> Iterator[str]:
    if old is None or new is None:
        item = old or new
        if item:
            yield f"{'新增' if new else '取消'}评分项{named(item.label)}（{item.maximum} 分）。"
        return
    if old.label != new.label:
        yield f"评分项{named(old.label)}改称{named(new.label)}。"
    if old.maximum != new.maximum:
        yield f"{named(new.label)}的满分{_moved('maximum', Decimal(old.maximum), Decimal(new.maximum))}。"
    yield from changed(f"{named(new.label)}的说明", old.note, new.note)


def _checklist(old: Edition, new: Edition) -> Iterator[str]:
    yield from (f"增加{named(line)}。" for line in new.checklist if line not in old.checklist)
    yield from (f"删去{named(line)}。" for line in old.checklist if line not in new.checklist)
    if old.checklist != new.checklist and sorted(old.checklist) == sorted(new.checklist):
        yield "各行的次序有变化。"


def _sources(old: Edition, new: Edition) -> Iterator[str]:
    before, after = ({source.short: source for source in edition.sources} for edition in (old, new))
    for short in _both(before, after):
        first, second = before.get(short), after.get(short)
        if first and second:
            yield from _source(first, second)
        elif second:
            yield f"增加{second.full}，简称{short}。"
        elif first:
            yield f"不再引用{first.full}（简称{short}）。"
    if old.sources != new.sources and sorted(before) == sorted(after) and list(before) != list(after):
        yield "文件的次序有变化。"


def _source(old: Source, new: Source) -> Iterator[str]:
    yield from changed(f"{new.short}的全称", old.title, new.title)
    yield from changed(f"{new.short}的文号", old.number, new.number)


def _both(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterable[str]:
    """Return the keys of both, those of the new one first, in order."""
    return dict.fromkeys((*new, *old))
