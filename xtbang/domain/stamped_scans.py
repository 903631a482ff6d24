"""Checks of a stamped scan (盖章扫描件): whether it is a scan of the expected paper."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import select

from xtbang.actions.context import Context
from xtbang.models import Paper, StoredFile
from xtbang.papers.scan.examine import UNREAD
from xtbang.queries.papers import else_in
from xtbang.rules.reasons import Reason

_HOST = re.compile(r"[a-z0-9.-]{1,60}")


def else_on(context: Context, key: str, expected: str) -> str:
    """Return why the scan in that field is not of the paper with the code ``expected``; "" when nothing says so."""
    upload = context.uploads.get(context.data[key])
    if upload is None:
        return ""
    if upload.elsewhere:
        return _leading_elsewhere(upload.elsewhere, context.site.url)
    return else_in(context.session, upload.codes, expected, context.project.id)


def not_scanned(context: Context, key: str, article: str) -> Iterator[Reason]:
    """Yield a reason when the file in that field is a PDF that this program made, signed electronically or not."""
    digest = context.data[key]
    upload = context.uploads.get(digest)
    kept = select(Paper.id).join(StoredFile, Paper.file_id == StoredFile.id).where(StoredFile.sha256 == digest)
    if (upload and upload.ours) or context.session.scalars(kept.limit(1)).first():
        text = "这是系统生成的电子文件，不是盖章扫描件，请打印、盖章后再扫描上传。"
        yield Reason("scan.digital", text, article, field=key)


def doubt_on(context: Context, key: str, expected: str) -> str:
    """Return why an officer has to look at the scan in that field, a phrase; "" when it has the code ``expected``."""
    upload = context.uploads.get(context.data[key])
    if upload is None or expected not in upload.codes:
        return (upload and upload.doubt) or UNREAD
    return upload.doubt


def _leading_elsewhere(address: str, site: str) -> str:
    host = _host(address)
    if host and host == _host(site):
        return "其中一个二维码不是本系统的核验网址"
    return f"其中一个二维码指向其他网站{f'（{host}）' if host and _HOST.fullmatch(host) else ''}"


def _host(address: str) -> str | None:
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets without an address in them
        return None
    return parts.hostname if parts.scheme in ("http", "https") else None
