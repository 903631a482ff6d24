"""The connection is gone before the answer came, and the same form is sent again: it has been done once."""

import random
from collections.abc import Callable

import pytest

from tests.faults.installation import Installation
from tests.support.visitor import Visitor

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
LONGEST = 0.2  # seconds until the connection is gone


def test_it_is_done_once(installation: Installation, say: Callable[[str], None]) -> None:
    server, luck = installation.server(XTBANG_EMBEDDED_WORKER="0"), random.Random(3)
    names = ("issuer", "science", "industry", "finance", "finance2")
    people = {name: installation.visitor(server, name) for name in names}
    pay = {"amount": "20", "paid_on": "2024-11-20", "note": "拨1"}
    back = {"cause": "returned", "dated": "2024-11-20", "reason": "银行退回"}
    deeds: list[tuple[str, str, str, dict[str, str], int]] = [
        ("issuer", "entry", "submit", {}, 1),
        ("science", "entry", "send_back", {"reason": "联系电话有误", "correct_by": "2024-12-20"}, 1),
        *(("science industry finance2".split()[number], "funded", "approve_payment", {}, number + 1) for number in range(3)),
        ("finance", "funded", "disburse_first", pay, 1),
        ("finance", "funded", "reverse_line", back, 1),
        ("science", "funded", "reverse_line", {}, 2),
    ]  # fmt: skip
    for who, project, trigger, values, times in deeds:
        repeat(people[who], installation.page(project, f"/actions/{trigger}"), luck, confirmed="1", **values)
        assert installation.events(project, trigger) == times, trigger
    repeat(people["issuer"], installation.page("draft0", "form"), luck, background="只存一次")
    server.stop()
    installation.check()
    say(f"{len(deeds) + 1} forms, each sent three times: done once")


def repeat(visitor: Visitor, page: str, luck: random.Random, **values: str) -> None:
    """Send a form twice without waiting for the answer, then once more."""
    form = visitor.filled(page, **values)
    for _ in range(2):
        visitor.drop(form, luck.uniform(0, LONGEST))
    answer = visitor.send(form)
    assert answer.status in (302, 303) and answer.leads_to.startswith("/projects/"), answer
