"""Addresses: lower case, words joined by hyphens, no slash at the end."""

import re
from pathlib import Path

from xtbang import create_app

PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.(docx|ics|pdf))?|<(int:|path:)?[a-z_]+>(\.pdf)?")


def test_addresses_are_kebab_case(tmp_path: Path) -> None:
    app = create_app({"INSTANCE": tmp_path, "SECRET_KEY": "test"})
    wrong = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule != "/" and not all(PART.fullmatch(part) for part in rule.rule.removeprefix("/").split("/"))
    ]
    assert wrong == []
