"""The account: signing in, registering an organisation, its profile and people, the inbox."""

import secrets
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_security import hash_password, verify_password
from sqlalchemy import select

from xtbang.enums import RoleName
from xtbang.errors import Stale
from xtbang.extensions import db
from xtbang.models import Mail, Organisation, Person, Role
from xtbang.models.writing import begin_write
from xtbang.rules.forms import check, clean
from xtbang.rules.reasons import Reason
from xtbang.rules.uscc import compact
from xtbang.stages.audit import append
from xtbang.stages.context import Actor
from xtbang.web.access import ANYONE, SIGNED_IN, access, actor
from xtbang.web.account_forms import (
    COLLEAGUE,
    ORGANISATION,
    PROFILE,
    REGISTER,
    keep_organisation,
    organisation_values,
    password_reasons,
    person_values,
)
from xtbang.web.inputs import by_field, raw_values
from xtbang.web.shell import engine

account = Blueprint("account", __name__)

TAKEN_EMAIL = "这个电子邮箱不能用于注册，请换一个；如已有账号，请直接登录。"


@account.get("/login")
@access(ANYONE)
def login() -> Any:
    """To the sign-in form, keeping where to go afterwards."""
    target = request.args.get("next", "")
    safe = target if target.startswith("/") and not target.startswith(("//", "/\\")) else None
    return redirect(url_for("security.login", next=safe))


@account.route("/register", methods=["GET", "POST"])
@access(ANYONE)
def register() -> Any:
    """An organisation with its first person; an officer confirms it before anything else is open to it."""
    if request.method == "GET":
        return _register_page({}, {}, 200)
    values = clean(REGISTER, raw_values(REGISTER.fields, request.form))
    wrong = check(REGISTER, values, complete=True)
    wrong += password_reasons(request.form.get("password", ""), request.form.get("password_again", ""))
    begin_write(db.session())
    wrong += _taken(values)
    if wrong:
        db.session.rollback()
        return _register_page(values, by_field(wrong), 422)
    now = engine().clock()
    organisation = Organisation(status="pending", created_at=now)
    keep_organisation(organisation, {key: values[key] for key in _keys(0)})
    organisation.uscc = compact(organisation.uscc)
    db.session.add(organisation)
    db.session.flush()
    person = _person(values, organisation.id, hash_password(request.form["password"]), manager=True)
    who = Actor(
        person.id, person.name, frozenset(), organisation.id, organisation.name, None, request.remote_addr or ""
    )
    append(db.session(), f"organisation:{organisation.id}", who, trigger="register", now=now, role="applicant")
    _tell_officers(organisation)
    db.session.commit()
    return redirect(url_for("account.registered"))


@account.get("/register/received")
@access(ANYONE)
def registered() -> str:
    """What happens next."""
    return render_template("account/registered.html")


def _keys(section: int) -> list[str]:
    return [field.key for field in REGISTER.sections[section].fields]


def _taken(values: dict[str, Any]) -> list[Reason]:
    reasons = []
    uscc = compact(str(values.get("uscc", "")))
    if uscc and db.session.scalars(select(Organisation.id).where(Organisation.uscc == uscc)).first():
        text = "这个统一社会信用代码已经注册。请联系本单位的系统管理员为您添加账号；如从未注册，请联系市科技局。"
        reasons.append(Reason("register.uscc", text, field="uscc"))
    if _email_taken(values):
        reasons.append(Reason("register.email", TAKEN_EMAIL, field="email"))
    return reasons


def _email_taken(values: dict[str, Any]) -> bool:
    email = str(values.get("email", "")).lower()
    return bool(email) and db.session.scalars(select(Person.id).where(Person.email == email)).first() is not None


def _person(values: dict[str, Any], organisation_id: int, password: str, *, manager: bool) -> Person:
    role = db.session.scalars(select(Role).where(Role.name == RoleName.APPLICANT.value)).first()
    now = engine().clock()
    person = Person(
        email=values["email"].lower(),
        name=values["person_name"],
        title=values["title"],
        mobile=values["mobile"],
        password=password,
        active=True,
        created_at=now,
        confirmed_at=now,
        fs_uniquifier=secrets.token_hex(16),
        organisation_id=organisation_id,
        manager=manager,
        roles=[role or Role(name=RoleName.APPLICANT.value)],
    )
    db.session.add(person)
    db.session.flush()
    return person


def _tell_officers(organisation: Organisation) -> None:
    officers = select(Person).join(Person.roles).where(Role.name == "science", Person.active.is_(True))
    for officer in db.session.scalars(officers):
        db.session.add(
            Mail(
                person_id=officer.id,
                address=officer.email,
                subject=f"请确认单位：{organisation.name}",
                body=f"{organisation.name}（{organisation.uscc}）申请注册，请核对后确认。",
                link=f"{engine().site.url}/admin/organisations/{organisation.id}",
                created_at=engine().clock(),
            )
        )


def _register_page(values: dict[str, Any], errors: dict[str, list[str]], status: int) -> tuple[str, int]:
    page = render_template("account/register.html", form=REGISTER, values=values, errors=errors)
    return page, status


@account.get("/inbox")
@access(SIGNED_IN)
def inbox() -> str:
    """Every mail to me, the newest first; what was unread stays marked until 全部标为已读."""
    before = request.args.get("before", type=int)
    query = select(Mail).where(Mail.person_id == current_user.id)
    if before:
        query = query.where(Mail.id < before)
    mails = db.session.scalars(query.order_by(Mail.id.desc()).limit(21)).all()
    older = url_for("account.inbox", before=mails[19].id) if len(mails) > 20 else ""
    return render_template("account/inbox.html", mails=mails[:20], older=older)


