"""From the contract to the last payment, or to the money's return."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from xtbang.demo import texts
from xtbang.demo.steps import Steps, midnight_after, there
from xtbang.models import Acceptance, Paper, Report, Voucher
from xtbang.queries.ledger import balances, lines
from xtbang.rules.actor import Actor
from xtbang.rules.money import wan
from xtbang.rules.subsidy import county_share, instalments


class Late(Steps):
    """签约, 首拨, 实施, 延期, 验收, 尾拨, 终止."""

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
            moment = midnight_after(due) - timedelta(days=3)
            if moment > self.stage.clock.end:
                return
            self.stage.clock.reach(moment)
            self.report_one(report_id)

    def first_report(self) -> None:
        """Only the first report that falls due."""
        query = select(Report.id, Report.due_on).where(Report.project_id == self.project_id)
        report_id, due = self.stage.session.execute(query.order_by(Report.due_on).limit(1)).one()
        self.stage.clock.reach(midnight_after(due) - timedelta(days=3))
        self.report_one(report_id)

    def report_one(self, report_id: int) -> None:
        """One report."""
        report, project = self.stage.session.get_one(Report, report_id), self.project
        document, start, end = report.document, there(project.starts_on), there(project.ends_on)
        values = texts.report(
            self.stage.rng,
            self.plan.kind,
            self.plan.index,
            progress=min((report.due_on - start) / (end - start), 1) * self.stage.rng.uniform(0.92, 0.98),
            total=self.plan.total,
            subsidy=self.plan.subsidy,
        )
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
        plan = self.plan
        values = texts.acceptance(self.stage.rng, plan.kind, plan.index, total=plan.total, subsidy=plan.subsidy)
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
        self.stage.panel(self.project, "liability", draw, self._said("liability"), responsible=self.plan.responsible)
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
                    "note": f"TK{len(lines(self.stage.session, self.project_id))}-{self.project.id:05d}",
                }
                self.stage.do(self.project, "record_recovery", self.stage.office("finance"), data)

    def settle(self) -> None:
        """Everything due has come back."""
        self.stage.do(self.project, "settle", self.stage.office("finance"))
