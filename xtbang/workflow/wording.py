"""Chinese sentences about what was changed, added and removed."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

from xtbang.rules.quotation import quoted

SHORT = 30  # characters of a text that is quoted in full
AROUND = 6  # characters that are quoted before and after what was changed in a longer text


def named(text: str) -> str:
    """Return the text in quotation marks, or as it is when it begins with 《."""
    return text if text.startswith("《") else quoted(text)


def changed(name: str, old: str, new: str) -> Iterator[str]:
    """Yield the sentence for a text that was changed, added or removed; of long texts, only what differs is quoted."""
    if old and new and old != new:
        before, after = _excerpts(old, new)
        yield f"{name}由{named(before)}改为{named(after)}。"
    elif new and not old:
        yield f"增加{name}：{named(new)}。"
    elif old and not new:
        yield f"删去{name}：{named(old)}。"


def list_difference(name: str, old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Yield what was added to a list and what was removed from it, or that only its order was changed."""
    added, removed = [item for item in new if item not in old], [item for item in old if item not in new]
    parts = [f"增加{'、'.join(added)}"] * bool(added) + [f"删去{'、'.join(removed)}"] * bool(removed)
    if parts:
        yield f"{name}{'，'.join(parts)}。"
    elif tuple(old) != tuple(new):
        yield f"{name}的次序有变化。"


def _excerpts(old: str, new: str) -> tuple[str, str]:
    if max(len(old), len(new)) <= SHORT:
        return old, new
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    first, last = max(start - AROUND, 0), max(end - AROUND, 0)
    before, after = (f"{'……' if first else ''}{text[first : len(text) - last]}" for text in (old, new))
    return (f"{before}……", f"{after}……") if last else (before, after)


def _alike(old: str, new: str) -> int:
    """Return the number of characters with which both texts begin."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False))))
