"""The bucket is away, or silent: uploads are told so, pages go on, and nothing has to be restarted."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Thread

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.faults.installation import Installation
from tests.faults.test_disk_full import scan_of_noise
from tests.support.serving import free_port
from tests.support.visitor import Visitor

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(600),
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
]
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}
LONGEST = 60.0  # seconds until an upload is told that the bucket is silent


@contextmanager
def bucket(port: int) -> Iterator[None]:
    """A server of buckets; what is in them outlives it."""
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    try:
        yield
    finally:
        server.stop()


@contextmanager
def silence(port: int) -> Iterator[None]:
    """A server that accepts everybody and says nothing."""
    held: list[socket.socket] = []
    door = socket.create_server(("127.0.0.1", port), reuse_port=True)

    def accept() -> None:
        with suppress(OSError):
            while True:
                held.append(door.accept()[0])

    thread = Thread(target=accept)
    thread.start()
    try:
        yield
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join()
        for one in held:
            one.close()


def test_uploads_are_told_and_pages_go_on(installation: Installation, say: Callable[[str], None]) -> None:
    port = free_port()
    there = {"XTBANG_S3_BUCKET": "files", "XTBANG_S3_ENDPOINT": f"http://127.0.0.1:{port}"}
    installation.settings |= there | KEYS
    with bucket(port):
        client = boto3.client(
            "s3",
            endpoint_url=there["XTBANG_S3_ENDPOINT"],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            region_name="us-east-1",
        )
        client.create_bucket(Bucket="files")
        for path in (installation.folder / "files").glob("??/??/*"):
            client.put_object(
                Bucket="files", Key=str(path.relative_to(installation.folder / "files")), Body=path.read_bytes()
            )
        server = installation.server(XTBANG_EMBEDDED_WORKER="0")
        applicant, visitor = installation.visitor(server, "rival"), Visitor(server.port)
        page = installation.page("draft", "/actions/upload_scan")
        form = applicant.with_file(page, "scan", scan_of_noise(), confirmed="1")
        assert visitor.get("/readyz").status == 200
    answer = applicant.told(form)
    assert answer.status == 503 and "文件存储现在连接不上" in answer.text, answer
    assert [applicant.get(path).status for path in ("/", "/board", "/desk", installation.page("draft", "form"))] == [
        200
    ] * 4
    with silence(port), ThreadPoolExecutor(1) as pool:
        began, took = time.monotonic(), []
        upload = pool.submit(applicant.told, form)
        while not upload.done():
            asked = time.monotonic()
            assert visitor.get("/board").status == 200
            took.append(time.monotonic() - asked)
            time.sleep(0.1)
        silent = time.monotonic() - began
        assert "文件存储现在连接不上" in upload.result().text and silent < LONGEST
    with bucket(port):
        began = time.monotonic()
        again = applicant.told(form)
        assert again.status == 200 and "连接不上" not in again.text
        well = time.monotonic() - began
        server.stop()
    installation.check()
    say(
        f"told after {silent:.0f} s of silence, slowest page meanwhile {max(took):.2f} s; well again after {well:.1f} s"
    )
