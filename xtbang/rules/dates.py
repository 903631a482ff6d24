"""The time zone of Shanghai: pages show, and legal dates are counted in, this zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """Return the date in Shanghai of an aware moment."""
    return moment.astimezone(SHANGHAI).date()


def last_moment_of(day: date) -> datetime:
    """Return the last moment of a day in Shanghai."""
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI) - datetime.resolution


def years_before(today: date, years: int) -> date:
    """Return the same day that many years ago; of 29 February the 28th."""
    day = min(today.day, 28) if today.month == 2 else today.day
    return today.replace(year=today.year - years, day=day)
