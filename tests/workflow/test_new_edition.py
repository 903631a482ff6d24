"""A new edition begins as a copy of another one: with its comments, its own year, and marks where to change it."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from xtbang.config import ROOT
from xtbang.errors import DefinitionError, EditionError
from xtbang.workflow.definition import load_policy
from xtbang.workflow.new_edition import adapted, write_edition


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "workflows", tmp_path / "workflows"))


def comments(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("#")]


@pytest.mark.parametrize("base", ["2021", "2024"])
def test_the_copy_is_a_sound_edition_with_every_comment(folder: Path, base: str) -> None:
    path = write_edition(folder, "2027", base)
    policy = load_policy(folder)
    new, old = policy.edition("2027"), policy.edition(base)
    assert path == folder / "editions" / "2027.toml"
    assert (new.forms, new.sheets, new.subsidy_ratio, new.sources) == (
        old.forms, old.sheets, old.subsidy_ratio, old.sources
    )  # fmt: skip
    copied = comments(path.read_text(encoding="utf-8").partition("# 请核对：下面几项")[0])
    kept = comments((folder / "editions" / f"{base}.toml").read_text(encoding="utf-8"))
    assert [line for line in copied if "请" not in line and "starts_on" not in line] == [
        line.replace(f"版本 {base}", "版本 2027") for line in kept
    ]


def test_title_and_date_get_the_new_year_and_are_marked(folder: Path) -> None:
    text = write_edition(folder, "2027", "2024").read_text(encoding="utf-8")
    edition = load_policy(folder).edition("2027")
    assert edition.title == "湘潭市2027年度科技创新“揭榜挂帅”项目"
    assert edition.starts_on == date(2027, 8, 26)
    lines = text.splitlines()
    for name in ("title = ", "starts_on = ", "[[source]]"):
        place = next(number for number, line in enumerate(lines) if line.startswith(name))
        assert lines[place - 1].startswith("# 请"), name


def test_a_title_without_a_year_and_a_missing_date_are_asked_for(folder: Path) -> None:
    text = write_edition(folder, "2027", "2021").read_text(encoding="utf-8")
    assert "# 请改：名称照抄自版本 2021，改成 2027 年的。\ntitle = " in text
    assert "# starts_on = 2027-01-01\n" in text


def test_what_the_city_cites_of_another_year_is_asked_for(folder: Path) -> None:
    """A plan of 2024 is not what a paper of 2027 rests on; without the # the lines are the edition's own."""
    path = write_edition(folder, "2027", "2024")
    text = path.read_text(encoding="utf-8")
    assert "# 请核对：下面几项照 city.toml 依据的是别的年份的文件；2027 年另有文件的" in text
    head, mark, rest = text.partition("# [cites]\n")
    assert '# approval = "《2024年实施方案》第四部分"' in rest
    own = "\n".join(line.removeprefix("# ") for line in f"{mark}{rest}".splitlines()).replace(
        "《2024年实施方案》第四部分", "《办法》第九条"
    )
    path.write_text(head + own, encoding="utf-8")
    assert load_policy(folder).edition("2027").cite("approval") == "《办法》第九条"
    assert (
        write_edition(folder, "2028", "2027").read_text(encoding="utf-8").count("请核对：下面几项") == 1
    )  # the copied one


def test_a_leap_day_becomes_the_last_of_february() -> None:
    assert "starts_on = 2027-02-28\n" in adapted('title = "甲"\nstarts_on = 2024-02-29\n', "2027", "2024")


def test_line_ends_of_windows_stay(folder: Path) -> None:
    base = folder / "editions" / "2024.toml"
    base.write_bytes(b"\xef\xbb\xbf" + base.read_bytes().replace(b"\n", b"\r\n"))
    content = write_edition(folder, "2027", "2024").read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n") and b"\r\r" not in content
    assert "2027" in load_policy(folder).editions


@pytest.mark.parametrize(
    ("key", "base", "sentence"),
    [
        ("2024", "2021", "已经有了"),
        ("2027", "2023", "没有版本 2023；现有的版本：2021、2024。"),
        ("2027", "../lifecycle", "没有版本"),
        ("27", "2024", "四位年份"),
        ("2027bc", "2024", "四位年份"),
        ("../2027", "2024", "四位年份"),
        ("２０２７", "2024", "四位年份"),
        ("2027\n", "2024", "四位年份"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(folder: Path, key: str, base: str, sentence: str) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.toml")}
    with pytest.raises(EditionError, match=sentence):
        write_edition(folder, key, base)
    assert {path: path.read_bytes() for path in folder.rglob("*.toml")} == before


def test_a_later_edition_comes_into_force_later_and_does_not_inherit_an_end(folder: Path) -> None:
    base = folder / "editions" / "2024.toml"
    base.write_text(
        base.read_text(encoding="utf-8").replace(
            "starts_on = 2024-08-26", "starts_on = 2024-08-26\nends_on = 2026-12-31"
        ),
        encoding="utf-8",
    )
    path = write_edition(folder, "2025", "2024")
    editions = load_policy(folder).editions
    assert (editions["2024"].ends_on, editions["2025"].ends_on) == (date(2026, 12, 31), None)
    path.write_text(path.read_text(encoding="utf-8").replace("2025-08-26", "2024-08-01"), encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"2025\.toml 第 \d+ 行：.*早于上一个版本 2024 的施行日期 2024-08-26"):
        load_policy(folder)


def test_an_edition_of_the_same_year_takes_a_letter(folder: Path) -> None:
    write_edition(folder, "2027b", "2024")
    with pytest.raises(EditionError, match="版本 2027b 已经有了"):
        write_edition(folder, "2027B", "2024")
