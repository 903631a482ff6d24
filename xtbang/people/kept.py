"""Refused forms, kept for their sender for a day: the form as it was sent, and its files as pending uploads."""

import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from xtbang.models import KeptRequest, PendingUpload, SentForm
from xtbang.models.writing import writing
from xtbang.papers.pending import PendingFiles
from xtbang.queries.caller import Caller

KEPT = timedelta(days=1)
SIGNED_OUT = 401  # status of a form that was refused because its session was over
NOT_ITS_PERSON = 400  # status of a form that was refused because another person was signed in
FORMS = 20  # of one person or browser; the oldest goes first
MEGABYTE = 1024 * 1024
EACH, EVERY_STRANGER = 100 * MEGABYTE, 400 * MEGABYTE  # of pending files; of one owner, of all without an account
FORMS_OF_STRANGERS = 50 * MEGABYTE

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Owner:
    """A person, or a browser without an account."""

    person_id: int | None = None
    device: str = ""

    def owns(self, table: Any) -> ColumnElement[bool]:
        """Return the condition for rows of this owner."""
        condition: ColumnElement[bool] = (
            table.person_id == self.person_id
            if self.person_id
            else (table.device == self.device) & table.person_id.is_(None)
        )
        return condition


@dataclass(frozen=True)
class Arrived:
    """A file of a refused form, and the field that it was chosen in."""

    field: str
    name: str
    mime: str
    content: bytes

    @property
    def digest(self) -> str:
        """Return its SHA-256."""
        return sha256(self.content).hexdigest()


def keep_refused(
    caller: Caller,
    owner: Owner,
    folder: PendingFiles,
    key: str,
    path: str,
    sent: Pairs,
    files: Iterable[Arrived],
    status: int,
    reason: str,
) -> bool:
    """Keep a refused form with its files for a day; return False when strangers have filled their room.

    The oldest forms and files of the owner make room for the new ones.
    """
    session, arrived = caller.session, list(files)
    content = _packed(sent)
    if owner.person_id is None and _strangers_are_full(session, len(content), sum(len(f.content) for f in arrived)):
        return False
    gone: list[str] = []
    with writing(session):
        named = {value for _name, value in sent if len(value) == 64}
        session.execute(
            update(PendingUpload)
            .where(owner.owns(PendingUpload), PendingUpload.sha256.in_(named))
            .values(at=caller.now)
        )
        gone += _kept(caller, owner, folder, arrived)
        _lock(session, owner)
        session.execute(delete(KeptRequest).where(owner.owns(KeptRequest), KeptRequest.key == key))
        session.add(
            KeptRequest(
                key=key,
                person_id=owner.person_id,
                device=owner.device,
                path=path,
                content=content,
                status=status,
                reason=reason[:500],
                at=caller.now,
            )
        )
        session.flush()
        gone += _make_room(session, owner)
    folder.delete(gone)
    return True


def keep_files(caller: Caller, owner: Owner, folder: PendingFiles, files: Iterable[Arrived]) -> None:
    """Keep files for a day that a person has still to say something about; the oldest make room for them."""
    with writing(caller.session):
        gone = _kept(caller, owner, folder, files)
        caller.session.flush()
        gone += _make_room(caller.session, owner)
    folder.delete(gone)


def _kept(caller: Caller, owner: Owner, folder: PendingFiles, files: Iterable[Arrived]) -> list[str]:
    """Add a pending upload for each file; return the keys of those that it replaces."""
    gone: list[str] = []
    for file in files:
        gone += _dropped(caller.session, owner, PendingUpload.sha256 == file.digest)
        row = PendingUpload(key=folder.put(file.content), person_id=owner.person_id, device=owner.device)
        row.sha256, row.name, row.mime, row.size = file.digest, file.name, file.mime, len(file.content)
        row.at = caller.now
        caller.session.add(row)
    return gone


def _strangers_are_full(session: Session, form: int, files: int) -> bool:
    forms = select(func.sum(func.length(KeptRequest.content))).where(KeptRequest.person_id.is_(None))
    sizes = select(func.sum(PendingUpload.size)).where(PendingUpload.person_id.is_(None))
    if (session.scalar(forms) or 0) + form > FORMS_OF_STRANGERS:
        return True
    return bool(files) and (session.scalar(sizes) or 0) + files > EVERY_STRANGER


def _make_room(session: Session, owner: Owner) -> list[str]:
    """Delete the oldest rows of the owner beyond the quota; return the keys of the files."""
    own = select(KeptRequest.id).where(owner.owns(KeptRequest)).order_by(KeptRequest.id.desc())
    old = session.scalars(own.offset(FORMS)).all()
    session.execute(delete(KeptRequest).where(KeptRequest.id.in_(old)))
    files = (
        select(PendingUpload)
        .where(owner.owns(PendingUpload))
        .order_by(PendingUpload.at.desc(), PendingUpload.id.desc())
    )
    room, over = EACH, []
    for row in session.scalars(files):
        room -= row.size
        if room < 0:
            over.append(row.id)
    return _dropped(session, owner, PendingUpload.id.in_(over))


def _dropped(session: Session, owner: Owner, which: ColumnElement[bool]) -> list[str]:
    keys = list(session.scalars(select(PendingUpload.key).where(owner.owns(PendingUpload), which)))
    session.execute(delete(PendingUpload).where(PendingUpload.key.in_(keys)))
    return keys


