"""The facts of the papers from 论证 to 路演: plain values, so that equal facts give equal bytes."""

from datetime import datetime
from typing import Any

from xtbang.enums import PANEL_LABELS, SEAT_LABELS
from xtbang.models import Bid, DocumentVersion, Panel, Project, Seat
from xtbang.papers.facts.common import called
from xtbang.papers.facts.text import Facts
from xtbang.rules.aggregate import counted_scores, in_words
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.edition import Edition, Sheet
from xtbang.rules.fields import FormDefinition
from xtbang.rules.forms import worded
from xtbang.rules.money import plain

RESPONSIBLE = {"": "", "issuer": "发榜方", "bidder": "揭榜方", "both": "双方"}


def project_facts(project: Project) -> dict[str, Any]:
    """Return number, title and parties: the head of every paper."""
    return {
        "number": project.number or "",
        "title": project.title,
        "issuer": called(project.issuer, project),
        "bidder": called(project.agreed_bid.lead, project) if project.agreed_bid else "",
    }


def bid_head(bid: Bid) -> dict[str, Any]:
    """Return the fixed part of a bid, handed in or not: project, lead, members of the consortium."""
    return {
        "project": {
            "number": bid.project.number or "",
            "title": bid.project.title,
            "issuer": bid.project.issuer.name,
        },
        "lead": {"name": bid.lead.name, "uscc": bid.lead.uscc, "kind": bid.lead.kind},
        "members": [{"name": row.organisation.name, "uscc": row.organisation.uscc} for row in bid.members],
    }


def bid_facts(bid: Bid, version: DocumentVersion, edition: Edition) -> dict[str, Any]:
    """Return the facts of the bid (揭榜申请书)."""
    return bid_head(bid) | {
        "definition": bid.document.definition,
        "edition": edition.key,
        "values": worded(edition.documents["bid"], version.data),
        "submitted_at": iso(version.frozen_at),
        "version": version.number,
        "digest": version.sha256,
    }


def application_facts(
    project: Project, version: DocumentVersion, definition: FormDefinition, read: Facts
) -> dict[str, Any]:
    """Return the facts of the application (项目申报书); ``read``: how the bidder agreed to it."""
    return {
        "definition": definition.key,
        "edition": project.edition,
        "values": worded(definition, version.data),
        "project": project_facts(project),
        "submitted_at": iso(version.frozen_at),
        "version": version.number,
        "digest": version.sha256,
        "read": read,
    }


def sheet_facts(project: Project, sheet: Sheet) -> dict[str, Any]:
    """Return the project and the criteria that a score sheet and the score summary print at their head."""
    return {
        "project": project_facts(project),
        "kind": PANEL_LABELS[sheet.key],
        "sheet": sheet.title,
        "criteria": [{"key": item.key, "label": item.label, "maximum": item.maximum} for item in sheet.criteria],
    }


def expert_facts(seat: Seat) -> dict[str, Any]:
    """Return the name, kind and organisation of an expert on the panel."""
    return {"name": seat.expert.name, "kind": seat.kind, "organisation": seat.expert.works_at}


def panel_facts(project: Project, panel: Panel, sheet: Sheet) -> dict[str, Any]:
    """Return the facts of the score summary (评分汇总表) with the panel's opinion.

    It lists every locked score, how the scores were combined, and the experts without a score.
    """
    locked = [seat for seat in panel.seats if seat.status == "locked"]
    totals = [sum(seat.scores.values()) for seat in locked]
    return {
        **sheet_facts(project, sheet),
        "experts": [
            {
                **expert_facts(seat),
                "scores": [seat.scores[item.key] for item in sheet.criteria],
                "total": total,
                "comment": seat.comment,
                "locked_at": iso(seat.locked_at),
            }
            for seat, total in zip(locked, totals, strict=True)
        ],
        "absent": [
            {"name": seat.expert.name, "kind": seat.kind, "status": SEAT_LABELS[seat.status]}
            for seat in panel.seats
            if seat.status != "locked"
        ],
        "aggregate": in_words(sheet),
        "counted": [plain(score) for score in counted_scores(sheet, totals)],
        "result": f"{panel.result:.2f}",
        "pass_mark": plain(sheet.pass_mark),
        "conclusion": "通过" if panel.favourable else "不通过",
        "responsible": RESPONSIBLE[panel.responsible],
        "organiser": panel.organiser,
        "opinion": panel.opinion,
        "date": _day(panel.concluded_at),
    }


def iso(at: datetime | None) -> str:
    """Return the moment in Shanghai as ISO text, to the second."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds") if at else ""


def _day(at: datetime | None) -> str:
    return day_of(at).isoformat() if at else ""
