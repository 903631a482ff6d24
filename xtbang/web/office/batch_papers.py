"""The paper that an office prints for the chosen projects before a batch, and signs on paper."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from xtbang.domain.joint_documents import RECORD
from xtbang.domain.payment_approvals import APPROVE
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.rules.lives import Action
from xtbang.rules.reasons import Reason
from xtbang.web.frame.access import actor
from xtbang.web.frame.shell import engine
from xtbang.workflow.batch_papers import print_joint_document, print_sheet

PRINTED = {APPROVE: "批次拨款审批单", RECORD: "资金文件"}


def print_paper(action: Action, project_ids: Sequence[int], values: Mapping[str, Any]) -> int:
    """Issue the paper of these projects and return its id; nothing is done with them. ``values`` are cleaned. Raise Blocked."""
    asked = engine(), db.session(), actor(), project_ids
    if action.trigger == APPROVE:
        return print_sheet(*asked)
    try:
        dated = date.fromisoformat(values["dated"])
    except ValueError:
        raise Blocked([Reason("paper.dated", "请填写发文日期，印在文件上。", field="dated")]) from None
    return print_joint_document(*asked, values["number"], dated)
