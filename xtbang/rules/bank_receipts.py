"""Bank receipts (银行回单) from the bank's table: which line is which payment, by amount, account and name; nothing is guessed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise, zip_longest

from xtbang.rules.money import format_wan
from xtbang.rules.payment_number import normalised
from xtbang.rules.quotation import quoted

LOST = "\ufffd"  # before a number so long that a spreadsheet does not keep all of its digits
HEAD_ROWS = 40  # the heads of the columns stand in one of the first rows
HEADS: Mapping[str, tuple[re.Pattern[str], ...]] = {  # of each column what its head may be, the most certain first
    "number": (re.compile(r"流水.*号码?$"), re.compile(r"(回单|凭证|支付令|交易|业务)(?!.*[账帐卡行]号).*号码?$")),
    "date": (
        re.compile(r"^(交易|付款|支付|拨付|记账|入账)(日期|日)$"),
        re.compile(r"^(交易|付款|支付|拨付).*(日期|时间)$"),
        re.compile(r"(日期|时间)$"),
    ),
    "amount": (
        re.compile(r"^(借方|支出|付款|支付|拨付).*额$|^(借方|支出)$"),
        re.compile(r"^(交易|实际)?(金额|发生额)$"),
    ),
    "account": (re.compile(r"^(收|对方).*(账号|帐号|卡号)$"), re.compile(r"^(账号|帐号)$")),
    "name": (re.compile(r"^(收|对方)(?!.*行).*(户名|名称|单位|人|姓名)$"), re.compile(r"^户名$")),
}
LABELS = {"number": "流水号", "date": "交易日期", "amount": "付款金额", "account": "收款账号", "name": "收款户名"}
SUM = re.compile(r"^(本[页期日月次])?(合计|总计|小计|累计|共计)")  # in the first cell of a line that adds up others
_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})(?!\d)")
_SERIAL = re.compile(r"^([3-6]\d{4}|7[0-2]\d{3})(\.\d+)?$")  # a day as a spreadsheet counts it: of 1982 to 2099
_FIRST_DAY = date(1899, 12, 30)
_REMARK = re.compile(r"[(\[【][^()\[\]【】]*[)\]】]$")  # behind a head: its unit, 支取, the same in English


@dataclass(frozen=True)
class BankReceipt:
    """A line of the bank's table. ``row`` counts from 1, as the spreadsheet does; amount in yuan, 0 where it cannot be read."""

    row: int
    number: str
    dated: date | None
    amount: Decimal
    account: str
    name: str
    unread: str = ""  # the amount as it is written, where it cannot be read


@dataclass(frozen=True)
class Awaited:
    """A payment that waits for its receipt: the project, and what its receipt must say; amount in yuan."""

    project_id: int
    amount: Decimal
    account: str
    name: str


@dataclass(frozen=True)
class Question:
    """A receipt that is not certain: the payments that it may be, and why the program does not decide."""

    receipt: BankReceipt
    choices: tuple[int, ...]
    why: str


@dataclass(frozen=True)
class Matching:
    """The receipts by project, those to ask about, those that cannot be any of these payments, and how many are others'."""

    found: Mapping[int, BankReceipt]
    asked: tuple[Question, ...] = ()
    near: tuple[Question, ...] = ()
    others: int = 0


class UnreadableTable(ValueError):
    """A table in which the receipts cannot be found; the text is for the person."""


