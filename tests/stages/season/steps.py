"""Steps that several mishaps and roads share."""

from decimal import ROUND_DOWN, Decimal

from sqlalchemy import select

from tests.factories import later
from tests.factories.values import APPLICATION
from tests.stages.season.season import Season
from xtbang.models import Panel


def asked_to_extend(season: Season) -> None:
    audited = season.file("审计.pdf")
    season.do("request_extension", "issuer", reason="上游停产", new_end="2027-05-19", audit_file=audited)


def again(season: Season) -> None:
    """Acceptance asked for once more."""
    later.fill_acceptance(season.factory, season.project)
    later.request(season.factory, season.project)


def came_back(season: Season, source: str, amount: str, note: str, **more: str) -> None:
    data = {"source": source, "amount": amount, "dated": season.today, "note": note, "file": ""} | more
    season.do("record_recovery", "finance", **data)


def write_off(season: Season, source: str, amount: str, decision: str) -> None:
    paper = {"document": "（2026）湘03破1号裁定", "dated": season.today, "reason": "无财产"}
    file = season.file("裁定.pdf")
    season.do("propose_write_off", "finance", **paper, file=file, source=source, amount=amount)
    season.both(decision, reason="仍有财产") if decision == "refuse_write_off" else season.both(decision)


def choose(season: Season) -> None:
    bid = season.choice("agree", "issuer", "bid")
    season.do("agree", "issuer", bid=bid, satisfaction="satisfied", reason="方案可行")


def applied(season: Season) -> None:
    """Applied for funding."""
    factory, project = season.factory, season.project
    factory.at(max(factory.now.date().isoformat(), "2024-11-04") + " 19:00")
    definition = factory.engine.policy.edition(project.edition).documents["application"]
    filled = APPLICATION | {"contract_file": factory.file("技术合同.pdf")}
    factory.fill(project.application, definition, filled, "issuer")
    season.do("confirm_reading", season.bidder)
    season.do("apply", "issuer")


def score_all(season: Season) -> None:
    """Whoever has not, scores."""
    panel = season.factory.session.scalars(select(Panel).where(Panel.project_id == season.project.id)).all()[-1]
    season.factory.session.refresh(panel)
    for who in season.factory.seats(panel, "invited"):
        season.factory.score(season.project, panel, who)


def half(season: Season) -> str:
    """The first instalment: half of the subsidy, down to the 分."""
    season.first = season.first or str((Decimal(season.granted) / 2).quantize(Decimal("0.000001"), ROUND_DOWN))
    return season.first


def rest(season: Season) -> str:
    return str(Decimal(season.granted) - Decimal(half(season)))
