"""An officer who slips in ``workflows/`` is told so in Chinese, with the line; nothing wrong is taken in silence."""

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests.workflow.conftest import WORKFLOWS
from tests.workflow.slips import BID, CITY, E24, LIFE, SLIPS, Slip
from xtbang.errors import DefinitionError
from xtbang.workflow.definition import load_policy

OUTPUT = WORKFLOWS.parent / "test-output" / "slips.txt"
TRACES = re.compile(r"Traceback|Error\b|expected|<class|Decimal\(|None\b|\{\'")

VALUES = ("1", "-1", '"x"', '""', "[]", '["x"]', "[[1]]", "{ x = 1 }", "[{ x = 1 }]", "true", "nan", "2024-01-01")


class Answer(NamedTuple):
    """What is said about a slip, and whether its line is named."""

    sentences: list[str]
    placed: bool


class Folder:
    """A copy of ``workflows/``, in which one file at a time is wrong; what is asked twice is remembered."""

    def __init__(self, path: Path) -> None:
        self.path = shutil.copytree(WORKFLOWS, path)
        self.known: dict[Slip, Answer] = {}

    def answer(self, slip: Slip) -> Answer:
        if slip not in self.known:
            self.known[slip] = self._asked(slip)
        return self.known[slip]

    def _asked(self, slip: Slip) -> Answer:
        file = self.path / slip.file
        before = file.read_bytes()
        text = before.decode()
        assert slip.right in text, slip
        wrong = text.replace(slip.right, slip.wrong, 1)
        file.write_bytes(wrong.encode(slip.encoding))
        try:
            load_policy(self.path)
        except DefinitionError as error:
            line = _line(slip, text, wrong)
            placed = any(mistake.file == file and mistake.line == line for mistake in error.mistakes)
            return Answer(error.sentences, placed)
        finally:
            file.write_bytes(before)
        return Answer([], False)


def _line(slip: Slip, text: str, wrong: str) -> int:
    if slip.encoding != "utf-8":
        return 1  # the first line has Chinese in it
    start = text[: text.index(slip.right)].count("\n") + 1
    if slip.line is not None:
        return start + slip.line
    pairs = zip(text.split("\n"), wrong.split("\n"), strict=False)
    return next(number for number, (one, other) in enumerate(pairs, 1) if one != other)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    yield Folder(tmp_path_factory.mktemp("slips") / "workflows")


def _id(slip: Slip) -> str:
    return f"{slip.file}: {slip.wrong}"[:60].replace("\n", "⏎")


@pytest.mark.parametrize("slip", SLIPS, ids=_id)
def test_a_slip_is_told_in_words(folder: Folder, slip: Slip) -> None:
    sentences = folder.answer(slip).sentences
    assert sentences, "taken in silence"
    said = [sentence for sentence in sentences if all(word in sentence for word in slip.said)]
    assert said, sentences
    assert f"workflows/{slip.file}" in said[0]
    assert not TRACES.search(said[0])
    assert said[0].endswith("。")


def test_the_lines_are_right(folder: Folder, capfd: pytest.CaptureFixture[str]) -> None:
    """Of all slips nine in ten are told with their very line; the table is left under ``test-output``."""
    answers = {slip: folder.answer(slip) for slip in SLIPS}
    table = []
    for number, (slip, answer) in enumerate(answers.items(), 1):
        wrong = slip.wrong.strip().replace("\n", "⏎")[:40]
        first = answer.sentences[0] if answer.sentences else "（没有发现）"
        table.append(f"{number:3} {'行号对　' if answer.placed else '行号不对'} {wrong}\n    {first}")
    placed = sum(answer.placed for answer in answers.values())
    silent = sum(not answer.sentences for answer in answers.values())
    told = f"{len(SLIPS)} 处笔误：没有发现的 {silent} 处，行号正确的 {placed} 处；见 test-output/slips.txt"
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text("\n".join([told, *table]) + "\n", encoding="utf-8")
    print("\n".join(table))
    with capfd.disabled():  # stderr: the only stream of a worker of pytest-xdist that reaches the log
        print(f"\n{told}", file=sys.stderr, flush=True)
    assert len(SLIPS) >= 100
    assert silent == 0
    assert placed >= 0.9 * len(SLIPS)


def test_no_slip_ends_as_a_fault_of_the_program(folder: Folder) -> None:
    """Lines taken out, doubled or cut, and values of other types, anywhere."""
    rng = Random(7)
    files = sorted(folder.path.rglob("*.toml"))
    for _ in range(80):
        file = rng.choice(files)
        before = file.read_text(encoding="utf-8")
        lines = before.split("\n")
        number = rng.randrange(len(lines))
        name = lines[number].split("=")[0]
        changes = [[], [lines[number]] * 2, [lines[number][:-1]], *([f"{name}= {value}"] for value in VALUES)]
        lines[number : number + 1] = rng.choice(changes)
        file.write_text("\n".join(lines), encoding="utf-8")
        with suppress(DefinitionError):
            load_policy(folder.path)
        file.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        (CITY, CITY), (LIFE, LIFE), ("stored_words.toml", "stored_words.toml"),
        (BID, E24),  # the edition names the form
    ],
)  # fmt: skip
def test_a_file_that_is_gone_is_missed_and_nothing_else(folder: Folder, name: str, file: str) -> None:
    path = folder.path / name
    before = path.read_bytes()
    path.unlink()
    try:
        with pytest.raises(DefinitionError) as caught:
            load_policy(folder.path)
    finally:
        path.write_bytes(before)
    assert [sentence for sentence in caught.value.sentences if f"workflows/{file}" in sentence]
    assert len(caught.value.sentences) == (2 if name == BID else 1)  # both editions name the form
    assert not TRACES.search(str(caught.value))


def test_a_file_that_was_cut_off_is_told(folder: Folder) -> None:
    """Where it ends in the middle of a sign, which no encoding explains."""
    path = folder.path / LIFE
    before = path.read_bytes()
    place = before.index("征集".encode()) + 1
    line = before[:place].count(b"\n") + 1
    path.write_bytes(before[:place])
    try:
        with pytest.raises(DefinitionError, match=f"第 {line} 行：文件到这里断了"):
            load_policy(folder.path)
    finally:
        path.write_bytes(before)


def test_a_file_of_windows_is_read(folder: Folder) -> None:
    """With a byte order mark, lines that end in CR LF, and tabs."""
    file = folder.path / "editions" / "2024.toml"
    before = file.read_bytes()
    try:
        file.write_bytes(b"\xef\xbb\xbf" + before.replace(b"\n", b"\r\n").replace(b" = ", b"\t=\t"))
        assert load_policy(folder.path) == load_policy(WORKFLOWS)
    finally:
        file.write_bytes(before)


def test_a_file_with_a_wrong_ending_is_not_passed_over(folder: Folder) -> None:
    file = folder.path / "editions" / "2025.toml.txt"
    file.write_bytes(b"")
    try:
        with pytest.raises(DefinitionError, match=r"2025\.toml\.txt：这个文件不会被读取"):
            load_policy(folder.path)
    finally:
        file.unlink()
