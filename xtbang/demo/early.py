"""From the draft to the end of the public notice."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.demo import texts
from xtbang.demo.steps import Steps, last_day, midnight_after, there
from xtbang.domain.bids import sync_members
from xtbang.domain.printed_forms import form_code
from xtbang.models import Objection, Person
from xtbang.rules.actor import PUBLIC
from xtbang.rules.money import wan, yuan_from_wan
from xtbang.rules.workdays import add_workdays


class Early(Steps):
    """草稿, 征集, 论证, 发榜, 揭榜, 路演, 公示."""

    # -- 草稿, 征集, 论证

    def write_form(self, **changes: Any) -> None:
        """Fill in the form in full."""
        stage, project, plan = self.stage, self.project, self.plan
        person = stage.session.get_one(Person, stage.cast.members[plan.issuer])
        start = date.fromisoformat(stage.day(150))
        values = texts.entry(
            plan.kind,
            plan.words or project.edition,
            plan.index,
            stage.rng,
            stage.organisation(plan.issuer),
            person,
            start,
            last_day(start, plan.months),
            total=plan.total,
            subsidy=plan.subsidy,
        )
        form = stage.engine.policy.edition(project.edition).forms[plan.kind]
        stage.write(there(project.form), form, self.issuer, values | changes)

    def submit(self) -> None:
        """Stamp it when the edition asks for the scan, and hand it in."""
        stage = self.stage
        if stage.engine.policy.edition(self.project.edition).scan_required:
            offers = stage.engine.offers(stage.session, self.project, self.issuer)
            offer = next(offer for offer in offers if offer.action.trigger == "upload_scan")
            context = stage.engine.context(stage.session, self.project, self.issuer, "issuer", offer.action)
            scan = stage.scan(
                "项目技术需求表（盖章扫描件）", self.project.issuer.name, code=form_code(context, self.project)
            )
            stage.do(self.project, "upload_scan", self.issuer, scan=scan)
        stage.do(self.project, "submit", self.issuer)

    def send_back(self) -> None:
        """Returned with remarks beside the fields."""
        remarks = texts.send_back_remarks(self.stage.rng, self.plan.kind)
        data = {
            "reason": remarks[""],
            "remarks": [{"field": key, "text": text} for key, text in remarks.items() if key],
            "correct_by": self.stage.day(14),
        }
        self.stage.do(self.project, "send_back", self.stage.office("science"), data)

    def accept(self) -> None:
        """Every line of the checklist ticked."""
        lines = self.stage.engine.policy.edition(self.project.edition).checklist
        self.stage.do(self.project, "accept", self.stage.office("science"), {"checklist": list(lines)})

    def refuse(self) -> None:
        """Not taken in."""
        data = {"rule": "《办法》第六条（一）4", "reason": self._said("refuse")}
        self.stage.do(self.project, "refuse", self.stage.office("science"), data)

    def withdraw(self) -> None:
        """Taken back."""
        self.stage.do(self.project, "withdraw", self.issuer, {"reason": "本单位技术路线调整，拟另行申报。"})

    def appraise(self) -> None:
        """Experts judge the demand."""
        self.stage.panel(self.project, "appraisal", {"technical": 3, "financial": 1}, self._said("appraisal"))

    def invite(self) -> None:
        """Experts are invited; one has handed in a sheet, the others have yet to answer."""
        self.stage.convene(self.project, "appraisal", {"technical": 3, "financial": 1})
        self.stage.score(self.project, only=1)

    def drop(self) -> None:
        """Not chosen."""
        self.stage.both(self.project, "drop", {"reason": self._said("decline")})

    def list_major(self) -> None:
        """Onto the board."""
        data = {"bids_from": self.stage.shanghai(0, 9, 0), "bids_until": self.stage.shanghai(30)}
        self.stage.both(self.project, "list_major", data)

    def list_regular(self) -> None:
        """Onto its list, for the market."""
        self.stage.both(self.project, "list_regular")

    def promote(self) -> None:
        """From the market's list back to the experts, as a major project."""
        self.stage.do(self.project, "promote", self.stage.office("science"))

    # -- 发榜, 揭榜

    def bid(self) -> None:
        """Each bidder hands in a bid; the first one may lead a consortium."""
        for number, organisation in enumerate(self.plan.bidders):
            member = self.plan.member if number == 0 else None
            self.bid_of(organisation, member)

    def bid_of(self, organisation: int, member: int | None = None) -> None:
        """One bid, confirmed by its member, handed in."""
        stage, actor = self.stage, self.stage.member(organisation)
        if self.project.bids_from:
            stage.clock.reach(self.project.bids_from + timedelta(minutes=5))
        stage.do(self.project, "open_bid", actor)
        bid = self._bid(organisation)
        members = [stage.organisation(member)] if member else []
        values = texts.bid(
            stage.rng, self.plan.kind, self.plan.index, stage.organisation(organisation), members, total=self.plan.total
        )
        stage.write(bid.document, self._document("bid"), actor, values)
        if member:
            with stage.writing():
                sync_members(stage.session, self._bid(organisation), self._document("bid"))
            stage.forget()
            stage.do(self.project, "confirm_membership", stage.member(member), {"bid": str(self._bid(organisation).id)})
        stage.do(self.project, "submit_bid", actor)

    def agree(self) -> None:
        """The issuer chooses."""
        if self.project.bids_until:
            self.stage.clock.reach(self.project.bids_until + timedelta(hours=2))
        data = {
            "bid": str(self._bid(self.plan.bidders[0]).id),
            "satisfaction": "非常满意",
            "reason": self._said("choice"),
        }
        self.stage.do(self.project, "agree", self.issuer, data)

    def register_deal(self) -> None:
        """Matched by the market."""
        data = {
            "contract_number": f"JS{self.project.id:06d}",
            "contract_signed_on": self.stage.day(),
            "contract_amount": str(self.plan.total),
            "ip_clause": self._said("ip"),
        }
        deed = self.stage.scan("技术合同", self.project.title[:20])
        self.stage.do(self.project, "register_deal", self.stage.office("science"), data, contract_file=deed)

    def write_application(self) -> None:
        """The application with its two budget tables, all sums right."""
        stage, plan, document = self.stage, self.plan, there(self.project.application)
        start = date.fromisoformat(stage.day(60))
        deed = stage.attach(self.project, stage.scan("技术合同", self.project.title[:20]), self.issuer)
        values = texts.application(
            stage.rng,
            plan.kind,
            plan.index,
            total=plan.total,
            subsidy=plan.subsidy,
            start=start,
            end=last_day(start, plan.months),
            signed_on=date.fromisoformat(stage.day()),
            bidder=stage.organisation(plan.bidders[0]),
        )
        stage.write(document, self._document("application"), self.issuer, values | {"contract_file": deed})

    def apply(self) -> None:
        """Hand the application in."""
        self.stage.do(self.project, "apply", self.issuer)

    def pay_bidder(self) -> None:
        """Two vouchers that together prove 40 %."""
        due = yuan_from_wan(str(self.plan.total)) * Decimal("0.4")
        for part in (due / 4 * 3, due / 4):
            self.pay(part)

    def pay(self, amount: Decimal) -> None:
        """One voucher."""
        number = f"SLIP{self.project.id:05d}{self.stage.rng.randint(1000, 9999)}"
        data = {"number": number, "amount": wan(amount), "paid_on": self.stage.day()}
        slip = self.stage.scan("银行电子回单", f"流水号 {number}", f"金额 {wan(amount)} 万元")
        self.stage.do(self.project, "submit_voucher", self.issuer, data, file=slip)

    # -- 路演, 公示

    def show(self) -> None:
        """Roadshow, experts, inspection, both opinions."""
        stage = self.stage
        data = {
            "title": "“智造莲城”揭榜挂帅专题路演",
            "starts_at": f"{add_workdays(date.fromisoformat(stage.day()), 3)}T09:00",
            "place": "湘潭市科技大厦三楼路演厅（演示）",
            "minutes": "20",
        }
        stage.do(self.project, "schedule_roadshow", stage.office("science"), data)
        stage.panel(self.project, "roadshow", {"technical": 4, "financial": 1, "legal": 1}, self._said("roadshow"))
        visit = {"dated": stage.day(), "text": self._said("inspection")}
        stage.do(self.project, "record_inspection", stage.office("science"), visit)
        for role in ("science", "industry"):
            opinion = {"favourable": "同意立项", "text": self._said("opinion")}
            stage.do(self.project, "record_opinion", stage.office(role), opinion)

    def resolution(self) -> dict[str, str]:
        """The party group's resolution."""
        day = self.stage.day()
        return {"resolution_date": day, "resolution_number": f"潭科党组纪要〔{day[:4]}〕{self.project.id % 40 + 1}号"}

    def recommend(self) -> None:
        """Resolved on, the subsidy fixed."""
        data = self.resolution() | {"subsidy_city": str(self.plan.subsidy), "reason": "同意提请公示。"}
        minutes = self.stage.scan("党组会议纪要", data["resolution_number"])
        self.stage.do(self.project, "recommend", self.stage.office("leader"), data, minutes=minutes)

    def decline(self) -> None:
        """Resolved against."""
        data = self.resolution() | {"reason": self._said("decline")}
        minutes = self.stage.scan("党组会议纪要", data["resolution_number"])
        self.stage.do(self.project, "decline", self.stage.office("leader"), data, minutes=minutes)

    def publish(self) -> None:
        """The public notice starts."""
        number = f"潭科发〔{self.stage.day()[:4]}〕{self._notice().id}号"
        data = {
            "title": "湘潭市科技创新“揭榜挂帅”拟立项项目公示",
            "body": self._said("notice"),
            "notice_number": number,
        }
        self.stage.do(self.project, "publish_notice", self.stage.office("science"), data)

    def object(self) -> None:
        """Somebody objects, once the notice runs."""
        self.stage.clock.reach(there(self._notice().published_at) + timedelta(hours=20))
        data = {"name": "演示群众", "contact": "13800000000", "facts": self._said("objection")}
        self.stage.do(self.project, "file_objection", PUBLIC, data)

    def decide(self, upheld: bool = False) -> None:
        """The objection is answered."""
        query = select(Objection.id).where(Objection.project_id == self.project_id, Objection.status == "open")
        outcome = "异议成立" if upheld else "异议不成立"
        data = {"objection": str(self.stage.session.scalars(query).first()), "outcome": outcome}
        finding = self._said("finding_upheld" if upheld else "finding")
        self.stage.do(self.project, "decide_objection", self.stage.office("science"), data | {"finding": finding})

    def decide_upheld(self) -> None:
        """The objection is found right."""
        self.decide(upheld=True)

    def uphold(self) -> None:
        """The project falls with the objection."""
        self.stage.both(self.project, "uphold", {"reason": self._said("finding_upheld")})

    def confirm(self) -> None:
        """The last day is over."""
        last = there(self._notice().last_day)
        self.stage.clock.reach(midnight_after(last))
        self.stage.do(self.project, "confirm", self.stage.office("science"))
