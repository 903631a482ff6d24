"""Reviews (评审): invitations, and the papers with the score sheet; access ends when the panel has concluded."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from xtbang.domain.agenda import turn_at
from xtbang.domain.panels import save_scores as save_sheet
from xtbang.errors import NotFound, ShownAgain
from xtbang.extensions import db
from xtbang.models import Acceptance, Bid, BidMember, Document, DocumentVersion, Meeting, Panel, Project, Report, Seat
from xtbang.queries.blind import hidden_names, titles_for_experts
from xtbang.queries.case import case_of
from xtbang.queries.documents import definition_of
from xtbang.queries.rights.project_parts import EXPERT
from xtbang.queries.shown.meetings import meeting_shown, own_seat
from xtbang.rules.actor import Actor
from xtbang.rules.blind import anonymous, without_names
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.forms import check, clean, too_large
from xtbang.rules.lives import Action
from xtbang.rules.money import plain
from xtbang.rules.reasons import Reason
from xtbang.rules.texts import normalise_text
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, raw_values, stored_facts
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.workflow import meetings

expert = Blueprint("expert", __name__)

UNTICKED = "写了回避原因的项目没有勾选回避：申请回避的请勾选，不回避的请清空原因。"
NAMES = {"form": "项目表", "bid": "揭榜申请书", "application": "项目申报书", "contract": "合同书补充内容",
         "report": "执行情况报告", "acceptance": "验收申请书"}  # fmt: skip


def own_seats(who: Actor) -> list[Seat]:
    """Return the expert's seats on panels without a conclusion."""
    query = select(Seat).join(Panel).where(Panel.status == "open", Seat.expert_id == who.person_id)
    query = query.where(Seat.status.in_(Seat.TAKES_PART)).options(joinedload(Seat.panel).joinedload(Panel.meeting))
    return list(db.session.scalars(query.order_by(Seat.id.desc())))


@expert.get("/reviews")
@access("expert")
def panels() -> Any:
    """Show invitations, open reviews, and submitted ones whose panel is still open."""
    seats = own_seats(actor())
    numbers = [seat.panel.project_id for seat in seats]
    query = select(Project).where(Project.id.in_(numbers)).options(joinedload(Project.issuer))
    projects = {project.id: project for project in db.session.scalars(query)}
    titles = titles_for_experts(db.session(), policy(), seats, list(projects.values()))
    groups = {
        status: [own_seat(seat, seat.panel.meeting) for seat in seats if seat.status == status]
        for status in Seat.TAKES_PART
    }
    held = Counter(seat.panel.meeting_id for seat in seats)
    known = {seat.panel.meeting_id: seat.panel.meeting for seat in seats}
    together = [(meeting_shown(known[number]), count) for number, count in held.items() if count > 1]
    return render_template("expert/panels.html", groups=groups, titles=titles, together=together)


@expert.route("/reviews/meetings/<int:meeting_id>", methods=["GET", "POST"])
@access("expert")
def meeting(meeting_id: int) -> Any:
    """Show the whole meeting with its projects in order; on POST answer the invitation for all of them at once."""
    try:
        seats = meetings.own_seats(db.session(), actor(), meeting_id)
    except NotFound:
        abort(404)
    form = policy().done_on("invitation").form
    if request.method == "GET":
        return _meeting(meeting_id, seats, {}, {}, 200)
    typed = clean(form, raw_values(form.fields, request.form))
    chosen = request.form.getlist("recuse", type=int)
    said = _reasons(seats)
    recused = {number: said[number] for number in chosen if number in seats}
    wrong = check(form, typed, complete=True) if any(seat.status == "invited" for seat in seats.values()) else []
    if any(text for number, text in said.items() if number not in recused):
        wrong.append(Reason("F.required", UNTICKED))
    if wrong or not (typed.get("answer") or recused):
        return _meeting(meeting_id, seats, typed, by_field(wrong), 422)
    done = meetings.answer(engine(), db.session(), actor(), meeting_id, typed, recused)
    if done.refused:
        reasons = [text for texts in done.refused.values() for text in texts]
        return _meeting(meeting_id, seats, typed, {"": list(dict.fromkeys(reasons))}, 409)
    flash("已答复。", "success")
    return redirect(url_for("expert.panels"))


