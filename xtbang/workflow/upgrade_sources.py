"""The documents that an edition cites (依据): once one text, ``source``, and articles like 三.2; now tables with what they are called."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument, aot, comment, nl, table

from xtbang.config import ROOT
from xtbang.workflow.words import Words

OURS = ROOT / "workflows"
CITED = re.compile("《[^《》]+》")
YEAR = re.compile(r"^《(\d{4})(?!年)")  # 《2024征集通知》
PLACE = re.compile("(?<=》)([一二三四五六七八九十]+)(?:[.．]([0-9]+))?")


def sources_as_tables(document: TOMLDocument, _words: Words) -> list[str]:
    """Replace the text ``source`` by the documents that are cited, and articles like 三.2 by 第三部分第2项."""
    said = document.get("source")
    if not isinstance(said, str):
        return []
    cited: dict[str, None] = {}
    for holder in _articles(document):
        holder["article"] = _rewritten(str(holder["article"]))
        cited |= dict.fromkeys(CITED.findall(holder["article"]))
    city = _ours(OURS / "city.toml")
    law, known = city["source"][0], {item["short"] for item in city["source"]}
    own = [short for short in cited if short not in known]
    match: Mapping[str, Any] = next(
        (found for found in map(_ours, _editions()) if _shorts(found) == [law["short"], *own]), {}
    )
    listed, articles = aot(), table()
    for item in match.get("source") or [law, *({"short": short, "title": f"《{said}》"} for short in own)]:
        listed.append(_table(item))
    articles.update(
        match.get("articles") or dict.fromkeys(("window", "papers", "unfinished"), city["cites"]["entries"])
    )
    document.pop("source")
    document.add(nl())
    document.add(comment("请核对：引用的文件，以及征集、材料、在研项目各依据哪一条"))
    document.append("source", listed)
    document.append("articles", articles)
    return ["source 改为 [[source]]（引用的文件）和 [articles]，条款写成“第三部分第2项”这样，请核对"]


def _rewritten(article: str) -> str:
    """Return citations as they are written now: 《2024征集通知》三.2 becomes 《2024年征集通知》第三部分第2项."""
    named = CITED.sub(lambda found: YEAR.sub(r"《\1年", found[0]), article)
    return PLACE.sub(lambda place: f"第{place[1]}部分" + (f"第{place[2]}项" if place[2] else ""), named)


def _articles(container: Mapping[str, Any]) -> Iterator[Any]:
    """Yield every table that cites an article, wherever it is."""
    if isinstance(container.get("article"), str):
        yield container
    for item in container.values():
        for one in item if isinstance(item, list) else [item]:
            if isinstance(one, Mapping):
                yield from _articles(one)


def _editions() -> Iterator[Path]:
    yield from sorted((OURS / "editions").glob("*.toml"))


def _ours(path: Path) -> Any:
    return tomlkit.parse(path.read_text(encoding="utf-8"))


def _shorts(edition: Mapping[str, Any]) -> list[str]:
    return [item["short"] for item in edition["source"]]


def _table(item: Mapping[str, Any]) -> Any:
    made = table()
    made.update({name: item[name] for name in ("short", "title", "number", "text") if name in item})
    return made
