"""A season of a bureau in the browser: one meeting, one board, one resolution, one document, one batch for all, every click counted.

Parties and experts act by ``perform()`` in between; what the offices do, they do by clicking.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from random import Random

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from tests.browser.browser_driver import BrowserDriver
from tests.browser.conftest import SECOND, Begin, Served
from tests.browser.hands import Hands
from xtbang.background import work_off
from xtbang.demo.driver import Driver
from xtbang.demo.steps import midnight_after
from xtbang.demo.walk import Walk
from xtbang.domain.budgets import ask_change, confirm_change
from xtbang.domain.payments import payee
from xtbang.models import LedgerEntry, Meeting, Notice, Paper, Project

SAMPLE, WHOLE = 2, 40  # entries in `make test`, and in `make faults`
RESOLUTION, PAYMENTS = 60, 120  # clicks for the resolution on 40 projects; clicks and keys for 40 payments
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Season:
    """The entries of a season, and the hands of the officers."""

    served: Served
    browser: BrowserDriver
    driver: Driver  # by which parties and experts act
    walks: list[Walk]
    hands: dict[str, Hands] = field(default_factory=dict)

    def by(self, role: str) -> Hands:
        return self.hands.setdefault(role, Hands(self.browser, role))

    def each(self, *steps: str) -> None:
        """Let the parties do their part in every project."""
        self.look()
        for walk in self.walks:
            walk.go(steps, 0, 0)

    def scanned(self, title: str) -> bytes:
        """A scanned page with that title."""
        return self.driver.store.get(self.driver.scan(title).sha256)

    def look(self) -> None:
        """Read anew what the browsers have changed."""
        self.served.session.rollback()
        self.served.session.expire_all()

    def states(self) -> set[str]:
        self.look()
        return set(self.served.session.scalars(select(Project.state)))

    def counted(self, what: str, *roles: str) -> tuple[int, int]:
        """Clicks and presses since the last count, which are printed."""
        hands = [self.by(role) for role in roles]
        clicks, presses, pages = (sum(getattr(hand, name) for hand in hands) for name in ("clicks", "presses", "pages"))
        print(
            f"{what}：{len(self.walks)} 项，{clicks} 次点击，{presses - clicks} 次按键，{pages} 页"
        )  # in the log of the tests
        for hand in hands:
            hand.clicks = hand.keys = hand.pages = 0
        return clicks, presses

    def chosen(self, role: str, state: str, trigger: str) -> Hands:
        """Choose all projects of a state in the list, and what is to be done with them."""
        hands = self.by(role)
        hands.open(f"/projects?state={state}")
        hands.click("input[name=all]")
        if hands.page.locator(f"button[name=trigger][value={trigger}]").count():
            hands.leave(f"button[name=trigger][value={trigger}]")
        else:
            hands.choose("select[name=other]", trigger)
            hands.leave(".picking-deeds button:not([name]):not([formaction])")
        return hands

    def finish(self, hands: Hands) -> None:
        """Confirm a batch, and see that everything was done."""
        if hands.page.locator("button[name=confirmed]").count() == 0:
            hands.leave("form[data-unsaved] .buttons .btn-primary")
        hands.leave("button[name=confirmed]")
        if len(self.walks) > 20:
            while work_off(self.served.app):
                pass
            hands.page.reload()
        said = hands.page.inner_text("main")
        assert f"已办理（{len(self.walks)} 项）" in said, said

    def meeting(self, kind: str, state: str, title: str, draw: dict[str, int]) -> Meeting:
        """Plan a meeting, put every project on it, draw its experts once."""
        science = self.by("science")
        science.open(f"/meetings/new?kind={kind}")
        meeting = self.planned(title)
        self.chosen("science", state, "join_meeting")
        self.finish(science)
        science.open(f"/meetings/{meeting.id}/draw")
        for name, number in draw.items():
            science.type(f"[name={name}]", str(number))
        science.leave("main form button[type=submit]")
        self.browser.shot_both(science.page, f"meeting-{kind}")
        return meeting

    def planned(self, title: str) -> Meeting:
        """Fill in the form of a new meeting that is open."""
        science = self.by("science")
        science.type("[name=title]", title)
        science.type("[name=starts_at]", self.driver.date_time(3, 9, 0))
        science.type("[name=place]", "三楼会议室")
        science.leave("main form button[type=submit]")
        self.served.session.rollback()
        return self.served.session.scalars(select(Meeting).order_by(Meeting.id.desc()).limit(1)).one()

    def judged(self, meeting: Meeting, opinion: str) -> None:
        """Let the experts score at the meeting; the office concludes for all projects on one page."""
        assert meeting.starts_at
        self.served.clock.reach(meeting.starts_at)
        self.look()
        for walk in self.walks:
            self.driver.score(walk.project)
        science = self.by("science")
        science.open(f"/meetings/{meeting.id}")
        science.leave("#deeds a:has-text('形成专家组结论')")
        science.click("[name='alike-favourable'][value=passed]")
        science.type("[name='alike-opinion']", opinion)
        science.type(f"[name='own-{self.walks[0].project_id}-opinion']", f"{opinion}专家组意见一致。")
        self.browser.shot_both(science.page, f"conclusions-{meeting.kind}")
        self.finish(science)


@pytest.fixture
def season(begin: Begin, browser_driver: BrowserDriver, served: Served, entries: int) -> Iterator[Season]:
    """So many entries handed in by several organisations, each with an amount of its own."""
    people = served.participants
    engine, store, clock = browser_driver.engine, browser_driver.store, served.clock
    driver = Driver(served.session, engine, store, clock, people.people, Random(5))
    walks = []
    for number in range(entries):
        walk = begin("tech_demand", 900, months=12, new=(people.issuers[number % len(people.issuers)],))
        walk.driver = driver
        walk.plan.member = None
        walk.plan.subsidy = Decimal(30) - Decimal(number) / 5
        walk.write_form()
        walk.submit()
        walks.append(walk)
    yield Season(served, browser_driver, driver, walks)


@pytest.mark.parametrize(
    ("served", "entries"),
    [
        pytest.param("sqlite", SAMPLE, id="sample"),
        pytest.param("sqlite", WHOLE, id="whole", marks=pytest.mark.faults),
        pytest.param("postgresql", WHOLE, id=f"whole-{SECOND.id}", marks=pytest.mark.faults),
    ],
    indirect=["served"],
)
def test_a_season_is_done_by_two_officers_with_its_clicks_counted(season: Season) -> None:
    for part in (accepted, appraised, listed, shown, resolved, noticed, granted, paid, finished):
        part(season)
    season.served.session.rollback()
    lines = season.served.session.scalars(select(LedgerEntry).where(LedgerEntry.source == "city")).all()
    half = sum((walk.plan.subsidy for walk in season.walks), Decimal(0)) / 2
    assert sum(line.amount for line in lines) == half * 10_000


def accepted(season: Season) -> None:
    """受理, by key."""
    science = season.by("science")
    science.open("/desk")
    science.press("j")
    science.send("Enter")
    for _walk in season.walks:
        science.press("a")
        science.send("Enter")
    season.counted("受理", "science")
    assert season.states() == {"appraisal"}


def appraised(season: Season) -> None:
    """One 论证会."""
    meeting = season.meeting("appraisal", "appraisal", "第一次论证会", {"technical": 2, "financial": 1, "legal": 0})
    season.judged(meeting, "同意列入榜单。")
    season.counted("论证会", "science")


def listed(season: Season) -> None:
    """One 榜单公告."""
    hands = season.chosen("science", "appraisal", "list_major")
    hands.type("[name=bids_from]", season.driver.date_time(0, 9, 0))
    hands.type("[name=bids_until]", season.driver.date_time(30))
    season.finish(hands)
    season.finish(season.chosen("industry", "appraisal", "list_major"))
    season.counted("列入榜单", "science", "industry")
    assert season.states() == {"listing"}
    board = season.served.session.scalars(select(Notice).where(Notice.kind == "board")).one()
    assert len(board.items) == len(season.walks)
    for step in ("bid", "agree", "write_application", "pay_bidder", "apply"):
        season.each(step)


def shown(season: Season) -> None:
    """One roadshow day, the inspection and the opinions of both offices."""
    meeting = season.meeting("roadshow", "roadshow", "第一次路演", {"technical": 4, "financial": 1, "legal": 1})
    season.judged(meeting, "建议立项。")
    season.counted("路演", "science")
    hands = season.chosen("science", "roadshow", "record_inspection")
    hands.type("[name=dated]", season.driver.day())
    hands.type("[name=text]", "实地考察，情况属实。")
    season.finish(hands)
    for role in ("science", "industry"):
        hands = season.chosen(role, "roadshow", "record_opinion")
        hands.click("[name=favourable][value=agreed]")
        hands.type("[name=text]", "同意立项。")
        season.finish(hands)
    season.counted("考察和两局意见", "science", "industry")
    science = season.by("science")
    science.open(f"/meetings/{meeting.id}")
    science.leave("#ranking a:has-text('提交党组会')")


def resolved(season: Season) -> None:
    """One 党组会 against the budget of the call."""
    session, driver = season.served.session, season.driver
    call = season.walks[0].project.call_id
    grant = {"kind": "granted", "year": driver.day()[:4], "amount": "2000", "source": "科技专项", "reason": "年度预算"}
    grant |= {"number": "潭财预〔2024〕5号", "dated": driver.day()}
    line = ask_change(driver.caller(driver.office("finance")), call, grant)
    confirm_change(driver.caller(driver.office("science")), line.id)
    meeting = season.planned("党组会")
    leader = season.by("leader")
    leader.open(f"/meetings/{meeting.id}")
    assert meeting.starts_at
    season.served.clock.reach(meeting.starts_at)
    leader.page.reload()
    leader.leave("#deeds a:has-text('拟立项')")
    leader.type("[name=resolution_number]", "潭科党组纪要〔2024〕9号")
    leader.attach("[name=minutes]", "纪要.png", season.scanned("党组会议纪要"), "image/png")
    season.browser.shot_both(leader.page, "resolution")
    season.finish(leader)
    clicks, _presses = season.counted("党组会", "science", "leader")
    assert clicks <= RESOLUTION
    session.rollback()
    assert season.states() == {"publicity"}


def noticed(season: Season) -> None:
    """One 公示 for all of them, to its end without an objection."""
    science, session = season.by("science"), season.served.session
    notice = session.scalars(select(Notice).where(Notice.kind == "publicity")).one()
    science.open(f"/notices-admin/{notice.id}")
    science.leave("a:has-text('发布公示')")
    science.leave("main form button[type=submit].btn-primary")
    science.leave("form.confirm button.btn-primary")
    session.rollback()
    published = session.get_one(Notice, notice.id, populate_existing=True)
    assert f"拟对附件所列{len(season.walks)}个项目立项" in published.body
    last = published.last_day
    assert last
    season.served.clock.reach(midnight_after(last) + timedelta(hours=1))
    season.finish(season.chosen("science", "publicity", "confirm"))
    season.counted("公示", "science")
    assert season.states() == {"contracting"}


def granted(season: Season) -> None:
    """One 资金文件, printed and recorded, and one 中榜通告."""
    driver = season.driver
    season.each("issue_contract")
    for walk in season.walks:
        offices = [driver.office(role) for role in driver.engine.policy.city.roles]
        for actor in (walk.issuer, walk.bidder, *offices):
            walk.sign_as(actor)
        walk.look_at_scans()
    finance = season.chosen("finance", "contracting", "record_funding_document")
    finance.type("[name=number]", "潭财教指〔2024〕31号")
    with finance.page.expect_popup() as popup:
        finance.click("button[name=paper]")
    popup.value.close()
    finance.attach("[name=file]", "资金文件.png", season.scanned("立项及资金文件"), "image/png")
    season.finish(finance)
    season.finish(season.chosen("science", "contracting", "conclude"))
    season.counted("资金文件和合同生效", "finance", "science")
    session = season.served.session
    session.rollback()
    document = session.scalars(select(Paper).where(Paper.name == "joint_document")).one()
    assert len(document.data["items"]) == len(season.walks)
    award = session.scalars(select(Notice).where(Notice.kind == "award")).one()
    assert len(award.items) == len(season.walks)
    assert season.states() == {"first_payment"}


def paid(season: Season) -> None:
    """One batch of payments, approved by all and paid as the table of the bank says."""
    season.each("check_payment")
    season.each("match")
    for role in ("science", "industry", "treasury"):
        season.finish(season.chosen(role, "first_payment", "approve_payment"))
    table = bank_table(season, "disburse_first")
    finance = season.chosen("finance", "first_payment", "disburse_first")
    finance.attach("[name=bank]", "交易明细.xlsx", table, XLSX)
    finance.leave("button[name=receipts]")
    season.finish(finance)
    _clicks, presses = season.counted("拨付", "science", "industry", "treasury", "finance")
    assert presses <= PAYMENTS
    assert season.states() == {"execution"}


def bank_table(season: Season, trigger: str) -> bytes:
    """The table that the bank exports: a line for each payment."""
    book, driver, session = Workbook(), season.driver, season.served.session
    page = book.active
    assert page is not None
    page.append(["交易日期", "流水号", "借方金额", "对方账号", "对方户名"])
    for place, walk in enumerate(season.walks):
        action = driver.engine.action(walk.project, trigger)
        context = driver.engine.context(session, walk.project, driver.office("finance"), "finance", action)
        who, amount = payee(context), driver.engine.prefilled(context, action)["amount"]
        yuan = Decimal(amount) * 10_000
        page.append([driver.day(), f"YH{place:06d}", f"{yuan:.2f}", who["bank_account"], who["name"]])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def finished(season: Season) -> None:
    """One 验收会."""
    for step in ("county_pays", "report", "request_acceptance"):
        season.each(step)
    meeting = season.meeting("acceptance", "acceptance", "第一次验收会", {"technical": 2, "financial": 1, "legal": 0})
    season.judged(meeting, "达到考核要求。")
    hands = season.chosen("science", "acceptance", "pass_acceptance")
    hands.type("[name=reason]", "达到考核要求。")
    season.finish(hands)
    season.finish(season.chosen("industry", "acceptance", "pass_acceptance"))
    season.counted("验收", "science", "industry")
    assert season.states() == {"final_payment"}
