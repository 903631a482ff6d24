"""``[[instalment]]`` of an edition: in how many parts a subsidy is paid, after which event, on which conditions."""

from decimal import Decimal
from typing import Any

from xtbang.queries.desk.payments import CONDITIONS
from xtbang.rules.edition import BOUNDS, EVENTS, ISSUER_PAYS_FIRST, UNITS, Instalment
from xtbang.rules.money import plain
from xtbang.rules.quotation import quoted
from xtbang.workflow.reading import Table
from xtbang.workflow.sources import CitingReader

MOST, LONGEST = 5, 8  # instalments; characters of a name
EARLIER = "county_earlier_recorded"


class InstalmentReader(CitingReader):
    """Reader of the instalments, and of numbers within their bounds."""

    def _within(self, name: str, value: Decimal, *hint: Any) -> None:
        """Add a mistake unless the number is within its `BOUNDS`."""
        bounds = BOUNDS[name]
        if not Decimal(bounds.least) <= value <= Decimal(bounds.most):
            self._fail(f"写的是 {value}，应在 {bounds.least} 到 {bounds.most} 之间（{UNITS[bounds.unit]}）。", *hint)
        elif bounds.whole and value != int(value):
            self._fail(f"写的是 {value}，应为整数（{UNITS[bounds.unit]}）。", *hint)
        elif bounds.unit == "年" and value * 12 != int(value * 12):
            self._fail(f"写的是 {value}，应为整月：半年写 0.5，一年三个月写 1.25。", *hint)

    def _instalments(self, data: Table) -> tuple[Instalment, ...]:
        """Return the instalments in the order of payment."""
        before = len(self.mistakes)
        tables = self._tables(data, "instalment")
        self._once(tables, "name")
        found = tuple(self._instalment(table, number) for number, table in enumerate(tables, start=1))
        if len(found) > MOST:
            self._fail(f"写了 {len(found)} 期，最多 {MOST} 期。", data, "instalment")
        if len(self.mistakes) == before and found:
            self._consistent(data, tables, found)
        return found

    def _instalment(self, table: Table, number: int) -> Instalment:
        needs = ("name", "share", "after", "needs", "article")
        self._keys(table, needs, needs=needs)
        share = self._decimal(table["share"], table, "share") if "share" in table else None
        if share is not None:
            self._within("share", share, table, "share")
        after, conditions = self._text(table, "after"), self._texts(table, "needs")
        if "after" in table:
            self._among(after, EVENTS, "一件拨付以前要完成的事", table, "after")
        self._each(conditions, tuple(CONDITIONS), "拨付的一个条件", table, "needs")
        if number == 1 and EARLIER in conditions:
            self._fail(f"里有 {EARLIER}，但是第一期以前没有拨付。", table, "needs", EARLIER)
        name = self._text(table, "name")
        if len(name) > LONGEST:
            self._fail(f"写的是{quoted(name)}，最多 {LONGEST} 个字。", table, "name")
        return Instalment(number, name, share or Decimal(0), after, conditions, self._article(table))

    def _consistent(self, data: Table, tables: list[Table], found: tuple[Instalment, ...]) -> None:
        """Check that the shares add up, the events are in order, and the issuer's payment is asked for once."""
        whole = sum((item.share for item in found), Decimal(0))
        if whole != 1 and not self.found.faults:  # otherwise a share may be in a line that could not be read
            shares = " + ".join(plain(item.share) for item in found)
            self._fail(
                f"各期合计 {shares} = {plain(whole)}，应为 1。",
                tables[-1],
                "share",
                also=[(table, "share") for table in tables],
            )
        for item, table in zip(found, tables, strict=True):
            if item.after == "midterm" and "midterm" not in data:
                self._fail("写的是 midterm，可是这个版本没有中期检查（[midterm]）。", table, "after")
        for item, later, table in zip(found, found[1:], tables[1:], strict=False):
            if EVENTS.index(later.after) < EVENTS.index(item.after):
                told = f"可是前一期{quoted(item.name)}在 {item.after} 之后"
                self._fail(f"写的是 {later.after}，{told}：各期按先后写。", table, "after")
        asking = [table for item, table in zip(found, tables, strict=True) if ISSUER_PAYS_FIRST in item.needs]
        if len(asking) > 1:
            self._fail(
                f"里有 {ISSUER_PAYS_FIRST}，前面的一期已经有了，只写一次。", asking[1], "needs", ISSUER_PAYS_FIRST
            )
