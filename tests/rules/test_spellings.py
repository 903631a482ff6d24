"""Whatever can be meant in one way only is taken in any spelling and kept in the house's; the rest is refused with the reason."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.test_forms import FORM, reasons_of
from xtbang.rules.forms import clean
from xtbang.rules.money import in_words, plain
from xtbang.rules.uscc import make

WIDE = str.maketrans("0123456789.,-+%/:()", "０１２３４５６７８９．，－＋％／：（）")
AMOUNTS = st.decimals(0, 99_999_999, places=4, allow_nan=False, allow_infinity=False)
ENGLISH = "January February March April May June July August September October November December".split()
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


def kept(key: str, typed: str) -> Any:
    return clean(FORM, {key: typed})[key]


def wide_or_not(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from((text, text.translate(WIDE), f" {text}\u3000"))


def amounts(amount: Decimal) -> list[str]:
    """The spellings of an amount in 万元."""
    digits, grouped = plain(amount), f"{amount:,.4f}"
    yuan = f"{amount * 10000:,.2f}"
    spaced, signs = grouped.replace(",", " "), ("", "万", "万元", " 万元", "万元整", " 万元人民币")
    return [
        *(f"{text}{unit}" for text in (digits, grouped, spaced, f"+{digits}") for unit in signs),
        in_words(amount * 10000), f"人民币{in_words(amount * 10000)}", f"{digits}萬元", f"{digits}w", f"{grouped}。",
        f"￥{grouped}万元", f"人民币{digits}万元", f"{yuan}元", f"¥{yuan}元", f"{plain(amount / 10000)}亿元",
        f"{digits}（万元）", f"人民币：{digits}万元", f"{yuan}元（人民币）", f"{plain(amount / 1000)}千万元", f"{plain(amount / 100)} 百万",
        f"人民币{in_words(amount * 10000)}（¥{yuan}）", f"{grouped}万元（大写：{in_words(amount * 10000)}）",
    ]  # fmt: skip


def days(day: date) -> list[str]:
    """The spellings of a date."""
    y, m, d = day.year, day.month, day.day
    numerals = str.maketrans("0123456789", "〇一二三四五六七八九")
    tens = ("", "十", "二十", "三十")
    month, number = (tens[part // 10] + (str(part % 10).translate(numerals) if part % 10 else "") for part in (m, d))
    return [
        day.isoformat(), f"{y}-{m}-{d}", f"{y}/{m}/{d}", f"{y}/{m:02}/{d:02}", f"{y}.{m}.{d}", f"{day:%Y%m%d}",
        f"{y}年{m}月{d}日", f"{y} 年 {m:02} 月 {d:02} 日", f"{y}年{m}月{d}号", f"{day} 00:00:00", f"{day}T00:00:00.000",
        f"{str(y).translate(numerals)}年{month}月{number}日", f"{y}、{m}、{d}", f"{y}.{m}.{d}.",
        *((f"{d}/{m}/{y}", f"{m}/{d}/{y}") if d > 12 or d == m else ()),
        f"{y} {m} {d}", f"{y}，{m}，{d}", f"{y}_{m:02}_{d:02}", f"{day}T00:00:00+08:00", f"{y}年{m}月{d}日0时", f"签订日期：{y}年{m}月{d}日",
        f"{d}-{ENGLISH[m - 1][:3]}-{y}", f"{ENGLISH[m - 1]} {d}, {y}", f"{y}年{month}月{number}", f"{y}年{month}月{number}日".replace("二十", "廿"),
    ]  # fmt: skip


@given(AMOUNTS, st.data())
def test_an_amount_is_kept_however_it_is_written(amount: Decimal, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(amounts(amount)).flatmap(wide_or_not))
    assert kept("revenue", typed) == plain(amount)
    assert reasons_of("revenue", typed) == []


@given(st.integers(0, 999_999), st.data())
def test_a_number_is_kept_however_it_is_written(number: int, data: st.DataObject) -> None:
    spellings = (
        f"{number}",
        f"{number:,}",
        f"{number:,}人",
        f"{number} 人",
        f"{number}.00",
        f"{number:,}".replace(",", "\u202f"),
        f"{number}名",
        f"{number:,}，",
    )
    assert kept("staff", data.draw(st.sampled_from(spellings).flatmap(wide_or_not))) == number
    tenth = plain(Decimal(number % 1000) / 10)
    assert kept("share", data.draw(st.sampled_from((tenth, f"{tenth}%", f"{tenth} ％")).flatmap(wide_or_not))) == tenth
    assert (
        kept("tolerance", data.draw(st.sampled_from((f"-{tenth}mm", f"−{tenth}")).flatmap(wide_or_not))) == f"-{tenth}"
    )


@given(DAYS, st.times(), st.data())
def test_a_date_is_kept_however_it_is_written(day: date, time: Any, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(days(day)).flatmap(wide_or_not))
    assert kept("start", typed) == day.isoformat()
    hour, minute = time.hour, f"{time.minute:02}"
    half = f"上午{hour}" if 0 < hour < 12 else f"下午{hour - 12 or 12}" if hour >= 12 else "0"
    clocks = (
        f" {hour}:{minute}",
        f"T{hour:02}:{minute}:00",
        f"{hour}时{minute}分",
        f" {half}:{minute}",
        f"{hour}点{minute}分",
    )
    head = data.draw(st.sampled_from([text for text in days(day) if text.endswith(("日", "号"))]))
    typed = data.draw(st.sampled_from([head + clock for clock in clocks]).flatmap(wide_or_not))
    assert kept("closes", typed) == datetime(day.year, day.month, day.day, hour, time.minute).isoformat()[:16]


@pytest.mark.parametrize(
    ("key", "house", "spellings"),
    [
        ("mobile", "13800138000", "13800138000 | 138 0013 8000 | 138-0013-8000 | +86 138 0013 8000 | +8613800138000 |"
         " 86-13800138000 | 0086 13800138000 | （+86）13800138000 | １３８００１３８０００ | 138\u20110013\u20118000 |"
         " 138.0013.8000 | 13800138000。"),
        ("phone", "0731-58570302-801", "0731-58570302-801 | （0731）58570302转801 | 0731 58570302 转 801 | "
         "(0731)5857-0302 ext. 801 | +86 731 5857 0302 转801 | 073158570302-801 | 0731—58570302分机801 | ０７３１－５８５７０３０２转８０１"),
        ("phone", "010-62345678", "010-62345678 | 01062345678 | (010) 6234 5678 | +86 10 6234 5678 | +86 (0)10 62345678"),
        ("phone", "58570302", "58570302 | 5857 0302 | 5857-0302"), ("phone", "5857030-2", "5857030-2 | 5857030转2"),
        ("phone", "400-800-1234", "4008001234 | 400 800 1234 | 400-8001-234 | ４００－８００－１２３４"),
        ("phone", "58570302-801", "58570302（转801） | 5857 0302 (801) | 58570302转分机801 | 座机：58570302-801"),
        ("phone", "0731-58570302", "电话：0731-58570302 | 0731/58570302 | Tel: 0731 58570302 | 联系电话 073158570302"),
        ("mobile", "13800138000", "手机：13800138000 | tel:+8613800138000 | 1 3 8 0 0 1 3 8 0 0 0 | +86 (138) 0013-8000"),
        ("phone", "400-800-1234-1", "4008001234转1"), ("start", "2026-01-05", "贰零贰陆年零壹月零伍日"),
        ("revenue", "50.5", "50万5千元 | 50万5000元"), ("revenue", "12000", "1亿2千万元 | 1亿 2000万 | 12 千万"),
        ("phone", "13800138000", "+86 138 0013 8000 | 138 0013 8000"), ("postcode", "411100", "411100 | 411 100 | ４１１１００ | 411100。"),
        ("email", "a.b@example.com", "a.b@example.com | ａ.ｂ＠example．com | <a.b@example.com> | mailto:a.b@example.com |"
         " 张三 <a.b@example.com> | a.b@example。com | a.b@example.com； | a.b@example.com。"),
        ("revenue", "50", "五十万元 | 伍拾万元整 | 五十万 | 五十 | 50萬 | 50W"), ("revenue", "120.5", "一百二十万五千元 | 壹佰贰拾万零伍仟圆整"),
        ("share", "25", "百分之25 | 百分之二十五 | 二十五%"), ("closes", "2026-11-24T00:00", "2026年11月23日24时 | 2026-11-23 24:00"),
        ("closes", "2026-11-23T20:30", "2026-11-23 8:30pm | 2026年11月23日晚上8点半 | 2026/11/23 下午8:30 | 2026年11月23日（周一）20:30"),
        ("start", "2026-11-23", "2026·11·23 | 2026\\11\\23 | 2026年11月23日（周一） | 2026年11月23日 星期一"),
        ("title", "潭财预〔2026〕7号", "潭财预[2026]7号 | 潭财预（2026）７号 | 潭财预【2026】7 号"), ("title", "潭财预[2026]7号文", "潭财预[2026]7号文"),
        ("bank_account", "6217000099998888", "6217 0000 9999 8888 | ６２１７ ００００ ９９９９ ８８８８ | 账号：6217000099998888。"),
        ("bank_account", "NRA43050162", "nra 4305 0162"), ("bank_account", "18-0101010", "18－0101010"),
        ("uscc", make("1"), f"{make('1').lower()} | {make('1').translate(WIDE)} | {make('1')[:8]}-{make('1')[8:]}"),
    ],
)  # fmt: skip
def test_telephones_and_codes_have_one_spelling(key: str, house: str, spellings: str) -> None:
    for typed in spellings.split(" | "):
        assert kept(key, typed.strip()) == house, typed
        assert reasons_of(key, typed) == []


@pytest.mark.parametrize(
    ("key", "typed", "why"),
    [
        ("revenue", "1,20", "写作“1,20”，逗号是小数点还是每三位的分隔不明确，请写成 1200 或 1.2 的形式。"),
        ("revenue", "１，２０", "写作“１，２０”，逗号是小数点还是每三位的分隔不明确，请写成 1200 或 1.2 的形式。"),
        ("revenue", "1.200,5", "写作“1.200,5”，逗号和圆点哪一个是小数点不明确，请写成 1200.5 的形式。"),
        ("revenue", "1.200.500", "有不止一个小数点"), ("revenue", "1,2000", "逗号是小数点还是每三位的分隔不明确"),
        ("revenue", "0,500", "逗号是小数点还是每三位的分隔不明确"), ("revenue", "12 34", "空格是小数点还是每三位的分隔不明确"),
        ("revenue", "¥500000", "单位是元还是万元不明确，请只写以万元为单位的数，例如 12.5。"),
        ("revenue", "一百二十万五千", "须为以万元为单位的数"), ("revenue", "一二三", "须为以万元为单位的数"), ("revenue", "约五十万元", "须为"),
        ("revenue", "不超过50万元", "约数"), ("staff", "120余人", "约数"), ("share", "20%～25%", "约数"),
        ("revenue", "500,000 CNY", "单位是元还是万元不明确"), ("revenue", "人民币伍拾万元整（¥50,000.00）", "须为"), ("revenue", "5千50万元", "须为"),
        ("revenue", "50 - 60", "写作“50 - 60”，像是约数或者一个范围，请填写一个确定的数。"),
        ("revenue", "10²", "须为以万元为单位的数"), ("staff", "1,2", "逗号"), ("share", "1,5%", "逗号"),
        ("start", "3/4/2026", "写作“3/4/2026”，月和日的先后不明确，请按年、月、日的顺序填写，例如 2026-11-23。"),
        ("start", "26/11/23", "年份不明确，请写四位年份"), ("start", "11月23日", "没有写明年份"),
        ("start", "2026年11月", "没有写明哪一日"), ("start", "2026-02-30", "没有 2026 年 2 月 30 日这一天"),
        ("start", "2026-11-23 08:00", "须为日期"), ("start", "2026年11月底", "没有写明哪一日"),
        ("start", "2026-11-23～2027-11-22", "像是不止一日或者大致的时间"), ("start", "2026年11月23日前", "请填写确定的一日"),
        ("closes", "2026年11月23日", "没有写明时间"),
        ("closes", "2026-11-23 上午12:00", "须为日期和时间"), ("closes", "3/4/2026 8:00", "须为日期和时间"),
        ("phone", "58570302/58570303", "像是不止一个号码，请只填一个。"), ("mobile", "13800138000、13900139000", "像是不止一个号码"),
        ("phone", "+852 2123 4567", "像是内地以外的号码"), ("phone", "0085221234567", "像是内地以外的号码"),
        ("mobile", "(+853) 6612-3456", "像是内地以外的号码"), ("phone", "95588", "像是短号或者服务号码"), ("phone", "８３０２", "像是短号"),
        ("mobile", "13800138000（微信同号）", "号码以外还有文字，请只填号码。"), ("phone", "0731-58570302 张三", "号码以外还有文字"),
        ("phone", "585-70302", "须为电话号码"), ("mobile", "138001380001", "须为 11 位手机号码"),
        ("bank_account", "62170O0099998888", "写作“62170O0099998888”，其中的“O”不是数字"),
        ("bank_account", "6217 0000，中国银行", "其中的“,”不是数字"),
        ("email", "a b@example.com", "须为电子邮箱地址"), ("email", "a@example.com;b@example.com", "像是不止一个邮箱，请只填一个。"),
    ],
)  # fmt: skip
def test_what_may_mean_two_things_is_refused_with_the_reason_and_kept(key: str, typed: str, why: str) -> None:
    assert kept(key, typed) == typed
    (sentence,) = reasons_of(key, typed)
    assert sentence.startswith(f"“{FORM.field(key).label}”") and why in sentence


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (f"2026年{words}", "像是农历，请填写公历")
        for words in ("正月初三", "十一月廿三", "十一月初三日", "腊月二十", "闰六月十六")
    ]
    + [("农历2026年6月16日", "像是农历，请填写公历"), ("2026年11月初", "没有写明哪一日")]
    + [("2026-11-23（周二）", "2026 年 11 月 23 日是星期一，请核对"), ("2026年11月23日星期天", "是星期一，请核对")],
)
def test_a_day_of_another_calendar_or_another_weekday_is_asked_back(typed: str, said: str) -> None:
    assert kept("start", typed) == typed
    assert said in "".join(reasons_of("start", typed))


@pytest.mark.parametrize(
    "typed", ["2026年11月23日（星期一）", "2026年十一月廿三日", "2026-11-23 周一", "2026年11月23日 礼拜一"]
)
def test_a_right_weekday_is_let_go(typed: str) -> None:
    assert kept("start", typed) == "2026-11-23"
