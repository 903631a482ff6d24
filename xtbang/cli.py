"""The console script ``xtbang``: every command of the program, including those of Flask."""

import json
import os
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import FlaskGroup, with_appcontext
from sqlalchemy import func, inspect, select

from xtbang import config, create_app
from xtbang.actions.search_index import build_search_index, lacks_search_index
from xtbang.audit_commands import audit
from xtbang.backup_commands import backup, restore, restore_check
from xtbang.editions import freeze_at_start
from xtbang.errors import Blocked, DefinitionError
from xtbang.extensions import db
from xtbang.models import Person, Project, Role
from xtbang.operation_commands import doctor, maintenance, retention, upgrade
from xtbang.people.accounts import account_with
from xtbang.people.officers import create_administrator, create_roles, reset_second_factor, seal
from xtbang.policy_commands import PolicyError, load, workflow
from xtbang.printing import PrintingError, print_form, print_paper
from xtbang.queries.personal_data import personal_data
from xtbang.rules.actor import SYSTEM
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section
from xtbang.rules.forms import check as check_values
from xtbang.rules.forms import clean
from xtbang.web.account.hashing import new_first_password

ADMIN = (Field("email", "电子邮箱", FieldKind.EMAIL), Field("name", "姓名", FieldKind.TEXT, limit=30))
ADMIN_FORM = FormDefinition("admin", "管理员", sections=(Section("", ADMIN),))
COMMANDS = {
    "In service": ("setup", "serve", "worker", "doctor", "upgrade", "maintenance"),
    "Data and people": ("backup", "restore-check", "restore", "audit", "retention", "admin", "mail", "index"),
    "Policy and papers": ("workflow", "paper", "demo"),
}


