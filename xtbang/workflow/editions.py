"""``editions/<key>.toml`` → :class:`Edition`: the numbers, forms and sheets (评分表) of one year."""

import re
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xtbang.enums import EXPERT_KINDS, KIND_LABELS, ORG_KINDS
from xtbang.papers.facts.contract import PRINTED
from xtbang.rules.crosschecks import OF_COUNTY
from xtbang.rules.edition import ISSUER_PAYS_FIRST, Criterion, Edition, MidtermRule, Parameter, Sheet
from xtbang.rules.fields import FormDefinition
from xtbang.rules.lives import Life
from xtbang.rules.needs import needs_of_form
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Force
from xtbang.workflow.field_sense import KEY, ONLY
from xtbang.workflow.form_reader import FormReader
from xtbang.workflow.in_force import InForceReader
from xtbang.workflow.reading import Table
from xtbang.workflow.sense import FORCED, contradictions, strange_sheet
from xtbang.workflow.sources import Parts

ENTRY_KINDS = tuple(KIND_LABELS)
DOCUMENTS = ("bid", "application", "contract", "report", "acceptance")
SHEETS = ("appraisal", "roadshow", "midterm", "acceptance", "liability")
AGGREGATES = ("mean", "trimmed")
COMMENT = "comment"  # the field below the scores
TRIMMED_FROM = 5  # of sheets that do not say it, where it means nothing
AMENDED = ("revision", "amended_on", "amended_by")
MOST_DAYS = 1000  # planned for a state

OPTIONAL = (
    "starts_on",
    "ends_on",
    "cites",
    "without",
    "action",
    "midterm",
    "change",
    "draws_per_year",
    "statement_days",
    "days",
    "blind",
)  # keys


