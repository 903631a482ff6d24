"""The folder of pending files: those of refused forms, each under a key of its own, deleted after a day."""

import os
import re
import secrets
import time
from collections.abc import Collection
from pathlib import Path

_KEY = re.compile(r"[0-9a-f]{32}")


class PendingFolder:
    """A folder of files to which only rows of ``pending_upload`` refer; equal contents are stored twice."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, content: bytes) -> str:
        """Store the content and return its key."""
        self.root.mkdir(parents=True, exist_ok=True)
        key = secrets.token_hex(16)
        path = self.root / key
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        return key

    def get(self, key: str) -> bytes:
        """Return the content. Raise FileNotFoundError when there is none."""
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        return (self.root / key).read_bytes()

    def delete(self, keys: Collection[str]) -> None:
        """Delete these files, as far as they exist."""
        for key in keys:
            (self.root / key).unlink(missing_ok=True)

    def delete_older(self, seconds: float) -> int:
        """Delete every file that was stored longer ago than that; return how many."""
        if not self.root.is_dir():
            return 0
        old = [path for path in self.root.iterdir() if path.stat().st_mtime < time.time() - seconds]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)
