"""The documents name what exists: links lead somewhere, and files and functions in them are those of the code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from xtbang.config import ROOT

DOCUMENTS = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md"), ROOT / "instance/README.md"])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
NAMED = re.compile(r"(?P<path>[\w.-]+(?:/[\w.-]+)*/?)(?:::(?P<name>\w+))?")  # xtbang/web/project/actions.py::act
# rules.money.wan, but not config.py
DOTTED = re.compile(r"(?:xtbang\.)?(?P<module>[a-z]\w*(?:\.\w+)*)\.(?P<name>(?!(?:py|json)\b)\w+)(?:\(.*\))?")
SETTING = re.compile(r"XTBANG_\w+|DATABASE_URL|`_[A-Z]+")
CODE = ROOT / "xtbang"
PLACES = {path.name: path for folder in (CODE, ROOT) for path in folder.iterdir() if path.is_dir()}
MODULES = {path.stem for path in CODE.iterdir()}
for name in ("instance", "test-output"):  # what is in them is made at work
    PLACES.pop(name, None)


def prose(document: Path) -> str:
    """What a document says, without blocks of commands and settings."""
    return FENCED.sub("", document.read_text(encoding="utf-8"))


def anchors(document: Path) -> set[str]:
    """The addresses of a document's headings, as a forge makes them."""
    headings = HEADING.findall(prose(document))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def commands(text: str) -> list[str]:
    """The first word of every line in blocks of commands and settings."""
    lines = [line.strip() for block in FENCED.findall(text) for line in block.splitlines()]
    return [re.split(r"[=\s]", line, maxsplit=1)[0] for line in lines]


def broken_links(document: Path) -> Iterator[str]:
    for link in LINK.findall(prose(document)):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = (document.parent / path).resolve() if path else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def names_of_nothing(document: Path) -> Iterator[str]:
    """Files and functions in a document that do not exist: ``rules/money.py``, ``rules/money.py::wan``, ``rules.money.wan``."""
    for span in SPAN.findall(prose(document)):
        if "/" in span and (found := NAMED.fullmatch(span)):
            first = span.partition("/")[0]
            if first in PLACES and not there(PLACES[first].parent / found["path"], found["name"]):
                yield span
        elif (found := DOTTED.fullmatch(span)) and found["module"].partition(".")[0] in MODULES:
            module, name = CODE / found["module"].replace(".", "/"), found["name"]
            if not any((there(module / name), there(module / f"{name}.py"), there(Path(f"{module}.py"), name))):
                yield span


def there(path: Path, name: str | None = None) -> bool:
    """Whether there is such a file or folder; with a name, whether the file defines it."""
    return path.exists() if name is None else path.is_file() and defines(path, name)


def defines(path: Path, name: str) -> bool:
    """Whether the file has a function, a class, a method or a constant of that name."""
    return bool(re.search(rf"^ *(?:def|class) {name}\b|^{name}\b.* = ", path.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    assert list(broken_links(document)) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_in_it_exist(document: Path) -> None:
    assert list(names_of_nothing(document)) == []


@pytest.mark.parametrize("document", [ROOT / "README.md", ROOT / "docs/operation.md"], ids=lambda path: path.name)
def test_both_languages_have_the_same_sections_commands_and_settings(document: Path) -> None:
    english, chinese = (path.read_text(encoding="utf-8") for path in (document, document.with_suffix(".zh-CN.md")))
    assert len(HEADING.findall(english)) == len(HEADING.findall(chinese))
    assert commands(english) == commands(chinese)
    assert set(SETTING.findall(english)) == set(SETTING.findall(chinese))


def test_a_slip_is_found(tmp_path: Path) -> None:
    document = tmp_path / "slips.md"
    document.write_text(
        "# One\n[a](none.md) [b](#two) [c](#one) [d](https://example.cn/x)\n"
        "`rules/none.py` `config.py` `rules/money.py::none` `rules/money.py::wan` `rules.money.none` `rules.money.wan()` "
        "`xtbang/rules/` `science/industry` `web/<room>/`\n"
        "```\n`rules/nowhere.py` [e](nothing.md)\n```\n",
        encoding="utf-8",
    )
    assert list(broken_links(document)) == ["none.md", "#two"]
    assert list(names_of_nothing(document)) == ["rules/none.py", "rules/money.py::none", "rules.money.none"]
