"""Submitted input as raw values for ``rules.forms``; uploads checked by content, size and name."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from typing import Any

from flask import current_app, g, request, url_for
from sqlalchemy import Row, bindparam, select
from werkzeug.datastructures import FileStorage, MultiDict

from xtbang.actions.context import Upload
from xtbang.extensions import db
from xtbang.models import PendingUpload, StoredFile
from xtbang.papers.scan.examine import examine
from xtbang.papers.store import Arrival
from xtbang.people.kept import EACH, pending_files
from xtbang.queries.shown.documents import FileShown
from xtbang.rules.asked import Asked
from xtbang.rules.blind import file_name_for
from xtbang.rules.contacts import kept_from_experts
from xtbang.rules.fields import Field, FieldKind
from xtbang.rules.quotation import quoted
from xtbang.rules.reasons import Reason
from xtbang.rules.site import Site
from xtbang.rules.texts import normalise_text
from xtbang.web.frame.owners import folder, own
from xtbang.web.frame.said import DIGEST
from xtbang.web.frame.scanning import against_file
from xtbang.web.frame.shell import caller

SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
MAX_ROWS = 100
_ENDING = re.compile(r"\.(?:pdf|jpe?g|jfif|png)$", re.IGNORECASE)
MEGABYTE = 1024 * 1024
NO_LONGER = f"已不再保留（没有办成的附件只保留一天，每人至多 {EACH // MEGABYTE} MB，超过的先删较早的）"
_ODD = re.compile(r'[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]')


def asked() -> Asked:
    """Return the filters in the address of this page."""
    return Asked(request.args)


def searched(box: str = "q") -> str:
    """Return the words in a search box, in the spelling in which texts and numbers are stored."""
    return asked().words(box)


def raw_values(fields: Iterable[Field], form: MultiDict[str, str]) -> dict[str, Any]:
    """Return the submitted values of a form; a table's cells are named ``key-0-column``."""
    values: dict[str, Any] = {}
    for field in fields:
        if field.kind is FieldKind.ROWS:
            values[field.key] = _rows(field, form)
        elif field.kind is FieldKind.CHOICES:
            values[field.key] = form.getlist(field.key)
        else:
            values[field.key] = form.get(field.key, "")
    return values


def _rows(field: Field, form: MultiDict[str, str]) -> list[dict[str, Any]]:
    pattern = re.compile(rf"{re.escape(field.key)}-([0-9]{{1,3}})-")
    numbers = sorted({int(found[1]) for key in form if (found := pattern.match(key))})[:MAX_ROWS]
    return [
        {
            column.key: form.getlist(f"{field.key}-{number}-{column.key}")
            if column.kind is FieldKind.CHOICES
            else form.get(f"{field.key}-{number}-{column.key}", "")
            for column in field.columns
        }
        for number in numbers
    ]


def take_uploads(
    fields: Iterable[Field],
    files: Mapping[str, FileStorage],
    values: dict[str, Any],
    read: Mapping[str, Callable[[], int | None]] | None = None,
    known: Collection[str] = (),
) -> tuple[dict[str, Upload], list[Reason]]:
    """Put the digest of every valid file into ``values``; return the uploads, and the reasons against other files.

    Where no file is sent, or one that is refused, a pending upload of a refused form counts, if its digest came along
    (hidden input); a file that is gone is a reason, unless its digest is ``known``. Nothing is stored yet
    (`Upload.arrival`). Fields in ``read`` are stamped scans whose codes are read; the function there returns the paper's
    number of pages.
    """
    uploads: dict[str, Upload] = {}
    reasons: list[Reason] = []
    read = read or {}
    boxes = [field for field in fields if field.kind is FieldKind.FILE]
    digests = {values[field.key] for field in boxes if values.get(field.key)}
    pending = {row.sha256: row for row in pending_files(caller(), own(), digests)}
    gone = _gone(digests - pending.keys() - set(known))
    for field in boxes:
        sent, row = files.get(field.key), pending.get(values.get(field.key, ""))
        pages, upload, sentences = read.get(field.key), None, []
        if row is not None and "shows_again" in g:
            uploads[row.sha256] = Upload(row.sha256, row.name, row.mime, row.size)
            continue
        if sent is not None and sent.filename:
            content = sent.stream.read(current_app.config["UPLOAD_LIMIT"] + 1)
            upload, sentence = _examined(field, content, sent.filename, pages)
            sentences.append(sentence)
        if row is not None and upload is None:  # what was chosen before still counts
            upload, sentence = _pending(field, row, pages)
            sentences.append(sentence)
        elif upload is None and values.get(field.key) in gone:
            values[field.key] = ""
            sentences.append(f"{quoted(field.label)}的文件{NO_LONGER}，请重新选择。")
        reasons += [Reason("upload", sentence, field=field.key) for sentence in sentences if sentence]
        if upload:
            uploads[upload.sha256] = upload
            values[field.key] = upload.sha256
    return uploads, reasons


