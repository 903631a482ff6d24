"""管理 → 规则版本: which editions there are, whether files say what was frozen, how they differ, and their forms."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import monotonic

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories.records import RecordFactory
from xtbang.config import ROOT
from xtbang.domain.frozen_editions import freeze
from xtbang.editions import EVERY
from xtbang.models import Person

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)

LogIn = Callable[[Person], FlaskClient]


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    """The files of this site, which the test may change."""
    app.config["WORKFLOWS"] = copy = Path(shutil.copytree(ROOT / "workflows", tmp_path / "workflows"))
    return copy


@pytest.fixture
def admin(folder: Path, records: RecordFactory, login: LogIn) -> FlaskClient:
    with records.writing():
        freeze(records.caller("admin"), records.engine.policy.edition("2024"))
    return login(records.people["admin"])


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.get_data(as_text=True)))


def test_a_changed_file_is_said_on_every_page_of_the_edition(admin: FlaskClient, folder: Path) -> None:
    page = text(admin, "/admin/editions")
    assert "已冻结 文件与冻结的内容一致" in page and "未使用 尚未使用" in page and "2024年8月26日" in page
    assert "文件与冻结的不同" not in page + text(admin, "/admin")
    path = folder / "editions" / "2024.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("= 12", "= 18", 1), encoding="utf-8")
    assert "1 个版本的文件与冻结的不同" in text(admin, "/admin")
    assert "系统仍按冻结的内容办理" in text(admin, "/admin/editions")
    assert "报告周期由 12 个月延长到 18 个月" in text(admin, "/admin/editions/2024")


def test_mistakes_in_the_files_are_listed(admin: FlaskClient, folder: Path) -> None:
    path = folder / "editions" / "2021.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("regions =", "regionen =", 1), encoding="utf-8")
    page = text(admin, "/admin/editions")
    assert "1 处错误" in page and "regionen 是不认识的名称" in page


def test_two_editions_are_compared_in_sentences(admin: FlaskClient) -> None:
    assert "实施周期上限由 3 年缩短到 2 年" in text(admin, "/admin/editions?old=2021&new=2024")
    assert "没有不同" in text(admin, "/admin/editions?old=2021&new=2021")
    assert "没有不同" not in text(admin, "/admin/editions?old=2021&new=1999")


def test_a_form_is_shown_as_on_the_screen_and_cannot_be_filled_in(admin: FlaskClient) -> None:
    page = admin.get("/admin/editions/2024/forms/tech_demand").get_data(as_text=True)
    assert "国内外研究现状" in page and "/blank-forms/2024/tech_demand.pdf" in page
    (main,) = re.findall("<main.*</main>", page, re.DOTALL)
    assert "<fieldset" in main and "disabled" in main.partition("<legend")[0] and "<form" not in main
    assert admin.get("/admin/editions/2024/forms/scene_demand").status_code == 404
    assert admin.get("/admin/editions/1999").status_code == 404


def test_the_guide_explains_every_name(admin: FlaskClient) -> None:
    assert "subsidy_ratio 是 市级补助占科研投入总额的最高比例" in text(admin, "/admin/editions-guide")


def test_a_revision_that_another_process_froze_is_found_when_it_is_met(app: Flask, records: RecordFactory) -> None:
    editions = records.engine.policy.editions
    amended = replace(editions["2024"], key="2024.2", revision=2)
    with records.writing():
        freeze(replace(records.caller("admin"), policy=replace(records.engine.policy, editions={})), amended)
    try:
        assert "2024.2" not in editions and records.engine.policy.edition("2024.2") == amended
    finally:
        editions.pop("2024.2", None)
    with pytest.raises(KeyError):
        records.engine.policy.edition("1999")


def test_what_another_server_has_frozen_is_known_within_a_minute(
    app: Flask, admin: FlaskClient, records: RecordFactory
) -> None:
    amended = {"revision": 2, "amended_on": date(2024, 9, 10), "amended_by": "潭科发〔2024〕9号"}
    second = replace(records.engine.policy.edition("2024"), key="2024.2", **amended)
    with records.writing():
        freeze(records.caller("admin"), second)
    watch = app.extensions["watch"]
    for seconds, newest in ((1, "2024"), (EVERY, "2024.2")):
        watch.looked = monotonic() - seconds
        admin.get("/")
        assert app.extensions["engine"].policy.newest("2024", date(2027, 1, 1)).key == newest
