"""The store: by digest, written once, whole or not at all, on a disk or in a bucket."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from xtbang.papers.pending import pending_beside
from xtbang.papers.store import Arrival, Damaged, FileStore, FolderStore, RecentFiles, S3Store, store_from_config

CONTENT = "盖章扫描件".encode() * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileStore]:
    if request.param == "folder":
        yield store_from_config({"FILES": str(tmp_path / "files"), "S3_BUCKET": ""})
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket="papers")
        made = store_from_config({"S3_BUCKET": "papers", "S3_ENDPOINT": None, "FILES": ""})
        assert isinstance(made, S3Store)
        yield made


def test_what_is_put_comes_back(store: FileStore) -> None:
    store.probe()
    assert not store.exists(DIGEST)
    assert store.put(CONTENT) == DIGEST
    assert store.exists(DIGEST)
    assert store.get(DIGEST) == CONTENT
    with store.open(DIGEST) as file:
        assert file.read() == CONTENT
    assert store.put(CONTENT) == DIGEST
    assert store.put(b"") == hashlib.sha256(b"").hexdigest()
    assert store.get(hashlib.sha256(b"").hexdigest()) == b""


@pytest.mark.parametrize("digest", ["0" * 64, "", "../../etc/passwd", "A" * 64, DIGEST + "\n"])
def test_what_was_not_put_is_not_found(store: FileStore, digest: str) -> None:
    store.put(CONTENT)
    with pytest.raises(FileNotFoundError):
        store.get(digest)
    with pytest.raises(FileNotFoundError):
        store.open(digest)


def test_changed_content_is_noticed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(CONTENT)
    [path] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert path == tmp_path / DIGEST[:2] / DIGEST[2:4] / DIGEST
    path.chmod(0o640)
    path.write_bytes(CONTENT + b"!")
    with pytest.raises(Damaged):
        store.get(DIGEST)


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put(CONTENT)
    path = tmp_path / DIGEST[:2] / DIGEST[2:4] / DIGEST
    before = path.stat()
    store.put(CONTENT)
    assert path.stat().st_ino == before.st_ino
    assert before.st_mode & 0o777 == 0o400


def test_a_crash_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStore(tmp_path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space"):
        patched.setattr(os, "fsync", full)
        store.put(CONTENT)
    assert not store.exists(DIGEST)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert store.put(CONTENT) == DIGEST


def test_many_at_once(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    contents = [bytes([number]) * 5000 for number in range(10)]
    with ThreadPoolExecutor(8) as pool:
        digests = list(pool.map(store.put, contents * 8))
    assert sorted(set(digests)) == sorted(hashlib.sha256(content).hexdigest() for content in contents)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == set(digests)
    assert all(store.get(hashlib.sha256(content).hexdigest()) == content for content in contents)


def test_what_was_read_lately_is_not_read_again(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    recent = RecentFiles(store, 4000)
    digests = [store.put(bytes([number]) * 1000) for number in range(5)]
    large = store.put(bytes(1001))
    read: list[str] = []
    get = store.get
    monkeypatch.setattr(store, "get", lambda sha256: read.append(sha256) or get(sha256))
    for digest in digests[:4] + digests[:1] + digests[4:]:  # the fifth takes the place of the second
        assert recent.get(digest) == get(digest)
    assert read == digests
    assert digests[0] in recent.contents and digests[1] not in recent.contents
    assert sum(map(len, recent.contents.values())) == recent.size == 4000
    for _ in range(2):
        assert recent.get(large) == bytes(1001)
    assert read == [*digests, large, large]


def test_what_is_damaged_is_not_remembered(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    path = tmp_path / DIGEST[:2] / DIGEST[2:4] / DIGEST
    store.put(CONTENT)
    path.chmod(0o640)
    path.write_bytes(CONTENT + b"!")
    recent = RecentFiles(store, 10 * len(CONTENT))
    for _ in range(2):
        with pytest.raises(Damaged):
            recent.get(DIGEST)
    path.write_bytes(CONTENT)
    assert recent.get(DIGEST) == CONTENT
    with pytest.raises(FileNotFoundError):
        recent.get("0" * 64)


def test_files_of_refused_forms_are_kept_beside_the_stored_ones_until_they_are_old(
    store: FileStore, tmp_path: Path
) -> None:
    """In a bucket every server finds them; on either side a key that was never given out opens nothing."""
    one, other = (pending_beside(store, tmp_path) for _server in range(2))
    key = one.put(CONTENT)
    assert other.get(key) == CONTENT and key != one.put(CONTENT)
    for wrong in ("0" * 32, "../" * 10, key.upper() if key.upper() != key else "x"):
        with pytest.raises(FileNotFoundError):
            one.get(wrong)
    assert one.delete_older(3600) == 0
    other.delete([key, "0" * 32])
    with pytest.raises(FileNotFoundError):
        one.get(key)
    assert one.delete_older(-3600) == 1


def arriving(store: FileStore, content: bytes) -> Arrival:
    return Arrival(store, hashlib.sha256(content).hexdigest(), lambda: content)


def test_what_is_laid_aside_is_there_once_it_is_taken_in_and_nothing_is_left_of_what_is_not(
    store: FileStore, tmp_path: Path
) -> None:
    pending = pending_beside(store, tmp_path)
    for outcome in ("taken in", "dropped"):
        arrival = arriving(store, content := CONTENT + outcome.encode())
        arrival.prepare()
        assert not store.exists(arrival.sha256)
        if outcome == "taken in":
            arrival.put()
            arrival.put()  # a transaction that is tried again
        arrival.drop()
        assert store.exists(arrival.sha256) == (outcome == "taken in")
        assert outcome == "dropped" or store.get(arrival.sha256) == content
        assert pending.delete_older(-1) == 0
    store.lay_aside(CONTENT)  # and then the power fails
    assert pending.delete_older(3600) == 0 and pending.delete_older(-1) == 1


def test_only_a_name_is_given_under_a_lock(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    arrival = arriving(store, CONTENT)
    arrival.prepare()
    monkeypatch.setattr(type(store), "lay_aside", None)
    monkeypatch.setattr(type(store), "put", None)
    arrival.put()
    assert store.get(DIGEST) == CONTENT
    again = arriving(store, CONTENT)
    again.prepare()
    again.put()