def has_heads(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether a table has the columns of receipts."""
    try:
        _head(rows)
    except UnreadableTable:
        return False
    return True


def receipts_of(rows: Sequence[Sequence[str]]) -> list[BankReceipt]:
    """Return the payments in a table of texts. Raise UnreadableTable when its columns are not known."""
    place, heads, columns, unit = _head(rows)
    found = []
    read = [_amount(_cell(row, columns["amount"])) for row in rows[place + 1 :]]
    out_is_negative = any(amount < 0 for amount in read if amount is not None)
    debit = bool(HEADS["amount"][0].search(_plain(heads[columns["amount"]])))
    for number, (row, amount) in enumerate(zip(rows[place + 1 :], read, strict=True), start=place + 2):
        cells = {key: _cell(row, column) for key, column in columns.items()}
        if SUM.match(next((_name(cell) for cell in row if cell.strip()), "")):
            continue
        if amount is None and cells["amount"] and cells["account"] and cells["name"]:
            found.append(
                BankReceipt(number, cells["number"], None, Decimal(0), cells["account"], cells["name"], cells["amount"])
            )
        if not amount:
            continue
        if out_is_negative:
            if (amount < 0) == debit:  # sent back, or received
                continue
            amount = abs(amount)
        found.append(
            BankReceipt(number, cells["number"], _date(cells["date"]), amount * unit, cells["account"], cells["name"])
        )
    return found


def match(receipts: Iterable[BankReceipt], awaited: Iterable[Awaited]) -> Matching:
    """Return which receipt is which payment: where amount, account and name agree, and only one of each does."""
    lines, waiting = list(receipts), list(awaited)
    fits = {line.row: [item for item in waiting if _agrees(line, item)] for line in lines}
    claimed: dict[int, list[BankReceipt]] = {}
    for line in lines:
        for item in fits[line.row]:
            claimed.setdefault(item.project_id, []).append(line)
    found = {
        items[0].project_id: line
        for line in lines
        if len(items := fits[line.row]) == 1 and len(claimed[items[0].project_id]) == 1 and not _lacking(line)
    }
    used, asked, near, others = {line.row for line in found.values()}, [], [], 0
    for line in lines:
        if line.row in used:
            continue
        same = tuple(item for item in waiting if item.amount == line.amount and item.project_id not in found)
        if line.unread:
            near.append(Question(line, (), f"金额写作{quoted(line.unread)}，不能识别，请按回单逐项填写。"))
        elif same:
            choices = tuple(item.project_id for item in fits[line.row] or same if item in same)
            asked.append(Question(line, choices, _doubt(line, fits[line.row], same, claimed)))
        elif like := [item for item in waiting if _account(item.account) == _account(line.account)]:
            due = "、".join(dict.fromkeys(format_wan(item.amount) for item in like))
            near.append(Question(line, (), f"账号相符，但应拨 {due}，流水为 {format_wan(line.amount)}。"))
        else:
            others += 1
    return Matching(found, tuple(asked), tuple(near), others)


def _doubt(
    line: BankReceipt, fits: Sequence[Awaited], same: Sequence[Awaited], claimed: Mapping[int, Sequence[BankReceipt]]
) -> str:
    """Return why a receipt with the amount of one or more payments is not simply taken."""
    if fits and (lacking := _lacking(line)):
        return f"{lacking}，请按回单填写。"
    if len(fits) > 1:
        return f"金额、账号、户名与 {len(fits)} 个项目都相符。"
    if fits:
        rows = "、".join(str(other.row) for other in claimed[fits[0].project_id] if other.row != line.row)
        return f"第 {rows} 行也与这个项目相符。"
    if LOST in line.account:
        return "金额相符；账号在表格里是数字，末几位已丢失，不能核对。"
    if any(_account(item.account) == _account(line.account) for item in same):
        return "金额、账号相符，户名不同。"
    if any(_name(item.name) == _name(line.name) for item in same):
        return "金额、户名相符，账号不同。"
    return "只有金额相符，账号、户名不同。"


def _lacking(line: BankReceipt) -> str:
    if LOST in line.number:
        return "流水号在表格里是数字，末几位已丢失"
    if not normalised(line.number):
        return "没有流水号"
    return "" if line.dated else "日期不能识别"


def _agrees(line: BankReceipt, item: Awaited) -> bool:
    same = line.amount == item.amount and _name(line.name) == _name(item.name)
    return same and bool(_account(item.account)) and _account(line.account) == _account(item.account)


def _account(text: str) -> str:
    return LOST if LOST in text else normalised(text)


def _name(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _plain(head: str) -> str:
    return _REMARK.sub("", _name(head))


def _head(rows: Sequence[Sequence[str]]) -> tuple[int, list[str], dict[str, int], Decimal]:
    """Return the place of the last row of heads, the heads, the column of each, and the yuan of one unit of the amounts."""
    best: dict[str, int] = {}
    first = rows[:HEAD_ROWS]
    pairs = [(place + 1, _joined(above, below)) for place, (above, below) in enumerate(pairwise(first))]
    for place, row in [*enumerate(first), *pairs]:
        columns: dict[str, int] = {}
        for key, patterns in HEADS.items():
            hits = (number for how in patterns for number, head in enumerate(row) if how.search(_plain(head)))
            found = next(hits, None)
            if found is not None:
                columns[key] = found
        if len(columns) == len(HEADS):
            return place, list(row), columns, Decimal(10_000 if "万元" in row[columns["amount"]] else 1)
        best = max(best, columns, key=len)
    missing = "、".join(label for key, label in LABELS.items() if key not in best)
    raise UnreadableTable(f"表格里没有找到这些列：{missing}。请用银行导出的交易明细，第一行为列名。")


def _joined(above: Sequence[str], below: Sequence[str]) -> list[str]:
    """Return the heads of two rows as one: a merged cell above (收款人) goes with each of those below it (账号, 户名)."""
    heads, group = [], ""
    for upper, lower in zip_longest(above, below, fillvalue=""):
        group = upper or (group if lower else "")
        heads.append(group + lower)
    return heads


def _cell(row: Sequence[str], column: int) -> str:
    return row[column].strip() if column < len(row) else ""


def _amount(text: str) -> Decimal | None:
    plain = re.sub(r"[,¥￥元\s]", "", unicodedata.normalize("NFKC", text))
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        return None
    return amount.quantize(Decimal("0.000001")) if amount.is_finite() and abs(amount) < 10**13 else None


def _date(text: str) -> date | None:
    if serial := _SERIAL.match(text):
        return _FIRST_DAY + timedelta(days=int(serial[1]))
    found = _DATE.match(unicodedata.normalize("NFKC", text))
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