def _reasons(seats: Collection[int]) -> dict[int, str]:
    """Return the typed reasons for a recusal, by project."""
    return {number: normalise_text(request.form.get(f"why-{number}", "")) for number in seats}


def _meeting(
    meeting_id: int, seats: dict[int, Seat], values: dict[str, Any], errors: dict[str, list[str]], status: int
) -> tuple[str, int]:
    row = db.session.get_one(Meeting, meeting_id)
    bid = joinedload(Project.agreed_bid)
    query = (
        select(Project)
        .where(Project.id.in_(seats))
        .options(
            joinedload(Project.issuer),
            bid.joinedload(Bid.lead),
            bid.selectinload(Bid.members).joinedload(BidMember.organisation),
        )
    )
    projects = {project.id: project for project in db.session.scalars(query)}
    titles = titles_for_experts(db.session(), policy(), seats.values(), list(projects.values()))
    order = row.order
    turns = [
        {
            "place": order.index(number) + 1 if number in order else "",
            "at": turn_at(row, order.index(number)) if number in order else None,
            "seat": own_seat(seat),
            "id": number,
            "title": titles[number],
            "parties": _parties(projects[number], seat),
        }
        for number, seat in seats.items()
    ]
    page = render_template(
        "expert/meeting.html",
        meeting=meeting_shown(row),
        turns=turns,
        asked=any(seat.status == "invited" for seat in seats.values()),
        form=policy().done_on("invitation").form,
        values=values,
        errors=errors,
        chosen=request.form.getlist("recuse", type=int),
        said=_reasons(seats),
    )
    return page, status


def load(seat_id: int, who: Actor) -> tuple[Seat, Project]:
    """Return the expert's own seat on an open panel and its project. Answer 404 for any other."""
    seat = db.session.get(Seat, seat_id)
    if (
        seat is None
        or seat.expert_id != who.person_id
        or seat.status not in Seat.TAKES_PART
        or seat.panel.status != "open"
    ):
        abort(404)
    return seat, db.session.get_one(Project, seat.panel.project_id)


@expert.get("/reviews/<int:seat_id>")
@access("expert")
def review(seat_id: int) -> Any:
    """Show the invitation; once it is accepted, the papers and the score sheet."""
    who = actor()
    seat, project = load(seat_id, who)
    if seat.status == "invited":
        answer = policy().done_on("invitation")
        title = titles_for_experts(db.session(), policy(), [seat], [project])[project.id]
        return render_template(
            "expert/invitation.html",
            seat=own_seat(seat),
            project_id=project.id,
            title=title,
            action=answer,
            parties=_parties(project, seat),
        )
    return _sheet(seat, project, who, dict(seat.scores) | {"comment": seat.comment}, {}, 200)


@expert.post("/reviews/<int:seat_id>/scores")
@access("expert")
def save_scores(seat_id: int) -> Any:
    """Save the scores typed so far, without submitting. Answer a script with JSON, a form with a redirect; 422 to errors."""
    who = actor()
    seat, project = load(seat_id, who)
    fields = _fields(project, who)
    action = policy().done_on("score_sheet")
    definition = engine().form(engine().context(db.session, project, who, "expert", action), action)
    typed = clean(definition, raw_values(fields, request.form))
    wrong = check(definition, typed, complete=False)
    script = "json" in request.headers.get("Accept", "")
    if too_large(definition, typed) and script:
        return jsonify(ok=False, message=f"尚未保存：{wrong[0]}"), 422
    if wrong and not script:
        return _sheet(seat, project, who, typed, by_field(wrong), 422)
    try:
        _save(seat_id, fields, typed)
    except ShownAgain:
        return _sheet(seat, project, who, typed, {}, 200)
    if script:
        message = f"已保存；{wrong[0]}" if wrong else ""
        return jsonify(ok=True, version=0, message=message)
    flash("已保存，尚未提交。", "success")
    return redirect(url_for("expert.review", seat_id=seat_id))


