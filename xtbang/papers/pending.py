"""Pending files: those of refused forms, each under a key of its own, deleted after a day."""

import os
import re
import secrets
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from xtbang.papers.store import ASIDE, PREFIX, FileStore, FolderStore, S3Store

_KEY = re.compile(r"[0-9a-f]{32}")


class PendingFiles(Protocol):
    """A place of files to which only rows of ``pending_upload`` refer."""

    def put(self, content: bytes) -> str:
        """Store the content and return its key."""

    def get(self, key: str) -> bytes:
        """Return the content. Raise FileNotFoundError when there is none."""

    def delete(self, keys: Collection[str]) -> None:
        """Delete these files, as far as they exist."""

    def delete_older(self, seconds: float) -> int:
        """Delete every file that was stored longer ago than that; return how many."""


def pending_beside(store: FileStore, instance: Path) -> PendingFiles:
    """Return the place for pending files: the store's bucket, which all servers share, else a folder of the instance."""
    if isinstance(store, S3Store):
        return PendingBucket(store.bucket, store.client)
    return PendingFolder(instance / "pending", store.root if isinstance(store, FolderStore) else None)


class PendingFolder:
    """A folder of files to which only rows of ``pending_upload`` refer; equal contents are stored twice."""

    def __init__(self, root: Path, store: Path | None = None) -> None:
        """Keep files in a folder; ``store`` is that of stored files, where a crash leaves what was only laid aside."""
        self.root, self.store = Path(root), store

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
        aside = self.store.glob(f"{ASIDE}*") if self.store else ()
        old = [path for path in (*self.root.glob("*"), *aside) if path.stat().st_mtime < time.time() - seconds]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


class PendingBucket:
    """Pending files in a bucket, under ``pending/``."""

    def __init__(self, bucket: str, client: Any) -> None:
        self.bucket = bucket
        self.client = client

    def put(self, content: bytes) -> str:
        """Store the content and return its key."""
        key = secrets.token_hex(16)
        self.client.put_object(Bucket=self.bucket, Key=PREFIX + key, Body=content)
        return key

    def get(self, key: str) -> bytes:
        """Return the content. Raise FileNotFoundError when there is none."""
        if not _KEY.fullmatch(key):
            raise FileNotFoundError(key)
        try:
            content: bytes = self.client.get_object(Bucket=self.bucket, Key=PREFIX + key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            raise FileNotFoundError(key) from None
        return content

    def delete(self, keys: Collection[str]) -> None:
        """Delete these files, as far as they exist."""
        for key in keys:
            self.client.delete_object(Bucket=self.bucket, Key=PREFIX + key)

    def delete_older(self, seconds: float) -> int:
        """Delete every file that was stored longer ago than that; return how many."""
        before = datetime.now(UTC) - timedelta(seconds=seconds)
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=PREFIX)
        found = [each for page in pages for each in page.get("Contents", ())]
        old = [each["Key"].removeprefix(PREFIX) for each in found if each["LastModified"] < before]
        self.delete(old)
        return len(old)
