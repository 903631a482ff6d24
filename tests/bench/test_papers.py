"""Papers beside other ways to the same PDF: `make bench`; no time is asserted.

Each other way has a process of its own, kept warm, without anything of ours: WeasyPrint as its manual says, Chromium
printing the same page, LibreOffice (where it is installed) turning the same text from .docx.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import sync_playwright

from tests.bench.measure import Table, fastest
from tests.papers import worst
from tests.papers.conftest import META, ROOT, definition, filled
from xtbang.papers.fonts import FOLDER
from xtbang.papers.forms import form_html, form_pdf
from xtbang.papers.render import TEMPLATES, render_html
from xtbang.papers.rendering import pdf_from

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PLAIN = """
import sys, weasyprint
html = open(sys.argv[1], encoding="utf-8").read()
for _ in sys.stdin:
    weasyprint.HTML(string=html, base_url=sys.argv[2]).write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True)
    print("done", flush=True)
"""
FIRST = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from xtbang.papers.forms import form_pdf
from xtbang.papers.meta import PaperMeta
from xtbang.rules.forms import CHECKS, COMPUTATIONS
from xtbang.workflow.forms import load_form
form = load_form(Path("workflows/forms/tech_demand_2021.toml"), CHECKS, COMPUTATIONS)
values = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
meta = PaperMeta("附件1", "XTJB-2024-0001", 1, datetime(2024, 9, 12, tzinfo=UTC), "7K3M-Q2XW-9DRT-4HB5", "http://localhost/verify/x")
assert form_pdf(form, values, meta=meta)
"""
MANY = """
import sys
from random import Random
from tests.bench.test_papers import random_form
from tests.papers.conftest import META, definition
from xtbang.papers.forms import form_pdf
def resident():
    return int(open("/proc/self/statm").read().split()[1])
chance, form, sizes = Random(1), definition("tech_demand_2021"), []
for number in range(int(sys.argv[1])):
    form_pdf(form, random_form(chance), meta=META)
    sizes.append(resident())
print(sizes[49], sizes[-1])
"""
Work = Callable[[], Any]
LONGEST = 120  # characters of a text in the contract


def random_form(chance: Random) -> dict[str, Any]:
    """附件1 with texts of any length from the common Chinese characters."""
    values = filled("tech_demand_2021")
    for key, value in values.items():
        if isinstance(value, str) and len(value) > 100:
            size = chance.randint(1, len(value))
            values[key] = "".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(size))
    return values


def contract_facts() -> dict[str, Any]:
    """A contract of about ten pages."""

    def shorter(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shorter(item) for key, item in value.items()}
        if isinstance(value, list):
            return [shorter(item) for item in value]
        return value[:LONGEST] if isinstance(value, str) else value

    facts: dict[str, Any] = shorter(worst.papers()["contract"])
    facts["parties"] = [party for party in facts["parties"] if not party["key"].startswith("member")]
    facts["project"]["members"] = []
    for name in ("indicators", "team", "milestones"):
        facts[name] = facts[name][:5]
    return facts


@pytest.fixture(scope="module")
def cases() -> dict[str, tuple[str, Work]]:
    """Name → the page that is printed, and our way of printing it."""
    form, values, facts = definition("tech_demand_2021"), filled("tech_demand_2021"), contract_facts()
    contract = pdf_from("contract", facts, meta=META, editions=worst.editions())
    pages = len(pypdfium2.PdfDocument(contract))
    return {
        "附件1, full": (form_html(form, values, meta=META, watermark=False), lambda: form_pdf(form, values, meta=META)),
        f"contract, {pages} pages": (
            render_html("contract.html", {"facts": facts}, meta=META, watermark=False),
            lambda: pdf_from("contract", facts, meta=META, editions=worst.editions()),
        ),
    }


