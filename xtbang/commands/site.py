"""The commands ``xtbang setup``, ``demo``, ``index`` and ``mail``: what the site has in its database."""

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import func, select

from xtbang.actions.expected_payments import build_expected_payments, lacks_expected_payments
from xtbang.actions.search_index import build_search_index, lacks_search_index
from xtbang.background import send_mails
from xtbang.commands.people import new_administrator
from xtbang.demo import SCENARIOS, build
from xtbang.editions import freeze_at_start
from xtbang.extensions import db
from xtbang.health.records import is_empty
from xtbang.models import Person, Project, Role
from xtbang.people.officers import create_roles


@click.command()
@click.option("--demo", is_flag=True, help="Fill an empty database with the demo.")
@click.option("--admin", default="admin@example.com", show_default=True, help="The first administrator's e-mail.")
@with_appcontext
def setup(demo: bool, admin: str) -> None:
    """Apply the migrations, create the roles and, if asked, the demo; otherwise the first administrator."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    upgrade()
    create_roles(db.session())
    freeze_at_start(app)
    if lacks_search_index(db.session()):
        build_search_index(db.session())
    if lacks_expected_payments(db.session(), app.extensions["engine"].policy):
        build_expected_payments(db.session(), app.extensions["engine"].policy)
    empty = not db.session.scalar(select(func.count(Project.id)))
    if demo and empty:
        click.echo("正在写入演示数据……")
        _fill(app, len(SCENARIOS), 2026)
    elif demo:
        click.echo("数据库中已有项目，不再写入演示数据。")
    elif db.session.scalars(select(Person.id).join(Person.roles).where(Role.name == "admin")).first() is None:
        click.echo(f"管理员 {admin}，初始密码（只显示这一次）：{new_administrator(admin, '系统管理员')}")


@click.command()
@click.option("--seed", default=2026, show_default=True)
@click.option("--projects", type=int, help="How many entries; without it one of every course.")
@with_appcontext
def demo(seed: int, projects: int | None) -> None:
    """Fill an empty database with demo entries; the same seed gives the same."""
    if is_empty(db.engine):
        upgrade()
    if db.session.scalar(select(func.count(Person.id))):
        raise click.ClickException("数据库不是空的；演示数据只写入空数据库。")
    create_roles(db.session())
    _fill(current_app._get_current_object(), projects or len(SCENARIOS), seed)  # type: ignore[attr-defined]


def _fill(app: Flask, projects: int, seed: int) -> None:
    made = build(app, projects, seed)
    (app.config["INSTANCE"] / "demo").touch()
    click.echo(f"已写入 {made} 个演示项目。")


@click.command()
@with_appcontext
def index() -> None:
    """Build the search index and the sums of money and the plan of payments anew, from everything that is stored."""
    click.echo(f"检索索引已重建，共 {build_search_index(db.session())} 条。")
    build_expected_payments(db.session(), current_app.extensions["engine"].policy)
    click.echo("用款计划已重新推算，资金合计已重新加总。")


@click.group()
def mail() -> None:
    """The outbox."""


@mail.command()
@with_appcontext
def send() -> None:
    """Send what waits in the outbox now."""
    click.echo(f"已发送 {send_mails(current_app._get_current_object())} 封。")  # type: ignore[attr-defined]
