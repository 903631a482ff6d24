"""The steps of a termination: the prior notice, the decision, the recovery of the money."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from xtbang.demo.steps import Steps, midnight_after, required
from xtbang.models import Addressee, PriorNotice
from xtbang.queries.ledger import balances, lines
from xtbang.rules.money import wan


class EndingSteps(Steps):
    """终止."""

    def terminate_objective(self) -> None:
        """Terminate for an objective cause: half of the money is recovered (第十一条)."""
        data = {"cause": "objective", "reason": self._text("objective"), "recover_by": self.driver.day(60)}
        audit = self.driver.scan("第三方审计报告", self.project.title[:20])
        self.driver.both(self.project, "terminate", data, audit_file=audit)

    def terminate_subjective(self) -> None:
        """Terminate for a subjective cause: all of the money is recovered (第十二条)."""
        draw = {"technical": 1, "financial": 1, "legal": 1}
        self.driver.panel(self.project, "liability", draw, self._text("liability"), responsible=self.plan.responsible)
        until = self.driver.day(1095)
        considered = self.hear(until)
        data = {"cause": "subjective", "reason": self._text("subjective"), "recover_by": self.driver.day(60)}
        self.driver.both(self.project, "terminate", data | {"restrict_until": until, "considered": considered})

    def hear(self, until: str) -> str:
        """Issue and serve the prior notice, let the parties state their case; return how that was considered."""
        driver, evidence = self.driver, "责任论证结论\n跟踪检查记录\n资金支出凭证"
        data = {"reason": self._text("liability"), "evidence": evidence, "restrict_until": until}
        driver.both(self.project, "issue_prior_notice", data)
        notice = driver.session.scalars(select(PriorNotice).where(PriorNotice.project_id == self.project_id)).one()
        served = {"addressees": [str(row.id) for row in notice.addressees], "manner": "in_person"}
        driver.do(self.project, "record_service", driver.office("science"), served | {"dated": driver.day()})
        said = "研究工作停滞有设备到货延迟的原因，请求从轻处理。"
        driver.do(self.project, "make_statement", self.bidder, {"kind": "stated", "text": said})
        rows = driver.session.scalars(select(Addressee).where(Addressee.prior_notice_id == notice.id)).all()
        over = midnight_after(max(required(row.answer_until) for row in rows)) + timedelta(hours=10)
        if over < driver.clock.end:
            driver.clock.reach(over)
            return "设备到货延迟不影响合同约定的其他任务，陈述、申辩不予采纳。"
        for row in rows:  # the days that are left are waived
            received = {"addressee": str(row.id), "channel": "oral", "received_on": driver.day(), "kind": "waived"}
            driver.do(self.project, "enter_statement", driver.office("science"), received)
        return "设备到货延迟不影响合同约定的其他任务，陈述、申辩不予采纳。"

    def recover(self, part: Decimal = Decimal(1)) -> None:
        """Record the recovery of a part of the money, for each source."""
        owed = balances(self.driver.session, self.project_id).outstanding
        for source in ("city", "county"):
            amount = owed.get(source, Decimal(0)) * part
            if amount:
                data = {
                    "source": source,
                    "amount": wan(amount),
                    "dated": self.driver.day(),
                    "note": f"TK{len(lines(self.driver.session, self.project_id))}-{self.project.id:05d}",
                }
                self.driver.do(self.project, "record_recovery", self.driver.office("finance"), data)

    def settle(self) -> None:
        """Close the project after the recovery."""
        self.driver.do(self.project, "settle", self.driver.office("finance"))
