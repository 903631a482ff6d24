"""A second city, unlike the one under workflows/: one office, two regions, other articles, a county that pays nothing."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.factories.later import checked, fill_contract, funded, pay, sign, waive
from tests.factories.projects import ProjectFactory
from tests.factories.site_projects import SiteProjectFactory
from tests.factories.values import APPLICATION, RESOLUTION
from xtbang.models import Organisation, Project
from xtbang.workflow.engine import Outcome

# what names our own city, articles that the second one does not have, and a county that pays nothing
OURS = re.compile(
    "湘潭|市科技局|市工信局|科学技术局|工业和信息化局|市财政局|两局|丁方|《办法》第[一二四五六七八九十]+条"
)
COUNTY = re.compile("县市区（园区）(?:补助|财政|配套|确认|已拨|拨)|县级(?!以)|配套资金|(?<![0-9])1:0(?![0-9])")
REGION = "云溪经开区"
MONEY = {"src_county": "0", "src_issuer_own": str(int(APPLICATION["src_issuer_own"]) + int(APPLICATION["src_county"]))}
WORKFLOWS = Path(__file__).parents[2] / "workflows"
OTHER = {"湘潭高新区": "云溪经开区", "雨湖区": "东湖区"}  # one of our regions -> the one in its place
GONE = ("湘潭县", "湘乡市", "韶山市", "岳塘区", "湘潭经开区", "岳塘经开区")
WORDS = (  # in the files that a city writes for itself: those of editions and of forms
    ("湘潭", "云溪"), ("潭政办发", "云政办发"), ("两局", "市科工局"), ("市科技局", "市科工局"), ("市财政局", "市财政金融局"), ("四方", "三方"),
)  # fmt: skip
HEAD = """
name = "云溪市"
scheme = "云溪市“揭榜挂帅”"
app = "云溪揭榜"
government = "云溪市人民政府"
together = "市科工局"
telephone = "0700-2234567"

[[office]]
role = "science"
name = "云溪市科学技术和工业局"
short = "市科工局"
seal = "市科工局"
party = "丙方"

[finance]
name = "云溪市财政金融局"
short = "市财政金融局"
seal = "市财政金融局"

[[region]]
name = "云溪经开区"
treasury = "云溪经开区财政金融局"

[[region]]
name = "东湖区"
treasury = "东湖区财政局"

[[source]]
short = "《办法》"
title = "《云溪市重大科技攻关“揭榜挂帅”办法》"
number = "云政办发〔2023〕3号"

[[article]]
number = "第三条"
title = "全部规定"
figures = ["organisation", "entries", "matching", "partners", "money", "tracking", "examination", "property"]
text = "揭榜挂帅项目由市科工局组织。"

[[article]]
number = "第四条"
title = "终止和诚信"
figures = ["objective", "subjective", "integrity"]
text = "终止的收回资金。"

[cites]
"""


MORE_OFFICES = """
[[office]]
role = "industry"
name = "云溪市经济局"
short = "市经济局"
seal = "市经济局"
party = "丁方"

[[office]]
role = "third"
name = "云溪市人才局"
short = "市人才局"
seal = "市人才局"
party = "戊方"
"""


def write_city(folder: Path, more: str = "") -> Path:
    """Write the files of the second city: its own city.toml, ``more`` offices, editions whose county pays nothing."""
    shutil.copytree(WORKFLOWS, folder)
    for path in folder.rglob("*.toml"):
        text = path.read_text(encoding="utf-8")
        for region in GONE:
            text = re.sub(rf'\s*"{region}",', "", text)
        if path.name == "lifecycle.toml":
            continue  # the life of a project names no city, no office and no article
        for old, new in (*OTHER.items(), *WORDS):
            text = text.replace(old, new)
        text = re.sub(
            "(?:《办法》|《2024年实施方案》)第[一二三四五六七八九十]+(?:条(?:（.）)?|部分)", "《办法》第三条", text
        )
        text = re.sub("（第[一二三四五六七八九十]+条（.）[0-9]）", "（第三条）", text)
        path.write_text(text, encoding="utf-8")
    ours = (WORKFLOWS / "city.toml").read_text(encoding="utf-8")
    cites = re.findall(r"^(\w+) = \"《.*》第", ours, re.MULTILINE)
    lines = [f'{about} = "《办法》第三条第{number}款"' for number, about in enumerate(cites, start=1)]
    (folder / "city.toml").write_text(
        HEAD.replace("[finance]", f"{more}\n[finance]") + "\n".join(lines) + "\n", encoding="utf-8"
    )
    for edition in (folder / "editions").glob("*.toml"):
        text = edition.read_text(encoding="utf-8")
        assert "[parameters.county_ratio]\nvalue = 1" in text
        text = text.replace("[parameters.county_ratio]\nvalue = 1", "[parameters.county_ratio]\nvalue = 0")
        edition.write_text(text, encoding="utf-8")
    return folder


class OneOffice(ProjectFactory):
    """The people of the second city: the second signature is that of another person of the only office."""

    def organisation(self, name: str, title: str, kind: str, region: str) -> Organisation:
        """An organisation of one of the city's regions."""
        here = region if region == "市外" else OTHER.get(region, "东湖区")
        made = super().organisation(name, title.replace("湘潭", "云溪"), kind, here)
        made.address = "云溪市"
        return made

    def person(self, name: str, *args: Any, **more: Any) -> Any:
        """A person; the county's officer is one of the county where the issuer is."""
        if "region" in more:
            more["region"] = OTHER[more["region"]]
        return super().person(name, *args, **more)

    def both(self, project: Project, trigger: str, data: Mapping[str, Any] | None = None) -> Outcome:
        """Countersigned by two people of the office."""
        self.perform(project, trigger, "science", data)
        return self.perform(project, trigger, "science2", data)


class SecondWorld(OneOffice):
    """They and their projects, in memory."""


class SecondSite(OneOffice, SiteProjectFactory):
    """They and their projects, behind the pages of a site."""


def signed_by_all(factory: ProjectFactory) -> Project:
    """In 签约, the contract signed by all three parties and the funding document recorded."""
    team = [{"name": "周明", "title": "教授", "organisation": "云溪大学", "role": "总体"}]
    project = factory.applied(MONEY | {"team": team}, region=REGION)
    factory.concluded(project, "roadshow", (3, 2, 0))
    factory.at("2024-11-11 09:00")
    factory.perform(project, "record_inspection", "science", {"dated": "2024-11-08", "text": "属实"})
    factory.perform(project, "record_opinion", "science", {"favourable": "agreed", "text": "可行"})
    minutes = {"minutes": factory.file("会议纪要.pdf"), "subsidy_city": "40"}
    factory.perform(project, "recommend", "leader", RESOLUTION | minutes)
    factory.perform(project, "publish_notice", "science", {"title": "拟立项公示", "body": "经审议，\n现予公示。"})
    factory.at("2024-11-19 09:00")
    factory.perform(project, "confirm", "science")
    fill_contract(factory, project, payee_bank="云溪农商行")
    factory.perform(project, "issue_contract", "science")
    sign(factory, project, "issuer", "bidder", "science")
    funded(factory, project, "云财教〔2024〕88号")
    return project


def first_paid(factory: ProjectFactory) -> Project:
    """In 实施: nobody of a county had anything to confirm."""
    project = signed_by_all(factory)
    factory.perform(project, "conclude", "science")
    checked(factory, project, "A1", "10")
    for who in ("science", "science2"):
        waive(factory, project, "A7.issuer_payment", who)
    factory.at("2024-11-20 09:00")
    pay(factory, project, "disburse_first", "20")
    return project
