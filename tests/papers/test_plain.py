"""Every paper as WeasyPrint prints it without our patches, as it would after an update that they do not know."""

import os
import subprocess
import sys

import pytest

from tests.papers.conftest import ROOT

TESTS = ("test_render.py", "test_every_paper.py::test_every_paper_bears_the_marks_of_pdf_a")


@pytest.mark.faults
def test_papers_print_without_the_patches() -> None:
    """Ragged lines and fewer tags, but whole, within PDF/A, and equal bytes for equal facts."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(f"tests/papers/{name}" for name in TESTS)],
        cwd=ROOT, env=environment | {"XTBANG_PLAIN_WEASYPRINT": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "缺项 0 份" in done.stderr
