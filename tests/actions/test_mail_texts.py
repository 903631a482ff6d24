"""What mails say: each kind of message has its template and is sent, with what the template asks for; none says nonsense."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, TypeGuard

import pytest
from jinja2 import UndefinedError, meta

from xtbang.actions.mail_texts import FOLDER, environment, letter, source, text_of
from xtbang.config import ROOT
from xtbang.models import Mail
from xtbang.workflow.definition import load_policy

CITY = load_policy(ROOT / "workflows").city
KINDS = sorted(path.stem for path in FOLDER.glob("[!_]*.txt"))
OF_NOTIFY = {"project", "link", "key"}  # what `notify` takes itself
DAY, LATER, AMOUNT = date(2026, 11, 30), date(2027, 5, 31), Decimal("1234567.80")
PROJECT = SimpleNamespace(
    title="面向“揭榜挂帅”的高强韧合金制备", number="XTJB-2026-0001", region="湘潭高新区", issuer=SimpleNamespace(name="甲公司"),
    subsidy_city=AMOUNT, subsidy_county=AMOUNT, self_managed=False,
    completed_at=None,
)  # fmt: skip
SAMPLES: dict[str, Any] = {
    "assigned": 3,
    "channel": "信函",
    "lines": 40,
    "lacking": 2,
    "done": True,
    "nth": 2,
    "year": 2027,
    "letter": "催办函",
    "granted": True,
    "declined": True,
    "ended": True,
    "lead": "乙大学",
    "blind": False,
    "party": "乙大学",
    "organiser": "湘潭市科技评估中心",
    "allegation": "未投入约定的研究人员。",
    "workdays": 5,
    "served_on": date(2026, 11, 23),
    "received_on": date(2024, 11, 18),
    "project": PROJECT,
    **dict.fromkeys(("roadshow", "meeting"), SimpleNamespace(title="“揭榜挂帅”第一场路演", place="科技大厦", minutes=15)), "count": 3,
    "position": 2, "version": 2, "late": 3, "starts_at": "2026年11月30日 09:00", "until": "2026年11月30日 17:30",
    "amount": AMOUNT, "total": AMOUNT, "subsidy": AMOUNT, "rest": AMOUNT, "result": Decimal("86.125"),
    "reason": "指标须重新核定。", "rule": "《办法》第四条", "findings": "缺少检测报告。", "finding": "情况属实。",
    "text": "进度滞后。", "note": "金额不符。", "decision": "同意。", "waived": "实施期超过规定。", "doubt": "二维码未能识别",
    "remarks": ["写明指标。", "补充依据。"], "owed": ["市级 1.00 万元"], "unsaid": ["首期"], "parties": ["甲公司", "乙大学"],
    "opinions": {"市科技局": True, "市工信局": False}, "window": "2026年11月30日 09:00至2026年12月31日 17:30",
    "receipt": "收件回执：甲公司提交的项目申报书（第 1 版）已于2026年11月30日 09:00收到。",
    "call": "2026年度“揭榜挂帅”征集", "days": ["2027年3月31日前 5.00 万元", "2027年6月30日前 7.50 万元"], "again": True,
    "cause": "发榜方已与其他揭榜方达成意向",
    "next_step": "签订技术合同后由发榜方申报立项",
    "article": "《办法》第十三条", "number": "PZ-1", "todo": "请提交执行情况报告", "what": "执行情况报告到期",
    "title": "面向“揭榜挂帅”的高强韧合金制备", "short": "高强韧合金…", "email": "li@example.com", "uscc": "91430300MA4L16JQ9B",
    "deputy": "王芳", "roles": ["市科技局"], "change": "更名", "address": "192.0.2.7", "said": "“甲公司”单位名称由“甲公司”变更为“乙公司”（2026年11月30日）。",
    "answer": "谢绝", "conclusion": "通过", "panel": "需求论证", "seat": "技术", "instalment": "首期", "awaited": "凭证和配套", "source": "市级资金",
    "troubles": [SimpleNamespace(said="磁盘只剩 1.0 GB。", todo="扩大磁盘。")],
    "stage": "路演", "noticed": True, "more": True, "following": "二期",
    "notice": "关于“揭榜挂帅”拟立项项目的公示", "paper": "项目终止决定书", "replaced": True, "left": 3, "before": "li@example.org",
    **dict.fromkeys(("bidder", "member", "signer", "name", "organisation"), "乙大学"),
    **dict.fromkeys(("expert", "manager", "administrator", "officer"), "李明"),
    "bureau": "市科技局", "asker": "揭榜方", "refuser": "发榜方", "writer": "发榜方", "reader": "揭榜方",
    "changes": [SimpleNamespace(label="凭证号", old="1", new="2"), SimpleNamespace(label="日期", old="", new="今天")],
    "word": "复核",
    "who": "揭榜方乙大学", "document": "项目申报书", "paid_on": date(2026, 11, 20), "other": "发榜方",
    **dict.fromkeys(("on", "dated", "due_on", "starts_on", "old_end", "correct_by"), DAY),
    **dict.fromkeys(("ends_on", "new_end", "last_day", "runs_until", "rectify_by", "recover_by"), LATER),
}  # fmt: skip
LEAST: dict[str, Any] = {
    "granted": False,
    "declined": False,
    "ended": False,
    "blind": True,
    "parties": [],
    "noticed": False,
    "again": False,
    "lacking": 0,
    "left": 0,
    "more": False,
    "replaced": False,
    "until": "",
    "runs_until": None,
    "late": -1,
    "version": 1,
    "number": "",
}
NONSENSE = re.compile(
    r"[{}]|None|Decimal|datetime|[，。：；、？！]{2}|“”|“[^”]*“|（）|\s$|^\s|[A-Za-z]\w*=", re.MULTILINE
)


@dataclass(frozen=True)
class Sending:
    """A call that sends a message: where it stands, which kinds it may send, with what."""

    place: str
    kinds: frozenset[str]
    values: frozenset[str]


def sendings() -> Iterator[Sending]:
    for path in sorted((ROOT / "xtbang").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id not in ("notify", "text_of") or path.stem in ("notify", "mail_texts"):
                continue
            kind = node.args[1 if node.func.id == "notify" else 0]
            if isinstance(kind, ast.Name):
                kind = next((part.value for part in ast.walk(tree) if is_given(part, kind.id)), kind)
            names = frozenset(part.value for part in ast.walk(kind) if isinstance(part, ast.Constant))
            values = frozenset(keyword.arg or "**" for keyword in node.keywords) - OF_NOTIFY
            yield Sending(f"{path.name}:{node.lineno}", names, values)


def is_given(part: ast.AST, name: str) -> TypeGuard[ast.Assign]:
    return isinstance(part, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in part.targets)


def asked_for(kind: str) -> set[str]:
    """The values that a template names."""
    return meta.find_undeclared_variables(environment().parse("\n".join(source(kind)))) - {"project", "city"}


def test_every_kind_has_a_template_and_every_template_is_sent() -> None:
    sent = set().union(*(sending.kinds for sending in sendings()))
    assert sorted(sent) == KINDS
    assert len(KINDS) > 100


def test_who_sends_a_message_gives_what_its_template_asks_for() -> None:
    """Nothing less, which would fail when it is sent; nothing more, which nobody would read."""
    wrong = [
        (sending.place, kind, sorted(sending.values ^ asked_for(kind)))
        for sending in sendings()
        for kind in sending.kinds
        if sending.values != asked_for(kind)
    ]
    assert wrong == []


@pytest.mark.parametrize("given", [{}, LEAST], ids=["everything", "least"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_reads_like_a_message(kind: str, given: dict[str, Any]) -> None:
    values = {name: (SAMPLES | given)[name] for name in asked_for(kind)}
    subject, body = text_of(kind, CITY, project=PROJECT, **values)
    assert "\n" not in subject
    assert subject[-1] not in "：，、。"
    assert body[-1] in "。" or body.endswith(str(values.get("rule", "。")))
    for text in (subject, body):
        assert not NONSENSE.search(text), text


def test_a_value_that_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        text_of("refuse", CITY, project=PROJECT, rule="《办法》第四条")


def test_what_people_typed_stays_what_they_typed() -> None:
    """Neither read as a template nor turned into HTML; the first line of a title does not become the body."""
    project = SimpleNamespace(title="A&B<br>{{ rule }}\n\n第二段")
    subject, body = text_of("refuse", CITY, project=project, rule="{{ project }}", reason="{% if %}")
    assert subject == "不予受理：A&B<br>{{ rule }}\n\n第二段"
    assert body == "不予受理。依据：{{ project }}。理由：{% if %}"


def test_a_letter_has_body_link_and_footer() -> None:
    text = letter(CITY, Mail(person_id=1, body="“A&B”已提交。", link="https://bang.test/projects/7"))
    assert text.splitlines()[0] == "“A&B”已提交。"
    assert "办理链接：\nhttps://bang.test/projects/7\n" in text
    assert text.endswith("登录系统后在“收件箱”也能看到本邮件。")
    assert "办理链接" not in letter(CITY, Mail(person_id=1, body="正文", link=""))
    assert "收件箱" not in letter(CITY, Mail(person_id=None, body="正文", link="")), (
        "a mail to an address is in nobody's inbox"
    )
