"""The store of files: uploads and rendered papers under their SHA-256, written once, never changed."""

import hashlib
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Protocol

PROBE = b"xtbang\n"
ASIDE = ".new-"  # how the names of files begin that are not stored yet
PREFIX = "pending/"  # what is deleted after a day, in a bucket
# seconds for a bucket's answer: the usual five minutes would hold every thread while it is silent
WAITING: dict[str, Any] = {"connect_timeout": 3, "read_timeout": 10, "retries": {"total_max_attempts": 2}}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class Damaged(Exception):
    """The content stored under a digest no longer has it: the disk failed or the file was changed."""


class FileStore(Protocol):
    """A store of bytes under their SHA-256. A stored content is never overwritten; storing it again changes nothing.

    Nothing that was handed in or issued is deleted, only what was made to be downloaded.
    """

    def put(self, content: bytes) -> str:
        """Store the content and return its SHA-256; from then on it survives a crash."""

    def lay_aside(self, content: bytes) -> str:
        """Write the content where nothing finds it and return its key; from then on it survives a crash."""

    def take_in(self, key: str, sha256: str) -> None:
        """Store what was laid aside under its SHA-256, without writing it once more."""

    def drop(self, key: str) -> None:
        """Delete what was laid aside, unless it was taken in."""

    def get(self, sha256: str) -> bytes:
        """Return the content. Raise FileNotFoundError when there is none, Damaged when its digest is wrong."""

    def open(self, sha256: str) -> BinaryIO:
        """Return the content as a stream, digest not checked. Raise FileNotFoundError when there is none."""

    def exists(self, sha256: str) -> bool:
        """Return whether the content is stored."""

    def delete(self, sha256: str) -> None:
        """Delete a content to which no row refers any more, if it is there."""

    def probe(self) -> None:
        """Write a few bytes. Raise the error of the system, or of the library, when that fails."""


def store_from_config(config: Mapping[str, Any]) -> FileStore:
    """Return the bucket ``S3_BUCKET`` (at ``S3_ENDPOINT`` if it is not Amazon S3), else the folder ``FILES``."""
    if not config.get("S3_BUCKET"):
        return FolderStore(Path(config["FILES"]))
    import boto3  # only here: the import takes half a second
    from botocore.config import Config

    client = boto3.client("s3", endpoint_url=config.get("S3_ENDPOINT") or None, config=Config(**WAITING))
    return S3Store(config["S3_BUCKET"], client)


class FolderStore:
    """A store in a folder: ``ab/cd/abcd…``."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, content: bytes) -> str:
        """Store the content and return its SHA-256; from then on it survives a crash."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.exists(digest):
            key = self.lay_aside(content)
            try:
                self.take_in(key, digest)
            finally:
                self.drop(key)
        return digest

    def lay_aside(self, content: bytes) -> str:
        """Write the content where nothing finds it and return its key; from then on it survives a crash."""
        self.root.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=ASIDE, dir=self.root)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o400)
                os.fsync(file.fileno())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Path(name).name

    def take_in(self, key: str, sha256: str) -> None:
        """Store what was laid aside under its SHA-256, without writing it once more."""
        path = self._path(sha256)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.replace(self.root / key, path)  # if another process was faster, the content is the same
        for folder in (path.parent, path.parent.parent, self.root):
            _sync(folder)

    def drop(self, key: str) -> None:
        """Delete what was laid aside, unless it was taken in."""
        (self.root / key).unlink(missing_ok=True)

    def get(self, sha256: str) -> bytes:
        """Return the content. Raise FileNotFoundError when there is none, Damaged when its digest is wrong."""
        return _checked(sha256, self._path(sha256).read_bytes())

    def open(self, sha256: str) -> BinaryIO:
        """Return the content as a stream, digest not checked. Raise FileNotFoundError when there is none."""
        return self._path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        """Return whether the content is stored."""
        return self._path(sha256).is_file()

    def delete(self, sha256: str) -> None:
        """Delete a content to which no row refers any more, if it is there."""
        self._path(sha256).unlink(missing_ok=True)

    def probe(self) -> None:
        """Write a file that is deleted at once. Raise OSError when that fails."""
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=ASIDE, dir=self.root) as file:
            file.write(PROBE)
            file.flush()

    def _path(self, sha256: str) -> Path:
        return self.root / _key(sha256)


