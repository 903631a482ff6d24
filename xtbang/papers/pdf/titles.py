"""Titles and headings by GB/T 9704-2012: no broken words, lines of similar length; 一、 in 黑体, （一） in 楷体."""

import re

from markupsafe import Markup, escape

_NOT_FIRST = frozenset("，。、；：！？”’》〉）］】〕…—·％%")
_NOT_LAST = frozenset("“‘《〈（［【〔")
_GOOD_AFTER = ("”", "》", "）", "〕", "、", "，", "的", "关于", "年度")
_GOOD_BEFORE = ("项目", "名单", "公示", "公告", "通告", "通知", "“", "《", "关于")
_JOINS = re.compile(r"(?<![参涉普以共温])[与和及](?![谐时国平])|的")  # a line may begin with one of them
_TERMS = tuple(
    "技术 系统 研究 研发 开发 装备 设备 材料 工艺 平台 应用 制造 制备 生产 控制 检测 监测 管理 产业化 工程化 示范 方法 "
    "模块 部件 器件 电池 电机 装置 仪器 涂层 体系 模型 算法 软件 网络 关键 集成 回收 利用 修复 治理 诊断 优化 "
    "基板 陶瓷 芯片 合金 薄膜 晶体 传感器 机器人 机床 发电机 变压器 轴承 刀具 激光 药物 疫苗 土壤 废水 尾矿 农机 种质".split()
)  # technical terms that should not be broken
# Costs in squared characters: a break after a term, elsewhere, within quotation marks; an additional line.
_AFTER_TERM, _ELSEWHERE, _QUOTED, _LINE = 6.0, 200.0, 400.0, 40.0
_HEADED = re.compile(
    r"(?P<first>[一二三四五六七八九十]+、)?(?P<second>（[一二三四五六七八九十]+）)?(?P<words>[^。：]{1,30})(?P<end>[。：]?)"
)


def headed(paragraph: str) -> tuple[str, str, str]:
    """Return class and text of the heading at the start of a paragraph, and the rest; "" when there is no heading."""
    found = _HEADED.match(paragraph)
    if found is None or not (found["first"] or found["second"]):
        return "", "", paragraph
    if not found["end"] and found.end() < len(paragraph):
        return "", "", paragraph  # a long sentence after a number
    return "level-1" if found["first"] else "level-2", found[0], paragraph[found.end() :]


def is_addressee(paragraph: str) -> bool:
    """Return whether the paragraph is the addressee (主送机关) of a notice, not the introduction of a list."""
    return paragraph.endswith("：") and "。" not in paragraph and not paragraph.endswith(("如下：", "下列：", "以下："))


def balanced(title: str, most: int) -> Markup:
    """Return the title with ``<br>`` between its lines, none wider than ``most`` characters."""
    return Markup("<br>").join(escape(line) for line in lines_of(title, most))


def lines_of(title: str, most: int) -> list[str]:
    """Return the title in as few lines as possible, or one more if that avoids bad breaks."""
    whole = _width(title)
    count = max(1, -(-int(whole * 2) // (2 * most)))
    while count < len(title):
        found = [_split(title, lines, most, whole / lines) for lines in (count, count + 1)]
        costs = [(cost + more * _LINE, lines) for more, (cost, lines) in enumerate(found) if lines]
        if costs:
            return min(costs)[1]
        count += 1
    return [title]


def _split(title: str, count: int, most: int, ideal: float) -> tuple[float, list[str]]:
    """Return the cheapest division into ``count`` lines and its cost; no lines when none are short enough."""
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
    return best.get(len(title), (0.0, []))


def _costs(title: str) -> dict[int, float]:
    """Return the positions where a line may begin, each with its cost."""
    found, depth = {}, 0
    for place in range(1, len(title)):
        before, after = title[place - 1], title[place]
        depth += (before in "“《") - (before in "”》")
        latin = before.isascii() and after.isascii() and not before.isspace()
        dated = before.isdigit() and after in "年月日号"
        if after in _NOT_FIRST or before in _NOT_LAST or latin or dated:
            continue
        found[place] = _break_cost(title, place) + (_QUOTED if depth else 0.0)
    return found


def _break_cost(title: str, place: int) -> float:
    before, after = title[:place], title[place:]
    if before.endswith(_GOOD_AFTER) or after.startswith(_GOOD_BEFORE) or _JOINS.match(title, place):
        return 0.0
    return _AFTER_TERM if before.endswith(_TERMS) else _ELSEWHERE


def _width(text: str) -> float:
    """Return the width in characters: letters and digits count 0.6."""
    return sum(0.6 if character.isascii() else 1.0 for character in text)
