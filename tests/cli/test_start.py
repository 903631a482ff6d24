"""What a start costs: each process loads what it uses, and nothing else."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from xtbang import config
from xtbang.config import ROOT, SettingError

PRINTING = {"weasyprint", "pydyf", "fontTools", "pikepdf", "pypdfium2", "zxingcpp", "segno", "PIL", "pyhanko"}
FILES = {"openpyxl", "docx", "icalendar", "boto3", "botocore", "tomlkit"}
RARE = {"zxcvbn", "alembic", "flask_migrate", "xtbang.demo"}
PAGES = {"sqlalchemy", "flask_security", "xtbang.models", "xtbang.web"}


def of_its_own(folder: Path) -> dict[str, str]:
    """The environment of an installation in that folder."""
    return os.environ | {"XTBANG_INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder}/x.db"}


@pytest.mark.parametrize(
    ("start", "absent"),
    [
        ("from xtbang import serving; serving.application()", PRINTING | FILES | RARE),
        ("import xtbang.cli", PRINTING | FILES | RARE | PAGES),
        ("import xtbang.commands.service", PRINTING | FILES | RARE | PAGES),
    ],
)
def test_a_start_loads_no_library_that_is_rarely_used(tmp_path: Path, start: str, absent: set[str]) -> None:
    command = f"{start}\nimport sys\nprint('loaded', *sys.modules)"
    environment = of_its_own(tmp_path)
    said = subprocess.check_output([sys.executable, "-c", command], cwd=ROOT, text=True, env=environment)
    loaded = set(said.split())
    assert "xtbang" in loaded
    assert loaded & absent == set()


UNUSABLE = [
    ({"DATABASE_URL": "mysql://x:geheim@y/z"}, "DATABASE_URL 不是数据库的地址"),
    ({"DATABASE_URL": "geheim"}, "DATABASE_URL 不是数据库的地址"),
    ({"XTBANG_INSTANCE": "/proc/nowhere"}, "数据文件夹 /proc/nowhere"),
    ({"XTBANG_SMTP_TLS": "yes"}, "XTBANG_SMTP_TLS 写的是 yes，只能是 1（是）或 0（否）"),
    ({"XTBANG_EMBEDDED_WORKER": "false"}, "XTBANG_EMBEDDED_WORKER 写的是 false"),
    ({"XTBANG_SMTP_PORT": "smtp"}, "XTBANG_SMTP_PORT 写的是 smtp"),
    ({"XTBANG_PROXY": "nginx"}, "XTBANG_PROXY 写的是 nginx，应为一个地址"),
    ({"XTBANG_LOG": "xml"}, "XTBANG_LOG 写的是 xml"),
]


@pytest.mark.parametrize(("setting", "said"), UNUSABLE)
def test_a_setting_that_cannot_be_meant_is_named_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: dict[str, str], said: str
) -> None:
    for name, value in ({"XTBANG_INSTANCE": str(tmp_path)} | setting).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError) as refused:
        config.load()
    assert said in refused.value.message and "geheim" not in refused.value.message


def test_an_address_in_use_is_named_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "xtbang.cli", "serve", "--port", str(taken.getsockname()[1])]
        environment = of_its_own(tmp_path)
        subprocess.run([sys.executable, "-m", "xtbang.cli", "setup"], cwd=ROOT, env=environment, check=True)
        done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 1 and "已被别的程序占用" in done.stderr and "Traceback" not in done.stderr


def test_a_server_whose_database_is_gone_does_not_start_on_an_empty_one(tmp_path: Path) -> None:
    environment = of_its_own(tmp_path)
    command = [sys.executable, "-m", "xtbang.cli", "serve", "--port", "0"]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=60)
    assert done.returncode == 1 and "xtbang restore" in done.stderr
