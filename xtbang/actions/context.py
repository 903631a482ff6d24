"""The context (事项情境) that guards and effects get: who acts, on which project, in which role, with which data."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from xtbang.models import Event, Project, StoredFile
from xtbang.papers.store import Arrival
from xtbang.queries.caller import Caller
from xtbang.queries.project_rows import ProjectRows
from xtbang.rules.edition import Edition
from xtbang.rules.law import Cite
from xtbang.rules.lives import Life


@dataclass(frozen=True)
class Upload:
    """A file of the request, or a pending upload of an earlier, refused one."""

    sha256: str
    name: str
    mime: str
    size: int
    codes: frozenset[str] = frozenset()  # check codes read from it
    elsewhere: str = ""  # a QR code in our format whose address is not our site
    doubt: str = ""  # why an officer has to look at it, though codes were read
    ours: bool = False  # not a scan: a file that this program made
    contacts: str = ""  # pages with a telephone or an e-mail address, "1、3"
    arrival: Arrival | None = field(default=None, compare=False, repr=False)  # on its way; none of what is stored


@contextmanager
def arriving(uploads: Iterable[Upload]) -> Iterator[None]:
    """Write uploads out before a lock is taken, so that no lock waits for a disk or a bucket; drop what was not stored."""
    arrivals = [upload.arrival for upload in uploads if upload.arrival]
    try:
        for arrival in arrivals:
            arrival.prepare()
        yield
    finally:
        for arrival in arrivals:
            arrival.drop()


def put_into_store(uploads: Iterable[Upload]) -> None:
    """Put uploads into the store, once nothing blocks what they belong to and before it is committed."""
    for upload in uploads:
        if upload.arrival:
            upload.arrival.put()


def stored(caller: Caller, upload: Upload, project_id: int) -> StoredFile:
    """Return a new row for an upload that becomes a file of the project."""
    return StoredFile(
        sha256=upload.sha256,
        name=upload.name,
        mime=upload.mime,
        size=upload.size,
        project_id=project_id,
        organisation_id=caller.actor.organisation_id,
        uploaded_by_id=caller.actor.person_id,
        uploaded_at=caller.now,
        contacts=upload.contacts,
    )


@dataclass
class Context(Caller):
    """One question (may I?) or one action on one project."""

    project: Project
    role: str  # the role or relation acted as: issuer, science, expert …
    trigger: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)  # sha256 → row, for the file fields of `data`
    event: Event | None = None  # set while effects run
    follow: str = ""  # a trigger that the system fires next, in the same transaction
    to_parties: list[dict[str, Any]] = field(
        default_factory=list
    )  # mails to the parties, until what comes next is known
    result: dict[str, Any] = field(default_factory=dict)  # what the page shows afterwards: a receipt code
    known: ProjectRows | None = None  # rows already loaded by the page or for another action

    @classmethod
    def about(cls, caller: Caller, project: Project, role: str, **more: Any) -> "Context":
        """Return the context of what the caller asks or does with that project in that role."""
        known = (caller.session, caller.actor, caller.now, caller.site, caller.policy)
        return cls(*known, project, role, **more)

    @property
    def edition(self) -> Edition:
        """Return the edition that the project is bound to."""
        return self.policy.edition(self.project.edition)

    def cite(self, about: Cite) -> str:
        """Return the citation of the rule about that, as the project's edition gives it."""
        return self.edition.cite(about)

    @property
    def life(self) -> Life:
        """Return the states and actions that projects of this edition have."""
        return self.policy.life(self.project.edition)

    @property
    def acted_in(self) -> str:
        """Return the state in which the person acts, which an effect may already have left."""
        return self.event.from_state if self.event is not None else self.project.state

    @property
    def rows(self) -> ProjectRows:
        """Return the rows of the project: loaded once for all guards; loaded anew for an effect, which changes them."""
        if self.event is not None:
            return ProjectRows(self.session, self.project)
        if self.known is None:
            self.known = ProjectRows(self.session, self.project)
        return self.known

    def label(self, key: str) -> str:
        """Return the label of what was chosen in that field of the action's form."""
        return self.policy.actions[self.trigger].form.field(key).label_of(self.data[key])

    def file_id(self, key: str) -> int | None:
        """Return the id of the row of the file in that field; None when the field is empty."""
        digest = self.data.get(key)
        return self.files[digest].id if digest else None
