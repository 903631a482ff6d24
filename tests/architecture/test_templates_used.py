"""No template lies about unused: each is named in the code or in another template."""

import re
import tomllib
from pathlib import Path

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
