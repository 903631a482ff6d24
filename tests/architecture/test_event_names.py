"""Everything that the audit trail records is named there in Chinese: what was done, and to which kind of thing."""

import ast

from xtbang.config import ROOT
from xtbang.enums import STREAM_LABELS
from xtbang.queries.audit import names_of_events
from xtbang.workflow.definition import load_policy


def constants(tree: ast.Module) -> dict[str, str]:
    """The texts that a module gives a name."""
    return {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }


def test_what_was_done_and_to_what_is_named() -> None:
    triggers, streams = set(), set()
    for path in sorted((ROOT / "xtbang").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = constants(tree)
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "audit.append" or len(call.args) < 2:
                continue
            named = [word.value for word in call.keywords if word.arg == "trigger"]
            triggers |= {one.value for one in named if isinstance(one, ast.Constant)}
            triggers |= {known[one.id] for one in named if isinstance(one, ast.Name) and one.id in known}
            if isinstance(call.args[1], ast.JoinedStr):
                streams.add(ast.unparse(call.args[1])[2:].partition(":")[0])
    assert len(triggers) > 30 and len(streams) > 10
    assert triggers - set(names_of_events(load_policy(ROOT / "workflows"))) == set()
    assert streams - set(STREAM_LABELS) == set()
