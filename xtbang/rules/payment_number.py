"""The numbers of vouchers and receipts (凭证号): each counts once per payer or payee."""

import unicodedata

OUT, BACK = "out", "back"
DIRECTIONS = {  # kinds of ledger line that have a number
    "issuer_payment": OUT,
    "instalment": OUT,
    "recovered": BACK,
    "surplus": BACK,
    "surplus_returned": OUT,
}


def normalised(number: str) -> str:
    """Return the number in the form in which numbers are compared: letters and digits only, half-width, upper case."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", number).upper() if sign.isalnum())


def number_key(kind: str, source: str, owner: str, number: str) -> str | None:
    """Return the key that must be unique in the ledger: source and owner of the money, direction, number.

    ``owner`` distinguishes owners of the same source: the region of a county, the id of an issuer, "" for the city.
    Return None for a line without a number (``recovery_due``) and for a number without letters and digits.
    """
    direction, compared = DIRECTIONS.get(kind), normalised(number)
    return f"{source}:{owner}:{direction}:{compared}" if direction and compared else None


def slip_key(source: str, region: str, direction: str, number: str) -> str | None:
    """Return the key of a collective slip (汇总凭证), the same as that of its number; None without letters and digits."""
    compared = normalised(number)
    return f"{source}:{region}:{direction}:{compared}" if compared else None
