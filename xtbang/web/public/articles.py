"""The rules in force, article by article, with the figures of the edition; and definitions of what they leave open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from xtbang.enums import KIND_LABELS, PANEL_LABELS
from xtbang.rules.changes import DECIDERS, KINDS, NOTICE, OFFICES
from xtbang.rules.city import City
from xtbang.rules.edition import Edition, Instalment, Parameter
from xtbang.rules.money import format_percent, format_wan, plain, times
from xtbang.rules.reasons import Force
from xtbang.rules.subsidy import amount, subsidy_limit
from xtbang.rules.term import in_chinese, last_day

AFTER = {"contract": "立项", "midterm": "通过中期检查", "acceptance": "通过验收"}
MUST, ADVICE = "必须", "优先或鼓励"


@dataclass(frozen=True)
class Line:
    """One rule in one sentence."""

    text: str
    force: str = MUST
    article: str = ""  # if it differs from the article it is listed under


@dataclass(frozen=True)
class Article:
    """An article of the regulations (办法) and its requirements under an edition."""

    number: str  # as the law counts it
    title: str
    text: str  # as published
    lines: tuple[Line, ...]


def articles(edition: Edition, city: City) -> list[Article]:
    """Return the articles of the law, each with the rules that stand at it and the figures of the edition."""
    found = []
    for article in city.articles:
        lines = tuple(line for name in article.figures for line in LINES[name](edition, city))
        if lines:
            found.append(Article(article.number, article.title, article.text, lines))
    return found


def _organisation(_edition: Edition, city: City) -> Iterator[Line]:
    others = f"会同{city.awaited({city.lead.role})}" if len(city.offices) > 1 else ""
    yield Line(f"{city.lead.short}{others}组织，形成技术供需两张清单、应用场景供需两张清单。")
    how = f"由{city.together}的{city.people}不同人员分别会签，{city.last}会签后生效"
    yield Line(f"凡须{'共同决定' if len(city.offices) == 1 else f'{city.together}共同决定'}的事项，{how}。")


def _entries(edition: Edition, _city: City) -> Iterator[Line]:
    for kind in edition.forms:
        where = "本市登记的" if edition.issuer_local[kind] else "市内外的"
        yield Line(f"{KIND_LABELS[kind]}：由{where}{'、'.join(edition.issuer_kinds[kind])}提出。")
    yield Line("征集期外不受理提交，草稿保留；截止以服务器的北京时间为准。")
    if edition.scan_required:
        yield Line("提交时须附加盖公章的扫描件。", article=edition.articles["papers"])
    if edition.one_project_at_a_time:
        yield Line("企业已承担的市级“揭榜挂帅”项目未结题前，不得申报。", article=edition.articles["unfinished"])


def _matching(_edition: Edition, _city: City) -> Iterator[Line]:
    yield Line("受理的项目列入清单，长期发布，供需双方自愿对接；对接成功的登记技术合同后办结。")
    yield Line("从需求清单中选择重大项目列入榜单，面向全国揭榜；揭榜截止前，各单位的揭榜申请相互保密。")
    yield Line("清单中的项目可以推荐申报省“揭榜挂帅”项目。", ADVICE)


def _partners(edition: Edition, city: City) -> Iterator[Line]:
    who = f"{'、'.join(edition.bidder_kinds)}可以揭榜" if edition.bidder_kinds else "具备条件的法人单位可以揭榜"
    joint = "；可以单独揭榜，也可以组成联合体" if edition.consortium_allowed else ""
    yield Line(f"{who}{joint}。")
    yield Line("发榜方不得作为揭榜方、联合体成员或合作单位参与本项目的揭榜。")
    years = plain(edition.clean_years.value)
    yield _rule(f"发榜方、揭榜方近 {years} 年内无不良信用记录或重大违法行为。", edition.clean_years, city)
    yield Line("优先支持本市具有良好科研业绩的单位和团队揭榜，鼓励产学研合作揭榜。", ADVICE)


def _money(edition: Edition, city: City) -> Iterator[Line]:
    e = edition
    yield _rule(f"科研投入总额不低于 {format_wan(amount(e.investment_minimum))}。", e.investment_minimum, city)
    yield _rule(f"实施周期不超过 {plain(e.term_years.value)} 年。", e.term_years, city)
    if e.new_tax_minimum:
        text = f"项目执行期企业新增税收不低于 {format_wan(amount(e.new_tax_minimum))}。"
        yield _rule(text, e.new_tax_minimum, city)
    yield _rule(f"市级补助不超过科研投入总额的 {format_percent(e.subsidy_ratio.value)}。", e.subsidy_ratio, city)
    yield _rule(f"单个项目市级补助最高不超过 {format_wan(amount(e.subsidy_maximum))}。", e.subsidy_maximum, city)
    yield _rule(f"项目实施单位的配套不低于市级补助的 {plain(e.match_ratio.value)} 倍。", e.match_ratio, city)
    if e.county_ratio.value:
        yield _rule(f"县市区（园区）按市级补助的 {plain(e.county_ratio.value)} 倍给予补助。", e.county_ratio, city)
    yield Line(_instalments(e.instalments), MUST, e.instalments[0].article)
    yield Line(f"每期拨付前，由{city.bureaus}、{city.finance.short}会签拨款审批单；代表财政部门审批的人不办理拨付。")
    if e.issuer_payment_ratio.value and (item := e.issuer_pays_before):
        share = format_percent(e.issuer_payment_ratio.value)
        text = f"{item.name}拨付前，发榜方支付揭榜方的资金不低于科研投入总额的 {share}。"
        yield _rule(text, e.issuer_payment_ratio, city)
        yield Line("发榜方付款以资金拨付凭据为证，经核验后计入。")


def _instalments(items: Sequence[Instalment]) -> str:
    """Return the sentence about when which part of the subsidy is paid."""
    *others, last = items
    if not others:
        return f"补助在{AFTER[last.after]}后一次拨付。"
    parts = [f"{AFTER[item.after]}后拨付 {format_percent(item.share)}" for item in others]
    rest = f"其余 {format_percent(last.share)} 在{AFTER[last.after]}后拨付"
    return f"补助分{'两三四五'[len(others) - 1]}期：{'，'.join([*parts, rest])}。"


def _tracking(edition: Edition, city: City) -> Iterator[Line]:
    e = edition
    limit, years = format_wan(amount(e.self_managed_subsidy)), plain(e.self_managed_years.value)
    text = f"实施周期 {years} 年以内且市级补助不超过 {limit}（含本数）的，以揭榜方自我管理为主，"
    yield _rule(
        f"{text}每 {e.report_months_self} 个月报告一次，验收以揭榜方自身绩效评价为主。", e.self_managed_subsidy, city
    )
    if rule := e.midterm:
        who, when = "专家组" if rule.by == "panel" else city.together, format_percent(rule.at)
        yield Line(f"实施期过去 {when} 时由{who}进行中期检查；须整改的，整改后再次检查。", article=rule.article)
    text = f"其余项目由{city.together}（或委托第三方专业机构）跟踪管理，每 {e.report_months_tracked} 个月报告一次，组织专家验收。"
    yield Line(text)


def _examination(edition: Edition, city: City) -> Iterator[Line]:
    for key in ("appraisal", "roadshow", "midterm", "acceptance"):
        if key in edition.without or key not in edition.sheets:
            continue
        sheet = edition.sheets[key]
        kinds = "、".join(sheet.kinds_required)
        text = f"{PANEL_LABELS[key]}：专家不少于 {sheet.experts_minimum} 名，须有{kinds}专家；随机抽取，回避在先；各方认为有专家应当回避的，在抽取前申请。"
        yield Line(text, article=sheet.article)
    days = plain(edition.notice_days.value)
    if "publicity" in edition.without:
        yield Line("拟立项的，各方签订合同书，并发布中榜通告。")
        yield from _changes(edition, city)
        return
    yield _rule(
        f"拟立项名单公示 {days} 个工作日；公示期内任何人可以提出异议，凭回执码查询处理情况。", edition.notice_days, city
    )
    parties = f"发榜方、揭榜方、{city.bureaus}{'三四五'[len(city.offices) - 1]}方"
    yield Line(f"公示无异议的，由{parties}签订合同书，并发布中榜通告。")
    yield from _changes(edition, city)


def _changes(edition: Edition, city: City) -> Iterator[Line]:
    by = {who: "、".join(KINDS[rule.kind] for rule in edition.changes if rule.decided_by == who) for who in DECIDERS}
    if by[OFFICES]:
        yield Line(f"合同生效后变更{by[OFFICES]}的，经其他各方同意后由{city.together}审批，签订补充合同。")
    if by[NOTICE]:
        yield Line(f"变更{by[NOTICE]}的，各方商定后签订补充合同，通知{city.lead.short}。")
    for rule in edition.changes:
        if rule.threshold is not None:
            share = format_percent(rule.threshold)
            yield Line(f"支出科目之间调剂的金额不超过科研投入总额的 {share} 的，各方商定即可；总额和来源有变的须审批。")


def _property(_edition: Edition, _city: City) -> Iterator[Line]:
    yield Line("技术合同须约定知识产权的归属和分配；没有约定的，不能申报立项。")


def _objective(edition: Edition, city: City) -> Iterator[Line]:
    audit = "因客观原因或不可抗力不能按期按质完成的，凭第三方审计报告，"
    yield Line(f"{audit}经{city.together}审核同意，可以延期或终止。")
    if edition.recovery_objective.value:
        back = format_percent(edition.recovery_objective.value)
        yield _rule(f"终止的，收回已拨付财政补助资金的 {back}。", edition.recovery_objective, city)
    yield from _given_up(city)


def _given_up(city: City) -> Iterator[Line]:
    """Yield how a project ends before its contract is in force: the program's reading, since nothing is paid."""
    text = "合同生效以前尚未拨付财政补助资金的，揭榜方可以放弃揭榜，发榜方可以放弃发榜，任一方可以放弃立项，"
    yield Line(f"{text}说明理由即可；这不是终止，不需要审计和责任论证，也不影响对弄虚作假等行为的调查处理。")
    yield Line(f"单位注销、破产，有一方不签合同或者逾期不办理的，由{city.together}终结项目。")


