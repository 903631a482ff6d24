"""A second city, unlike the one under workflows/: one office, two regions, other articles, a county that pays nothing."""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.factories.projects import ProjectFactory
from xtbang.models import Organisation, Project
from xtbang.workflow.engine import Outcome

WORKFLOWS = Path(__file__).parents[2] / "workflows"
OTHER = {"湘潭高新区": "云溪经开区", "雨湖区": "东湖区"}  # one of our regions -> the one in its place
GONE = ("湘潭县", "湘乡市", "韶山市", "岳塘区", "湘潭经开区", "岳塘经开区")
WORDS = (  # in the files that a city writes for itself: those of the life, of editions and of forms
    ("两局", "市科工局"), ("市科技局", "市科工局"), ("市财政局", "市财政金融局"), ("四方", "三方"), ("湘潭", "云溪"), ("潭政办发", "云政办发"),
)  # fmt: skip
HEAD = """
name = "云溪市"
scheme = "云溪市“揭榜挂帅”"
app = "云溪揭榜"
government = "云溪市人民政府"
together = "市科工局"
telephone = "0700-1234567"

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
        for old, new in (*OTHER.items(), *WORDS):
            text = text.replace(old, new)
        text = re.sub(
            "(?:《办法》|《2024年实施方案》)第[一二三四五六七八九十]+(?:条(?:（.）)?|部分)", "《办法》第三条", text
        )
        path.write_text(text, encoding="utf-8")
    ours = (WORKFLOWS / "city.toml").read_text(encoding="utf-8")
    cites = re.findall(r"^(\w+) = \"《.*》第", ours, re.MULTILINE)
    lines = [f'{about} = "《办法》第三条第{number}款"' for number, about in enumerate(cites, start=1)]
    (folder / "city.toml").write_text(
        HEAD.replace("[finance]", f"{more}\n[finance]") + "\n".join(lines) + "\n", encoding="utf-8"
    )
    edition = folder / "editions" / "2024.toml"
    text = edition.read_text(encoding="utf-8")
    assert "[parameters.county_ratio]\nvalue = 1" in text
    edition.write_text(
        text.replace("[parameters.county_ratio]\nvalue = 1", "[parameters.county_ratio]\nvalue = 0"), encoding="utf-8"
    )
    return folder


class SecondWorld(ProjectFactory):
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
