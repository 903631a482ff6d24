"""Files, documents and papers as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xtbang.models import Paper, StoredFile
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class FileShown:
    """A stored file."""

    id: int
    sha256: str
    name: str
    mime: str
    size: int  # bytes
    contacts: str  # pages with a telephone or an e-mail address, "1、3": no expert opens the file


def files_shown(rows: Iterable[StoredFile]) -> dict[int, FileShown]:
    """Return files by their id."""
    return {row.id: shown(FileShown, row) for row in rows}


@dataclass(frozen=True)
class DocumentShown:
    """A document (填报内容) without what is written in it."""

    id: int
    kind: str
    scan_note: str


@dataclass(frozen=True)
class VersionShown:
    """A frozen version (版次) of a document without its data."""

    id: int
    document_id: int
    number: int
    frozen_at: datetime
    scan_id: int | None


@dataclass(frozen=True)
class RemarkShown:
    """A remark on a field of a version that was sent back."""

    field: str
    text: str


@dataclass(frozen=True)
class VersionRead:
    """A frozen version with what is written in it."""

    number: int
    frozen_at: datetime
    sha256: str
    data: dict[str, Any]


@dataclass(frozen=True)
class DraftShown:
    """A document with the draft of now."""

    id: int
    draft: dict[str, Any]
    draft_version: int
    draft_at: datetime | None


@dataclass(frozen=True)
class PaperShown:
    """An issued paper (文书)."""

    id: int
    name: str
    subject: str
    title: str
    number: str
    version: int
    state: str
    code: str
    made_at: datetime
    voided_by_id: int | None


@dataclass(frozen=True)
class VerifiedPaper:
    """A paper as anyone may verify (核验) it."""

    title: str
    name: str
    number: str
    version: int
    state: str
    code: str
    made_at: datetime
    file: FileShown | None  # None while it is not stored


def verified_paper(row: Paper) -> VerifiedPaper:
    """Return a paper as anyone may verify it."""
    return shown(VerifiedPaper, row, file=shown(FileShown, row.file) if row.file else None)
