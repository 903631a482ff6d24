"""The city that runs the projects, as values: its names, its offices, its regions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

from xtbang.enums import ROLE_LABELS
from xtbang.rules.law import Article, Cite, Source, joined
from xtbang.rules.workdays import Arrangement

Signed = tuple[str, int | None]  # role and person of a countersignature
RETAINED = ("accounts", "mails", "objectors")  # the kinds of personal data that are erased after years
OUTSIDE = "市外"  # where an organisation is registered that is not registered in the city


@dataclass(frozen=True)
class Office:
    """An office of the city (部门), by its role in the program."""

    role: str  # science, industry, third; finance
    name: str  # in full: on papers and notices
    short: str  # on pages and in mails
    seal: str  # where it signs and seals
    party: str = ""  # 丙方: what it is in the contract; "" for an office that does not sign it


@dataclass(frozen=True)
class Region:
    """A county, district or park (县市区、园区)."""

    name: str
    treasury: str  # the office that pays its share and gets it back


@dataclass(frozen=True)
class Retention:
    """The time (保存期限), in years, after which personal data of one kind is erased."""

    what: str
    years: int


@dataclass(frozen=True)
class City:
    """Everything by which one city differs from another, as defined in ``workflows/city.toml``."""

    name: str
    scheme: str  # stands before 项目: 某市科技创新“揭榜挂帅”
    app: str  # what the app that makes the codes of the second factor calls this site
    government: str  # decides on appeals (行政复议)
    together: str  # the offices that countersign, in one word
    offices: tuple[Office, ...]  # those that countersign; the first one leads
    finance: Office
    regions: tuple[Region, ...]
    sources: tuple[Source, ...]  # the documents that are cited, the law first
    articles: tuple[Article, ...]
    cites: dict[str, str]  # what a rule is about -> its citation
    telephone: str  # of the lead office
    address: str = ""
    weak_words: tuple[str, ...] = ()  # what a password must not consist of
    retention: tuple[Retention, ...] = ()  # of personal data; what is not named is not erased
    holidays: tuple[Arrangement, ...] = ()  # as the State Council has announced them, for years that were entered here

    @property
    def lead(self) -> Office:
        """Return the office that runs the projects (牵头部门)."""
        return self.offices[0]

    @property
    def bureaus(self) -> str:
        """Return the short names of the offices that countersign, one after the other."""
        return "、".join(office.short for office in self.offices)

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles of the offices that countersign."""
        return tuple(office.role for office in self.offices)

    def office_of(self, who: Collection[str]) -> str:
        """Return the office, by its role, for which a person with these roles countersigns; "" for none."""
        return next((role for role in self.roles if role in who), "")

    def quota(self, who: Collection[str] = ()) -> int:
        """Return how many people of each role sign: two where one office signs alone."""
        return self.signatures if len({*self.roles, *who}) == 1 else 1

    def signs(self, who: Collection[str]) -> int:
        """Return how many people sign where every office that countersigns does, and each other role of these."""
        return self.quota(who) * len({*self.roles, *who})

    def awaited_roles(self, signed: Iterable[str], who: Collection[str] = ()) -> list[str]:
        """Return the roles that have still to sign after these; ``who`` may have others than the offices."""
        given, quota = list(signed), self.quota(who)
        return [role for role in dict.fromkeys((*self.roles, *who)) if given.count(role) < quota]

    def awaited(self, signed: Iterable[str], who: Collection[str] = ()) -> str:
        """Return who has still to sign after these roles, by short names; ``who`` may have others than the offices."""
        given, quota, names = list(signed), self.quota(who), []
        for role in self.awaited_roles(given, who):
            more = "" if quota == 1 else "另一名人员" if role in given else f"{self.people}人员"
            names.append(f"{self.by_role[role].short}{more}")
        return "、".join(names)

    def signers(self, who: Collection[str] = ()) -> str:
        """Return who signs, each of them another person: of several offices 的不同人员, of a single one 两名人员."""
        return self.awaited((), who) + ("的不同人员" if self.quota(who) == 1 else "")

    def has_signed(self, signed: Iterable[Signed], role: str, person_id: int | None, who: Collection[str] = ()) -> bool:
        """Return whether a role, where one office signs alone a person, is among those (role, person) that signed."""
        own = [person for each, person in signed if each == role]
        return person_id in own or len(own) >= self.quota(who)

    def all_signed(self, signed: Iterable[Signed]) -> bool:
        """Return whether these (role, person) are all that is needed: every office; of a single one two people."""
        signed = list(signed)
        if len(self.offices) == 1:
            return len({person for _role, person in signed}) >= self.signatures
        return {role for role, _person in signed} >= set(self.roles)

    @property
    def signatures(self) -> int:
        """Return how many people countersign: one of each office, two where there is only one office."""
        return max(2, len(self.offices))

    @property
    def people(self) -> str:
        """Return how many people countersign, as a word: 两名."""
        return f"{'两三'[self.signatures - 2]}名"

    @property
    def last(self) -> str:
        """Return the number of the countersignature that counts, as a word: 第二次."""
        return f"第{'二三'[self.signatures - 2]}次"

    @property
    def parties(self) -> str:
        """Return how many sign a contract, as a word: 四方 for issuer, bidder and two offices."""
        return f"{'三四五'[len(self.offices) - 1]}方"

    @cached_property
    def by_role(self) -> dict[str, Office]:
        """Return every office by its role."""
        return {office.role: office for office in (*self.offices, self.finance)}

    @cached_property
    def role_labels(self) -> dict[str, str]:
        """Return the Chinese name of every role and relation."""
        offices = {role: office.short for role, office in self.by_role.items()}
        return ROLE_LABELS | offices | {"leader": f"{self.lead.short}领导"}

    @property
    def region_names(self) -> tuple[str, ...]:
        """Return the names of the regions."""
        return tuple(region.name for region in self.regions)

    def cite(self, about: Cite) -> str:
        """Return the citation of the rule about that."""
        return self.cites[about]

    def cite_all(self, about: Iterable[Cite]) -> str:
        """Return the citations of the rules about that as one."""
        return joined(map(self.cite, about))

    @property
    def places(self) -> tuple[str, ...]:
        """Return where an organisation can be registered: the regions, and outside the city."""
        return (*self.region_names, OUTSIDE)

    def treasury_of(self, region: str) -> str:
        """Return the office that pays the share of a region. Raise KeyError when there is no such region."""
        return {each.name: each.treasury for each in self.regions}[region]
