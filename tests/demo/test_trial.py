"""``xtbang workflow try``: a throw-away site in which the entries of an edition come as far as it lets them."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.stages.second_city import write_city
from xtbang import create_app
from xtbang.cli import cli
from xtbang.config import ROOT
from xtbang.demo import trial
from xtbang.demo.scenarios import until
from xtbang.editions import standings_of
from xtbang.workflow.new_edition import write_edition

NEW_FIELD = """
[[section.field]]
key = "plans"
label = "分年计划"
kind = "rows"
min_rows = 2
printed = false

[[section.field.column]]
key = "year"
label = "年份"
kind = "whole"
minimum = 2026

[[section.field.column]]
key = "proof"
label = "证明"
kind = "file"

[print]"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An edition of 2027 with other numbers, another limit and a form with a table more; a short trial."""
    monkeypatch.setattr(trial, "STEPS", (("submit",), ("submit", "accept", "invite", "print_sheets")))
    folder = Path(shutil.copytree(ROOT / "workflows", tmp_path / "workflows"))
    edition = write_edition(folder, "2027", "2024")
    text = edition.read_text(encoding="utf-8").replace('"tech_demand_2024"', '"tech_demand_2027"')
    text = text.replace("[parameters.investment_minimum]\nvalue = 100", "[parameters.investment_minimum]\nvalue = 200")
    edition.write_text(text, encoding="utf-8")
    form = (folder / "forms" / "tech_demand_2024.toml").read_text(encoding="utf-8")
    form = form.replace("限300字", "限90字").replace("limit = 300", "limit = 90").replace("\n[print]", NEW_FIELD)
    (folder / "forms" / "tech_demand_2027.toml").write_text(form, encoding="utf-8")
    return folder


def try_out(folder: Path, to: Path, key: str = "2027") -> Result:
    return CliRunner().invoke(cli, ["workflow", "try", key, "--folder", str(folder), "--to", str(to)])


def test_a_trial_says_what_was_reached_and_prints_every_paper(folder: Path, tmp_path: Path) -> None:
    answer = try_out(folder, tmp_path / "site")
    assert "征集、论证" in answer.output and "没有走到的状态：\n  草稿" in answer.output
    assert "没有办下去的" not in answer.output and "没有印出的" not in answer.output, answer.output
    names = {path.stem.partition(" ")[2] for path in (tmp_path / "site" / "papers").glob("*.pdf")}
    assert {"空白 项目技术需求表", "项目技术需求表", "受理回执"} <= names and any("评分表" in name for name in names)
    assert "用时 " in answer.output
    settings = dict(re.findall(r"(XTBANG_\w+)=(\S+)", answer.output))
    assert settings == {"XTBANG_INSTANCE": str(tmp_path / "site"), "XTBANG_WORKFLOWS": str(folder)}
    again = try_out(folder, tmp_path / "site")
    assert again.exit_code == 1 and "不是空的文件夹" in again.output


def test_a_trial_says_what_an_edition_does_not_let_happen(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "STEPS", (("submit", "accept", "appraise"),))
    monkeypatch.setattr(trial, "_print", lambda *_given: None)
    path = folder / "editions" / "2027.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("experts_minimum = 3", "experts_minimum = 29", 1), encoding="utf-8"
    )
    answer = try_out(folder, tmp_path / "site")
    assert answer.exit_code == 1 and "Traceback" not in answer.output
    assert "停在“论证”，办理“组建需求论证专家组”时：" in answer.output, answer.output


def test_an_unknown_edition_is_said(folder: Path, tmp_path: Path) -> None:
    answer = try_out(folder, tmp_path / "site", "2023")
    assert answer.exit_code == 1 and "没有版本 2023" in answer.output and not (tmp_path / "site").exists()


def test_what_was_tried_is_served_by_the_files_that_it_was_tried_with(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial, "STEPS", (("submit",),))
    monkeypatch.setattr(trial, "_print", lambda *_given: None)
    answer = try_out(folder, tmp_path / "site")
    for name, value in re.findall(r"(XTBANG_\w+)=(\S+)", answer.output):
        monkeypatch.setenv(name, value)
    app = create_app()
    with app.app_context():
        (tried,) = [one for one in standings_of(app) if one.edition.name == "2027"]
    assert tried.frozen_at and not tried.wrong and tried.file == "文件与冻结的内容一致。"


def test_an_edition_of_another_city_is_tried_with_its_offices_and_regions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One office, whose second person countersigns; the county pays nothing."""
    monkeypatch.setattr(trial, "STEPS", (until("county_pays", "first_report"),))
    monkeypatch.setattr(trial, "_print", lambda *_given: None)
    answer = try_out(write_city(tmp_path / "workflows"), tmp_path / "site", "2024")
    assert "没有办下去的" not in answer.output and "实施" in answer.output.split("没有走到的状态")[0], answer.output
