"""What two servers on one PostgreSQL wait for: locks that one holds while another needs them; `make bench`."""

import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from tests.bench.measure import Table
from tests.bench.test_served import PEOPLE, installation
from tests.faults.installation import Installation
from tests.support.postgres import PostgresServer
from xtbang.models import Project

__all__ = ["installation"]

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]
TURNS = 60
LONG = 5  # ms
WAITED = re.compile(r"acquired \w+ on .+ after ([0-9.]+) ms(?:\n.*CONTEXT:.* in relation \"(\w+)\")?")


@pytest.mark.parametrize("installation", ["postgresql"], indirect=True)
def test_locks(installation: Installation, table: Table, postgres_server: PostgresServer) -> None:
    """People of one unit write entries of their own, look at pages and sign in, each by one of two servers with its worker."""
    with postgres_server.connect() as owner:
        owner.execute("ALTER SYSTEM SET log_lock_waits = on")
        owner.execute(f"ALTER SYSTEM SET deadlock_timeout = '{LONG}ms'")  # after which a wait is logged
        owner.execute("SELECT pg_reload_conf()")
    servers = [installation.server(XTBANG_EMBEDDED_WORKER="1") for _ in range(2)]
    people = [installation.visitor(servers[number % 2], "issuer") for number in range(PEOPLE)]

    def work(number: int) -> set[int]:
        me, form, statuses = people[number], installation.page(f"draft{number}", "form"), set()
        for turn in range(TURNS):
            statuses |= {me.send(me.filled(form, background=f"第{turn}次")).status}
            statuses |= {me.get(page).status for page in ("/desk", "/board")}
            if turn % 10 == 9:
                other = installation.visitor(servers[turn % 2], ("rival", "science", "issuer")[number % 3])
                statuses |= {other.get("/desk").status}
        return statuses

    with ThreadPoolExecutor(PEOPLE) as pool:
        assert set().union(*pool.map(work, range(PEOPLE))) == {200, 302}
    log = postgres_server.folder / "log"
    waits = WAITED.findall(log.read_text(encoding="utf-8"))
    longest, of = max((float(after) for after, _name in waits), default=0.0), Counter(name for _after, name in waits)
    table.lines.append(
        f"g) waits over {LONG} ms for another process: {dict(of)} by table, the longest {longest:.0f} ms"
    )
    form = people[0].filled(installation.page("draft0", "form"), background="等锁")
    with installation.session() as holder, ThreadPoolExecutor(1) as pool:
        holder.scalars(select(Project.id).where(Project.id == installation.projects["draft0"]).with_for_update()).all()
        sent = pool.submit(people[0].send, form)
        time.sleep(1)
        holder.rollback()
        assert sent.result().status == 302
    assert len(WAITED.findall(log.read_text(encoding="utf-8"))) > len(waits), "a wait that there was is not logged"
