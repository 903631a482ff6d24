"""The guards and effects of each state in the life of a project: one file per state, in order of life."""

from xtbang.stages import (  # isort: skip
    draft,  # 草稿
    solicitation,  # 征集
    appraisal,  # 论证
    listing,  # 发榜
    bidding,  # 揭榜
    roadshow,  # 路演
    publicity,  # 公示
    contracting,  # 签约
    first_payment,  # 首拨
    execution,  # 实施
    extension,  # 延期
    midterm,  # 中期检查
    midterm_payment,  # 中期拨付
    acceptance,  # 验收
    final_payment,  # 尾拨
    termination,  # 终止
    revocations,  # 撤销
    amendments,  # 更正
)

__all__ = [
    "acceptance",
    "amendments",
    "appraisal",
    "bidding",
    "contracting",
    "draft",
    "execution",
    "extension",
    "final_payment",
    "first_payment",
    "listing",
    "midterm",
    "midterm_payment",
    "publicity",
    "revocations",
    "roadshow",
    "solicitation",
    "termination",
]
