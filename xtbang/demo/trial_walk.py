"""The driver and the walk of a trial of an edition (试办), with steps of its own for the papers that they issue."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from xtbang.actions.context import Context, Upload
from xtbang.demo.driver import Driver
from xtbang.demo.fitted import fitted
from xtbang.demo.steps import required
from xtbang.demo.walk import Walk
from xtbang.domain.meeting_lists import TITLES, print_list, record_sign_in
from xtbang.domain.reversal import correctable_lines
from xtbang.domain.revocation import revocable_decisions
from xtbang.domain.score_sheets import print_for_panel
from xtbang.models import Document, MeetingItem, MeetingSeat, Panel, Project
from xtbang.queries.ledger import balances
from xtbang.rules.actor import Actor
from xtbang.rules.changes import OFFICES, rule_of
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition
from xtbang.rules.money import plain, wan, yuan_from_wan
from xtbang.rules.subsidy import county_share, issuer_payment_due
from xtbang.workflow.batch_papers import print_joint_document, print_sheet
from xtbang.workflow.engine import Outcome

NEW_TAX = Decimal("1.2")  # of the least
FEE = Decimal(800)  # yuan, of an expert who has signed in


class TrialDriver(Driver):
    """Fills in forms of any edition, and convenes panels as its score sheets (评分表) ask for."""

    doing = ""  # the trigger of the last action

    def do(
        self, project: Project, trigger: str, actor: Actor, data: dict[str, Any] | None = None, **files: Upload
    ) -> Outcome:
        """Perform one action."""
        self.doing = trigger
        return super().do(project, trigger, actor, data, **files)

    def write(self, document: Document, definition: FormDefinition, actor: Actor, values: dict[str, Any]) -> None:
        """Fill in a draft with values that the form accepts."""
        number, project = document.id, self.session.get_one(Project, document.project_id)
        scanned: list[str] = []

        def upload() -> str:
            scanned[:] = scanned or [self.attach(project, self.scan("附件", "供试办"), actor)]
            return scanned[0]

        if "spent_county" in values.keys() - {
            field.key for field in definition.fields
        }:  # where the county pays nothing
            values = values | {"spent_own": plain(Decimal(values["spent_own"]) + Decimal(values["spent_county"]))}
        found = fitted(definition, values, self.caller(actor).today, upload)
        super().write(self.session.get_one(Document, number), definition, actor, found)

    def convene(self, project: Project, kind: str, draw: dict[str, int]) -> None:
        """Convene a panel with as many experts of each kind as the sheet asks for."""
        sheet = self.engine.policy.edition(project.edition).sheets[kind]
        names = {"技术": "technical", "财务": "financial", "法律": "legal"}
        needed = {names[one]: 1 for one in sheet.kinds_required}
        draw = {key: max(draw.get(key, 0), needed.get(key, 0)) for key in names.values()}
        draw["technical"] += max(0, sheet.experts_minimum - sum(draw.values()))
        super().convene(project, kind, draw)


class TrialWalk(Walk):
    """The steps of the demo with the amounts of the edition."""

    @property
    def edition(self) -> Edition:
        """Return the edition that is tried."""
        return self.driver.engine.policy.edition(self.project.edition)

    def write_form(self, **changes: Any) -> None:
        """Fill in the whole form, whatever its fields for money are called."""
        total, subsidy = self.plan.total, self.plan.subsidy
        money = {"planned_total": total, "planned_investment": total, "subsidy_asked": subsidy}
        money |= {"self_raised": total - subsidy, **self._new_tax()}
        super().write_form(**{key: plain(value) for key, value in money.items()} | changes)

    def write_application(self) -> None:
        """Fill in the application: what the edition wants the issuer to pay, and no more of the county than its share."""
        super().write_application()
        document = self.driver.session.get_one(Document, self.project.application_id)
        draft, total, subsidy = dict(document.draft), self.plan.total, self.plan.subsidy
        share = Decimal(wan(county_share(self.edition, yuan_from_wan(str(subsidy)))))
        county = min(Decimal(draft.get("src_county", 0)), share)
        paid = max(Decimal(draft["src_paid_to_bidder"]), Decimal(wan(self._due)))
        money = {"src_county": county, "src_paid_to_bidder": paid, "contract_amount": paid, **self._new_tax()}
        money["src_issuer_own"] = total - subsidy - county - paid
        draft |= {key: plain(value) for key, value in money.items() if key in draft}
        self.driver.write(document, self._document("application"), self.issuer, draft)

    def pay_bidder(self) -> None:
        """Submit a voucher of what the edition wants the issuer to have paid, where it wants anything."""
        if self._due:
            self.pay(self._due)

    def print_sheets(self) -> None:
        """Issue the blank score sheets of the panel that sits."""
        query = select(Panel.id).where(Panel.project_id == self.project_id, Panel.status == "open")
        panel, project = self.driver.session.scalars(query).one(), self.project_id
        self.driver.session.commit()
        print_for_panel(self.driver.caller(self.driver.office("science")), project, panel)

    @property
    def _due(self) -> Decimal:
        return issuer_payment_due(self.edition, yuan_from_wan(str(self.plan.total)))

    def _new_tax(self) -> dict[str, Decimal]:
        least = self.edition.new_tax_minimum
        return {"new_tax": least.value * NEW_TAX} if least else {}

    def print_payment_sheet(self) -> None:
        """Issue the sheet of the payment that waits to be approved."""
        driver, project = self.driver, self.project_id
        driver.session.commit()
        print_sheet(driver.engine, driver.session, driver.office("finance"), [project])

    def print_joint_document(self) -> None:
        """Issue the joint document that grants the money, to be signed."""
        driver, project = self.driver, self.project_id
        driver.session.commit()
        day = date.fromisoformat(driver.day())
        print_joint_document(driver.engine, driver.session, driver.office("finance"), [project], "", day)

    def print_meeting_lists(self) -> None:
        """Record who has signed in at the project's last meeting, and print its lists."""
        driver, caller = self.driver, self.driver.caller(self.driver.office("science"))
        of_project = select(MeetingItem.meeting_id).where(MeetingItem.project_id == self.project_id)
        meeting = required(driver.session.scalars(of_project.order_by(MeetingItem.id.desc())).first())
        seats = driver.session.scalars(select(MeetingSeat.id).where(MeetingSeat.meeting_id == meeting)).all()
        driver.session.commit()
        record_sign_in(caller, meeting, dict.fromkeys(seats, FEE))
        for name in TITLES:
            print_list(caller, meeting, name)
        driver.refresh()

    def change_place(self) -> None:
        """Ask for another place of work, where the edition has such a change: its supplement is issued."""
        rule, driver = rule_of(self.edition.changes, "place"), self.driver
        if rule is None:
            return
        paper = driver.scan("变更申请及证明材料", self.project.title[:20])
        driver.do(self.project, "open_change", self.bidder, {"kind": rule.kind})
        data = {"place": "新建的中试基地（演示）", "reason": "原实施地点的场地到期。"}
        driver.do(self.project, "propose_change", self.bidder, data, file=paper)
        driver.do(self.project, "agree_change", self.issuer)
        for member in required(self.project.agreed_bid).members:
            driver.do(self.project, "agree_change", driver.member(member.organisation_id))
        if rule.decided_by == OFFICES:
            driver.both(self.project, "grant_change", {"reason": "情况属实，同意变更。"})

    def reverse_payment(self) -> None:
        """Take back a payment that the bank has returned."""
        data = {"cause": "returned", "dated": self.driver.day(), "reason": "收款账号有误，款项由银行退回。"}
        self._correct("reverse_line", "finance", "line", correctable_lines, data)

    def revoke(self) -> None:
        """Take the last decision back."""
        self._correct("revoke", "science", "decision", revocable_decisions, {"reason": "经复查，原决定的事实有误。"})

    def write_off(self) -> None:
        """Write off a part of what is claimed by the city."""
        claimed = balances(self.driver.session, self.project_id).outstanding["city"]
        data = {"source": "city", "amount": wan(claimed / 2), "dated": self.driver.day()}
        data |= {"document": "（演示）破产终结裁定", "reason": "破产财产分配完毕，没有财产可供执行。"}
        ruling = self.driver.scan("民事裁定书", self.project.title[:20])
        self.driver.do(self.project, "propose_write_off", self.driver.office("finance"), data, file=ruling)
        self.driver.both(self.project, "approve_write_off")

    def _correct(
        self, trigger: str, role: str, name: str, choices: Callable[[Context], Mapping[str, str]], data: dict[str, str]
    ) -> None:
        """Ask for a correction of the first thing that can be corrected, and confirm it as another office."""
        driver, action = self.driver, self.driver.engine.policy.actions[trigger]
        first, second = driver.office(role), driver.office("treasury") if role == "finance" else driver.bureaus[-1]
        found = choices(driver.engine.context(driver.session, self.project, first, role, action))
        driver.do(self.project, trigger, first, {name: next(iter(found), ""), **data})
        driver.do(self.project, trigger, second)
