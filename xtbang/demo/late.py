"""The steps from the contract to the last payment."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.demo import texts
from xtbang.demo.steps import Steps, midnight_after, required
from xtbang.domain.payment_approvals import payment_to_approve
from xtbang.models import Acceptance, Document, Paper, Report, Signature, Voucher
from xtbang.queries.ledger import balances
from xtbang.rules.actor import Actor
from xtbang.rules.money import wan
from xtbang.rules.subsidy import county_share, instalments

KEPT = {"milestones": ("content", "date"), "indicators": ("last",)}  # columns that a draft begins with


def carried_rows(document: Document, values: dict[str, Any]) -> dict[str, Any]:
    """Return the rows of the values with what the draft begins with: the stages of the contract, the last value of each indicator."""
    found = {}
    for key in KEPT.keys() & values.keys():
        begun = document.draft.get(key) or []
        kept = [{name: row[name] for name in KEPT[key] if row.get(name)} for row in begun]
        kept += [{}] * (len(values[key]) - len(kept))
        found[key] = [row | known for row, known in zip(values[key], kept, strict=False)]
    return found


class LateSteps(Steps):
    """签约, 首拨, 实施, 延期, 验收, 尾拨."""

    # -- 签约, 首拨

    def issue_contract(self) -> None:
        """Issue the contract for signing."""
        driver, document = self.driver, required(self.project.contract)
        extra = {"confidential_years": "5", "dispute": "向湘潭仲裁委员会申请仲裁", "copies": "8"}
        driver.write(document, self._document("contract"), driver.office("science"), document.draft | extra)
        driver.do(self.project, "issue_contract", driver.office("science"))

    def sign(self) -> None:
        """Upload the stamped contract of every party; record the funding document."""
        driver, bid = self.driver, required(self.project.agreed_bid)
        signers = [self.issuer, self.bidder, *(driver.member(m.organisation_id) for m in bid.members)]
        for actor in (*signers, *(driver.office(role) for role in driver.engine.policy.city.roles)):
            self.sign_as(actor)
        self.look_at_scans()
        document = driver.scan("立项及资金文件", self.project.title[:20])
        data = {"number": f"潭财教指〔{driver.day()[:4]}〕{self.project.id % 60 + 1}号", "dated": driver.day()}
        driver.do(self.project, "record_funding_document", driver.office("finance"), data, file=document)

    def sign_as(self, actor: Actor) -> None:
        """Upload one party's stamped scan of the current version."""
        query = select(Paper.code).where(Paper.project_id == self.project_id, Paper.name == "contract")
        code = self.driver.session.scalars(query.where(Paper.state == "current")).one()
        scan = self.driver.scan("合同书（签章扫描件）", actor.organisation_name or actor.name, code=code)
        self.driver.do(self.project, "sign_contract", actor, {"signed_on": self.driver.day()}, scan=scan)

    def look_at_scans(self) -> None:
        """Confirm every scan that is in doubt."""
        doubted = select(Signature.party).where(Signature.project_id == self.project_id, Signature.doubt != "")
        for party in self.driver.session.scalars(doubted.where(Signature.looked_at_by_id.is_(None))).all():
            data = {"party": party, "outcome": "matches"}
            self.driver.do(self.project, "look_at_signature", self.driver.office("science"), data)

    def conclude(self) -> None:
        """Put the contract into force and publish the award."""
        self.driver.do(self.project, "conclude", self.driver.office("science"))

    def check_payment(self) -> None:
        """Accept every open voucher."""
        query = select(Voucher.id).where(Voucher.project_id == self.project_id, Voucher.status == "open")
        for voucher in self.driver.session.scalars(query).all():
            data = {"voucher": str(voucher), "outcome": "accepted", "note": ""}
            self.driver.do(self.project, "check_voucher", self.driver.office("science"), data)

    def _instalments(self) -> tuple[Decimal, ...]:
        edition = self.driver.engine.policy.edition(self.project.edition)
        return instalments(edition, self.project.subsidy_city or Decimal(0))

    def _county_instalments(self) -> tuple[Decimal, ...]:
        edition = self.driver.engine.policy.edition(self.project.edition)
        return instalments(edition, county_share(edition, self.project.subsidy_city or Decimal(0)))

    def _next(self, source: str = "city") -> int:
        """Return the number of the instalment that is paid next. Raise LookupError when none is left."""
        paid = balances(self.driver.session, self.project_id).instalments
        for number, _ in enumerate(self._instalments(), start=1):
            if (source, number) not in paid:
                return number
        raise LookupError(f"{source} has paid every instalment")

    def match(self) -> None:
        """Confirm the county's part of the next instalment."""
        data = {
            "amount": wan(self._county_instalments()[self._next() - 1]),
            "number": f"配套函〔{self.driver.day()[:4]}〕{self.project.id % 30 + 1}号",
            "dated": self.driver.day(),
        }
        self.driver.do(self.project, "confirm_county_match", self._county(), data)

    def match_second(self) -> None:
        """Confirm the county's part of what is left."""
        self.match()

    def disburse_first(self) -> None:
        """Pay the next instalment after the contract."""
        self._disburse("disburse_first")

    def disburse_midterm(self) -> None:
        """Pay the next instalment after the midterm check."""
        self._disburse("disburse_midterm")

    def disburse_final(self) -> None:
        """Pay the next instalment after the acceptance."""
        self._disburse("disburse_final")

    def approve_payment(self) -> None:
        """Sign the order of the next instalment as every office, and for the treasury by who does not pay."""
        for role in (*self.driver.engine.policy.city.roles, "treasury"):
            self.driver.do(self.project, "approve_payment", self.driver.office(role), {"payment": self._payment()})

    def _payment(self) -> str:
        driver, action = self.driver, self.driver.engine.policy.actions["approve_payment"]
        actor = driver.office("treasury")
        context = driver.engine.context(driver.session, self.project, actor, "finance", action)
        return payment_to_approve(context)

    def _disburse(self, trigger: str) -> None:
        number = self._next()
        if self._payment():
            self.approve_payment()
        data = {
            "amount": wan(self._instalments()[number - 1]),
            "paid_on": self.driver.day(),
            "note": f"BK{number}-{self.project.id:05d}",
        }
        self.driver.do(self.project, trigger, self.driver.office("finance"), data)

    def county_pays(self) -> None:
        """Record the payment of the county's next instalment."""
        number = self._next("county")
        data = {
            "instalment": str(number),
            "amount": wan(self._county_instalments()[number - 1]),
            "dated": self.driver.day(),
            "note": f"XQ{number}-{self.project.id:05d}",
        }
        self.driver.do(self.project, "record_county_instalment", self._county(), data)

    def county_pays_second(self) -> None:
        """Record the payment of the county's part of what is left."""
        self.county_pays()

    # -- 中期检查

    def request_midterm(self) -> None:
        """Ask for the midterm check."""
        material = self.driver.scan("中期检查材料", self.project.title[:20])
        self.driver.do(self.project, "request_midterm", self.bidder, {"text": self._text("check")}, file=material)

    def examine_midterm(self) -> None:
        """Make the check: by a panel, or by an officer."""
        rule = self.driver.engine.policy.edition(self.project.edition).midterm
        if rule and rule.by == "panel":
            self.driver.panel(self.project, "midterm", {"technical": 2, "financial": 1}, self._text("midterm"))
        else:
            self.check()

    def pass_midterm(self) -> None:
        """Let the work go on."""
        self.driver.both(self.project, "pass_midterm", {"reason": self._text("midterm")})

    # -- 实施, 延期, 验收, 尾拨

    def report(self) -> None:
        """Submit every report that is due before the end of the term (or of the clock)."""
        query = select(Report.id, Report.due_on).where(Report.project_id == self.project_id)
        for report_id, due in self.driver.session.execute(query.order_by(Report.due_on)).all():
            moment = midnight_after(due) - timedelta(days=3)
            if moment > self.driver.clock.end:
                return
            self.driver.clock.reach(moment)
            self.report_one(report_id)

    def first_report(self) -> None:
        """Submit only the first report."""
        query = select(Report.id, Report.due_on).where(Report.project_id == self.project_id)
        report_id, due = self.driver.session.execute(query.order_by(Report.due_on).limit(1)).one()
        self.driver.clock.reach(midnight_after(due) - timedelta(days=3))
        self.report_one(report_id)

    def report_one(self, report_id: int) -> None:
        """Submit one report."""
        report, project = self.driver.session.get_one(Report, report_id), self.project
        document, start, end = report.document, required(project.starts_on), required(project.ends_on)
        paid = balances(self.driver.session, self.project_id).paid.get("city", Decimal(0))
        values = texts.report(
            self.driver.rng,
            self.plan.kind,
            self.plan.index,
            progress=min((report.due_on - start) / (end - start), 1) * self.driver.rng.uniform(0.92, 0.98),
            total=self.plan.total,
            subsidy=min(self.plan.subsidy, 2 * Decimal(wan(paid))),  # only money that was paid is spent
        )
        self.driver.write(document, self._document("report"), self.bidder, values | carried_rows(document, values))
        self.driver.do(self.project, "submit_report", self.bidder, {"report": str(report_id)})

    def check(self) -> None:
        """Record a check of the work by a bureau."""
        data = {"dated": self.driver.day(), "favourable": "normal", "text": self._text("check")}
        self.driver.do(self.project, "record_check", self.driver.bureaus[-1], data)

    def request_extension(self) -> None:
        """Request an extension, with the audit report."""
        end = required(self.project.ends_on)
        data = {"reason": self._text("extension"), "new_end": (end + timedelta(days=180)).isoformat()}
        audit = self.driver.scan("第三方审计报告", self.project.title[:20])
        self.driver.do(self.project, "request_extension", self.bidder, data, audit_file=audit)

    def grant_extension(self) -> None:
        """Grant the extension, once the issuer has agreed to what the bidder asked for."""
        self.driver.do(self.project, "join_extension", self.issuer)
        self.driver.both(self.project, "grant_extension", {"reason": "情况属实，同意延期。"})

    def request_acceptance(self) -> None:
        """Request acceptance: achievements, fund statement, self-evaluation."""
        query = select(Acceptance).where(Acceptance.project_id == self.project_id, Acceptance.status == "draft")
        document = self.driver.session.scalars(query).one().document
        plan = self.plan
        values = texts.acceptance(self.driver.rng, plan.kind, plan.index, total=plan.total, subsidy=plan.subsidy)
        self.driver.write(document, self._document("acceptance"), self.bidder, values | carried_rows(document, values))
        self.driver.do(self.project, "confirm_reading", self.issuer)
        self.driver.do(self.project, "request_acceptance", self.bidder)

    def examine(self) -> None:
        """Hold the acceptance panel, where the bureaus track the project."""
        if not self.project.self_managed:
            self.driver.panel(self.project, "acceptance", {"technical": 2, "financial": 1}, self._text("acceptance"))

    def rectify(self) -> None:
        """Send the work back for rectification."""
        data = {"reason": self._text("rectify"), "rectify_by": self.driver.day(60)}
        self.driver.both(self.project, "rectify", data)

    def pass_acceptance(self) -> None:
        """Accept the work."""
        self.driver.both(self.project, "pass_acceptance", {"reason": self._text("acceptance")})
