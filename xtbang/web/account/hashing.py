"""The hash of a password, made and compared by Flask-Security."""

from flask_security import hash_password, verify_password

from xtbang.people.passwords import first_password, normal


def hashed(password: str) -> str:
    """Return the hash of the password as the sign-in form will read it."""
    kept: str = hash_password(normal(password))
    return kept


def matches(password: str, kept: str | None) -> bool:
    """Whether that is the password."""
    return bool(kept) and bool(verify_password(normal(password), kept))


def new_first_password() -> tuple[str, str]:
    """Return a password to be handed out, which is kept nowhere, and its hash."""
    password = first_password()
    return password, hashed(password)
