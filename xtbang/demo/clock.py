"""A clock that the demo sets itself, so that the history it makes has plausible dates."""

from datetime import UTC, datetime, time, timedelta
from random import Random

from xtbang.rules.dates import SHANGHAI
from xtbang.rules.workdays import is_workday

OFFICE, DAYTIME = (time(9), time(16, 55)), (time(8), time(22))  # office hours; hours in which other people act


class Clock:
    """Callable like ``datetime.now``; never runs past ``end``."""

    def __init__(self, end: datetime | None = None) -> None:
        self.end = end or datetime.now(UTC)
        self.now = self.end

    def __call__(self) -> datetime:
        """Return the present time, one second later at each call."""
        self.now += timedelta(seconds=1)
        return self.now

    def set(self, moment: datetime) -> None:
        """Set the time. Raise ValueError beyond the end."""
        if moment > self.end:
            raise ValueError(f"{moment} lies in the future")
        self.now = moment

    def pass_days(self, rng: Random, least: int, most: int) -> None:
        """Let some days pass, to office hours; near the end, only a part of the remaining time."""
        moment = self.now + timedelta(days=rng.randint(least, most))
        moment = moment.replace(hour=rng.randint(1, 8), minute=rng.randint(0, 59), second=rng.randint(0, 59))
        self.now = min(moment, self.now + (self.end - self.now) / 4) if moment > self.end else max(moment, self.now)

    def reach(self, moment: datetime) -> None:
        """Let time pass until a moment, unless it is over."""
        if moment > self.now:
            self.set(moment)

    def ready(self, office: bool) -> None:
        """Prepare for an action of an office, or of another person; does nothing here."""


class OfficeClock(Clock):
    """A clock that keeps office hours: 9 to 17 on working days for offices, daytime for others.

    Its end is the last moment of office hours.
    """

    def __init__(self, now: datetime | None = None) -> None:
        super().__init__(_last_office_moment(now or datetime.now(UTC)))

    def ready(self, office: bool) -> None:
        """Let time pass until an office is open, or until it is daytime."""
        self.now = max(self.now, min(_next_active_moment(self.now, office), self.end))

    def pass_days(self, rng: Random, least: int, most: int) -> None:
        """Let days pass as `Clock.pass_days` does, until a working day."""
        super().pass_days(rng, least, most)
        self.ready(office=True)


def _next_active_moment(moment: datetime, office: bool) -> datetime:
    """Return the moment itself, or the next morning that suits."""
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
