"""Why something may not be done: one sentence with its figures and its article."""

from dataclasses import dataclass
from enum import StrEnum


class Force(StrEnum):
    """How strongly a rule binds."""

    MUST = "must"  # 不得 / 须 / 应: nobody can waive it
    PRINCIPLE = "principle"  # 原则上 / 一般: both bureaus may waive it with a reason
    ADVICE = "advice"  # 优先 / 鼓励: a hint, never blocks


@dataclass(frozen=True)
class Reason:
    """One sentence that tells a person why an action is closed to them.

    ``rule`` is the id of the rule (``A7.issuer_payment``), ``text`` the Chinese sentence with its
    figures, ``article`` the citation (``《办法》第七条``), ``field`` the form field it is about.
    ``standing`` is for a 原则上 rule whose sentence goes on changing with what does not matter to a waiver (the day, a
    payment more): the part of it that a waiver is about.
    """

    rule: str
    text: str
    article: str = ""
    force: Force = Force.MUST
    field: str = ""
    standing: str = ""

    @property
    def waived_as(self) -> str:
        """The sentence that a waiver of it keeps and holds for."""
        return self.standing or self.text

    def __str__(self) -> str:
        """The sentence with its citation before the full stop: ``…后方可首拨（《办法》第七条）。``"""
        return f"{self.text.removesuffix('。')}（{self.article}）。" if self.article else self.text
