"""Fictional people, some with rare characters that every page and paper must show."""

import random
from typing import TYPE_CHECKING

from xtbang.demo.texts.model import Expert, Person
from xtbang.demo.texts.sources import load

if TYPE_CHECKING:
    from xtbang.demo.texts.model import Org

_RARE_SHARE = 0.12
_DESKS = ("keji", "yanfa", "jishu", "zonghe", "xiangmu")
_TITLES = {"企业": "titles_company", "科技服务机构": "titles_company", "事业单位": "titles_public"}
_MONEY = ("高级会计师", "注册会计师", "审计师", "正高级会计师")
_LAW = ("一级律师", "二级律师", "法学教授", "公司律师")
DOMAINS = {  # 所属领域 of 2021: the tag of the organisations in this domain
    "人工智能及传感器": "信息", "新能源和汽车制造": "汽车", "先进装备制造": "矿山", "军工": "军工",
    "先进电传动及风电装备": "电机", "精品钢材及新材料": "材料", "生态绿色食品和槟榔": "食品",
    "绿色建材装配式建筑和建工": "建材", "电子信息和新一代信息技术": "半导体", "高端医疗器械及生物医药": "医疗",
    "省级新兴优势产业配套": "液压", "其他": "环保",
}  # fmt: skip


def full_name(rng: random.Random) -> str:
    """Return a made-up name; about one in eight has a rare character (䶮 㛃 𬭎 𫟅 昇 堃 喆 镕 赟)."""
    names = load("names")
    surname = rng.choice(names["surnames"])
    if rng.random() < _RARE_SHARE:
        rare = rng.choice(names["rare"])
        return surname + (rare if rng.random() < 0.5 else rng.choice("文子嘉思") + rare)
    if rng.random() < 0.25:
        return surname + rng.choice(names["given_one"])
    return surname + rng.choice(names["given_two"])


def person(rng: random.Random, org: "Org", title: str | None = None) -> Person:
    """Return one person of the organisation."""
    titles = load("names")[_TITLES.get(org.kind, "titles_institute")]
    host = "example.com" if org.kind in ("企业", "科技服务机构") else "example.org"
    return Person(
        name=full_name(rng),
        title=title or rng.choice(titles),
        mobile=f"154{rng.randrange(10**8):08d}",
        email=f"{rng.choice(_DESKS)}{rng.randrange(1, 10000):04d}@{org.slug}.{host}",
        organisation=org.name,
    )


def people(rng: random.Random, org: "Org | None" = None, n: int = 300) -> list[Person]:
    """Return `n` people of the organisation (or of changing ones) with different names and addresses."""
    from xtbang.demo.texts.orgs import organisations

    found: dict[str, Person] = {}
    emails: set[str] = set()
    while len(found) < n:
        one = person(rng, org or rng.choice(organisations()))
        if one.email not in emails and one.name not in found:
            found[one.name] = one
            emails.add(one.email)
    return list(found.values())


def experts(rng: random.Random, orgs: "list[Org] | tuple[Org, ...]", n: int) -> list[Expert]:
    """Return a pool of `n` experts from those organisations: 70 % technical, 18 % financial, 12 % legal."""
    pool: list[Expert] = []
    for index in range(n):
        org = orgs[index % len(orgs)]
        part = index * 50 // n  # so that a pool of any size has all three kinds
        if part < 35:
            domains = tuple(name for name, tag in DOMAINS.items() if tag in org.tags)
            expert = Expert(person(rng, org, rng.choice(("教授", "研究员", "正高级工程师", "副教授"))), "technical",
                            domains or (rng.choice(tuple(DOMAINS)),))  # fmt: skip
        elif part < 44:
            expert = Expert(person(rng, org, rng.choice(_MONEY)), "financial", ())
        else:
            expert = Expert(person(rng, org, rng.choice(_LAW)), "legal", ())
        pool.append(expert)
    return pool
