"""The store of files: uploads and rendered papers by their SHA-256, written once, never changed."""

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Protocol

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Damaged(Exception):
    """What is kept under a digest has another one: the disk or somebody changed it."""


class FileStore(Protocol):
    """Bytes in, their SHA-256 out. What is stored is never overwritten; storing it again changes nothing."""

    def put(self, content: bytes) -> str:
        """Keep the content; when this returns it survives a crash."""

    def get(self, sha256: str) -> bytes:
        """The content; FileNotFoundError when there is none, Damaged when it is not what was stored."""

    def open(self, sha256: str) -> BinaryIO:
        """The content as a stream to send, its digest not checked again; FileNotFoundError when there is none."""

    def exists(self, sha256: str) -> bool:
        """Whether it is kept."""


def store_from_config(config: Mapping[str, Any]) -> FileStore:
    """The bucket ``S3_BUCKET`` (of ``S3_ENDPOINT`` when it is not Amazon's), else the folder ``FILES``."""
    if not config.get("S3_BUCKET"):
        return FolderStore(Path(config["FILES"]))
    import boto3  # only here: half a second that a folder does not need

    client = boto3.client("s3", endpoint_url=config.get("S3_ENDPOINT") or None)
    return S3Store(config["S3_BUCKET"], client)


class FolderStore:
    """Files under a folder, ``ab/cd/abcd…``."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o440)
                os.fsync(file.fileno())
            os.replace(name, path)  # the same content, should another process have been faster
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        for folder in (path.parent, path.parent.parent, self.root):
            _sync(folder)
        return digest

    def get(self, sha256: str) -> bytes:
        return _checked(sha256, self._path(sha256).read_bytes())

    def open(self, sha256: str) -> BinaryIO:
        return self._path(sha256).open("rb")

    def exists(self, sha256: str) -> bool:
        return self._path(sha256).is_file()

    def _path(self, sha256: str) -> Path:
        return self.root / _key(sha256)


class S3Store:
    """The same in a bucket of S3 or of anything that speaks it."""

    def __init__(self, bucket: str, client: Any) -> None:
        self.bucket = bucket
        self.client = client

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        if not self.exists(digest):
            self.client.put_object(Bucket=self.bucket, Key=_key(digest), Body=content, ChecksumAlgorithm="SHA256")
        return digest

    def get(self, sha256: str) -> bytes:
        return _checked(sha256, self._object(sha256)["Body"].read())

    def open(self, sha256: str) -> BinaryIO:
        return BytesIO(self._object(sha256)["Body"].read())

    def exists(self, sha256: str) -> bool:
        try:
            self.client.head_object(Bucket=self.bucket, Key=_key(sha256))
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey", "NotFound"):
                return False
            raise
        return True

    def _object(self, sha256: str) -> Any:
        try:
            return self.client.get_object(Bucket=self.bucket, Key=_key(sha256))
        except self.client.exceptions.NoSuchKey:
            raise FileNotFoundError(sha256) from None


class Recent:
    """What was read lately, kept in memory as it was when its digest was checked.

    This saves 10 % of the processor time of sending a paper of 80 KB from a folder, and a request over the network from a bucket.
    """

    def __init__(self, store: FileStore, most: int) -> None:
        """``most``: how many bytes are kept in all; what is larger than a quarter of it is not."""
        self.store = store
        self.most = most
        self.size = 0
        self.kept: dict[str, bytes] = {}  # what was asked for last comes last
        self._lock = Lock()

    def get(self, sha256: str) -> bytes:
        """As ``FileStore.get``, which is asked for what is not kept."""
        with self._lock:
            content = self.kept.pop(sha256, None)
            if content is not None:
                self.kept[sha256] = content
                return content
        content = self.store.get(sha256)
        if len(content) <= self.most // 4:
            with self._lock:
                self.size += len(content) if sha256 not in self.kept else 0
                self.kept[sha256] = content
                while self.size > self.most:
                    self.size -= len(self.kept.pop(next(iter(self.kept))))
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
