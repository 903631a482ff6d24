"""What is typed can be printed: a character that no shipped font has is refused, wherever the text stands."""

import pytest

from tests.rules.test_forms import FORM, GOOD, reasons_of
from xtbang.papers.pdf import fonts
from xtbang.rules.characters import unprintable
from xtbang.rules.fields import Field, FieldKind, one_section
from xtbang.rules.forms import check, clean

PRINTABLE = "䶮㛃𬭎𫟅𠮷𡈽𤭢喆堃①㎡℃≤μΩ□☑“”《》〔〕—…·．，\u3000\u00a0"
TECHNICAL = "CO₂排放10⁶ t·m⁻¹，Al₂O₃，⌀12 mm，✔"


def test_formulas_units_and_ticks_are_taken() -> None:
    signs = TECHNICAL + "⁰ⁿ⅓⅔Ⅻ㊿⒈Ⓐ℉℡ℓ㎿㏎⇌∬⩽⟂ϕϵČłšǚ‱✘☒⚠₽𝑃𝛼\u2009\u202f✔\ufe0f"
    assert unprintable(signs) == []
    assert reasons_of("title", signs) == []


def test_rare_names_and_the_signs_of_the_trade_are_taken() -> None:
    assert unprintable(PRINTABLE) == []
    assert reasons_of("title", PRINTABLE) == []


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("样机😀和😀", "“😀”（U+1F600）"),
        ("龦\U00030ede", "“\U00030ede”（U+30EDE）"),  # Extension G
        ("\ue123第一", "U+E123"),  # a sign of a private font that nobody knows: a box on any screen
        ("ไทย", "“ไ”（U+0E44）、“ท”（U+0E17）、“ย”（U+0E22）"),
        ("👨\u200d👩", "“👨”（U+1F468）、“👩”（U+1F469）"),
        ("".join(map(chr, range(0x1F600, 0x1F608))), "等 8 个"),
    ],
)
def test_what_no_font_has_is_named_and_kept(typed: str, named: str) -> None:
    (sentence,) = reasons_of("title", typed)
    assert sentence.startswith("“项目名称”含有无法打印的字符") and named in sentence
    assert sentence.endswith("请删除或换一种写法。")
    assert clean(FORM, GOOD | {"title": typed})["title"] == typed.replace("\u200d", "")


def test_cells_drafts_and_free_choices_are_no_exception() -> None:
    (sentence,) = reasons_of("milestones", [{"date": "2026-12-01", "content": "样机🚀"}], complete=False)
    assert sentence.startswith("“进度安排”第 1 行“内容”含有无法打印的字符“🚀”")
    assert "“🚀”" in reasons_of("bid", "🚀")[0]
    form = one_section("one", "表", (Field("ways", "方式", FieldKind.CHOICES, options="x"),))
    (reason,) = check(form, clean(form, {"ways": ["🚀"]}), complete=True)
    assert reason.field == "ways"


def test_control_characters_are_one_sentence_not_two() -> None:
    (sentence,) = reasons_of("background", "甲\ufffe乙\U0001ffff丙")
    assert sentence == "“1.项目的背景与意义”含有不能使用的控制字符（U+FFFE、U+1FFFF），请删除后重新填写。"


def test_what_cannot_be_printed_is_shown_in_its_place() -> None:
    (sentence,) = reasons_of("background", "第一行\n研制高精密伺服电机😀及其驱动器\ue123的样机")
    assert sentence == (
        "“1.项目的背景与意义”含有无法打印的字符“😀”（U+1F600）、U+E123，见第 2 行“制高精密伺服电机【😀】及其驱动器U+E123的样”、"
        "第 2 行“电机😀及其驱动器【U+E123】的样机”，请删除或换一种写法。"
    )


def test_papers_and_forms_ask_the_same_list() -> None:
    assert fonts.unprintable is unprintable
