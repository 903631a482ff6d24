"""The holidays that the law itself fixes (全体公民放假的节日, as of 2025), for years not yet announced."""

from datetime import date, timedelta

# 春节 (the first day of the lunar year), 清明, 端午 and 中秋, as month and day
MOVING = {
    2027: "0206 0405 0609 0915",
    2028: "0126 0404 0528 1003",
    2029: "0213 0404 0616 0922",
    2030: "0203 0405 0605 0912",
    2031: "0123 0405 0624 1001",
    2032: "0211 0404 0612 0919",
    2033: "0131 0404 0601 0908",
    2034: "0219 0405 0620 0927",
    2035: "0208 0405 0610 0916",
    2036: "0128 0404 0530 1004",
    2037: "0215 0404 0618 0924",
    2038: "0204 0405 0607 0913",
    2039: "0124 0405 0527 1002",
    2040: "0212 0404 0614 0920",
    2041: "0201 0404 0603 0910",
    2042: "0122 0404 0622 0928",
    2043: "0210 0405 0611 0917",
    2044: "0130 0404 0531 1005",
    2045: "0217 0404 0619 0925",
    2046: "0206 0404 0608 0915",
    2047: "0126 0405 0529 1004",
    2048: "0214 0404 0615 0922",
    2049: "0202 0404 0604 0911",
    2050: "0123 0404 0623 0930",
    2051: "0211 0405 0613 0919",
    2052: "0201 0404 0601 0907",
    2053: "0219 0404 0620 0926",
    2054: "0208 0404 0610 0916",
    2055: "0128 0405 0530 1005",
    2056: "0215 0404 0617 0924",
    2057: "0204 0404 0606 0913",
    2058: "0124 0404 0625 1002",
    2059: "0212 0405 0614 0921",
    2060: "0202 0404 0603 0909",
}
FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))  # 元旦, 劳动节, 国庆节
NEW_YEAR = (-1, 0, 1, 2)  # 除夕 and the first three days


def is_festival(day: date) -> bool:
    """Return whether the law makes that day a holiday; beyond the table, only those of the solar calendar are known."""
    if (day.month, day.day) in FIXED:
        return True
    moving = [date(day.year, int(each[:2]), int(each[2:])) for each in MOVING.get(day.year, "").split()]
    return day in moving or any(day == moving[0] + timedelta(days=number) for number in NEW_YEAR if moving)
