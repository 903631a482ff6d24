"""The month in which an instalment (期次) that is not paid yet is expected."""

from datetime import date, timedelta

from xtbang.rules.edition import Edition, Instalment


def month_expected(
    edition: Edition, item: Instalment, *, due: bool, starts_on: date | None, ends_on: date | None, today: date
) -> date:
    """Return the first day of the month in which an unpaid instalment is expected, never one that is past.

    ``due``: its project is where it is paid. Otherwise what follows the acceptance is expected at the end of the term, and what
    follows the midterm check when that is due.
    """
    start, end = starts_on or today, ends_on or today
    expected = {"contract": start, "acceptance": end}.get(item.after)
    if due:
        expected = today
    elif expected is None:
        share = edition.midterm.at if edition.midterm else 1
        expected = start + timedelta(days=int((end - start).days * share))
    return max(expected, today).replace(day=1)
