"""Made-up Chinese prose of any length."""

_PROSE = (
    "针对高温合金热障涂层长期依赖进口的难题，甲乙双方联合攻关粉末球化、等离子喷涂与热震寿命预测等关键工艺，"
    "突破涂层结合强度≥45MPa、热震寿命≥3000次（1100℃）的指标，形成自主可控的成套装备和工艺规范；"
    "在本企业示范应用后向上下游推广，力争3年内新增产值1.2亿元，带动就业200人。"
)


def text(length: int, start: int = 0) -> str:
    """That many characters of prose without a line break, a different sentence for each ``start``."""
    first = start * 7 % len(_PROSE)
    prose = (_PROSE * (length // len(_PROSE) + 2))[first:]
    return prose[: length - 1].rstrip("，；。、（") + "。"
