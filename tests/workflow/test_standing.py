"""A site runs on what was frozen: a file that changed, broke or is gone is told and moves nothing."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.workflow.conftest import WORKFLOWS
from xtbang.errors import DefinitionError
from xtbang.queries.frozen_editions import Kept
from xtbang.workflow.definition import load_policy, read_folder
from xtbang.workflow.standing import Standing, faults, site_policy, standings

FROZEN = load_policy(WORKFLOWS).editions
KEPT = [Kept(edition, datetime(2026, 3, 1, tzinfo=UTC), True) for edition in FROZEN.values()]
DAYS = "[parameters.notice_days]\nvalue = 5"
REVISION = 'revision = 2\namended_on = 2026-10-01\namended_by = "潭科发〔2026〕12号"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WORKFLOWS, tmp_path / "workflows"))


def edited(folder: Path, old: str, new: str, file: str = "editions/2024.toml") -> Path:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def standing(folder: Path, key: str = "2024") -> Standing:
    reading = read_folder(folder)
    running = site_policy(reading, KEPT)
    assert {one: running.editions[one] for one in FROZEN} == FROZEN, "a running project was moved"
    return next(one for one in standings(reading, KEPT) if one.edition.key == key)


def test_a_file_that_says_the_same_in_other_words_has_not_changed(folder: Path) -> None:
    path = edited(folder, "report_months_tracked = 6\nreport_months_self = 12", "report_months_self = 12 # 一年\n\n"
                  "report_months_tracked = 6") / "editions" / "2024.toml"  # fmt: skip
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("[articles]")
    articles, _, rest = rest.partition("[forms]")
    path.write_text(f"{head}[forms]{rest}\n[articles]{articles}".replace("\n", "\r\n"), encoding="utf-8")
    assert not standing(folder).wrong


def test_a_changed_file_is_told_with_what_changed_and_how_to_amend(folder: Path) -> None:
    found = standing(edited(folder, DAYS, DAYS.replace("5", "7")))
    said = "\n".join(found.sentences)
    assert found.wrong and "2026年3月1日" in said and "revision = 2" in said
    assert "公示期由 5 个工作日延长到 7 个工作日" in said


def test_a_changed_form_is_a_change_of_its_edition(folder: Path) -> None:
    found = standing(edited(folder, 'label = "邮编"', 'label = "邮政编码"', "forms/tech_demand_2024.toml"))
    assert found.wrong and "邮政编码" in "".join(found.sentences)


@pytest.mark.parametrize("broken", ["没有等号", "subsidy = 5"])
def test_a_broken_file_is_told(folder: Path, broken: str) -> None:
    found = standing(edited(folder, "regions = ", f"{broken}\nregions = "))
    assert found.wrong and "有错误" in found.file


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / "editions" / "2024.toml").unlink()
    found = standing(folder)
    assert found.wrong and "没有了" in found.file


def test_an_amendment_is_for_new_entries(folder: Path) -> None:
    edited(edited(folder, DAYS, DAYS.replace("5", "7")), "regions = ", f"{REVISION}regions = ")
    assert not standing(folder).wrong
    policy = site_policy(read_folder(folder), KEPT)
    assert list(policy.editions) == ["2021", "2024", "2024.2"] and policy.names == ("2021", "2024")
    before, after = (policy.newest("2024", datetime(2026, month, 1).date()) for month in (9, 10))
    assert (before.label, after.label) == ("2024", "2024（第1次修订）")
    assert (before.notice_days.value, after.notice_days.value) == (5, 7)


def test_the_file_of_an_earlier_revision_is_told(folder: Path) -> None:
    edited(folder, "regions = ", f"{REVISION}regions = ")
    reading = read_folder(folder)
    kept = [*KEPT, Kept(reading.editions["2024.2"], datetime(2026, 10, 1, tzinfo=UTC), True)]
    assert not faults(standings(reading, kept))
    said, *differences = faults(standings(read_folder(WORKFLOWS), kept))
    assert "更早的一版" in said and not differences


def test_what_was_frozen_before_editions_held_all_citations_cites_as_the_city_does() -> None:
    before = [replace(item, edition=replace(item.edition, cites={})) for item in KEPT]
    assert site_policy(read_folder(WORKFLOWS), before).editions == FROZEN
    assert not faults(standings(read_folder(WORKFLOWS), before))


def test_content_that_lost_its_digest_is_told() -> None:
    damaged = [Kept(item.edition, item.frozen_at, whole=False) for item in KEPT]
    assert all("校验值" in said for said in faults(standings(read_folder(WORKFLOWS), damaged)))


def test_mistakes_stop_a_site_before_its_first_use_and_afterwards_only_those_in_the_life(folder: Path) -> None:
    edited(folder, "regions = ", "regionen = ")
    with pytest.raises(DefinitionError, match="regionen"):
        site_policy(read_folder(folder), [])
    assert list(site_policy(read_folder(folder), KEPT).editions) == ["2021", "2024"]
    assert list(site_policy(read_folder(folder), KEPT[:1]).editions) == ["2021"]
    edited(folder, 'id = "draft"', 'id = "drafts"', "lifecycle.toml")
    with pytest.raises(DefinitionError, match="drafts"):
        site_policy(read_folder(folder), KEPT)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("revision = 2\n", "amended_on"),
        ('amended_by = "潭科发〔2026〕12号"\n', "原版不写"),
        (REVISION.replace("= 2", "= 0"), "1 是原版"),
        (REVISION.replace("〔2026〕12号", "2026"), "发文字号"),
        (REVISION.replace("2026-10-01", "2023-10-01"), "早于版本的施行日期"),
    ],
)
def test_an_amendment_without_date_or_number_is_a_mistake(folder: Path, written: str, said: str) -> None:
    edited(folder, "regions = ", f"{written}regions = ")
    with pytest.raises(DefinitionError, match=said):
        load_policy(folder)
