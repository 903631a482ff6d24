"""Who plays the random lives: a clock without an end, a driver without scans, a walk in single steps."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import select

from tests.workflow.life_corrections import CorrectingWalk
from xtbang.actions.context import Upload
from xtbang.demo.clock import Clock
from xtbang.demo.driver import Driver
from xtbang.domain.call_changes import cancel_call, others_open, prolong_call
from xtbang.domain.meeting_acts import DONE_BY
from xtbang.domain.meeting_plans import plan_meeting
from xtbang.models import Addressee, Meeting, Panel, PriorNotice, Seat
from xtbang.models.writing import writing
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.money import wan, yuan_from_wan

BEGAN = datetime(2025, 3, 3, 1, tzinfo=UTC)
PROLONGED = 0.5  # of the calls that change; the others are cancelled
MOVED = 0.5  # of the entries of a cancelled call; the others end with it
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


class FineWalk(CorrectingWalk):
    """The walk with every sitting of experts, and every termination, in single steps."""

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

    def change_call(self) -> None:
        """The call of the entry is prolonged, or it is cancelled and what was handed in ends with it or moves to another one."""
        driver, call = self.driver, self.project.call
        with writing(driver.session):
            call.published_at = call.opens_at
        caller = driver.engine.caller(driver.session, driver.office("science"))
        said = {"title": "公告", "body": "正文", "number": "", "reason": "资金安排调整"}
        if driver.rng.random() < PROLONGED:
            until = f"{call.closes_at.astimezone(SHANGHAI) + timedelta(days=30):%Y-%m-%dT%H:%M}"
            prolong_call(caller, call.id, call.version, said | {"closes_at": until})
            return
        cancel_call(caller, call.id, call.version, said)
        other, *_more = others_open(caller, call)
        if driver.rng.random() < MOVED:
            driver.do(
                self.project, "move_entry", driver.office("science"), {"call": str(other.id), "reason": "批次取消。"}
            )
        else:
            driver.do(self.project, "end_with_call", driver.office("science"), {"reason": "批次取消。"})

    def county_denies(self) -> None:
        """Its own instalment was never paid."""
        data = {"instalment": "1", "reason": "终止前尚未拨付。"}
        self.driver.do(self.project, "declare_county_unpaid", self._county(), data)

    def recommend_less(self) -> None:
        """Less is granted than was applied for."""
        data = self.resolution() | {"subsidy_city": wan(yuan_from_wan(str(self.plan.subsidy)) / 2), "reason": "核减。"}
        minutes = self.driver.scan("党组会议纪要", data["resolution_number"])
        self.driver.do(self.project, "recommend", self.driver.office("leader"), data, minutes=minutes)

    def sign_unread(self) -> None:
        """On a party's scan no code can be read: an officer has to look at it."""
        scan = self.driver.scan("合同书（签章扫描件）", self.driver.day())
        self.driver.do(self.project, "sign_contract", self.issuer, {"signed_on": self.driver.day()}, scan=scan)

    def ask_for_account(self) -> None:
        """A party asks for another account; nobody has agreed or decided yet."""
        driver, project = self.driver, self.project
        driver.do(project, "open_change", self.issuer, {"kind": "account"})
        action = driver.engine.policy.actions["propose_change"]
        context = driver.engine.context(driver.session, project, self.issuer, "party", action)
        new = {"payee_account": f"62170000{driver.rng.randint(1, 99_999_999):08d}", "reason": "账户变更。"}
        new = driver.engine.prefilled(context, action) | new
        driver.do(project, "propose_change", self.issuer, new, file=driver.scan("变更申请"))

    def inquire(self) -> None:
        """Experts find a party at fault."""
        draw = {"technical": 1, "financial": 1, "legal": 1}
        self.driver.panel(self.project, "liability", draw, "属于主观原因。", responsible=self.plan.responsible)

    def tell(self) -> None:
        """The prior notice of a termination is issued."""
        data = {"reason": "研究停滞。", "evidence": "责任论证结论", "restrict_until": self.driver.day(900)}
        self.driver.both(self.project, "issue_prior_notice", data)

    def serve(self) -> None:
        """It reaches everybody."""
        query = select(Addressee.id).join(PriorNotice).where(PriorNotice.project_id == self.project_id)
        served = [str(number) for number in self.driver.session.scalars(query.where(Addressee.served_on.is_(None)))]
        data = {"addressees": served, "manner": "in_person", "dated": self.driver.day()}
        self.driver.do(self.project, "record_service", self.driver.office("science"), data)

    def waive_answer(self) -> None:
        """Nobody wants to say anything."""
        query = select(Addressee.id).join(PriorNotice).where(PriorNotice.project_id == self.project_id)
        for number in self.driver.session.scalars(query).all():
            said = {"addressee": str(number), "channel": "oral", "received_on": self.driver.day(), "kind": "waived"}
            self.driver.do(self.project, "enter_statement", self.driver.office("science"), said)

    def decide_subjective(self) -> None:
        """The termination that was told."""
        data = {
            "cause": "subjective",
            "reason": "研究停滞。",
            "recover_by": self.driver.day(60),
            "considered": "已考虑。",
        }
        self.driver.both(self.project, "terminate", data | {"restrict_until": self.driver.day(800)})

    def decide_reclaim(self) -> None:
        """The claim after 办结 that was told."""
        data = {"reason": "材料系伪造。", "recover_by": self.driver.day(60), "considered": "已考虑。"}
        self.driver.both(self.project, "reclaim", data | {"restrict_until": self.driver.day(800)})

    def find_fraud(self) -> None:
        """After 办结 a fraud is found; everybody is heard, and the money is claimed back."""
        for step in RECLAIMING:
            getattr(self, step)()

    def hold_meeting(self) -> None:
        """A meeting that the project can be put on."""
        driver, project = self.driver, self.project
        acts = driver.engine.life(project).actions
        kinds = [kind for kind, act in DONE_BY.items() if act in acts and project.state in acts[act].sources]
        values = {"title": "专题会", "place": "三楼", "minutes": "20", "kind": driver.rng.choice(kinds)}
        values["starts_at"] = driver.date_time(3, 9, 0)
        plan_meeting(driver.caller(driver.office("science")), values)
        meeting = driver.session.scalars(select(Meeting.id).order_by(Meeting.id.desc()).limit(1)).one()
        driver.do(project, "join_meeting", driver.office("science"), {"meeting": str(meeting)})


SITTING = ("convene", "one_scores", "all_score", "conclude_panel")
HEARING = ("inquire", "tell", "serve", "waive_answer", "decide_subjective")
RECLAIMING = (*HEARING[:-1], "decide_reclaim")
FINE = {"terminate_subjective": HEARING, "appraise": SITTING, "examine": SITTING, "show": (*SITTING, "visit")}


class BareDriver(Driver):
    """Nobody looks at the scans, so none is drawn."""

    def scan(self, title: str, *lines: str, code: str = "") -> Upload:
        digest = sha256("\n".join((title, *lines, code)).encode()).hexdigest()
        return Upload(digest, f"{title}.png", "image/png", 1000, frozenset({code} if code else ()))
