"""The dates of an edition: from when until when it is in force, and which revision of it since when."""

import re
from datetime import date
from typing import Any

from xtbang.rules import document_number
from xtbang.workflow.asked import AskedReader
from xtbang.workflow.reading import Table

MOST_REVISIONS = 99
FIRST_YEAR, LAST_YEAR = 2000, 2099


class InForceReader(AskedReader):
    """Reader of ``starts_on``, ``ends_on``, ``revision``, ``amended_on`` and ``amended_by``."""

    data: Table  # the whole file

    def _date(self, data: Table, name: str) -> date | None:
        value = data.get(name)
        if value is None:
            return None
        if type(value) is not date:
            said = f'"{value}"' if isinstance(value, str) else value
            self._fail(f"写的是 {said}，应为日期，不加引号，如 2026-08-26。", data, name)
            return None
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            self._fail(f"写的是 {value}，年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间。", data, name)
        return value

    def _in_force(self, data: Table, starts: date | None, ends: date | None) -> None:
        """Check the dates of force against each other, and title and date against the year that the edition is named after."""
        if starts and ends and ends < starts:
            self._fail(f"写的是 {ends}，早于施行日期 {starts}。", data, "ends_on")
        year = re.match(r"20[0-9]{2}", self.path.stem)
        if starts and year and abs(starts.year - int(year[0])) > 1:
            self._fail(f"写的是 {starts}，但是版本的名称是 {self.path.stem}：年份相差太多。", data, "starts_on")
        titled = re.search(r"(20[0-9]{2})\s*年度", str(data.get("title")))
        if titled and year and titled[1] != year[0]:
            self._fail(f"写的是{titled[1]}年度，但是版本的名称是 {self.path.stem}：年份不同。", data, "title")

    def starts_before(self, older: str, day: date) -> None:
        """Add the mistake that an older edition comes into force later, on that day."""
        starts = self.data["starts_on"]
        self._fail(f"写的是 {starts}，早于上一个版本 {older} 的施行日期 {day}。", self.data, "starts_on")

    def _amended(self, data: Table) -> dict[str, Any]:
        """Return the revision with the date and the document of the amendment, which the first one has not."""
        revision = int(self._typed(data, "revision", int, 1))
        if not 1 <= revision <= MOST_REVISIONS:
            self._fail(
                f"写的是 {revision}，应在 1 到 {MOST_REVISIONS} 之间：1 是原版，2 是第 1 次修订。", data, "revision"
            )
        day, number = self._date(data, "amended_on"), self._text(data, "amended_by")
        for name in ("amended_on", "amended_by"):
            if revision == 1 and name in data:
                self._fail("只在修订后写：原版不写；修订了的，还要写 revision = 2。", data, name)
            if revision > 1 and name not in data:
                self._fail(
                    f"缺 {name}：修订的版本须写施行日期（amended_on）和发文字号（amended_by）。", data, "revision"
                )
        if number and (wrong := document_number.sentence(number, "发文字号")):
            self._fail(f'写的是 "{number}"。{wrong}', data, "amended_by")
        start, end = data.get("starts_on"), data.get("ends_on")
        if day and type(start) is date and day < start:
            self._fail(f"写的是 {day}，早于版本的施行日期 {start}。", data, "amended_on")
        if day and type(end) is date and day > end:
            self._fail(f"写的是 {day}，晚于版本停止施行的日期 {end}：修订不会生效。", data, "amended_on")
        return {"revision": revision, "amended_on": day, "amended_by": number}
