"""The words of a search, and the index terms of a text: pairs of neighbouring characters, so that every part of a text is found.

A text and the words that are searched for are folded alike: full-width signs become half-width, capitals small, one sign
for one, so that a place in the folded text is the same place in the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

MOST_WORDS = 8
KIND_SIGNS = 4  # by which the kinds of things that are found differ
_YEAR = re.compile(r"\s?[\[(【〔［]\s?([0-9]{4})\s?[\])】〕］]\s?([0-9])")  # of a 文号, before its number


@lru_cache(4096)
def _folded(sign: str) -> str:
    folded = unicodedata.normalize("NFKC", sign).casefold()
    return folded if len(folded) == 1 else sign


def fold(text: str) -> str:
    """Return the text half-width and in small letters, as long as before."""
    return "".join(map(_folded, text))


def as_compared(name: str) -> str:
    """Return the name of an organisation as it is compared with another: half-width, in small letters, without spaces."""
    return "".join(fold(name).split())


def words_in(search: str) -> list[str]:
    """Return the words that are searched for, folded, each once; a 文号 with the brackets that it is stored with."""
    return list(dict.fromkeys(_YEAR.sub(r"〔\1〕\2", fold(search)).split()))[:MOST_WORDS]


@lru_cache(4096)
def _code(part: str) -> str:
    return "".join(f"{ord(sign):05x}" for sign in part)


def terms_of(text: str, kind: str) -> set[str]:
    """Return the index terms of a folded text of that kind: every pair of characters, and the last one of each word alone.

    Each kind has terms of its own, so that a search among one kind reads nothing of another.
    """
    found: set[str] = set()
    for word in text.split():
        found.update(_code(word[at : at + 2]) for at in range(len(word)))
    return {_of_kind(kind) + code for code in found}


def mark_term(kind: str, name: str, value: Any) -> str:
    """Return the index term of everything of that kind that has this value, of a state or a region for instance; no pair of characters has it."""
    return _of_kind(kind) + name + _code(str(value))


def _of_kind(kind: str) -> str:
    """Return with what the terms of a kind begin, equally long for all (`KIND_SIGNS`)."""
    return kind[:KIND_SIGNS].ljust(KIND_SIGNS, "z")


def terms_asked(words: list[str], kind: str) -> Iterator[tuple[str, bool]]:
    """Yield the terms that a text of the kind with all of the words has, and whether a term is only the beginning of one (a single character)."""
    for word in words:
        if len(word) == 1:
            yield _of_kind(kind) + _code(word), True
        for at in range(len(word) - 1):
            yield _of_kind(kind) + _code(word[at : at + 2]), False


def marked(text: str, words: list[str]) -> list[tuple[str, bool]]:
    """Return the text in pieces, and of each whether it is one of the words."""
    folded, hit = fold(text), bytearray(len(text))
    for word in words:
        at = folded.find(word)
        while at >= 0:
            hit[at : at + len(word)] = b"\1" * len(word)
            at = folded.find(word, at + 1)
    pieces: list[tuple[str, bool]] = []
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or hit[place] != hit[start]:
            pieces.append((text[start:place], bool(hit[start])))
            start = place
    return pieces


def excerpt(text: str, words: list[str], size: int = 80) -> str:
    """Return the part of the text around the first of the words that stands in it, with … where something was left out."""
    folded = fold(text)
    places = [at for word in words if (at := folded.find(word)) >= 0]
    start = max(0, min(places, default=0) - size // 4)
    end = start + size
    return ("…" if start else "") + " ".join(text[start:end].split()) + ("…" if end < len(text) else "")
