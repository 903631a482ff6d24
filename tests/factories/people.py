"""People of every role, their organisations and one call, for tests of pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from xtbang.models import (
    Call,
    Organisation,
    Person,
    Role,
)
from xtbang.models.writing import begin_write
from xtbang.queries.caller import Caller, actor_of
from xtbang.rules import uscc
from xtbang.rules.actor import SYSTEM
from xtbang.rules.dates import SHANGHAI
from xtbang.workflow.engine import Engine

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)  # a Monday
TODAY = NOW.date()
REGION = "湘潭高新区"
OFFICERS = "science industry leader finance auditor admin".split()


class PeopleFactory:
    """Everyone and one call."""

    def __init__(self, session: Session, engine: Engine) -> None:
        self.session = session
        self.engine = engine
        self.people: dict[str, Person] = {}
        self.organisations: dict[str, Organisation] = {}
        self.count = 0
        with self.writing():
            self._people()
            self.call = self.add_call("2026-01")

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction."""
        begin_write(self.session)
        yield self.session
        self.session.commit()

    def caller(self, name: str = "", now: datetime = NOW, address: str = "") -> Caller:
        """That person as who asks, at that moment; the system without a name."""
        who = actor_of(self.people[name], address) if name else SYSTEM
        return Caller(self.session, who, now, self.engine.site, self.engine.policy)

    def _people(self) -> None:
        names = [*OFFICERS, "applicant", "county", "expert", "agency"]
        self.roles = {name: Role(name=name) for name in names}
        for name, title, kind in (("issuer", "湘潭示例电机有限公司", "企业"), ("bidder", "示例大学", "高校")):
            self.organisation(name, title, kind)
            self.person(name, "applicant", organisation=self.organisations[name])
        self.organisation("agency", "示例科技服务中心", "科技服务机构")
        self.person("agency", "agency", organisation=self.organisations["agency"])
        for role in OFFICERS:
            self.person(role, role)
        self.person("county", "county", region=REGION)
        self.person("far county", "county", region="韶山市")
        self.person("expert", "expert", expert_kind="技术")
        self.session.flush()

    def organisation(self, name: str, title: str, kind: str = "企业", **values: Any) -> Organisation:
        """A confirmed organisation, unless ``values`` say otherwise."""
        known = {"status": "confirmed", "confirmed_at": NOW} | values
        row = Organisation(
            uscc=uscc.make(str(len(self.organisations) + 1)),
            name=title,
            kind=kind,
            region=REGION,
            created_at=NOW,
            **known,
        )
        self.organisations[name] = row
        self.session.add(row)
        return row

    def person(self, name: str, role: str, **values: Any) -> Person:
        """A person with one role."""
        address = f"p{len(self.people)}@example.com"
        row = Person(email=address, fs_uniquifier=address, name=name, created_at=NOW, active=True, **values)
        row.roles = [self.roles[role]]
        self.people[name] = row
        self.session.add(row)
        return row

    def add_call(self, code: str, **values: Any) -> Call:
        """A call that is open; inside ``writing()``."""
        known = {
            "title": "2026年度“揭榜挂帅”项目",
            "edition": "2021",
            "kinds": ["tech_demand"],
            "opens_at": NOW - timedelta(days=30),
            "closes_at": NOW + timedelta(days=30),
            "published_at": NOW - timedelta(days=30),
        }
        row = Call(code=code, **(known | values))
        self.session.add(row)
        self.session.flush()
        return row
