"""Many at once (批量办理): a page to check who can and who cannot, then the result, which has an address of its own."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select

from xtbang.actions.context import Upload
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.models import Project
from xtbang.queries.batches import batch_page
from xtbang.queries.rights.lists import OFFICES
from xtbang.queries.rights.visibility import visible
from xtbang.queries.shown.project import project_head, signed_shown
from xtbang.rules.fields import FieldKind, FormDefinition, one_section
from xtbang.rules.forms import check, clean
from xtbang.rules.lives import Action
from xtbang.rules.money import grouped, yuan_from_wan
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, new_files, raw_values, take_uploads
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office import batch_receipts
from xtbang.web.office.batch_budget import against_budget, beyond_budget, ranks
from xtbang.web.office.batch_papers import PRINTED, print_paper
from xtbang.web.office.selection import selected
from xtbang.web.project.confirmation import said
from xtbang.workflow.batch import AT_ONCE, MOST, Wanted, perform_many, start, uploads_of
from xtbang.workflow.many import Candidate, alike_fields, candidates, filled, own_fields, shared_form, unchecked_lines

batches = Blueprint("batches", __name__)

SIZE = 20


@dataclass
class Asked:
    """The subject of a page of a batch: the action, its candidates, what was filled in once and for each."""

    action: Action
    found: list[Candidate]
    back: str
    shared: dict[str, Any] = field(default_factory=dict)
    own: dict[int, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    too_many: bool = False
    receipts: batch_receipts.BankReceipts | None = None

    @property
    def form(self) -> FormDefinition:
        """Return the form that is filled in once for all."""
        return shared_form(self.action, self.found)

    @property
    def able(self) -> list[Candidate]:
        """Return those for which it can be done."""
        return [item for item in self.found if item.able]

    @property
    def asks(self) -> bool:
        """Return whether anything has to be filled in."""
        return (
            bool(self.form.fields) or any(own_fields(self.action, item) for item in self.able) or any(self.own.values())
        )


@batches.route("/batches/new", methods=["GET", "POST"])
@access(*OFFICES)
def new() -> Any:
    """Show who can and who cannot, and what is to be filled in; then once more to confirm; a POST with ``confirmed`` does it."""
    who = actor()
    trigger = request.args.get("trigger") or request.args.get("other", "")
    action = policy().actions.get(trigger)
    chosen = selected(caller(), request, MOST)
    if action is None or not action.many or who.roles.isdisjoint(action.who) or not chosen.ids:
        flash("请先选中项目，再选择要办理的事项。", "warning")
        return redirect(chosen.back)
    if action.scan_of:
        return redirect(url_for("batches.signatures", list=request.args.get("list")))
    sent = request.form
    wanted = sent.getlist("take", type=int) if request.method == "POST" else list(chosen.ids)
    wanted += sent.getlist("rest", type=int) if "edit" in sent else []  # what was refused as it was filled in
    places = {number: place for place, number in enumerate(chosen.ids)}
    wanted.sort(key=lambda number: places.get(number, len(places)))
    if request.method == "POST" and "confirmed" in sent:
        return _start(action, wanted)
    found = candidates(engine(), db.session(), who, trigger, projects_of(wanted[:MOST]))
    asked = Asked(action, found, chosen.back, too_many=len(wanted) > MOST)
    if request.method == "POST":
        return _post(asked)
    _fill_in_again(asked)
    return _page(asked, confirming=not asked.asks)


def projects_of(ids: list[int]) -> list[Project]:
    """Return the projects with these ids that the reader may see, in their order."""
    who = actor()
    query = select(Project).where(
        Project.id.in_(ids), visible(who.roles, who.person_id, who.organisation_id, who.region)
    )
    known = {project.id: project for project in db.session.scalars(query)}
    return [known[number] for number in ids if number in known]


def _fill_in_again(asked: Asked) -> None:
    """Fill in what stands there already, and what an earlier batch had whose rest is repeated."""
    again = request.args.get("again", type=int)
    page = batch_page(caller(), again) if again else None
    for item in asked.form.fields:
        given: list[Any] = [one.values[item.key] for one in asked.able if item.key in one.values]
        if given and item.kind is not FieldKind.CHOICES:
            asked.shared[item.key] = given[0]
        elif given:  # several choices: those that hold for every project which has them
            lists = list(zip(given, (one.form.field(item.key).keys for one in asked.able), strict=False))
            asked.shared[item.key] = [
                key for key in item.keys if all(key in told or key not in keys for told, keys in lists)
            ]
    asked.own = {item.project.id: dict(item.values) for item in asked.able}
    if page:
        asked.shared |= page.batch.data
        asked.uploads = uploads_of(page.batch.files)
        for row in page.rows:
            asked.own.setdefault(row.id, {}).update(row.data)


def _read(asked: Asked) -> list[Any]:
    """Put what was sent into ``asked``; return the reasons against its files."""
    asked.shared = raw_values(asked.form.fields, request.form)
    earlier = _earlier(asked.shared)
    asked.uploads, refused = take_uploads(asked.form.fields, request.files, asked.shared, known=earlier)
    asked.uploads |= earlier
    for item in asked.able:
        fields = own_fields(asked.action, item)
        names = {one.key: f"own-{item.project.id}-{one.key}" for one in fields}
        typed = {key: request.form.get(name, "") or request.form.get(f"alike-{key}", "") for key, name in names.items()}
        asked.own[item.project.id] = clean(one_section("", "", fields), typed)
    return refused


def _earlier(values: dict[str, Any]) -> dict[str, Upload]:
    """Return the files of the earlier batch whose remaining projects are done again, of those that the form still names."""
    again = request.args.get("again", type=int)
    page = batch_page(caller(), again) if again else None
    return (
        {digest: file for digest, file in uploads_of(page.batch.files).items() if digest in values.values()}
        if page
        else {}
    )


def _post(asked: Asked) -> Any:
    refused = _read(asked)
    if refused:
        return _page(asked, errors=by_field(refused), status=422)
    if "edit" in request.form:
        return _page(asked)
    if asked.action.trigger in PRINTED and "paper" in request.form:
        return _paper(asked)
    if batch_receipts.pays(asked.action) and (answer := _receipts(asked)):
        return answer
    asked.shared = clean(asked.form, asked.shared)
    if wrong := check(asked.form, asked.shared, complete=True):
        return _page(asked, errors=by_field(wrong), status=422)
    given, session, who = asked.found, db.session(), actor()
    asked.found = [
        filled(engine(), session, who, item, asked.shared, asked.own.get(item.project.id, {}), asked.uploads)
        for item in given
    ]
    mistyped = {item.project.id: by_field(item.wrong) for item in asked.found if item.wrong}
    beyond = list(beyond_budget(against_budget(asked.action, asked.able, asked.own)))
    if mistyped or beyond:
        asked.found = given
        return _page(asked, errors=by_field(beyond), mistyped=mistyped, status=422)
    return _page(asked, confirming=True)


def _paper(asked: Asked) -> Any:
    """Issue the paper of the chosen projects and lead to its PDF."""
    chosen = [item.project.id for item in asked.able]
    try:
        paper_id = print_paper(asked.action, chosen, clean(asked.form, asked.shared))
    except Blocked as blocked:
        return _page(asked, errors=by_field(blocked.reasons), status=409)
    return redirect(url_for("files.paper", paper_id=paper_id))


def _receipts(asked: Asked) -> Any:
    """Fill in what the bank's table says; return the page that shows it, or asks about a line. None when nothing is asked."""
    if "receipts" in request.form:
        asked.receipts = batch_receipts.read(request.files.get("bank"), asked.able, asked.own)
        return _page(asked, status=422 if asked.receipts.trouble else 200)
    asked.receipts = batch_receipts.answered(request.form, asked.able, asked.own)
    return _page(asked, status=422) if asked.receipts.unanswered else None


