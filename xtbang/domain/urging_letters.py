"""Letters that ask a party for the second time to do what is due (催办函, 催交函), printed once for each date that has passed."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.actions.issue import add_paper, issue
from xtbang.models import Mail, Organisation, Paper, Project
from xtbang.papers.facts.urging import urging_letter
from xtbang.queries.caller import Caller
from xtbang.queries.desk.due_dates import Reminder
from xtbang.rules.dates import day_of
from xtbang.rules.quotation import quoted

ORDINARY = "催办函"
SHOWN = 3  # days that a letter names, the last ones
WITHIN = timedelta(days=10)  # what a letter asks for, from the day on which it is issued


def print_due_letters(caller: Caller, due: Iterable[Reminder]) -> set[Reminder]:
    """Issue the letter for each of these, unless it was issued before or there was no reminder on an earlier day; return those issued.

    Inside a transaction. The project gets an event.
    """
    wanted = {
        (one.project_id, f"{one.about.key}:{one.since}"): one for one in due if one.project_id and one.about.letter
    }
    ids = {project_id for project_id, _subject in wanted}
    known = select(Paper.project_id, Paper.subject).where(Paper.project_id.in_(ids), Paper.name == "urging_letter")
    for found in caller.session.execute(known):
        wanted.pop((found.project_id, found.subject), None)
    mails = select(Mail.project_id, Mail.key, Mail.created_at).where(Mail.project_id.in_(ids), Mail.key.is_not(None))
    sent = [(row.project_id, row.key, day_of(row.created_at)) for row in caller.session.execute(mails)]
    issued = set()
    for (project_id, subject), one in sorted(wanted.items(), key=lambda item: item[0][1]):
        begins = f"{one.about.key}:project:{project_id}:" + ("" if one.every else f"{one.on}:")
        days = {day for number, key, day in sent if number == project_id and key.startswith(begins)} - {caller.today}
        if days:
            project = caller.session.get_one(Project, project_id, with_for_update=True)
            _add(caller, project, one, subject, sorted(days)[-SHOWN:])
            issued.add(one)
    return issued


def print_letter(
    context: Context, stage: str, addressees: Sequence[Organisation], asked_on: Sequence[date], until: date | None
) -> Paper:
    """Issue the letter of an office that asks once more: in its words, under the title that this office gives in that state."""
    project, policy = context.project, context.policy
    here = [due for due in policy.due_dates if due.letter and project.state in due.states]
    own = (due.letter for due in here if ("finance" in due.tell) == (context.role == "finance"))
    title = next(own, ORDINARY)
    city = policy.city
    facts = urging_letter(
        project,
        context.edition,
        title=title,
        office=city.by_role.get(context.role, city.lead).name,
        addressees=addressees,
        what=f"现处于{quoted(stage)}",
        text=context.data["text"],
        due_on=None,
        asked_on=asked_on[-SHOWN:],
        until=until,
        article=context.cite("tracking"),
        issued_on=context.today,
    )
    return issue(context, "urging_letter", title, facts, subject=f"remind:{context.event.id if context.event else 0}")


def _told(caller: Caller, one: Reminder) -> list[Organisation]:
    ids = [
        number
        for who, number in (("issuer", one.issuer_id), ("bidder", one.bidder_id))
        if who in one.about.tell and one.about.acts(who)
    ]
    return [caller.session.get_one(Organisation, number) for number in dict.fromkeys(ids) if number]


def _add(caller: Caller, project: Project, one: Reminder, subject: str, days: Sequence[date]) -> None:
    city, about, until = caller.policy.city, one.about, caller.today + WITHIN
    text = f"{about.todo}。"
    facts = urging_letter(
        project,
        caller.policy.edition(project.edition),
        title=about.letter,
        office=city.finance.name if "finance" in about.tell else city.lead.name,
        addressees=_told(caller, one),
        what=about.name,
        text=text,
        due_on=None if one.every else one.on,
        asked_on=days,
        until=until,
        article=caller.cite("tracking"),
        issued_on=caller.today,
    )
    number = project.number or ""
    add_paper(
        caller,
        project.id,
        name="urging_letter",
        subject=subject,
        version=1,
        data=facts,
        title=about.letter,
        number=number,
    )
    whom = [who for who in about.tell if about.acts(who)]
    said = {"text": f"{text}已出具{about.letter}。", "whom": whom, "until": until.isoformat()}
    audit.append(
        caller, f"project:{project.id}", trigger="remind", role="system", project_id=project.id,
        from_state=project.state, to_state=project.state, data=said,
    )  # fmt: skip
