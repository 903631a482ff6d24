"""The month in which an instalment (期次) that is not paid yet is expected."""

from datetime import date, timedelta

from xtbang.rules.edition import Edition, Instalment


def month_expected(
    edition: Edition, item: Instalment, *, due: bool, starts_on: date | None, ends_on: date | None, since: date
) -> date:
    """Return the first day of the month from which on an unpaid instalment is expected, whatever day it is today.

    ``due``: its project is where it is paid, ``since`` that day. Otherwise what follows the acceptance is expected at the end of
    the term, and what follows the midterm check when that is due.
    """
    start, end = starts_on or since, ends_on or since
    expected = {"contract": start, "acceptance": end}.get(item.after)
    if due:
        expected = since
    elif expected is None:
        share = edition.midterm.at if edition.midterm else 1
        expected = start + timedelta(days=int((end - start).days * share))
    return expected.replace(day=1)
