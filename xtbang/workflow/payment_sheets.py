"""Print payment sheets (批次拨款审批单): of payments that wait to be approved."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from xtbang.domain.payment_approvals import APPROVE
from xtbang.domain.payment_sheets import issue_sheet
from xtbang.errors import Blocked, Forbidden
from xtbang.models import Project
from xtbang.models.writing import writing
from xtbang.rules.actor import Actor
from xtbang.rules.reasons import Reason
from xtbang.workflow.engine import Engine
from xtbang.workflow.many import candidates


def print_sheet(engine: Engine, session: Session, actor: Actor, project_ids: Collection[int]) -> int:
    """Issue the sheet of these projects, in their order, and return the id of its paper. Nothing is paid by it.

    Raise Forbidden, and Blocked with every reason against one of the payments.
    """
    if actor.roles.isdisjoint(engine.policy.actions[APPROVE].who):
        raise Forbidden("批次拨款审批单由审批拨款的部门出具。")
    with writing(session):
        locked = select(Project).where(Project.id.in_(project_ids)).order_by(Project.id).with_for_update()
        known = {project.id: project for project in session.scalars(locked)}
        wanted = [known[number] for number in project_ids if number in known]
        found = candidates(engine, session, actor, APPROVE, wanted)
        against = [Reason(each.rule, f"{item.project.number}：{each}") for item in found for each in item.reasons]
        if against or not found:
            raise Blocked(against or [Reason("batch.size", "没有选中可以审批的拨款。")])
        offers = [(item.project, item.offer) for item in found if item.offer]
        return issue_sheet(
            [engine.context(session, project, actor, offer.role, offer.action) for project, offer in offers]
        ).id
