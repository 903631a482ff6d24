"""Dates, and dates with a time: the year first, in any of the usual spellings."""

import re
from datetime import date, time, timedelta

from xtbang.rules.spellings import numerals
from xtbang.rules.spellings.signs import ENDS, LONGEST, alone, as_typed

_N = "[0-9]{1,2}"
_DATE = re.compile(
    rf"(?P<year>[0-9]{{4}})(?: ?[-/.,_、·\\年] ?| )(?P<month>{_N})(?: ?[-/.,_、·\\月] ?| )(?P<day>{_N})(?: ?[日号]|(?![0-9]))"
    r"|(?P<basic>(?:19|20|21)[0-9]{6})(?![0-9])"
)
_TIME = re.compile(
    rf"[T ]*(?P<half>凌晨|早上|上午|中午|下午|晚上)? ?(?P<hour>{_N}) ?[:时点] ?(?:(?P<minute>[0-9]{{2}}) ?分?|整|(?P<thirty>半))?"
    r"(?::00(?:\.0+)?)?(?:\+08:?00)? ?(?P<english>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_LATER = ("中午", "下午", "晚上")  # from noon on
_YEAR_LAST = re.compile(rf"(?P<one>{_N})(?P<by>[-/.])(?P<two>{_N})(?P=by)(?P<year>[0-9]{{4}})(?![0-9])")
_WEEKDAY = re.compile(r" ?\(?(?:星期|周|礼拜)(?P<weekday>[一二三四五六日天])\)?")
_WEEK = "一二三四五六日"
_LUNAR = re.compile(r"[农阴旧]历|年[正冬腊闰]|月(?:初[一二三四五六七八九十]|[廿卅][^日号]*$)")
_MIDNIGHT = re.compile(
    r"[T ]*0?0(?::00(?::00(?:\.0+)?)?(?:\+08:?00)?|[时点](?:00分|整)?)"
)  # what a spreadsheet adds to a date
_RANGE = re.compile(r"[-~至到]|(?:之|以)?[前后内]|左右")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NOON = _MONTHS = 12

_YEAR = str.maketrans("〇一二三四五六七八九零○壹贰叁肆伍陆柒捌玖", "012345678900123456789")
_TENS = str.maketrans({"廿": "二十", "卅": "三十"})
_SAID = "〇○零一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾廿卅"
_IN_WORDS = re.compile(
    rf"(?P<year>[0-9{_SAID}]{{4}})年(?P<month>[{_SAID}]{{1,3}}|{_N})月(?P<day>[{_SAID}]{{1,4}}|{_N})(?:[日号]|$)"
)
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME, _NTH = rf"(?P<month>{'|'.join(_ENGLISH)})[a-z]*\.?", rf"(?P<day>{_N})(?:st|nd|rd|th)?"
_BY_NAME = [
    re.compile(rf"(?:[a-z]+,? )?{order}[ ,-]+(?P<year>[0-9]{{4}})(?![0-9])", re.IGNORECASE)
    for order in (rf"{_NTH}[ -]+{_NAME}", rf"{_NAME}[ -]+{_NTH}")
]


def day(text: str) -> str:
    """Return a date as "2026-11-23"."""
    found = _date_and_rest(text)
    return found[0] if found and (not found[1].strip(ENDS) or _MIDNIGHT.fullmatch(found[1])) else text


def moment(text: str) -> str:
    """Return a date with a time as "2026-11-23T23:59"; seconds have to be 0."""
    found = _date_and_rest(text)
    clock = _TIME.fullmatch(found[1]) if found else None
    if found is None or clock is None:
        return text
    hour, minute = int(clock["hour"]), 30 if clock["thirty"] else int(clock["minute"] or 0)
    if (hour, minute) == (24, 0) and not clock["half"] and not clock["english"]:  # the end of the day
        return f"{date.fromisoformat(found[0]) + timedelta(days=1)}T00:00"
    half = clock["half"] or {"a": "上午", "p": "下午"}.get((clock["english"] or "")[:1].lower(), "")
    if half and (
        not 0 < hour <= _NOON or (hour == _NOON and half not in ("中午", "下午")) or (half == "中午" and 2 < hour < 11)
    ):
        return text
    hour += _NOON if half in _LATER and hour < (11 if half == "中午" else _NOON) else 0
    try:
        return f"{found[0]}T{time(hour, minute):%H:%M}"
    except ValueError:
        return text


def doubt_of_day(text: str) -> str:
    """Return why a date was not understood: a part is missing, their order is open, or there is no such day."""
    typed = alone(text)
    if _LUNAR.search(typed):
        return f"写作{as_typed(text)}，像是农历，请填写公历的年、月、日，例如 2026-11-23。"
    if found := _DATE.match(_year_first(_in_digits(typed))):
        year, month, number = _parts(found)
        if _iso(found):
            if (named := _WEEKDAY.match(typed, found.end())) and not _is_right(named, _iso(found)):
                right = _WEEK[date(year, month, number).weekday()]
                return f"写作{as_typed(text)}，{year} 年 {month} 月 {number} 日是星期{right}，请核对。"
            rest = _WEEKDAY.sub("", typed[found.end() :], count=1).strip(ENDS + " ")
            rough = f"写作{as_typed(text)}，像是不止一日或者大致的时间，请填写确定的一日，例如 2026-11-23。"
            return rough if _RANGE.match(rest) else ""
        return f"写作{as_typed(text)}，没有 {year} 年 {month} 月 {number} 日这一天，请核对。"
    example = "例如 2026-11-23。"
    if re.fullmatch(rf"{_N}[-/.]{_N}[-/.][0-9]{{4}}", typed):
        return f"写作{as_typed(text)}，月和日的先后不明确，请按年、月、日的顺序填写，{example}"
    if re.fullmatch(rf"{_N} ?[-/.年] ?{_N} ?[-/.月] ?{_N} ?[日号]?", typed):
        return f"写作{as_typed(text)}，年份不明确，请写四位年份，{example}"
    if re.fullmatch(rf"[0-9]{{4}} ?(?:[-/.年] ?{_N} ?月?|年)", typed):
        return f"写作{as_typed(text)}，没有写明哪一日，请写到日，{example}"
    if re.match("[0-9]{4}年?(?:[-/.]?[0-9]{1,2}月?)? ?[底初末上中下]", typed):
        return f"写作{as_typed(text)}，没有写明哪一日，请写到日，{example}"
    if re.fullmatch(rf"{_N} ?[-/.月] ?{_N} ?[日号]?", typed):
        return f"写作{as_typed(text)}，没有写明年份，请写四位年份，{example}"
    return ""


def doubt_of_moment(text: str) -> str:
    """Return why a date with a time was not understood: as `doubt_of_day`, or there is no time."""
    if _ISO.fullmatch(day(text)):
        return f"写作{as_typed(text)}，没有写明时间，请写到分，例如 2026-11-23 23:59。"
    return doubt_of_day(text)


def _date_and_rest(text: str) -> tuple[str, str] | None:
    """Return a date that begins the text as ISO, and the text after it; None when there is none."""
    typed = "" if len(text) > LONGEST or _LUNAR.search(alone(text)) else _year_first(_in_digits(alone(text)))
    found = _DATE.match(typed)
    iso = _iso(found) if found else ""
    if found is None or not iso:
        return None
    named = _WEEKDAY.match(typed, found.end())
    if named and not _is_right(named, iso):
        return None
    return iso, typed[named.end() if named else found.end() :]


def _is_right(named: re.Match[str], iso: str) -> bool:
    """Return whether the day is one of that name of the week."""
    return _WEEK.index(named["weekday"].replace("天", "日")) == date.fromisoformat(iso).weekday()


def _year_first(text: str) -> str:
    """Return a text that begins with day and month before the year, in our order where a number over 12
    tells them apart, or both are the same."""
    found = _YEAR_LAST.match(text)
    if not found:
        return text
    month, number = sorted((found["one"], found["two"]), key=int)
    if int(month) != int(number) and (int(month) > _MONTHS) == (int(number) > _MONTHS):
        return text
    return f"{found['year']}-{month}-{number}{text[found.end() :]}"


def _iso(found: re.Match[str]) -> str:
    try:
        return date(*_parts(found)).isoformat()
    except ValueError:
        return ""


def _parts(found: re.Match[str]) -> tuple[int, int, int]:
    basic = found["basic"]
    year, month, number = (basic[:4], basic[4:6], basic[6:]) if basic else found.group("year", "month", "day")
    return int(year), int(month), int(number)


def _in_digits(text: str) -> str:
    """Return a text that begins with a date in words (二〇二六年十一月二十三日, 23-Nov-2026) with digits instead."""
    if found := _IN_WORDS.match(text):
        parts = [found["year"].translate(_YEAR)]
        for part in found.group("month", "day"):
            said = numerals.count(part.translate(_TENS))
            parts.append(part if said is None else str(said))
        return f"{parts[0]}年{parts[1]}月{parts[2]}日{text[found.end() :]}"
    if named := next(filter(None, (order.match(text) for order in _BY_NAME)), None):
        month = _ENGLISH.index(named["month"][:3].lower()) + 1
        return f"{named['year']}-{month}-{named['day']}{text[named.end() :]}"
    return text
