"""What a guard or an effect is told: the project, who acts as what, what was filled in, by which clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from xtbang.models import Event, Mail, Project, StoredFile
from xtbang.rules.actor import Actor
from xtbang.rules.dates import SHANGHAI
from xtbang.rules.edition import Edition
from xtbang.rules.site import Site


@dataclass(frozen=True)
class Upload:
    """A file that came with a request and already lies in the store."""

    sha256: str
    name: str
    mime: str
    size: int
    codes: frozenset[str] = frozenset()  # check codes read from it
    elsewhere: str = ""  # a QR code on it that is written like one of ours and leads elsewhere
    doubt: str = ""  # why an officer has to look at it, though codes were read
    ours: bool = False  # it is no scan: this program made the file


def stored(upload: Upload, project_id: int, actor: Actor, now: datetime) -> StoredFile:
    """The row of an upload that has become a project's."""
    return StoredFile(
        sha256=upload.sha256,
        name=upload.name,
        mime=upload.mime,
        size=upload.size,
        project_id=project_id,
        organisation_id=actor.organisation_id,
        uploaded_by_id=actor.person_id,
        uploaded_at=now,
    )


@dataclass
class Context:
    """One question (may I?) or one deed (do it) about one project."""

    session: Session
    project: Project
    actor: Actor
    role: str  # the role or relation acted as: issuer, science, expert …
    edition: Edition
    now: datetime
    site: Site
    trigger: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)  # sha256 → row, for the file fields of `data`
    event: Event | None = None  # while effects run
    follow: str = ""  # a trigger that the system fires next, in the same transaction
    mails: list[Mail] = field(default_factory=list)
    memo: dict[str, Any] = field(default_factory=dict)  # queries that several guards share
    result: dict[str, Any] = field(default_factory=dict)  # what the page shows afterwards: a receipt code

    @property
    def today(self) -> date:
        """The date in Shanghai."""
        return self.now.astimezone(SHANGHAI).date()

    def file_id(self, key: str) -> int | None:
        """The row of the file in that field; None when the field is empty."""
        digest = self.data.get(key)
        return self.files[digest].id if digest else None

    def once(self, key: str, ask: Callable[[], Any]) -> Any:
        """The answer of ``ask``, remembered for this context."""
        if key not in self.memo:
            self.memo[key] = ask()
        return self.memo[key]
