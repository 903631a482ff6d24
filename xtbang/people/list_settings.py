"""Settings of a person for lists: saved views (视图) and the density (疏密) of their lines. They leave no event."""

from collections.abc import Mapping

from sqlalchemy import func, select

from xtbang.errors import Blocked, NotFound
from xtbang.models import Person, SavedView
from xtbang.models.writing import writing
from xtbang.queries.caller import Caller
from xtbang.queries.prepared import bound
from xtbang.queries.rights.lists import OFFICES
from xtbang.queries.saved_views import may_use
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.texts import normalise_text

DENSITIES = {"compact": "紧凑", "normal": "标准", "loose": "宽松"}
ROLES = (*OFFICES, "admin")  # whose views are shared, by the first that a person has
NAME = 20  # characters
MOST = 30  # views of one person on one list


def save_view(caller: Caller, page: str, name: str, query: Mapping[str, str], shared: bool) -> str:
    """Keep the filters and the order of a list under that name, in place of what one had under it; return the name.

    A ``shared`` one is for the caller's office as well. Raise Blocked.
    """
    name = normalise_text(name).strip()
    if not 0 < len(name) <= NAME:
        raise Blocked([Reason("view.name", f"请填写视图的名称，不超过 {NAME} 个字。", field="view")])
    session, me = caller.session, caller.actor.person_id
    role = next((role for role in ROLES if role in caller.actor.roles), "") if shared else ""
    with writing(session):
        own = select(SavedView).where(SavedView.person_id == me, SavedView.page == page)
        known = session.scalars(own.where(SavedView.name == name)).first()
        if known is None:
            if (session.scalar(select(func.count()).select_from(own.subquery())) or 0) >= MOST:
                raise Blocked([Reason("view.most", f"一个列表最多保存 {MOST} 个视图，请先删除不用的。", field="view")])
            known = SavedView(person_id=me, page=page, name=name)
            session.add(known)
        known.query, known.role, known.saved_at = dict(query), role, caller.now
    return quoted(name)


def delete_view(caller: Caller, view_id: int) -> str:
    """Delete a view of one's own or one that one's office shares; return the name of its list's page. Raise NotFound."""
    with writing(caller.session):
        found = select(SavedView).join(Person, Person.id == SavedView.person_id)
        own = SavedView.id == view_id, may_use(caller.actor.roles)
        view = caller.session.scalars(found.where(*own), bound(caller)).first()
        if view is None:
            raise NotFound(f"view {view_id}")
        caller.session.delete(view)
        return view.page


def choose_density(caller: Caller, density: str) -> None:
    """Keep how dense the caller wants the lines of lists. Raise NotFound for what is no density."""
    if density not in DENSITIES:
        raise NotFound(f"density {density}")
    with writing(caller.session):
        caller.session.get_one(Person, caller.actor.person_id).density = density
