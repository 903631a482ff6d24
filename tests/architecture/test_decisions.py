"""The table of what can be corrected, changed and ended in docs/decisions.md names actions that there are."""

import re

from xtbang.config import ROOT
from xtbang.workflow.definition import load_policy

BESIDE = {
    "延长征集时间",
    "取消批次",
    "登记汇总凭证",
    "更正限制期",
    "更正送达",
    "更正公告",
    "恢复限制",
    "解除限制",
    "撤回确认",
    "撤销承继登记",
    "更正登记错误",
    "登记放假安排",
}  # done on pages of their own, not on a project
ACTS = re.compile(r"[、,;…]|（[^）]*）|\([^)]*\)|the same without")


def acts() -> list[str]:
    """What stands in the column “act” of the tables behind “What can be corrected”."""
    text = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8").split("## What can be corrected")[1]
    found = []
    column = -1
    for line in text.splitlines():
        cells = (
            [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
            if line.startswith("|")
            else []
        )
        if "act" in cells:
            column = cells.index("act")
        elif cells and not set(cells[0]) <= {"-", " "}:
            found += [act.strip() for act in ACTS.split(cells[column]) if act.strip()]
    return found


def test_every_act_of_the_table_is_an_action() -> None:
    names = {action.name for action in load_policy(ROOT / "workflows").actions.values()}
    assert len(acts()) > 40
    assert [act for act in acts() if act not in names | BESIDE] == []


def test_the_table_names_every_act_of_two_people_that_corrects_another() -> None:
    actions = load_policy(ROOT / "workflows").actions.values()
    assert {action.name for action in actions if action.second} - set(acts()) == set()
