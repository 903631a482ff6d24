"""The rules in force, article by article, with the figures of the edition; and how the program reads what they leave open."""

from xtbang.rules.edition import Edition, Parameter
from xtbang.rules.money import format_percent, format_wan, plain
from xtbang.rules.reasons import Force
from xtbang.rules.subsidy import amount

FORCE = {Force.MUST: "必须", Force.PRINCIPLE: "原则上，两局会签可作例外", Force.ADVICE: "优先或鼓励"}

DEFINITIONS = (
    ("科研投入总额", "自筹资金、市级补助与列入其中的县市区（园区）补助之和；25% 与 40% 都以它为基数。"),
    ("配套", "只计自筹资金，与市级补助相比。例：总额 100 万元、补助 25 万元，自筹 75 万元，符合 3 倍要求。"),
    ("未结题", "作为发榜方或揭榜方承担的项目处于签约至尾拨、延期，或终止后资金尚未全部退回。"),
    ("发榜方支付", "只计经两局核验的付款凭证，付款日期早于首期拨付，累计以技术合同金额为限。"),
    ("已拨付", "按资金来源（市级、县市区）分别累计；收回时各退各的。"),
    ("公示期", "发布当日不计，自次日起按工作日计算，最后一日二十四时（北京时间）届满。"),
    ("实施周期", "按日历计算：2024年11月20日起两年，至2026年11月19日止。"),
    ("金额与比例", "以分为单位精确比较，比例不作四舍五入；算得的上限舍去不足一分的部分。"),
)


def articles(edition: Edition) -> list[dict[str, str]]:
    """Every parameter of the edition as a sentence: ``title``, ``text``, ``article``, ``force``."""
    money = (
        ("科研投入总额", "不低于 {}", edition.investment_minimum),
        ("单个项目市级补助", "最高不超过 {}", edition.subsidy_maximum),
        ("揭榜方自我管理", "补助资金在 {} 以下（含）", edition.self_managed_subsidy),
    )
    ratios = (
        ("补助比例", "不超过科研投入总额的 {}", edition.subsidy_ratio),
        ("首期拨付", "立项后拨付补助资金的 {}，其余在通过验收后拨付", edition.first_instalment_ratio),
        ("首拨前发榜方付款", "不低于科研投入总额的 {}，以资金拨付凭据为证", edition.issuer_payment_ratio),
        ("客观原因终止", "收回已拨付财政资金的 {}", edition.recovery_objective),
        ("主观原因终止", "收回已拨付财政资金的 {}", edition.recovery_subjective),
    )
    plains = (
        ("项目实施周期", "不超过 {} 年", edition.term_years),
        ("配套", "项目实施单位按不低于补助资金 {} 倍配套", edition.match_ratio),
        ("县市区（园区）补助", "与市级按 {}:1 的比例安排", edition.county_ratio),
        ("自我管理的实施周期", "在 {} 年以内", edition.self_managed_years),
        ("信用记录", "近 {} 年内无不良信用记录或重大违法行为", edition.clean_years),
        ("公示", "{} 个工作日", edition.notice_days),
    )
    found = [_line(title, text, rule, format_wan(amount(rule))) for title, text, rule in money]
    found += [_line(title, text, rule, format_percent(rule.value)) for title, text, rule in ratios]
    found += [_line(title, text, rule, plain(rule.value)) for title, text, rule in plains]
    if edition.new_tax_minimum:
        value = format_wan(amount(edition.new_tax_minimum))
        found.append(_line("新增税收", "项目执行期企业新增税收不低于 {}", edition.new_tax_minimum, value))
    return found


def _line(title: str, text: str, rule: Parameter, value: str) -> dict[str, str]:
    return {"title": title, "text": text.format(value), "article": rule.article, "force": FORCE[rule.force]}
