"""A clock that the demo turns by hand, so that the past it makes has believable dates."""

from datetime import UTC, datetime, time, timedelta
from random import Random

from xtbang.rules.dates import SHANGHAI
from xtbang.rules.workdays import is_workday

OFFICE, DAYTIME = (time(9), time(16, 55)), (time(8), time(22))  # when offices work; when others are awake


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

    def ready(self, office: bool) -> None:
        """Called before a deed, of an office or of somebody else."""


class OfficeClock(Clock):
    """Offices work on working days, 9 to 17 in Shanghai; others by day. It ends with the last moment of office hours."""

    def __init__(self, now: datetime | None = None) -> None:
        super().__init__(_last_office_moment(now or datetime.now(UTC)))

    def ready(self, office: bool) -> None:
        """Wait until an office is open, or until it is day."""
        self.now = max(self.now, min(_next(self.now, office), self.end))

    def pass_days(self, rng: Random, least: int, most: int) -> None:
        """As `Clock.pass_days`, up to a working day."""
        super().pass_days(rng, least, most)
        self.ready(office=True)


def _next(moment: datetime, office: bool) -> datetime:
    """The moment itself, or one in the next morning that will do."""
    local = moment.astimezone(SHANGHAI)
    opens, closes = OFFICE if office else DAYTIME
    day = local.date() + timedelta(days=local.time() >= closes)
    while office and not is_workday(day):
        day += timedelta(days=1)
    if day == local.date() and local.time() >= opens:
        return moment
    morning = time(9 + local.day % 3, (local.minute * 7 + local.day * 13) % 60, local.second)
    return datetime.combine(day, morning, SHANGHAI).astimezone(UTC)


def _last_office_moment(now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    opens, closes = OFFICE
    if is_workday(local.date()) and opens <= local.time() < closes:
        return now
    day = local.date() - timedelta(days=local.time() < opens)
    while not is_workday(day):
        day -= timedelta(days=1)
    return datetime.combine(day, time(16, 30), SHANGHAI).astimezone(UTC)
