"""Who plays the random lives: a clock without an end, a driver without scans, a walk in single steps."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import select

from xtbang.actions.context import Upload
from xtbang.actions.registry import OPTIONS
from xtbang.demo.clock import Clock
from xtbang.demo.driver import Driver
from xtbang.demo.steps import required
from xtbang.demo.walk import Walk
from xtbang.domain.call_changes import cancel_call, prolong_call
from xtbang.domain.panel_faults import conclusions_to_set_aside
from xtbang.domain.reversal import correctable_lines
from xtbang.domain.revocation import revocable_decisions
from xtbang.domain.rulings import reviewable_decisions, rulings_to_execute
from xtbang.models import Panel, Paper, Seat
from xtbang.models.writing import writing
from xtbang.queries.ledger import balances
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.money import round_down, wan, yuan_from_wan

BEGAN = datetime(2025, 3, 3, 1, tzinfo=UTC)
LOWERED = 0.3  # of the lives in which a subsidy could fall
PROLONGED = 0.5  # of the calls that change; the others are cancelled
FAR = datetime(2060, 1, 1, tzinfo=UTC)


class FreeClock(Clock):
    """A clock without an end."""

    def __init__(self, now: datetime = BEGAN) -> None:
        super().__init__(FAR)
        self.now = now


class NoStore:
    """Files are not what is examined here."""

    def put(self, content: bytes) -> str:
        return sha256(content).hexdigest()


class FineWalk(Walk):
    """The walk with every sitting of experts in single steps."""

    def convene(self) -> None:
        """Draw the experts."""
        kind = {"appraisal": "appraisal", "roadshow": "roadshow", "acceptance": "acceptance"}[self.project.state]
        if not (kind == "acceptance" and self.project.self_managed):
            self.driver.convene(self.project, kind, {"technical": 4, "financial": 1, "legal": 1})

    def one_scores(self) -> None:
        """The next expert accepts and scores."""
        seat = select(Seat).join(Panel).where(Panel.project_id == self.project_id, Panel.status == "open")
        found = self.driver.session.scalars(seat.where(Seat.status == "invited").order_by(Seat.id).limit(1)).first()
        if found is None:
            return
        expert, sheets = found.expert_id, self.driver.engine.policy.edition(self.project.edition).sheets
        sheet = sheets[found.panel.kind]
        answer = {"answer": "accepted", "no_conflict": "true", "note": ""}
        self.driver.do(self.project, "answer_invitation", self.driver.actor(expert), answer)
        scores = {criterion.key: str(round(criterion.maximum * Decimal("0.9"))) for criterion in sheet.criteria}
        self.driver.do(self.project, "submit_scores", self.driver.actor(expert), scores | {"comment": "可行。"})

    def all_score(self) -> None:
        """Everybody who is invited."""
        self.driver.score(self.project)

    def conclude_panel(self) -> None:
        """What the experts found."""
        if not (self.project.state == "acceptance" and self.project.self_managed):
            data = {"favourable": "passed", "opinion": "同意。"}
            self.driver.do(self.project, "conclude_panel", self.driver.office("science"), data)

    def visit(self) -> None:
        """Inspection and both opinions."""
        data = {"dated": self.driver.day(), "text": "实地考察。"}
        self.driver.do(self.project, "record_inspection", self.driver.office("science"), data)
        for role in ("science", "industry"):
            opinion = {"favourable": "agreed", "text": "同意。"}
            self.driver.do(self.project, "record_opinion", self.driver.office(role), opinion)

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

    def change_call(self) -> None:
        """The call of the entry is prolonged, or it is cancelled and what was handed in ends with it."""
        driver, call = self.driver, self.project.call
        with writing(driver.session):
            call.published_at = call.opens_at
        caller = driver.engine.caller(driver.session, driver.office("science"))
        said = {"title": "公告", "body": "正文", "number": "", "reason": "资金安排调整"}
        if driver.rng.random() < PROLONGED:
            until = f"{call.closes_at.astimezone(SHANGHAI) + timedelta(days=30):%Y-%m-%dT%H:%M}"
            prolong_call(caller, call.id, call.version, said | {"closes_at": until})
        else:
            cancel_call(caller, call.id, call.version, said)
            driver.do(self.project, "end_with_call", driver.office("science"), {"reason": "批次取消。"})

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

    def county_denies(self) -> None:
        """Its own instalment was never paid."""
        data = {"instalment": "1", "reason": "终止前尚未拨付。"}
        self.driver.do(self.project, "declare_county_unpaid", self._county(), data)


SITTING = ("convene", "one_scores", "all_score", "conclude_panel")
FINE = {"appraise": SITTING, "examine": SITTING, "show": (*SITTING, "visit")}


class BareDriver(Driver):
    """Nobody looks at the scans, so none is drawn."""

    def scan(self, title: str, *lines: str, code: str = "") -> Upload:
        digest = sha256("\n".join((title, *lines, code)).encode()).hexdigest()
        return Upload(digest, f"{title}.png", "image/png", 1000, frozenset({code} if code else ()))
