"""The installation as plain values."""

from dataclasses import dataclass
from datetime import timedelta

from xtbang.rules.arrival import GRACE


@dataclass(frozen=True)
class Site:
    """The settings of the installation that papers and mails need."""

    secret: bytes  # key of the check codes (校验码)
    url: str  # https://bang.example.gov.cn, without a slash at the end
    phone: str = ""  # of the lead office, for questions about a public notice (公示); "" prints none
    address: str = ""
    former: tuple[str, ...] = ()  # earlier addresses of the site: papers printed under them are still valid
    grace: timedelta = GRACE  # (收齐时间) for what began to arrive before a close

    @property
    def reached(self) -> str:
        """Return in words how the lead office is reached, "" where nothing was set."""
        return "；".join(f"{label}：{word}" for label, word in (("电话", self.phone), ("地址", self.address)) if word)
