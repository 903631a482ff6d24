"""The reasons that block an action: one sentence each, with its figures and its article."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum


class Force(StrEnum):
    """Say how strongly a rule binds."""

    MUST = "must"  # 不得 / 须 / 应: cannot be waived
    PRINCIPLE = "principle"  # 原则上 / 一般: both bureaus together may waive it, with a reason
    ADVICE = "advice"  # 优先 / 鼓励: a hint, never blocks


@dataclass(frozen=True)
class Reason:
    """A sentence that explains why an action is blocked, or advice.

    ``rule`` is the id of the rule (``A7.issuer_payment``), ``text`` the Chinese sentence with its figures, ``article``
    the citation (``《办法》第…条``), ``field`` the form field concerned. ``stable_text`` is for a 原则上 rule whose sentence
    contains figures that change daily or with every payment: the sentence without them, to which a waiver (豁免) refers.
    ``nothing`` is for a sentence that says only that there is nothing the action could act on: pages do not list it then.
    """

    rule: str
    text: str
    article: str = ""
    force: Force = Force.MUST
    field: str = ""
    stable_text: str = ""
    nothing: bool = False

    @property
    def waiver_sentence(self) -> str:
        """Return the sentence that a waiver of this reason stores; the waiver is valid as long as it is the same."""
        return self.stable_text or self.text

    def __str__(self) -> str:
        """Return the sentence with its citation before the full stop: ``…后方可首拨（《办法》第…条）。``"""
        return f"{self.text.removesuffix('。')}（{self.article}）。" if self.article else self.text


def roots(reasons: Iterable[Reason]) -> frozenset[str]:
    """Return the keys of the fields that reasons are about: of a cell in a table, that of the table."""
    return frozenset(reason.field.partition(".")[0] for reason in reasons)


def as_advice(reasons: Iterable[Reason]) -> Iterator[Reason]:
    """Yield reasons about another person's form as advice to the person who decides, without the fields of that form."""
    return (replace(reason, force=Force.ADVICE, field="") for reason in reasons)