@account.post("/inbox/read")
@access(SIGNED_IN)
def read() -> Any:
    """Mark everything as read."""
    me = current_user.id
    begin_write(db.session())
    for mail in db.session.scalars(select(Mail).where(Mail.person_id == me, Mail.read_at.is_(None))):
        mail.read_at = engine().clock()
    db.session.commit()
    return redirect(url_for("account.inbox"))


@account.route("/profile", methods=["GET", "POST"])
@access(SIGNED_IN)
def profile() -> Any:
    """My own name, title, mobile; and a new password, when the old one is given."""
    person = db.session.get_one(Person, current_user.id)
    if request.method == "GET":
        return render_template("account/profile.html", form=PROFILE, values=person_values(person), errors={})
    values = clean(PROFILE, raw_values(PROFILE.fields, request.form))
    wrong = check(PROFILE, values, complete=True)
    new = request.form.get("password", "")
    if new:
        wrong += password_reasons(new, request.form.get("password_again", ""))
        if not verify_password(request.form.get("password_old", ""), person.password):
            wrong.append(Reason("password", "原密码不正确。", field="password_old"))
    if wrong:
        page = render_template("account/profile.html", form=PROFILE, values=values, errors=by_field(wrong))
        return page, 422
    person_id = person.id
    begin_write(db.session())
    person = db.session.get_one(Person, person_id)
    person.name, person.title, person.mobile = values["person_name"], values["title"], values["mobile"]
    if new:
        person.password = hash_password(new)
    append(db.session(), f"person:{person.id}", actor(), trigger="edit_person", now=engine().clock())
    db.session.commit()
    flash("个人资料已保存。", "success")
    return redirect(url_for("account.profile"))


@account.route("/organisation", methods=["GET", "POST"])
@access(SIGNED_IN)
def organisation() -> Any:
    """The profile that every form is filled from."""
    row = db.session.get(Organisation, current_user.organisation_id) if current_user.organisation_id else None
    if row is None:
        abort(404)
    if request.method == "GET":
        return _organisation_page(row, organisation_values(row), {}, 200)
    values = clean(ORGANISATION, raw_values(ORGANISATION.fields, request.form))
    wrong = check(ORGANISATION, values, complete=True)
    if wrong:
        return _organisation_page(row, organisation_values(row) | values, by_field(wrong), 422)
    row_id, who = row.id, actor()
    begin_write(db.session())
    row = db.session.get_one(Organisation, row_id, with_for_update=True)
    try:
        if request.form.get("version", type=int) != row.version:
            raise Stale([], row.version)
        keep_organisation(row, values)
        row.version += 1
        append(
            db.session(), f"organisation:{row.id}", who, trigger="edit_organisation", now=engine().clock(), data=values
        )
        db.session.commit()
    except Stale:
        db.session.rollback()
        row = db.session.get_one(Organisation, row_id)
        text = "同事刚刚修改了单位资料。您填写的内容还在本页，请核对后再次保存。"
        return _organisation_page(row, organisation_values(row) | values, {"": [text]}, 409)
    flash("单位资料已保存，今后的表格将据此填写。", "success")
    return redirect(url_for("account.organisation"))


def _organisation_page(row: Organisation, values: Any, errors: Any, status: int) -> tuple[str, int]:
    page = render_template("account/organisation.html", form=ORGANISATION, row=row, values=values, errors=errors)
    return page, status


@account.route("/colleagues", methods=["GET", "POST"])
@access(SIGNED_IN)
def colleagues() -> Any:
    """Everyone of my organisation; its manager adds colleagues."""
    me = db.session.get_one(Person, current_user.id)
    if me.organisation_id is None:
        abort(404)
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    if request.method == "POST":
        if not me.manager:
            abort(403)
        values = clean(COLLEAGUE, raw_values(COLLEAGUE.fields, request.form))
        errors = by_field(check(COLLEAGUE, values, complete=True))
        if not errors and (made := _add_colleague(values, me.organisation_id)):
            session["initial_password"] = made
            return redirect(url_for("account.colleagues"))
        errors = errors or {"email": [TAKEN_EMAIL]}
        me = db.session.get_one(Person, current_user.id)
    query = select(Person).where(Person.organisation_id == me.organisation_id).order_by(Person.id)
    page = render_template(
        "account/colleagues.html",
        me=me,
        people=db.session.scalars(query).all(),
        form=COLLEAGUE,
        values=values,
        errors=errors,
        shown=session.pop("initial_password", None),
    )
    return page, 422 if errors else 200


def _add_colleague(values: dict[str, Any], organisation_id: int) -> list[str] | None:
    who = actor()
    password = secrets.token_urlsafe(9)
    hashed = hash_password(password)
    begin_write(db.session())
    if _email_taken(values):
        db.session.rollback()
        return None
    person = _person(values, organisation_id, hashed, manager=False)
    append(db.session(), f"person:{person.id}", who, trigger="add_person", now=engine().clock(), role="applicant")
    db.session.commit()
    return [values["person_name"], values["email"], password]


@account.post("/colleagues/<int:person_id>/active")
@access(SIGNED_IN)
def switch(person_id: int) -> Any:
    """The manager lets a colleague in or keeps them out; sessions end at once."""
    me, who = db.session.get_one(Person, current_user.id), actor()
    manager, own, organisation_id = me.manager, me.id, me.organisation_id
    begin_write(db.session())
    person = db.session.get(Person, person_id)
    if person is None or not manager or person.organisation_id != organisation_id or person.id == own:
        db.session.rollback()
        abort(404)
    person.active = not person.active
    person.fs_uniquifier = secrets.token_hex(16)
    append(
        db.session(), f"person:{person.id}", who, trigger="edit_person", now=engine().clock(),
        data={"active": person.active},
    )  # fmt: skip
    db.session.commit()
    return redirect(url_for("account.colleagues"))
