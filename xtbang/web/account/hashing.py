"""Password hashes, made and compared by Flask-Security."""

from flask_security import hash_password, verify_password

from xtbang.people.passwords import first_password, normal


def hashed(password: str) -> str:
    """Return the hash of the password in the form that the sign-in form reads."""
    kept: str = hash_password(normal(password))
    return kept


def matches(password: str, kept: str | None) -> bool:
    """Return whether the password has that hash."""
    return bool(kept) and bool(verify_password(normal(password), kept))


def new_first_password() -> tuple[str, str]:
    """Return an initial password, which is not stored, and its hash."""
    password = first_password()
    return password, hashed(password)
