"""A frozen edition: everything that an edition means, as canonical JSON with its digest, and back.

What was frozen is never rewritten: it is brought to the present format each time it is read. A field that an edition got
since then has its default; what was renamed, moved or split needs a new format: add 1 to `FORMAT`, and a step to `STEPS`
that brings the content of the format before along.
"""

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import rfc8785

from xtbang.rules.edition import Edition
from xtbang.rules.money import plain
from xtbang.rules.plain_data import from_plain, to_plain

Content = dict[str, Any]
Step = Callable[[Content], Content]

FORMAT = 3


class NewerFormatError(ValueError):
    """Raised for an edition that was frozen by a later release."""


def content_of(edition: Edition) -> Content:
    """Return everything that the edition means: its numbers, forms, sheets and its part of the life of a project."""
    content: Content = to_plain(edition)
    return content


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the canonical JSON of the content (RFC 8785): the order of its keys does not count."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()


def edition_of(content: Mapping[str, Any], number: int) -> Edition:
    """Return the edition of a content that was frozen in the format of that number. Raise NewerFormatError."""
    if number > FORMAT:
        raise NewerFormatError(f"frozen in format {number}, this release knows {FORMAT}")
    found = dict(content)
    for step in range(number, FORMAT):
        found = STEPS[step](found)
    return from_plain(Edition, found)


def _list_of_instalments(content: Content) -> Content:
    """Replace the share of the first of two instalments by the list of both, with the conditions that they had."""
    rest = {name: value for name, value in content.items() if name != "first_instalment_ratio"}
    first, article = Decimal(content["first_instalment_ratio"]["value"]), content["first_instalment_ratio"]["article"]
    both = (
        (1, "首期", first, "contract", ["issuer_has_paid", "voucher_present", "county_match_confirmed"]),
        (2, "尾款", 1 - first, "acceptance", ["county_earlier_recorded", "county_match_confirmed"]),
    )
    names = ("number", "name", "share", "after", "needs", "article")
    lines = [(number, name, plain(share), after, needs, article) for number, name, share, after, needs in both]
    return rest | {"instalments": [dict(zip(names, line, strict=True)) for line in lines]}


def _named_choices(found: Any) -> Any:
    """Return the content with every choice, which was only a word, as a key and a label: the word is both."""
    if isinstance(found, list):
        return [_named_choices(item) for item in found]
    if not isinstance(found, dict):
        return found
    made = {key: _named_choices(item) for key, item in found.items()}
    return made | {"choices": [[word, word] for word in made["choices"]]} if "choices" in made else made


# format → the step that brings its content to the next one
STEPS: Mapping[int, Step] = {1: _list_of_instalments, 2: _named_choices}
