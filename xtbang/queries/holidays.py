"""Holidays (放假安排) as they are known: what an office has entered, then the files of the city."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from xtbang.models import HolidayYear
from xtbang.rules.city import City
from xtbang.rules.workdays import Arrangement, Arrangements


def arrangement_of(row: HolidayYear) -> Arrangement:
    """Return a record as the rules of working days take it."""
    return Arrangement(
        row.year, frozenset(map(date.fromisoformat, row.off)), frozenset(map(date.fromisoformat, row.worked))
    )


def holidays_of(session: Session, city: City) -> Arrangements:
    """Return the arrangements that are known; what an office has entered and confirmed comes first."""
    entered = session.scalars(
        select(HolidayYear).where(HolidayYear.status == "confirmed").order_by(HolidayYear.id.desc())
    )
    return (*map(arrangement_of, entered), *city.holidays)


def holiday_years(session: Session) -> list[HolidayYear]:
    """Return every record, newest year first, the newest record of a year first."""
    query = select(HolidayYear).options(joinedload(HolidayYear.asked_by), joinedload(HolidayYear.decided_by))
    return list(session.scalars(query.order_by(HolidayYear.year.desc(), HolidayYear.id.desc())))
