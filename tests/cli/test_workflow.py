"""``xtbang workflow``: in a shell without settings and without a database."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from xtbang.cli import cli
from xtbang.config import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "workflows", tmp_path / "workflows"))


def workflow(*words: object) -> Result:
    runner = CliRunner(env={"XTBANG_INSTANCE": "/proc/nowhere", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    return runner.invoke(cli, ["workflow", *map(str, words)])


def test_a_new_edition_is_written_and_the_next_steps_work(folder: Path) -> None:
    answer = workflow("new", "2027", "--from", "2024", "--folder", folder)
    assert answer.exit_code == 0, answer.output
    steps = [line.partition("xtbang workflow ")[2] for line in answer.output.splitlines() if "xtbang workflow" in line]
    assert [step.split()[0] for step in steps] == ["check", "diff"]
    for step in steps:
        assert workflow(*step.split()).exit_code == 0, step


def test_a_new_edition_that_exists_is_refused(folder: Path) -> None:
    answer = workflow("new", "2024", "--from", "2021", "--folder", folder)
    assert answer.exit_code == 1
    assert "版本 2024 已经有了" in answer.output and "Traceback" not in answer.output


def test_the_differences_of_two_editions_are_said_in_groups() -> None:
    answer = workflow("diff", "2021", "2024")
    assert answer.exit_code == 0
    lines = answer.output.splitlines()
    assert lines.index("【总则】") < lines.index("【参数】") < lines.index("【表单】") < lines.index("【引用文件】")
    assert "  增加“执行期新增税收下限”：100 万元，原则上（《2024年征集通知》第三部分第2项）。" in lines


def test_editions_without_differences_and_unknown_editions_are_said() -> None:
    assert workflow("diff", "2024", "2024").output == "版本 2024 与版本 2024 没有不同。\n"
    answer = workflow("diff", "2024", "2023")
    assert answer.exit_code == 1 and "没有版本 2023；现有的版本：2021、2024。" in answer.output


def test_the_guide_is_printed() -> None:
    answer = workflow("guide")
    assert answer.exit_code == 0
    assert (
        "| `subsidy_ratio` | ✓ | 市级补助占科研投入总额的最高比例；0.01 到 1（写成小数，25% 写 0.25）。 |"
        in answer.output
    )
