"""The check code (校验码) of a paper, and the QR code with the address of its verification page."""

import hmac
import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from urllib.parse import unquote

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: without I, L, O, U
_MISREAD = str.maketrans("OIL", "011")
_DIGITS = 27  # of 5 bits each; the 28th is the check value
_FORMER = 15  # digits of the codes that earlier releases made; they stay valid
LENGTHS = (_DIGITS + 1, _FORMER + 1)  # characters without dashes
_PASTED = 1000  # characters of a pasted text that are searched
_SEPARATORS = re.compile(r"[^0-9A-Za-z\s‐-―−_-]+")  # characters that no spelling of a code contains
_CODE = re.compile("|".join(rf"[{ALPHABET}]{{{length}}}" for length in LENGTHS))


def make_code(secret: bytes, payload: str) -> str:
    """Return the code of a payload, seven groups of four: 135 bits that cannot be guessed without the secret."""
    number = int.from_bytes(hmac.new(secret, payload.encode(), sha256).digest(), "big") >> 256 - 5 * _DIGITS
    return _checked([(number >> 5 * place) & 31 for place in reversed(range(_DIGITS))])


def former_code(code: str) -> str:
    """Return the code of 16 characters that earlier releases made for the same payload as this code."""
    return _checked([ALPHABET.index(character) for character in code.replace("-", "")[:_FORMER]])


def normalise(typed: str) -> str | None:
    """Return a code that was typed or read from a scan in its standard spelling; None when it is no valid code."""
    plain = re.sub(r"[\s‐-―−_-]", "", unicodedata.normalize("NFKC", typed)).upper().translate(_MISREAD)
    if not _CODE.fullmatch(plain):
        return None
    values = [ALPHABET.index(character) for character in plain]
    return _grouped(plain) if values[-1] == _check(values[:-1]) else None


def code_in(text: str) -> str | None:
    """Return the first code in a typed or pasted text, in its standard spelling; None when there is none.

    The text may be a code in any spelling, the address in a QR code, or the last line of a paper.
    """
    plain = unicodedata.normalize("NFKC", unquote(text[:_PASTED]))
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")  # invisible characters from copying
    found = (normalise(part) for part in (plain, *_SEPARATORS.split(plain)))
    return next((code for code in found if code), None)


def verify_url(site: str, code: str) -> str:
    """Return the address of the verification page of a paper; ``site`` has no slash at its end."""
    return f"{site}/verify/{code}"


@lru_cache(maxsize=64)
def qr_image(url: str) -> str:
    """Return the address as a QR code (level M, half of the quiet zone): a black and white PNG as ``data:`` address.

    A PDF contains a picture once for all pages; a vector outline took a tenth of the rendering time of a form.
    """
    import segno  # only here: reading codes does not need it

    address: str = segno.make(url, error="m", micro=False).png_data_uri(border=2, scale=8)
    return address


def _checked(values: list[int]) -> str:
    return _grouped("".join(ALPHABET[value] for value in [*values, _check(values)]))


def _grouped(plain: str) -> str:
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _check(values: list[int]) -> int:
    """Return the check value: the sum of the values, each times a different power of 2 in GF(32).

    It finds one wrong character and two swapped ones.
    """
    total = 0
    for value in values:
        total ^= value
        total <<= 1
        if total & 32:
            total ^= 0b100101
    return total
