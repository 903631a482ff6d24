"""Editions (规则版本): what is in force from when, frozen or not, how they differ; their forms; the guide to the files."""

import re
from dataclasses import dataclass

from flask import abort, current_app, render_template, request

from xtbang.editions import reading_of, standings_of
from xtbang.enums import KIND_LABELS
from xtbang.errors import DefinitionError
from xtbang.extensions import db
from xtbang.queries.frozen_editions import calls_by_edition, projects_by_edition
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition
from xtbang.web.admin.home import admin
from xtbang.web.frame.access import access
from xtbang.web.frame.shell import caller, policy
from xtbang.workflow.differences import Difference, differences
from xtbang.workflow.guide import Part, parts
from xtbang.workflow.labels import DOCUMENTS
from xtbang.workflow.standing import Standing

READERS = ("admin", "science", "auditor")
CODE = re.compile("`([^`]*)`")


@dataclass(frozen=True)
class Row:
    """A revision of an edition in the list."""

    standing: Standing
    force: str  # whether new entries are taken under it today
    tone: str
    projects: int
    calls: int


@admin.get("/admin/editions")
@access(*READERS)
def editions() -> str:
    """Show every edition with what the site runs on and what the files say, and the differences of two of them."""
    reading, found = reading_of(current_app), standings_of(current_app)
    known = {one.edition.key: one.edition for one in found}
    taken = {edition.key for edition in policy().taken(caller().today)}
    projects, calls = projects_by_edition(db.session()), calls_by_edition(db.session())
    rows = [
        Row(one, *_force(one, taken), projects.get(one.edition.key, 0), calls.get(one.edition.name, 0)) for one in found
    ]
    old, new = (known.get(request.args.get(name, "")) for name in ("old", "new"))
    return render_template(
        "admin/editions.html",
        rows=rows[::-1],
        mistakes=DefinitionError(list(reading.mistakes)).sentences,
        choices={key: edition.label for key, edition in known.items()},
        old=old,
        new=new,
        groups=_grouped(differences(old, new)) if old and new else {},
    )


@admin.get("/admin/editions/<key>")
@access(*READERS)
def edition(key: str) -> str:
    """Show one edition: where it stands, and its forms."""
    standing = _standing(key)
    shown = standing.edition
    return render_template(
        "admin/edition.html", standing=standing, edition=shown, forms=_forms(shown), loaded=key in policy().editions
    )


@admin.get("/admin/editions/<key>/forms/<kind>")
@access(*READERS)
def edition_form(key: str, kind: str) -> str:
    """Show a form of an edition as it appears on the screen, without a way to fill it in."""
    shown = _standing(key).edition
    form = {**shown.forms, **shown.documents}.get(kind)
    if form is None:
        abort(404)
    return render_template(
        "admin/edition_form.html", edition=shown, form=form, kind=kind, loaded=key in policy().editions
    )


@admin.get("/admin/editions-guide")
@access(*READERS)
def editions_guide() -> str:
    """Show what can be written in the files, name by name."""
    found: list[Part] = list(parts(current_app.config["WORKFLOWS"]))
    return render_template("admin/editions_guide.html", parts=found, pieces=_pieces)


def _force(one: Standing, taken: set[str]) -> tuple[str, str]:
    """Return whether new entries are taken under an edition today, in words, and the tone of that."""
    begins = one.edition.in_force_from
    if begins and begins > caller().today:
        return "未到施行日期", "wait"
    return ("适用", "go") if one.edition.key in taken else ("不再适用", "muted")


def _standing(key: str) -> Standing:
    """Return where the edition of that key stands; answer 404 when there is none."""
    found = next((one for one in standings_of(current_app) if one.edition.key == key), None)
    return found or abort(404)


def _forms(shown: Edition) -> list[tuple[str, str, FormDefinition]]:
    """Return kind, label and definition of every form."""
    labels = KIND_LABELS | DOCUMENTS
    return [(kind, labels.get(kind, form.title), form) for kind, form in {**shown.forms, **shown.documents}.items()]


def _grouped(found: list[Difference]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item in found:
        groups.setdefault(item.group, []).append(item.sentence)
    return groups


def _pieces(said: str) -> list[tuple[str, bool]]:
    """Return the pieces of a line of the guide, each with whether it is to be typed as it stands."""
    return [(piece, bool(number % 2)) for number, piece in enumerate(CODE.split(said)) if piece]
