"""The instalment that the city pays next, and its conditions in SQL: what its guards say, for many projects."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, exists, false, func, or_, select, true, type_coerce
from sqlalchemy.orm import aliased

from xtbang.models import (
    Change,
    CountyMatch,
    DocumentVersion,
    LedgerEntry,
    Organisation,
    PaymentApproval,
    Project,
    Report,
    Voucher,
    Waiver,
)
from xtbang.models.base import Yuan
from xtbang.queries.desk.groups import has
from xtbang.queries.ledger import stands
from xtbang.queries.prepared import TODAY
from xtbang.queries.project_rows import holds
from xtbang.rules.edition import Instalment
from xtbang.rules.money import yuan
from xtbang.rules.policy import Policy

ISSUER_PAYMENT = "A7.issuer_payment"


@dataclass(frozen=True)
class Due:
    """An instalment, and the condition that it is the next one of a project."""

    instalment: Instalment
    here: ColumnElement[bool]


def next_instalments(policy: Policy) -> Iterator[Due]:
    """Yield every instalment that may be next; one for all editions that pay it alike."""
    alike: dict[tuple[str, Instalment, tuple[int, ...], tuple[int, ...]], list[str]] = {}
    for state in policy.states.values():
        for key, edition in policy.editions.items():
            here = edition.paid_after(state.pays) if state.pays else ()
            for place, item in enumerate(here):
                before, after = (tuple(one.number for one in some) for some in (here[:place], here[place:]))
                alike.setdefault((state.id, item, before, after if len(here) > 1 else ()), []).append(key)
    for (state_id, item, before, after), keys in alike.items():
        whose = true() if len(keys) == len(policy.editions) else Project.edition.in_(keys)
        paid = [instalment_paid("city", number) for number in before]
        left = [~instalment_paid("city", number) for number in after[:1]]
        yield Due(item, and_(Project.state == state_id, whose, *paid, *left))


def is_next(policy: Policy, having: Callable[[Instalment], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return the condition that an instalment is next which fulfils ``having``."""
    return or_(false(), *(and_(due.here, having(due.instalment)) for due in next_instalments(policy)))


