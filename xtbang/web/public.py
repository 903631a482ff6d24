"""What anyone may see: home, board, lists, entries, notices, guide."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from xtbang.enums import KIND_LABELS, NOTICE_LABELS, REGIONS
from xtbang.extensions import db
from xtbang.models import Call, Notice, NoticeItem, Objection, Project
from xtbang.queries.board import COUNTED, SIZE, Search, counts, listing, open_calls
from xtbang.queries.board import notices as published
from xtbang.rules.term import in_chinese
from xtbang.stages.context import SHANGHAI
from xtbang.stages.documents import latest
from xtbang.web.access import ANYONE, access
from xtbang.web.articles import DEFINITIONS, articles
from xtbang.web.entries import card
from xtbang.web.shell import engine, policy

public = Blueprint("public", __name__)

PUBLIC_STATES = ("appraisal", "listing", "bidding", "roadshow", "publicity", "contracting", "execution", "closed")


@public.get("/")
@access(ANYONE)
def home() -> str:
    """Open calls, the four lists, the board, the latest notices."""
    now = engine().clock()
    return render_template(
        "public/home.html",
        calls=open_calls(db.session(), now),
        now=now,
        counts=counts(db.session()),
        kinds=KIND_LABELS,
        board=[_card(row) for row in listing(db.session(), Search(board=True, state="listing"), size=5).rows],
        notices=published(db.session(), size=6)[:6],
    )


@public.get("/board")
@access(ANYONE)
def board() -> str:
    """The board (榜单): major demands that take or took bids."""
    return _list(Search(**_words(), board=True), "public.board", "榜单", "列入榜单的重大项目，面向全国揭榜。")


@public.get("/lists")
@access(ANYONE)
def lists() -> str:
    """Everything on the lists (清单), filtered by kind."""
    kind = request.args.get("kind", "")
    title = f"{KIND_LABELS[kind]}清单" if kind in KIND_LABELS else "清单"
    return _list(Search(**_words(), kind=kind), "public.lists", title, "征集受理的需求与供给，长期发布，自由对接。")


def _words() -> dict[str, Any]:
    args = request.args
    return {
        "words": args.get("q", "").strip()[:60],
        "domain": args.get("domain", ""),
        "region": args.get("region", ""),
        "state": args.get("state", ""),
        "year": args.get("year", type=int),
    }


def _list(search: Search, endpoint: str, title: str, lead: str) -> str:
    if search.year and not 2000 <= search.year <= 2200:
        abort(404)
    found = listing(db.session(), search, request.args.get("before", ""))
    chosen: dict[str, Any] = {key: value for key, value in request.args.items() if key != "before" and value}
    return render_template(
        "public/list.html",
        title=title,
        lead=lead,
        endpoint=endpoint,
        cards=[_card(row) for row in found.rows],
        search=search,
        kinds=KIND_LABELS if endpoint == "public.lists" else {},
        domains=_domains(),
        regions=REGIONS,
        states=[policy().states[state] for state in PUBLIC_STATES],
        filtered=bool(chosen),
        first=url_for(endpoint, **chosen) if request.args.get("before") else "",
        older=url_for(endpoint, **chosen | {"before": found.older}) if found.older else "",
        found=f"超过 {COUNTED}" if found.count > COUNTED else str(found.count),
    )


def _domains() -> list[str]:
    every = [form.field("domain").choices for e in policy().editions.values() for form in e.forms.values()]
    return list(dict.fromkeys(choice for choices in every for choice in choices))


def _card(row: Any) -> dict[str, Any]:
    more: dict[str, Any] = {"url": url_for("public.entry", number=row.number)}
    if row.state == "listing" and row.bids_until:
        until = row.bids_until.astimezone(SHANGHAI).date()
        left = (until - engine().clock().astimezone(SHANGHAI).date()).days
        more["due_text"] = f"揭榜截止 {in_chinese(until)}" if left >= 0 else f"揭榜已于{in_chinese(until)}截止"
        more["due_days"] = left if left >= 0 else None
    return card(row, **more)


@public.get("/entries/<number>")
@access(ANYONE)
def entry(number: str) -> str:
    """The public part of an entry: never a phone number or an address."""
    project = db.session.scalars(select(Project).where(Project.number == number)).first()
    if project is None or project.listed_at is None or project.state in ("draft", "solicitation", "withdrawn"):
        abort(404)
    version = latest(db.session(), project.form)
    if version is None:
        abort(404)
    form = policy().edition(project.edition).forms[project.kind]
    shown = [(field, version.data.get(field.key)) for field in form.fields if field.public]
    items = select(Notice).join(NoticeItem).where(NoticeItem.project_id == project.id, Notice.status != "draft")
    now = engine().clock()
    open_now = project.state == "listing" and (project.bids_until is None or now <= project.bids_until)
    return render_template(
        "public/entry.html",
        project=project,
        shown=[(field, value) for field, value in shown if value],
        kind=KIND_LABELS[project.kind],
        notices=db.session.scalars(items.order_by(Notice.id)).all(),
        takes_bids=open_now,
        begun=project.bids_from is None or now >= project.bids_from,
        mine=current_user.is_authenticated and current_user.organisation_id == project.issuer_id,
    )


@public.get("/calls/<int:call_id>")
@access(ANYONE)
def call(call_id: int) -> str:
    """A published call with its guide."""
    row = db.session.get(Call, call_id)
    if row is None or row.published_at is None:
        abort(404)
    return render_template("public/call.html", call=row, edition=policy().edition(row.edition), kinds=KIND_LABELS)


@public.get("/notices")
@access(ANYONE)
def notices() -> str:
    """Published notices by kind."""
    kind = request.args.get("kind", "")
    found = published(db.session(), kind if kind in NOTICE_LABELS else "", request.args.get("before", type=int))
    older = found[SIZE - 1].id if len(found) > SIZE else None
    return render_template(
        "public/notices.html",
        notices=found[:SIZE],
        kinds=NOTICE_LABELS,
        kind=kind,
        older=url_for("public.notices", kind=kind or None, before=older) if older else "",
        today=engine().clock().astimezone(SHANGHAI).date(),
    )


@public.get("/notices/<int:notice_id>")
@access(ANYONE)
def notice(notice_id: int) -> str:
    """A notice as published; a running 公示 takes objections."""
    row = db.session.get(Notice, notice_id)
    if row is None or row.status == "draft":
        abort(404)
    today = engine().clock().astimezone(SHANGHAI).date()
    running = bool(row.kind == "publicity" and row.status == "published" and row.last_day and today <= row.last_day)
    numbers = [item.project_id for item in row.items]
    known = {p.id: p for p in db.session.scalars(select(Project).where(Project.id.in_(numbers)))} if numbers else {}
    return render_template("public/notice.html", notice=row, running=running, projects=known)


@public.get("/objections")
@access(ANYONE)
def objections() -> str:
    """Where a receipt code is entered."""
    code = request.args.get("code", "").strip().upper()
    row = db.session.scalars(select(Objection).where(Objection.code == code)).first() if code else None
    title = db.session.get_one(Project, row.project_id).title if row else ""
    return render_template("public/objection_status.html", code=code, objection=row, title=title)


@public.get("/guide")
@access(ANYONE)
def guide() -> str:
    """The rules in force article by article, blank forms, questions and answers."""
    return render_template(
        "public/guide.html",
        editions=[(edition, articles(edition)) for edition in reversed(policy().editions.values())],
        definitions=DEFINITIONS,
        kinds=KIND_LABELS,
    )


@public.get("/blank-forms/<edition>/<kind>.pdf")
@access(ANYONE)
def blank_form(edition: str, kind: str) -> Response:
    """An official form without data."""
    from xtbang.printing import PrintingError, print_form

    try:
        content = print_form(policy(), kind, edition, None)
    except PrintingError:
        abort(404)
    name = policy().edition(edition).forms.get(kind) or policy().edition(edition).documents[kind]
    response = current_app.response_class(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name.key}.pdf")
    return response
