"""Printed forms: full, blank, unfinished, marked as drafts."""

import re
from dataclasses import replace

import pytest
from PIL import Image

from tests.papers.conftest import (
    FORMS,
    GREY,
    META,
    blank_pdf,
    definition,
    filled,
    full_pdf,
    page_pictures,
    page_texts,
    squeezed,
)
from xtbang.papers.pdf.form_layout import form_html, form_pdf
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section, named


def dark_rows(picture: Image.Image) -> list[int]:
    """Heights of the horizontal rules that cross the whole table."""
    grey = picture.convert("L")
    table = grey.crop((int(picture.width * 0.12), 0, int(picture.width * 0.88), picture.height))
    squeezed_rows = table.resize((1, table.height), Image.Resampling.BOX).get_flattened_data()
    return [row for row, value in enumerate(squeezed_rows) if value < 150]


@pytest.mark.parametrize("key", FORMS)
def test_full_texts_run_over_pages_with_their_rules(key: str) -> None:
    pages = page_texts(full_pdf(key))
    assert len(pages) in (3, 4, 5)
    text = "".join(squeezed(page).split(META.name)[0] for page in pages)
    for field in definition(key).fields:
        if field.kind is FieldKind.LONG:
            assert squeezed(filled(key)[field.key]) in text
    for picture in page_pictures(full_pdf(key), 200):
        rules = dark_rows(picture)
        ink = picture.convert("L").crop((0, 0, picture.width, int(picture.height * 0.9)))
        bottom = ink.point(lambda value: 255 * (value < 128)).getbbox()[3]
        assert abs(rules[-1] - bottom) <= 3  # the last thing above the foot is the table's lower rule
        assert len(rules) >= 2  # and there is one above the text


@pytest.mark.parametrize("key", FORMS)
def test_nothing_reaches_over_the_edge(key: str) -> None:
    for picture in page_pictures(full_pdf(key), 100):
        left, _, right, _ = picture.convert("L").point(lambda value: 255 * (value < 200)).getbbox()
        assert 22 <= left / 100 * 25.4 <= 24
        assert 186 <= right / 100 * 25.4 <= 188


@pytest.mark.parametrize("key", FORMS)
def test_the_blank_form_has_room_to_write_on_three_pages_at_most(key: str) -> None:
    """Six centimetres for each text, so that no more than three of them stand on a page."""
    pages = page_texts(blank_pdf(key))
    texts = [len(re.findall(r"^\d[.．]", page, re.MULTILINE)) for page in pages]
    assert len(pages) <= 3
    assert max(texts) <= 3
    assert sum(texts) == (3 if "supply" in key else 5)
    assert all("空白表" in page and "校验码" not in page for page in pages)


def test_a_draft_is_marked_on_every_page() -> None:
    form, values = definition("tech_demand_2021"), filled("tech_demand_2021")
    draft = page_pictures(form_pdf(form, values, meta=replace(META, state="草稿"), watermark=True))
    proper = page_pictures(full_pdf("tech_demand_2021"))
    assert len(draft) == len(proper)
    for page in draft:
        assert {colour: count for count, colour in page.getcolors(1 << 20)}[GREY] > 10000
    for page in proper:
        assert {colour: count for count, colour in page.getcolors(1 << 20)}.get(GREY, 0) < 5000
    assert "草稿" in page_texts(form_pdf(form, values, meta=replace(META, state="草稿"), watermark=True))[0]


@pytest.mark.parametrize("key", FORMS)
@pytest.mark.parametrize(
    "junk", [None, "", [], {}, 0, -3.5, True, "没有这一项", ["甲", "乙"], {"a": 1}, [{"x": None}], "第一行\n\n第二行"]
)
def test_unfinished_or_wrong_values_still_print(key: str, junk: object) -> None:
    form = definition(key)
    html = form_html(form, dict.fromkeys((field.key for field in form.fields), junk), meta=META, watermark=True)
    assert html.count("<tr") == len(form.layout)


def test_markup_in_values_is_text() -> None:
    form = definition("tech_demand_2021")
    evil = '<img src="http://127.0.0.1/x"><style>td{display:none}</style>&amp;{{ 7*7 }}'
    pdf = form_pdf(form, {**filled("tech_demand_2021"), "title": evil, "background": evil}, meta=META)
    assert squeezed("".join(page_texts(pdf))).count(squeezed(evil)) == 2


def test_a_very_long_word_is_broken() -> None:
    form = definition("tech_demand_2021")
    values = {**filled("tech_demand_2021"), "title": "A" * 300, "contact_email": "x" * 90 + "@example.com"}
    for picture in page_pictures(form_pdf(form, values, meta=META), 100):
        right = picture.convert("L").point(lambda value: 255 * (value < 128)).getbbox()[2]
        assert right / 100 * 25.4 <= 188


def test_a_form_without_layout_prints_section_by_section() -> None:
    kinds = FieldKind
    columns = (
        Field("what", "内容", kinds.TEXT),
        Field("money", "金额", kinds.MONEY, unit="万元"),
        Field("on", "日期", kinds.DATE),
    )
    form = FormDefinition(
        "sample", "执行情况报告",
        sections=(
            Section("一、进展", (
                Field("text", "完成情况", kinds.LONG, note="（限500字）"),
                Field("paid", "已支出", kinds.MONEY, unit="万元"),
                Field("kind", "类别", kinds.CHOICE, choices=named(("甲类", "乙类"))),
                Field("yes", "承诺", kinds.YES, note="属实"),
                Field("from", "起", kinds.DATE),
                Field("at", "时间", kinds.DATETIME),
                Field("proof", "凭证", kinds.FILE),
                Field("secret", "不印", kinds.TEXT, printed=False),
            )),
            Section("二、里程碑", (Field("steps", "里程碑", kinds.ROWS, columns=columns, min_rows=3),)),
        ),
    )  # fmt: skip
    values = {
        "text": "甲\n乙", "paid": "12.5", "kind": "乙类", "yes": True, "from": "2024-11-20", "at": "2024-11-20T09:30",
        "proof": "ab" * 32, "secret": "机密", "steps": [{"what": "样机", "money": "3", "on": "2025-01-02"}],
    }  # fmt: skip
    text = squeezed("".join(page_texts(form_pdf(form, values, meta=META))))
    for words in (
        "一、进展", "完成情况（限500字）甲乙", "已支出12.5万元", "类别□甲类☑乙类", "☑承诺（属实）", "起2024年11月20日",
        "时间2024年11月20日09:30", "已上传（SHA-256abababababababab…）", "内容金额（万元）日期样机32025年1月2日",
    ):  # fmt: skip
        assert words in text
    assert "机密" not in text
