"""The city is data: neither code, templates nor the life of a project name it, its offices, its regions or an article."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from xtbang.rules.city import City
from xtbang.workflow.definition import load_policy

ROOT = Path(__file__).parents[2]
CITY = load_policy(ROOT / "workflows").city
# the title under which papers of earlier releases were issued
MOST = 1
ARTICLE = r"(?<![^\W\d_])第[一二三四五六七八九十]+条"


def names(city: City) -> re.Pattern[str]:
    """Everything that names the city under workflows/, or an article of its law."""
    offices = city.by_role.values()
    known = {city.name, city.name[:-1], city.together, *city.region_names}
    known |= {name for office in offices for name in (office.name, office.short, office.seal)}
    return re.compile("|".join([*sorted(known, key=len, reverse=True), ARTICLE]))


NAMES = names(CITY)


def code() -> Iterator[Path]:
    """Every Python file but those of the demo, whose people and projects are of that city."""
    return (path for path in sorted((ROOT / "xtbang").rglob("*.py")) if "demo" not in path.parts)


def said(path: Path) -> Iterator[str]:
    """The texts of a Python file that are not docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kept = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in kept:
            yield from (f"{path.name}:{node.lineno} {name}" for name in NAMES.findall(node.value))


def in_data() -> Iterator[str]:
    """The templates, the data that comes with the code, and the life of a project, which all cities share."""
    files = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "templates").rglob("*.txt"),
        *(ROOT / "xtbang").rglob("*.toml"),
        ROOT / "workflows" / "lifecycle.toml",
    ]
    for path in sorted(path for path in files if "demo" not in path.parts):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
        yield from (f"{path.name} {name}" for name in NAMES.findall(text))


def test_what_people_read_names_no_city_and_no_article() -> None:
    found = [name for path in code() for name in said(path)] + list(in_data())
    assert len(found) <= MOST, found


def test_what_developers_read_names_none_of_them_either() -> None:
    lines = ((path, line) for path in code() for line in path.read_text(encoding="utf-8").split("\n"))
    found = [f"{path.name}: {line}" for path, line in lines if NAMES.search(line)]
    assert len(found) <= MOST, found


def test_the_life_of_a_project_asks_the_offices_of_the_city_whichever_they_are() -> None:
    """A city may have one office, or three: who countersigns is said as "offices"."""
    life = (ROOT / "workflows" / "lifecycle.toml").read_text(encoding="utf-8")
    assert '"offices"' in life and not re.findall(r'"science", "industry"|"industry", "science"', life)
