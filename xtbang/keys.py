"""The secret keys of an installation: the present one, and former ones under which passwords and telephones were set up.

``instance/secret_key`` has a key in each line, the present one first. A key that may have been seen by others is replaced
by ``xtbang replace-key``: sessions and links signed with it end, while passwords, telephones and papers stay valid.
"""

import os
import secrets
from pathlib import Path

FILE = "secret_key"


def secret(name: str) -> str:
    """Return a secret setting: of the environment, else the file of its name among the credentials that systemd passes on."""
    passed = Path(os.environ.get("CREDENTIALS_DIRECTORY") or os.devnull) / name
    return os.environ.get(name) or (passed.read_text(encoding="utf-8").strip() if passed.is_file() else "")


def read_keys(instance: Path) -> list[str]:
    """Return the secret keys, the present one first; without a setting and without a file, one is made and stored."""
    if present := secret("XTBANG_SECRET_KEY"):
        return [present, *secret("XTBANG_FORMER_KEYS").split()]
    path = instance / FILE
    if not path.exists():
        unfinished = _unfinished(path, [new_key()])
        try:
            os.link(unfinished, path)  # fails where another process has just made one
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    return path.read_text(encoding="ascii").splitlines()


def replace_key(instance: Path) -> None:
    """Put a new key before those in the file."""
    keys = [new_key(), *read_keys(instance)]
    _unfinished(instance / FILE, keys).replace(instance / FILE)


def new_key() -> str:
    """Return a random key of 384 bits."""
    return secrets.token_urlsafe(48)


def _unfinished(path: Path, keys: list[str]) -> Path:
    """Return a new file in the same folder with these keys, readable by its owner alone."""
    beside = path.with_suffix(f".{os.getpid()}")
    beside.touch(mode=0o600)
    beside.write_text("".join(f"{key}\n" for key in keys), encoding="ascii")
    return beside
