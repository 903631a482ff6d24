"""The steps from the draft to the end of the public notice."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from xtbang.demo import texts
from xtbang.demo.steps import Steps, last_day, midnight_after, required
from xtbang.domain.bids import moment, sync_members
from xtbang.domain.printed_forms import form_code
from xtbang.models import NoticeItem, Objection, Person, Project
from xtbang.rules.actor import PUBLIC
from xtbang.rules.money import wan, yuan_from_wan
from xtbang.rules.workdays import add_workdays

NOTICE_ENDS = timedelta(days=21)  # a notice and what follows it


class EarlySteps(Steps):
    """草稿, 征集, 论证, 发榜, 揭榜, 路演, 公示."""

    # -- 草稿, 征集, 论证

    def write_form(self, **changes: Any) -> None:
        """Fill in the whole form."""
        driver, project, plan = self.driver, self.project, self.plan
        person = driver.session.get_one(Person, driver.people.members[plan.issuer])
        start = date.fromisoformat(driver.day(150))
        values = texts.entry(
            plan.kind,
            plan.words or project.edition,
            plan.index,
            driver.rng,
            driver.organisation(plan.issuer),
            person,
            start,
            last_day(start, plan.months),
            total=plan.total,
            subsidy=plan.subsidy,
        )
        form = driver.engine.policy.edition(project.edition).forms[plan.kind]
        driver.write(required(project.form), form, self.issuer, values | changes)

    def submit(self) -> None:
        """Upload the stamped scan if the edition requires one, and submit the entry."""
        driver = self.driver
        if driver.engine.policy.edition(self.project.edition).scan_required:
            offers = driver.engine.offers(driver.session, self.project, self.issuer)
            offer = next(offer for offer in offers if offer.action.trigger == "upload_scan")
            context = driver.engine.context(driver.session, self.project, self.issuer, "issuer", offer.action)
            scan = driver.scan(
                "项目技术需求表（盖章扫描件）", self.project.issuer.name, code=form_code(context, self.project)
            )
            driver.do(self.project, "upload_scan", self.issuer, scan=scan)
        driver.do(self.project, "submit", self.issuer)

    def send_back(self) -> None:
        """Send the entry back with comments on its fields."""
        remarks = texts.send_back_remarks(self.driver.rng, self.plan.kind)
        data = {
            "reason": remarks[""],
            "remarks": [{"field": key, "text": text} for key, text in remarks.items() if key],
            "correct_by": self.driver.day(14),
        }
        self.driver.do(self.project, "send_back", self.driver.office("science"), data)

    def accept(self) -> None:
        """Accept the entry with every line of the checklist ticked."""
        lines = self.driver.engine.policy.edition(self.project.edition).checklist
        self.driver.do(self.project, "accept", self.driver.office("science"), {"checklist": list(lines)})

    def refuse(self) -> None:
        """Refuse the entry."""
        data = {"rule": "《办法》第六条（一）4", "reason": self._text("refuse")}
        self.driver.do(self.project, "refuse", self.driver.office("science"), data)

    def withdraw(self) -> None:
        """Withdraw the entry."""
        self.driver.do(self.project, "withdraw", self.issuer, {"reason": "本单位技术路线调整，拟另行申报。"})

    def give_up(self) -> None:
        """Withdraw from the project before its contract is in force (放弃立项)."""
        self.driver.do(self.project, "give_up", self.issuer, {"reason": "本单位生产线停建，不再需要该项技术。"})

    def appraise(self) -> None:
        """Let experts judge the need."""
        self.driver.panel(self.project, "appraisal", {"technical": 3, "financial": 1}, self._text("appraisal"))

    def invite(self) -> None:
        """Invite experts; one has submitted a sheet, the others have not answered yet."""
        self.driver.convene(self.project, "appraisal", {"technical": 3, "financial": 1})
        self.driver.score(self.project, only=1)

    def drop(self) -> None:
        """Close the entry as not approved."""
        self.driver.both(self.project, "drop", {"reason": self._text("decline")})

    def list_major(self) -> None:
        """Put the entry on the board."""
        data = {"bids_from": self.driver.date_time(0, 9, 0), "bids_until": self.driver.date_time(30)}
        self.driver.both(self.project, "list_major", data)

    def list_regular(self) -> None:
        """Put the entry on its list for the market."""
        self.driver.both(self.project, "list_regular")

    def promote(self) -> None:
        """Select an entry of the market as a major project, to be appraised."""
        self.driver.do(self.project, "promote", self.driver.office("science"))

    # -- 发榜, 揭榜

    def bid(self) -> None:
        """Submit a bid of each bidder; the first one may lead a consortium."""
        for number, organisation in enumerate(self.plan.bidders):
            member = self.plan.member if number == 0 else None
            self.bid_of(organisation, member)

    def bid_of(self, organisation: int, member: int | None = None) -> None:
        """Submit one bid, confirmed by its member."""
        driver, actor = self.driver, self.driver.member(organisation)
        if self.project.bids_from:
            driver.clock.reach(self.project.bids_from + timedelta(minutes=5))
        driver.do(self.project, "open_bid", actor)
        bid = self._bid(organisation)
        members = [driver.organisation(member)] if member else []
        values = texts.bid(
            driver.rng,
            self.plan.kind,
            self.plan.index,
            driver.organisation(organisation),
            members,
            total=self.plan.total,
        )
        driver.write(bid.document, self._document("bid"), actor, values)
        if member:
            with driver.writing():
                sync_members(driver.session, self._bid(organisation), self._document("bid"))
            driver.refresh()
            driver.do(
                self.project, "confirm_membership", driver.member(member), {"bid": str(self._bid(organisation).id)}
            )
        driver.do(self.project, "submit_bid", actor)

    def agree(self) -> None:
        """Choose the first bid."""
        if self.project.bids_until:
            self.driver.clock.reach(self.project.bids_until + timedelta(hours=2))
        data = {
            "bid": str(self._bid(self.plan.bidders[0]).id),
            "satisfaction": "very_satisfied",
            "reason": self._text("choice"),
        }
        self.driver.do(self.project, "agree", self.issuer, data)

    def register_deal(self) -> None:
        """Register the deal of the market."""
        data = {
            "contract_number": f"JS{self.project.id:06d}",
            "contract_signed_on": self.driver.day(),
            "contract_amount": str(self.plan.total),
            "ip_clause": self._text("ip"),
        }
        deed = self.driver.scan("技术合同", self.project.title[:20])
        self.driver.do(self.project, "register_deal", self.driver.office("science"), data, contract_file=deed)

    def write_application(self) -> None:
        """Fill in the application with its two budget tables, all sums correct."""
        driver, plan, document = self.driver, self.plan, required(self.project.application)
        start = date.fromisoformat(driver.day(60))
        deed = driver.attach(self.project, driver.scan("技术合同", self.project.title[:20]), self.issuer)
        values = texts.application(
            driver.rng,
            plan.kind,
            plan.index,
            total=plan.total,
            subsidy=plan.subsidy,
            start=start,
            end=last_day(start, plan.months),
            signed_on=date.fromisoformat(driver.day()),
            bidder=driver.organisation(plan.bidders[0]),
        )
        driver.write(document, self._document("application"), self.issuer, values | {"contract_file": deed})

    def apply(self) -> None:
        """Submit the application, once the bidder has read it."""
        self.driver.do(self.project, "confirm_reading", self.bidder)
        self.driver.do(self.project, "apply", self.issuer)

    def pay_bidder(self) -> None:
        """Submit two vouchers that together prove 40 %."""
        due = yuan_from_wan(str(self.plan.total)) * Decimal("0.4")
        for part in (due / 4 * 3, due / 4):
            self.pay(part)

    def pay(self, amount: Decimal) -> None:
        """Submit one voucher; ``amount`` in yuan."""
        number = f"SLIP{self.project.id:05d}{self.driver.rng.randint(1000, 9999)}"
        data = {"number": number, "amount": wan(amount), "paid_on": self.driver.day()}
        slip = self.driver.scan("银行电子回单", f"流水号 {number}", f"金额 {wan(amount)} 万元")
        self.driver.do(self.project, "submit_voucher", self.issuer, data, file=slip)

    # -- 路演, 公示

    def show(self) -> None:
        """Hold the roadshow: schedule, panel, inspection, both opinions."""
        driver = self.driver
        starts_at = f"{add_workdays(date.fromisoformat(driver.day()), 3)}T09:00"
        data = {
            "title": "“智造莲城”揭榜挂帅专题路演",
            "starts_at": starts_at,
            "place": f"{driver.engine.policy.city.name}科技大厦三楼路演厅（演示）",
            "minutes": "20",
        }
        driver.do(self.project, "schedule_roadshow", driver.office("science"), data)
        draw = {"technical": 4, "financial": 1, "legal": 1}
        driver.panel(self.project, "roadshow", draw, self._text("roadshow"), held_at=moment(starts_at))
        visit = {"dated": driver.day(), "text": self._text("inspection")}
        driver.do(self.project, "record_inspection", driver.office("science"), visit)
        self.opine()

    def opine(self) -> None:
        """Record the opinions of both bureaus."""
        driver = self.driver
        for role in driver.engine.policy.city.roles:
            opinion = {"favourable": "agreed", "text": self._text("opinion")}
            driver.do(self.project, "record_opinion", driver.office(role), opinion)

    def resolution(self) -> dict[str, str]:
        """Return date and number of the resolution of the party group (党组会决议)."""
        day = self.driver.day()
        return {"resolution_date": day, "resolution_number": f"潭科党组纪要〔{day[:4]}〕{self.project.id % 40 + 1}号"}

    def recommend(self) -> None:
        """Recommend the project with its subsidy."""
        data = self.resolution() | {"subsidy_city": str(self.plan.subsidy), "reason": "同意提请公示。"}
        minutes = self.driver.scan("党组会议纪要", data["resolution_number"])
        self.driver.do(self.project, "recommend", self.driver.office("leader"), data, minutes=minutes)

    def decline(self) -> None:
        """Decline the project."""
        data = self.resolution() | {"reason": self._text("decline")}
        minutes = self.driver.scan("党组会议纪要", data["resolution_number"])
        self.driver.do(self.project, "decline", self.driver.office("leader"), data, minutes=minutes)

    def publish(self) -> None:
        """Publish the public notice, once the last of its projects is recommended."""
        self._reach_last_resolution()
        number = f"潭科发〔{self.driver.day()[:4]}〕{self._notice().id}号"
        data = {
            "title": f"{self.driver.engine.policy.city.scheme}拟立项项目公示",
            "body": self._text("notice"),
            "notice_number": number,
        }
        self.driver.do(self.project, "publish_notice", self.driver.office("science"), data)

    def _reach_last_resolution(self) -> None:
        """Let time pass until every project on the notice was recommended, as far as the notice can then still end."""
        clock, notice = self.driver.clock, self._notice()
        latest = select(func.max(Project.state_since)).join(NoticeItem, NoticeItem.project_id == Project.id)
        moment = required(self.driver.session.scalar(latest.where(NoticeItem.notice_id == notice.id)))
        if moment < clock.end - NOTICE_ENDS:
            clock.reach(moment)
            clock.ready(office=True)

    def object(self) -> None:
        """File an objection while the notice runs."""
        self.driver.clock.reach(required(self._notice().published_at) + timedelta(hours=20))
        data = {"name": "演示群众", "contact": "13800000000", "facts": self._text("objection")}
        self.driver.do(self.project, "file_objection", PUBLIC, data)

    def decide(self, upheld: bool = False) -> None:
        """Decide the objection."""
        query = select(Objection.id).where(Objection.project_id == self.project_id, Objection.status == "open")
        outcome = "upheld" if upheld else "dismissed"
        data = {"objection": str(self.driver.session.scalars(query).first()), "outcome": outcome}
        finding = self._text("finding_upheld" if upheld else "finding")
        self.driver.do(self.project, "decide_objection", self.driver.office("science"), data | {"finding": finding})

    def decide_upheld(self) -> None:
        """Uphold the objection."""
        self.decide(upheld=True)

    def uphold(self) -> None:
        """Close the project because of the objection."""
        self.driver.both(self.project, "uphold", {"reason": self._text("finding_upheld")})

    def confirm(self) -> None:
        """Open the contract after the last day of the notice, when every objection has arrived."""
        last = required(self._notice().last_day)
        self.driver.clock.reach(midnight_after(last) + timedelta(hours=1))
        self.driver.do(self.project, "confirm", self.driver.office("science"))
