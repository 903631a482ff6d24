"""Whatever adds to the ledger refuses a page that is out of date, and makes every other open page out of date."""

import ast
from pathlib import Path

from tests.workflow.life_laws import ENTERED
from xtbang.actions.registry import EFFECTS
from xtbang.workflow.definition import read_folder

ROOT = Path(__file__).parents[2]
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "xtbang").rglob("*.py")}


def named_in(tree: ast.AST) -> set[str]:
    """Every name that is used in it."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def that_enter() -> set[str]:
    """Names of the functions of stages and domain that write a ledger line, themselves or through others."""
    uses = [
        (node.name, named_in(node))
        for path, tree in TREES.items()
        if path.parent.name in ("stages", "domain")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
    found = {"enter"}
    while more := {name for name, used in uses if used & found} - found:
        found |= more
    return found


def test_one_function_writes_ledger_lines() -> None:
    places = [
        path.name
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "LedgerEntry"
    ]
    assert places == ["ledger_lines.py"]


def test_the_lifecycle_says_what_adds_to_the_ledger_and_that_outdates_the_page() -> None:
    found, actions = that_enter() & set(EFFECTS), read_folder(ROOT / "workflows").life.actions
    assert found == set().union(*ENTERED.values())
    assert found == {action.trigger for action in actions.values() if action.ledger}
    assert all(actions[trigger].outdates for trigger in found)
