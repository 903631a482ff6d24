"""What a start costs: each process loads what it uses, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from xtbang.config import ROOT

PRINTING = {"weasyprint", "pydyf", "fontTools", "pikepdf", "pypdfium2", "zxingcpp", "segno", "PIL", "pyhanko"}
FILES = {"openpyxl", "docx", "icalendar", "boto3", "botocore", "tomlkit"}
RARE = {"zxcvbn", "alembic", "flask_migrate", "xtbang.demo"}
PAGES = {"sqlalchemy", "flask_security", "xtbang.models", "xtbang.web"}


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
    environment = os.environ | {"XTBANG_INSTANCE": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/x.db"}
    said = subprocess.check_output([sys.executable, "-c", command], cwd=ROOT, text=True, env=environment)
    loaded = set(said.split())
    assert "xtbang" in loaded
    assert loaded & absent == set()
