"""Docstrings in plain English: they exist, and those of functions begin with a verb that says what the function does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "xtbang"
VERBS = frozenset(
    """
    Accept Add Answer Append Ask Assign Begin Cancel Change Check Choose Claim Close Compute Confirm Convene Copy
    Correct Create Decide Declare Decline Delete Deny Disable Distribute Draw End Erase Enter Examine Exit Expire Extend
    File Fill Find Freeze Grant Hold Invite Issue Join Keep Let List Load Lock Make Mark Move Open Patch Pay Perform
    Prepare Publish Put Raise Recommend Record Redirect Refuse Register Release Remove Render Replace Request
    Reserve Return Run Save Select Send Serve Set Show Sign Start Stop Store Submit Switch Take Terminate Uphold
    Upload Wait Withdraw Wrap Write Yield
    """.split()
)
RIDDLES = re.compile(
    r"\b(deeds?|bears?|beside|whoever|nobody|somebody|on the spot|put right|told|of ours|lies with|stands? against"
    r"|puts? their name|says? their word|(is|are|was|were|has it) kept)\b",
    re.IGNORECASE,
)

QUESTION = re.compile(r"(What|Who\w*|How|Why|Where|When|Which|Whether)\b")

Documented = ast.Module | ast.ClassDef | ast.FunctionDef


FILES = sorted(file.relative_to(ROOT).as_posix() for file in ROOT.rglob("*.py"))


def documented(file: str) -> Iterator[tuple[str, Documented]]:
    """Yield the module and everything in it that is not a console command, whose docstring is its help text."""

    def within(node: Documented, name: str) -> Iterator[tuple[str, Documented]]:
        yield name, node
        for child in node.body:
            if isinstance(child, ast.ClassDef | ast.FunctionDef) and not is_command(child):
                yield from within(child, f"{name}.{child.name}" if name else child.name)

    return within(ast.parse((ROOT / file).read_text(encoding="utf-8")), "")


def is_command(node: ast.ClassDef | ast.FunctionDef) -> bool:
    return any(
        isinstance(part, ast.Attribute) and part.attr in ("command", "group")
        for decorator in node.decorator_list
        for part in ast.walk(decorator)
    )


def is_public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def without_docstring(file: str) -> list[str]:
    """Return what is public in a file and has no docstring; functions within functions are not public."""
    nodes = dict(documented(file))
    local = {name for name in nodes if name and isinstance(nodes[name.rpartition(".")[0]], ast.FunctionDef)}
    return [name for name in nodes if is_public(name) and name not in local and not ast.get_docstring(nodes[name])]


def without_verb(file: str) -> list[str]:
    texts = (ast.get_docstring(node) for _name, node in documented(file) if isinstance(node, ast.FunctionDef))
    return [text for text in texts if text and text.split()[0].rstrip(".,:;") not in VERBS]


def riddles(file: str) -> list[str]:
    source = (ROOT / file).read_text(encoding="utf-8")
    docstrings = (ast.get_docstring(node) or "" for _name, node in documented(file))
    comments = re.findall(r"(?:^|\s)# (.*)$", source, re.MULTILINE)
    return [text for text in (*docstrings, *comments) if RIDDLES.search(text)]


@pytest.mark.parametrize("file", FILES)
def test_everything_public_has_a_docstring(file: str) -> None:
    assert without_docstring(file) == []


@pytest.mark.parametrize("file", FILES)
def test_docstrings_of_functions_begin_with_a_verb(file: str) -> None:
    assert without_verb(file) == []


@pytest.mark.parametrize("file", FILES)
def test_docstrings_of_modules_and_classes_name_their_thing(file: str) -> None:
    """They begin with a noun, not with a question: “The rest of a collective slip”, not “What is left of one”."""
    texts = (ast.get_docstring(node) for _name, node in documented(file) if not isinstance(node, ast.FunctionDef))
    assert [text for text in texts if text and QUESTION.match(text)] == []


@pytest.mark.parametrize("file", FILES)
def test_docstrings_and_comments_hold_no_riddles(file: str) -> None:
    assert riddles(file) == []
