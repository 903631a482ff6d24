"""The commands: what the help lists, the policy checked, the first people, the demo."""

import os
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cli.conftest import Run
from xtbang.cli import cli
from xtbang.config import ROOT, load
from xtbang.models import Person, Project, Role
from xtbang.models.writing import writing
from xtbang.web.account.hashing import matches


def test_the_help_lists_every_command_in_groups(tmp_path: Path) -> None:
    """As in a shell: the commands of the extensions come with the application that the script itself makes."""
    runner = CliRunner(env={"XTBANG_INSTANCE": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'x.db'}"})
    text = runner.invoke(cli, ["--help"]).output
    ours, _, others = text.partition("Of Flask and its extensions:")
    assert "Policy and papers:" in ours
    ours = ours[ours.index("In service:") :]
    listed = [re.findall(r"^  ([a-z-]+)  ", part, re.MULTILINE) for part in (ours, others)]
    assert (
        listed[0]
        == (
            "setup serve worker doctor upgrade maintenance replace-key backup restore-check restore audit retention admin mail index"
            " workflow paper demo"
        ).split()
    )
    assert {"run", "shell", "routes", "db"} <= set(listed[1])
    for name in listed[0]:
        assert runner.invoke(cli, [name, "--help"]).exit_code == 0


def test_what_a_command_makes_only_its_own_user_can_open(tmp_path: Path) -> None:
    """Whatever the shell would let others do; which is as before when the command is done."""
    (instance := tmp_path / "instance").mkdir(mode=0o700)
    before = os.umask(0o022)
    try:
        CliRunner(env={"XTBANG_INSTANCE": str(instance)}).invoke(cli, ["doctor"])
    finally:
        after = os.umask(before)
    made = list(instance.rglob("*"))
    assert instance / "xtbang.db" in made
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []
    assert after == 0o022


def test_the_policy_is_checked(xtbang: Run) -> None:
    answer = xtbang("workflow", "check")
    assert answer.exit_code == 0 and "没有错误" in answer.output


@pytest.mark.parametrize(
    ("file", "right", "wrong", "named"),
    [
        ("lifecycle.toml", "form_valid", "form_vaild", "form_vaild"),
        ("editions/2024.toml", "scan_required", "scan_requierd", "scan_requierd"),
        ("forms/tech_demand_2021.toml", 'kind = "long"', 'kind = "lang"', "lang"),
        ("lifecycle.toml", "[[state]]\nid", "[[state]\nid", "方括号"),
    ],
)
def test_a_slip_is_named_with_file_and_line(tmp_path: Path, file: str, right: str, wrong: str, named: str) -> None:
    """In a shell without any settings, and where nothing can be written: no instance, no key, no database."""
    folder = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", folder)
    text = (folder / file).read_text(encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    (folder / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    runner = CliRunner(env={"XTBANG_INSTANCE": "/proc/nowhere", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"})
    answer = runner.invoke(cli, ["workflow", "check", "--folder", str(folder)])
    assert answer.exit_code == 1
    assert f"workflows/{file} 第 {line} 行：" in answer.output and named in answer.output
    assert "共 1 处错误" in answer.output


@pytest.mark.parametrize("command", [["setup"], ["serve"], ["mail", "send"], ["db", "upgrade"]])
def test_no_command_starts_with_a_slip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]) -> None:
    """It says the same sentences as the check, and nothing of the program's insides."""
    folder = tmp_path / "workflows"
    shutil.copytree(ROOT / "workflows", folder)
    path = folder / "editions" / "2024.toml"
    before, right, after = path.read_text(encoding="utf-8").partition('force = "principle"')
    path.write_text(before + right.replace("principle", "prinzip") + after, encoding="utf-8")
    monkeypatch.setattr("xtbang.config.load", lambda overrides=None, load=load: load({"WORKFLOWS": folder}))
    answer = CliRunner(env={"XTBANG_INSTANCE": str(tmp_path / "instance")}).invoke(cli, command)
    assert answer.exit_code != 0
    line = before.count("\n") + 1
    said = f'workflows/editions/2024.toml 第 {line} 行：[parameters.term_years] 的 force 写的是 "prinzip"'
    assert answer.output.count(said) == 1
    assert "Traceback" not in answer.output


def test_the_diagram_is_drawn(xtbang: Run) -> None:
    answer = xtbang("workflow", "diagram")
    assert answer.exit_code == 0
    assert answer.output == (ROOT / "workflows" / "lifecycle.md").read_text(encoding="utf-8")


def test_an_administrator_is_created_once(app: Flask, session: Session, xtbang: Run) -> None:
    answer = xtbang("admin", "create", "--email", " Admin@Example.com ", "--name", "系统管理员")
    assert answer.exit_code == 0, answer.output
    password = answer.output.rpartition("：")[2].strip()
    person = session.scalars(select(Person)).one()
    assert (person.email, person.name, person.role_names) == ("admin@example.com", "系统管理员", {"admin"})
    assert person.password_given
    with app.app_context():
        assert matches(password, person.password)
    session.rollback()
    again = xtbang("admin", "create", "--email", "ADMIN@example.com", "--name", "另一人")
    assert again.exit_code == 1 and "已有账号" in again.output
    assert session.scalar(select(func.count(Person.id))) == 1


def test_an_administrator_who_lost_the_telephone_is_let_in(app: Flask, session: Session, xtbang: Run) -> None:
    xtbang("admin", "create", "--email", "admin@example.com", "--name", "系统管理员")
    with writing(session):
        session.scalars(select(Person)).one().totp_secret = "lost"
    assert xtbang("admin", "reset-telephone", "--email", "Admin@example.com").exit_code == 0
    session.rollback()
    session.expire_all()
    assert session.scalars(select(Person)).one().totp_secret is None
    session.rollback()
    assert "没有这个电子邮箱的账号" in xtbang("admin", "reset-telephone", "--email", "no@example.com").output


@pytest.mark.parametrize(
    ("email", "name", "sentence"),
    [("not an address", "甲", "电子邮箱"), ("a@example.com", "", "姓名"), ("a@example.com", "😀", "无法打印")],
)
def test_an_administrator_is_checked_like_anyone(
    session: Session, xtbang: Run, email: str, name: str, sentence: str
) -> None:
    answer = xtbang("admin", "create", "--email", email, "--name", name)
    assert answer.exit_code == 1 and sentence in answer.output
    assert not session.scalars(select(Person)).all()


def test_the_demo_goes_into_an_empty_database_only(app: Flask, session: Session, xtbang: Run, tmp_path: Path) -> None:
    app.config["INSTANCE"] = tmp_path
    answer = xtbang("demo", "--projects", 3)
    assert answer.exit_code == 0, answer.output
    made = session.scalar(select(func.count(Project.id)))
    assert made and made >= 3 and f"已写入 {made} 个演示项目" in answer.output
    assert (tmp_path / "demo").exists()
    assert not session.scalars(select(Person.id).where(Person.password_given)).all()
    assert {"science", "admin"} <= set(session.scalars(select(Role.name)))
    session.rollback()
    again = xtbang("demo", "--projects", 3)
    assert again.exit_code == 1 and "只写入空数据库" in again.output
    assert session.scalar(select(func.count(Project.id))) == made
    session.rollback()
