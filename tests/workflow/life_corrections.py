"""Steps of the random lives in which something is taken back, put right, changed or paid back."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from xtbang.actions.registry import OPTIONS
from xtbang.demo.steps import required
from xtbang.demo.walk import Walk
from xtbang.domain.panel_faults import conclusions_to_set_aside
from xtbang.domain.reversal import correctable_lines
from xtbang.domain.revocation import revocable_decisions
from xtbang.domain.rulings import reviewable_decisions, rulings_to_execute
from xtbang.models import Paper
from xtbang.queries.ledger import balances
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.money import round_down, wan, yuan_from_wan

LOWERED = 0.3  # of the lives in which a subsidy could fall


class CorrectingWalk(Walk):
    """The walk of people who err."""

    def take_back(self) -> None:
        """A payment or what has come back was entered by mistake, or with a wrong number."""
        rng, driver = self.driver.rng, self.driver
        who = rng.choice((driver.office("finance"), self._county()))
        trigger = rng.choice(("reverse_line", "reverse_line", "amend_line"))
        action, role = driver.engine.policy.actions[trigger], "county" if who.region else "finance"
        context = driver.engine.context(driver.session, self.project, who, role, action)
        line = rng.choice([*correctable_lines(context)])
        data = {"line": line, "cause": rng.choice(("returned", "mistaken")), "dated": driver.day(), "reason": "有误。"}
        driver.do(self.project, trigger, who, data | {"note": f"更{rng.randint(1, 99_999)}", "amount": ""})
        driver.do(self.project, trigger, driver.office(rng.choice(("science", "industry", "finance"))))

    def correct_record(self) -> None:
        """What an office recorded alone was wrong."""
        rng, driver = self.driver.rng, self.driver
        trigger, field = rng.choice((("take_back", "record"), ("recheck_voucher", "voucher")))
        role = rng.choice(("science", "industry", "county") if trigger == "take_back" else ("science", "industry"))
        who = self._county() if role == "county" else driver.office(role)
        action = driver.engine.policy.actions[trigger]
        context = driver.engine.context(driver.session, self.project, who, role, action)
        chosen = rng.choice([*OPTIONS[action.form.field(field).options](context)])
        data = {field: chosen, "outcome": rng.choice(("accepted", "refused")), "reason": "有误。"}
        driver.do(
            self.project, trigger, who, data if trigger == "recheck_voucher" else {field: chosen, "reason": "有误。"}
        )
        driver.do(self.project, trigger, driver.office(rng.choice(("science", "industry"))))

    def revoke(self) -> None:
        """The last decision was wrong."""
        action = self.driver.engine.action(self.project, "revoke")
        first = self.driver.office(action.who[0])
        context = self.driver.engine.context(self.driver.session, self.project, first, action.who[0], action)
        decision = next(iter(revocable_decisions(context)))
        self.driver.do(self.project, "revoke", first, {"decision": decision, "reason": "材料有误。"})
        self.driver.do(self.project, "revoke", self.driver.office("industry"))

    def approve_less(self) -> None:
        """The party group approves another amount, a cent less; the contract is signed anew."""
        driver = self.driver
        less = wan((self.project.subsidy_city or Decimal(0)) - Decimal("0.01"))
        data = {"resolution_date": driver.day(), "resolution_number": "党组〔2026〕9号", "subsidy_city": less}
        data |= {"reason": "核减。"}
        for role in ("leader", "industry"):
            driver.do(self.project, "amend_subsidy", driver.office(role), data, minutes=driver.scan("纪要", less))

    def lower_subsidy(self) -> None:
        """The parties do with less; what was paid beyond it is claimed back."""
        rng, subsidy = self.driver.rng, self.project.subsidy_city
        if rng.random() > LOWERED or subsidy is None:
            raise LookupError("not in this life")
        self.lower_to(round_down(subsidy * rng.choice((Decimal("0.3"), Decimal("0.8")))))

    def lower_to(self, less: Decimal) -> None:
        """The subsidy falls to so much, in yuan, by a supplement in force."""
        driver, project, issuer = self.driver, self.project, self.issuer
        driver.do(project, "open_change", issuer, {"kind": "budget"})
        action = driver.engine.policy.actions["propose_change"]
        context = driver.engine.context(driver.session, project, issuer, "party", action)
        known = driver.engine.prefilled(context, action)
        county = less if Decimal(known["src_county"] or 0) else Decimal(0)
        own = yuan_from_wan(known["src_issuer_own"]) + yuan_from_wan(known["src_city"]) - less
        own += yuan_from_wan(known["src_county"] or "0") - county
        new = {"src_city": wan(less), "src_county": wan(county), "src_issuer_own": wan(own), "reason": "核减。"}
        driver.do(project, "propose_change", issuer, known | new, file=driver.scan("变更申请"))
        members = [driver.member(row.organisation_id) for row in required(project.agreed_bid).members]
        for actor in (self.bidder, *members):
            driver.do(project, "agree_change", actor)
        offices = [driver.office(role) for role in driver.engine.policy.city.roles]
        for actor in offices:
            driver.do(project, "grant_change", actor)
        code = select(Paper.code).where(Paper.project_id == self.project_id, Paper.name == "supplement")
        known_code = driver.session.scalars(code.where(Paper.state == "current").order_by(Paper.id.desc())).first()
        for actor in (issuer, self.bidder, *members, *offices):
            scan = driver.scan("补充合同（签章扫描件）", actor.organisation_name or actor.name, code=known_code or "")
            driver.do(project, "sign_contract", actor, {"signed_on": driver.day()}, scan=scan)
        self.look_at_scans()
        by = (driver.clock.now + timedelta(days=30)).astimezone(SHANGHAI).date().isoformat()
        beyond = balances(driver.session, self.project_id).paid["city"] > less
        driver.do(project, "conclude_change", offices[0], {"recover_by": by} if beyond else {})

    def quash(self) -> None:
        """A court takes a decision away; the offices do what it says, as far as nothing is in its way."""
        rng, driver = self.driver.rng, self.driver
        action, first = driver.engine.policy.actions["record_ruling"], driver.office("science")
        context = driver.engine.context(driver.session, self.project, first, "science", action)
        paper = driver.scan("判决书", str(rng.randint(1, 99_999)))
        data = {"decision": rng.choice([*reviewable_decisions(context)]), "body": "court", "dated": driver.day()}
        data |= {"result": rng.choice(("quashed", "redo", "upheld")), "number": f"湘03行终{rng.randint(1, 99_999)}号"}
        data |= {"reason": "事实不清。"}
        for role in ("science", "industry"):
            driver.do(self.project, "record_ruling", driver.office(role), data, file=paper)
        ruling, *_others = rulings_to_execute(context)
        for role in ("industry", "science"):
            driver.do(self.project, "execute_ruling", driver.office(role), {"ruling": ruling, "reason": "依法执行。"})

    def set_aside(self) -> None:
        """The conclusion of a panel came about with a formal fault."""
        rng, driver = self.driver.rng, self.driver
        action, first = driver.engine.policy.actions["set_aside"], driver.office("industry")
        context = driver.engine.context(driver.session, self.project, first, "industry", action)
        panel = rng.choice([*conclusions_to_set_aside(context)])
        data = {"panel": panel, "again": rng.choice(("same", "anew")), "reason": "应当回避的专家没有回避。"}
        for role in ("industry", "science"):
            driver.do(self.project, "set_aside", driver.office(role), data)

    def pay_too_much(self) -> None:
        """More comes back to the city than is owed; the finance office pays it back."""
        driver, rng = self.driver, self.driver.rng
        owed = balances(driver.session, self.project_id).outstanding["city"]
        data = {"source": "city", "amount": wan(owed + 100), "dated": driver.day(), "surplus": "true"}
        driver.do(
            self.project, "record_recovery", driver.office("finance"), data | {"note": f"多{rng.randint(1, 99_999)}"}
        )
        back = {"source": "city", "amount": "0.01", "dated": driver.day(), "reason": "退回原账户。"}
        back |= {"note": f"退{rng.randint(1, 99_999)}"}
        for role in ("finance", rng.choice(("science", "industry"))):
            driver.do(self.project, "return_surplus", driver.office(role), back)

    def pay_by_parts(self) -> None:
        """What is owed comes back in two parts, the second one at the end of next month."""
        driver, today = self.driver, self.driver.clock.now.astimezone(SHANGHAI).date()
        days = [(today + timedelta(days=number)).isoformat() for number in (30, 60)]
        owed = balances(driver.session, self.project_id).outstanding
        halves = {source: round_down(amount / 2) for source, amount in owed.items() if amount > 0}
        parts = [{"source": source, "due_on": days[0], "amount": wan(half)} for source, half in halves.items()]
        parts += [{"source": s, "due_on": days[1], "amount": wan(owed[s] - half)} for s, half in halves.items()]
        data = {"recover_by": days[1], "parts": parts, "reason": "资金周转困难。"}
        driver.do(self.project, "propose_plan", driver.office("finance"), data)
        for role in ("science", "industry"):
            driver.do(self.project, "approve_plan", driver.office(role))

    def ask_to_write_off(self) -> None:
        """A part of what is owed cannot come back; nobody has agreed yet."""
        owed = balances(self.driver.session, self.project_id).outstanding
        source = next((source for source, amount in owed.items() if amount > 0), "city")
        data = {"source": source, "amount": wan(round_down(owed[source] / 3)), "dated": self.driver.day()}
        data |= {"document": "破产终结裁定", "reason": "没有财产可供执行。"}
        ruling = self.driver.scan("民事裁定书", self.driver.day())
        self.driver.do(self.project, "propose_write_off", self.driver.office("finance"), data, file=ruling)
