"""Eight officers decide about one project in the same moment: one of them does, the others are told."""

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.installation import Installation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
OFFICERS, ROUNDS = 8, 10
TITLE = "高温合金涂层关键技术"  # of the project, whose page the one who has decided is led to


def test_one_of_them_decides(installation: Installation, say: Callable[[str], None]) -> None:
    server = installation.server(threads=8, XTBANG_EMBEDDED_WORKER="0")
    applicant = installation.visitor(server, "issuer")
    officers = [installation.visitor(server, ("science", "science2")[number % 2]) for number in range(OFFICERS)]
    submit, send_back = (installation.page("entry", f"/actions/{trigger}") for trigger in ("submit", "send_back"))
    values = {"confirmed": "1", "reason": "联系电话有误", "correct_by": "2024-12-20"}
    titles: list[str] = []
    for number in range(1, ROUNDS + 1):
        assert applicant.send(applicant.filled(submit, confirmed="1")).leads_to.startswith("/projects/")
        forms = [officer.filled(send_back, **values) for officer in officers]
        with ThreadPoolExecutor(OFFICERS) as pool:
            answers = list(pool.map(lambda officer, form: officer.send(form), officers, forms))
        assert all(answer.status < 500 for answer in answers)
        assert installation.events("entry", "send_back") == number
        told = [officer.get(one.leads_to) for officer, one in zip(officers, answers, strict=True) if one.leads_to]
        titles += [re.findall("<h1[^>]*>([^<]*)", page.text)[0] for page in told]
    assert titles.count(TITLE) == ROUNDS and any("情况已有变化" in title for title in titles)
    assert not any("出错" in title for title in titles), titles
    server.stop()
    installation.check()
    say(f"{ROUNDS} rounds of {OFFICERS} officers: one decision each; they were told {dict(Counter(titles))}")
