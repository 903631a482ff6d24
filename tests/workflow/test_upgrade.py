"""Files that an earlier release read are rewritten in the present format, with their comments and their meaning."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from tests.workflow.conftest import WORKFLOWS
from xtbang.config import ROOT
from xtbang.errors import DefinitionError
from xtbang.workflow.definition import load_policy
from xtbang.workflow.upgrade import upgraded, upgrades

OLD = ROOT / "tests" / "workflow" / "older"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of an office with an edition of its own that was written for the first release with editions as files."""
    folder = Path(shutil.copytree(WORKFLOWS, tmp_path / "workflows"))
    shutil.copy(OLD / "2027.toml", folder / "editions")
    return folder


def test_an_older_file_is_rewritten_once_and_keeps_its_comments(folder: Path) -> None:
    path = folder / "editions" / "2027.toml"
    before = path.read_text(encoding="utf-8")
    with pytest.raises(DefinitionError):
        load_policy(folder)
    (found,) = upgrades(folder)
    kept = found.write()
    assert kept and kept.read_text(encoding="utf-8") == before
    comments = [line for line in before.splitlines() if line.startswith("#")]
    assert comments and set(comments) <= set(path.read_text(encoding="utf-8").splitlines())
    assert load_policy(folder).edition("2027").title == "湘潭市2027年度科技创新“揭榜挂帅”项目"
    assert upgrades(folder) == []


def test_an_edition_that_named_its_source_in_one_text_cites_documents_and_parts(folder: Path) -> None:
    (folder / "editions" / "2027.toml").unlink()
    shutil.copy(OLD / "2024.toml", folder / "editions")
    other = (OLD / "2024.toml").read_text(encoding="utf-8")
    other = other.replace("2024征集通知", "2026征集通知").replace("湘潭市2024", "湘潭市2026").replace("2024-", "2026-")
    (folder / "editions" / "2026.toml").write_text(other, encoding="utf-8")
    for found in upgrades(folder):
        found.write()
    policy, ours = load_policy(folder), load_policy(WORKFLOWS).edition("2024")
    assert policy.edition("2024").sources == ours.sources
    assert policy.edition("2024").articles == ours.articles
    assert policy.edition("2024").term_years.article == "《2024年征集通知》第三部分第1项"
    assert policy.edition("2026").term_years.article == "《2026年征集通知》第三部分第1项"
    assert [source.short for source in policy.edition("2026").sources] == ["《办法》", "《2026年征集通知》"]
    assert upgrades(folder) == []


def test_byte_order_mark_and_line_ends_of_windows_stay(folder: Path) -> None:
    path = folder / "editions" / "2027.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    (found,) = upgrades(folder)
    assert found.content.startswith(b"\xef\xbb\xbf")
    assert found.content.count(b"\n") == found.content.count(b"\r\n") > 0


def test_what_is_no_toml_is_said_and_nothing_is_written(folder: Path) -> None:
    (folder / "forms" / "bid.toml").write_text("没有等号\n", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"forms/bid\.toml 第 1 行"):
        upgrades(folder)


def test_a_file_that_earlier_releases_did_not_have_is_added(folder: Path) -> None:
    (folder / "editions" / "2027.toml").unlink()
    (folder / "stored_words.toml").unlink()
    (found,) = upgrades(folder)
    assert found.write() is None
    assert load_policy(folder).editions == load_policy(WORKFLOWS).editions


def test_files_of_this_release_are_left_alone() -> None:
    assert upgrades(WORKFLOWS) == []


def test_the_two_instalments_have_the_shares_of_before() -> None:
    text = '[parameters.first_instalment_ratio]\nvalue = 0.6\nforce = "must"\narticle = "《办法》第七条"\n'
    new, changes = upgraded("editions", text, {})
    assert "share = 0.6" in new and "share = 0.4" in new and "first_instalment_ratio" not in new
    assert len(changes) == 1


