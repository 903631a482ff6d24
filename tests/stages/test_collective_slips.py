"""汇总凭证: a number counts once, unless it was declared with its total; then its lines together do not exceed it."""

import pytest

from tests.factories.later import ended, executing, fifty, pay, ready
from tests.factories.projects import ProjectFactory
from xtbang.domain.collective_slips import cancel_slip, declare_slip
from xtbang.errors import Blocked, Forbidden
from xtbang.queries.collective_slips import slips_of

SLIP = {"direction": "back", "number": "汇-2024-1", "total": "15", "dated": "2024-11-20", "note": ""}


def refused(factory: ProjectFactory, who: str, **values: str) -> str:
    with pytest.raises(Blocked) as caught:
        declare_slip(factory.caller(who), SLIP | values)
    return str(caught.value)


def test_lines_under_a_declared_slip_never_exceed_its_total(factory: ProjectFactory) -> None:
    project = fifty(factory)
    ended(factory, project)  # 12.5 to each treasury
    declare_slip(factory.caller("finance"), SLIP | {"total": "10"})
    data = {"source": "city", "amount": "6", "dated": factory.now.date().isoformat(), "note": "汇－2024—1"}
    factory.perform(project, "record_recovery", "finance", data)
    factory.perform(project, "record_recovery", "finance", data | {"amount": "0.5"})
    row = slips_of(factory.session, "city", "")[0]
    assert (row.used, row.lines) == (65_000, 2)
    against = factory.blocked(project, "record_recovery", "finance", data)
    assert against["A7.slip"] == (
        "汇总凭证 汇-2024-1 共 10.00 万元，已登记 6.50 万元，本次 6.00 万元，超过余额 3.50 万元（《办法》第十一条）。"
    )
    factory.perform(project, "record_recovery", "finance", data | {"amount": "3.5"})
    with pytest.raises(Blocked, match="先冲正"):
        cancel_slip(factory.caller("finance"), row.id, "")


def test_a_number_is_either_of_one_line_or_of_a_declared_slip(factory: ProjectFactory) -> None:
    project = executing(factory)
    assert "已经单独登记过一笔款项" in refused(
        factory, "finance", direction="out", number=f"disburse_first-{project.id}"
    )
    slip = declare_slip(factory.caller("finance"), SLIP)
    assert "已经登记为汇总凭证" in refused(factory, "finance", number="汇 2024 1")
    declare_slip(factory.caller("county"), SLIP)  # another treasury
    declare_slip(factory.caller("finance"), SLIP | {"direction": "out"})
    with pytest.raises(Forbidden):
        declare_slip(factory.caller("science"), SLIP)
    with pytest.raises(Forbidden):
        cancel_slip(factory.caller("county"), slip.id, "")
    cancel_slip(factory.caller("finance"), slip.id, "看错了")
    declare_slip(factory.caller("finance"), SLIP)


def test_one_slip_pays_what_it_holds_and_not_more(factory: ProjectFactory) -> None:
    project = ready(factory)
    declare_slip(factory.caller("finance"), SLIP | {"direction": "out"})
    day = factory.now.date().isoformat()
    against = factory.blocked(
        project, "disburse_first", "finance", {"amount": "20", "paid_on": day, "note": "汇-2024-1"}
    )
    assert against["A7.slip"].startswith("汇总凭证 汇-2024-1 共 15.00 万元，已登记 0.00 万元")
    pay(factory, project, "disburse_first", "20")
