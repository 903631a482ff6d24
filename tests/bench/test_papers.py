"""Papers beside other ways to the same PDF: `make bench`; no time is asserted.

Each other way has a process of its own, kept warm, without anything of ours: WeasyPrint as its manual says, Chromium
printing the same page tagged and with bookmarks, LibreOffice (where it is installed) turning the same text from .docx.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pypdfium2
import pytest
from playwright.sync_api import sync_playwright

from tests.bench.measure import Table, average
from tests.papers import issued
from tests.papers.conftest import META, ROOT, definition, filled
from tests.support.words import text
from xtbang.papers.pdf.fonts import FOLDER
from xtbang.papers.pdf.form_layout import form_html, form_pdf
from xtbang.papers.pdf.issued import pdf_from
from xtbang.papers.pdf.render import TEMPLATES, render_html
from xtbang.rules.fields import FieldKind

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PLAIN = """
import sys, weasyprint
for line in sys.stdin:
    html = open(line.strip(), encoding="utf-8").read()
    weasyprint.HTML(string=html, base_url=sys.argv[1]).write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True)
    print("done", flush=True)
"""
BARE_FIRST = """
import sys, weasyprint
html = open(sys.argv[1], encoding="utf-8").read()
assert weasyprint.HTML(string=html, base_url=sys.argv[2]).write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True)
"""
FIRST = """
import json, sys
from datetime import UTC, datetime
from pathlib import Path
from xtbang.papers.pdf.form_layout import form_pdf
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.rules.forms import CHECKS, COMPUTATIONS
from xtbang.workflow.form_reader import load_form
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
from xtbang.papers.pdf.form_layout import form_pdf
def resident():
    return int(open("/proc/self/statm").read().split()[1])
chance, form, sizes = Random(1), definition("tech_demand_2021"), []
for number in range(int(sys.argv[1])):
    form_pdf(form, random_form(chance), meta=META)
    sizes.append(resident())
print(sizes[49], sizes[-1])
"""
Work = Callable[[], Any]
VARIANTS = 3  # of each paper, other words in each: nothing is printed twice in a row


def random_form(chance: Random) -> dict[str, Any]:
    """附件1 with texts of any length from the common Chinese characters."""
    values = filled("tech_demand_2021")
    for key, value in values.items():
        if isinstance(value, str) and len(value) > 100:
            size = chance.randint(1, len(value))
            values[key] = "".join(chr(chance.randint(0x4E00, 0x9FA5)) for _ in range(size))
    return values


def contract_facts(number: int) -> dict[str, Any]:
    """A contract as a project brought it, of ten pages."""
    row = next(row for row in issued.rows("closed") if row.name == "contract")
    words = {"goals": text(500, number), "route": text(1500, number + 1), "results": text(300, number + 2)}
    return dict(row.data) | words


def variants() -> Iterator[tuple[str, str, Work, float, float]]:
    """Name, page, our way of printing it, and what is to be reached beside WeasyPrint and beside Chromium."""
    form = definition("tech_demand_2021")
    for number in range(VARIANTS):
        values = filled("tech_demand_2021") | {
            field.key: text(field.limit, number)
            for field in form.fields
            if field.kind is FieldKind.LONG and field.limit
        }
        html = form_html(form, values, meta=META, watermark=False)
        yield "附件1, full", html, partial(form_pdf, form, values, meta=META), 0.55, 0.7
    for number in range(VARIANTS):
        facts = contract_facts(number)
        contract = partial(pdf_from, "contract", facts, meta=META, policy=issued.policy())
        pages = len(pypdfium2.PdfDocument(contract()))
        html = render_html("contract.html", {"facts": facts, "city": issued.policy().city}, meta=META, watermark=False)
        yield f"contract, {pages} pages", html, contract, 0.75, 1.0


def whole(html: str) -> str:
    """The page with its style sheet in it."""
    sheet = (TEMPLATES / "paper.css").read_text(encoding="utf-8")
    return html.replace("</head>", f"<style>{sheet}</style></head>")


def ours_only() -> dict[str, str]:
    """The environment of a program that knows our fonts and no others."""
    return dict(os.environ, FONTCONFIG_FILE=str(FOLDER / "fonts.conf"))


@pytest.fixture
def plain() -> Iterator[Callable[[Path], None]]:
    """WeasyPrint's default API in a process that has never heard of ours, with the same fonts."""
    command = [sys.executable, "-W", "ignore", "-c", PLAIN, f"{FOLDER}/"]
    process = subprocess.Popen(command, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, env=ours_only(), text=True)
    ask, answer = process.stdin, process.stdout
    assert ask and answer

    def once(page: Path) -> None:
        ask.write(f"{page}\n")
        ask.flush()
        assert answer.readline() == "done\n"

    yield once
    process.communicate()


