"""One project's way from 征集 to where it is meant to stand, each step by the person whose step it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select

from xtbang.demo import texts
from xtbang.demo.stage import Stage
from xtbang.models import Acceptance, Bid, Notice, NoticeItem, Objection, Paper, Person, Project, Report, Voucher
from xtbang.models.writing import begin_write
from xtbang.queries.ledger import balances
from xtbang.rules.money import wan, yuan_from_wan
from xtbang.rules.subsidy import county_share, instalments
from xtbang.stages.bids import sync_members
from xtbang.stages.context import PUBLIC, SHANGHAI, Actor
from xtbang.stages.draft import form_code

Found = TypeVar("Found")

# the steps of the funded way, in order; a project stops after one of them
FUNDED = (
    "submit accept appraise list_major bid agree write_application pay_bidder apply show recommend publish confirm "
    "issue_contract sign conclude check_payment match disburse_first county_pays report request_acceptance examine "
    "pass_acceptance match_second disburse_final county_pays_second"
).split()
MARKET = "submit accept list_regular bid agree register_deal".split()


@dataclass
class Plan:
    """What is to become of one entry."""

    kind: str
    index: int  # which topic
    issuer: int  # organisations
    bidders: Sequence[int]
    member: int | None = None
    total: Decimal = Decimal("120")  # 万元
    subsidy: Decimal = Decimal("30")  # 万元
    months: int = 20
    words: str = ""  # the edition whose words are used, when not its own


class Walk:
    """A project and what has been said about it."""

    def __init__(self, stage: Stage, project: Project, plan: Plan) -> None:
        self.stage = stage
        self.project_id = project.id
        self.plan = plan

    @property
    def project(self) -> Project:
        """The project, as the database has it now."""
        return self.stage.session.get_one(Project, self.project_id)

    @property
    def issuer(self) -> Actor:
        """The issuer's person."""
        return self.stage.member(self.plan.issuer)

    @property
    def bidder(self) -> Actor:
        """The chosen bidder's person."""
        bid = self.project.agreed_bid
        return self.stage.member(bid.lead_id if bid else self.plan.bidders[0])

    def go(self, steps: Sequence[str], least: int = 1, most: int = 9) -> "Walk":
        """Do the steps one after the other, with days in between."""
        for name in steps:
            step: Callable[[], None] = getattr(self, name)
            step()
            self.stage.clock.pass_days(self.stage.rng, least, most)
        return self

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
            _last_day(start, plan.months),
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
            scan = stage.scan("项目技术需求表（盖章扫描件）", self.project.issuer.name, code=form_code(context))
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
            begin_write(stage.session)
            sync_members(stage.session, self._bid(organisation))
            stage.session.commit()
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
            end=_last_day(start, plan.months),
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
            "starts_at": stage.shanghai(3, 9, 0),
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
        data = {"title": "湘潭市科技创新“揭榜挂帅”拟立项项目公示", "body": self._said("notice")}
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
        self.stage.clock.reach(_midnight_after(last))
        self.stage.do(self.project, "confirm", self.stage.office("science"))

    # -- 签约, 首拨

    def issue_contract(self) -> None:
        """The text of the contract, for signing."""
        stage, document = self.stage, there(self.project.contract)
        extra = {"confidential_years": "5", "dispute": "向湘潭仲裁委员会申请仲裁", "copies": "8"}
        stage.write(document, self._document("contract"), stage.office("science"), document.draft | extra)
        stage.do(self.project, "issue_contract", stage.office("science"))

    def sign(self) -> None:
        """All parties upload the stamped contract; finance records the funding document."""
        stage, bid = self.stage, there(self.project.agreed_bid)
        signers = [self.issuer, self.bidder, *(stage.member(m.organisation_id) for m in bid.members)]
        for actor in (*signers, stage.office("science"), stage.office("industry")):
            self.sign_as(actor)
        document = stage.scan("立项及资金文件", self.project.title[:20])
        data = {"number": f"潭财教指〔{stage.day()[:4]}〕{self.project.id % 60 + 1}号", "dated": stage.day()}
        stage.do(self.project, "record_funding_document", stage.office("finance"), data, file=document)

    def sign_as(self, actor: Actor) -> None:
        """One party's stamped scan of the current version."""
        query = select(Paper.code).where(Paper.project_id == self.project_id, Paper.name == "contract")
        code = self.stage.session.scalars(query.where(Paper.state == "current")).one()
        scan = self.stage.scan("合同书（签章扫描件）", actor.organisation_name or actor.name, code=code)
        self.stage.do(self.project, "sign_contract", actor, {"signed_on": self.stage.day()}, scan=scan)

    def conclude(self) -> None:
        """In force, award announced."""
        self.stage.do(self.project, "conclude", self.stage.office("science"))

    def check_payment(self) -> None:
        """Every open voucher is found real."""
        query = select(Voucher.id).where(Voucher.project_id == self.project_id, Voucher.status == "open")
        for voucher in self.stage.session.scalars(query).all():
            data = {"voucher": str(voucher), "outcome": "真实有效，予以认定", "note": ""}
            self.stage.do(self.project, "check_voucher", self.stage.office("science"), data)

    def _instalments(self) -> tuple[Decimal, Decimal]:
        edition = self.stage.engine.policy.edition(self.project.edition)
        return instalments(edition, self.project.subsidy_city or Decimal(0))

    def _county_instalments(self) -> tuple[Decimal, Decimal]:
        edition = self.stage.engine.policy.edition(self.project.edition)
        return instalments(edition, county_share(edition, self.project.subsidy_city or Decimal(0)))

    def match(self, number: int = 0) -> None:
        """The county's word for its instalment."""
        data = {
            "amount": wan(self._county_instalments()[number]),
            "number": f"配套函〔{self.stage.day()[:4]}〕{self.project.id % 30 + 1}号",
            "dated": self.stage.day(),
        }
        self.stage.do(self.project, "confirm_county_match", self._county(), data)

    def match_second(self) -> None:
        """The county's word for the second one."""
        self.match(1)

    def disburse_first(self) -> None:
        """The first half."""
        data = {
            "amount": wan(self._instalments()[0]),
            "paid_on": self.stage.day(),
            "note": f"BK1-{self.project.id:05d}",
        }
        self.stage.do(self.project, "disburse_first", self.stage.office("finance"), data)

    def county_pays(self, number: int = 1) -> None:
        """The county's own instalment."""
        data = {
            "instalment": str(number),
            "amount": wan(self._county_instalments()[number - 1]),
            "dated": self.stage.day(),
            "note": f"XQ{number}-{self.project.id:05d}",
        }
        self.stage.do(self.project, "record_county_instalment", self._county(), data)

    def county_pays_second(self) -> None:
        """The county's second instalment."""
        self.county_pays(2)

    # -- 实施, 延期, 验收, 尾拨

    def report(self) -> None:
        """Every report that falls due up to the end of the work (or of the demo's time)."""
        query = select(Report.id, Report.due_on).where(Report.project_id == self.project_id)
        for report_id, due in self.stage.session.execute(query.order_by(Report.due_on)).all():
            moment = _midnight_after(due) - timedelta(days=3)
            if moment > self.stage.clock.end:
                return
            self.stage.clock.reach(moment)
            self.report_one(report_id)

    def first_report(self) -> None:
        """Only the first report that falls due."""
        query = select(Report.id, Report.due_on).where(Report.project_id == self.project_id)
        report_id, due = self.stage.session.execute(query.order_by(Report.due_on).limit(1)).one()
        self.stage.clock.reach(_midnight_after(due) - timedelta(days=3))
        self.report_one(report_id)

    def report_one(self, report_id: int) -> None:
        """One report."""
        document = self.stage.session.get_one(Report, report_id).document
        values = texts.report(self.stage.rng, self.plan.kind, self.plan.index)
        self.stage.write(document, self._document("report"), self.bidder, values)
        self.stage.do(self.project, "submit_report", self.bidder, {"report": str(report_id)})

    def check(self) -> None:
        """A bureau looks at the work."""
        data = {"dated": self.stage.day(), "favourable": "进展正常", "text": self._said("check")}
        self.stage.do(self.project, "record_check", self.stage.office("industry"), data)

    def request_extension(self) -> None:
        """More time is asked for, with the audit."""
        end = there(self.project.ends_on)
        data = {"reason": self._said("extension"), "new_end": (end + timedelta(days=180)).isoformat()}
        audit = self.stage.scan("第三方审计报告", self.project.title[:20])
        self.stage.do(self.project, "request_extension", self.bidder, data, audit_file=audit)

    def grant_extension(self) -> None:
        """Granted."""
        self.stage.both(self.project, "grant_extension", {"reason": "情况属实，同意延期。"})

    def request_acceptance(self) -> None:
        """Achievements, fund statement, self-evaluation."""
        query = select(Acceptance).where(Acceptance.project_id == self.project_id, Acceptance.status == "draft")
        document = self.stage.session.scalars(query).one().document
        values = texts.acceptance(self.stage.rng, self.plan.kind, self.plan.index)
        self.stage.write(document, self._document("acceptance"), self.bidder, values)
        self.stage.do(self.project, "request_acceptance", self.bidder)

    def examine(self) -> None:
        """A panel where the bureaus track the project."""
        if not self.project.self_managed:
            self.stage.panel(self.project, "acceptance", {"technical": 2, "financial": 1}, self._said("acceptance"))

    def rectify(self) -> None:
        """Not yet."""
        data = {"reason": self._said("rectify"), "rectify_by": self.stage.day(60)}
        self.stage.both(self.project, "rectify", data)

    def pass_acceptance(self) -> None:
        """Passed."""
        self.stage.both(self.project, "pass_acceptance", {"reason": self._said("acceptance")})

    def disburse_final(self) -> None:
        """The rest."""
        data = {
            "amount": wan(self._instalments()[1]),
            "paid_on": self.stage.day(),
            "note": f"BK2-{self.project.id:05d}",
        }
        self.stage.do(self.project, "disburse_final", self.stage.office("finance"), data)

    # -- 终止

    def terminate_objective(self) -> None:
        """Nobody's fault: half comes back."""
        data = {"cause": "客观原因或不可抗力", "reason": self._said("objective"), "recover_by": self.stage.day(60)}
        audit = self.stage.scan("第三方审计报告", self.project.title[:20])
        self.stage.both(self.project, "terminate", data, audit_file=audit)

    def terminate_subjective(self) -> None:
        """Somebody's fault: everything comes back."""
        draw = {"technical": 1, "financial": 1, "legal": 1}
        self.stage.panel(self.project, "liability", draw, self._said("liability"), responsible="揭榜方")
        data = {
            "cause": "发榜方或揭榜方主观原因",
            "reason": self._said("subjective"),
            "recover_by": self.stage.day(60),
            "restrict_until": self.stage.day(1095),
        }
        self.stage.both(self.project, "terminate", data)

    def recover(self, part: Decimal = Decimal(1)) -> None:
        """Money comes back, in parts."""
        owed = balances(self.stage.session, self.project_id).outstanding
        for source, label in (("city", "市级财政"), ("county", "县市区（园区）财政")):
            amount = owed.get(source, Decimal(0)) * part
            if amount:
                data = {
                    "source": label,
                    "amount": wan(amount),
                    "dated": self.stage.day(),
                    "note": f"TK-{self.project.id:05d}",
                }
                self.stage.do(self.project, "record_recovery", self.stage.office("finance"), data)

    def settle(self) -> None:
        """Everything due has come back."""
        self.stage.do(self.project, "settle", self.stage.office("finance"))

    # -- the small things

    def _bid(self, organisation: int) -> Bid:
        query = select(Bid).where(Bid.project_id == self.project_id, Bid.lead_id == organisation)
        return self.stage.session.scalars(query).one()

    def _document(self, kind: str) -> Any:
        return self.stage.engine.policy.edition(self.project.edition).documents[kind]

    def _county(self) -> Actor:
        return self.stage.actor(self.stage.cast.counties[self.project.region])

    def _notice(self) -> Notice:
        query = (
            select(Notice).join(NoticeItem).where(NoticeItem.project_id == self.project_id, Notice.kind == "publicity")
        )
        return there(self.stage.session.scalars(query.order_by(Notice.id.desc())).first())

    def _said(self, pool: str) -> str:
        return self.stage.rng.choice(texts.pools(pool))


def there(found: Found | None) -> Found:
    """What must be there at this step; LookupError when it is not."""
    if found is None:
        raise LookupError("the project has not come this far")
    return found


def _last_day(start: date, months: int) -> date:
    year, month = divmod(start.month - 1 + months, 12)
    return date(start.year + year, month + 1, min(start.day, 28)) - timedelta(days=1)


def _midnight_after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI) + timedelta(days=1, minutes=1)
