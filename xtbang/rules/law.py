"""The law as values: the documents that are cited, their articles, and what the rules of the program are about."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

# what the rules of the program are about, for the citation of each in `city.toml` or in an edition
Cite = Literal[
    "organisation",  # 会签、撤销
    "conflict",  # who has a stake decides nothing (回避)
    "entries",  # 征集
    "demand",
    "supply",
    "matching",  # 发榜对接
    "market",  # 常态化
    "board",  # 重大项目
    "province",  # 推荐省级
    "partners",  # who bids, and with whom
    "money",
    "tracking",
    "acceptance",
    "examination",  # 论证、公示与签约
    "property",  # 知识产权
    "extension",
    "objective",
    "subjective",
    "recovery",
    "integrity",
    "appraisal",
    "choosing",  # of a bid
    "roadshow",
    "approval",  # 拟立项、立项及资金文件
]
CITES: tuple[Cite, ...] = get_args(Cite)
# the rules with the figures of an edition that the guide lists (办事指南), each under an article of the law
FIGURES = (
    "organisation", "entries", "matching", "partners", "money", "tracking", "examination", "property", "objective",
    "subjective", "integrity",
)  # fmt: skip
_ONE = re.compile(
    "(《[^》]*》)?(第.*)"
)  # of the citations of a text: the document, unless it is that of the one before


def joined(citations: Iterable[str]) -> str:
    """Return citations as one, each once, a document not named again right behind itself: 《办法》第…条、第…条."""
    found: dict[str, None] = {}
    for citation in citations:
        document = ""
        for text in re.split("、(?=《|第)", citation):
            one = _ONE.fullmatch(text)
            document = one[1] or document if one else ""
            found[document + one[2] if one else text] = None
    said, before = list[str](), ""
    for text in found:
        one = _ONE.fullmatch(text)
        said.append(one[2] if one and one[1] == before else text)
        before = one[1] or "" if one else ""
    return "、".join(said)


@dataclass(frozen=True)
class Source:
    """A document that citations refer to by a short name."""

    short: str  # 《办法》
    title: str  # in 《》
    number: str = ""  # its 文号

    @property
    def full(self) -> str:
        """Return title and number, for a text that names the document only once."""
        return f"{self.title}（{self.number}）" if self.number else self.title

    @property
    def defined(self) -> str:
        """Return title and number and introduce the short name for the rest of the text."""
        return f"{self.title}（{self.number}{'，' if self.number else ''}以下简称{self.short}）"


@dataclass(frozen=True)
class Article:
    """An article of the law as published, and which rules of the program it is about."""

    number: str  # 第…条
    title: str
    text: str
    figures: tuple[str, ...]  # of FIGURES
