"""The check code (校验码) of a paper, and the QR code that leads to the page about it."""

import hmac
import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from urllib.parse import unquote

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without I, L, O, U
_MISREAD = str.maketrans("OIL", "011")
_DIGITS = 15  # of 5 bits; the sixteenth checks them
_PASTED = 1000  # characters that are looked at
_OUTSIDE = re.compile(r"[^0-9A-Za-z\s‐-―−_-]+")  # what no spelling of a code has
_CODE = re.compile(rf"[{ALPHABET}]{{{_DIGITS + 1}}}")


def make_code(secret: bytes, payload: str) -> str:
    """The code of a payload, ``7K3M-Q2XW-9DRT-4HB5``: 75 bits that nobody without the secret can guess."""
    number = int.from_bytes(hmac.new(secret, payload.encode(), sha256).digest()[:10], "big") >> 5
    values = [(number >> 5 * place) & 31 for place in reversed(range(_DIGITS))]
    return _grouped("".join(ALPHABET[value] for value in [*values, _check(values)]))


def normalise(typed: str) -> str | None:
    """The code that a person typed or a scan held, in its one spelling; None when it cannot be one."""
    plain = re.sub(r"[\s‐-―−_-]", "", unicodedata.normalize("NFKC", typed)).upper().translate(_MISREAD)
    if not _CODE.fullmatch(plain):
        return None
    values = [ALPHABET.index(character) for character in plain]
    return _grouped(plain) if values[-1] == _check(values[:-1]) else None


def code_in(text: str) -> str | None:
    """The first code in what a person typed or pasted, in its one spelling: a code however it is spelled, the address
    in a QR code, a line from the foot of a paper. None when there is none."""
    plain = unicodedata.normalize("NFKC", unquote(text[:_PASTED]))
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")  # invisible ones that copying brings
    found = (normalise(part) for part in (plain, *_OUTSIDE.split(plain)))
    return next((code for code in found if code), None)


def verify_url(site: str, code: str) -> str:
    """The address of the page that says what the paper is; ``site`` has no slash at its end."""
    return f"{site}/verify/{code}"


@lru_cache(maxsize=64)
def qr_image(url: str) -> str:
    """The address as a QR code (level M), half of the quiet zone inside: a ``data:`` address of a black and white PNG.

    A picture is put into a PDF once for all pages; drawn as an outline it took a tenth of the time of a form.
    """
    import segno  # only here: who reads codes does not draw any

    address: str = segno.make(url, error="m", micro=False).png_data_uri(border=2, scale=8)
    return address


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _check(values: list[int]) -> int:
    """Sum of the values, each times another power of 2 in GF(32): finds one wrong and two swapped characters."""
    total = 0
    for value in values:
        total ^= value
        total <<= 1
        if total & 32:
            total ^= 0b100101
    return total
