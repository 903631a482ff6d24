"""The sign-in form of Flask-Security, in Chinese."""

from collections.abc import Mapping

from flask_security.forms import LoginForm as SecurityLoginForm
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import BooleanField, EmailField, PasswordField, SubmitField
from wtforms.validators import DataRequired

from xtbang.extensions import db
from xtbang.models import Person, Role
from xtbang.people.accounts import normal_email
from xtbang.people.passwords import as_issued

MANY = ("applicant", "expert")  # roles with many accounts in a demo
SHOWN = 12


class LoginForm(SecurityLoginForm):
    """E-mail and password; the same sentence for every failure, so that it does not show which accounts exist."""

    email = EmailField(
        "电子邮箱", validators=[DataRequired("请填写电子邮箱。")], filters=[lambda typed: normal_email(typed or "")]
    )
    password = PasswordField("密码", validators=[DataRequired("请填写密码。")])
    remember = BooleanField("保持登录")
    submit = SubmitField("登录")

    def validate(self, **kwargs: object) -> bool:
        """Return whether e-mail and password are right; otherwise replace all errors by one sentence."""
        given = select(Person.password_given).where(Person.email == self.email.data)
        if db.session.scalar(given):
            self.password.data = as_issued(self.password.data or "")
        if super().validate(**kwargs):
            return True
        blank = ["请填写电子邮箱。"] * (not self.email.data) + ["请填写密码。"] * (not self.password.data)
        self.form_errors[:] = blank or ["电子邮箱或密码不正确，或账号已停用。"]
        self.email.errors, self.password.errors = [], []
        return False


def demo_accounts(session: Session, labels: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the accounts of a demo by role (``labels``), as (e-mail, name); offices first, then some applicants and experts."""
    query = select(Person, Role.name).join(Person.roles).where(Person.email.endswith("@demo.example.com"))
    found: dict[str, list[tuple[str, str]]] = {}
    for person, role in session.execute(query.order_by(Role.id, Person.id)):
        who = person.name
        if person.organisation:
            who = f"{person.organisation.name}　{person.name}"
        elif person.expert_kind:
            who = f"{person.name}（{person.expert_kind}）"
        found.setdefault(role, []).append((person.email, who))
    order = sorted(found, key=lambda role: role in MANY)
    return [(labels[role], found[role][:SHOWN]) for role in order]