def _subjective(edition: Edition, city: City) -> Iterator[Line]:
    sheet = edition.sheets["liability"]
    kinds = "、".join(sheet.kinds_required)
    yield Line(f"因发榜方或揭榜方主观原因终止的，组织{kinds}专家论证（不少于 {sheet.experts_minimum} 名），明确责任。")
    days = edition.statement_days
    yield Line(
        f"作出终止、追回资金、限制申报的决定前，向各方送达告知书；送达后 {days} 个工作日内可以陈述、申辩，期满前不作出决定。"
    )
    if edition.recovery_subjective.value:
        back = format_percent(edition.recovery_subjective.value)
        yield _rule(f"收回已拨付财政补助资金的 {back}。", edition.recovery_subjective, city)
        text = f"确实不能收回的，凭人民法院或者政府的文书，由{city.finance.short}申请、{city.together}会签核销；限制申报不受影响。"
        yield Line(text)


def _integrity(edition: Edition, city: City) -> Iterator[Line]:
    yield Line("弄虚作假、挪用资金、科研不端或失信的，在限制期内不能申报、揭榜和拨款。")
    if edition.recovery_subjective.value:
        text = "项目办结后查实弄虚作假的，同样经责任论证、告知，听取陈述、申辩，"
        yield Line(f"{text}由{city.together}决定追回已拨付的全部财政补助资金；项目不再计为办结。")


