"""A clock that the demo turns by hand, so that the past it makes has believable dates."""

from datetime import UTC, datetime, timedelta
from random import Random


class Clock:
    """Callable like ``datetime.now``; never runs past ``end``."""

    def __init__(self, end: datetime | None = None) -> None:
        self.end = end or datetime.now(UTC)
        self.now = self.end

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def set(self, moment: datetime) -> None:
        """Turn it to a moment; ValueError beyond the end."""
        if moment > self.end:
            raise ValueError(f"{moment} lies in the future")
        self.now = moment

    def pass_days(self, rng: Random, least: int, most: int) -> None:
        """Let a few days pass, into office hours; close to the end only as much as is left."""
        moment = self.now + timedelta(days=rng.randint(least, most))
        moment = moment.replace(hour=rng.randint(1, 8), minute=rng.randint(0, 59), second=rng.randint(0, 59))
        self.now = min(moment, self.now + (self.end - self.now) / 4) if moment > self.end else max(moment, self.now)

    def reach(self, moment: datetime) -> None:
        """Let time pass up to a moment, if it has not come yet."""
        if moment > self.now:
            self.set(moment)
