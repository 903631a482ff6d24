"""The commands ``xtbang admin``: administrators, and what is stored about a person."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.people.accounts import account_with
from xtbang.people.officers import create_administrator, create_roles, reset_second_factor, seal
from xtbang.queries.personal_data import personal_data
from xtbang.rules.actor import SYSTEM
from xtbang.rules.fields import Field, FieldKind, one_section
from xtbang.rules.forms import check as check_values
from xtbang.rules.forms import clean
from xtbang.web.account.hashing import new_first_password

ADMIN = (Field("email", "电子邮箱", FieldKind.EMAIL), Field("name", "姓名", FieldKind.TEXT, limit=30))
ADMIN_FORM = one_section("admin", "管理员", ADMIN)


@click.group()
def admin() -> None:
    """Administrators."""


@admin.command()
@click.option("--email", prompt="电子邮箱")
@click.option("--name", prompt="姓名")
@with_appcontext
def create(email: str, name: str) -> None:
    """Create an administrator; the initial password is shown once."""
    create_roles(db.session())
    click.echo(f"已创建。初始密码（只显示这一次）：{new_administrator(email, name)}")


@admin.command("reset-telephone")
@click.option("--email", prompt="电子邮箱")
@with_appcontext
def reset_telephone(email: str) -> None:
    """Let somebody whose telephone was lost sign in with the password alone."""
    person = account_with(db.session(), email.strip())
    if person is None:
        raise click.ClickException("没有这个电子邮箱的账号。")
    reset_second_factor(current_app.extensions["engine"].caller(db.session(), SYSTEM), person.id, seal(person))
    click.echo("登录验证码已解除。")


@admin.command("personal-data")
@click.option("--email", prompt="电子邮箱")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@with_appcontext
def personal_data_of(email: str, output: Path) -> None:
    """Write everything that is stored about a person into a JSON file, for a copy that they have asked for."""
    person = account_with(db.session(), email.strip())
    if person is None:
        raise click.ClickException("没有这个电子邮箱的账号。")
    said = json.dumps(personal_data(db.session(), person), ensure_ascii=False, indent=1)
    output.write_text(said, encoding="utf-8")
    click.echo(f"已写入 {output}。")


def new_administrator(email: str, name: str) -> str:
    """Create an administrator; return the initial password. Raise ClickException for values that cannot be accepted."""
    values = clean(ADMIN_FORM, {"email": email, "name": name})
    if wrong := check_values(ADMIN_FORM, values, complete=True):
        raise click.ClickException("".join(map(str, wrong)))
    password, password_hash = new_first_password()
    caller = current_app.extensions["engine"].caller(db.session(), SYSTEM)
    try:
        create_administrator(caller, values["email"], values["name"], password_hash)
    except Blocked as blocked:
        raise click.ClickException(str(blocked)) from None
    return password
