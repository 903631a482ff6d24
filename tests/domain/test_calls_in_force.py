"""A 征集通知 is published only under an edition that is in force, and never with less than the edition asks for."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.factories.projects import ProjectFactory
from tests.support.databases import Database
from xtbang.domain.calls import publish_call
from xtbang.errors import Blocked
from xtbang.rules.policy import Policy

NOTICE = {"title": "征集通知", "body": "请申报。"}


@pytest.mark.parametrize(
    ("dates", "call", "sentence"),
    [
        ({"starts_on": date(2030, 1, 1)}, {}, "所选版本自2030年1月1日起施行，此前不能按它发布征集通知"),
        ({"ends_on": date(2024, 1, 1)}, {}, "所选版本已于2024年1月1日停止施行，不能再按它发布征集通知"),
        ({}, {"notice_days": 3}, "公示期 3 个工作日，少于所选版本规定的 5 个工作日（《办法》第九条）"),
    ],
)
def test_what_may_not_be_published(
    policy: Policy, database: Database, dates: dict[str, Any], call: dict[str, Any], sentence: str
) -> None:
    edition = replace(policy.edition("2024"), **dates)
    factory = ProjectFactory(replace(policy, editions=policy.editions | {"2024": edition}), database)
    row = factory.calls["2024"]
    with factory.writing():
        row.published_at = None
        for name, value in call.items():
            setattr(row, name, value)
    with pytest.raises(Blocked, match=sentence):
        publish_call(factory.caller("science"), row.id, row.version, NOTICE)
    factory.session.close()
