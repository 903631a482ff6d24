"""Public pages: home, board, lists, entries, notices, guide."""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, current_app, g, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select

from xtbang.enums import KIND_LABELS, NOTICE_LABELS
from xtbang.extensions import db
from xtbang.models import Call, Notice, Objection, Paper, Project
from xtbang.papers.codes import normalise
from xtbang.papers.facts.common import offices_of
from xtbang.papers.facts.older import facts_of
from xtbang.papers.pdf.printer import Bounds, pdf_of_order
from xtbang.people.person_form import domains
from xtbang.printing import PrintingError, form_order
from xtbang.queries.board import (
    COUNTED,
    SIZE,
    ObjectionFollowed,
    Search,
    counts,
    listing,
    newest,
    notices_of,
    open_calls,
    public_entry,
)
from xtbang.queries.board import notices as published
from xtbang.queries.documents import latest
from xtbang.queries.shown import shown
from xtbang.queries.shown.notices import CallShown, notice_read
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.forms import worded
from xtbang.rules.term import in_chinese
from xtbang.web.frame.access import ANYONE, access
from xtbang.web.frame.cards import Card, card
from xtbang.web.frame.file_names import sent_as
from xtbang.web.frame.inputs import searched
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.public.articles import articles, definitions

public = Blueprint("public", __name__)

FIRST_YEAR, LAST_YEAR = 2021, 2999  # the regulations (办法) are of 2021


@public.get("/")
@access(ANYONE)
def home() -> str:
    """Show the home page: open calls, the four lists, the board, the latest notices."""
    now = engine().clock()
    return render_template(
        "public/home.html",
        calls=open_calls(db.session(), now),
        now=now,
        lists=[_figure(kind, number) for kind, number in counts(caller()).items()],
        kinds=KIND_LABELS,
        board=[_card(row) for row in newest(caller(), Search(board=True, state=policy().written_in("bid")[0]), size=5)],
        notices=published(db.session(), size=6)[:6],
    )


def _figure(kind: str, number: int) -> dict[str, str]:
    """Return the name, address and length of one of the four lists."""
    address = url_for("public.lists", kind=kind)
    return {"label": f"{KIND_LABELS[kind]}清单", "value": _capped(number), "unit": "项", "url": address}


@public.get("/board")
@access(ANYONE)
def board() -> str:
    """Show the board (榜单): major needs that take or took bids."""
    return _list(Search(**_words(), board=True), "public.board", "榜单", "列入榜单的重大项目，面向全国揭榜。")


@public.get("/lists")
@access(ANYONE)
def lists() -> str:
    """Show all listed entries (清单), filtered by kind."""
    kind = request.args.get("kind", "")
    title = f"{KIND_LABELS[kind]}清单" if kind in KIND_LABELS else "清单"
    return _list(Search(**_words(), kind=kind), "public.lists", title, "征集受理的需求与供给，长期发布，自由对接。")


def _capped(number: int) -> str:
    return f"{COUNTED}+" if number > COUNTED else str(number)


def _words() -> dict[str, Any]:
    args, year = request.args, request.args.get("year", type=int)
    return {
        "words": searched(),
        "domain": args.get("domain", ""),
        "region": args.get("region", ""),
        "state": args.get("state", ""),
        "year": year if year and FIRST_YEAR <= year <= LAST_YEAR else None,
    }


def _list(search: Search, endpoint: str, title: str, lead: str) -> str:
    this_year = engine().clock().astimezone(SHANGHAI).year
    years = [str(year) for year in range(this_year, FIRST_YEAR - 1, -1)]
    found = listing(caller(), search, request.args.get("before", ""))
    chosen: dict[str, Any] = {key: value for key, value in request.args.items() if key != "before" and value}
    return render_template(
        "public/list.html",
        title=title,
        lead=lead,
        endpoint=endpoint,
        cards=[_card(row) for row in found.rows],
        search=search,
        kinds=KIND_LABELS if endpoint == "public.lists" else {},
        domains=domains(policy()),
        regions=policy().city.places,
        state_choices={state.id: state.name for state in policy().states.values() if state.public},
        years=years,
        filtered=bool(chosen),
        first=url_for(endpoint, **chosen) if request.args.get("before") else "",
        older=url_for(endpoint, **chosen | {"before": found.older}) if found.older else "",
        found=_capped(found.count),
    )


def _card(row: Any) -> Card:
    more: dict[str, Any] = {"url": f"{_entries()}{quote(row.number)}"}
    if row.bids_until and row.state in policy().written_in("bid"):
        until = day_of(row.bids_until)
        left = (until - day_of(engine().clock())).days
        more["due_text"] = f"揭榜截止 {in_chinese(until)}" if left >= 0 else f"揭榜已于{in_chinese(until)}截止"
        more["due_days"] = left if left >= 0 else None
    return card(row, **more)


def _entries() -> str:
    """Return the common start of the addresses of entries, cached: `url_for` for each would dominate the time of a list."""
    if "entries" not in g:
        g.entries = url_for("public.entry", number="-").removesuffix("-")
    return str(g.entries)


