"""The export of the audit trail for the archive: the events of each day in a file, and anchors that bind the files together.

An anchor is the SHA-256 of the anchor before it, the day and the SHA-256 of the day's file: one that was noted elsewhere,
on paper or in another system, shows that nothing before it was changed, left out or added since.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.actions.audit import DIGESTED
from xtbang.models import Event
from xtbang.rules.dates import SHANGHAI, day_of

ANCHORS = "anchors.txt"


def export_days(session: Session, folder: Path, today: date) -> list[date]:
    """Write a file for every day with events that is over and not exported yet; return these days.

    Days are those of Shanghai. A day that was exported is never written again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = anchors(folder)
    first = session.scalar(select(func.min(Event.at)))
    if first is None:
        return []
    day = known[-1][0] + timedelta(days=1) if known else day_of(first)
    anchor, written = known[-1][2] if known else "", []
    while day < today:
        content = b"".join(line_of(event) for event in _of_day(session, day))
        if content:
            digest = sha256(content).hexdigest()
            anchor = anchor_of(anchor, day, digest)
            (folder / f"{day}.jsonl").write_bytes(content)
            with (folder / ANCHORS).open("a", encoding="ascii") as file:
                file.write(f"{day} {digest} {anchor}\n")
            written.append(day)
        day += timedelta(days=1)
    return written


def faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong with an export: files, anchors, and each chain from its first event on."""
    last: dict[str, tuple[int, str]] = {}
    before, listed = "", set()
    for day, digest, anchor in anchors(folder):
        path = folder / f"{day}.jsonl"
        listed.add(path.name)
        content = path.read_bytes() if path.is_file() else b""
        if sha256(content).hexdigest() != digest:
            yield f"{path.name} 缺失或者已被改动。"
        if anchor_of(before, day, digest) != anchor:
            yield f"{ANCHORS} 中 {day} 的锚值不符。"
        before = anchor
        for line in content.splitlines():
            event = json.loads(line)
            sequence, previous = last.get(event["stream"], (0, ""))
            right = event["sequence"] == sequence + 1 and event["previous"] == previous
            if not right or digest_of(event) != event["digest"]:
                yield f"{path.name} 中 {event['stream']} 的第 {event['sequence']} 条记录与前一条不衔接或者已被改动。"
            last[event["stream"]] = event["sequence"], event["digest"]
    for path in sorted(folder.glob("*.jsonl")):
        if path.name not in listed:
            yield f"{path.name} 没有登记在 {ANCHORS} 中。"


def anchors(folder: Path) -> list[tuple[date, str, str]]:
    """Return day, digest of the file and anchor of every day that was exported, in order."""
    path = folder / ANCHORS
    lines = path.read_text(encoding="ascii").splitlines() if path.is_file() else []
    rows = (line.split(" ") for line in lines)
    return [(date.fromisoformat(day), digest, anchor) for day, digest, anchor in rows]


def anchor_of(before: str, day: date, digest: str) -> str:
    """Return the anchor of a day."""
    return sha256(f"{before} {day} {digest}".encode("ascii")).hexdigest()


def digest_of(event: dict[str, Any]) -> str:
    """Return the digest of an exported event."""
    return sha256(rfc8785.dumps({name: event[name] for name in (*DIGESTED, "at")})).hexdigest()


def line_of(event: Event) -> bytes:
    """Return an event as a line of canonical JSON: what its digest covers, and the digest."""
    said = {name: getattr(event, name) for name in (*DIGESTED, "digest")}
    return rfc8785.dumps(said | {"at": event.at.astimezone(UTC).isoformat(timespec="microseconds")}) + b"\n"


def _of_day(session: Session, day: date) -> Iterator[Event]:
    begins, ends = (datetime.combine(each, time(), SHANGHAI) for each in (day, day + timedelta(days=1)))
    query = select(Event).where(Event.at >= begins, Event.at < ends).order_by(Event.id)
    return iter(session.scalars(query.execution_options(yield_per=1000)))
