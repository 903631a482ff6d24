"""Fictional organisations: a written list, and any number of further ones for load tests."""

import random
from functools import cache

from xtbang.demo.texts.model import RESEARCH, Org, Topic
from xtbang.demo.texts.people import full_name
from xtbang.demo.texts.sources import load
from xtbang.rules.uscc import ALPHABET

REGIONS = {  # region: (postcode, administrative code)
    "湘潭县": ("411228", "430321"),
    "湘乡市": ("411400", "430381"),
    "韶山市": ("411300", "430382"),
    "雨湖区": ("411100", "430302"),
    "岳塘区": ("411101", "430304"),
    "湘潭高新区": ("411104", "430300"),
    "湘潭经开区": ("411201", "430300"),
    "岳塘经开区": ("411102", "430300"),
}
_OUTSIDE = {
    "长沙市": ("410004", "430100"),
    "武汉市": ("430070", "420100"),
    "广州市": ("510006", "440100"),
    "北京市": ("100081", "110100"),
    "无锡市": ("214028", "320200"),
}
_PREFIX = {"企业": "91", "科技服务机构": "91", "新型研发机构": "52", "创新平台": "52"}
_SEATS = ("湘潭示例", "莲城演示", "湘江示例", "韶峰演示")
_FIRST = "恒宏瑞鼎泰华金盛昌新科创智联众和信达远博"
_SECOND = "源锋驰力航通诚辉基邦拓益美嘉润腾凯隆卓丰"
_TRADES = (
    ("矿山装备", "矿山"), ("电机制造", "电机"), ("精密机床", "机床"), ("汽车部件", "汽车"), ("风电设备", "风电"),
    ("新材料", "材料"), ("特种钢材", "钢材"), ("智能传感", "信息"), ("软件技术", "信息"), ("医疗器械", "医疗"),
    ("生物医药", "医疗"), ("液压技术", "液压"), ("应急装备", "应急"), ("绿色建材", "建材"), ("生态农业", "农业"),
    ("食品科技", "食品"), ("储能科技", "电池"), ("半导体", "半导体"), ("环保科技", "环保"), ("特种装备", "军工"),
)  # fmt: skip
_ROADS = ("示例路", "演示大道", "示例工业路", "演示科技路")
_GB11714 = (3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@cache
def organisations() -> tuple[Org, ...]:
    """Return the written list, always the same."""
    lines = [line.split("|") for line in load("organisations")["organisation"]]
    return tuple(_listed(serial, line) for serial, line in enumerate(lines, 1))


@cache
def _by_slug() -> dict[str, Org]:
    return {org.slug: org for org in organisations()}


def org_by_slug(slug: str) -> Org:
    """Return the listed organisation of that slug. Raise KeyError when there is none."""
    return _by_slug()[slug]


def issuer_of(topic: Topic) -> Org:
    """Return the listed organisation that would post the topic."""
    return org_by_slug(topic.issuer)


def bidders_for(topic: Topic) -> list[Org]:
    """Return universities, institutes and similar that could bid, those nearest to the topic first; never its issuer."""
    able = [org for org in organisations() if org.kind in RESEARCH and org.slug != topic.issuer]
    return sorted(able, key=lambda org: (-len(set(org.tags) & set(topic.tags)), org.slug))


def more_organisations(rng: random.Random, n: int) -> list[Org]:
    """Return `n` further enterprises of the city; names are unique and not in the list, up to some thousands."""
    made: list[Org] = []
    names = {org.name for org in organisations()}
    while len(made) < n:
        trade, tag = rng.choice(_TRADES)
        mark = rng.choice(_FIRST) + rng.choice(_SECOND)
        name = f"{rng.choice(_SEATS)}{mark}{trade}有限公司"
        if name in names:
            continue
        names.add(name)
        serial = 1000 + len(made)
        region = rng.choice(tuple(REGIONS))
        staff = rng.randint(18, 900)
        revenue = round(staff * rng.uniform(25, 110), 1)
        road = f"{rng.choice(_ROADS)}{rng.randint(1, 399)}号"
        figures = (
            staff, max(3, int(staff * rng.uniform(0.08, 0.4))), f"{revenue:g}",
            f"{round(revenue * rng.uniform(-0.04, 0.12), 1):g}", f"{round(revenue * rng.uniform(0.02, 0.12), 1):g}",
        )  # fmt: skip
        made.append(_org(serial, f"demo{serial:05d}", name, "企业", region, (tag,), road, figures))
    return made


def _listed(serial: int, line: list[str]) -> Org:
    slug, name, kind, region, tags, road, staff, rd_staff, revenue, profit_tax, rd_spend = line
    figures = (int(staff), int(rd_staff), revenue, profit_tax, rd_spend)
    return _org(serial, slug, name, kind, region, tuple(tags.split("、")), road, figures)


def _org(
    serial: int,
    slug: str,
    name: str,
    kind: str,
    region: str,
    tags: tuple[str, ...],
    road: str,
    figures: tuple[int, int, str, str, str],
) -> Org:
    rng = random.Random(f"organisation {slug}")  # noqa: S311 - demo data, not a secret
    outside = region == "市外"
    postcode, area = _OUTSIDE[road[:3]] if outside else REGIONS[region]
    city = "" if outside else "湖南省湘潭市"
    seat = road[:2] if outside else "湘潭"
    staff, rd_staff, revenue, profit_tax, rd_spend = figures
    return Org(
        slug=slug,
        name=name,
        kind=kind,
        region=region,
        tags=tags,
        uscc_body=_uscc_body(_PREFIX.get(kind, "12") + area, serial),
        address=f"{city}{'' if outside else region}{road}",
        postcode=postcode,
        legal_name=full_name(rng),
        legal_phone=f"0731-5000{serial % 10000:04d}",
        staff=staff,
        rd_staff=rd_staff,
        revenue=revenue,
        profit_tax=profit_tax,
        rd_spend=rd_spend,
        bank_name=f"示例银行{seat}{rng.choice(('城中', '江滨', '科技', '演示'))}支行",
        bank_account=f"00004303{serial:011d}",
    )


def _uscc_body(area: str, serial: int) -> str:
    tail = ""
    for _ in range(4):
        serial, digit = divmod(serial, len(ALPHABET))
        tail = ALPHABET[digit] + tail
    code = "XTDM" + tail
    total = sum(_DIGITS.index(mark) * weight for mark, weight in zip(code, _GB11714, strict=True))
    return area + code + "0123456789X0"[11 - total % 11]
