"""The guide to the files under workflows/ is that of the readers, and has a line for every name."""

import shutil
from pathlib import Path

import pytest

from xtbang.commands.policy import GUIDE, WORKFLOWS
from xtbang.workflow.guide import LINES, guide, wrong_lines
from xtbang.workflow.new_edition import write_edition


def test_the_guide_is_up_to_date() -> None:
    """Otherwise: ``.venv/bin/xtbang workflow guide --write``."""
    assert GUIDE.read_text(encoding="utf-8") == guide(WORKFLOWS)


def test_every_name_has_its_line_and_no_line_is_left_over() -> None:
    """Otherwise: add the line to xtbang/workflow/guide.toml, or delete it there."""
    assert wrong_lines(WORKFLOWS) == []


def test_a_missing_line_and_a_line_too_many_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(LINES["editions:"], "regions")
    monkeypatch.setitem(LINES["field"], "colour", "颜色")
    assert wrong_lines(WORKFLOWS) == ["editions: regions", "field colour"]


def test_another_edition_changes_nothing_in_the_guide(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WORKFLOWS, tmp_path / "workflows"))
    path = write_edition(folder, "2027", "2024")
    path.write_text(path.read_text(encoding="utf-8").replace("2024年征集通知", "2027年征集通知"), encoding="utf-8")
    assert guide(folder) == guide(WORKFLOWS)
