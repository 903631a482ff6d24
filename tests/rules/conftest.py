"""The two editions of the policy, written by hand from the published texts: the TOML is tested elsewhere."""

from decimal import Decimal

import pytest

from xtbang.rules.edition import Criterion, Edition, Instalment, Parameter, Sheet
from xtbang.rules.fields import Field, FieldKind, one_section
from xtbang.rules.law import Source
from xtbang.rules.reasons import Force

PLACES = {"demand": "第四条（一）", "supply": "第四条（二）", "partners": "第六条", "money": "第七条"}
CITES = {about: f"《办法》{place}" for about, place in PLACES.items()}
SEVEN, EIGHT = "《办法》第七条", "《办法》第八条"
REGIONS = ("湘潭县", "湘乡市", "韶山市", "雨湖区", "岳塘区", "湘潭高新区", "湘潭经开区", "岳塘经开区", "市外")
ALL_KINDS = ("企业", "高校", "科研院所", "新型研发机构", "事业单位", "科技服务机构", "创新平台")
TITLE = Field("title", "项目名称", FieldKind.TEXT)
FORM = one_section("tech_demand", "项目技术需求表", (TITLE,))


def must(value: str, article: str) -> Parameter:
    return Parameter(Decimal(value), Force.MUST, article)


def principle(value: str, article: str) -> Parameter:
    return Parameter(Decimal(value), Force.PRINCIPLE, article)


def sheet(aggregate: str) -> Sheet:
    criteria = (Criterion("bidder", "揭榜方资质条件", 40), Criterion("plan", "揭榜方案可行性", 60))
    return Sheet("roadshow", "评分表", criteria, 3, ("技术",), aggregate, Decimal(60), "《办法》第九条")


def edition(key: str) -> Edition:
    new = key == "2024"
    kinds = ("tech_demand",) if new else ("tech_demand", "tech_supply", "scene_demand", "scene_supply")
    return Edition(
        key=key,
        title="2024年度" if new else "2021年《办法》",
        forms=dict.fromkeys(kinds, FORM),
        documents={},
        sheets={"roadshow": sheet("trimmed")},
        issuer_kinds={kind: (("企业",) if new else ("企业", "事业单位")) for kind in kinds if kind.endswith("demand")},
        issuer_local={"tech_demand": True, "scene_demand": True, "tech_supply": False, "scene_supply": False},
        bidder_kinds=("高校", "科研院所", "新型研发机构") if new else (),
        consortium_allowed=True,
        one_project_at_a_time=new,
        scan_required=new,
        articles={},
        instalments=(
            Instalment(1, "首期", Decimal("0.5"), "contract", ("issuer_has_paid",), SEVEN),
            Instalment(2, "尾款", Decimal("0.5"), "acceptance", (), SEVEN),
        ),
        investment_minimum=must("100", "2024年通知四.2" if new else SEVEN),
        term_years=principle("2", "2024年通知三.1") if new else principle("3", SEVEN),
        new_tax_minimum=principle("100", "2024年通知三.2") if new else None,
        subsidy_ratio=must("0.25", SEVEN),
        subsidy_maximum=must("50", SEVEN),
        match_ratio=must("3", SEVEN),
        county_ratio=must("1", SEVEN),
        issuer_payment_ratio=principle("0.4", SEVEN),
        self_managed_subsidy=must("15", EIGHT),
        self_managed_years=must("3", EIGHT),
        recovery_objective=must("0.5", "《办法》第十一条"),
        recovery_subjective=must("1", "《办法》第十二条"),
        notice_days=must("5", "《办法》第九条"),
        clean_years=must("3", "《办法》第六条"),
        report_months_tracked=6,
        report_months_self=12,
        regions=REGIONS,
        checklist=(),
        cites=CITES,
        sources=(Source("《办法》", "《湘潭市科技创新“揭榜挂帅”项目管理办法》", "潭政办发〔2021〕14号"),),
    )


@pytest.fixture(scope="session")
def old() -> Edition:
    return edition("2021")


@pytest.fixture(scope="session")
def new() -> Edition:
    return edition("2024")


@pytest.fixture(scope="session")
def trimmed() -> Sheet:
    return sheet("trimmed")


@pytest.fixture(scope="session")
def mean() -> Sheet:
    return sheet("mean")
