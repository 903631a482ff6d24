"""Pages and queries take states and triggers from the lifecycle: no trigger is written there by name, few states are.

No value is set between quotation marks by hand, either: `rules/quotation.py` does it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from xtbang.workflow.definition import load_policy

ROOT = Path(__file__).parents[2]
POLICY = load_policy(ROOT / "workflows")
MOST_STATES = 15
BY_HAND = re.compile("“\\{[^”]*\\}”")  # a value between marks that are written out


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for room in ("web", "queries"):
        for path in sorted((ROOT / "xtbang" / room).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def texts(node: ast.AST) -> Iterator[ast.Constant]:
    return (part for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


def of_state(node: ast.AST) -> bool:
    """Return whether a comparison, a call of ``in_`` or a tuple of nothing but states is about the state of a project."""
    if isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("in_")):
        return "state" in ast.unparse(node)
    return isinstance(node, ast.Tuple | ast.Set) and all(
        isinstance(part, ast.Constant) and part.value in POLICY.states for part in node.elts
    )


def of_status(tree: ast.Module) -> set[ast.AST]:
    """Return the texts that are compared with the status of a row; some statuses are named like the action."""
    compared = (node for node in ast.walk(tree) if isinstance(node, ast.Compare) and ".status" in ast.unparse(node))
    return {part for node in compared for part in texts(node)}


def test_triggers_are_named_in_the_lifecycle() -> None:
    found = [f"{path.name}:{part.lineno} {part.value}" for path, tree in trees() for part in texts(tree)
             if part.value in POLICY.actions and part not in of_status(tree)]  # fmt: skip
    assert found == []


def test_states_are_named_in_the_lifecycle() -> None:
    found = {
        f"{path.name}:{part.lineno} {part.value}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if of_state(node)
        for part in texts(node)
        if part.value in POLICY.states
    }
    assert len(found) <= MOST_STATES, sorted(found)


def test_nowhere_is_a_value_set_between_marks_by_hand() -> None:
    """Not in a template, a mail, a sentence of the program or of its data."""
    files = [path for folder in ("xtbang", "templates", "workflows") for path in (ROOT / folder).rglob("*.*")]
    sources = [path for path in files if path.suffix in (".py", ".html", ".txt", ".toml")]
    sources.remove(ROOT / "xtbang/rules/quotation.py")
    assert len(sources) > 700
    assert [path.name for path in sources if BY_HAND.search(path.read_text(encoding="utf-8"))] == []
