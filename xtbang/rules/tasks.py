"""Due dates (期限) and tasks (待办) as frozen values: what people have to do, and until when."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OtherWords:
    """Other words for some of those who are reminded of a date, as the act is another one's."""

    who: tuple[str, ...]  # roles
    todo: str


@dataclass(frozen=True)
class DueDate:
    """A date that people have to meet (期限)."""

    key: str  # also of its source in queries/desk/due_dates.py
    states: tuple[str, ...]
    label: str  # on pages, before the date
    name: str  # on the desk and in the calendar
    todo: str  # the subject of the reminder
    tell: tuple[str, ...]  # roles that are reminded
    days: int  # the reminder is sent so many calendar days before
    over: bool = False  # a passed date is over, not late
    only_if: str = ""  # only where an edition has this fact
    badge: bool = True  # shown on the page of the project and in lists, not only in calendar and reminders
    others: tuple[OtherWords, ...] = ()
    again: int = 0  # once it has passed, asked for again every so many days; 0: not
    letter: str = ""  # the title of the letter (催办函) that is printed when it is asked for a second time

    def acts(self, role: str) -> bool:
        """Return whether a reader in this role is the one who has to do it."""
        return self.todo_of(role) == self.todo

    def todo_of(self, role: str) -> str:
        """Return the words for a reader in this role."""
        return next((other.todo for other in self.others if role in other.who), self.todo)


@dataclass(frozen=True)
class Deed:
    """An action that the button of a task opens, the first of them that can be done."""

    trigger: str
    unless: str = ""  # a column of the row: not opened where it says that this has been done


@dataclass(frozen=True)
class Task:
    """Something that waits on the desk of a person or an office (待办) and is their next step."""

    key: str  # also the name of the query in queries/desk that returns the waiting rows
    title: str
    who: tuple[str, ...]
    states: tuple[str, ...] = ()  # states in which it can wait; empty: the query decides
    trigger: str = ""  # the next action; "*": the row names it
    document: str = ""  # the kind of document to be written next
    opens: str = ""  # another page that its button opens: project, seat, bid, notice, organisation, mail
    button: str = ""  # label of the button on the desk, when it is not the name of the action
    only_if: str = ""  # only where an edition has this fact
    step: str = ""  # label of the button in the list of own projects, with {columns} of its row
    deeds: tuple[Deed, ...] = ()  # what its button opens, where the task has no single next action

    @property
    def triggers(self) -> tuple[str, ...]:
        """Return the actions that its rows wait for, the first one first; none where the row names it."""
        return tuple(deed.trigger for deed in self.deeds) or ((self.trigger,) if self.trigger not in ("", "*") else ())
