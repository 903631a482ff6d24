"""The arrival (到达) of what is handed in: by its first and last byte, held against a close."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from xtbang.rules.dates import SHANGHAI

GRACE = timedelta(minutes=10)  # what began before a close may arrive until then, unless the settings say otherwise


@dataclass(frozen=True)
class Arrival:
    """The moments at which the first and the last byte of a request arrived."""

    first: datetime
    last: datetime

    def in_time(self, close: datetime, grace: timedelta) -> bool:
        """Return whether the first byte arrived by the close, its last moment, and the last byte within the grace."""
        return self.first <= close and self.last <= close + grace

    def late_words(self, close: datetime) -> str:
        """Return the sentence that tells the sender why what was sent was not in time."""
        if self.first > close:
            return f"本次提交于{_clock(self.first)}到达，已过截止时间。"
        return f"本次提交在截止前开始传送，但到{_clock(self.last)}才传完，超过了收齐的时间。"


def _clock(at: datetime) -> str:
    """Return a moment of the day to the millisecond, in Shanghai."""
    return f"{at.astimezone(SHANGHAI):%H:%M:%S.%f}"[:-3]
