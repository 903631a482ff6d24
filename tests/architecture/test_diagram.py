"""The drawing of a project's life is that of the policy in force."""

from xtbang.commands.policy import DIAGRAM
from xtbang.config import ROOT
from xtbang.workflow.definition import load_policy
from xtbang.workflow.diagram import mermaid


def test_the_diagram_is_up_to_date() -> None:
    """Otherwise: ``.venv/bin/xtbang workflow diagram --write``."""
    assert DIAGRAM.read_text(encoding="utf-8") == mermaid(load_policy(ROOT / "workflows"))
