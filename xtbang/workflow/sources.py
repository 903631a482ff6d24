"""The documents (依据) that articles cite: declared once with a short name (《办法》); no others may be cited."""

import re
from collections.abc import Collection

from xtbang.rules.law import CITES, Source
from xtbang.workflow.reading import Reader, Table

CITED = re.compile("《[^》]*》")
PLACE = re.compile("第[一二三四五六七八九十百0-9]+(?:条|部分)")


class CitingReader(Reader):
    """Reader of a file that declares documents and cites their articles."""

    cited: tuple[str, ...] | None  # short names that may be cited; None: any

    def _sources(self, data: Table) -> tuple[Source, ...]:
        """Return the ``[[source]]`` tables; the first is the 办法, on which all others rest."""
        tables = self._tables(data, "source")
        self._once(tables, "short")
        sources = []
        for table in tables:
            self._keys(table, {"short", "title", "number"}, needs=("short", "title"))
            source = Source(*(self._text(table, name) for name in ("short", "title", "number")))
            for name in ("short", "title"):
                if (value := getattr(source, name)) and not re.fullmatch("《.+》", value):
                    self._fail(f'写的是 "{value}"，应为带书名号的名称，如《办法》。', table, name)
            sources.append(source)
        if sources and sources[0].short not in ("", "《办法》"):
            self._fail(f'写的是 "{sources[0].short}"，第一份文件须是《办法》。', tables[0], "short")
        return tuple(sources)

    def _cites(self, data: Table, needs: Collection[str] = ()) -> dict[str, str]:
        """Return the ``[cites]`` table: what a rule of the program is about -> its citation."""
        table = self._typed(data, "cites", dict, Table())
        if table.place:
            self._keys(table, CITES, needs=needs)
        return {name: self._article(table, name) for name in table}

    def _article(self, table: Table, name: str = "article") -> str:
        """Return a text that cites an article, or a part, of declared documents."""
        text = self._text(table, name)
        names = CITED.findall(text)
        for cited in dict.fromkeys(names):
            self._among(cited, self.cited, "已登记的依据（[[source]] 的 short）", table, name)
        if text.strip() and not (names and PLACE.search(text)):
            self._fail(f'写的是 "{text}"，应写明依据的文件和条款，如“《办法》第几条”。', table, name)
        return text
