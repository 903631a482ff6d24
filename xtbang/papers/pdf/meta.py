"""The footer of every paper."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PaperMeta:
    """Name and number of a paper, its version, the time it was made, and its check code."""

    name: str  # the title of the paper
    number: str  # "" before one is assigned
    version: int  # 0 for a blank form
    made_at: datetime  # with a time zone
    code: str  # "" for a blank form or a draft that cannot be verified
    verify_url: str  # content of the QR code; "" prints none
    state: str = ""  # printed after the version: 草稿, 空白表
    timed: bool = True  # whether ``made_at`` is printed: a blank form has no time

    @property
    def title(self) -> str:
        """Return the title of the PDF."""
        return f"{self.name} {self.number}".strip()

    @property
    def identifier(self) -> str:
        """Return the permanent, unique identifier of the PDF."""
        return self.code or f"{self.name}/{self.number}/{self.version}"
