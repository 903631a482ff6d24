"""The one time zone of the process: people read, and the law counts, in the time of Shanghai."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(moment: datetime) -> date:
    """Return the date in Shanghai of an aware moment."""
    return moment.astimezone(SHANGHAI).date()
