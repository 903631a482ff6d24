"""Numbers of vouchers and receipts (凭证号): one counts once for whoever paid or got the money back."""

import unicodedata

OUT, BACK = "out", "back"
DIRECTIONS = {"issuer_payment": OUT, "instalment": OUT, "recovered": BACK}  # kinds of ledger lines that bear a number


def folded(number: str) -> str:
    """Return the number as one compares it: letters and digits only, width and case as one."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", number).upper() if sign.isalnum())


def number_key(kind: str, source: str, owner: str, number: str) -> str | None:
    """Return what no two ledger lines share: whose money, which way, the number.

    ``owner`` tells apart those who share a source: the region of a county, the id of an issuer, nothing for the city.
    None for a line without a number (``recovery_due``) and for a number without letters and digits.
    """
    direction, compared = DIRECTIONS.get(kind), folded(number)
    return f"{source}:{owner}:{direction}:{compared}" if direction and compared else None
