"""An edition (版本), the policy of one year, as values: every number with its force and its citation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from xtbang.rules.changes import USUAL, ChangeRule
from xtbang.rules.fields import Field, FormDefinition
from xtbang.rules.law import Cite, Source, joined
from xtbang.rules.reasons import Force


@dataclass(frozen=True)
class Parameter:
    """A number of the policy. Money is in 万元, ratios are fractions (0.25), days are working days (工作日)."""

    value: Decimal
    force: Force
    article: str


@dataclass(frozen=True)
class Bounds:
    """Bound what a number of an edition can be meant to be: beyond it, it is taken for a slip of the pen."""

    least: str
    most: str
    unit: str  # one of UNITS
    whole: bool = False


# what to look at first when a number is out of bounds
UNITS = {
    "万元": "金额以万元为单位，100 万元写 100",
    "比例": "比例写成小数，25% 写 0.25",
    "倍": "写倍数，1:3 写 3",
    "年": "以年为单位",
    "个月": "以月为单位",
    "个工作日": "以工作日为单位",
    "名": "写人数",
    "次": "写次数",
    "分": "写分数",
}


@dataclass(frozen=True)
class Criterion:
    """A line of a scoring sheet (评分表)."""

    key: str
    label: str
    maximum: int
    note: str = ""


@dataclass(frozen=True)
class Sheet:
    """A scoring sheet (评分表), with the rules for combining its scores."""

    key: str  # appraisal, roadshow, acceptance, liability
    title: str
    criteria: tuple[Criterion, ...]
    experts_minimum: int  # experts who must have locked their scores
    kinds_required: tuple[str, ...]  # kinds of expert that the panel must have (技术, 财务, 法律)
    aggregate: str  # "mean"; "trimmed": mean without the highest and lowest from `trimmed_from` scores up
    pass_mark: Decimal
    article: str
    trimmed_from: int = 5


EVENTS = ("contract", "midterm", "acceptance")  # after which instalments are paid, in the order of life
ISSUER_PAYS_FIRST = "issuer_has_paid"  # the condition that the issuer has paid its share of the total


@dataclass(frozen=True)
class Instalment:
    """One instalment (期次) of a subsidy: its share, the event after which it is paid, the conditions of its own."""

    number: int  # from 1, in the order of payment
    name: str  # 首期
    share: Decimal  # of the subsidy: 0.5
    after: str  # one of EVENTS
    needs: tuple[str, ...]  # guards, see queries/desk/payments.py
    article: str

    @property
    def paying(self) -> str:
        """Return the act of paying it in a sentence: 首拨, 尾拨, 中期款拨付."""
        return {"首期": "首拨", "尾款": "尾拨"}.get(self.name, f"{self.name}拨付")


@dataclass(frozen=True)
class MidtermRule:
    """The rules of the midterm check (中期检查)."""

    by: str  # panel or officers
    at: Decimal  # the share of the term that has passed when it is due: 0.5
    article: str


@dataclass(frozen=True)
class Asked:
    """Guards and papers that an edition adds to an action."""

    trigger: str
    needs: tuple[str, ...] = ()  # further guards
    papers: tuple[Field, ...] = ()  # files to hand in; one with the key of a known field takes its place


@dataclass(frozen=True)
class Edition:
    """The policy that a call (批次) names and that its projects keep until they are closed (版本)."""

    key: str  # "2024"; of the second revision "2024.2"
    title: str
    forms: dict[str, FormDefinition]  # kind of entry -> form: tech_demand, tech_supply, scene_demand, scene_supply
    documents: dict[str, FormDefinition]  # bid, application, contract, report, acceptance, extension
    sheets: dict[str, Sheet]
    issuer_kinds: dict[str, tuple[str, ...]]  # kind of entry -> kinds of organisation that may post it
    issuer_local: dict[str, bool]  # kind of entry -> must be registered in the city
    bidder_kinds: tuple[str, ...]  # kinds of organisation that may bid; empty: any
    consortium_allowed: bool
    one_project_at_a_time: bool  # cites articles["unfinished"]
    scan_required: bool  # cites articles["papers"]
    articles: dict[str, str]  # citations of the rules without a number: window, papers, unfinished
    investment_minimum: Parameter  # 万元
    term_years: Parameter
    new_tax_minimum: Parameter | None  # 万元
    subsidy_ratio: Parameter  # of the total R&D investment: 0.25
    subsidy_maximum: Parameter  # 万元
    match_ratio: Parameter  # self-raised money per subsidy (配套): 3
    county_ratio: Parameter  # subsidy of the county or park per municipal subsidy: 1
    issuer_payment_ratio: Parameter  # of the total R&D investment, paid before an instalment that asks for it: 0.4
    self_managed_subsidy: Parameter  # 万元, up to and including
    self_managed_years: Parameter  # up to and including
    recovery_objective: Parameter  # of the money paid: 0.5
    recovery_subjective: Parameter  # of the money paid: 1
    notice_days: Parameter  # working days of a public notice (公示)
    clean_years: Parameter  # years without a bad record
    report_months_tracked: int  # months between reports, where the bureaus track the project
    report_months_self: int  # the same, where the bidder manages the project itself
    regions: tuple[str, ...]
    checklist: tuple[str, ...]  # lines that an officer ticks to accept an entry (受理)
    sources: tuple[Source, ...]  # the documents that are cited, the 办法 first
    instalments: tuple[Instalment, ...]  # in the order of payment; their shares add up to 1
    without: tuple[str, ...] = ()  # stages that its projects do not have
    midterm: MidtermRule | None = None  # None: there is no midterm check
    asks: tuple[Asked, ...] = ()  # what it asks of actions besides
    changes: tuple[ChangeRule, ...] = USUAL  # who decides on a change of the contract (变更), by its kind
    starts_on: date | None = None
    ends_on: date | None = None  # the last day on which a call may be published under it
    statement_days: int = 5  # working days to answer a prior notice (陈述申辩)
    draws_per_year: int | None = None  # invitations of one expert in a year; None: no limit
    blind: tuple[str, ...] = ()  # kinds of panel whose experts read no names (盲审)
    cites: dict[str, str] = field(default_factory=dict)  # what a rule is about -> its citation
    days: dict[str, int] = field(
        default_factory=dict
    )  # state → days that a project should wait in it; else the lifecycle
    revision: int = 1
    amended_on: date | None = None  # of a later revision: the day from which new entries are taken under it
    amended_by: str = ""  # the document that amended the edition

    @property
    def name(self) -> str:
        """Return the key without the revision: the name of its file, and what a call (批次) refers to."""
        return self.key.partition(".")[0]

    @property
    def label(self) -> str:
        """Return what people call it: 2024, or 2024（第1次修订）."""
        return f"{self.name}（第{self.revision - 1}次修订）" if self.revision > 1 else self.name

    @property
    def every_form(self) -> tuple[FormDefinition, ...]:
        """Return the forms of entries and of documents."""
        return (*self.forms.values(), *self.documents.values())

    @property
    def in_force_from(self) -> date | None:
        """Return the day from which it is in force; None when it does not say."""
        return self.amended_on or self.starts_on

    @property
    def issuer_pays_before(self) -> Instalment | None:
        """Return the first instalment that asks for the issuer's own payment to the bidder; None when none does."""
        return next((item for item in self.instalments if ISSUER_PAYS_FIRST in item.needs), None)

    def paid_after(self, event: str) -> tuple[Instalment, ...]:
        """Return the instalments that are paid after that event."""
        return tuple(item for item in self.instalments if item.after == event)

    @property
    def measures(self) -> Source:
        """Return the 管理办法 (the Measures), on which every edition is based."""
        return self.sources[0]

    @property
    def source(self) -> str:
        """Return title and number of the document that made the edition: its own notice, or the 办法."""
        return self.sources[-1].full

    def cite(self, about: Cite) -> str:
        """Return the citation of the rule about that."""
        return self.cites.get(about, "")

    def cite_all(self, about: Iterable[Cite]) -> str:
        """Return the citations of the rules about that as one."""
        return joined(filter(None, map(self.cite, about)))

    def cite_in_full(self, *texts: str) -> list[str]:
        """Return the texts with each short name (《办法》) spelled out in the first text that cites it."""
        found = list(texts)
        for source in self.sources:
            place = next((place for place, text in enumerate(found) if source.short in text), None)
            if place is not None:
                found[place] = found[place].replace(source.short, source.defined, 1)
        return found