def test_choices_get_the_keys_that_their_words_were_stored_for_and_names_stay_names() -> None:
    text = """
[[section]]
[[section.field]]
key = "level"
label = "技术水平"
choices = ["国际领先", "省内一流"] # 逐字
public = true
[[section.field]]
key = "modes"
label = "方式"
choices = [
  "甲",
  "乙",
  "丙",
  "丁",
  "戊",
]
public = true # 公开
[[section.field]]
key = "region"
profile = "region"
choices = ["湘潭县"]
"""
    new, changes = upgraded("forms", text, {"level": {"国际领先": "world_leading"}})
    level, modes, region = tomllib.loads(new)["section"][0]["field"]
    assert level["choices"] == {"world_leading": "国际领先", "choice_2": "省内一流"}
    assert [*modes["choices"].values()] == ["甲", "乙", "丙", "丁", "戊"] and modes["public"] is True
    assert region["choices"] == ["湘潭县"] and "# 公开" in new
    assert len(changes) == 2 and "省内一流 的代号是新取的" in changes[0] and "国际领先" not in changes[0]


def test_forms_of_the_first_release_become_those_of_this_one(folder: Path) -> None:
    """Those of the first release, made of ours: the choices were the words alone."""
    path = folder / "forms" / "tech_supply_2021.toml"
    ours = path.read_text(encoding="utf-8")
    lists = re.sub(
        r"\[section\.field\.choices\]\n((?:\w+ = \".*\"\n)+)",
        lambda found: "choices = [" + ", ".join(re.findall('"(.*)"', found[1])) + "]\n",
        ours,
    )
    words = re.sub(
        r"choices = \[(.*)\]", lambda found: f'choices = ["{found[1].replace(", ", chr(34) + ", " + chr(34))}"]', lists
    )
    assert words != ours
    path.write_text(words, encoding="utf-8")
    (folder / "editions" / "2027.toml").unlink()
    before = load_policy(WORKFLOWS).edition("2021").forms["tech_supply"]
    (found,) = upgrades(folder)
    found.write()
    assert load_policy(folder).edition("2021").forms["tech_supply"] == before


def test_a_report_of_the_first_release_gets_the_lines_of_spending(folder: Path) -> None:
    """Those of the first release, made of ours: what was spent was told by source alone."""
    (folder / "editions" / "2027.toml").unlink()
    for name in ("report", "acceptance"):
        path = folder / "forms" / f"{name}.toml"
        ours = path.read_text(encoding="utf-8")
        text = re.sub(r"\[\[section\.field\]\]\nkey = \"use_\w+\"\n(?:\w+ = .*\n)+\n", "", ours)
        text = re.sub(r" +\[\[section\.field\.column\]\]\n +key = \"last\"\n(?: +\w+ = .*\n)+\n", "", text)
        text = re.sub(r"\[\[section\]\]\n(?:\w+ = .*\n)+\n(?=\[\[section\]\])", "", text)  # nothing is left in it
        text = text.replace('checks = ["spending_adds_up"]\n', "")
        assert "use_" not in text and '"last"' not in text
        path.write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError, match="use_equipment"):
        load_policy(folder)
    for found in upgrades(folder):
        assert any("支出科目" in change for change in found.changes)
        found.write()
    ours, new = (load_policy(place).edition("2024").documents for place in (WORKFLOWS, folder))
    for name in ("report", "acceptance"):
        assert {field.key for field in new[name].fields} == {field.key for field in ours[name].fields}
        assert new[name].checks == ours[name].checks
    assert upgrades(folder) == []


def test_the_life_of_an_earlier_release_is_replaced_by_that_of_this_one(folder: Path) -> None:
    (folder / "editions" / "2027.toml").unlink()
    path = folder / "lifecycle.toml"
    path.write_text('[[transition]]\ntrigger = "submit"\narticle = "《办法》第四条"\n', encoding="utf-8")
    (found,) = upgrades(folder)
    kept = found.write()
    assert kept and "第四条" in kept.read_text(encoding="utf-8")
    assert path.read_bytes() == (WORKFLOWS / "lifecycle.toml").read_bytes()
