"""Facts of the paper of a correction (更正单): what stood there, what stands there now, why, and by whom."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from xtbang.models import Project
from xtbang.papers.facts.common import moment, project
from xtbang.papers.facts.text import Facts, closed_up
from xtbang.rules.edition import Edition


@dataclass(frozen=True)
class Change:
    """One thing that is corrected: the old words and the new ones ("" for nothing)."""

    label: str
    old: str
    new: str


def correction(
    row: Project,
    edition: Edition,
    *,
    title: str,
    what: str,
    changes: Iterable[Change],
    cause: str,
    reason: str,
    dated: date,
    signed: Sequence[tuple[str, str, datetime]],
    article: str,
) -> Facts:
    """Return the facts of a correction; ``signed`` are office, name and moment of who asked for it and who confirmed it."""
    words = ("办理",) if len(signed) == 1 else ("提出", *["复核"] * (len(signed) - 1))
    return {
        "project": project(row, edition),
        "title": title,
        "what": what,
        "changes": [{key: closed_up(text) for key, text in asdict(item).items()} for item in changes],
        "cause": cause,
        "reason": reason,
        "dated": dated.isoformat(),
        "signers": [
            {"office": office, "name": name, "at": moment(at), "as": word}
            for (office, name, at), word in zip(signed, words, strict=True)
        ],
        "article": edition.cite_in_full(article)[0],
    }


def revocation(
    row: Project,
    edition: Edition,
    *,
    decision: str,
    decided_on: date,
    back_to: str,
    void: Sequence[Facts],
    reason: str,
    signed: Sequence[tuple[str, str]],
    revoked_on: date,
    article: str,
) -> Facts:
    """Return the facts of a 撤销决定书; ``signed`` are office and person of those who revoke, ``void`` title and code."""
    return {
        "project": project(row, edition),
        "decision": decision,
        "decided_on": decided_on.isoformat(),
        "back_to": back_to,
        "void": list(void),
        "reason": reason,
        "people": [{"office": office, "name": name} for office, name in signed],
        "offices": list(dict.fromkeys(office for office, _name in signed)),
        "revoked_on": revoked_on.isoformat(),
        "document_number": "",
        "article": edition.cite_in_full(article)[0],
    }
