"""Upgrading the files of an office (升级): what an earlier release read becomes what this one reads; comments stay.

Each step sees from the names in a file whether it has anything to do, so a file may be of any earlier release. A release
that changes the format of the files adds a step to `STEPS`, and one to ``rules/frozen.py`` for the editions in databases.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument, aot, array, comment, inline_table, nl, table
from tomlkit.exceptions import ParseError

from xtbang.config import ROOT
from xtbang.enums import ORG_KINDS
from xtbang.errors import DefinitionError, Mistake
from xtbang.rules.quotation import quoted
from xtbang.workflow.city import CityReader
from xtbang.workflow.toml_text import content
from xtbang.workflow.upgrade_sources import sources_as_tables
from xtbang.workflow.words import Words, WordsReader

Step = Callable[[TOMLDocument, Words], list[str]]  # changes the document and returns what it changed, in Chinese
BOM, CRLF = "\ufeff", "\r\n"
OURS = ROOT / "workflows"
WORDS = "stored_words.toml"
ADDED = "原来没有这个文件，照程序自带的补上"
REPLACED = "办事流程随程序，换成程序自带的；自己改过的地方，请照原来的文件重新改"  # it names functions of the release
SPENT = "use_equipment"  # the first of what was spent by the lines of the budget
NUMBER = re.compile("^[一二三四五六七八九十]+、")  # of a section
FIVE = 5  # scores: from here on the highest and the lowest went
IN_A_LINE = 4  # choices that are written in one line


@dataclass(frozen=True)
class Upgrade:
    """A file that is to be rewritten."""

    path: Path
    content: bytes
    changes: tuple[str, ...]

    def write(self) -> Path | None:
        """Write the file and a copy of what it was; return the path of the copy, None for a new file."""
        before = self.path.with_name(f"{self.path.name}.bak") if self.path.exists() else None
        if before:
            before.write_bytes(self.path.read_bytes())
        self.path.write_bytes(self.content)
        return before


def upgrades(folder: Path) -> list[Upgrade]:
    """Return every file that is missing or not in the present format. Raise DefinitionError where a file is no TOML."""
    wrong: list[Mistake] = []
    missing = [path for path in sorted(OURS.glob("*.toml")) if not (folder / path.name).exists()]
    found = [Upgrade(folder / path.name, path.read_bytes(), (ADDED,)) for path in missing]
    words = WordsReader(next(place / WORDS for place in (folder, OURS) if (place / WORDS).exists())).words()
    for path, kind in _files(folder):
        raw = path.read_bytes()
        if faults := content(raw).faults:
            wrong += [Mistake(path, line, sentence) for line, sentence in faults]
            continue
        text, changes = upgraded(kind, raw.decode("utf-8"), words)
        if changes:
            found.append(Upgrade(path, text.encode(), tuple(changes)))
    if wrong:
        raise DefinitionError(wrong)
    return found


def upgraded(kind: str, text: str, words: Words) -> tuple[str, list[str]]:
    """Return the text of a file in the present format, and what was changed; ``kind`` is its folder, or lifecycle.

    ``words`` are the words that were stored for choices before they had keys.
    """
    mark, end = BOM if text.startswith(BOM) else "", CRLF if CRLF in text else "\n"
    try:
        document = tomlkit.parse(text.removeprefix(BOM).replace(CRLF, "\n"))
    except ParseError:  # stricter than our own reader, which has read it: it is left as it is
        return text, []
    if kind == "lifecycle" and _cites_articles(document):
        return (OURS / "lifecycle.toml").read_text(encoding="utf-8"), [REPLACED]
    changes = [sentence for step in STEPS[kind] for sentence in step(document, words)]
    return mark + tomlkit.dumps(document).replace("\n", end), changes


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    if (folder / "lifecycle.toml").exists():
        yield folder / "lifecycle.toml", "lifecycle"
    for kind in ("editions", "forms"):
        yield from ((path, kind) for path in sorted((folder / kind).glob("*.toml")))


def _list_of_instalments(document: TOMLDocument, _words: Words) -> list[str]:
    """Replace the share of the first of two instalments by the list of both."""
    parameters = document.get("parameters", {})
    if "first_instalment_ratio" not in parameters:
        return []
    old = parameters.pop("first_instalment_ratio")
    first = Decimal(str(old["value"]))
    conditions = ["issuer_has_paid", "voucher_present", "county_match_confirmed"]
    both = aot()
    for name, share, after, needs in (
        ("首期", first, "contract", conditions),
        ("尾款", 1 - first, "acceptance", ["county_earlier_recorded", "county_match_confirmed"]),
    ):
        line, listed = table(), array()
        listed.extend(needs)
        line.add("name", name)
        line.add("share", float(share))
        line.add("after", after)
        line.add("needs", listed)
        line.add("article", str(old["article"]))
        both.append(line)
    document.add(nl())
    document.add(comment("补助分几期拨付：依次写，各期比例合计为 1"))
    document.append("instalment", both)
    return ["[parameters.first_instalment_ratio] 改为两期 [[instalment]]（首期、尾款），比例和条件不变"]


def _trimmed_from(document: TOMLDocument, _words: Words) -> list[str]:
    """Add from how many scores the highest and the lowest are dropped, which was always five."""
    changed = []
    for sheet in document.get("sheet", []):
        if sheet.get("aggregate") == "trimmed" and "trimmed_from" not in sheet:
            names = list(sheet)
            after = {name: sheet.pop(name) for name in names[names.index("aggregate") + 1 :]}
            sheet.add("trimmed_from", FIVE)
            for name, value in after.items():
                sheet.append(name, value)
            changed.append(
                f"{quoted(sheet.get('title', ''))}加上 trimmed_from = {FIVE}：{FIVE} 份评分起去掉最高分和最低分，同以前"
            )
    return changed


def _choices_with_keys(document: TOMLDocument, words: Words) -> list[str]:
    """Add a key to every choice, which was only a word: the one that is known for the word, or a new one."""
    changed = []
    for field in _fields(document):
        said = field.get("choices")
        if not isinstance(said, list) or _are_names(field, said):
            continue
        known = words.get(str(field.get("key")), {})
        keyed = {known.get(str(word), f"choice_{number}"): str(word) for number, word in enumerate(said, start=1)}
        made = inline_table() if len(keyed) <= IN_A_LINE else table()
        made.update(keyed)
        if len(keyed) <= IN_A_LINE:
            field["choices"] = made
        else:
            del field["choices"]
            field.append("choices", made)
        new = "、".join(word for key, word in keyed.items() if key not in known.values())
        more = f"，其中 {new} 的代号是新取的，可以改成看得懂的英文" if new else ""
        changed.append(f"{quoted(field.get('label', field.get('key')))}的选项改为代号和文字{more}")
    return changed


def _lines_of_spending(document: TOMLDocument, _words: Words) -> list[str]:
    """Add to a report or a request for acceptance what was spent by the lines of the budget, and what was reached before."""
    sections = document.get("section", [])
    fields = {field.get("key"): (place, field) for place, one in enumerate(sections) for field in one.get("field", [])}
    if "spent_county" not in fields or SPENT in fields:
        return []
    name = "acceptance.toml" if "self_grade" in fields else "report.toml"
    ours = tomlkit.parse((OURS / "forms" / name).read_text(encoding="utf-8"))
    known = {field["key"]: (one, field) for one in ours["section"] for field in one["field"]}
    section = known[SPENT][0]
    section["title"] = NUMBER.sub("", section["title"])
    for key in [field["key"] for field in section["field"] if field["key"] in fields]:
        section["field"].remove(next(field for field in section["field"] if field["key"] == key))
    sections.insert(fields["spent_county"][0] + 1, section)
    columns = fields["indicators"][1]["column"]
    if all(column["key"] != "last" for column in columns):
        columns.append(next(column for column in known["indicators"][1]["column"] if column["key"] == "last"))
    checks = array()
    checks.extend([*document.get("checks", []), *ours["checks"]])
    document["checks"] = checks
    return [f"加上{quoted(section['title'])}一节和考核指标的“上次填报值”：程序把各科目与合同书的预算核对"]


def _cites_articles(document: TOMLDocument) -> bool:
    """Return whether the actions of a life of projects cite articles themselves, as in earlier releases."""
    return any("article" in action for action in [*document.get("transition", []), *document.get("act", [])])


def _fields(container: Mapping[str, Any]) -> Iterator[Any]:
    """Yield every table in which choices are listed, wherever it is."""
    if "choices" in container:
        yield container
    for item in list(container.values()):
        inner = item if isinstance(item, list) else [item]
        for one in inner:
            if isinstance(one, Mapping):
                yield from _fields(one)


def _are_names(field: Mapping[str, Any], said: list[Any]) -> bool:
    """Return whether choices are names that the program knows, such as regions: they have no keys."""
    return str(field.get("profile")) in ("region", "kind") or bool({*ORG_KINDS, *_places()} & {*said})


@cache
def _places() -> tuple[str, ...]:
    """Return the regions that earlier releases knew: those of the city that they were made for."""
    city = CityReader(OURS / "city.toml").city()
    return city.places if city else ()


STEPS: Mapping[str, tuple[Step, ...]] = {
    "editions": (sources_as_tables, _list_of_instalments, _trimmed_from),
    "forms": (_choices_with_keys, _lines_of_spending),
    "lifecycle": (_choices_with_keys,),
}
