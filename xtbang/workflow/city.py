"""``city.toml`` → :class:`City`: names, offices and regions of the city, the law and how rules cite it."""

from datetime import date, timedelta

from xtbang.enums import BUREAU_ROLES
from xtbang.rules.city import OUTSIDE, RETAINED, City, Office, Region, Retention
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.law import CITES, FIGURES, Article
from xtbang.rules.quotation import quoted
from xtbang.rules.values import faults
from xtbang.rules.workdays import SATURDAY, Arrangement
from xtbang.workflow.reading import Table
from xtbang.workflow.sources import NUMBERED, CitingReader

OF_PARTIES = ("甲方", "乙方")  # what the contract calls issuer and bidder
FIRST_YEAR, LAST_YEAR = 2000, 2099
LEAST_YEARS, MOST_YEARS = 1, 30  # of retention
TELEPHONE = Field("telephone", "电话", FieldKind.PHONE)
COUNTED = {"两": 2, "二": 2, "双": 2, "三": 3}  # with which the word for several offices begins
WORDS = ("name", "scheme", "app", "government", "together", "telephone")


class CityReader(CitingReader):
    """Reader of ``city.toml``."""

    def city(self) -> City | None:
        """Return the city; None when the file has mistakes, which are in `mistakes`."""
        data = self._load()
        needs = (*WORDS, "office", "finance", "region", "source", "cites", "article")
        self._keys(data, {*needs, "address", "weak_words", "holidays", "retention"}, needs=needs)
        offices = self._offices(data)
        finance = self._office(self._typed(data, "finance", dict, Table()), "finance")
        regions = self._regions(data)
        sources = self._sources(data)
        articles = self._articles(data)
        measures = {article.number: article.text for article in articles if self.sound}
        self.cited = self._texts_of_sources(data) | {source.short: measures for source in sources[:1]}
        cites = self._cites(data, needs=CITES)
        words = {name: self._text(data, name) for name in (*WORDS, "address")}
        for _rule, sentence in faults(TELEPHONE, "", words["telephone"]) if words["telephone"] else ():
            self._fail(f'写的是 "{words["telephone"]}"，{sentence}', data, "telephone")
        said = COUNTED.get(words["together"][:1], len(offices))
        if offices and said != len(offices):
            told = f"会签的部门（[[office]]）有 {len(offices)} 个"
            self._fail(f'写的是 "{words["together"]}"，但是{told}。', data, "together")
        weak = self._texts(data, "weak_words")
        holidays, retention = self._holidays(data), self._retention(data)
        if not self.sound:
            return None
        return City(
            offices=offices,
            finance=finance,
            regions=regions,
            sources=sources,
            cites=cites,
            articles=articles,
            weak_words=weak,
            holidays=holidays,
            retention=retention,
            **words,
        )

    def _offices(self, data: Table) -> tuple[Office, ...]:
        tables = self._tables(data, "office")
        for name in ("role", "name", "short", "party"):
            self._once(tables, name)
        offices = tuple(self._office(table, str(table.get("role", ""))) for table in tables)
        roles = tuple(office.role for office in offices)
        if self.sound and roles != BUREAU_ROLES[: len(roles)]:
            said = "、".join(roles)
            self._fail(f"的 role 依次是 {said}，应从 {'、'.join(BUREAU_ROLES)} 的第一个起依次写。", data, "office")
        return offices

    def _office(self, table: Table, role: str) -> Office:
        texts = ("name", "short", "seal")
        if role != "finance":
            self._keys(table, {*texts, "role", "party"}, needs=("role", *texts, "party"))
            if "role" in table:
                self._among(table["role"], BUREAU_ROLES, "一个部门的角色", table, "role")
        elif table:
            self._keys(table, set(texts), needs=texts)
        if table.get("party") in OF_PARTIES:
            self._fail(f'写的是 "{table["party"]}"：甲方、乙方是发榜方和揭榜方，部门从丙方起。', table, "party")
        return Office(role, **{name: self._text(table, name) for name in (*texts, "party")})

    def _articles(self, data: Table) -> tuple[Article, ...]:
        """Return the articles; every group of figures that the program knows stands at one of them."""
        tables = self._tables(data, "article")
        self._once(tables, "number")
        articles, at = [], dict[str, Table]()
        for table in tables:
            self._keys(table, {"number", "title", "text", "figures"}, needs=("number", "title", "text"))
            figures = self._texts(table, "figures")
            self._each(figures, FIGURES, "一组程序知道的数字", table, "figures")
            for name in figures:
                if name in at:
                    self._fail(f"{quoted(name)}写了两次：{at[name].get('number')}已经有了。", table, "figures", name)
                at.setdefault(name, table)
            texts = {name: self._text(table, name) for name in ("number", "title", "text")}
            if texts["number"] and not NUMBERED.fullmatch(texts["number"]):
                self._fail(f'写的是 "{texts["number"]}"，条号照公布的写，如第七条。', table, "number")
            articles.append(Article(figures=figures, **texts))
        missing = [name for name in FIGURES if name not in at]
        if missing and tables and not self.found.faults:
            said = "、".join(f'figures = ["{name}"]' for name in missing)
            self._fail(f"里没有一条写明 {said}，办事指南就不会列出这些规定。", data, "article")
        return tuple(articles)

    def _holidays(self, data: Table) -> tuple[Arrangement, ...]:
        """Return the State Council's arrangements that the office has entered, one for each year."""
        tables = self._tables(data, "holidays")
        self._once(tables, "year")
        found = []
        for table in tables:
            self._keys(table, {"year", "off", "worked"}, needs=("year", "off"))
            year = self._typed(table, "year", int, 0)
            if not FIRST_YEAR <= year <= LAST_YEAR:
                if type(table.get("year")) is int:
                    self._fail(f"写的是 {year}，年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间。", table, "year")
                continue
            off, worked = self._days(table, "off", year), self._days(table, "worked", year)
            for day in sorted(off & worked):
                self._fail(f"里有 {day}，这一天又写在 off 里。", table, "worked")
            for day in sorted(worked):
                if day.weekday() < SATURDAY:
                    self._fail(f"里有 {day}，不是周六、周日；调休上班的日子才写在这里。", table, "worked")
            found.append(Arrangement(year, off, worked))
        return tuple(found)

    def _retention(self, data: Table) -> tuple[Retention, ...]:
        """Return the times after which personal data is erased."""
        tables = self._tables(data, "retention", [])
        self._once(tables, "what")
        found = []
        for table in tables:
            self._keys(table, {"what", "years"}, needs=("what", "years"))
            what, years = self._text(table, "what"), self._typed(table, "years", int, 0)
            self._among(what, RETAINED, "一类个人信息", table, "what")
            if type(table.get("years")) is int and not LEAST_YEARS <= years <= MOST_YEARS:
                self._fail(f"写的是 {years}，保存年限应在 {LEAST_YEARS} 到 {MOST_YEARS} 之间。", table, "years")
            found.append(Retention(what, years))
        return tuple(found)

    def _days(self, table: Table, name: str, year: int) -> frozenset[date]:
        """Return the days of a list: each is a day, or the first and the last of several with ``/`` between."""
        days = set[date]()
        for item in self._texts(table, name):
            try:
                first, last = (date.fromisoformat(text) for text in (item.split("/") * 2)[:2])
            except ValueError:
                self._fail(
                    f'里有 "{item}"，应为日期，如 "2027-05-01"，或者起止日期，如 "2027-05-01/2027-05-05"。',
                    table,
                    name,
                    item,
                )
                continue
            if first > last or {first.year, last.year} != {year}:
                self._fail(f'里有 "{item}"，应为 {year} 年的日期，起在前、止在后。', table, name, item)
                continue
            days |= {first + timedelta(days=number) for number in range((last - first).days + 1)}
        return frozenset(days)

    def _regions(self, data: Table) -> tuple[Region, ...]:
        tables = self._tables(data, "region")
        self._once(tables, "name")
        regions = []
        for table in tables:
            self._keys(table, {"name", "treasury"}, needs=("name", "treasury"))
            regions.append(Region(self._text(table, "name"), self._text(table, "treasury")))
            if regions[-1].name == OUTSIDE:
                self._fail(f"：{quoted(OUTSIDE)}不是一个县市区（园区），程序自己加上。", table, "name")
        return tuple(regions)