class EditionReader(InForceReader):
    """Reader of ``editions/<key>.toml``."""

    def __init__(
        self,
        path: Path,
        forms: Mapping[str, FormReader],
        cited: Mapping[str, Parts] | None = MappingProxyType({}),
        places: tuple[str, ...] | None = None,
        city_cites: Mapping[str, str] = MappingProxyType({}),
        life: Life | None = None,
    ) -> None:
        super().__init__(path)
        self.data = Table()
        self.city_cites = city_cites  # how the city cites what the edition does not cite otherwise
        self.places = places  # where the city's organisations can be registered; None: anywhere
        self.life = life  # of lifecycle.toml; None where it has mistakes
        self.forms = forms  # the readers of all forms, by the stem of the file
        self.cited = cited  # further documents that articles may cite; None: any

    def edition(self) -> Edition | None:
        """Return the edition; None when the file has mistakes, which are in `mistakes`."""
        data = self.data = self._load()
        flags = ("consortium_allowed", "one_project_at_a_time", "scan_required")
        months = ("report_months_tracked", "report_months_self")
        lists = {"regions": self.places, "bidder_kinds": ORG_KINDS, "checklist": None}
        tables = ("articles", "forms", "documents", "issuers", "instalment", "parameters", "sheet", "source")
        needs = ("title", *flags, *months, *lists, *tables)
        self._keys(data, {*needs, *OPTIONAL, *AMENDED}, needs=needs)
        self._named()
        values: dict[str, Any] = {name: self._flag(data, name) for name in flags}
        values |= {"title": self._text(data, "title"), "starts_on": self._date(data, "starts_on")}
        values |= {"ends_on": self._date(data, "ends_on")}
        values |= self._amended(data)
        self._in_force(data, values["starts_on"], values["ends_on"])
        values |= {name: self._number(data, name) for name in months}
        if "statement_days" in data:
            values["statement_days"] = self._number(data, "statement_days")
        values["draws_per_year"] = self._number(data, "draws_per_year") if "draws_per_year" in data else None
        values["blind"] = self._blind(data)
        for name, known in lists.items():
            values[name] = self._texts(data, name)
            if known:
                self._each(values[name], known, "程序知道的名称", data, name)
            if name in data and not values[name] and name != "bidder_kinds":
                self._fail("是空的，至少写一项。", data, name)
        sources = self._sources(data)
        if self.cited is not None:
            own = self._texts_of_sources(data)
            self.cited = {short: own.get(short) or self.cited.get(short, {}) for short in {**own, **self.cited}}
        self._cited_in(data, "checklist")
        articles = self._articles(self._typed(data, "articles", dict, Table()), values["one_project_at_a_time"])
        cites = self._cites(data)
        asked = self._typed(data, "forms", dict, Table())
        held = self._typed(data, "documents", dict, Table())
        forms = self._forms(asked, ENTRY_KINDS, held)
        kinds = tuple(kind for kind in ENTRY_KINDS if kind in asked)
        issuers = self._issuers(self._typed(data, "issuers", dict, Table()), kinds)
        self._keys(held, set(DOCUMENTS), needs=DOCUMENTS)
        documents = self._forms(held, DOCUMENTS, asked)
        if values["regions"] and () not in self.wrong:
            self._regions(data, forms)
        values["without"], values["midterm"] = self._without(data), self._midterm(data)
        sheets = self._sheets(data, values["without"], values["midterm"])
        instalments = self._instalments(data)
        parameters = self._parameters(self._typed(data, "parameters", dict, Table()))
        numbers = {name: found.value for name, found in parameters.items() if found}
        numbers |= {name: Decimal(values[name]) for name in months if values[name] > 0}
        for name, sentence in contradictions(numbers):
            self._fail(sentence, *((data["parameters"][name], "value") if name in parameters else (data, name)))
        due = numbers.get("issuer_payment_ratio", Decimal(0))
        paid = not any(place[:1] == ("instalment",) for place in self.wrong)
        if instalments and paid and due and not any(ISSUER_PAYS_FIRST in item.needs for item in instalments):
            told = f"没有一期 [[instalment]] 的 needs 写 {ISSUER_PAYS_FIRST}：没有人核对。不要求的写 0"
            asking = [(table, "needs") for table in self._tables(data, "instalment")]
            self._fail(f"写的是 {due}，但是{told}。", data["parameters"]["issuer_payment_ratio"], "value", also=asking)
        values["asks"], values["changes"] = self._asks(data), self._changes(data)
        values["days"] = self._days(data)
        if not self.sound:
            return None
        edition = Edition(
            key=self.path.stem if values["revision"] == 1 else f"{self.path.stem}.{values['revision']}",
            forms=forms,
            documents=documents if numbers["county_ratio"] else _without_county(documents),
            sheets=sheets,
            issuer_kinds={kind: self._texts(table, "kinds") for kind, table in issuers.items()},
            issuer_local={kind: self._flag(table, "local") for kind, table in issuers.items()},
            sources=sources,
            instalments=instalments,
            articles=articles,
            cites={**self.city_cites, **cites},
            **values,
            **parameters,
        )
        self._lives(edition, data)
        return edition if self.sound else None

    def _named(self) -> None:
        if not re.fullmatch(r"[0-9A-Za-z][0-9A-Za-z-]{0,19}", self.path.stem):
            self._fail("文件名就是版本的名称，只能用字母、数字和短横线，例如 2026.toml。")

    def _days(self, data: Table) -> dict[str, int]:
        """Return the days that projects should wait in states at most, where they differ from ``lifecycle.toml``."""
        table = self._typed(data, "days", dict, Table())
        self._each(tuple(table), tuple(self.life.states) if self.life else tuple(table), "一个状态", data, "days")
        found = {state: int(self._typed(table, state, int, 0)) for state in table}
        for state, days in found.items():
            if type(table[state]) is int and not 1 <= days <= MOST_DAYS:
                self._fail(f"写的是 {days}，办理天数应在 1 到 {MOST_DAYS} 之间。", table, state)
        return found

    def _blind(self, data: Table) -> tuple[str, ...]:
        blind = self._texts(data, "blind") if "blind" in data else ()
        self._each(blind, SHEETS, "评审的种类", data, "blind")
        if "liability" in blind:
            text = "不能有 liability：责任论证的专家须查阅各方的意见和证据，才能判断责任在谁。"
            self._fail(text, data, "blind", "liability")
        return blind

    def _number(self, data: Table, name: str) -> int:
        value = int(self._typed(data, name, int, 0))
        if type(data.get(name)) is int:
            self._within(name, Decimal(value), data, name)
        return value

    def _articles(self, table: Table, unfinished: bool) -> dict[str, str]:
        self._keys(table, {"window", "papers", "unfinished"}, needs=("window", "papers", *["unfinished"] * unfinished))
        return {name: self._article(table, name) for name in table}

    def _issuers(self, table: Table, kinds: tuple[str, ...]) -> dict[str, Table]:
        if ("forms",) not in self.wrong:
            self._keys(table, set(kinds), needs=kinds)
        found = {}
        for kind in table:
            issuers = self._typed(table, kind, dict, Table())
            self._keys(issuers, {"kinds", "local"}, needs=("kinds", "local"))
            self._each(self._texts(issuers, "kinds"), ORG_KINDS, "一种单位类别", issuers, "kinds")
            if "kinds" in issuers and not issuers["kinds"]:
                self._fail("是空的：没有单位能发布这一类，至少写一种单位。", issuers, "kinds")
            self._flag(issuers, "local")
            found[kind] = issuers
        return found

    def _forms(self, table: Table, kinds: tuple[str, ...], others: Table) -> dict[str, FormDefinition]:
        """Return the forms of a table by their kinds; ``others`` is the other table of forms."""
        forms: dict[str, FormDefinition] = {}
        used: dict[str, str] = {}
        self._keys(table, set(kinds))
        if not table and table.place:
            self._fail("是空的：至少写一种表格。", table)
        for kind in (name for name in table if name in kinds):
            name = self._text(table, kind)
            twice = next((other for other, form in chain(used.items(), others.items()) if form == name), "")
            if twice and name:
                self._fail(f'写的是 "{name}"，{twice} 已经用了这份表格：每一类各用一份。', table, kind)
            elif self._among(name, self.forms, " forms/ 里的一份表格", table, kind):
                self.forms[name].require(needs_of_form(kind))
                self.forms[name].refuse_in_contract(PRINTED.get(kind))
                forms[kind], used[kind] = self.forms[name].form, name
        return {kind: forms[kind] for kind in kinds if kind in forms}

    def _regions(self, data: Table, forms: Mapping[str, FormDefinition]) -> None:
        """Check that forms offer exactly the edition's regions: an organisation of a missing one could not apply."""
        for form in forms.values():
            reader, regions = self.forms[form.key], data["regions"]
            for field in (field for field in form.fields if field.profile == "region"):
                if more := [name for name in field.keys if name not in regions and name in (self.places or field.keys)]:
                    self._fail(f"里没有{quoted('、'.join(more))}，但是 {form.key}.toml 可以选。", data, "regions")
                less = [region for region in regions if region not in field.keys]
                if less and reader.sound:
                    sentence = f"里没有{quoted('、'.join(less))}，但是版本 {self.path.stem} 有：那里的单位不能申报。"
                    reader._fail(sentence, reader.tables[field.key], "choices")

    def _parameters(self, table: Table) -> dict[str, Any]:
        known = {item.name for item in fields(Edition) if item.type in (Parameter, Parameter | None)}
        self._keys(table, known, needs=tuple(sorted(known - {"new_tax_minimum"})))
        found: dict[str, Parameter | None] = dict.fromkeys(known)
        for name in table:
            item = self._typed(table, name, dict, Table())
            self._keys(item, {"value", "force", "article"}, needs=("value", "force", "article"))
            force = "force" in item and self._among(item["force"], tuple(Force), "一种效力", item, "force")
            if force and name in known - FORCED and item["force"] != Force.MUST:
                self._fail(f'写的是 "{item["force"]}"，但是这一项没有例外，只能写 must。', item, "force")
            value = self._decimal(item["value"], item, "value") if "value" in item else None
            if value is not None and name in known:
                self._within(name, value, item, "value")
            article = self._article(item)
            if name in known and force and value is not None and item.place not in self.wrong:
                found[name] = Parameter(value, Force(item["force"]), article)
        return found

    def _sheets(self, data: Table, without: tuple[str, ...], midterm: MidtermRule | None) -> dict[str, Sheet]:
        tables = self._tables(data, "sheet")
        self._once(tables, "key")
        sheets = {str(table.get("key")): self._sheet(table) for table in tables}
        checked = midterm is not None and midterm.by == "panel"
        needed = [key for key in SHEETS if key not in without and (key != "midterm" or checked)]
        missing = [key for key in needed if key not in sheets]
        if missing and not self.found.faults and sheets.keys() <= {*SHEETS}:
            self._fail(f"缺评分表 {'、'.join(missing)}：每种评审各有一张 [[sheet]]。", data, "sheet")
        return sheets

    def _sheet(self, table: Table) -> Sheet:
        before = len(self.mistakes)
        known = {"key", "title", "experts_minimum", "kinds_required", "aggregate", "pass_mark", "article", "criterion"}
        trimmed = {"trimmed_from"} if table.get("aggregate") == "trimmed" else set()
        self._keys(table, {*known, "full", "trimmed_from"}, needs=tuple(sorted(known | trimmed)))
        for name, names, what in (("key", SHEETS, "一种评审"), ("aggregate", AGGREGATES, "一种合成得分的办法")):
            if name in table:
                self._among(table[name], names, what, table, name)
        criteria = self._tables(table, "criterion")
        self._once(criteria, "key")
        for item in criteria:
            key = str(item.get("key"))
            if "key" in item and (not KEY.fullmatch(key) or key == COMMENT):
                self._fail(f'写的是 "{key}"，{ONLY.removesuffix("。")}，也不能是 {COMMENT}（评审意见）。', item, "key")
        self._once(criteria, "label")
        mark = self._decimal(table["pass_mark"], table, "pass_mark") if "pass_mark" in table else None
        kinds = self._texts(table, "kinds_required")
        self._each(kinds, EXPERT_KINDS, "一类专家", table, "kinds_required")
        sheet = Sheet(
            key=str(table.get("key")),
            title=self._text(table, "title"),
            criteria=tuple(map(self._criterion, criteria)),
            experts_minimum=int(self._typed(table, "experts_minimum", int, 0)),
            kinds_required=kinds,
            aggregate=str(table.get("aggregate")),
            pass_mark=mark or Decimal(0),
            article=self._article(table),
            trimmed_from=int(self._typed(table, "trimmed_from", int, TRIMMED_FROM)),
        )
        full = int(self._typed(table, "full", int, 100))
        if len(self.mistakes) == before:
            self._within("experts_minimum", Decimal(sheet.experts_minimum), table, "experts_minimum")
            self._within("full", Decimal(full), table, "full")
            self._within("trimmed_from", Decimal(sheet.trimmed_from), table, "trimmed_from")
            if "trimmed_from" in table and not trimmed:
                self._fail("不能写：只用于去掉最高分和最低分的（trimmed）。", table, "trimmed_from")
        if len(self.mistakes) == before:
            for name, sentence in strange_sheet(sheet, full):
                parts = [(item, "maximum") for item in criteria] if name == "criterion" else []
                self._fail(sentence, table, name, also=parts)
        return sheet

    def _criterion(self, table: Table) -> Criterion:
        self._keys(table, {item.name for item in fields(Criterion)}, needs=("key", "label", "maximum"))
        maximum = int(self._typed(table, "maximum", int, 0))
        if type(table.get("maximum")) is int:
            self._within("maximum", Decimal(maximum), table, "maximum")
        return Criterion(self._text(table, "key"), self._text(table, "label"), maximum, self._text(table, "note"))


def _without_county(documents: Mapping[str, FormDefinition]) -> dict[str, FormDefinition]:
    """Return the documents without the fields for what the county pays, where it pays nothing."""
    return {
        kind: form.without(OF_COUNTY) if {*OF_COUNTY} & {field.key for field in form.fields} else form
        for kind, form in documents.items()
    }
