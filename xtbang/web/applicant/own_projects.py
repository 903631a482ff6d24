"""The organisation's own matters (我的事项): its projects, new entries, its bids."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from xtbang.domain.new_project import begin_entry
from xtbang.enums import KIND_LABELS
from xtbang.extensions import db
from xtbang.models import Bid, BidMember, Organisation, Project, StoredFile
from xtbang.queries import own_projects as own
from xtbang.queries.documents import definition_of
from xtbang.queries.project_rows import ProjectRows
from xtbang.queries.rights.sealed_bids import is_own
from xtbang.queries.shown import shown
from xtbang.queries.shown.bids import own_bid
from xtbang.queries.shown.documents import VersionShown
from xtbang.queries.shown.people import OrganisationShown, organisation_shown
from xtbang.queries.shown.project import project_head
from xtbang.rules.actor import NEWCOMER, WRITERS
from xtbang.rules.eligibility import check_posting
from xtbang.rules.forms import check, readable
from xtbang.web.applicant.next_steps import ahead, bid_card, entry_card
from xtbang.web.frame.access import SIGNED_IN, access, actor
from xtbang.web.frame.inputs import facts_of
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.project.action_page import offer_shown
from xtbang.web.project.reached import WITH_MAIN, reachable_project, rows_of

applicant = Blueprint("applicant", __name__)


@applicant.get("/mine")
@access(SIGNED_IN)
def mine() -> Any:
    """Show every entry as a row with its state, whose turn it is, the due date, and one next step."""
    who = actor()
    if not who.roles & WRITERS or who.organisation_id is None:
        if "applicant" not in current_user.role_names:
            abort(403)
        return render_template("applicant/waiting.html", organisation=_organisation())
    organisation_id, done = who.organisation_id, request.args.get("done") == "1"
    rows = own.own_entries(caller(), organisation_id, done, request.args.get("before", type=int))
    more, rows = len(rows) > own.PAGE, rows[: own.PAGE]
    bids = own.bids(db.session, organisation_id)
    found = ahead(caller(), organisation_id, rows, bids)
    return render_template(
        "applicant/mine.html",
        done=done,
        entries=[entry_card(row, found) for row in rows],
        older=url_for("applicant.mine", done=int(done), before=rows[-1].id) if more else "",
        newer=url_for("applicant.mine", done=int(done)) if "before" in request.args else "",
        bids=[bid_card(bid, found) for bid in bids],
        invitations=own.invitations(caller(), organisation_id),
        calls=own.open_calls(db.session, found.now),
        newcomer=NEWCOMER in who.roles,
    )


# ---------------------------------------------------------------- new entries


@applicant.route("/mine/new", methods=["GET", "POST"])
@access("applicant", NEWCOMER)
def new() -> Any:
    """Show the choice of call and kind, with the reasons against each kind; on POST create the draft."""
    if request.method == "POST":
        return _create({})
    return _choices("applicant/new.html")


@applicant.route("/mine/<int:project_id>/copy", methods=["GET", "POST"])
@access("applicant")
def copy(project_id: int) -> Any:
    """Create a draft from one's own earlier entry, with the values of the fields that both forms have."""
    project = db.session.get(Project, project_id)
    if project is None or project.issuer_id != actor().organisation_id or project.form is None:
        abort(404)
    if request.method == "POST":
        edition = policy().edition(project.edition)
        return _create(readable(definition_of(edition, project, project.form), project.form.draft))
    return _choices("applicant/new.html", project=project_head(project))


def _organisation() -> OrganisationShown | None:
    row = current_user.organisation
    return organisation_shown(row) if row else None


def _choices(template: str, status: int = 200, **more: Any) -> Any:
    organisation = db.session.get_one(Organisation, actor().organisation_id)
    calls = []
    for call in own.open_calls(db.session, engine().clock()):
        edition = policy().newest(call.edition, caller().today)
        kinds = [
            {
                "kind": kind,
                "label": KIND_LABELS[kind],
                "form": f"{form.attachment} {form.title}{form.subtitle}".strip(),
                "reasons": check_posting(edition, kind, organisation.kind, organisation.region),
            }
            for kind in call.kinds
            if (form := edition.forms.get(kind))
        ]
        calls.append({"call": call, "edition": edition, "kinds": kinds})
    return render_template(template, calls=calls, now=engine().clock(), **more), status


def _create(earlier: dict[str, Any]) -> Response:
    project, new = begin_entry(caller(), request.form.get("call", type=int), request.form.get("kind", ""), earlier)
    if new:
        filled = "单位资料已填入。" if not earlier else "能沿用的内容已填入，请逐项核对。"
        flash(f"草稿已建立，{filled}", "success")
    return redirect(url_for("documents.edit", project_id=project.id, document_id=project.form_id))


# ---------------------------------------------------------------- bids


@applicant.get("/bids/<int:bid_id>")
@access("applicant")
def bid(bid_id: int) -> Any:
    """Show one bid to its bidder and its members: its state, the confirmations, the next step."""
    who, now = actor(), engine().clock()
    query = (
        select(Bid)
        .where(Bid.id == bid_id)
        .options(
            joinedload(Bid.project).options(*WITH_MAIN),
            joinedload(Bid.lead),
            joinedload(Bid.document),
            joinedload(Bid.members).joinedload(BidMember.organisation),
        )
    )
    row = db.session.scalars(query).unique().first()
    if row is None or not is_own(row, who):
        abort(404)
    project = reachable_project(row.project_id, who, policy().done_on("bid").trigger)
    definition = policy().edition(project.edition).documents["bid"]
    rows = rows_of(project)
    offers = {o.action.trigger: o for o in engine().offers(db.session, project, who, rows) if o.role}
    version = rows.newest(row.document_id)
    draft = row.status == "draft"
    return render_template(
        "applicant/bid.html",
        bid=own_bid(row, who.organisation_id),
        project=project_head(project),
        definition=definition,
        values=row.document.draft if draft else version.data if version else {},
        version=version and shown(VersionShown, version),
        leads=row.lead_id == who.organisation_id,
        offers={trigger: offer_shown(offer) for trigger, offer in offers.items()},
        missing=len(check(definition, row.document.draft, complete=True)) if draft else 0,
        call=_public_form(rows),
        files=facts_of(rows.of(StoredFile)),
        now=now,
    )


def _public_form(rows: ProjectRows) -> dict[str, Any]:
    """Return the public part of the issuer's form."""
    project, version = rows.project, rows.newest(rows.project.form_id)
    form = policy().edition(project.edition).forms[project.kind]
    return {"form": form, "data": version.data if version else {}}
