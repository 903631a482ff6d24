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
PATH = re.compile(r"(?<![\w./<-])(?:\w+/)+\w+\.(?:py|toml)\b")
QUOTED = re.compile(r"`([\w.]+(?:\(\))?)`")
REFERRED = re.compile(r"(?:see|made by|given by) (?:xtbang\.)?(papers(?:\.\w+)+)")  # in templates
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
        found, first = NAMED.fullmatch(span), span.partition("/")[0]
        if "/" in span and found and first in PLACES:
            if not there(PLACES[first].parent / found["path"], found["name"]):
                yield span
        elif not is_defined(span):
            yield span


def sources() -> Iterator[Path]:
    """Code, templates and policy, whose comments name other files."""
    for folder in ("xtbang", "templates", "workflows", "migrations", "tests"):
        files = (path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".html", ".css", ".toml"))
        yield from (path for path in files if path.name != Path(__file__).name)


def stale(text: str) -> Iterator[str]:
    """Files and names in comments, as ``names_of_nothing`` looks for them in documents."""
    for path in PATH.findall(text):
        first = path.partition("/")[0]
        if first in PLACES and not there(PLACES[first].parent / path):
            yield path
    for span in [*QUOTED.findall(text), *REFERRED.findall(text)]:
        if not is_defined(span):
            yield span


def is_defined(span: str) -> bool:
    """Whether a dotted name is a room, a file or what a file defines, or has nothing to do with our files."""
    found = DOTTED.fullmatch(span)
    if found is None or found["module"].partition(".")[0] not in MODULES:
        return True
    module, name = CODE / found["module"].replace(".", "/"), found["name"]
    return there(module / name) or there(module / f"{name}.py") or there(Path(f"{module}.py"), name)


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


def test_comments_name_what_exists() -> None:
    found = {path: list(stale(path.read_text(encoding="utf-8"))) for path in sources()}
    assert {str(path.relative_to(ROOT)): names for path, names in found.items() if names} == {}


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
    assert list(stale("# rules/none.py, `rules.none.x`, `rules.money.wan`, see papers.none.x")) == [
        "rules/none.py",
        "rules.none.x",
        "papers.none.x",
    ]
    assert list(names_of_nothing(document)) == ["rules/none.py", "rules/money.py::none", "rules.money.none"]
