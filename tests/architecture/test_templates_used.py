"""No template lies about unused: each is named in the code or in another template."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from flask import Flask

from xtbang.config import ROOT

TEMPLATES = ROOT / "templates"
QUOTED = re.compile(r"""["']([\w/.-]+\.(?:html|txt|css))["']""")
LIFECYCLE = tomllib.loads((ROOT / "workflows/lifecycle.toml").read_text(encoding="utf-8"))
ACTIONS = [*LIFECYCLE["transition"], *LIFECYCLE["act"]]  # those of editions that are not published too
WORDS = re.compile(r"""["'](\w+)["']""")


def test_every_template_is_used() -> None:
    """Papers and mails are named from their own folder, and by their names alone; an action's page by its trigger."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "xtbang").rglob("*.py"))
    every = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    triggers = {action["trigger"] for action in ACTIONS}
    named = set(QUOTED.findall(code))

    def used(path: Path) -> bool:
        name = path.relative_to(TEMPLATES)
        names = {str(name)}
        if name.parts[0] in ("papers", "mails"):
            names.add(str(name.relative_to(name.parts[0])))
            if path.stem in words and not path.stem.startswith("_"):
                return True
        if name.parts[0] == "actions" and path.stem in triggers:
            return True
        others = (other for other in every if other != path)
        return bool(names & (named | {word for other in others for word in quoted[other]}))

    quoted = {path: QUOTED.findall(path.read_text(encoding="utf-8")) for path in every}
    words = set(WORDS.findall(code + "".join(path.read_text(encoding="utf-8") for path in every)))
    assert [str(path.relative_to(ROOT)) for path in every if not used(path)] == []


def test_what_the_lifecycle_shows_with_an_action_is_on_its_page() -> None:
    """What some page fills in by its name (``shown.money``) every page does whose action names it in ``shows``."""

    def text(name: str) -> str:
        path = TEMPLATES / "actions" / f"{name}.html"
        own = (path if path.exists() else TEMPLATES / "actions/action.html").read_text(encoding="utf-8")
        base = re.search(r'extends "actions/(\w+)\.html"', own)
        return own + (text(base[1]) if base and (base[1] != "action" or "{% block shown %}" not in own) else "")

    every = "".join(path.read_text(encoding="utf-8") for path in (TEMPLATES / "actions").glob("*.html"))
    missing = {
        action["trigger"]: name
        for action in ACTIONS
        for name in action.get("shows", ())
        if f"shown.{name}" in every
        and f"shown.{name}" not in (page := text(action["trigger"]))
        and not (name == "money" and "shown.recover" in page)  # what would be recovered
    }
    assert not missing


def test_no_page_takes_a_name_that_every_template_has(app: Flask) -> None:
    """A page that gave its sum as ``city`` had no city in its head, nor in its sentences about the offices."""
    with app.test_request_context("/"):
        shared = set(app.jinja_env.globals) | {key for give in app.template_context_processors[None] for key in give()}
    assert {"city", "states", "nav", "here"} <= shared
    assert [taken for taken in _given_to_templates() if taken.rpartition(" ")[2] in shared] == []


def _given_to_templates() -> Iterator[str]:
    """Yield each name that is given to a page: the file, the line, the name."""
    for path in sorted((ROOT / "xtbang/web").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "render_template":
                yield from (
                    f"{path.relative_to(ROOT)}:{call.lineno} {given.arg}" for given in call.keywords if given.arg
                )