def keep_page(caller: Caller, owner: Owner, key: str, path: str, status: int, page: str) -> bool:
    """Keep the page that answered a form, with the form if there is a row of that key.

    Return False when strangers have filled their room.
    """
    if owner.person_id is None and _strangers_are_full(caller.session, len(_packed([], page)), 0):
        return False
    with writing(caller.session):
        _lock(caller.session, owner)
        row = caller.session.scalars(select(KeptRequest).where(KeptRequest.key == key, owner.owns(KeptRequest))).first()
        if row is None:
            row = KeptRequest(key=key, person_id=owner.person_id, device=owner.device, path=path, at=caller.now)
            caller.session.add(row)
        row.status, row.content = status, _packed(sent_of(row) if row.content else [], page)
        caller.session.flush()
        _make_room(caller.session, owner)
    return True


def _lock(session: Session, owner: Owner) -> None:
    """Lock the kept forms of the owner, always in the same order: another request may be deleting the oldest of them."""
    own = select(KeptRequest.id).where(owner.owns(KeptRequest)).order_by(KeptRequest.id)
    session.execute(own.with_for_update())


def _packed(sent: Pairs, page: str = "") -> bytes:
    text = json.dumps({"sent": sent, "page": page}, ensure_ascii=False)
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def _unpacked(row: KeptRequest) -> dict[str, Any]:
    found = json.loads(zlib.decompress(row.content).decode("utf-8", "surrogatepass"))
    return found if isinstance(found, dict) else {"sent": found, "page": ""}


def sent_of(row: KeptRequest) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a kept form."""
    return [(name, value) for name, value in _unpacked(row)["sent"]]


def page_of(row: KeptRequest) -> str:
    """Return the page that answered a kept form, "" when there is none."""
    return str(_unpacked(row)["page"])


def kept_page(caller: Caller, key: str) -> KeptRequest | None:
    """Return the row of that key, of any sender, unless a day is over: for the browser that was led to it."""
    query = select(KeptRequest).where(KeptRequest.key == key, KeptRequest.at > caller.now - KEPT)
    return caller.session.scalars(query).first()


def kept_form(caller: Caller, owner: Owner, key: str) -> KeptRequest | None:
    """Return the kept form of this owner with that key, unless a day is over."""
    query = select(KeptRequest).where(KeptRequest.key == key, owner.owns(KeptRequest))
    return caller.session.scalars(query.where(KeptRequest.at > caller.now - KEPT)).first()


def newest_signed_out(caller: Caller, person_id: int) -> KeptRequest | None:
    """Return the newest form that was refused because this person was not signed in any more."""
    away = KeptRequest.status.in_((SIGNED_OUT, NOT_ITS_PERSON))
    own = select(KeptRequest).where(KeptRequest.person_id == person_id, away)
    own = own.where(KeptRequest.at > caller.now - KEPT).order_by(KeptRequest.id.desc())
    return caller.session.scalars(own.limit(1)).first()


def pending_files(caller: Caller, owner: Owner, digests: Collection[str]) -> list[PendingUpload]:
    """Return the pending uploads of this owner with these digests."""
    if not digests:
        return []
    query = select(PendingUpload).where(owner.owns(PendingUpload), PendingUpload.sha256.in_(digests))
    return list(caller.session.scalars(query.where(PendingUpload.at > caller.now - KEPT)))


def forget_forms(caller: Caller, owner: Owner, path: str) -> None:
    """Delete what this owner sent to that address before and was refused, if there is any."""
    mine = (owner.owns(KeptRequest), KeptRequest.path == path)
    if caller.session.scalars(select(KeptRequest.id).where(*mine).limit(1)).first():
        with writing(caller.session):
            caller.session.execute(delete(KeptRequest).where(*mine))


def forget_form(caller: Caller, owner: Owner, key: str) -> None:
    """Delete a kept form of this owner; its files stay until their day is over."""
    with writing(caller.session):
        caller.session.execute(delete(KeptRequest).where(KeptRequest.key == key, owner.owns(KeptRequest)))


def led_to(session: Session, key: str) -> str:
    """Return the address to which a form that was carried out led, "" when it is not known."""
    return session.scalar(select(SentForm.led_to).where(SentForm.key == key)) or ""


def lead_to(caller: Caller, key: str, address: str) -> None:
    """Store the address to which a form that was carried out leads."""
    with writing(caller.session):
        caller.session.execute(update(SentForm).where(SentForm.key == key).values(led_to=address))


def delete_expired(session: Session, folder: PendingFiles, now: datetime) -> int:
    """Delete kept forms and pending files whose day is over; return how many."""
    before = now - KEPT
    over = [
        session.scalar(select(func.count()).select_from(table).where(table.at <= before)) or 0
        for table in (KeptRequest, PendingUpload, SentForm)
    ]
    if any(over):
        with writing(session):
            keys = list(session.scalars(select(PendingUpload.key).where(PendingUpload.at <= before)))
            session.execute(delete(PendingUpload).where(PendingUpload.key.in_(keys)))
            session.execute(delete(KeptRequest).where(KeptRequest.at <= before))
            session.execute(delete(SentForm).where(SentForm.at <= before))
        folder.delete(keys)
        folder.delete_older(2 * KEPT.total_seconds())
    return sum(over)
