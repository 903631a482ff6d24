"""The clock of the server is half a year ahead, half a year behind, and right again."""

from collections.abc import Callable

import pytest

from tests.faults.installation import Installation
from tests.support.visitor import Visitor

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
HALF_A_YEAR = 183  # days
PAGES = (
    "/",
    "/board",
    "/lists",
    "/notices",
    "/guide",
    "/verify",
    "/projects",
    "/desk",
    "/finance",
    "/statistics",
    "/profile",
)


def test_everything_opens_whatever_the_clock_says(installation: Installation, say: Callable[[str], None]) -> None:
    asked = 0
    for number, days in enumerate((0, HALF_A_YEAR, -HALF_A_YEAR, 0)):
        server = installation.server(days=days, XTBANG_EMBEDDED_WORKER="1" if days == 0 else "0")
        applicant, officer = (installation.visitor(server, who) for who in ("rival", "science"))
        for visitor in (Visitor(server.port), applicant, officer):
            for path in (*PAGES, *(installation.page(name) for name in ("funded", "entry", "draft"))):
                assert visitor.get(path).status < 500, (days, path)
                asked += 1
        if days >= 0:
            form = applicant.filled(installation.page("draft", "form"), background=f"第{number}次")
            assert applicant.send(form).status == 302, days
        server.stop()
        if days < 0:
            doctor = installation.command("doctor", days=days)
            assert "时钟" in doctor.stdout and "✗ 时钟" in doctor.stdout, doctor.stdout
        installation.check()
    say(
        f"{asked} pages by clocks ±{HALF_A_YEAR} days without a fault; chains verify; doctor names the clock that is behind"
    )
