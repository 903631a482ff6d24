"""A slip in ``workflows/`` stops the start with the file, the line and what was expected."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.workflow.conftest import WORKFLOWS
from xtbang.errors import DefinitionError
from xtbang.queries.prepared import prepared
from xtbang.rules.edition import Parameter
from xtbang.rules.policy import Policy
from xtbang.workflow.definition import load_policy

NAME = re.compile("《[^》]+》")
SLIPS = [
    ("lifecycle.toml", '"form_valid", "window_open"', '"form_vaild", "window_open"', "form_vaild", "条件"),
    ("lifecycle.toml", 'who = ["leader"]', 'who = ["laeder"]', "laeder", "角色"),
    ("lifecycle.toml", 'to = "solicitation"', 'to = "solicitaton"', "solicitaton", "状态"),
    ("lifecycle.toml", 'from = ["roadshow"]', 'from = ["roadshw"]', "roadshw", "状态"),
    ("lifecycle.toml", 'trigger = "accept"', 'trigger = "acept"', "acept", "函数"),
    ("lifecycle.toml", 'options = "submitted_bids"', 'options = "submited_bids"', "submited_bids", "程序提供的选项"),
    ("lifecycle.toml", 'key = "term_ends"', 'key = "term_end"', "term_end", "期限"),
    ("lifecycle.toml", 'key = "charge"', 'key = "chrage"', "chrage", "待办"),
    ("lifecycle.toml", 'shows = ["form_link"]', 'shows = ["form_lnik"]', "form_lnik", "action_page"),
    ("lifecycle.toml", "danger = true", "dangerous = true", "dangerous", "名称"),
    (
        "lifecycle.toml",
        'key = "correct_by"\n  label = "修改截止日期"\n  kind = "date"',
        'key = "correct_by"\n  label = "修改截止日期"\n  kind = "dat"',
        "dat",
        "填写方式",
    ),
    ("editions/2024.toml", "[parameters.term_years]", "[parameters.term_year]", "term_year", "名称"),
    ("editions/2024.toml", 'force = "principle"', 'force = "prinzip"', "prinzip", "效力"),
    (
        "editions/2024.toml",
        'tech_demand = "tech_demand_2024"',
        'tech_demand = "tech_demand_2042"',
        "tech_demand_2042",
        "表格",
    ),
    ("editions/2024.toml", 'number = "潭政办发', 'numero = "潭政办发', "numero", "名称"),
    ("editions/2021.toml", 'aggregate = "trimmed"', 'aggregate = "trimed"', "trimed", "得分"),
    ("editions/2021.toml", "scan_required = false", 'scan_required = "no"', "scan_required", "true"),
    ("forms/bid.toml", 'checks = ["shares_add_up"]', 'checks = ["shares_addup"]', "shares_addup", "核对"),
    ("forms/tech_demand_2024.toml", 'key = "title"', 'key = "titel"', "title", "填写项"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(WORKFLOWS, tmp_path / "workflows")
    return tmp_path / "workflows"


@pytest.mark.parametrize(("file", "right", "wrong", "named", "expected"), SLIPS)
def test_a_slip_is_named_with_file_and_line(
    folder: Path, file: str, right: str, wrong: str, named: str, expected: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_policy(folder)
    mistake = caught.value.mistakes[0]
    assert mistake.file == path
    assert named in str(caught.value)
    assert expected in str(caught.value)
    lines = path.read_text(encoding="utf-8").splitlines()
    near = "\n".join(lines[max(0, mistake.line - 3) : mistake.line + 2])
    assert mistake.line > 0
    assert named.split(".")[-1] in near or file.startswith("forms/tech")


def test_all_slips_of_all_files_are_named_at_once(folder: Path) -> None:
    """The first mistake hides no other one, in the same file or in another."""
    for file, right, wrong, *_ in SLIPS:
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_policy(folder)
    sentences = caught.value.sentences
    for file, _, _, named, expected in SLIPS:
        assert any(f"workflows/{file} 第 " in sentence and named in sentence for sentence in sentences), named
        assert expected in str(caught.value)


def test_the_same_mistake_in_many_lines_is_told_once(folder: Path) -> None:
    path = folder / "lifecycle.toml"
    path.write_text(path.read_text(encoding="utf-8") + 3 * '\n[[due]]\nkye = "x"\n', encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_policy(folder)
    assert len([sentence for sentence in caught.value.sentences if "kye" in sentence]) == 1
    assert "、" in caught.value.sentences[0].split("行")[0]


def test_the_measures_come_first_of_all_sources(folder: Path) -> None:
    path = folder / "editions" / "2024.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('short = "《办法》"', 'short = "《方法》"'), encoding="utf-8"
    )
    with pytest.raises(DefinitionError, match="《办法》"):
        load_policy(folder)


def test_what_rules_cite_has_its_full_name(folder: Path) -> None:
    """A paper can spell out every short name that an article of the edition uses."""
    for edition in load_policy(folder).editions.values():
        rules = [value for value in vars(edition).values() if isinstance(value, Parameter)]
        cited = {
            name
            for text in (*edition.articles.values(), *(rule.article for rule in rules))
            for name in NAME.findall(text)
        }
        assert cited == {source.short for source in edition.sources}


def test_a_short_name_is_spelled_out_once(folder: Path) -> None:
    edition = load_policy(folder).editions["2024"]
    one, other = edition.cite_in_full("《办法》第七条", "《办法》第八条、《2024年征集通知》第三部分第1项")
    assert one == "《湘潭市科技创新“揭榜挂帅”项目管理办法》（潭政办发〔2021〕14号，以下简称《办法》）第七条"
    assert other.startswith("《办法》第八条、《关于征集2024年度")
    assert other.endswith("的通知》（以下简称《2024年征集通知》）第三部分第1项")


def test_an_edition_cites_its_own_articles_for_what_is_done(folder: Path) -> None:
    """What no edition says is cited as the city does; an action about two things cites both, the document once."""
    path = folder / "editions" / "2024.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f'{text}\n[cites]\nmarket = "《2024年征集通知》第二部分"\n', encoding="utf-8")
    policy = load_policy(folder)
    cited = [life.actions["register_deal"].article for life in (policy.life("2021"), policy.life("2024"))]
    assert cited == ["《办法》第五条（一）、第十条", "《2024年征集通知》第二部分、《办法》第十条"]


@pytest.mark.parametrize(("table", "key"), [("due", "recovery"), ("task", "countersign")])
def test_nothing_that_people_are_told_of_may_be_left_out(folder: Path, table: str, key: str) -> None:
    path = folder / "lifecycle.toml"
    text = path.read_text(encoding="utf-8")
    left = re.sub(rf'\[\[{table}\]\]\nkey = "{key}"\n(.+\n)+', "", text, count=1)
    assert left != text
    path.write_text(left, encoding="utf-8")
    with pytest.raises(DefinitionError, match=rf'\[\[{table}\]\] key = "{key}"'):
        load_policy(folder)


def test_what_pages_can_show_is_shown(folder: Path) -> None:
    path = folder / "lifecycle.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('shows = ["bids"]', 'shows = ["form"]'), encoding="utf-8")
    with pytest.raises(DefinitionError, match="没有事项显示 bids"):
        load_policy(folder)


def test_a_state_nobody_reaches_is_refused(folder: Path) -> None:
    path = folder / "lifecycle.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[[state]]\nid = "limbo"\nname = "悬置"\n', encoding="utf-8")
    with pytest.raises(DefinitionError, match="（limbo）没有事项能到这个状态"):
        load_policy(folder)


@pytest.mark.parametrize(
    ("line", "by", "told"),
    [
        ("reopens = true\n", "", "（closed）已是终点（final），却有没写 reopens 的事项能离开"),
        (
            'trigger = "settle"\n',
            'trigger = "settle"\nreopens = true\n',
            "（termination）不是终点（final），却没有事项能离开",
        ),
        (
            'trigger = "conclude"\n',
            'trigger = "conclude"\nreopens = true\n',
            "（contracting）不是终点（final），却有写了 reopens 的事项",
        ),
    ],
)
def test_a_final_state_is_left_by_what_reopens_it_alone(folder: Path, line: str, by: str, told: str) -> None:
    path = folder / "lifecycle.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(line, by, 1), encoding="utf-8")
    with pytest.raises(DefinitionError, match=told):
        load_policy(folder)


def test_a_state_without_a_way_out_is_refused(folder: Path) -> None:
    path = folder / "lifecycle.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(
            'id = "closed"\nname = "办结"\nabout = "项目办结；常态化对接项目为对接成功"\nfinal = true',
            'id = "closed"\nname = "办结"',
        ),
        encoding="utf-8",
    )
    with pytest.raises(DefinitionError, match="（closed）不是终点（final），却没有事项能离开"):
        load_policy(folder)


def test_a_kept_statement_is_built_again_for_another_edition_or_policy() -> None:
    policy, made = load_policy(WORKFLOWS), iter(range(9))

    def asked(of: Policy) -> int:
        return prepared(of, "desk", lambda: next(made))

    assert (asked(policy), asked(policy)) == (0, 0)
    policy.editions["2024"] = replace(policy.editions["2024"], title="修正后的办法")
    assert (asked(policy), asked(policy)) == (1, 1)
    assert asked(replace(policy, tasks=())) == 2
    assert asked(policy) == 1


def test_the_button_that_confirms_says_so_once() -> None:
    said = [action.confirmed_by for action in load_policy(WORKFLOWS).actions.values()]
    assert "确认县市区（园区）配套" in said and "确认拨款审批" in said
    assert [text for text in said if text.count("确认") != 1] == []
