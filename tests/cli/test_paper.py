"""``xtbang paper``: blank, with data, of a project; what is wrong is named, ends with 2 and writes nothing."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.cli.conftest import Run
from tests.factories.site_projects import SiteProjectFactory
from tests.papers.conftest import page_texts, squeezed
from xtbang.models import Paper, Project


def printed(path: Path) -> str:
    return squeezed("".join(page_texts(path.read_bytes())))


def data_file(folder: Path, content: Any) -> Path:
    path = folder / "data.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_a_blank_form_and_one_with_data(xtbang: Run, tmp_path: Path) -> None:
    blank, filled = tmp_path / "blank.pdf", tmp_path / "filled.pdf"
    answer = xtbang("paper", "tech_demand", "-o", blank)
    assert answer.exit_code == 0, answer.output
    assert "技术需求名称" in printed(blank)
    assert "空白表" in printed(blank) and "生成时间" not in printed(blank)
    data = data_file(tmp_path, {"title": "高精密伺服电机𬭎䶮"})
    assert xtbang("paper", "tech_demand", "--edition", "2021", "--data", data, "-o", filled).exit_code == 0
    assert "高精密伺服电机𬭎䶮" in printed(filled) and "高精密" not in printed(blank)
    assert "草稿" in printed(filled) and "生成时间" not in printed(filled)
    with pikepdf.open(BytesIO(filled.read_bytes())) as document:
        assert len(document.pages) >= 1
    again = tmp_path / "again.pdf"
    xtbang("paper", "tech_demand", "-o", again)
    assert again.read_bytes() == blank.read_bytes()


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("words", "content", "sentences"),
    [
        (["tech_demand"], {"title": "甲", "colour": "红", "shape": "圆"}, ["没有“colour”这一项", "没有“shape”这一项"]),
        (["tech_demand"], {"background": "字" * 512}, ["共 512 字，限 500 字，请删减 12 字"]),
        (["tech_demand"], {"title": "样机😀"}, ["无法打印的字符“😀”（U+1F600）"]),
        (["tech_demand"], {"planned_investment": "1,20"}, ["逗号是小数点还是每三位的分隔不明确"]),
        (["tech_demand"], "{", ["不是有效的 JSON"]),
        (["tech_demand"], "[]", ["应为一个 JSON 对象"]),
        (["no_such_form"], {}, ["没有“no_such_form”这种表；可选：", "tech_demand"]),
        (["tech_demand", "--edition", "1999"], {}, ["版本“1999”没有“tech_demand”"]),
    ],
)
def test_what_is_wrong_is_named_and_nothing_written(
    xtbang: Run, tmp_path: Path, words: list[str], content: Any, sentences: list[str]
) -> None:
    output = tmp_path / "x.pdf"
    output.write_bytes(b"an older paper")
    answer = xtbang("paper", *words, "--data", data_file(tmp_path, content), "-o", output)
    assert answer.exit_code == 2
    for sentence in sentences:
        assert sentence in answer.output
    assert "Traceback" not in answer.output and output.read_bytes() == b"an older paper"


def test_one_asks_for_a_form_or_for_a_paper_of_a_project(xtbang: Run, tmp_path: Path) -> None:
    output = tmp_path / "x.pdf"
    for words in ([], ["tech_demand", "--project", "X"], ["--project", "X"], ["--paper", "form"]):
        assert xtbang("paper", *words, "-o", output).exit_code == 2
    assert not output.exists()


def test_a_paper_of_a_project(app: Flask, session: Session, xtbang: Run, tmp_path: Path) -> None:
    factory = SiteProjectFactory(app, session)
    project = factory.submitted()
    session.rollback()
    number = session.get_one(Project, project.id).number
    names = set(session.scalars(select(Paper.name).where(Paper.project_id == project.id)))
    session.rollback()
    assert {"form", "receipt"} <= names
    output = tmp_path / "receipt.pdf"
    answer = xtbang("paper", "--project", number, "--paper", "receipt", "-o", output)
    assert answer.exit_code == 0, answer.output
    assert number in printed(output)
    for words, sentence in (
        (["--project", number, "--paper", "contract"], "没有名为 contract 的文书；现有：form、receipt"),
        (["--project", "XTJB-1", "--paper", "form"], "没有编号为 XTJB-1 的项目"),
    ):
        answer = xtbang("paper", *words, "-o", tmp_path / "none.pdf")
        assert answer.exit_code == 2 and sentence in answer.output
    assert not (tmp_path / "none.pdf").exists()
