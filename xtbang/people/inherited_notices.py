"""Prior notices (告知书) that are open when an organisation is merged or divided: its successor is the addressee.

What was served and stated stands. A divided organisation still exists: its successor gets a notice of its own where no
project is taken over.
"""

from collections.abc import Mapping

from sqlalchemy import select, update

from xtbang.actions import audit
from xtbang.actions.issue import issue_for_organisation
from xtbang.actions.notify import notify, to_organisation
from xtbang.models import Addressee, Organisation, Paper, PartyStatement, PriorNotice, Restriction
from xtbang.papers.facts.restriction import TITLE, restriction_notice
from xtbang.people.moved import Moved
from xtbang.people.restriction_notices import page_of, workdays_to_answer
from xtbang.queries.caller import Caller
from xtbang.queries.organisations import paper_of_notice, restriction_notices
from xtbang.rules.service import notice_title


def inherit_notices(
    caller: Caller,
    kind: str,
    old: Organisation,
    new: Organisation,
    moved: Moved,
    restrictions: Mapping[int, int],
) -> None:
    """Let the successor be heard on the open notices of what has moved, and on those of a restriction outside projects.

    ``restrictions`` are the predecessor's by id, with the one that binds the successor.
    """
    session = caller.session
    query = select(Addressee).join(PriorNotice).where(PriorNotice.status == "open", Addressee.organisation_id == old.id)
    for row in session.scalars(query.where(PriorNotice.project_id.in_(moved.projects)).order_by(Addressee.id)).all():
        notice = session.get_one(PriorNotice, row.prior_notice_id)
        row = _hand_on(caller, moved, notice, row, new)
        _tell(caller, notice, row, old, f"/projects/{notice.project_id}")
    for notice in [item for item in restriction_notices(session, old.id) if item.status == "open"]:
        known = restrictions.get(notice.restriction_id or 0)
        if kind == "merger":
            moved.record(
                Paper.owner_id, _group(notice), session.scalars(select(Paper.id).where(paper_of_notice(notice))).all()
            )
            papers = update(Paper).where(paper_of_notice(notice))
            session.execute(papers.values(owner_id=new.id).execution_options(synchronize_session=False))
            if notice.restriction_id:
                moved.lengthened[str(notice.id)] = notice.restriction_id
            notice.restriction_id = known
            row = _hand_on(caller, moved, notice, notice.addressees[0], new)
            _tell(caller, notice, row, old, page_of(notice))
        else:
            own = _told_anew(caller, notice, old, new, known)
            moved.told.append(own.id)
            _tell(caller, own, own.addressees[0], old, page_of(own))


def _group(notice: PriorNotice) -> str:
    """Return the group of `Moved` to which a notice belongs: its project, or the notice itself."""
    return str(notice.project_id or f"notice:{notice.id}")


def _hand_on(caller: Caller, moved: Moved, notice: PriorNotice, row: Addressee, new: Organisation) -> Addressee:
    """Put the successor in the place of an addressee, with its statements; return its row, which may be there already."""
    session, old_id, group = caller.session, row.organisation_id, _group(notice)
    there = next((one for one in notice.addressees if one.organisation_id == new.id), None)
    if there is not None:
        there.restricted = there.restricted or row.restricted
        notice.addressees.remove(row)
        moved.take_out(session, row, group)
    else:
        moved.put(row, Addressee.organisation_id, group)
    stated = PartyStatement.prior_notice_id == notice.id, PartyStatement.organisation_id == old_id
    moved.record(PartyStatement.organisation_id, group, session.scalars(select(PartyStatement.id).where(*stated)).all())
    session.execute(update(PartyStatement).where(*stated).values(organisation_id=new.id))
    session.flush()
    return there or row


def _told_anew(
    caller: Caller, notice: PriorNotice, old: Organisation, new: Organisation, restriction_id: int | None
) -> PriorNotice:
    """Issue a notice of the same facts, evidence and days to the successor."""
    session = caller.session
    own = PriorNotice(
        restriction_id=restriction_id,
        reason=notice.reason,
        evidence=notice.evidence,
        restrict_from=notice.restrict_from,
        restrict_until=notice.restrict_until,
        due={},
        issued_at=caller.now,
        issued_by_id=caller.actor.person_id,
        addressees=[Addressee(organisation_id=new.id, relation="", restricted=True)],
    )
    session.add(own)
    session.flush()
    lengthened = session.get(Restriction, restriction_id) if restriction_id else None
    days = workdays_to_answer(caller)
    data = restriction_notice(caller.policy.city, new, own, lengthened, days, caller.site.reached)
    issue_for_organisation(caller, new.id, "restriction_notice", TITLE, data, subject=f":{old.id}")
    return own


def _tell(caller: Caller, notice: PriorNotice, row: Addressee, old: Organisation, link: str) -> None:
    """Send the successor a mail that says until when it may state its case, and append an event to its stream."""
    project, restricts = notice.project, notice.restrict_until is not None
    title = notice_title(restricts=restricts, completed=notice.after_completion) if project else TITLE
    told, until = to_organisation(row.organisation_id), row.answer_until
    notify(caller, "notice_inherited", told, project=project, link=link, name=old.name, title=title, last_day=until)
    data = {"name": old.name, "notice": notice.id}
    audit.append(caller, f"organisation:{row.organisation_id}", trigger="inherit_notice", role="science", data=data)
