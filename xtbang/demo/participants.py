"""The participants of the demo: offices, county officers, experts, organisations with their managers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.demo import texts
from xtbang.demo.driver import SECOND_OFFICER, People
from xtbang.demo.texts.orgs import REGIONS
from xtbang.enums import BUREAU_ROLES, ROLE_LABELS, RoleName
from xtbang.models import Organisation, Person, Role
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.uscc import make

SINCE = datetime(2021, 9, 1, 1, 0, tzinfo=UTC)
EXPERTS = {"技术": 24, "财务": 8, "法律": 6}
EMPLOYERS = {
    "技术": ("衡岳演示大学", "中原示例理工大学", "三湘演示材料研究院", "南方示例机电研究所"),
    "财务": ("湘水演示会计师事务所", "韶峰示例会计师事务所"),
    "法律": ("莲城演示律师事务所", "昭山示例律师事务所"),
}
EMPLOYER_CODES = {
    kind: [make(f"12430000DEM0{place}{number:04d}") for number in range(len(names))]
    for place, (kind, names) in enumerate(EMPLOYERS.items())
}
OFFICERS = {
    "science": ("科技局经办", "成果转化与产学研合作科"),
    "industry": ("工信局经办", "产业科"),
    "leader": ("科技局领导", "党组成员"),
    "finance": ("财政局经办", "教科文科"),
    "treasury": ("财政局复核", "国库科"),
    "auditor": ("纪检审计", "派驻纪检组"),
    "admin": ("系统管理员", ""),
}

SECOND = {"treasury": "finance", SECOND_OFFICER: "science"}  # the second person of a role: one approves, the other pays


@dataclass
class Participants:
    """The people, and the organisations that can post and bid."""

    people: People
    issuers: list[int]  # enterprises in the city
    suppliers: list[int]  # universities, institutes …
    bidders: list[int]  # may bid under every edition
    agency: int
    by_slug: dict[str, int]  # the organisations of texts.organisations()


class ParticipantBuilder:
    """Creates people and organisations in the database."""

    def __init__(
        self,
        session: Session,
        rng: Random,
        password: str,
        offices: Sequence[str] = ("science", "industry"),
        regions: Sequence[str] = tuple(REGIONS),
    ) -> None:
        self.session = session
        self.offices, self.regions = offices, regions  # roles of those that countersign; where organisations are
        self.rng = rng
        self.password = password  # already hashed; the same for every demo account
        self.roles = {role.name: role for role in session.scalars(select(Role))}
        for name in RoleName:
            if name.value not in self.roles:
                self.roles[name.value] = Role(name=name.value, description=ROLE_LABELS.get(name.value, name.value))
                session.add(self.roles[name.value])
        self.people = People()

    def everyone(self, more: int = 0) -> Participants:
        """Create all participants, with ``more`` additional organisations."""
        for role, (name, title) in OFFICERS.items():
            if role in BUREAU_ROLES and role not in self.offices:
                continue
            person = self.person(f"{role}@demo.example.com", f"{name}（演示）", SECOND.get(role, role), title=title)
            self.people.offices[role] = person.id
        others = [role for role in self.offices if role not in OFFICERS]
        for role in [*others, *([SECOND_OFFICER] if len(self.offices) == 1 else [])]:
            person = self.person(f"{role}@demo.example.com", "会签经办（演示）", SECOND.get(role, role))
            self.people.offices[role] = person.id
        for number, region in enumerate(self.regions, 1):
            person = self.person(f"county{number}@demo.example.com", f"{region}经办（演示）", "county", region=region)
            self.people.counties[region] = person.id
        self.experts()
        listed = {org.slug: self.organisation(org) for org in texts.organisations()}
        every = [*listed.values(), *(self.organisation(org) for org in texts.more_organisations(self.rng, more))]
        agency = next(o for o in every if o.kind == "科技服务机构")
        person = self.session.get_one(Person, self.people.members[agency.id])
        person.roles = [*person.roles, self.roles["agency"]]
        self.session.flush()
        return Participants(
            self.people,
            [o.id for o in every if o.kind == "企业" and o.region != "市外"],
            [o.id for o in every if o.kind in ("高校", "科研院所", "新型研发机构", "创新平台", "企业")],
            [o.id for o in every if o.kind in ("高校", "科研院所", "新型研发机构")],
            agency.id,
            {slug: row.id for slug, row in listed.items()},
        )

    def experts(self) -> None:
        """Create technical, financial and legal experts; the technical ones by domain."""
        domains = texts.domains()
        number = 0
        for kind, how_many in EXPERTS.items():
            for _ in range(how_many):
                number += 1
                own = [] if kind != "技术" else self.rng.sample(domains, 3)
                self.person(
                    f"expert{number}@demo.example.com",
                    self.name(),
                    "expert",
                    title="教授" if kind == "技术" else "注册会计师" if kind == "财务" else "律师",
                    employer=EMPLOYERS[kind][number % len(EMPLOYERS[kind])],
                    employer_uscc=EMPLOYER_CODES[kind][number % len(EMPLOYERS[kind])],
                    expert_kind=kind,
                    expert_domains=own,
                )

    def organisation(self, org: Any) -> Organisation:
        """Create a confirmed organisation with its manager."""
        money = {key: yuan_from_wan(getattr(org, key)) for key in ("revenue", "profit_tax", "rd_spend")}
        plain = "name kind address postcode legal_name legal_phone staff rd_staff bank_name bank_account".split()
        known = org.region in (*self.regions, "市外")
        row = Organisation(
            region=org.region if known else self.regions[len(self.people.members) % len(self.regions)],
            uscc=make(org.uscc_body),
            status="confirmed",
            created_at=SINCE,
            confirmed_at=SINCE,
            confirmed_by_id=self.people.offices["science"],
            **{key: getattr(org, key) for key in plain},
            **money,
        )
        self.session.add(row)
        self.session.flush()
        person = self.person(
            f"org{row.id}@demo.example.com",
            self.name(),
            "applicant",
            title="科技部部长",
            organisation_id=row.id,
            manager=True,
        )
        self.people.members[row.id] = person.id
        return row

    def name(self) -> str:
        """Return the next name of a person."""
        return texts.full_name(self.rng)

    def person(self, email: str, name: str, role: str, **facts: Any) -> Person:
        """Create an active account."""
        person = Person(
            email=email,
            name=name,
            password=self.password,
            active=True,
            confirmed_at=SINCE,
            created_at=SINCE,
            mobile=f"1380000{self.rng.randint(0, 9999):04d}",
            fs_uniquifier=UUID(int=self.rng.getrandbits(128)).hex,
            roles=[self.roles[role]],
            **facts,
        )
        self.session.add(person)
        self.session.flush()
        return person