def whole(html: str) -> str:
    """The page with its style sheet in it."""
    sheet = (TEMPLATES / "paper.css").read_text(encoding="utf-8")
    return html.replace("</head>", f"<style>{sheet}</style></head>")


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Callable[[str], Work]]:
    """WeasyPrint's default API in a process that has never heard of ours, with the same fonts."""
    running = []

    def start(html: str) -> Work:
        page = tmp_path / f"plain-{len(running)}.html"
        page.write_text(whole(html), encoding="utf-8")
        environment = os.environ | {"FONTCONFIG_FILE": str(FOLDER / "fonts.conf")}
        command = [sys.executable, "-W", "ignore", "-c", PLAIN, str(page), f"{FOLDER}/"]
        process = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, env=environment, text=True)
        running.append(process)
        ask, answer = process.stdin, process.stdout
        assert ask and answer

        def once() -> None:
            ask.write("go\n")
            ask.flush()
            assert answer.readline() == "done\n"

        return once

    yield start
    for process in running:
        process.communicate()


def test_form_and_contract(
    table: Table, cases: dict[str, tuple[str, Work]], plain: Callable[[str], Work], tmp_path: Path
) -> None:
    goals = {"附": (0.6, 0.7, 0.15), "c": (0.75, 1.0, 0.15)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page()
        for number, (name, (html, ours)) in enumerate(cases.items()):
            file = tmp_path / f"{number}.html"
            file.write_text(whole(html).replace("<head>", f'<head><base href="file://{FOLDER}/">'), encoding="utf-8")

            def chromium(file: Path = file) -> None:
                page.goto(f"file://{file}")
                page.pdf()

            works = [ours, plain(html), chromium, *libreoffice(file, tmp_path)]
            mine, *others = fastest(5, *works, clock=time.perf_counter)
            for way, theirs, goal in zip(
                ("WeasyPrint", "Chromium", "LibreOffice"), others, goals[name[0]], strict=False
            ):
                table.add(f"d) {name} / {way}", mine, theirs, goal)
        browser.close()
    if not shutil.which("soffice"):
        table.lines.append("d) LibreOffice is not installed here: not compared")


def libreoffice(html: Path, folder: Path) -> list[Work]:
    """The way from .docx; nothing where it is not installed."""
    office = shutil.which("soffice")
    if not office:
        return []
    home = f"-env:UserInstallation=file://{folder}/office"
    command = [office, home, "--headless", "--infilter=HTML (StarWriter)", "--convert-to"]
    subprocess.run([*command, "docx:MS Word 2007 XML", "--outdir", str(folder), str(html)], check=True)
    command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]

    def convert() -> None:
        subprocess.run([*command, str(html.with_suffix(".docx"))], check=True, stdout=subprocess.DEVNULL)

    return [convert]


def test_first_paper(table: Table, tmp_path: Path) -> None:
    """A new process up to its first paper, imports and all, beside one that only imports WeasyPrint."""
    values = tmp_path / "values.json"
    values.write_text(json.dumps(filled("tech_demand_2021"), ensure_ascii=False), encoding="utf-8")

    def run(program: str) -> Work:
        return lambda: subprocess.run([sys.executable, "-c", program, str(values)], cwd=ROOT, check=True)

    ours, bare = fastest(3, run(FIRST), run("import weasyprint"), clock=time.perf_counter)
    table.add(f"e) first paper of a process: {ours:.2f} s", ours, bare, 1, measured=ours)


def test_memory(table: Table) -> None:
    """The same form five hundred times with other texts: what a process holds after 50 and after 500 papers."""
    done = subprocess.run([sys.executable, "-c", MANY, "500"], cwd=ROOT, check=True, capture_output=True, text=True)
    early, late = (int(pages) * 4 / 1024 for pages in done.stdout.split())
    verdict = "ok" if abs(late / early - 1) <= 0.1 else "over"
    table.lines.append(
        f"f) memory after 50 and 500 papers: {early:.0f} and {late:.0f} MB, {late / early:.2f}  {verdict}"
    )
