"""Tasks (待办事项) of prior notices (告知书): serve them, state one's case, decide once the days are over."""

from sqlalchemy import and_, exists, or_

from xtbang.models import Addressee, PartyStatement, PriorNotice, Project
from xtbang.queries.desk.groups import OPEN, Statement, signature_open, task, waiting_entries
from xtbang.queries.prepared import MINE, TODAY
from xtbang.rules.policy import Policy

STANDS = and_(PriorNotice.project_id == Project.id, PriorNotice.status == "open")
OF_NOTICE = Addressee.prior_notice_id == PriorNotice.id
UNSERVED = exists().where(OF_NOTICE, Addressee.served_on.is_(None))
WAIVED = exists().where(
    PartyStatement.prior_notice_id == PriorNotice.id,
    PartyStatement.organisation_id == Addressee.organisation_id,
    PartyStatement.kind == "waived",
    PartyStatement.voided_at.is_(None),
)
IN_TIME = exists().where(OF_NOTICE, Addressee.answer_until >= TODAY, ~WAIVED.correlate(PriorNotice, Addressee))


@task()
def statements(policy: Policy, role: str) -> Statement:
    """Return the projects with a prior notice on which this organisation may state its case, and has not."""
    query = waiting_entries(due=Addressee.answer_until, since=PriorNotice.issued_at)
    query = query.join(PriorNotice, STANDS).join(Addressee, OF_NOTICE)
    said = exists().where(
        PartyStatement.prior_notice_id == PriorNotice.id,
        PartyStatement.organisation_id == MINE,
        PartyStatement.voided_at.is_(None),
    )
    in_time = or_(Addressee.answer_until.is_(None), Addressee.answer_until >= TODAY)
    return query.where(Addressee.organisation_id == MINE, in_time, ~said.correlate(PriorNotice))


@task(begins=OPEN)
def notices_to_serve(policy: Policy, role: str) -> Statement:
    """Return the projects whose prior notice was not served on everyone."""
    query = waiting_entries(since=PriorNotice.issued_at).join(PriorNotice, STANDS)
    return query.where(UNSERVED.correlate(PriorNotice))


@task(begins=OPEN)
def heard(policy: Policy, role: str) -> Statement:
    """Return the projects whose parties were all served and have had their days: the decision is next."""
    query = waiting_entries(since=PriorNotice.issued_at).join(PriorNotice, STANDS)
    return query.where(~UNSERVED.correlate(PriorNotice), ~IN_TIME.correlate(PriorNotice), ~signature_open())
