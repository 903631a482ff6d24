"""What a guard or an effect reads of its form is declared beside it (`xtbang.rules.needs`), so the start checks the files."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.workflow.conftest import WORKFLOWS
from xtbang.actions.registry import EFFECTS, GUARDS
from xtbang.rules.needs import needs_of_functions
from xtbang.workflow.definition import load_policy

CODE = WORKFLOWS.parent / "xtbang"
BY_KEY = {"amount_in", "chosen_id", "date_in", "not_scanned", "doubt_on", "else_on"}  # helpers that are told the field
METHODS = {"context.file_id", "context.label"}
DATA = {"context.data", "data"}
ANY_ACTION = {  # read where the form has them: guards of several actions, fields that only some people are shown
    ("issuer_has_paid", "paid_on"), ("member_named", "bid"), ("member_named", "draft_version"),
    ("confirm_membership", "bid"), ("notice_number_free", "notice_number"), ("reopen", "notice_number"),
    ("submit_scores", "comment"), ("recommend", "text"), ("decline", "text"), ("issue_contract", "number"),
    ("joining_with_a_clean_record", "clean"), ("amend_subsidy", "text"),
    ("chosen_bidder_eligible", "bid"), ("report_valid", "report"), ("submit_report", "report"),
}  # fmt: skip


def functions() -> dict[str, ast.FunctionDef]:
    """Every function of actions, domain and stages, by its name."""
    files = [file for room in ("actions", "domain", "stages") for file in sorted((CODE / room).glob("*.py"))]
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in files]
    return {item.name: item for tree in trees for item in tree.body if isinstance(item, ast.FunctionDef)}


def read_in(name: str, known: dict[str, ast.FunctionDef], seen: set[str]) -> Iterator[str]:
    """The fields that a function reads of its action's form, also by the helpers that it hands its context to."""
    seen.add(name)
    for node in ast.walk(known[name]):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) in DATA and isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)
        if not isinstance(node, ast.Call):
            continue
        called, said = ast.unparse(node.func), [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
        if called in METHODS or (called.endswith(".get") and called.removesuffix(".get") in DATA):
            yield from map(str, said[:1])
        elif called == "too_long" and ast.unparse(node.args[0]) in DATA:
            yield from (str(keyword.arg) for keyword in node.keywords)
        elif called in BY_KEY:
            yield str(said[0]) if said else "amount"
        elif called in known.keys() - seen - {*EFFECTS, *GUARDS} and ast.unparse(node).startswith(f"{called}(context"):
            yield from read_in(called, known, seen)


def test_what_is_read_is_declared() -> None:
    known = functions()
    missing = []
    for name, function in {**GUARDS, **EFFECTS}.items():
        needs = needs_of_functions(function)
        missing += [(name, key) for key in sorted({*read_in(name, known, set())}) if key not in needs]
    assert sorted({*missing} - ANY_ACTION) == []


def test_what_is_declared_is_read() -> None:
    """By the function itself, by what it hands its context to, or from rows and files that it is given by name."""
    known = functions()
    spare = []
    for name, function in {**GUARDS, **EFFECTS}.items():
        read = {*read_in(name, known, set())}
        spare += [(name, key) for key in needs_of_functions(function) if key not in read]
    panels = {"technical", "financial", "legal"}  # read in a loop over the kinds of expert
    assert [item for item in spare if item[1] not in panels] == []


def test_every_decision_tells_all_its_choices_apart() -> None:
    """A choice that code compares is declared; only answers that are stored as they are may grow freely."""
    policy = load_policy(Path(WORKFLOWS))
    free = []
    for action in policy.actions.values():
        needs = needs_of_functions(EFFECTS[action.trigger], *(GUARDS[name] for name in action.needs))
        free += [
            (action.trigger, field.key) for field in action.form.fields if field.choices and not needs[field.key].closed
        ]
    assert free == [("agree", "satisfaction")]
