"""Collective slips (汇总凭证): one receipt number for several lines of the ledger, declared beforehand with its total."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from xtbang.actions import audit
from xtbang.domain.ledger_lines import holders
from xtbang.domain.receiving_accounts import own_source
from xtbang.domain.slip_sums import slip_of, used_of
from xtbang.errors import Blocked, Forbidden, NotFound
from xtbang.models import CollectiveSlip
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.rules.fields import Field, FieldKind, choices, one_section
from xtbang.rules.money import yuan_from_wan
from xtbang.rules.payment_number import BACK, OUT, slip_key
from xtbang.rules.reasons import Reason

DECLARE, CANCEL = "declare_slip", "cancel_slip"
DIRECTIONS = {OUT: "拨付", BACK: "追回"}
FORM = one_section(
    "slip",
    "汇总凭证",
    (
        Field("direction", "款项方向", FieldKind.CHOICE, choices=choices(DIRECTIONS)),
        Field("number", "凭证号", FieldKind.TEXT, limit=60),
        Field("total", "凭证总金额", FieldKind.MONEY, unit="万元", minimum=Decimal("0.01")),
        Field("dated", "凭证日期", FieldKind.DATE),
        Field("note", "说明", FieldKind.TEXT, limit=200, required=False, hint="例如：四个项目的首期款一并拨付"),
    ),
)


def declare_slip(caller: Caller, values: Mapping[str, Any]) -> CollectiveSlip:
    """Declare a slip of the actor's own treasury; ``values`` as in `FORM`, checked. Raise Forbidden and Blocked.

    From then on several lines may have its number, together at most its total. One transaction with its event.
    """
    own = own_source(caller.actor)
    if own is None:
        raise Forbidden(f"汇总凭证由{caller.policy.city.finance.short}和县市区（园区）财政登记。")
    source, region = own
    with writing(caller.session):
        key = slip_key(source, region, values["direction"], values["number"])
        if against := list(_against(caller, key, values)):
            raise Blocked(against)
        row = CollectiveSlip(
            key=key,
            source=source,
            region=region,
            direction=values["direction"],
            number=values["number"],
            total=yuan_from_wan(values["total"]),
            dated=date.fromisoformat(values["dated"]),
            note=values.get("note") or "",
            declared_at=caller.now,
            declared_by_id=caller.actor.person_id,
        )
        caller.session.add(row)
        caller.session.flush()
        role = "finance" if source == "city" else "county"
        audit.append(caller, f"slip:{row.id}", trigger=DECLARE, role=role, data=dict(values))
    return row


def _against(caller: Caller, key: str | None, values: Mapping[str, Any]) -> Iterator[Reason]:
    if key is None:
        yield Reason("A7.number", "凭证号须含有数字或字母。", caller.cite("money"), field="number")
        return
    if date.fromisoformat(values["dated"]) > caller.today:
        yield Reason("date.future", "日期不能晚于今天。", field="dated")
    if slip_of(caller.session, key) is not None:
        yield Reason("A7.number_twice", "这个凭证号已经登记为汇总凭证。", caller.cite("money"), field="number")
    elif holders(caller.session, key):
        text = "这个凭证号已经单独登记过一笔款项；登记有误的先更正，再登记汇总凭证。"
        yield Reason("A7.number_twice", text, caller.cite("money"), field="number")


def cancel_slip(caller: Caller, slip_id: int, reason: str) -> None:
    """Take back the declaration of a slip under which no line stands. Raise NotFound, Forbidden and Blocked."""
    with writing(caller.session):
        row = caller.session.get(CollectiveSlip, slip_id, with_for_update=True)
        if row is None or row.cancelled_at:
            raise NotFound(f"slip {slip_id}")
        if own_source(caller.actor) != (row.source, row.region):
            raise Forbidden("汇总凭证由登记它的财政部门撤销。")
        if used_of(caller.session, row.id):
            text = "这份汇总凭证已有款项登记，先冲正这些登记。"
            raise Blocked([Reason("A7.slip", text, caller.cite("money"))])
        row.cancelled_at, row.key = caller.now, None
        audit.append(caller, f"slip:{row.id}", trigger=CANCEL, reason=reason, data={"number": row.number})
