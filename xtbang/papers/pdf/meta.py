"""What stands at the foot of every paper."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PaperMeta:
    """Name and number of a paper, its version, when it was made, and how to check it."""

    name: str  # 湘潭市科技创新计划“揭榜挂帅”项目表
    number: str  # "" before one is assigned
    version: int  # 0 for a blank form
    made_at: datetime  # with a time zone
    code: str  # "" for a blank form or a draft that cannot be verified
    verify_url: str  # what the QR code says; "" prints none
    state: str = ""  # printed behind the version: 草稿, 空白表
    timed: bool = True  # whether ``made_at`` is printed: what nobody has begun has no time

    @property
    def title(self) -> str:
        """The title of the PDF."""
        return f"{self.name} {self.number}".strip()

    @property
    def identifier(self) -> str:
        """What stays the same for this paper and for no other."""
        return self.code or f"{self.name}/{self.number}/{self.version}"
