"""Receipts from the bank's table: certain ones are taken, all others are asked about."""

from datetime import date
from decimal import Decimal

import pytest

from xtbang.rules.bank_receipts import LOST, Awaited, Matching, UnreadableTable, match, receipts_of

HEADS = ["交易流水号", "交易日期", "付款金额(元)", "收款人账号", "收款人名称", "摘要"]
FIRST = Awaited(1, Decimal(200_000), "6222000011112222", "湘潭电池有限公司")
SECOND = Awaited(2, Decimal(150_000), "6222000099998888", "湘潭机床厂（有限合伙）")


def line(number: str, amount: str, account: str, name: str, dated: str = "2024-11-20") -> list[str]:
    return [number, dated, amount, account, name, "拨付"]


def read(*lines: list[str], heads: list[str] = HEADS, awaited: tuple[Awaited, ...] = (FIRST, SECOND)) -> Matching:
    return match(receipts_of([["某银行交易明细"], heads, *lines]), awaited)


def why(found: Matching) -> list[str]:
    return [one.why for one in found.asked]


def test_amount_account_and_name_agree_whatever_their_spelling() -> None:
    found = read(
        line("A-1", "￥200,000.00", "6222 0000 1111 2222", "湘潭电池 有限公司", "20241120"),
        line("A-2", "150000", "6222000099998888", "湘潭机床厂(有限合伙)", "2024年11月9日 10:30"),
        line("A-3", "88", "1", "别的单位"),
    )
    assert {key: (item.number, item.dated) for key, item in found.found.items()} == {
        1: ("A-1", date(2024, 11, 20)),
        2: ("A-2", date(2024, 11, 9)),
    }
    assert (found.asked, found.near, found.others) == ((), (), 1)


@pytest.mark.parametrize(
    ("lines", "reasons"),
    [
        ([line("A", "200000", FIRST.account, "湘潭电池公司")], ["金额、账号相符，户名不同。"]),
        ([line("A", "200000", "1", FIRST.name)], ["金额、户名相符，账号不同。"]),
        ([line("A", "200000", "1", "别的单位")], ["只有金额相符，账号、户名不同。"]),
        ([line("A", "200000", f"{LOST}6222000011112222", FIRST.name)],
         ["金额相符；账号在表格里是数字，末几位已丢失，不能核对。"]),
        ([line("", "200000", FIRST.account, FIRST.name)], ["没有流水号，请按回单填写。"]),
        ([line("A", "200000", FIRST.account, FIRST.name), line("B", "200000", FIRST.account, FIRST.name)],
         ["第 4 行也与这个项目相符。", "第 3 行也与这个项目相符。"]),
    ],
)  # fmt: skip
def test_what_does_not_match_is_asked_and_nothing_is_guessed(lines: list[list[str]], reasons: list[str]) -> None:
    found = read(*lines)
    assert found.found == {}
    assert why(found) == reasons
    assert {one.choices for one in found.asked} == {(1,)}


def test_one_receipt_for_two_projects_with_one_payee_is_asked() -> None:
    twin = Awaited(3, FIRST.amount, FIRST.account, FIRST.name)
    found = read(line("A", "200000", FIRST.account, FIRST.name), awaited=(FIRST, SECOND, twin))
    assert why(found) == ["金额、账号、户名与 2 个项目都相符。"]
    assert found.asked[0].choices == (1, 3)


def test_another_amount_to_the_same_account_is_told_and_cannot_be_chosen() -> None:
    found = read(line("A", "199999.99", FIRST.account, FIRST.name))
    assert found.asked == ()
    assert found.near[0].why == "账号相符，但应拨 20.00 万元，流水为 19.999999 万元。"


def test_a_payment_that_was_sent_back_or_received_is_none() -> None:
    back = line("A", "-200000", FIRST.account, FIRST.name)
    assert read(back, line("B", "150000", SECOND.account, SECOND.name)).found.keys() == {2}
    signed = [*HEADS[:2], "交易金额", *HEADS[3:]]
    paid, received = back, line("B", "150000", SECOND.account, SECOND.name)
    assert read(paid, received, heads=signed).found.keys() == {1}


def test_a_unit_of_ten_thousand_is_read_and_missing_columns_are_named() -> None:
    wan = [*HEADS[:2], "付款金额（万元）", *HEADS[3:]]
    assert read(line("A", "20", FIRST.account, FIRST.name), heads=wan).found.keys() == {1}
    with pytest.raises(UnreadableTable, match="没有找到这些列：流水号、收款户名。"):
        read(heads=["交易日期", "付款金额", "收款人账号", "付款人名称"])


@pytest.mark.parametrize(
    ("heads", "day"),
    [
        (["账户明细编号-交易流水号", "交易时间", "借方发生额（支取）", "对方账号", "对方户名", "贷方发生额（收入）"], "20241120 16:22:33"),
        (["交易流水号[ Transaction reference number ]", "交易日期[ Transaction Date ]", "交易金额[ Trade Amount ]",
          "收款人账号[ Payee's Account Number ]", "收款人名称[ Payee's Name ]", "付款人账号[ Debit Account No. ]"], "2024/11/20"),
        (["流水号", "交易日", "借方金额", "收(付)方帐号", "收(付)方名称", "交易时间"], "45616"),
        (["回单号码", "记账日期", "支出金额", "对方账号", "对方单位名称", "对方行号"], "45616.5625"),
    ],
)  # fmt: skip
def test_the_heads_of_banks_are_known_with_what_stands_behind_them_and_a_day_as_a_number(
    heads: list[str], day: str
) -> None:
    paid = [*line("A", "￥２００，０００．００", FIRST.account, FIRST.name, day)[:5], "10:23:01"]
    [found] = read(paid, heads=heads).found.values()
    assert (found.number, found.dated, found.amount) == ("A", date(2024, 11, 20), 200_000)


@pytest.mark.parametrize("typed", ["20万", "贰拾万元整", "200000（已付）", "#REF!"])
def test_an_amount_that_cannot_be_read_is_told_and_not_passed_over(typed: str) -> None:
    found = read(line("A", typed, FIRST.account, FIRST.name), ["合计", "", "二十万", "", ""])
    assert (found.found, found.asked, found.others) == ({}, (), 0)
    assert [one.why for one in found.near] == [f"金额写作“{typed}”，不能识别，请按回单逐项填写。"]


def test_heads_in_two_rows_are_read_and_a_sum_is_no_payment() -> None:
    above = ["交易流水号", "交易日期", "付款金额（元）", "收款人", "", "摘要"]
    below = ["", "", "", "账号", "户名", ""]
    both = Awaited(3, Decimal(350_000), "6222000077776666", "湘潭轴承有限公司")
    paid = [line("A", "200000", FIRST.account, FIRST.name), line("B", "150000", SECOND.account, SECOND.name)]
    found = read(below, *paid, ["合 计", "", "350000", "", "", ""], heads=above, awaited=(FIRST, SECOND, both))
    assert {key: item.row for key, item in found.found.items()} == {1: 4, 2: 5}
    assert (found.asked, found.near, found.others) == ((), (), 0)
    assert read(*paid, ["", "本页合计", "350000", "", "", ""], awaited=(both,)).asked == ()
