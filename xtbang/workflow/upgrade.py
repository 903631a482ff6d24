"""Upgrading the files of an office (升级): what an earlier release read becomes what this one reads; comments stay.

Each step sees from the names in a file whether it has anything to do, so a file may be of any earlier release. A release
that changes the format of the files adds a step to `STEPS`, and one to ``rules/frozen.py`` for the editions in databases.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument, aot, array, comment, nl, table
from tomlkit.exceptions import ParseError

from xtbang.errors import DefinitionError, Mistake
from xtbang.workflow.toml_text import content

Step = Callable[[TOMLDocument], list[str]]  # changes the document and returns what it changed, in Chinese
BOM, CRLF = "\ufeff", "\r\n"


@dataclass(frozen=True)
class Upgrade:
    """A file that is to be rewritten."""

    path: Path
    content: bytes
    changes: tuple[str, ...]

    def write(self) -> Path:
        """Write the file and a copy of what it was; return the path of the copy."""
        before = self.path.with_name(f"{self.path.name}.bak")
        before.write_bytes(self.path.read_bytes())
        self.path.write_bytes(self.content)
        return before


def upgrades(folder: Path) -> list[Upgrade]:
    """Return every file that is not in the present format. Raise DefinitionError where a file is no TOML."""
    wrong, found = [], []
    for path, kind in _files(folder):
        raw = path.read_bytes()
        if faults := content(raw).faults:
            wrong += [Mistake(path, line, sentence) for line, sentence in faults]
            continue
        text, changes = upgraded(kind, raw.decode("utf-8"))
        if changes:
            found.append(Upgrade(path, text.encode(), tuple(changes)))
    if wrong:
        raise DefinitionError(wrong)
    return found


def upgraded(kind: str, text: str) -> tuple[str, list[str]]:
    """Return the text of a file in the present format, and what was changed; ``kind`` is its folder, or lifecycle."""
    mark, end = BOM if text.startswith(BOM) else "", CRLF if CRLF in text else "\n"
    try:
        document = tomlkit.parse(text.removeprefix(BOM).replace(CRLF, "\n"))
    except ParseError:  # stricter than our own reader, which has read it: it is left as it is
        return text, []
    changes = [sentence for step in STEPS[kind] for sentence in step(document)]
    return mark + tomlkit.dumps(document).replace("\n", end), changes


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    if (folder / "lifecycle.toml").exists():
        yield folder / "lifecycle.toml", "lifecycle"
    for kind in ("editions", "forms"):
        yield from ((path, kind) for path in sorted((folder / kind).glob("*.toml")))


def _list_of_instalments(document: TOMLDocument) -> list[str]:
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


STEPS: Mapping[str, tuple[Step, ...]] = {
    "editions": (_list_of_instalments,),
    "forms": (),
    "lifecycle": (),
}
