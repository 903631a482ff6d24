"""The facts of a letter that asks a party for the second time to do what is due (催办函, 催交函)."""

from collections.abc import Iterable, Sequence
from datetime import date

from xtbang.models import Organisation, Project
from xtbang.papers.facts.common import iso, organisation, project
from xtbang.papers.facts.text import Facts
from xtbang.rules.edition import Edition


def urging_letter(
    row: Project,
    edition: Edition,
    *,
    title: str,
    office: str,
    addressees: Iterable[Organisation],
    what: str,
    text: str,
    due_on: date | None,
    asked_on: Sequence[date],
    until: date | None,
    article: str,
    issued_on: date,
) -> Facts:
    """Return the facts of the letter: what was due when, on which days it was asked for, until when it is to be done.

    ``what`` names what is waited for, ``text`` asks for it in a sentence.
    """
    return {
        "project": project(row, edition),
        "title": title,
        "offices": [office],
        "addressees": [organisation(one) for one in addressees],
        "what": what,
        "text": text,
        "due_on": iso(due_on),
        "asked_on": [day.isoformat() for day in asked_on],
        "until": iso(until),
        "article": edition.cite_in_full(article)[0],
        "document_number": "",
        "issued_on": issued_on.isoformat(),
    }