def test_form_and_contract(table: Table, plain: Callable[[Path], None], tmp_path: Path) -> None:
    papers: dict[str, list[tuple[Path, Path, Work]]] = {}
    goals: dict[str, list[float | None]] = {}
    for number, (name, html, ours, *goal) in enumerate(variants()):
        file, based = tmp_path / f"{number}.html", tmp_path / f"{number}-based.html"
        file.write_text(whole(html), encoding="utf-8")
        based.write_text(whole(html).replace("<head>", f'<head><base href="file://{FOLDER}/">'), encoding="utf-8")
        papers.setdefault(name, []).append((file, based, ours))
        goals[name] = [*goal, 0.15 if name.startswith("附件") else None]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS, env=ours_only())
        page = browser.new_page()

        def chromium(file: Path) -> None:
            page.goto(f"file://{file}")
            page.pdf(tagged=True, outline=True)

        for name, cases in papers.items():
            works: list[Work] = [
                lambda cases=cases: [ours() for _, _, ours in cases],
                lambda cases=cases: [plain(file) for file, _, _ in cases],
                lambda cases=cases: [chromium(based) for _, based, _ in cases],
                *libreoffice([based for _, based, _ in cases], tmp_path),
            ]
            mine, *others = (spent / VARIANTS for spent in average(6, *works))
            for way, theirs, goal in zip(("WeasyPrint", "Chromium", "LibreOffice"), others, goals[name], strict=False):
                table.add(f"d) {name} / {way}", mine, theirs, goal)
        browser.close()
    if not shutil.which("soffice"):
        table.lines.append("d) LibreOffice is not installed here: not compared")


def libreoffice(pages: list[Path], folder: Path) -> list[Work]:
    """The way from .docx, in a new process as it is used; nothing where it is not installed."""
    office = shutil.which("soffice")
    if not office:
        return []
    home = f"-env:UserInstallation=file://{folder}/office"
    command = [office, home, "--headless", "--infilter=HTML (StarWriter)", "--convert-to"]
    for page in pages:
        subprocess.run([*command, "docx:MS Word 2007 XML", "--outdir", str(folder), str(page)], check=True)

    def convert() -> None:
        for page in pages:
            command = [office, home, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
            subprocess.run([*command, str(page.with_suffix(".docx"))], check=True, stdout=subprocess.DEVNULL)

    return [convert]


def test_first_paper(table: Table, tmp_path: Path) -> None:
    """A new process up to its first paper, imports and all, beside one that prints the same page by bare WeasyPrint."""
    values, page = tmp_path / "values.json", tmp_path / "page.html"
    given = filled("tech_demand_2021")
    values.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    html = form_html(definition("tech_demand_2021"), given, meta=META, watermark=False)
    page.write_text(whole(html), encoding="utf-8")

    def run(program: str, *words: str) -> Work:
        command = [sys.executable, "-W", "ignore", "-c", program, *words]
        return lambda: subprocess.run(command, cwd=ROOT, check=True, env=ours_only())

    ours, bare = average(4, run(FIRST, str(values)), run(BARE_FIRST, str(page), f"{FOLDER}/"))
    table.add("e) first paper of a process / bare WeasyPrint's", ours, bare, 1.5)


def test_memory(table: Table) -> None:
    """The same form five hundred times with other texts: what a process holds after 50 and after 500 papers."""
    done = subprocess.run([sys.executable, "-c", MANY, "500"], cwd=ROOT, check=True, capture_output=True, text=True)
    early, late = (int(pages) * 4 / 1024 for pages in done.stdout.split())
    verdict = "ok" if abs(late / early - 1) <= 0.1 else "over"
    table.lines.append(
        f"f) memory after 50 and 500 papers: {early:.0f} and {late:.0f} MB, {late / early:.2f}  {verdict}"
    )
