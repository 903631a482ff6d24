"""The rules in force, article by article, with the figures of the edition; and definitions of what they leave open."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from xtbang.enums import KIND_LABELS, PANEL_LABELS
from xtbang.rules.edition import Edition, Instalment, Parameter
from xtbang.rules.money import format_percent, format_wan, plain, times
from xtbang.rules.reasons import Force
from xtbang.rules.subsidy import amount, subsidy_limit
from xtbang.rules.term import in_chinese, last_day

AFTER = {"contract": "立项", "midterm": "通过中期检查", "acceptance": "通过验收"}
FORCE = {Force.MUST: "必须", Force.PRINCIPLE: "原则上，两局会签可作例外", Force.ADVICE: "优先或鼓励"}


@dataclass(frozen=True)
class Line:
    """One rule in one sentence."""

    text: str
    force: str = FORCE[Force.MUST]
    article: str = ""  # if it differs from the article it is listed under


@dataclass(frozen=True)
class Article:
    """An article of the regulations (办法) and its requirements under an edition."""

    number: str  # 第七条
    title: str
    lines: tuple[Line, ...]


def articles(edition: Edition) -> list[Article]:
    """Return 第三条 to 第十三条 with the figures of the edition."""
    parts = (
        ("第三条", "组织与清单", _third()),
        ("第四条", "项目征集", _fourth(edition)),
        ("第五条", "发榜对接", _fifth()),
        ("第六条", "项目合作", _sixth(edition)),
        ("第七条", "资金", _seventh(edition)),
        ("第八条", "过程管理与验收", _eighth(edition)),
        ("第九条", "论证、公示与签约", _ninth(edition)),
        ("第十条", "知识产权", iter((Line("技术合同须约定知识产权的归属和分配；没有约定的，不能申报立项。"),))),
        ("第十一条", "客观原因", _eleventh(edition)),
        ("第十二条", "主观原因", _twelfth(edition)),
        ("第十三条", "诚信", iter((Line("弄虚作假、挪用资金、科研不端或失信的，在限制期内不能申报、揭榜和拨款。"),))),
    )
    return [Article(number, title, tuple(lines)) for number, title, lines in parts]


def _third() -> Iterator[Line]:
    yield Line("市科技局会同市工信局组织，形成技术供需两张清单、应用场景供需两张清单。")
    yield Line("凡须两局共同决定的事项，由两局的两名不同人员分别会签，第二次会签后生效。")


def _fourth(edition: Edition) -> Iterator[Line]:
    for kind in edition.forms:
        where = "本市登记的" if edition.issuer_local[kind] else "市内外的"
        yield Line(f"{KIND_LABELS[kind]}：由{where}{'、'.join(edition.issuer_kinds[kind])}提出。")
    yield Line("征集期外不受理提交，草稿保留；截止以服务器的北京时间为准。")
    if edition.scan_required:
        yield Line("提交时须附加盖公章的扫描件。", article=edition.articles["papers"])
    if edition.one_project_at_a_time:
        yield Line("企业已承担的市级“揭榜挂帅”项目未结题前，不得申报。", article=edition.articles["unfinished"])


def _fifth() -> Iterator[Line]:
    yield Line("受理的项目列入清单，长期发布，供需双方自愿对接；对接成功的登记技术合同后办结。")
    yield Line("从需求清单中选择重大项目列入榜单，面向全国揭榜；揭榜截止前，各单位的揭榜申请相互保密。")
    yield Line("清单中的项目可以推荐申报省“揭榜挂帅”项目。", FORCE[Force.ADVICE])


def _sixth(edition: Edition) -> Iterator[Line]:
    who = f"{'、'.join(edition.bidder_kinds)}可以揭榜" if edition.bidder_kinds else "具备条件的法人单位可以揭榜"
    joint = "；可以单独揭榜，也可以组成联合体" if edition.consortium_allowed else ""
    yield Line(f"{who}{joint}。")
    yield Line("发榜方不得作为揭榜方、联合体成员或合作单位参与本项目的揭榜。")
    years = plain(edition.clean_years.value)
    yield _rule(f"发榜方、揭榜方近 {years} 年内无不良信用记录或重大违法行为。", edition.clean_years)
    yield Line("优先支持本市具有良好科研业绩的单位和团队揭榜，鼓励产学研合作揭榜。", FORCE[Force.ADVICE])


def _seventh(edition: Edition) -> Iterator[Line]:
    e = edition
    yield _rule(f"科研投入总额不低于 {format_wan(amount(e.investment_minimum))}。", e.investment_minimum)
    yield _rule(f"实施周期不超过 {plain(e.term_years.value)} 年。", e.term_years)
    if e.new_tax_minimum:
        text = f"项目执行期企业新增税收不低于 {format_wan(amount(e.new_tax_minimum))}。"
        yield _rule(text, e.new_tax_minimum)
    yield _rule(f"市级补助不超过科研投入总额的 {format_percent(e.subsidy_ratio.value)}。", e.subsidy_ratio)
    yield _rule(f"单个项目市级补助最高不超过 {format_wan(amount(e.subsidy_maximum))}。", e.subsidy_maximum)
    yield _rule(f"项目实施单位的配套不低于市级补助的 {plain(e.match_ratio.value)} 倍。", e.match_ratio)
    yield _rule(f"县市区（园区）按市级补助的 {plain(e.county_ratio.value)} 倍给予补助。", e.county_ratio)
    yield Line(_instalments(e.instalments), FORCE[Force.MUST], e.instalments[0].article)
    if item := e.issuer_pays_before:
        share = format_percent(e.issuer_payment_ratio.value)
        text = f"{item.name}拨付前，发榜方支付揭榜方的资金不低于科研投入总额的 {share}。"
        yield _rule(text, e.issuer_payment_ratio)
        yield Line("发榜方付款以资金拨付凭据为证，经核验后计入。")


def _instalments(items: Sequence[Instalment]) -> str:
    """Return the sentence about when which part of the subsidy is paid."""
    *others, last = items
    if not others:
        return f"补助在{AFTER[last.after]}后一次拨付。"
    parts = [f"{AFTER[item.after]}后拨付 {format_percent(item.share)}" for item in others]
    rest = f"其余 {format_percent(last.share)} 在{AFTER[last.after]}后拨付"
    return f"补助分{'两三四五'[len(others) - 1]}期：{'，'.join([*parts, rest])}。"


def _eighth(edition: Edition) -> Iterator[Line]:
    e = edition
    limit, years = format_wan(amount(e.self_managed_subsidy)), plain(e.self_managed_years.value)
    text = f"实施周期 {years} 年以内且市级补助不超过 {limit}（含本数）的，以揭榜方自我管理为主，"
    yield _rule(f"{text}每 {e.report_months_self} 个月报告一次，验收以揭榜方自身绩效评价为主。", e.self_managed_subsidy)
    text = f"其余项目由两局（或委托第三方专业机构）跟踪管理，每 {e.report_months_tracked} 个月报告一次，组织专家验收。"
    yield Line(text)


def _ninth(edition: Edition) -> Iterator[Line]:
    for key in ("appraisal", "roadshow", "acceptance"):
        sheet = edition.sheets[key]
        kinds = "、".join(sheet.kinds_required)
        text = f"{PANEL_LABELS[key]}：专家不少于 {sheet.experts_minimum} 名，须有{kinds}专家；随机抽取，回避在先。"
        yield Line(text, article=sheet.article)
    days = plain(edition.notice_days.value)
    yield _rule(
        f"拟立项名单公示 {days} 个工作日；公示期内任何人可以提出异议，凭回执码查询处理情况。", edition.notice_days
    )
    yield Line("公示无异议的，由发榜方、揭榜方、市科技局、市工信局四方签订合同书，并发布中榜通告。")


def _eleventh(edition: Edition) -> Iterator[Line]:
    text = "因客观原因或不可抗力不能按期按质完成的，凭第三方审计报告，经两局审核同意，可以延期或终止。"
    yield Line(text)
    back = format_percent(edition.recovery_objective.value)
    yield _rule(f"终止的，收回已拨付财政补助资金的 {back}。", edition.recovery_objective)


def _twelfth(edition: Edition) -> Iterator[Line]:
    sheet = edition.sheets["liability"]
    kinds = "、".join(sheet.kinds_required)
    yield Line(f"因发榜方或揭榜方主观原因终止的，组织{kinds}专家论证（不少于 {sheet.experts_minimum} 名），明确责任。")
    back = format_percent(edition.recovery_subjective.value)
    yield _rule(f"收回已拨付财政补助资金的 {back}。", edition.recovery_subjective)


def _rule(text: str, rule: Parameter) -> Line:
    return Line(text, FORCE[rule.force], rule.article)


def definitions(edition: Edition) -> list[tuple[str, str]]:
    """Return how the program interprets what the sources leave open, with figures of the edition as examples."""
    e = edition
    total = amount(e.investment_minimum)
    most = subsidy_limit(e, total)
    match = times(most, e.match_ratio.value)
    start = date(2024, 11, 20)
    end = in_chinese(last_day(start, e.term_years.value))
    ratio, paid = format_percent(e.subsidy_ratio.value), format_percent(e.issuer_payment_ratio.value)
    first = e.issuer_pays_before
    bases = f"{ratio} 与 {paid} 都以它为基数" if first else f"{ratio} 以它为基数"
    return [
        ("科研投入总额", f"自筹资金、市级补助与列入其中的县市区（园区）补助之和；{bases}。"),
        (
            "配套",
            f"只计自筹资金，与市级补助相比。例：总额 {format_wan(total)}、市级补助 {format_wan(most)} 的，"
            f"自筹须达到 {format_wan(match)}。",
        ),
        ("未结题", "作为发榜方或达成意向的揭榜方承担的项目，处于签约至尾拨、延期，或已终止而资金尚未全部收回。"),
        *(
            (("发榜方付款", f"只计经核验的付款凭证，付款日期早于{first.name}拨付，累计以技术合同金额为限。"),)
            if first
            else ()
        ),
        ("已拨付", "按资金来源（市级、县市区）分别累计各期拨付；收回时各自收回各自的部分。"),
        (
            "公示期",
            "发布当日不计，自次日起按工作日计算，最后一日 24 时（北京时间）届满；放假安排未公布的年份暂按周末推算。",
        ),
        ("实施周期", f"按日历计算：自{in_chinese(start)}起 {plain(e.term_years.value)} 年，至{end}止。"),
        ("金额与比例", "以分为单位精确比较，比例不作四舍五入；算得的上限舍去不足一分的部分。"),
    ]