class Commands(FlaskGroup):
    """The command group: our own commands first, then those of Flask and its extensions."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands in sections."""
        ours = [name for names in COMMANDS.values() for name in names]
        others = tuple(name for name in self.list_commands(ctx) if name not in ours)
        for title, names in (COMMANDS | {"Of Flask and its extensions": others}).items():
            commands = ((name, self.get_command(ctx, name)) for name in names)
            rows = [(name, command.get_short_help_str(100)) for name, command in commands if command]
            with formatter.section(title):
                formatter.write_dl(rows)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return a command, our own first: looking for others loads every extension."""
        return self.commands.get(name) or super().get_command(ctx, name)


def _application() -> Flask:
    from xtbang.migrating import add_migrations

    try:
        return add_migrations(create_app())
    except DefinitionError as error:
        raise PolicyError(error) from None


@click.group(cls=Commands, create_app=_application)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """科技创新“揭榜挂帅”项目管理系统."""
    before = os.umask(0o077)  # whatever a command makes, only its own user can open
    ctx.call_on_close(lambda: os.umask(before))


@cli.command()
@click.option("--demo", is_flag=True, help="Fill an empty database with the demo.")
@click.option("--admin", default="admin@example.com", show_default=True, help="The first administrator's e-mail.")
@with_appcontext
def setup(demo: bool, admin: str) -> None:
    """Apply the migrations, create the roles and, if asked, the demo; otherwise the first administrator."""
    from flask_migrate import upgrade

    upgrade()
    create_roles(db.session())
    freeze_at_start(current_app._get_current_object())  # type: ignore[attr-defined]
    if lacks_search_index(db.session()):
        build_search_index(db.session())
    empty = not db.session.scalar(select(func.count(Project.id)))
    if demo and empty:
        from xtbang.demo import build

        click.echo("正在写入演示数据……")
        made = build(current_app._get_current_object())  # type: ignore[attr-defined]
        (current_app.config["INSTANCE"] / "demo").touch()
        click.echo(f"已写入 {made} 个演示项目。")
    elif demo:
        click.echo("数据库中已有项目，不再写入演示数据。")
    elif db.session.scalars(select(Person.id).join(Person.roles).where(Role.name == "admin")).first() is None:
        click.echo(f"管理员 {admin}，初始密码（只显示这一次）：{_create_administrator(admin, '系统管理员')}")


@cli.command(with_appcontext=False)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--threads", default=8, show_default=True, help="Requests answered at the same time.")
def serve(host: str, port: int, threads: int) -> None:
    """Serve the application, and send mails and store papers beside it."""
    from xtbang import serving

    click.echo(f"http://{host}:{port}")
    try:
        serving.serve(host, port, threads)
    except DefinitionError as error:
        raise PolicyError(error) from None


@cli.command()
@with_appcontext
def index() -> None:
    """Build the search index anew, from everything that is stored."""
    click.echo(f"检索索引已重建，共 {build_search_index(db.session())} 条。")


@cli.command(with_appcontext=False)
def worker() -> None:
    """Do the background jobs of servers that do none (XTBANG_EMBEDDED_WORKER=0): mails, papers, reminders, backups."""
    from xtbang import serving

    try:
        serving.work()
    except DefinitionError as error:
        raise PolicyError(error) from None


cli.add_command(workflow)


@cli.command()
@click.option("--seed", default=2026, show_default=True)
@click.option("--projects", type=int, help="How many entries; without it one of every course.")
@with_appcontext
def demo(seed: int, projects: int | None) -> None:
    """Fill an empty database with demo entries; the same seed gives the same."""
    if not inspect(db.engine).has_table(Person.__tablename__):
        from flask_migrate import upgrade

        upgrade()
    if db.session.scalar(select(func.count(Person.id))):
        raise click.ClickException("数据库不是空的；演示数据只写入空数据库。")
    from xtbang.demo import SCENARIOS, build

    create_roles(db.session())
    made = build(current_app._get_current_object(), projects or len(SCENARIOS), seed)  # type: ignore[attr-defined]
    (current_app.config["INSTANCE"] / "demo").touch()
    click.echo(f"已写入 {made} 个演示项目。")


@cli.group()
def mail() -> None:
    """The outbox."""


@mail.command()
@with_appcontext
def send() -> None:
    """Send what waits in the outbox now."""
    from xtbang.background import send_mails

    click.echo(f"已发送 {send_mails(current_app._get_current_object())} 封。")  # type: ignore[attr-defined]


@cli.command()
@click.argument("form", required=False)
@click.option("--edition", help="2021, 2024 …; the newest that has the form when left out.")
@click.option("--data", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The values as JSON.")
@click.option("--project", help="The number of a project, with --paper.")
@click.option("--paper", "name", help="form, receipt, bid, application, contract, payment_order …")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_context
def paper(
    context: click.Context,
    form: str | None,
    edition: str | None,
    data: Path | None,
    project: str | None,
    name: str | None,
    output: Path,
) -> None:
    """Print a form (blank, or with the values of a JSON file), or a paper of a project."""
    if bool(form) == bool(project) or bool(project) != bool(name):
        raise click.UsageError("give either a FORM, or --project together with --paper")
    try:
        if form:
            content = print_form(load(config.workflows_folder()), form, edition, data)
        else:
            with context.obj.load_app().app_context():
                content = print_paper(str(project), str(name))
    except PrintingError as error:
        for sentence in error.sentences:
            click.echo(sentence, err=True)
        raise SystemExit(2) from None
    output.write_bytes(content)


for command in (audit, backup, restore, restore_check, doctor, retention, upgrade, maintenance):
    cli.add_command(command)


@cli.group()
def admin() -> None:
    """Administrators."""


@admin.command()
@click.option("--email", prompt="电子邮箱")
@click.option("--name", prompt="姓名")
@with_appcontext
def create(email: str, name: str) -> None:
    """Create an administrator; the initial password is shown once."""
    create_roles(db.session())
    click.echo(f"已创建。初始密码（只显示这一次）：{_create_administrator(email, name)}")


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


def _create_administrator(email: str, name: str) -> str:
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


if __name__ == "__main__":
    cli()
