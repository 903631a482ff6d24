"""The queue of one kind of task (待办): the place of a project in it, and the next one after an action."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import flash, request, url_for
from markupsafe import Markup

from xtbang.models import Project
from xtbang.queries.assignments import among_tasks
from xtbang.queries.caller import Caller
from xtbang.queries.desk.tasks import PLAIN, Item, items
from xtbang.rules.asked import Asked
from xtbang.rules.quotation import quoted
from xtbang.rules.tasks import Task
from xtbang.web.frame.shell import engine
from xtbang.web.office.desk_order import LONGEST, chosen_on_desk, in_desk_order, mine_only

NONE_LEFT = "{title}都办完了。"


@dataclass(frozen=True)
class Queue:
    """The projects that wait for the same, in the order of the desk that an officer came from, and the one whose page is shown."""

    task: Task
    rows: tuple[Item, ...]
    at: int  # place of the project shown; that of the one which was done, when it waits no more
    done: int  # since the first page of this queue

    @property
    def place(self) -> int:
        """Return the place of the one shown, counted with those that are done."""
        return self.at + 1 + self.done

    @property
    def total(self) -> int:
        """Return how many there are, with those that are done."""
        return len(self.rows) + self.done

    @property
    def earlier(self) -> str:
        """Return the address of the one before; "" for the first."""
        return self.address(self.at - 1) if self.at else ""

    @property
    def later(self) -> str:
        """Return the address of the one after; "" for the last."""
        return self.address(self.at + 1) if self.at + 1 < len(self.rows) else ""

    def address(self, at: int) -> str:
        """Return the address that opens the action for the one at that place."""
        number = self.rows[at].row.id
        return url_for("desk.deed", key=self.task.key, project_id=number, done=self.done or None, **chosen_on_desk())


def queue_of(caller: Caller, key: str, project_id: int, at: int = 0, done: int = 0) -> Queue | None:
    """Return the queue with that project, or with what is at that place now; None when nothing waits."""
    for task, rows in items(caller, LONGEST, among_tasks(caller, Asked(mine_only())), only=key):
        if task.opens in PLAIN:
            return None
        ordered = in_desk_order(caller, rows)
        ids = [item.row.id for item in ordered]
        here = ids.index(project_id) if project_id in ids else min(at, len(ids) - 1)
        return Queue(task, tuple(ordered), here, done)
    return None


def shown_queue(caller: Caller, project: Project) -> Queue | None:
    """Return the queue that the address of this page names; None without one."""
    key = request.args.get("queue", "")
    if not key or not _known(caller, key):
        return None
    return queue_of(caller, key, project.id, done=request.args.get("done", 0, type=int))


def next_in_queue(caller: Caller, project_id: int) -> str:
    """Return the address of the next one after an action taken from a queue; "" without a queue or a next one."""
    key, at = request.args.get("queue", ""), request.args.get("at", 0, type=int)
    if not key or not _known(caller, key):
        return ""
    found = queue_of(caller, key, 0, at, request.args.get("done", 0, type=int) + 1)
    if found is None:
        flash(NONE_LEFT.format(title=quoted(_title(caller, key))), "info")
        return ""
    still = [place for place, item in enumerate(found.rows) if item.row.id == project_id]
    return found.address((found.at + 1) % len(found.rows) if still and still[0] == found.at else found.at)


def tell_of_more(caller: Caller, trigger: str) -> None:
    """Show on the next page how many more of the same kind wait, with a link to the next one."""
    for task in caller.policy.tasks:
        if trigger in task.triggers and not caller.actor.roles.isdisjoint(task.who) and "applicant" not in task.who:
            found = queue_of(caller, task.key, 0)
            if found:
                text = Markup('同类事项{}还有 {} 件：<a href="{}">下一件</a>')
                flash(text.format(quoted(task.title), len(found.rows), found.address(0)), "info")
            return


def first_deed(caller: Caller, task: Task, item: Item, project: Project) -> str:
    """Return the trigger of the first action of the task that can be done with the project; "" when none can."""
    if item.trigger:
        return item.trigger
    wanted = [deed.trigger for deed in task.deeds if not getattr(item.row, deed.unless, False)]
    return next(_open(caller, project, wanted), "")


def _open(caller: Caller, project: Project, triggers: Iterable[str]) -> Iterator[str]:
    for trigger in triggers:
        offer = engine().offer(caller.session, project, caller.actor, trigger)
        if offer is not None and offer.open:
            yield trigger


def _known(caller: Caller, key: str) -> bool:
    return any(task.key == key for task in caller.policy.tasks)


def _title(caller: Caller, key: str) -> str:
    return next(task.title for task in caller.policy.tasks if task.key == key)
