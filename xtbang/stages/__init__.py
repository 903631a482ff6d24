"""What each state of a project's life needs and does, one file per state, in the order of life."""

from xtbang.stages import (  # isort: skip
    common,  # 共用
    draft,  # 草稿
    solicitation,  # 征集
    appraisal,  # 论证
    panels,  # 专家组
    listing,  # 发榜
    bidding,  # 揭榜
    roadshow,  # 路演
    publicity,  # 公示
    contracting,  # 签约
    signing,  # 签章
    vouchers,  # 付款凭证
    waivers,  # 例外
    county,  # 县市区（园区）配套
    first_payment,  # 首拨
    execution,  # 实施
    reports,  # 执行情况报告
    extension,  # 延期
    acceptance,  # 验收
    final_payment,  # 尾拨
    termination,  # 终止
)

__all__ = [
    "acceptance",
    "appraisal",
    "bidding",
    "common",
    "contracting",
    "county",
    "draft",
    "execution",
    "extension",
    "final_payment",
    "first_payment",
    "listing",
    "panels",
    "publicity",
    "reports",
    "roadshow",
    "signing",
    "solicitation",
    "termination",
    "vouchers",
    "waivers",
]
