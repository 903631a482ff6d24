"""The installation as plain values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """What papers and mails need to know of the installation."""

    secret: bytes  # for check codes
    url: str  # https://bang.example.gov.cn, without a slash at the end
    phone: str = ""  # where 市科技局 is reached about a 公示; "" prints none
    address: str = ""
    former: tuple[str, ...] = ()  # addresses that the site had before; papers printed under them are still valid