def _start(action: Action, ids: list[int]) -> Any:
    """Start the batch as it was confirmed and lead to its page."""
    sent, who = request.form, actor()
    seen = dict(pair.split(":") for pair in sent.get("versions", "").split() if pair.count(":") == 1)
    wanted = [Wanted(number, int(seen[str(number)]), _own(action, number)) for number in ids if str(number) in seen]
    shared = {key: value for key, value in _shared(action).items() if key not in action.each}
    earlier = _earlier(shared)
    uploads, refused = take_uploads(action.form.fields, request.files, shared, known=earlier)
    uploads |= earlier
    asked = Asked(action, [], "")
    try:
        if refused:
            raise Blocked(refused)
        batch_id = start(
            engine(), db.session(), who, action.trigger, wanted,
            request_key=sent.get("request_key") or secrets.token_urlsafe(18),
            data=shared, uploads=uploads, again_of=request.args.get("again", type=int),
        )  # fmt: skip
    except Blocked as blocked:
        found = candidates(engine(), db.session(), who, action.trigger, projects_of(ids[:MOST]))
        asked = Asked(action, found, url_for("bureau.projects"), uploads=uploads)
        _read(asked)
        return _page(asked, errors=by_field(blocked.reasons), status=409)
    if len(wanted) <= AT_ONCE:
        perform_many(engine(), db.session(), batch_id)
    return redirect(url_for("batches.page", batch_id=batch_id))