def ready(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that the next instalment fulfils every condition of its own; nothing is said of restrictions."""

    def all_met(item: Instalment) -> ColumnElement[bool]:
        return and_(true(), *(CONDITIONS[name](policy, item) for name in item.needs))

    return is_next(policy, all_met)


def approved(number: int) -> ColumnElement[bool]:
    """Return the condition that the city's instalment of that number is approved, for the payee as it is known now."""
    stands = (PaymentApproval.instalment == number, PaymentApproval.voided_at.is_(None))
    return has(PaymentApproval, *stands, _payee_as_approved())


def _payee_as_approved() -> ColumnElement[bool]:
    """Return the condition that contract and register still name the payee of an approval: register and account may change."""
    known = {"name": Organisation.name, "bank_name": Organisation.bank_name, "bank_account": Organisation.bank_account}
    in_contract = {"name": "payee_name", "bank_name": "payee_bank", "bank_account": "payee_account"}
    same = [
        func.coalesce(PaymentApproval.relied_on["payee"][key].as_string(), "")
        == func.coalesce(func.nullif(_of_the_contract(in_contract[key]), ""), column, "")
        for key, column in known.items()
    ]
    issuer = exists().where(Organisation.id == Project.issuer_id, *same)
    return issuer.correlate(Project, PaymentApproval)


def _of_the_contract(key: str) -> Any:
    """Return what the version of the contract in force says in that field; NULL before there is one."""
    newest = select(DocumentVersion.data[key].as_string()).where(DocumentVersion.document_id == Project.contract_id)
    newest = newest.where(holds(DocumentVersion)).order_by(DocumentVersion.number.desc()).limit(1)
    return newest.correlate(Project).scalar_subquery()


def payment_approved(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that the next instalment has been approved."""
    return is_next(policy, lambda item: approved(item.number))


def next_number(policy: Policy) -> ColumnElement[Any]:
    """Return the number of the next instalment; NULL where none is next."""
    return case(*((due.here, due.instalment.number) for due in next_instalments(policy)), else_=None)


# ---------------------------------------------------------------- the conditions


def issuer_has_paid(policy: Policy, _item: Instalment) -> ColumnElement[bool]:
    """Return the condition that the issuer has paid enough, or every office has waived it."""
    return or_(paid_enough(policy), waived(policy))


def voucher_present(_policy: Policy, _item: Instalment) -> ColumnElement[bool]:
    """Return the condition that a voucher has been accepted."""
    return has(Voucher, Voucher.status == "accepted")


def county_match_confirmed(_policy: Policy, item: Instalment) -> ColumnElement[bool]:
    """Return the condition that the county has confirmed its part of the instalment, or owes none."""
    return matched(item.number)


def county_earlier_recorded(_policy: Policy, item: Instalment) -> ColumnElement[bool]:
    """Return the condition that the county has recorded its part of every earlier instalment, or owes none."""
    recorded = and_(true(), *(instalment_paid("county", number) for number in range(1, item.number)))
    return or_(recorded, Project.subsidy_county == yuan(0))


def reports_handed_in(policy: Policy, _item: Instalment) -> ColumnElement[bool]:
    """Return the condition that no report that has fallen due is missing."""
    return ~has(Report, Report.due_on <= TODAY, Report.submitted_at.is_(None))


# the guards that an instalment may need, by name: the guard of that name gives the reasons
CONDITIONS: Mapping[str, Callable[[Policy, Instalment], ColumnElement[bool]]] = {
    function.__name__: function
    for function in (
        issuer_has_paid,
        voucher_present,
        county_match_confirmed,
        county_earlier_recorded,
        reports_handed_in,
    )
}


def waived(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that every office has waived the issuer's payment (原则上).

    The sentence of the waiver is not compared: it does not change while the bid is agreed.
    """
    given = (Waiver.rule == ISSUER_PAYMENT, Waiver.voided_at.is_(None))
    city = policy.city
    if len(city.offices) == 1:
        people = select(func.count(Waiver.person_id.distinct())).where(Waiver.project_id == Project.id, *given)
        return people.correlate(Project).scalar_subquery() >= city.signatures
    return and_(*(has(Waiver, *given, Waiver.role == role) for role in city.roles))


def paid_enough(policy: Policy) -> ColumnElement[bool]:
    """Return the condition that the issuer's checked payments reach the edition's share of the total."""
    return enough(policy, paid_by_issuer())


def enough(policy: Policy, amount: Any) -> ColumnElement[bool]:
    """Return the condition that an amount reaches the edition's share of the total, exact to the 分.

    Where no instalment asks the issuer to pay, nothing has to be paid.
    """
    shares = {
        edition.key: Fraction(edition.issuer_payment_ratio.value if edition.issuer_pays_before else 0)
        for edition in policy.editions.values()
    }
    over = {edition: share.numerator for edition, share in shares.items()}
    under = {edition: share.denominator for edition, share in shares.items()}
    paid = type_coerce(amount, BigInteger) * case(under, value=Project.edition, else_=1)
    return paid >= type_coerce(Project.total_investment, BigInteger) * case(over, value=Project.edition, else_=1)


def issuer_pays_before(policy: Policy) -> ColumnElement[Any]:
    """Return the name of the instalment before which the issuer pays; blank where none asks for it."""
    names = {edition.key: edition.issuer_pays_before for edition in policy.editions.values()}
    return case({key: item.name if item else "" for key, item in names.items()}, value=Project.edition, else_="")


def paid_by_issuer() -> Any:
    """Return the checked payments of the issuer to the bidder before today, in yuan."""
    return total_of(LedgerEntry.kind == "issuer_payment", LedgerEntry.dated < TODAY, stands())


def instalment_paid(source: str, number: int) -> ColumnElement[bool]:
    """Return the condition that the ledger has that instalment of the city or county."""
    same = (LedgerEntry.kind == "instalment", LedgerEntry.source == source, LedgerEntry.instalment == number)
    return has(LedgerEntry, *same, stands())


def matched(number: int) -> ColumnElement[bool]:
    """Return the condition that the county or park has confirmed that instalment, or owes none."""
    return or_(
        has(CountyMatch, CountyMatch.instalment == number, CountyMatch.voided_at.is_(None)),
        Project.subsidy_county == yuan(0),
    )


def outstanding(*sources: str) -> Any:
    """Return what is still to be recovered for these sources, in yuan."""
    due = total_of(LedgerEntry.kind == "recovery_due", LedgerEntry.source.in_(sources))
    back = total_of(LedgerEntry.kind.in_(("recovered", "written_off")), LedgerEntry.source.in_(sources))
    return type_coerce(due - back, Yuan())


def last_to_lower() -> ColumnElement[bool]:
    """Return the condition that a change is the project's last one after which money was to come back."""
    later = aliased(Change)
    after = exists().where(later.project_id == Change.project_id, later.number > Change.number)
    after = after.where(later.status == "in_force", later.recover_by.is_not(None)).correlate(Change)
    mine = (Change.project_id == Project.id, Change.status == "in_force", Change.recover_by.is_not(None))
    return and_(*mine, ~after)


def total_of(*conditions: ColumnElement[bool]) -> Any:
    """Return the sum of such lines of the project's ledger, in yuan."""
    total = func.coalesce(func.sum(LedgerEntry.net), yuan(0))
    query = select(total).where(LedgerEntry.project_id == Project.id, *conditions)
    return query.correlate(Project).scalar_subquery()
