"""Sample forms and papers."""

import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image

from xtbang.papers.codes import make_code, qr_image, verify_url
from xtbang.papers.pdf.form_layout import form_pdf
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.render import _environment, render_pdf
from xtbang.rules.fields import Field, FieldKind, FormDefinition
from xtbang.rules.forms import CHECKS, COMPUTATIONS, clean
from xtbang.workflow.form_reader import load_form

PLAIN = bool(os.environ.get("XTBANG_PLAIN_WEASYPRINT"))  # set by tests/papers/test_plain.py
ROOT = Path(__file__).resolve().parents[2]
FORMS = ("tech_demand_2021", "tech_supply_2021", "scene_demand_2021", "scene_supply_2021", "tech_demand_2024")
GREY = (233, 233, 233)  # of the 草稿 behind a page
MADE = datetime(2024, 9, 12, 8, 30, tzinfo=UTC)
CODE = make_code(b"secret of the tests", "a paper")
META = PaperMeta(
    "湘潭市科技创新“揭榜挂帅”项目表", "XT2024-0017", 2, MADE, CODE, verify_url("https://bang.example.cn", CODE)
)
EMPTY = PaperMeta("湘潭市科技创新“揭榜挂帅”项目表", "", 0, MADE, "", "", "空白表")
SENTENCE = "针对高精密伺服电机在风电变桨系统中的应用需求，突破低齿槽转矩磁路设计、高过载热管理等关键核心技术。"
NAMES = {
    "org_name": "湘潭华銮高端装备制造有限公司",
    "uscc": "91430300MA4L1XKQ7P",
    "address": "湖南省湘潭市岳塘区晓塘路9号A栋12层",
    "postcode": "411100",
    "legal_name": "𬭎𫟅䶮",
    "legal_phone": "0731-58570302",
    "contact_name": "㛃𠮷",
    "contact_title": "总工程师",
    "contact_mobile": "13800000000",
    "contact_email": "zhang.san@example.com.cn",
    "title": "高精密伺服电机关键技术研究与产业化",
    "revenue": "15523.4",
    "rd_spend": "1280.5",
    "profit_tax": "-35.25",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what only patched WeasyPrint can do where it is not patched."""
    for item in items if PLAIN else ():
        if item.get_closest_marker("patched"):
            item.add_marker(pytest.mark.skip(reason="needs xtbang.papers.pdf.weasyprint70"))


@cache
def definition(key: str) -> FormDefinition:
    return load_form(ROOT / "workflows" / "forms" / f"{key}.toml", CHECKS, COMPUTATIONS)


def long_text(length: int) -> str:
    """A text of that many characters in two paragraphs."""
    text = (SENTENCE * (length // len(SENTENCE) + 1))[:length]
    return f"{text[: length // 2]}\n{text[length // 2 :]}"


def filled(key: str) -> dict[str, Any]:
    """Every field of a form filled in, long texts up to their limit."""
    form = definition(key)
    return clean(form, {field.key: NAMES.get(field.key, _sample(field)) for field in form.fields})


def _sample(field: Field) -> Any:
    return {
        FieldKind.LONG: long_text(field.limit or 300),
        FieldKind.CHOICE: field.keys[1] if field.choices else "",
        FieldKind.CHOICES: list(field.keys[:2]),
        FieldKind.MONEY: "1200",
        FieldKind.WHOLE: 320,
        FieldKind.YES: True,
        FieldKind.DATE: "2024-11-20",
    }.get(field.kind, "")


@cache
def full_pdf(key: str) -> bytes:
    return form_pdf(definition(key), filled(key), meta=META)


@cache
def blank_pdf(key: str) -> bytes:
    return form_pdf(definition(key), {}, meta=EMPTY)


def paper(body: str, kind: str = "document", title: str = "", **more: Any) -> bytes:
    """A paper written on the spot over the base template."""
    source = (
        '{% extends "base.html" %}{% block kind %}' + kind + "{% endblock %}"
        "{% block title %}" + title + "{% endblock %}{% block body %}" + body + "{% endblock %}"
    )
    qr = qr_image(META.verify_url)
    html = _environment().from_string(source).render(meta=META, qr=qr, watermark=more.pop("watermark", False), **more)
    return render_pdf(html, title=META.title, data={}, made_at=MADE, identifier=META.identifier)


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page in the order in which it was drawn."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return texts


def page_pictures(pdf: bytes, dpi: int = 72) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(pdf)
    pictures = [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in document]
    document.close()
    return pictures


def squeezed(text: str) -> str:
    """Without any space, line break or noncharacter that PDFium puts in."""
    return "".join(character for character in text if not character.isspace() and character not in "\ufffe\u0002")