class S3Store:
    """A store in a bucket of S3 or a compatible service."""

    def __init__(self, bucket: str, client: Any) -> None:
        self.bucket = bucket
        self.client = client

    def put(self, content: bytes) -> str:
        """Store the content and return its SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        if not self.exists(digest):
            self.client.put_object(Bucket=self.bucket, Key=_key(digest), Body=content, ChecksumAlgorithm="SHA256")
        return digest

    def lay_aside(self, content: bytes) -> str:
        """Write the content among the pending files, which are deleted after a day, and return its key."""
        key = PREFIX + secrets.token_hex(16)
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content, ChecksumAlgorithm="SHA256")
        return key

    def take_in(self, key: str, sha256: str) -> None:
        """Store what was laid aside under its SHA-256; the bucket copies it."""
        self.client.copy_object(
            Bucket=self.bucket,
            Key=_key(sha256),
            CopySource={"Bucket": self.bucket, "Key": key},
            ChecksumAlgorithm="SHA256",
        )

    def drop(self, key: str) -> None:
        """Delete what was laid aside; also what was taken in, which is a copy."""
        self.client.delete_object(Bucket=self.bucket, Key=key)

    def get(self, sha256: str) -> bytes:
        """Return the content. Raise FileNotFoundError when there is none, Damaged when its digest is wrong."""
        return _checked(sha256, self._object(sha256)["Body"].read())

    def open(self, sha256: str) -> BinaryIO:
        """Return the content as a stream, digest not checked. Raise FileNotFoundError when there is none."""
        return BytesIO(self._object(sha256)["Body"].read())

    def exists(self, sha256: str) -> bool:
        """Return whether the content is stored."""
        try:
            self.client.head_object(Bucket=self.bucket, Key=_key(sha256))
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return False
            raise
        return True

    def delete(self, sha256: str) -> None:
        """Delete a content to which no row refers any more, if it is there."""
        self.client.delete_object(Bucket=self.bucket, Key=_key(sha256))

    def probe(self) -> None:
        """Write an object of a few bytes. Raise the error of the library when that fails."""
        self.client.put_object(Bucket=self.bucket, Key="probe", Body=PROBE)

    def _object(self, sha256: str) -> Any:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=_key(sha256))
        except self.client.exceptions.NoSuchKey:
            raise FileNotFoundError(sha256) from None


class Arrival:
    """A content on its way into a store: written out before a lock is taken, and under the lock only named."""

    def __init__(self, store: FileStore, sha256: str, read: Callable[[], bytes]) -> None:
        """Take note of a content and of the function that returns it."""
        self.store, self.sha256, self.read = store, sha256, read
        self.key, self.stored = "", False

    def prepare(self) -> None:
        """Write the content out, unless it is stored already."""
        self.stored = self.store.exists(self.sha256)
        if not self.stored:
            self.key = self.store.lay_aside(self.read())

    def put(self) -> None:
        """Store what was prepared; the second time there is nothing to do."""
        if not self.stored:
            self.store.take_in(self.key, self.sha256)
            self.stored = True

    def drop(self) -> None:
        """Delete what was written out, unless it was stored."""
        if self.key:
            self.store.drop(self.key)
            self.key = ""


class RecentFiles:
    """A cache of the files read last, whose digests have been checked.

    This saves 10 % of the processor time of sending a paper of 80 KB from a folder, and a request over the network from
    a bucket.
    """

    def __init__(self, store: FileStore, limit: int) -> None:
        """Keep at most ``limit`` bytes in all; a file larger than a quarter of that is not cached."""
        self.store = store
        self.limit = limit
        self.size = 0
        self.contents: dict[str, bytes] = {}  # in order of last use
        self._lock = Lock()

    def get(self, sha256: str) -> bytes:
        """Return the content from the cache or the store. Raise the errors of ``FileStore.get``."""
        with self._lock:
            content = self.contents.pop(sha256, None)
            if content is not None:
                self.contents[sha256] = content
                return content
        content = self.store.get(sha256)
        if len(content) <= self.limit // 4:
            with self._lock:
                self.size += len(content) if sha256 not in self.contents else 0
                self.contents[sha256] = content
                while self.size > self.limit:
                    self.size -= len(self.contents.pop(next(iter(self.contents))))
        return content


def _key(sha256: str) -> str:
    if not _DIGEST.fullmatch(sha256):
        raise FileNotFoundError(sha256)
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _checked(sha256: str, content: bytes) -> bytes:
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Damaged(sha256)
    return content


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
