"""The documents (依据) that articles cite: declared once with a short name (《办法》); no others may be cited."""

import re
import unicodedata
from collections.abc import Collection, Mapping

from xtbang.rules.law import CITES, Source
from xtbang.workflow.reading import Reader, Table

MEASURES = "《办法》"  # on which all others rest
NUMBER = "[一二三四五六七八九十百0-9]+"
NUMBERED = re.compile("第[一二三四五六七八九十百]+条")
CITED = re.compile("《[^》]*》")
PLACE = re.compile(f"第({NUMBER})(条|部分)([^、《]*)")  # a number, what it counts, and the place in it: （一）4
HEADING = re.compile("^([一二三四五六七八九十]+)、", re.MULTILINE)  # of a part of a notice
WITHIN = re.compile(
    r"（[一二三四五六七八九十]+）|[0-9]+(?![0-9款])"
)  # what is counted in an article: （一）, 4 or 第4项
TEN = 10

Parts = Mapping[str, str]  # 第…条 or 第…部分 -> its text; empty where the text of the document is not given


class CitingReader(Reader):
    """Reader of a file that declares documents and cites their articles."""

    cited: Mapping[str, Parts] | None  # by short names, the documents that may be cited; None: any

    def _sources(self, data: Table) -> tuple[Source, ...]:
        """Return the ``[[source]]`` tables; the first is the 办法, on which all others rest."""
        tables = self._tables(data, "source")
        self._once(tables, "short")
        sources = []
        for table in tables:
            self._keys(table, {"short", "title", "number", "text"}, needs=("short", "title"))
            source = Source(*(self._text(table, name) for name in ("short", "title", "number")))
            for name in ("short", "title"):
                if (value := getattr(source, name)) and not re.fullmatch("《.+》", value):
                    self._fail(f'写的是 "{value}"，应为带书名号的名称，如《办法》。', table, name)
            if "text" in table and self._text(table, "text") and not parts_of(str(table["text"])):
                self._fail("里没有以“一、”“二、”开头的各部分，不能核对条款。", table, "text")
            sources.append(source)
        if sources and sources[0].short not in ("", MEASURES):
            self._fail(f'写的是 "{sources[0].short}"，第一份文件须是{MEASURES}。', tables[0], "short")
        return tuple(sources)

    def _texts_of_sources(self, data: Table) -> dict[str, Parts]:
        """Return the parts of every declared document by its short name."""
        tables = self._tables(data, "source", [])
        return {str(table.get("short")): parts_of(str(table.get("text", ""))) for table in tables}

    def _cites(self, data: Table, needs: Collection[str] = ()) -> dict[str, str]:
        """Return the ``[cites]`` table: what a rule of the program is about -> its citation."""
        table = self._typed(data, "cites", dict, Table())
        if table.place:
            self._keys(table, CITES, needs=needs)
        return {name: self._article(table, name) for name in table}

    def _article(self, table: Table, name: str = "article") -> str:
        """Return a text that cites an article, or a part, of declared documents; it is there where their text is given."""
        text = self._text(table, name)
        names = CITED.findall(text)
        for cited in dict.fromkeys(names):
            self._among(cited, self.cited, "已登记的依据（[[source]] 的 short）", table, name)
        if text.strip() and not (names and PLACE.search(text)):
            self._fail(f'写的是 "{text}"，应写明依据的文件和条款，如“《办法》第几条”。', table, name)
        document = ""
        for found in re.finditer(f"{CITED.pattern}|{PLACE.pattern}", text):
            document = document if found[1] else found[0]
            if found[1] and (wrong := _absent(found, document, (self.cited or {}).get(document, {}))):
                self._fail(f'写的是 "{text}"，但是{wrong}', table, name)
        return text

    def _cited_in(self, table: Table, name: str) -> None:
        """Check the articles that a list of texts names without a document: those of the 办法."""
        measures = (self.cited or {}).get(MEASURES, {})
        for text in self._typed(table, name, list, []):
            for found in PLACE.finditer(str(text)):
                if found[2] == "条" and "《" not in text and (wrong := _absent(found, MEASURES, measures)):
                    self._fail(f'里有 "{text}"，但是{wrong}', table, name, text)


def parts_of(text: str) -> dict[str, str]:
    """Return the parts of a notice whose text is given: 第一部分 is what begins with 一、 at the start of a line."""
    numbers = list(HEADING.finditer(text))
    ends = [*(found.start() for found in numbers[1:]), len(text)]
    return {f"第{found[1]}部分": text[found.end() : end] for found, end in zip(numbers, ends, strict=False)}


def _absent(found: re.Match[str], document: str, parts: Parts) -> str:
    """Return what a document does not have of what is cited; "" when it has all of it, or its text is not given."""
    place = f"第{found[1]}{found[2]}"
    if not parts:
        return ""
    if place not in parts:
        near = min(parts, key=lambda part: (abs(_counted(part) - _counted(place)), part[-1] != place[-1]))
        return f"{document}没有{place}，最接近的是{near}。"
    text = parts[place]
    for item in WITHIN.findall(found[3]):
        mark = item if item.startswith("（") else f"{item}."
        there = re.findall(r"^（[^）]+）" if item.startswith("（") else r"^[0-9]+\.", text, re.MULTILINE)
        if mark not in there:
            known = "、".join(one.removesuffix(".") for one in dict.fromkeys(there))
            return f"{document}{place}里没有{item}，{f'只有{known}' if known else '没有再分项'}。"
        place, text = place + item, _item(text, mark)
    return ""


def _item(text: str, mark: str) -> str:
    """Return the text of an item from its mark, at the start of a line, to the next one of its kind."""
    rest = re.split(f"^{re.escape(mark)}", text, maxsplit=1, flags=re.MULTILINE)[1]
    return re.split(r"^（[^）]+）" if mark.startswith("（") else r"^[0-9]+\.", rest, maxsplit=1, flags=re.MULTILINE)[0]


def _counted(place: str) -> int:
    """Return the number in 第…条 or 第…部分, written in Chinese or in digits."""
    found = PLACE.match(place)
    written = found[1] if found else ""
    if written.isascii():
        return int(written or 0)
    whole = digit = 0
    for sign in written:
        value = int(unicodedata.numeric(sign))
        whole, digit = (whole + (digit or 1) * value, 0) if value >= TEN else (whole, value)
    return whole + digit
