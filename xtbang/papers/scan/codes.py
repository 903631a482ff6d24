"""The check codes on the pages of a file, however crooked. Only the reading process imports this (`scan_process`)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import process_time
from typing import Any, cast

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

from xtbang.papers.codes import normalise, verify_url
from xtbang.papers.scan.pages import BROKEN, SIDE, Allow, pages_of, what_is_wrong

CONTRAST = 24  # between the lightest and the darkest point of a page; on one with less there is nothing to read
CROPPED = 1 / 12  # of a picture: a code that takes more of it is not seen on a page, where it takes 1/170
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_LONGEST = 200  # characters of an address that is not ours
_VERIFY = re.compile(r"/verify/([0-9A-Za-z-]{16,24})(?![0-9A-Za-z-])")

Ways = Callable[[Image.Image], Iterator[Image.Image]]


@dataclass
class _Found:
    """What is on a page."""

    codes: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    share: float = 0.0  # the part of the picture that the largest of our codes takes


def look(
    content: bytes, mime: str, *, sites: Sequence[str], quick: float, thorough: float, allow: Allow
) -> Iterator[dict[str, Any]]:
    """What is found out about a file, bit by bit: whoever is stopped on the way has told what was found by then.

    ``{"pages": …, "ours": …}``, how many there are and whether we made the file, once the first was opened or
    ``{"trouble": …}`` when it cannot be; then, if there are ``sites`` whose codes are asked for, after each page
    ``{"looked": …}``, how many were looked at, with ``codes``, those in our addresses, ``elsewhere``, what else is written
    like one, and for one with codes ``drawn``, that it is no picture, or ``cropped``, that it is hardly more. All pages
    are looked at quickly, for at most ``quick`` seconds of work; only where that shows no code each is looked at in more
    ways, for ``thorough`` seconds.
    """
    opened = found = False
    try:
        for ways, seconds in ((_quick, quick), (_thorough, thorough)):
            end, looked = process_time() + seconds, 0
            for page in pages_of(content, mime, allow):
                if not opened:
                    opened = True
                    yield {"pages": page.of, "ours": page.ours}
                if not sites:
                    return
                allow(max(0, end - process_time()))
                here = _codes(page.picture, sites, ways, end) if page.picture else _Found()
                found = found or bool(here.codes)
                in_time = process_time() <= end
                looked += bool(here.codes) or (in_time and page.picture is not None)
                told = {"looked": looked, "codes": sorted(here.codes), "elsewhere": sorted(here.elsewhere)}
                if here.codes:
                    told |= {"drawn": not page.pictured, "cropped": here.share > CROPPED}
                yield told
                if not in_time:
                    break
            if found:
                return
    except BROKEN as error:
        if not opened:
            yield {"trouble": what_is_wrong(error)}


def _codes(page: Image.Image, sites: Sequence[str], ways: Ways, end: float) -> _Found:
    """Our codes on a page by the first way of looking at it that shows any; what else is written like one of ours."""
    seen = _Found()
    darkest, lightest = cast(tuple[int, int], page.convert("L").getextrema())
    if lightest - darkest < CONTRAST:
        return seen
    for picture in ways(page):
        for found in zxingcpp.read_barcodes(picture, formats=_QR):
            if code := _ours(found.text, sites):
                seen.codes.add(code)
                seen.share = max(seen.share, _area(found.position) / (picture.width * picture.height))
            elif any(normalise(part) for part in _VERIFY.findall(found.text)):
                seen.elsewhere.add(found.text[:_LONGEST])
        if seen.codes or process_time() > end:
            break
    return seen


def _area(position: zxingcpp.Position) -> float:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    following = (*corners[1:], corners[0])
    return abs(sum(a.x * b.y - b.x * a.y for a, b in zip(corners, following, strict=True))) / 2


def _ours(text: str, sites: Sequence[str]) -> str | None:
    """The code in an address as we print it, under one of our own sites."""
    for site in sites:
        if text.startswith(start := verify_url(site, "")):
            return normalise(text.removeprefix(start))
    return None


def _quick(page: Image.Image) -> Iterator[Image.Image]:
    """Through a red glass, which makes the ink of a seal white, then as it is: grey, then with clearer edges."""
    red = page.getchannel("R")
    yield red
    yield page.convert("L")
    yield _sharper(ImageOps.autocontrast(red, cutoff=1), 3, 250)


def _thorough(page: Image.Image) -> Iterator[Image.Image]:
    """Larger, smaller, softer, in black and white by many measures, and turned."""
    red = page.getchannel("R")
    clear = ImageOps.autocontrast(red, cutoff=1)
    for factor in (2.0, 3.0, 0.6):
        size = round(page.width * factor), round(page.height * factor)
        if max(size) <= 1.5 * SIDE:
            other = clear.resize(size, Image.Resampling.BICUBIC)
            yield other
            yield _sharper(other, 4, 400)
    yield red.filter(ImageFilter.GaussianBlur(1.5))
    yield _against_its_surroundings(red)
    plain = ImageOps.autocontrast(page.convert("L"), cutoff=1)
    yield _sharper(plain, 3, 250)
    yield _black_below(45, plain)  # where the ink of a seal is grey
    smooth = [picture.filter(ImageFilter.MedianFilter(3)) for picture in (clear, plain)]
    for threshold in (45, 90, 128, 170):
        for picture in smooth:
            yield _black_below(threshold, picture)
    for angle in (10, 20, 30, 45, 60, 75):
        yield clear.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _sharper(picture: Image.Image, radius: int, percent: int) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(radius=radius, percent=percent, threshold=2))


def _against_its_surroundings(picture: Image.Image) -> Image.Image:
    """Black where a point is darker than what lies around it: for light that falls unevenly."""
    calm = picture.filter(ImageFilter.GaussianBlur(1))
    difference = ImageChops.subtract(calm, calm.filter(ImageFilter.BoxBlur(15)), scale=1, offset=136)
    return _black_below(128, difference)


def _black_below(threshold: int, picture: Image.Image) -> Image.Image:
    return picture.point([255 * (value > threshold) for value in range(256)])
