"""A set of scans and photos of our own papers: how many are read, and that none is read wrongly."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import pytest
from PIL import Image, ImageFilter
from sqlalchemy import select

from tests.factories import later
from tests.factories.projects import ProjectFactory
from tests.papers import scan_images as drawn
from tests.papers.scan_cases import PAPERS, Printed, files
from tests.support.scans import read_codes
from xtbang.domain.printed_forms import form_code, form_document, form_facts, printed_at
from xtbang.models import Paper, Project, Signature
from xtbang.papers.pdf.issued import pdf_of
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

ROOT = Path(__file__).parents[2]
SITE = "https://bang.example.cn"
GOAL = 0.95
KINDS = {"application/pdf": "PDF", "image/jpeg": "JPG", "image/png": "PNG"}


# ---------------------------------------------------------------- the papers


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(ROOT / "workflows")


@pytest.fixture(scope="module")
def papers(policy: Policy) -> dict[str, Printed]:
    """A form, a contract, an application and a report; the contract of a consortium."""
    factory, joint = ProjectFactory(policy), ProjectFactory(policy)
    project = later.executing(factory)
    factory.at("2025-05-18 09:00")
    later.report(factory, project, later.reports_of(factory, project)[0])
    found = {name: printed(factory, project, name, policy) for name in PAPERS[:-1]}
    found["consortium"] = printed(joint, consortium(joint), "contract", policy)
    for made in (factory, joint):
        made.session.close()
        made.session.get_bind().dispose()
    return found


def printed(factory: ProjectFactory, project: Project, name: str, policy: Policy) -> Printed:
    row = later.paper(factory, project, name)
    return Printed(row.code, pdf_of(row, SITE, policy))


def consortium(factory: ProjectFactory) -> Project:
    """签约 with a bidder and a member of its consortium, the contract issued."""
    member = factory.organisations["member"]
    row = {"name": member.name, "uscc": member.uscc, "kind": "科研院所", "task": "材料试验", "share": "30"}
    project = factory.listed()
    bid = factory.open_bid(project, lead_share="70", members=[row])
    factory.perform(project, "confirm_membership", "member", {"bid": str(bid.id)})
    factory.perform(project, "submit_bid", "bidder")
    factory.at("2024-10-29 09:00")
    factory.choose(project, bid)
    factory.agreed = lambda **_values: project  # type: ignore[method-assign]
    return later.issued(factory)


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_the_set_is_read_and_nothing_wrongly(
    papers: dict[str, Printed],
    record_property: Callable[[str, object], None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """At least 95 % bear their code, none another; the figures stand in the log and in ``test-output/scans.txt``."""
    read, all_of, slowest, missed = Counter[str](), Counter[str](), 0.0, []
    for number, (kind, mime, content, code) in enumerate(files(papers)):
        started = perf_counter()
        codes = read_codes(content, mime)
        slowest = max(slowest, perf_counter() - started)
        assert codes <= {code}, f"{number} {kind}: read wrongly"
        all_of[kind] += 1
        read[kind] += codes == {code}
        if not codes:
            missed.append(f"{number} {kind} {KINDS[mime]}")
    total, whole = sum(read.values()), sum(all_of.values())
    share = f"扫描件识别：{whole} 张中读出 {total} 张（{total / whole:.1%}），读错 0 张；最慢 {slowest:.1f} 秒"
    kinds = "，".join(f"{kind} {read[kind]}/{all_of[kind]}" for kind in all_of)
    lines = f"{share}\n{kinds}\n未读出：{'、'.join(missed) or '无'}"
    record_property("scans", lines)
    output = ROOT / "test-output" / "scans.txt"
    output.parent.mkdir(exist_ok=True)
    output.write_text(f"{lines}\n", encoding="utf-8")
    with capfd.disabled():  # stderr: the only stream of a worker of pytest-xdist that reaches the log
        print(f"\n{lines}", file=sys.stderr, flush=True)
    assert whole >= 48
    assert total >= GOAL * whole, missed


# ---------------------------------------------------------------- what becomes of them


def taken(factory: ProjectFactory, content: bytes, mime: str = "image/jpeg") -> str:
    """The scan as an upload whose codes were read."""
    return factory.file(sha256(content).hexdigest(), *read_codes(content, mime))


def scanned(pdf: bytes, seed: int) -> bytes:
    """A stamped page, photographed."""
    return drawn.jpeg(drawn.photographed(drawn.stamped(drawn.page_of(pdf, 0, 200), 200, "margin"), seed))


def another(factory: ProjectFactory) -> Project:
    """An entry of another enterprise."""
    with factory.writing():
        factory.organisations["firm"].region = "岳塘区"
    return factory.submitted(who="firm", title="另一项目")


@pytest.fixture(scope="module")
def signing(policy: Policy) -> Iterator[tuple[ProjectFactory, Project, Project]]:
    """A project in 签约 whose contract was issued twice, and another entry that was submitted."""
    factory = ProjectFactory(policy)
    other = another(factory)
    project = later.issued(factory)
    later.fill_contract(factory, project, confidential_years=5)
    factory.perform(project, "issue_contract", "science")
    yield factory, project, other
    factory.session.close()
    factory.session.get_bind().dispose()


def paper_pdf(factory: ProjectFactory, project: Project, name: str, version: int = 1) -> bytes:
    query = select(Paper).where(Paper.project_id == project.id, Paper.name == name, Paper.version == version)
    row = factory.session.scalars(query).one()
    return pdf_of(row, SITE, factory.engine.policy)


@pytest.mark.parametrize(
    ("whose", "name", "version", "sentence"),
    [
        (0, "application", 1, "其中有编号 XTJB-2024-01-0002 的“湘潭市科技创新‘揭榜挂帅’项目申报书”第 1 版。"),
        (
            0,
            "contract",
            1,
            "其中有编号 HT-XTJB-2024-01-0002 的“湘潭市科技创新‘揭榜挂帅’项目合同书”第 1 版（已被新版本取代）。",
        ),
        (1, "form", 1, "其中有编号 XTJB-2024-01-0001 的“项目技术需求表”第 1 版。"),
    ],
    ids=["another paper", "an older version", "another project"],
)
def test_a_wrong_scan_is_refused_with_its_reason(
    signing: tuple[ProjectFactory, Project, Project], whose: int, name: str, version: int, sentence: str
) -> None:
    factory, *projects = signing
    content = scanned(paper_pdf(factory, projects[whose], name, version), 31)
    data = {"signed_on": "2024-11-19", "scan": taken(factory, content)}
    reasons = factory.blocked(projects[0], "sign_contract", "issuer", data)
    assert f"扫描件不是合同书第 2 版：{sentence}请打印当前版本" in reasons["scan.other"]


def test_the_right_scan_counts_and_an_unreadable_one_is_marked(
    signing: tuple[ProjectFactory, Project, Project],
) -> None:
    factory, project, _ = signing
    pdf = paper_pdf(factory, project, "contract", 2)
    unreadable = drawn.jpeg(drawn.page_of(pdf, 0, 200).filter(ImageFilter.GaussianBlur(12)))
    for who, content in (("issuer", scanned(pdf, 32)), ("bidder", unreadable)):
        data = {"signed_on": "2024-11-19", "scan": taken(factory, content)}
        factory.perform(project, "sign_contract", who, data)
    rows = factory.session.scalars(select(Signature).where(Signature.project_id == project.id).order_by(Signature.id))
    assert [(row.party, row.doubt) for row in rows] == [("issuer", ""), ("bidder", "二维码未能识别")]
    assert any(subject.startswith("请核对签章扫描件") for subject in factory.mails("science"))
    assert factory.why_not(project, "look_at_signature", "science").get("A9.unread") is None
    assert "湘潭大学" in factory.why_not(project, "conclude", "science")["A9.unread"]


def test_the_scan_of_a_form_is_of_what_it_says_now(policy: Policy) -> None:
    factory = ProjectFactory(policy)
    other = another(factory)
    project = factory.draft()
    assert project.form is not None
    older = draft_pdf(factory, project)
    factory.fill(project.form, policy.edition("2024").forms["tech_demand"], {"title": "改动后的名称"}, "issuer")
    for pdf, said in (
        (older, "可能是修改前打印的旧稿。请打印当前内容"),
        (paper_pdf(factory, other, "form"), "其中有编号 XTJB-2024-01-0001 的“项目技术需求表”第 1 版。请打印当前内容"),
    ):
        data = {"scan": taken(factory, scanned(pdf, 33))}
        assert said in factory.blocked(project, "upload_scan", "issuer", data)["scan.other"]
    blank = drawn.jpeg(Image.new("RGB", (800, 1100), "white"))
    for content, note in ((scanned(draft_pdf(factory, project), 34), "read"), (blank, "二维码未能识别")):
        factory.perform(project, "upload_scan", "issuer", {"scan": taken(factory, content)})
        assert project.form.scan_note == note
    factory.perform(project, "submit", "issuer")
    lines = list(policy.edition("2024").checklist)
    assert "N.scan_unread" in factory.blocked(project, "accept", "science", {"checklist": lines})
    factory.session.close()
    factory.session.get_bind().dispose()


def draft_pdf(factory: ProjectFactory, project: Project) -> bytes:
    """The draft of a form as it is printed to be stamped."""
    document = form_document(project)
    row = Paper(
        name="form",
        title="项目技术需求表",
        number="",
        version=1,
        code=form_code(factory.caller("issuer"), project),
        data=form_facts(factory.engine.policy.edition(project.edition), project, document),
        made_at=printed_at(project, document),
    )
    return pdf_of(row, SITE, factory.engine.policy)