def _save(seat_id: int, fields: tuple[Field, ...], typed: dict[str, Any]) -> None:
    """Save whole numbers in the score sheet, leave out other values. Raise Blocked for a locked sheet."""
    scores = {f.key: typed[f.key] for f in fields if f.kind is FieldKind.WHOLE and isinstance(typed[f.key], int)}
    save_sheet(caller(), seat_id, scores, str(typed.get("comment") or ""))


def _fields(project: Project, who: Actor) -> tuple[Field, ...]:
    action: Action = policy().done_on("score_sheet")
    context = engine().context(db.session, project, who, "expert", action)
    fields = engine().form(context, action).fields
    return tuple(replace(f, unit=f"/ {plain(f.maximum)} 分") if f.maximum is not None else f for f in fields)


def _parties(project: Project, seat: Seat) -> list[tuple[str, str]]:
    """Return the parties of the project, so that the expert can declare a conflict of interest; none to a blind panel."""
    if seat.panel.blind:
        return []
    bid = project.agreed_bid
    found = [("发榜方", project.issuer.name)]
    if bid:
        found.append(("揭榜方", bid.lead.name))
        found += [("联合体成员", member.organisation.name) for member in bid.members]
    return found


def _sheet(
    seat: Seat, project: Project, who: Actor, values: dict[str, Any], errors: dict[str, list[str]], status: int
) -> tuple[str, int]:
    sheet, blind = policy().edition(project.edition).sheets[seat.panel.kind], seat.panel.blind
    names = hidden_names(db.session(), policy(), [project] if blind else [])
    page = render_template(
        "expert/review.html",
        seat=own_seat(seat),
        project_id=project.id,
        number=project.number,
        sheet=sheet,
        fields=_fields(project, who),
        values=values,
        errors=errors,
        title=without_names(project.title, names) if blind else project.title,
        papers=_papers(project, seat.panel, names),
        case=case_of(db.session(), seat.panel),
        files={} if blind else stored_facts(project.id),
        parties=_parties(project, seat),
    )
    return page, status


def _papers(project: Project, panel: Panel, names: Collection[str]) -> list[dict[str, Any]]:
    """Return the newest frozen version of every document that this kind of panel reads; a blind one without names."""
    parts = EXPERT[panel.kind]
    wanted: list[int | None] = [project.form_id]
    if "agreed_bid" in parts and project.agreed_bid:
        wanted.append(project.agreed_bid.document_id)
    wanted += [getattr(project, f"{part}_id") for part in ("application", "contract") if part in parts]
    for part, model in (("reports", Report), ("acceptance", Acceptance)):
        if part in parts:
            wanted += db.session.scalars(
                select(model.document_id).where(model.project_id == project.id).order_by(model.id)
            )
    query = select(DocumentVersion).where(DocumentVersion.document_id.in_([n for n in wanted if n]))
    query = query.options(joinedload(DocumentVersion.document)).order_by(DocumentVersion.number)
    newest = {version.document_id: version for version in db.session.scalars(query)}
    return [_paper(project, newest[n], panel.blind, names) for n in wanted if n in newest]


def _paper(project: Project, version: DocumentVersion, blind: bool, names: Collection[str]) -> dict[str, Any]:
    document: Document = version.document
    definition = definition_of(policy().edition(project.edition), project, document)
    name = definition.title if document.kind == "form" else NAMES[document.kind]
    return {
        "name": name,
        "definition": anonymous(definition) if blind else definition.for_experts,
        "number": version.number,
        "data": without_names(version.data, names),
        "anchor": f"paper-{document.id}",
    }