def _shared(action: Action) -> dict[str, Any]:
    """Return what was filled in once for all, with the fields that editions ask for besides."""
    every = {item.key: item for life in map(policy().life, policy().editions) if action.trigger in life.actions
             for item in life.actions[action.trigger].form.fields}  # fmt: skip
    fields = [item for item in every.values() if item.kind is not FieldKind.ROWS and item.key in request.form]
    return raw_values(fields, request.form)


def _own(action: Action, project_id: int) -> dict[str, str]:
    return {key: request.form[name] for key in action.each if (name := f"own-{project_id}-{key}") in request.form}


def _page(
    asked: Asked,
    *,
    errors: dict[str, list[str]] | None = None,
    mistyped: dict[int, dict[str, list[str]]] | None = None,
    confirming: bool = False,
    status: int = 200,
) -> tuple[str, int]:
    form = asked.form
    pays = batch_receipts.pays(asked.action) or batch_receipts.approves(asked.action)
    dues = batch_receipts.dues(asked.able) if pays else {}
    page = render_template(
        "batches/new.html",
        action=asked.action,
        alike=() if confirming else alike_fields(asked.action, asked.able),
        unchecked={} if confirming else unchecked_lines(form, asked.able),
        able=[_row(asked, item) | {"due": dues.get(item.project.id)} for item in asked.found if item.able],
        unable=[_row(asked, item) for item in asked.found if not item.able],
        form=form,
        values=asked.shared,
        own=asked.own,
        errors=errors or {},
        mistyped=mistyped or {},
        confirming=confirming,
        asks=asked.asks,
        said=said(form, asked.shared) if confirming else [],
        sums=_sums(asked, dues),
        budgets=against_budget(asked.action, asked.able, asked.own),
        ranks=ranks(asked.action, asked.able),
        files=new_files(asked.uploads),
        versions=" ".join(f"{item.project.id}:{item.project.version}" for item in asked.able),
        back=asked.back,
        too_many=MOST if asked.too_many else 0,
        pays=batch_receipts.pays(asked.action),
        printed=PRINTED.get(asked.action.trigger, ""),
        payees=batch_receipts.payees(asked.able) if pays else {},
        sheets=batch_receipts.sheets(asked.able) if pays else {},
        receipts=asked.receipts,
        at_once=AT_ONCE,
        request_key=request.form.get("request_key") or secrets.token_urlsafe(18),
    )
    return page, status


def _row(asked: Asked, item: Candidate) -> dict[str, Any]:
    fields = own_fields(asked.action, item)
    values = asked.own.get(item.project.id, {})
    return {
        "project": project_head(item.project),
        "amount": item.project.listed_amount,
        "state": policy().life(item.project.edition).states[item.project.state].name,
        "reasons": item.reasons,
        "hints": item.hints,
        "signed": signed_shown(item.offer.signed) if item.offer and item.offer.signed else None,
        "last": item.offer.last if item.offer else True,
        "fields": fields,
        "said": said(one_section("", "", fields), values),
    }


def _sums(asked: Asked, dues: Mapping[int, Decimal]) -> list[dict[str, str]]:
    """Return the sum of every amount that is filled in for each; else of the instalments that are due, or of what the projects are about; for ``figures``."""
    found: dict[str, Decimal] = {}
    for item in asked.able:
        money = [one for one in own_fields(asked.action, item) if one.kind is FieldKind.MONEY]
        for one in money:
            amount = _yuan(asked.own.get(item.project.id, {}).get(one.key))
            found[one.label] = found.get(one.label, Decimal(0)) + amount
        if not money and item.project.id in dues:
            found["本次拨款"] = found.get("本次拨款", Decimal(0)) + dues[item.project.id]
        elif not money and item.project.subsidy_city is not None:
            found["市级补助"] = found.get("市级补助", Decimal(0)) + item.project.subsidy_city
        elif not money and item.project.planned_total is not None:
            found["拟投入"] = found.get("拟投入", Decimal(0)) + item.project.planned_total
    named = ((label, grouped(amount)) for label, amount in found.items())
    return [{"label": f"{label}合计", "value": amount, "unit": "万元"} for label, amount in named]


def _yuan(typed: Any) -> Decimal:
    try:
        return yuan_from_wan(typed) or Decimal(0)
    except ValueError:
        return Decimal(0)