def _gone(digests: Collection[str]) -> set[str]:
    """Return those of the digests whose content is neither pending nor stored any longer."""
    asked = {digest for digest in digests if DIGEST.fullmatch(digest)}
    stored = db.session.scalars(select(StoredFile.sha256).where(StoredFile.sha256.in_(asked))) if asked else ()
    return asked - set(stored)


def _pending(field: Field, row: PendingUpload, pages: Callable[[], int | None] | None) -> tuple[Upload | None, str]:
    """Return the pending upload of a refused form as `_examined` does."""
    try:
        return _examined(field, folder().get(row.key), row.name, pages)
    except FileNotFoundError:
        return None, f"{quoted(field.label)}的文件已不在，请重新选择。"


def _examined(
    field: Field, content: bytes, name: str, pages: Callable[[], int | None] | None
) -> tuple[Upload | None, str]:
    """Return the file as an upload and "", or None and what is wrong with it; both while it cannot be judged."""
    mime = content_kind(content)
    if sentence := _refusal(field, content, mime):
        return None, sentence
    against, later = against_file(f"{quoted(field.label)}的文件", content)
    if against and not later:
        return None, against
    site: Site = current_app.extensions["engine"].site
    scan = examine(content, mime, (site.url, *site.former) if pages else ())
    if scan.trouble:
        return None, f"{quoted(field.label)}：{scan.trouble}"
    digest = sha256(content).hexdigest()
    upload = Upload(
        digest,
        clean_name(name, mime),
        mime,
        len(content),
        scan.codes,
        scan.elsewhere,
        doubt=scan.doubt(pages() if scan.codes or scan.pages else 0) if pages else "",
        ours=scan.ours,
        contacts=scan.contact_pages,
        arrival=Arrival(current_app.extensions["store"], digest, lambda: content),
    )
    return upload, f"{against}；文件已保留，请稍后再提交。" if later else ""


def _refusal(field: Field, content: bytes, mime: str) -> str:
    limit = current_app.config["UPLOAD_LIMIT"]
    if len(content) > limit:
        return f"{quoted(field.label)}的文件超过 {limit // 1024 // 1024} MB，请压缩后上传。"
    if content and SUFFIXES.get(mime, ".").removeprefix(".") not in field.takes:
        return f"{quoted(field.label)}只接受 {field.takes_in_words} 文件（按内容识别，与扩展名无关）。"
    return ""


def content_kind(content: bytes) -> str:
    """Return the media type by content, ``""`` for any other than PDF, JPG, PNG.

    PDF readers accept a file that begins within the first 1,024 bytes, for instance after an empty line.
    """
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return "application/pdf" if b"%PDF-" in content[:1024] else ""


def clean_name(name: str, mime: str) -> str:
    """Return a safe file name with the extension of its content; at most 100 characters. Other dots in it stay."""
    stem = _ODD.sub("_", normalise_text(name.replace("\\", "/").rsplit("/", 1)[-1]))
    return (_ENDING.sub("", stem).strip(" .") or "文件")[:96] + SUFFIXES[mime]


def size_in_words(size: int) -> str:
    """Return a number of bytes as ``1.2 MB``."""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE / 10 else f"{max(1, round(size / 1024))} KB"


FILES = (
    select(StoredFile.id, StoredFile.sha256, StoredFile.name, StoredFile.size, StoredFile.contacts)
    .where(StoredFile.project_id == bindparam("project"))
    .order_by(StoredFile.id)
)


def stored_facts(project_id: int) -> dict[str, dict[str, str]]:
    """Return name, size and address of every file of a project by digest, for values that are digests of files."""
    return facts_of(db.session.connection().execute(FILES, {"project": project_id}))


def facts_of(rows: Iterable[Row[Any] | FileShown]) -> dict[str, dict[str, str]]:
    """Return the same for files that are already loaded, oldest first; names as the caller may read them.

    To an expert a file with contacts has no address, and a ``note`` that says why.
    """
    expert = "expert" in caller().actor.roles
    return {
        row.sha256: {
            "name": file_name_for(caller().actor, row.name),
            "size": size_in_words(row.size),
            "url": "" if expert and row.contacts else url_for("files.download", file_id=row.id),
            "note": kept_from_experts(row.contacts) if expert and row.contacts else "",
        }
        for row in rows
    }


def file_facts(project_id: int, uploads: Mapping[str, Upload]) -> dict[str, dict[str, str]]:
    """Return the same including uploads that the project does not have yet."""
    return stored_facts(project_id) | new_files(uploads)


def new_files(uploads: Mapping[str, Upload]) -> dict[str, dict[str, str]]:
    """Return the same for uploads, which have no address."""
    return {
        digest: {"name": u.name, "size": size_in_words(u.size), "url": "", "note": ""} for digest, u in uploads.items()
    }


def by_field(reasons: Iterable[Reason], keys: Collection[str] | None = None) -> dict[str, list[str]]:
    """Return reasons as ``{field: [sentence]}`` for the form macros; those of no field, or of none in ``keys``, under ``""``."""
    found: dict[str, list[str]] = {}
    for reason in reasons:
        here = keys is None or reason.field.split(".")[0] in keys
        found.setdefault(reason.field if here else "", []).append(str(reason))
    return found
