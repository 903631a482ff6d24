"""The style sheets: a file per component, a selector in one file, nothing that no page uses, nothing that no file knows."""

import re
from pathlib import Path

import pytest

from xtbang.config import ROOT
from xtbang.web.frame.static_files import sheets

CSS, TEMPLATES, SCRIPTS = ROOT / "static" / "css", ROOT / "templates", ROOT / "static" / "js"
TABLER = ROOT / "static" / "vendor" / "tabler" / "tabler.min.css"
ELSEWHERE = ("papers", "mail")  # what is printed has style sheets of its own
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
RULE = re.compile(r"([^{};]+)\{")
SCROLLS = re.compile(r"([^{}]+)\{([^{}]*overflow-x: auto[^{}]*)\}")
ATTRIBUTE = re.compile(r'\bclass="((?:[^"{]|\{\{.*?\}\}|\{%.*?%\})*)"', re.DOTALL)
CALL = re.compile(r"\{% call\(.*?%\}")  # table(rows, heads, "sums"): a class is handed to a macro
LOGIC = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
WORD = re.compile(r"[A-Za-z_][\w-]*")
BUILT = re.compile(r"([A-Za-z][\w-]*-)\$?\{")  # the beginning of a class whose end is a value: "tag-{{ tone }}"


def without_comments(css: str) -> str:
    """Return the rules alone."""
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def selectors(path: Path) -> set[str]:
    """Return every selector of a file, those inside @media among them."""
    heads = RULE.findall(without_comments(path.read_text(encoding="utf-8")))
    parts = (part for head in heads if not head.strip().startswith("@") for part in head.split(","))
    return {" ".join(part.split()) for part in parts}


@pytest.fixture(scope="module")
def pages() -> dict[Path, str]:
    """Return the templates that a browser shows, without their comments."""
    return {
        path: re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for path in sorted(TEMPLATES.rglob("*.html"))
        if path.relative_to(TEMPLATES).parts[0] not in ELSEWHERE
    }


@pytest.fixture(scope="module")
def used(pages: dict[Path, str]) -> tuple[set[str], set[str]]:
    """Return every word of a class in a template or in the code that writes HTML, and every beginning of one."""
    code = [*SCRIPTS.glob("*.js"), ROOT / "xtbang" / "web" / "frame" / "drawing.py"]
    texts = [path.read_text(encoding="utf-8") for path in code]
    texts += [value for text in pages.values() for place in (ATTRIBUTE, CALL) for value in place.findall(text)]
    return {word for text in texts for word in WORD.findall(text)}, {b for text in texts for b in BUILT.findall(text)}


def test_every_sheet_is_served() -> None:
    assert sorted(sheets(CSS)) == sorted(CSS.rglob("*.css"))


def test_every_component_has_its_sheet() -> None:
    macros = sorted(path.stem for path in (TEMPLATES / "components").glob("*.html"))
    assert sorted(path.stem for path in (CSS / "components").glob("*.css")) == macros


def test_every_component_says_how_it_is_called() -> None:
    """In one comment at its beginning, which names each of its macros with its parameters."""
    for path in (TEMPLATES / "components").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        comment = text[: text.find("#}")]
        macros = re.findall(r"\{% macro ([a-z]\w*\(.*?\)) -?%\}", text)
        assert comment.startswith("{#") and [macro for macro in macros if macro not in comment] == [], path.name


def test_the_sheet_of_a_room_is_named_like_its_templates() -> None:
    rooms = {path.name for path in TEMPLATES.iterdir() if path.is_dir()} - {"components", *ELSEWHERE}
    assert {path.stem for path in (CSS / "pages").glob("*.css")} <= rooms


def test_no_selector_is_in_two_files() -> None:
    """print.css says of plain elements what they are on paper."""
    found: dict[str, list[str]] = {}
    for path in sheets(CSS):
        for selector in selectors(path) if path.name != "print.css" else ():
            found.setdefault(selector, []).append(str(path.relative_to(CSS)))
    assert {selector: files for selector, files in found.items() if len(files) > 1} == {}


def test_no_selector_is_without_a_page(used: tuple[set[str], set[str]]) -> None:
    words, beginnings = used
    unused = {
        name
        for path in sheets(CSS)
        for selector in selectors(path)
        for name in CLASS.findall(selector)
        if name not in words and not name.startswith(tuple(beginnings))
    }
    assert unused == set()


def test_every_class_of_a_page_is_known(pages: dict[Path, str]) -> None:
    """To our own sheets, to Tabler or to a script."""
    css = "".join(path.read_text(encoding="utf-8") for path in [*sheets(CSS), TABLER])
    scripts = "".join(path.read_text(encoding="utf-8") for path in SCRIPTS.glob("*.js"))
    known = set(CLASS.findall(without_comments(css) + scripts))
    unknown: dict[str, set[str]] = {}
    for path, text in pages.items():
        for value in ATTRIBUTE.findall(text):
            for word in re.split(r"\s+", LOGIC.sub("\0", value).replace("\0", " \0 ")):
                if WORD.fullmatch(word) and not word.endswith("-") and word not in known:
                    unknown.setdefault(str(path.relative_to(TEMPLATES)), set()).add(word)
    assert unknown == {}


def test_every_important_gives_its_reason() -> None:
    """In a comment at the beginning of its rule."""
    for path in sheets(CSS):
        for body in re.findall(r"\{([^{}]*)\}", path.read_text(encoding="utf-8")):
            assert "!important" not in body or body.lstrip().startswith("/*"), f"{path.name}: {body}"


def test_what_scrolls_sideways_holds_what_is_hidden_from_sight_in_it() -> None:
    """Text for screen readers is placed absolutely: in a table on a phone it would make the whole page scroll."""
    rules = [
        rule for path in sheets(CSS) for rule in SCROLLS.findall(without_comments(path.read_text(encoding="utf-8")))
    ]
    assert rules
    assert [name.strip() for name, said in rules if "position: relative" not in said] == []
