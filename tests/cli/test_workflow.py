"""``xtbang workflow``: in a shell without settings and without a database."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from xtbang.cli import cli
from xtbang.config import ROOT
from xtbang.models import Base, FrozenEdition
from xtbang.rules.frozen import FORMAT, content_of, digest_of
from xtbang.workflow.definition import load_policy


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
    assert [step.split()[0] for step in steps] == ["check", "diff", "try"]
    for step in steps[:2]:  # the trial takes a minute: tests/demo/test_trial.py
        assert workflow(*step.split()).exit_code == 0, step


def test_the_check_mentions_what_the_copy_left_to_be_changed(folder: Path) -> None:
    workflow("new", "2027", "--from", "2024", "--folder", folder)
    answer = workflow("check", "--folder", folder)
    told = [line for line in answer.output.splitlines() if line.startswith("提示：editions/2027.toml 第 ")]
    assert answer.exit_code == 0
    assert any("请改：登记 2027 年的通知" in line for line in told) and any("请核对：" in line for line in told)
    path = folder / "editions" / "2027.toml"
    kept = [
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(("# 请改", "# 请核对"))
    ]
    path.write_text("\n".join(kept), encoding="utf-8")
    assert "提示" not in workflow("check", "--folder", folder).output


def test_the_check_mentions_two_editions_in_force_together(folder: Path) -> None:
    """Which may be meant, as a call names its edition: the check goes on."""
    workflow("new", "2027", "--from", "2024", "--folder", folder)
    path, starts = folder / "editions" / "2024.toml", "starts_on = 2024-08-26"
    text = path.read_text(encoding="utf-8")
    for ends, mentioned in (("2027-08-25", False), ("2027-08-26", True)):
        path.write_text(text.replace(starts, f"{starts}\nends_on = {ends}"), encoding="utf-8")
        answer = workflow("check", "--folder", folder)
        assert answer.exit_code == 0
        assert (
            "提示：版本 2024 到 2027-08-26 才停止施行，版本 2027 从 2027-08-26 起施行" in answer.output
        ) == mentioned


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


def check(folder: Path, database: Path) -> Result:
    settings = {"XTBANG_INSTANCE": "/proc/nowhere", "DATABASE_URL": f"sqlite:///{database}"}
    return CliRunner(env=settings).invoke(cli, ["workflow", "check", "--folder", str(folder)])


def test_the_check_compares_with_what_is_frozen_and_says_when_it_cannot(folder: Path, tmp_path: Path) -> None:
    assert "没有核对文件与已在使用的版本是否一致：数据库连接不上" in workflow("check", "--folder", folder).output
    file = tmp_path / "site.db"
    answer = check(folder, file)
    assert answer.exit_code == 0 and f"没有数据库 {file}" in answer.output and not file.exists()
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine, tables=[Base.metadata.tables["frozen_edition"]])
    content = content_of(load_policy(folder).edition("2024"))
    row = {"key": "2024", "format": FORMAT, "digest": digest_of(content), "content": content}
    with Session(engine) as session:
        session.add(FrozenEdition(**row, frozen_at=datetime(2026, 3, 1, tzinfo=UTC)))
        session.commit()
    engine.dispose()
    answer = check(folder, file)
    assert answer.exit_code == 0 and "已在使用的版本：2024。与文件一致。" in answer.output
    path = folder / "editions" / "2024.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("one_project_at_a_time = true", "one_project_at_a_time = false")
    )
    answer = check(folder, file)
    assert answer.exit_code == 1 and "Traceback" not in answer.output
    assert "版本 2024 已于2026年3月1日首次使用时冻结" in answer.output
    assert "【总则】改为有未结题项目的也可以申报。" in answer.output
    path.write_text("没有等号")
    answer = check(folder, file)
    assert answer.exit_code == 1 and "2024.toml 第 1 行" in answer.output
    assert "现在有错误，不能核对。系统仍按冻结的内容办理" in answer.output