def _rule(text: str, rule: Parameter, city: City) -> Line:
    force = {Force.MUST: MUST, Force.PRINCIPLE: f"原则上，{city.together}会签可作例外", Force.ADVICE: ADVICE}
    return Line(text, force[rule.force], rule.article)


Lines = Callable[[Edition, City], Iterator[Line]]
# the rules that stand at an article of the law, by the names in its ``figures``
LINES: dict[str, Lines] = {
    "organisation": _organisation,
    "entries": _entries,
    "matching": _matching,
    "partners": _partners,
    "money": _money,
    "tracking": _tracking,
    "examination": _examination,
    "property": _property,
    "objective": _objective,
    "subjective": _subjective,
    "integrity": _integrity,
}


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
        (
            "科研投入总额",
            f"自筹资金{'、市级补助与列入其中的县市区（园区）补助' if e.county_ratio.value else '与市级补助'}之和；{bases}。",
        ),
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
        *(
            (("已拨付", "按资金来源（市级、县市区）分别累计各期拨付；收回时各自收回各自的部分。"),)
            if e.county_ratio.value
            else ()
        ),
        (
            "公示期",
            "发布当日不计，自次日起按工作日计算，最后一日 24 时（北京时间）届满；放假安排未公布的年份暂按周末和法定节假日推算，公布后重新计算。",
        ),
        ("实施周期", f"按日历计算：自{in_chinese(start)}起 {plain(e.term_years.value)} 年，至{end}止。"),
        ("金额与比例", "以分为单位精确比较，比例不作四舍五入；算得的上限舍去不足一分的部分。"),
    ]
