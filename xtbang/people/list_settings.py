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
VIEW_NAME = 20  # characters
MOST = 30  # views of one person on one list


def save_view(caller: Caller, page: str, name: str, query: Mapping[str, str], shared: bool) -> str:
    """Keep the filters and the order of a list under that name, in place of what one had under it; return the name.

    A ``shared`` one is for the caller's office as well. Raise Blocked.
    """
    name = _name(name)
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


def rename_view(caller: Caller, view_id: int, name: str) -> str:
    """Change the name of a view of one's own, or that one's office shares; return the new one in quotes. Raise Blocked, NotFound."""
    with writing(caller.session):
        view, name = usable_view(caller, view_id), _name(name)
        same = SavedView.person_id == view.person_id, SavedView.page == view.page, SavedView.name == name
        if caller.session.scalars(select(SavedView.id).where(*same, SavedView.id != view.id)).first():
            raise Blocked([Reason("view.same", f"这个列表已有名为{quoted(name)}的视图，请换一个名称。", field="view")])
        view.name = name
    return quoted(name)


def delete_view(caller: Caller, view_id: int) -> None:
    """Delete a view of one's own or one that one's office shares. Raise NotFound."""
    with writing(caller.session):
        caller.session.delete(usable_view(caller, view_id))


def usable_view(caller: Caller, view_id: int) -> SavedView:
    """Return a view of the caller's own or one that the caller's office shares. Raise NotFound."""
    found = select(SavedView).join(Person, Person.id == SavedView.person_id)
    own = SavedView.id == view_id, may_use(caller.actor.roles)
    view = caller.session.scalars(found.where(*own), bound(caller)).first()
    if view is None:
        raise NotFound(f"view {view_id}")
    return view


def _name(typed: str) -> str:
    name = normalise_text(typed).strip()
    if not 0 < len(name) <= VIEW_NAME:
        raise Blocked([Reason("view.name", f"请填写视图的名称，不超过 {VIEW_NAME} 个字。", field="view")])
    return name


def choose_density(caller: Caller, density: str) -> None:
    """Keep how dense the caller wants the lines of lists. Raise NotFound for what is no density."""
    if density not in DENSITIES:
        raise NotFound(f"density {density}")
    with writing(caller.session):
        caller.session.get_one(Person, caller.actor.person_id).density = density
