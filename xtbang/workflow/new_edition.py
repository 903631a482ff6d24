"""The file of a new edition, as a copy of the file of another one with its comments."""

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

from xtbang.errors import EditionError
from xtbang.rules.quotation import quoted

KEY = re.compile("20[0-9]{2}[A-Za-z]?")
TITLE = re.compile(r"^title[ \t]*=[^\r\n]*", re.MULTILINE)
STARTS_ON = re.compile("^starts_on[ \t]*=[ \t]*([0-9]{4}-[0-9]{2}-[0-9]{2})[^\r\n]*", re.MULTILINE)
SOURCE = re.compile(r"^\[\[source\]\]", re.MULTILINE)
ENDS_ON = re.compile(r"^ends_on[ \t]*=[^\r\n]*\r?\n", re.MULTILINE)
# of city.toml, an article of a document of one year
CITE = re.compile(r'^\w+[ \t]*=[ \t]*"《(?P<year>20[0-9]{2})年[^"》]*》第[^"]*"', re.MULTILINE)
MARK = re.compile(r"\s*#\s*(请(?:改|核对)：.*?)\s*$")
HEADING = re.compile("(?<=^# 版本 )[0-9A-Za-z-]+")
YEAR = slice(0, 4)  # of the key of an edition
FEBRUARY_28 = 28


def write_edition(folder: Path, key: str, base: str) -> Path:
    """Write ``editions/<key>.toml`` as a copy of the edition `base`; return its path.

    Title, date and heading get the year of the key; comments in Chinese mark what has to be changed by hand. Raise
    EditionError for a key that is not a year, for an unknown edition and where the edition already exists.
    """
    editions = folder / "editions"
    if not KEY.fullmatch(key):
        raise EditionError(
            f"{quoted(key)}不能作版本的名称：应为四位年份，同一年有几个版本的加一个字母，如 2027、2027b。"
        )
    known = {path.stem.lower(): path.stem for path in sorted(editions.glob("*.toml"))}
    if base not in known.values():
        raise EditionError(unknown_edition(base, list(known.values())))
    if key.lower() in known:
        raise EditionError(f"版本 {known[key.lower()]} 已经有了（editions/{known[key.lower()]}.toml），没有改动。")
    try:
        text = (editions / f"{base}.toml").read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EditionError(f"editions/{base}.toml 不是 UTF-8 编码，请先运行 xtbang workflow check 核对。") from None
    path = editions / f"{key}.toml"
    with path.open("xb") as file:
        file.write((adapted(text, key, base) + _cites(folder, text, key)).encode())
    return path


def unknown_edition(key: str, known: list[str]) -> str:
    """Return the sentence that says that there is no such edition, and which there are."""
    return f"没有版本 {key}；现有的版本：{'、'.join(known) or '（没有）'}。"


def adapted(text: str, key: str, base: str) -> str:
    """Return the text of an edition for another key, with a comment before everything that has to be changed by hand."""
    end = "\r\n" if "\r\n" in text else "\n"
    text = HEADING.sub(key, text, count=1)
    text = TITLE.sub(lambda found: _title(found[0], key, base, end), text, count=1)
    if STARTS_ON.search(text):
        text = STARTS_ON.sub(lambda found: _starts_on(found, key, end), text, count=1)
    else:
        asked = f"# 请改：有施行日期的，去掉下一行的 #，写实际的日期。{end}# starts_on = {key[YEAR]}-01-01"
        text = TITLE.sub(lambda found: f"{found[0]}{end}{asked}", text, count=1)
    asked = (
        f"# 请改：登记 {key[YEAR]} 年的通知（short、title、number、text），并把下面各处的 article 改成新的条款。{end}"
    )
    text = ENDS_ON.sub("", text, count=1)
    return SOURCE.sub(lambda found: asked + found[0], text, count=1)


def marks(folder: Path) -> list[str]:
    """Return a sentence for each comment of `adapted` that is still in a file: it is probably not changed yet."""
    found = []
    for path in sorted((folder / "editions").glob("*.toml")):
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if mark := MARK.match(line):
                found.append(
                    f"editions/{path.name} 第 {number} 行：还留着提示{quoted(mark[1])}，改好或核对后请删去这一行。"
                )
    return found


def _cites(folder: Path, text: str, key: str) -> str:
    """Return a comment with what the city cites of a document of another year; "" where the edition cites it otherwise."""
    end, city = "\r\n" if "\r\n" in text else "\n", folder / "city.toml"
    written = city.read_bytes().decode("utf-8-sig", errors="replace") if city.is_file() else ""
    lines = [found[0] for found in CITE.finditer(written) if found["year"] != key[YEAR]]
    if not lines or re.search(r"^\[cites\]", text, re.MULTILINE):
        return ""
    told = "下面几项照 city.toml 依据的是别的年份的文件"
    asked = f"# 请核对：{told}；{key[YEAR]} 年另有文件的，登记在 [[source]]，去掉下面各行的 #，改成新的条款。"
    return end.join(["", asked, *(f"# {line}" for line in ("[cites]", *lines)), ""])


def _title(line: str, key: str, base: str, end: str) -> str:
    year, new = base[YEAR], key[YEAR]
    if year in line:
        return f"# 请核对：名称由版本 {base} 改了年份，与正式文件不一致的请改。{end}{line.replace(year, new)}"
    return f"# 请改：名称照抄自版本 {base}，改成 {new} 年的。{end}{line}"


def _starts_on(found: re.Match[str], key: str, end: str) -> str:
    line = found[0]
    with suppress(ValueError):
        line = line.replace(found[1], _in_year(date.fromisoformat(found[1]), int(key[YEAR])).isoformat(), 1)
    return f"# 请改：施行日期只改了年份，写实际的日期。{end}{line}"


def _in_year(day: date, year: int) -> date:
    """Return the same day of another year; 28 February for 29 February."""
    return day.replace(year=year, day=FEBRUARY_28) if (day.month, day.day) == (2, 29) else day.replace(year=year)
