"""No template lies about unused: each is named in the code or in another template."""

import re
from pathlib import Path

from xtbang.config import ROOT
from xtbang.workflow.definition import load_policy

TEMPLATES = ROOT / "templates"
QUOTED = re.compile(r"""["']([\w/.-]+\.(?:html|txt|css))["']""")
WORDS = re.compile(r"""["'](\w+)["']""")


def test_every_template_is_used() -> None:
    """Papers and mails are named from their own folder, and by their names alone; an action's page by its trigger."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "xtbang").rglob("*.py"))
    every = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    triggers = set(load_policy(ROOT / "workflows").actions)
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
