"""限制申报 by an office's own decision: not before the organisation was told of it and has had its days to state its case."""

import pytest

from tests.factories.projects import ProjectFactory
from xtbang.people.restrictions import reasons

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

SERVED = {"ground": "own", "document": "限制申报告知书", "manner": "in_person", "dated": "2024-09-09", "stated": "none"}
TERM = {"starts_on": "2024-09-20", "ends_on": "2027-09-01", "reason": "虚报发票"}
SAYS = "该单位可以陈述、申辩至2024年9月14日24时，期满前不作出限制申报的决定（《办法》第十三条）。"  # a Saturday that is worked (调休)


@pytest.mark.parametrize(
    ("now", "more", "said"),
    [
        ("2024-09-14 23:59", {}, {"A13.days": SAYS}),
        ("2024-09-15 00:01", {}, {}),
        ("2024-09-10 09:00", {"stated": "waived"}, {}),
        ("2024-09-19 09:00", {"stated": "stated"}, {"A13.considered": "已提出陈述、申辩的，请写明内容和复核情况（《办法》第十三条）。"}),
        ("2024-09-19 09:00", {"stated": "stated", "considered": "不予采纳"}, {}),
        ("2024-10-15 09:00", {"manner": "announced"}, {
            "A13.days": "该单位可以陈述、申辩至2024年10月15日24时，期满前不作出限制申报的决定（《办法》第十三条）。"
        }),
        ("2024-09-10 09:00", {"ground": "other", "manner": "", "dated": "", "stated": ""}, {}),
    ],
)  # fmt: skip
def test_the_days_of_the_statement_are_kept(
    factory: ProjectFactory, now: str, more: dict[str, str], said: dict[str, str]
) -> None:
    factory.at(now)
    values = TERM | {"uscc": factory.organisations["bidder"].uscc} | SERVED | more
    assert {reason.rule: str(reason) for reason in reasons(factory.caller("science"), values)} == said


def test_what_is_missing_of_the_notice_is_asked_for_at_its_fields(factory: ProjectFactory) -> None:
    values = TERM | {"uscc": factory.organisations["bidder"].uscc, "ground": "own", "document": "告知书"}
    fields = [reason.field for reason in reasons(factory.caller("science"), values)]
    assert fields == ["manner", "dated", "stated"]
