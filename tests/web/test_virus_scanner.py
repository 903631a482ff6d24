"""Where clamd is configured it judges every file; a real one is asked here, which knows one harmful file."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from hashlib import md5
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from tests.factories.site_projects import SiteProjectFactory
from tests.support.files import pdf
from tests.web.refusing import fields_of
from tests.web.visitors import count, objecting
from xtbang.health.checks import results
from xtbang.models import StoredFile
from xtbang.web.office import batch_receipts

CLAMD = shutil.which("clamd")
OBJECTION = {"name": "李明", "contact": "0731-55550000", "facts": "数据不实"}
PATIENCE = 30  # seconds until it answers
pytestmark = [
    pytest.mark.parametrize("app", ["sqlite"], indirect=True),
    pytest.mark.skipif(not CLAMD, reason="clamd is not installed (apt-get install clamav-daemon)"),
]


@pytest.fixture
def harmful() -> bytes:
    return pdf(66)


@pytest.fixture
def clamd(tmp_path: Path, harmful: bytes) -> Iterator[str]:
    """The address of a clamd whose only signature is that of the harmful file."""
    signatures, address = tmp_path / "signatures", str(tmp_path / "clamd.ctl")
    signatures.mkdir(0o755)
    digest = md5(harmful, usedforsecurity=False).hexdigest()
    (signatures / "own.hdb").write_text(f"{digest}:{len(harmful)}:Xtbang.Test\n")
    settings = tmp_path / "clamd.conf"
    settings.write_text(f"LocalSocket {address}\nDatabaseDirectory {signatures}\nForeground yes\n")
    assert CLAMD
    with subprocess.Popen([CLAMD, "-c", settings], stdout=subprocess.DEVNULL) as process:
        end = time.monotonic() + PATIENCE
        while not Path(address).exists() and time.monotonic() < end:
            time.sleep(0.1)
        yield address
        process.terminate()


def test_a_file_in_which_the_scanner_finds_something_is_refused_and_a_clean_one_is_taken(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient, clamd: str, harmful: bytes
) -> None:
    app.config["CLAMD"] = clamd
    url = objecting(factory)
    answer = client.post(url, data=OBJECTION | {"evidence": (BytesIO(harmful), "材料.pdf")})
    assert answer.status_code == 422
    assert "被查出恶意内容（Xtbang.Test.UNOFFICIAL），请换成没有问题的文件。" in answer.text
    named = select(StoredFile).where(StoredFile.name == "材料.pdf").subquery()
    assert count(factory, named) == 0
    assert client.post(url, data=OBJECTION | {"evidence": (BytesIO(pdf(99)), "材料.pdf")}).status_code == 302
    assert count(factory, named) == 1
    assert not next(one.troubles for one in results(app, ["virus_scanner"]))


def test_while_the_scanner_is_away_no_file_is_taken_and_none_is_lost(
    factory: SiteProjectFactory, app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    app.config["CLAMD"] = str(tmp_path / "nobody.ctl")
    url = objecting(factory)
    answer = client.post(url, data=OBJECTION | {"evidence": (BytesIO(pdf(99)), "材料.pdf")})
    assert answer.status_code == 422 and "现在不能查毒，没有收下；文件已保留" in answer.text
    [trouble] = next(one.troubles for one in results(app, ["virus_scanner"])) or ()
    assert "没有应答" in trouble.said
    app.config["CLAMD"] = ""
    again = fields_of(answer.text) | {"facts": OBJECTION["facts"]}
    assert client.post(url, data=again).status_code == 302


def test_a_table_that_is_read_and_not_stored_is_judged_too(
    factory: SiteProjectFactory, app: Flask, clamd: str, harmful: bytes, enter: Callable[[str], FlaskClient]
) -> None:
    app.config["CLAMD"] = clamd
    science = enter("science")
    answer = science.post("/imports/new", data={"year": "2021", "table": (BytesIO(harmful), "历年.xlsx")})
    assert answer.status_code == 422 and "表格被查出恶意内容（Xtbang.Test.UNOFFICIAL）" in answer.text
    with app.app_context():
        sent = FileStorage(BytesIO(harmful), "明细.xlsx")
        assert "被查出恶意内容" in batch_receipts.read(sent, [], {}).trouble
    app.config["CLAMD"] = clamd + ".nobody"
    answer = science.post("/imports/new", data={"year": "2021", "table": (BytesIO(harmful), "历年.xlsx")})
    assert "表格现在不能查毒，没有收下，请稍后再传。" in answer.text
