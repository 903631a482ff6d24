"""The search for check codes on the pages of a file. Only the reading process (`scan.process`) imports this."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import process_time
from typing import Any, cast

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps

from xtbang.papers.codes import normalise, verify_url
from xtbang.papers.scan.pages import BROKEN, SIDE, Allow, pages_of, trouble_key

CONTRAST = 24  # between the lightest and the darkest point of a page; with less it is blank
CROPPED = 1 / 12  # of the image: a larger code is not on a whole page, where it covers 1/170
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_LONGEST = 200  # characters reported of an address that is not ours
_VERIFY = re.compile(r"/verify/([0-9A-Za-z-]{16,40})(?![0-9A-Za-z-])")

Variants = Callable[[Image.Image], Iterator[Image.Image]]


@dataclass
class _Found:
    """The QR codes on a page."""

    codes: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    share: float = 0.0  # the part of the image that the largest of our codes covers


def find_codes(
    content: bytes, mime: str, *, sites: Sequence[str], quick: float, thorough: float, most: int, allow: Allow
) -> Iterator[dict[str, Any]]:
    """Yield the findings about a file one by one, so that a process that is stopped has already reported some.

    The first finding is ``{"pages": …, "ours": …}``, the number of pages and whether we made the file, or ``{"trouble":
    …}`` when it cannot be opened. Then, if there are ``sites``, each page gives ``{"looked": …}``, the number of pages
    read so far, with ``codes``, the codes in our addresses, ``elsewhere``, addresses that only resemble ours, and, if
    it has codes, ``drawn``, that the page is not an image, and ``cropped``, that the image shows little more than the
    code. All pages are searched quickly, for at most ``quick`` seconds of processor time; only if no code was found,
    each is searched in more variants, for ``thorough`` seconds. At most ``most`` pages are read; ``page`` counts from 0.
    """
    opened = found = False
    try:
        for variants, seconds in ((_quick, quick), (_thorough, thorough)):
            end, looked = process_time() + seconds, 0
            for number, page in enumerate(pages_of(content, mime, allow, most)):
                if not opened:
                    opened = True
                    yield {"pages": page.of, "ours": page.ours}
                if not sites:
                    return
                allow(max(0, end - process_time()))
                here = _codes(page.picture, sites, variants, end) if page.picture else _Found()
                found = found or bool(here.codes)
                in_time = process_time() <= end
                looked += bool(here.codes) or (in_time and page.picture is not None)
                finding = {"looked": looked, "codes": sorted(here.codes), "elsewhere": sorted(here.elsewhere)}
                if here.codes:
                    finding |= {"page": number, "drawn": not page.pictured, "cropped": here.share > CROPPED}
                yield finding
                if not in_time:
                    break
            if found:
                return
    except BROKEN as error:
        if not opened:
            yield {"trouble": trouble_key(error)}


def _codes(page: Image.Image, sites: Sequence[str], variants: Variants, end: float) -> _Found:
    """Return our codes on a page, from the first variant that shows any, and addresses that only resemble ours."""
    seen = _Found()
    darkest, lightest = cast(tuple[int, int], page.convert("L").getextrema())
    if lightest - darkest < CONTRAST:
        return seen
    for picture in variants(page):
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
    """Return the code in an address as we print it, under one of our own sites."""
    for site in sites:
        if text.startswith(start := verify_url(site, "")):
            return normalise(text.removeprefix(start))
    return None


def _quick(page: Image.Image) -> Iterator[Image.Image]:
    """Yield the red channel, in which the ink of a seal is white, then grey, then red with sharper edges."""
    red = page.getchannel("R")
    yield red
    yield page.convert("L")
    yield _sharper(ImageOps.autocontrast(red, cutoff=1), 3, 250)


def _thorough(page: Image.Image) -> Iterator[Image.Image]:
    """Yield enlarged, reduced, blurred, black and white, and rotated variants."""
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
    yield _black_below(45, plain)  # for a seal whose ink is grey
    smooth = [picture.filter(ImageFilter.MedianFilter(3)) for picture in (clear, plain)]
    for threshold in (45, 90, 128, 170):
        for picture in smooth:
            yield _black_below(threshold, picture)
    for angle in (10, 20, 30, 45, 60, 75):
        yield clear.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def _sharper(picture: Image.Image, radius: int, percent: int) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(radius=radius, percent=percent, threshold=2))


def _against_its_surroundings(picture: Image.Image) -> Image.Image:
    """Return black where a point is darker than its surroundings: for uneven light."""
    calm = picture.filter(ImageFilter.GaussianBlur(1))
    difference = ImageChops.subtract(calm, calm.filter(ImageFilter.BoxBlur(15)), scale=1, offset=136)
    return _black_below(128, difference)


def _black_below(threshold: int, picture: Image.Image) -> Image.Image:
    return picture.point([255 * (value > threshold) for value in range(256)])
