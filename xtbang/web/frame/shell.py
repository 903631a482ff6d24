"""Values for every page: navigation by role, unread mails, the server's clock, the path of a project."""

from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from sqlalchemy import bindparam, func, select

from xtbang.config import DEMO_PASSWORD
from xtbang.enums import BUREAU_ROLES
from xtbang.extensions import db
from xtbang.models import Mail
from xtbang.queries.caller import Caller
from xtbang.queries.project_facts import name_of, value_when
from xtbang.queries.search_page import SEARCHERS
from xtbang.rules.actor import NEWCOMER
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.lives import State
from xtbang.rules.policy import Policy
from xtbang.rules.wordcount import pattern
from xtbang.web.frame.access import actor
from xtbang.web.frame.sign_in import demo_accounts
from xtbang.workflow.engine import Engine

UNREAD = select(func.count(Mail.id)).where(Mail.person_id == bindparam("reader"), Mail.read_at.is_(None))


def engine() -> Engine:
    """Return the engine of this application."""
    found: Engine = current_app.extensions["engine"]
    return found


def policy() -> Policy:
    """Return the policy of this application."""
    return engine().policy


def caller() -> Caller:
    """Return the caller of this request."""
    return engine().caller(db.session(), actor())


def tag_of(project: Any) -> tuple[str, str]:
    """Return label and tone of the state of a project or a row of a list."""
    label, _left, tone = _state_of(project, policy().life(project.edition).states[project.state])
    return label, tone


def path_of(project: Any) -> dict[str, Any]:
    """Return the arguments of the path macro for a project or a row of a list."""
    life = policy().life(project.edition)
    state, market = life.states[project.state], project.track == "market"
    label, left, tone = _state_of(project, state)
    return {
        "stages": [(item.id, item.name) for item in life.path if item.market or not market],
        "state": project.state,
        "label": label,
        "about": state.about,
        "at": left,
        "tone": tone,
    }


def _state_of(project: Any, state: State) -> tuple[str, str, str]:
    """Return the label of the state, the one on the path from which it was left, and the tone."""
    left = value_when(state.left_when, (state.left,), project, engine().collected)[0]
    name = name_of(state, project, engine().collected)
    return name, left, state.tone or ("wait" if left else "")


def navigation(roles: frozenset[str] | None) -> list[tuple[str, str, bool]]:
    """Return (label, url, current) for a person with these roles; None for a visitor who is not signed in."""
    items = [
        ("首页", "public.home"),
        ("榜单", "public.board"),
        ("清单", "public.lists"),
        ("公告", "public.notices"),
        ("办事指南", "public.guide"),
    ]
    if roles is not None:
        items.append(("待办", "desk.home"))
        if "applicant" in roles:
            items.append(("我的事项", "applicant.mine"))
        if "expert" in roles:
            items.append(("评审", "expert.panels"))
        if roles & {*BUREAU_ROLES, "leader", "auditor", "finance", "county", "agency"}:
            items.append(("项目", "bureau.projects"))
        if roles & {*BUREAU_ROLES, "leader", "auditor", "finance", "county"}:
            items += [("资金", "finance.overview"), ("统计", "statistics.index")]
        if roles & {"admin", "science", "auditor"}:
            items.append(("管理", "admin.home"))
    return [(name, url_for(endpoint), endpoint == request.endpoint) for name, endpoint in items]


def shown_roles() -> frozenset[str]:
    """Return one's own roles, with those in which one deputises: for the menu."""
    own: frozenset[str] = current_user.role_names
    return own | actor().roles - {NEWCOMER}


def here() -> str:
    """Return the address of this page, for forms that are sent to it; of a form shown again, that of its own page."""
    return str(g.get("shows_again") or request.full_path.rstrip("?"))


def limits_of(app: Flask) -> dict[str, int]:
    """Return the largest sizes in bytes that a page may send: of a file, of all of a form, of its texts."""
    names = {
        "file": "UPLOAD_LIMIT",
        "files": "MAX_CONTENT_LENGTH",
        "text": "MAX_FORM_MEMORY_SIZE",
        "plain": "MAX_PLAIN_FORM",
    }
    return {key: app.config[name] for key, name in names.items()}


def add_shell(app: Flask) -> None:
    """Add these values to every template."""

    @app.context_processor
    def shell() -> dict[str, Any]:
        who = current_user._get_current_object()
        unread = 0
        if who.is_authenticated:
            unread = db.session.connection().scalar(UNREAD, {"reader": who.id}) or 0
        roles = shown_roles() if who.is_authenticated else None
        return {
            "nav": navigation(roles),
            "searches": bool(roles and roles & SEARCHERS),
            "unread": unread,
            "density": who.density if who.is_authenticated else "",
            "server_now": datetime.now(SHANGHAI),
            "demo_mode": app.config["DEMO"],
        }

    known: Engine = app.extensions["engine"]
    app.jinja_env.globals.update(
        path_of=path_of,
        states=known.policy.states,
        city=known.policy.city,
        site=known.site,
        count_pattern=pattern(),
        limits=limits_of(app),
        here=here,
    )

    @app.context_processor
    def demo() -> dict[str, Any]:
        if not app.config["DEMO"] or request.endpoint != "security.login":
            return {}
        return {"demo_accounts": demo_accounts(db.session(), policy().city.role_labels), "demo_password": DEMO_PASSWORD}
