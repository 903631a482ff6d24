"""Print one paper for many projects before something is done with them: the payment sheet (批次拨款审批单), the joint document (资金文件)."""

from collections.abc import Callable, Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.actions.context import Context
from xtbang.domain.joint_documents import RECORD, issue_joint_document
from xtbang.domain.payment_approvals import APPROVE
from xtbang.domain.payment_sheets import issue_sheet
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Paper, Project
from xtbang.models.writing import writing
from xtbang.rules.actor import Actor
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.workflow.engine import Engine
from xtbang.workflow.many import candidates


def print_sheet(engine: Engine, session: Session, actor: Actor, project_ids: Collection[int]) -> int:
    """Issue the sheet of these projects, in their order, and return the id of its paper. Nothing is paid by it.

    Raise Forbidden, and Blocked with every reason against one of the payments.
    """
    return _printed(engine, session, actor, APPROVE, project_ids, issue_sheet)


def print_joint_document(
    engine: Engine, session: Session, actor: Actor, project_ids: Collection[int], number: str, dated: date
) -> int:
    """Issue the joint document that grants money to these projects, to be signed, and return the id of its paper.

    Without a ``number`` it is printed with a blank. Raise Forbidden, and Blocked with every reason against one of the projects.
    """

    def issue(contexts: Sequence[Context]) -> Paper:
        return issue_joint_document(contexts, number, dated)

    return _printed(engine, session, actor, RECORD, project_ids, issue)


def _printed(
    engine: Engine,
    session: Session,
    actor: Actor,
    trigger: str,
    project_ids: Collection[int],
    issue: Callable[[Sequence[Context]], Paper],
) -> int:
    action = engine.policy.actions[trigger]
    if actor.roles.isdisjoint(action.who):
        raise Forbidden("这份文书由办理该事项的部门出具。")
    with writing(session):
        locked = select(Project).where(Project.id.in_(project_ids)).order_by(Project.id).with_for_update()
        known = {project.id: project for project in session.scalars(locked)}
        wanted = [known[number] for number in project_ids if number in known]
        found = candidates(engine, session, actor, trigger, wanted)
        against = [Reason(each.rule, f"{item.project.number}：{each}") for item in found for each in item.reasons]
        if against or not found:
            raise Blocked(against or [Reason("batch.size", f"没有选中可以办理{quoted(action.name)}的项目。")])
        offers = [(item.project, item.offer) for item in found if item.offer]
        return issue(
            [engine.context(session, project, actor, offer.role, offer.action) for project, offer in offers]
        ).id