@public.get("/entries/<number>")
@access(ANYONE)
def entry(number: str) -> str:
    """Show the public part of an entry: no phone number, no address. Answer 404 unless it is listed."""
    project = db.session.scalars(select(Project).where(Project.number == number)).first()
    if project is None or project.listed_at is None or not policy().states[project.state].public:
        abort(404)
    version = latest(db.session(), project.form)
    if version is None:
        abort(404)
    form = policy().edition(project.edition).forms[project.kind]
    values = worded(form, version.data)
    told = [(field, values.get(field.key)) for field in form.fields if field.public]
    now = engine().clock()
    open_now = project.state in policy().written_in("bid") and (project.bids_until is None or now <= project.bids_until)
    return render_template(
        "public/entry.html",
        project=public_entry(project),
        shown=[(field, value) for field, value in told if value],
        kind=KIND_LABELS[project.kind],
        notices=notices_of(db.session(), project.id),
        takes_bids=open_now,
        begun=project.bids_from is None or now >= project.bids_from,
        mine=current_user.is_authenticated and current_user.organisation_id == project.issuer_id,
    )


@public.get("/calls/<int:call_id>")
@access(ANYONE)
def call(call_id: int) -> str:
    """Show a published call (批次) with its guide."""
    row = db.session.get(Call, call_id)
    if row is None or row.published_at is None:
        abort(404)
    now = engine().clock()
    return render_template(
        "public/call.html", call=shown(CallShown, row), edition=policy().newest(row.edition, day_of(now)), now=now
    )


@public.get("/notices")
@access(ANYONE)
def notices() -> str:
    """Show the published notices by kind."""
    kind = request.args.get("kind", "")
    found = published(db.session(), kind if kind in NOTICE_LABELS else "", request.args.get("before", type=int))
    older = found[SIZE - 1].id if len(found) > SIZE else None
    return render_template(
        "public/notices.html",
        notices=found[:SIZE],
        kinds=NOTICE_LABELS,
        kind=kind,
        older=url_for("public.notices", kind=kind or None, before=older) if older else "",
        today=day_of(engine().clock()),
    )


@public.get("/notices/<int:notice_id>")
@access(ANYONE)
def notice(notice_id: int) -> str:
    """Show a published notice (公告); a running publicity notice (公示) takes objections."""
    row = db.session.get(Notice, notice_id)
    if row is None or row.status == "draft":
        abort(404)
    today = day_of(engine().clock())
    running = bool(row.kind == "publicity" and row.status == "published" and row.last_day and today <= row.last_day)
    papers = select(Paper).where(Paper.notice_id == row.id).order_by(Paper.id.desc()).limit(1)
    paper = db.session.scalars(papers).first()
    said = facts_of(paper) if paper else {}
    return render_template(
        "public/notice.html",
        notice=notice_read(row),
        running=running,
        items=_named(row),
        paper_id=paper and paper.id,
        contact=said.get("contact", ""),
        offices=said.get("offices") or offices_of(policy().city, row.kind),
    )


def _named(row: Notice) -> list[dict[str, Any]]:
    """Return the figures stored with the notice, whatever the present values of the projects are."""
    numbers = [item.project_id for item in row.items]
    every = select(Project.id, Project.number, Project.title, Project.listed_at, Project.state)
    known = {p.id: p for p in db.session.execute(every.where(Project.id.in_(numbers)))} if numbers else {}
    found = []
    for item in row.items:
        p = known[item.project_id]
        seen = p.listed_at is not None and policy().states[p.state].public
        more = {
            "url": url_for("public.entry", number=p.number) if seen else "",
            "object": url_for("objecting.file", notice_id=row.id, project_id=p.id),
        }
        found.append({"number": p.number or "", "title": p.title} | item.figures | more)
    return found


@public.route("/objections", methods=["GET", "POST"])
@access(ANYONE)
def objections() -> tuple[str, int]:
    """Show the form for a receipt code; on POST, which keeps it out of addresses, the objection. Answer 404 to an unknown code."""
    typed = request.form.get("code", "").strip()[:60]
    wanted = normalise(typed)
    row = db.session.scalars(select(Objection).where(Objection.code == wanted)).first() if wanted else None
    title = db.session.get_one(Project, row.project_id).title if row else ""
    page = render_template(
        "public/objection_status.html",
        code=wanted or typed,
        objection=row and shown(ObjectionFollowed, row),
        title=title,
    )
    return page, 200 if row or not typed else 404


@public.get("/guide")
@access(ANYONE)
def guide() -> str:
    """Show the rules in force article by article, blank forms, questions and answers."""
    editions = list(reversed(policy().taken(day_of(engine().clock()))))
    return render_template(
        "public/guide.html",
        editions=[(edition, articles(edition, policy().city)) for edition in editions],
        definitions=definitions(editions[0]),
        path=policy().life(editions[0].key).path,
        kinds=KIND_LABELS,
    )


@public.get("/blank-forms/<edition>/<kind>.pdf")
@access(ANYONE)
def blank_form(edition: str, kind: str) -> Response:
    """Send an official form without data."""
    kept: dict[tuple[str, str], bytes] = current_app.extensions.setdefault("blank_forms", {})
    if (edition, kind) not in kept:
        try:
            order = form_order(policy(), kind, edition, None)
        except PrintingError:
            abort(404)
        kept[edition, kind] = pdf_of_order(order, Bounds.from_config(current_app.config))
    chosen = policy().edition(edition)
    form = {**chosen.forms, **chosen.documents}[kind]
    name = f"{form.attachment} {form.title}{form.subtitle}（空白）.pdf".strip()
    return Response(kept[edition, kind], mimetype="application/pdf", headers=sent_as(name))
