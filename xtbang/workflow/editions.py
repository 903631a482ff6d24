"""``editions/<key>.toml`` → :class:`Edition`: the numbers, the forms, the scoring sheets of one year."""

from dataclasses import fields
from pathlib import Path
from typing import Any

from xtbang.actions.registry import OPTIONS
from xtbang.rules.crosschecks import CHECKS, COMPUTATIONS
from xtbang.rules.edition import Criterion, Edition, Parameter, Sheet, Source
from xtbang.rules.fields import FormDefinition
from xtbang.rules.reasons import Force
from xtbang.workflow.forms import load_form
from xtbang.workflow.reading import StrictReader

KINDS = ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
DOCUMENTS = ("bid", "application", "contract", "report", "acceptance")
SHEETS = ("appraisal", "roadshow", "acceptance", "liability")
AGGREGATES = ("mean", "trimmed")


class EditionReader(StrictReader):
    """``editions/<key>.toml``: the numbers, the forms, the sheets."""

    def edition(self, folder: Path) -> Edition:
        """The edition with its forms loaded."""
        data = self._load()
        plain = {"title": str, "consortium_allowed": bool, "one_project_at_a_time": bool}
        plain |= {"scan_required": bool, "report_months_tracked": int, "report_months_self": int}
        lists = ("regions", "checklist", "bidder_kinds")
        tables = ("articles", "forms", "documents", "issuers", "parameters", "sheet", "source")
        needs = (*plain, *lists, *tables)
        self._keys(data, {*plain, *lists, *tables, "starts_on"}, needs=needs)
        values = {name: self._typed(data, name, kind, None) for name, kind in plain.items()}
        values |= {name: self._texts(data, name) for name in lists}
        forms = self._forms(data["forms"], KINDS, folder)
        articles = data["articles"]
        cited = ("window", "papers", *(("unfinished",) if values["one_project_at_a_time"] else ()))
        self._keys(articles, {"window", "papers", "unfinished"}, ("[articles]",), needs=cited)
        issuers = data["issuers"]
        self._keys(issuers, set(forms), ("[issuers",), needs=tuple(forms))
        for kind, table in issuers.items():
            self._keys(table, {"kinds", "local"}, (f"[issuers.{kind}]",), needs=("kinds", "local"))
        sheets = [self._sheet(table) for table in self._tables(data, "sheet")]
        self._once([sheet.key for sheet in sheets], "[[sheet]]")
        for key in SHEETS:
            self._among(key, [sheet.key for sheet in sheets], "a sheet of this edition", "[[sheet]]")
        documents = self._forms(data["documents"], DOCUMENTS, folder)
        self._keys(data["documents"], set(DOCUMENTS), ("[documents]",), needs=DOCUMENTS)
        return Edition(
            key=self.path.stem,
            forms=forms,
            documents=documents,
            sheets={sheet.key: sheet for sheet in sheets},
            issuer_kinds={kind: self._texts(table, "kinds", (f"[issuers.{kind}]",)) for kind, table in issuers.items()},
            issuer_local={kind: self._flag(t, "local", (f"[issuers.{kind}]",)) for kind, t in issuers.items()},
            starts_on=data.get("starts_on"),
            sources=self._sources(data),
            articles={name: self._typed(articles, name, str, None) for name in articles},
            **values,
            **self._parameters(data["parameters"]),
        )

    def _forms(self, table: dict[str, str], kinds: tuple[str, ...], folder: Path) -> dict[str, FormDefinition]:
        forms = {}
        for kind, name in table.items():
            self._among(kind, kinds, "a kind of form", f"{kind} =")
            names = [path.stem for path in folder.glob("*.toml")]
            self._among(name, names, "a file in forms/", f'"{name}"')
            forms[kind] = load_form(folder / f"{name}.toml", CHECKS, COMPUTATIONS, OPTIONS)
        return forms

    def _parameters(self, table: dict[str, Any]) -> dict[str, Any]:
        known = {item.name for item in fields(Edition) if item.type in (Parameter, Parameter | None)}
        self._keys(table, known, ("[parameters",), needs=tuple(sorted(known - {"new_tax_minimum"})))
        found: dict[str, Parameter | None] = dict.fromkeys(known)
        for name, item in table.items():
            hint = (f"[parameters.{name}]",)
            self._keys(item, {"value", "force", "article"}, hint, needs=("value", "force", "article"))
            self._among(item["force"], [force.value for force in Force], "a force", *hint, "force")
            value = self._decimal(item["value"], *hint, "value")
            if value < 0:
                self._fail(f"{name}: expected a number from 0 up, found {value}", *hint, "value")
            found[name] = Parameter(value, Force(item["force"]), self._text(item, "article", hint))
        return found

    def _sources(self, data: dict[str, Any]) -> tuple[Source, ...]:
        hint = ("[[source]]",)
        for table in (tables := self._tables(data, "source")):
            self._keys(table, {"short", "title", "number"}, hint, needs=("short", "title"))
        self._among("《办法》", [tables[0]["short"]], "the first source", *hint)
        return tuple(Source(**{key: self._text(table, key, hint) for key in table}) for table in tables)

    def _sheet(self, table: dict[str, Any]) -> Sheet:
        hint = ("[[sheet]]", f'key = "{table.get("key", "")}"')
        known = {"key", "title", "experts_minimum", "kinds_required", "aggregate", "pass_mark", "article", "criterion"}
        self._keys(table, known, hint, needs=tuple(sorted(known)))
        self._among(table["key"], SHEETS, "a kind of panel", *hint)
        self._among(table["aggregate"], AGGREGATES, "a way to bring scores together", *hint, "aggregate")
        criteria = tuple(self._criterion(item, hint) for item in self._tables(table, "criterion", hint))
        self._once([criterion.key for criterion in criteria], *hint)
        return Sheet(
            key=table["key"],
            title=self._text(table, "title", hint),
            criteria=criteria,
            experts_minimum=int(self._typed(table, "experts_minimum", int, 0, hint)),
            kinds_required=self._texts(table, "kinds_required", hint),
            aggregate=table["aggregate"],
            pass_mark=self._decimal(table["pass_mark"], *hint, "pass_mark"),
            article=self._text(table, "article", hint),
        )

    def _criterion(self, table: dict[str, Any], hint: tuple[str, ...]) -> Criterion:
        self._keys(table, {item.name for item in fields(Criterion)}, hint, needs=("key", "label", "maximum"))
        maximum = int(self._typed(table, "maximum", int, 0, hint))
        return Criterion(table["key"], self._text(table, "label", hint), maximum, self._text(table, "note", hint))
