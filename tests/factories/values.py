"""Forms filled in completely and correctly (万元)."""

from typing import Any

DOMAIN = "先进材料"
FORM: dict[str, Any] = {
    "title": "高温合金涂层关键技术",
    "domain": DOMAIN,
    "level": "national_leading",
    "tech_types": ["bottleneck"],
    "background": "背景",
    "state_of_art": "现状",
    "requirement": "指标",
    "outcome": "效益",
    "bidder_terms": "要求",
    "term_start": "2024-11-20",
    "term_end": "2026-11-19",
    "credit_declaration": True,
}
MONEY = {"planned_investment": "200", "self_raised": "150", "subsidy_asked": "50", "new_tax": "120"}
OF_2021: dict[str, Any] = {
    "domain": "精品钢材及新材料",
    "tech_types": ["bottleneck"],
    "planned_total": "200",
    "supply_modes": ["transfer"],
    "standing": "水平",
    "basis": "基础",
    "scene_content": "内容",
    "scene_basis": "基础",
}
BID: dict[str, Any] = {
    "lead_task": "总体研发",
    "lead_share": "100",
    "leader_name": "周明",
    "leader_title": "教授",
    "leader_mobile": "13800000009",
    "response": [{"indicator": "寿命", "requirement": "3000h", "commitment": "3200h", "method": "等离子喷涂"}],
    "route": "技术路线",
    "basis": "研究基础",
    "milestones": [{"date": "2025-11-19", "content": "中试", "indicator": "样件", "money": "80"}],
    "price": "90",
    "payment_plan": "分三期支付",
    "results": "预期成果",
    "bidder_declaration": True,
}
APPLICATION: dict[str, Any] = {
    "contract_number": "JSHT-2024-017",
    "contract_signed_on": "2024-11-01",
    "contract_amount": "90",
    "ip_ownership": "归发榜方所有",
    "ip_sharing": "双方按约定分成",
    "total_investment": "200",
    "src_issuer_own": "30",
    "src_paid_to_bidder": "90",
    "src_city": "40",
    "src_county": "40",
    "use_equipment": "100",
    "use_material": "100",
    **{f"use_{key}": "0" for key in ("testing", "fuel", "travel", "publication", "labour", "expert", "other")},
    "goals": "研究目标",
    "route": "技术路线",
    "term_start": "2024-11-20",
    "term_end": "2026-11-19",
    "milestones": [{"date": "2025-11-19", "content": "中试", "indicator": "样件", "money": "80"}],
    "indicators": [{"name": "寿命", "unit": "h", "today": "2000", "target": "3000", "proof": "第三方检测"}],
    "new_tax": "120",
    "team": [{"name": "周明", "title": "教授", "organisation": "湘潭大学", "role": "总体"}],
}
WINDOW = {"bids_from": "2024-10-08T08:00", "bids_until": "2024-10-28T17:30"}
RESOLUTION = {"resolution_date": "2024-11-11", "resolution_number": "潭科党〔2024〕9号"}
CONTRACT = {
    "payee_bank": "湘潭农商行",
    "payee_account": "6222000011112222",
    "confidential_years": 3,
    "dispute": "arbitration",
}
OBJECTION = {"name": "李某", "contact": "13900000000", "facts": "技术方案并非自主研发"}
# total 250, self-raised 50 + 100 = 3 × 50, city 50, county 50; 40 % are 100
FIFTY = {
    "total_investment": "250",
    "contract_amount": "100",
    "src_issuer_own": "50",
    "src_paid_to_bidder": "100",
    "src_city": "50",
    "src_county": "50",
    "use_equipment": "150",
}
# total 120, city 15, county 15: 40 % are 48
TWELVE = {
    "total_investment": "120",
    "contract_amount": "60",
    "src_issuer_own": "30",
    "src_paid_to_bidder": "60",
    "src_city": "15",
    "src_county": "15",
    "use_equipment": "60",
    "use_material": "60",
}
USES = {key: value for key, value in APPLICATION.items() if key.startswith("use_")} | {
    "use_equipment": "0",
    "use_material": "0",
}
REPORT = {
    "summary": "进展顺利",
    "milestones": [{"content": "中试", "state": "ongoing"}],
    "indicators": [{"name": "寿命", "target": "3000", "reached": "2500"}],
    "spent_own": "10",
    "spent_city": "5",
    "spent_county": "5",
    **USES,
    "use_material": "20",
    "problems": "无",
}
ACCEPTANCE = {
    "indicators": [{"name": "寿命", "target": "3000", "reached": "3100", "proof": "检测报告"}],
    "results": "样件",
    "new_tax": "130",
    "spent_own": "180",
    "spent_city": "10",
    "spent_county": "10",
    **USES,
    "use_equipment": "100",
    "use_material": "100",
    "self_grade": "reached",
    "self_text": "完成全部任务",
}
