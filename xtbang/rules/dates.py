"""The time zone of Shanghai: pages show, and legal dates are counted in, this zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """Return the date in Shanghai of an aware moment."""
    return moment.astimezone(SHANGHAI).date()
