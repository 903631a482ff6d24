"""Pages of one paper (盖章扫描件) that were photographed, or scanned one by one: in the order of their names they make one PDF."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from flask import current_app

from xtbang.papers.scan.examine import Scan, join
from xtbang.rules.texts import normalise_text
from xtbang.web.office.scan_files import ScanFile

LAST_NUMBER = re.compile(r"[ _（(-]*(\d+)[ ）)]*$")
NOT_JOINED = "各页未能合成一份，请稍后再点“确认上传”；仍然如此的，请在扫描程序里合成一份 PDF 后上传。"
TOO_LARGE = "各页合成一份后超过 {} MB，请降低拍照或扫描的分辨率后重新上传。"


def is_set(files: Sequence[ScanFile]) -> bool:
    """Return whether files of one project are pages of one paper: pictures, or files of one name that are numbered at its end."""
    stems = [_stem(file) for file in files]
    numbered = len({LAST_NUMBER.sub("", stem) for stem in stems}) == 1 and all(map(LAST_NUMBER.search, stems))
    return numbered or all(file.mime != "application/pdf" for file in files)


def in_page_order(files: Sequence[ScanFile]) -> list[ScanFile]:
    """Return the files by their names, numbers in them as numbers: _2 before _10."""
    return sorted(files, key=lambda file: [_part(part) for part in re.split(r"(\d+)", _stem(file).lower())])


def whole_of(files: Sequence[ScanFile]) -> ScanFile:
    """Return what the files, in this order, make together: known before they are joined, so its digest is that of their digests."""
    if len(files) == 1:
        return files[0]
    first, scans = files[0], [file.scan for file in files]
    stem = LAST_NUMBER.sub("", _stem(first)) or _stem(first)
    pages = sum(scan.pages for scan in scans)
    scan = Scan(
        codes=frozenset[str]().union(*(scan.codes for scan in scans)),
        elsewhere=next((scan.elsewhere for scan in scans if scan.elsewhere), ""),
        pages=pages,
        looked=sum(scan.looked for scan in scans),
        ours=any(scan.ours for scan in scans),
        drawn=any(scan.drawn for scan in scans),
        cropped=any(scan.cropped for scan in scans),
    )
    printed = [file.printed for file in files]
    return ScanFile(
        sha256("".join(file.sha256 for file in files).encode()).hexdigest(),
        f"{stem}（{pages} 页）.pdf",
        "application/pdf",
        sum(file.size for file in files),
        scan,
        None if None in printed else max(number or 0 for number in printed),
        next((file.project_id for file in files if file.project_id), None),
    )


def joined(
    files: Sequence[ScanFile], contents: Mapping[ScanFile, Callable[[], bytes]]
) -> tuple[ScanFile, Callable[[], bytes], str]:
    """Return the file that these make, what reads it, and why it cannot be handed in, "" when it can."""
    if len(files) == 1:
        return files[0], contents[files[0]], ""
    content = join([(contents[file](), file.mime) for file in files])
    limit = current_app.config["UPLOAD_LIMIT"]
    wrong = TOO_LARGE.format(limit // 1024 // 1024) if len(content) > limit else "" if content else NOT_JOINED
    whole = replace(whole_of(files), sha256=sha256(content).hexdigest(), size=len(content))
    return whole, lambda: content, wrong


def by_name(file: ScanFile, numbers: Mapping[str, int]) -> int | None:
    """Return the project whose number, or that of its contract, stands in the name of a file; the longest one; None without any."""
    name = normalise_text(file.name).upper()
    found = [number for number in numbers if number and re.search(rf"{re.escape(number.upper())}(?![0-9A-Z])", name)]
    return numbers[max(found, key=len)] if found else None


def _stem(file: ScanFile) -> str:
    return file.name.rpartition(".")[0]


def _part(part: str) -> tuple[int, str]:
    return (int(part), "") if part.isdecimal() else (0, part)
