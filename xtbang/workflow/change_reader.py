"""``[[change]]`` of an edition: which changes of a contract there are, and who decides on each."""

from xtbang.rules.changes import DECIDERS, KINDS, NOTICE, USUAL, WITH_THRESHOLD, ChangeRule
from xtbang.workflow.instalments import InstalmentReader
from xtbang.workflow.positions import Path as Place
from xtbang.workflow.reading import Asked as AskedNames
from xtbang.workflow.reading import Offered, Table

NAMES, NEEDS = ("kind", "decided_by", "threshold"), ("kind", "decided_by")


class ChangeReader(InstalmentReader):
    """Reader of the changes of a contract that the edition knows."""

    def _possible_table(self, place: Place, names: tuple[str, ...], needs: tuple[str, ...]) -> None:
        """Record what a table may have that the edition does not have, for the guide."""
        self.asked.append(AskedNames(place, frozenset(names), frozenset(needs)))

    def _changes(self, data: Table) -> tuple[ChangeRule, ...]:
        """Return who decides on each kind of change; the usual where the edition says nothing of it."""
        if "change" not in data:
            self._possible_table(("change", 0), NAMES, NEEDS)
            self.offered.append(Offered(("change", 0), "kind", KINDS))
            self.offered.append(Offered(("change", 0), "decided_by", DECIDERS))
            return USUAL
        tables = self._tables(data, "change")
        self._once(tables, "kind")
        return tuple(map(self._change, tables))

    def _change(self, table: Table) -> ChangeRule:
        self._keys(table, NAMES, needs=NEEDS)
        kind, by = self._text(table, "kind"), self._text(table, "decided_by")
        if "kind" in table:
            self._among(kind, KINDS, "一种变更事项", table, "kind")
        if "decided_by" in table:
            self._among(by, DECIDERS, "一种办理方式", table, "decided_by")
        threshold = self._decimal(table["threshold"], table, "threshold") if "threshold" in table else None
        if threshold is not None:
            self._within("threshold", threshold, table, "threshold")
            if kind not in WITH_THRESHOLD or by == NOTICE:
                self._fail("不能写：只用于须经审批的经费预算变更（budget、offices）。", table, "threshold")
        return ChangeRule(kind, by, threshold)
