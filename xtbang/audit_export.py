"""The export of the audit trail for the archive: the events of each day in a file, and anchors that bind the files together.

An anchor is the digest of the anchor before it, the day and the digest of the day's file: one that was noted elsewhere,
on paper or in another system, shows that nothing before it was changed, left out or added since. Digests are SHA-256;
on request there are also anchors of SM3, in a file of their own.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import rfc8785
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from xtbang.actions.audit import DIGESTED
from xtbang.models import Event
from xtbang.rules.dates import SHANGHAI, day_of
from xtbang.rules.digests import Digest, sha256_of, sm3_of

ANCHORS, SM3_ANCHORS = "anchors.txt", "anchors-sm3.txt"


def export_days(session: Session, folder: Path, today: date, *, sm3: bool = False) -> list[date]:
    """Write a file for every day with events that is over and not exported yet; return these days.

    Days are those of Shanghai. A day that was exported is never written again. With ``sm3`` every day gets an anchor of
    SM3, too, also those that were exported without.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = anchors(folder)
    first = session.scalar(select(func.min(Event.at)))
    if first is None:
        return []
    day = known[-1][0] + timedelta(days=1) if known else day_of(first)
    written = []
    while day < today:
        content = b"".join(line_of(event) for event in _of_day(session, day))
        if content:
            (folder / f"{day}.jsonl").write_bytes(content)
            _anchor(folder, ANCHORS, [day], sha256_of)
            written.append(day)
        day += timedelta(days=1)
    if sm3:
        done = {day for day, _digest, _anchor in anchors(folder, SM3_ANCHORS)}
        missing = [day for day, _digest, _anchor in anchors(folder) if day not in done]
        _anchor(folder, SM3_ANCHORS, missing, sm3_of)
    return written


def _anchor(folder: Path, name: str, days: list[date], digest_by: Digest) -> None:
    """Append the anchors of these days, whose files are there, to a file of anchors."""
    known = anchors(folder, name)
    anchor = known[-1][2] if known else ""
    with (folder / name).open("a", encoding="ascii") as file:
        for day in days:
            digest = digest_by((folder / f"{day}.jsonl").read_bytes())
            anchor = anchor_of(anchor, day, digest, digest_by)
            file.write(f"{day} {digest} {anchor}\n")


def faults(folder: Path) -> Iterator[str]:
    """Yield what is wrong with an export: files, anchors, and each chain from its first event on."""
    yield from _anchor_faults(folder, ANCHORS, sha256_of)
    yield from _anchor_faults(folder, SM3_ANCHORS, sm3_of)
    last: dict[str, tuple[int, str]] = {}
    listed = {f"{day}.jsonl" for day, _digest, _anchor in anchors(folder)}
    for path in (folder / name for name in sorted(listed)):
        for line in _content(path).splitlines():
            event = json.loads(line)
            sequence, previous = last.get(event["stream"], (0, ""))
            right = event["sequence"] == sequence + 1 and event["previous"] == previous
            if not right or digest_of(event) != event["digest"]:
                yield f"{path.name} 中 {event['stream']} 的第 {event['sequence']} 条记录与前一条不衔接或者已被改动。"
            last[event["stream"]] = event["sequence"], event["digest"]
    for path in sorted(folder.glob("*.jsonl")):
        if path.name not in listed:
            yield f"{path.name} 没有登记在 {ANCHORS} 中。"


def _anchor_faults(folder: Path, name: str, digest_by: Digest) -> Iterator[str]:
    before = ""
    for day, digest, anchor in anchors(folder, name):
        if digest_by(_content(folder / f"{day}.jsonl")) != digest:
            yield f"{day}.jsonl 缺失或者已被改动。"
        if anchor_of(before, day, digest, digest_by) != anchor:
            yield f"{name} 中 {day} 的锚值不符。"
        before = anchor


def _content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def anchors(folder: Path, name: str = ANCHORS) -> list[tuple[date, str, str]]:
    """Return day, digest of the file and anchor of every day that was exported, in order."""
    path = folder / name
    lines = path.read_text(encoding="ascii").splitlines() if path.is_file() else []
    rows = (line.split(" ") for line in lines)
    return [(date.fromisoformat(day), digest, anchor) for day, digest, anchor in rows]


def anchor_of(before: str, day: date, digest: str, digest_by: Digest = sha256_of) -> str:
    """Return the anchor of a day."""
    return digest_by(f"{before} {day} {digest}".encode("ascii"))


def digest_of(event: dict[str, Any]) -> str:
    """Return the digest of an exported event."""
    return sha256_of(rfc8785.dumps({name: event[name] for name in (*DIGESTED, "at")}))


def line_of(event: Event) -> bytes:
    """Return an event as a line of canonical JSON: what its digest covers, and the digest."""
    said = {name: getattr(event, name) for name in (*DIGESTED, "digest")}
    return rfc8785.dumps(said | {"at": event.at.astimezone(UTC).isoformat(timespec="microseconds")}) + b"\n"


def _of_day(session: Session, day: date) -> Iterator[Event]:
    begins, ends = (datetime.combine(each, time(), SHANGHAI) for each in (day, day + timedelta(days=1)))
    query = select(Event).where(Event.at >= begins, Event.at < ends).order_by(Event.id)
    return iter(session.scalars(query.execution_options(yield_per=1000)))
