"""Telephones and mail addresses are found however they are written; other long numbers are not taken for them."""

import pytest

from xtbang.rules.contacts import has_contact

CONTACTS = (
    "联系人张三 13812345678", "手机：138-1234-5678", "138 1234 5678", "+86 13812345678", "0731-58570302", "（0731）58570302",
    "电话：58570302", "电话 5857 0302", "(010) 62345678", "邮箱zhang@xtu.edu.cn", "ZHANG＠163.com", "13812345678。",
    "座机0731—58570302", "Tel: 0731 58570302", "联系电话１３８１２３４５６７８", "咨询13812345678/13912345678",
)  # fmt: skip
OTHERS = (
    "91430300MA4L16JQ9B", "统一社会信用代码 914303001234567890", "账号 6222 0213 8123 4567 890", "账号：18512345678",
    "开户行账号 13812345678", "专利号 ZL202110123456.7", "ZL 2021 1 0123456.7", "CN113812345678A", "GB/T 9704-2012",
    "GB 31000-2015", "合同编号 HT-2024-0731-58570302", "合同号：2024-0731-5857030", "13,800,000.00 元", "金额 13800000000.00",
    "人民币13800000000元", "13800138000元", "2024年11月20日至2026年11月19日", "XTJB-2024-01-0001", "发票号 13812345678",
    "潭财教〔2024〕88号", "0.7315857030", "3000次（1100℃）", "2024110113812345678", "身份证430302199001011234",
    "ISBN 978-7-111-12345-6", "经度112.9444 纬度27.8297",
)  # fmt: skip


@pytest.mark.parametrize("text", CONTACTS)
def test_a_contact_is_found(text: str) -> None:
    assert has_contact(text)


@pytest.mark.parametrize("text", OTHERS)
def test_another_number_is_no_contact(text: str) -> None:
    assert not has_contact(text)
