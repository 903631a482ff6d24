"""The facts of the sheets of a case file (案卷): its contents (卷内目录) and its closing note (卷内备考表)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from xtbang.papers.facts.text import Facts


def case_file(head: Mapping[str, str], items: Sequence[Mapping[str, Any]], *, handled_by: str, dated: date) -> Facts:
    """Return the facts: ``head`` with number, title, issuer and bidder; each item with pages, 0 where they are not known."""
    return {
        **head,
        "items": [dict(item) for item in items],
        "pages": sum(item["pages"] for item in items),
        "uncounted": sum(1 for item in items if not item["pages"]),
        "handled_by": handled_by,
        "dated": dated.isoformat(),
    }
