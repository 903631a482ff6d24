"""Titles and headings as GB/T 9704-2012 wants them: words whole, lines of like length; 一、 in 黑体, （一） in 楷体."""

import re

from markupsafe import Markup, escape

_NOT_FIRST = frozenset("，。、；：！？”’》〉）］】〕…—·％%")
_NOT_LAST = frozenset("“‘《〈（［【〔")
_GOOD_AFTER = ("”", "》", "）", "〕", "、", "，", "的", "关于", "年度")
_GOOD_BEFORE = ("项目", "名单", "公示", "公告", "通告", "通知", "“", "《", "关于")
_TORN, _QUOTED = 30.0, 60.0  # what breaking within a phrase, and within quotation marks, costs in squares of characters
_HEADED = re.compile(
    r"(?P<first>[一二三四五六七八九十]+、)?(?P<second>（[一二三四五六七八九十]+）)?(?P<words>[^。：]{1,30})(?P<end>[。：]?)"
)


def headed(paragraph: str) -> tuple[str, str, str]:
    """Class and text of the heading that a paragraph begins with, and what follows it; blank when there is none."""
    found = _HEADED.match(paragraph)
    if found is None or not (found["first"] or found["second"]):
        return "", "", paragraph
    if not found["end"] and found.end() < len(paragraph):
        return "", "", paragraph  # a long sentence with a number before it
    return "level-1" if found["first"] else "level-2", found[0], paragraph[found.end() :]


def balanced(title: str, most: int) -> Markup:
    """The title with ``<br>`` where its lines end, none wider than ``most`` characters."""
    return Markup("<br>").join(escape(line) for line in lines_of(title, most))


def lines_of(title: str, most: int) -> list[str]:
    """As few lines as it takes, broken where it hurts least."""
    whole = _width(title)
    count = max(1, -(-int(whole * 2) // (2 * most)))
    while count < len(title):
        found = _split(title, count, most, whole / count)
        if found is not None:
            return found
        count += 1
    return [title]


def _split(title: str, count: int, most: int, ideal: float) -> list[str] | None:
    """The cheapest way to ``count`` lines; None when no allowed breaks make them short enough."""
    costs = _costs(title)
    best: dict[int, tuple[float, list[str]]] = {0: (0.0, [])}
    for number in range(1, count + 1):
        ends = [len(title)] if number == count else [end for end in costs if end < len(title)]
        following: dict[int, tuple[float, list[str]]] = {}
        for end in ends:
            for start, (cost, lines) in best.items():
                line = title[start:end]
                if start < end and _width(line) <= most:
                    total = cost + (_width(line) - ideal) ** 2 + costs.get(end, 0.0)
                    if end not in following or total < following[end][0]:
                        following[end] = (total, [*lines, line])
        best = following
    return best[len(title)][1] if len(title) in best else None


def _costs(title: str) -> dict[int, float]:
    """What it costs to begin a line at each place where one may begin."""
    found, depth = {}, 0
    for place in range(1, len(title)):
        before, after = title[place - 1], title[place]
        depth += (before in "“《") - (before in "”》")
        latin = before.isascii() and after.isascii() and not before.isspace()
        if after in _NOT_FIRST or before in _NOT_LAST or latin:
            continue
        good = title[:place].endswith(_GOOD_AFTER) or title[place:].startswith(_GOOD_BEFORE)
        found[place] = (0.0 if good else _TORN) + (_QUOTED if depth else 0.0)
    return found


def _width(text: str) -> float:
    """In characters: letters and digits are half as wide."""
    return sum(0.6 if character.isascii() else 1.0 for character in text)