BOUNDS = {
    "investment_minimum": Bounds("1", "20000", "万元"),
    "term_years": Bounds("0.5", "10", "年"),
    "new_tax_minimum": Bounds("1", "20000", "万元"),
    "subsidy_ratio": Bounds("0.01", "1", "比例"),
    "subsidy_maximum": Bounds("1", "10000", "万元"),
    "match_ratio": Bounds("0.1", "20", "倍"),
    "county_ratio": Bounds("0", "5", "倍"),
    "share": Bounds("0.01", "1", "比例"),
    "issuer_payment_ratio": Bounds("0", "1", "比例"),
    "self_managed_subsidy": Bounds("1", "10000", "万元"),
    "self_managed_years": Bounds("0.5", "10", "年"),
    "recovery_objective": Bounds("0", "1", "比例"),
    "recovery_subjective": Bounds("0", "1", "比例"),
    "notice_days": Bounds("1", "60", "个工作日", whole=True),
    "statement_days": Bounds("3", "60", "个工作日", whole=True),
    "clean_years": Bounds("1", "20", "年", whole=True),
    "report_months_tracked": Bounds("1", "36", "个月", whole=True),
    "report_months_self": Bounds("1", "36", "个月", whole=True),
    "draws_per_year": Bounds("1", "100", "次", whole=True),
    "experts_minimum": Bounds("1", "30", "名", whole=True),
    "trimmed_from": Bounds("3", "30", "名", whole=True),
    "pass_mark": Bounds("1", "100", "分"),
    "maximum": Bounds("1", "100", "分", whole=True),
    "at": Bounds("0.1", "0.9", "比例"),
    "threshold": Bounds("0.01", "0.5", "比例"),
    "full": Bounds("10", "1000", "分", whole=True),
}
