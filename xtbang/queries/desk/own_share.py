"""The consent to a larger own share (自筹) that the issuer is asked for where less was granted than applied for, in SQL."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, and_, case, cast, exists, func, select, type_coerce

from xtbang.models import DocumentVersion, Finding, Project
from xtbang.queries.desk.groups import contract_version
from xtbang.rules.money import WAN

AMOUNT = r"^[0-9]+(\.[0-9]+)?$"
CONSENT = "own_share:"  # and the amount in 万元, as domain/own_share.py writes it


def own_share_open() -> ColumnElement[bool]:
    """Return the condition that a contract to be issued waits for the issuer's consent to pay what was not granted."""
    newest = select(DocumentVersion.id).where(DocumentVersion.document_id == Project.application_id)
    newest = newest.order_by(DocumentVersion.number.desc()).limit(1).correlate(Project)
    city, county = (_fen(DocumentVersion.data[key].as_string()) for key in ("src_city", "src_county"))
    granted = _granted(Project.subsidy_city) + case((county > 0, _granted(Project.subsidy_county)), else_=0)
    less = city + county - granted
    agreed = exists().where(
        Finding.project_id == Project.id,
        Finding.kind == "consent",
        Finding.number.startswith(CONSENT),
        _fen(func.substr(Finding.number, len(CONSENT) + 1)) == less,
    )
    asked = exists().where(
        DocumentVersion.id == newest.scalar_subquery(), less > 0, ~agreed.correlate(DocumentVersion, Project)
    )
    return and_(Project.contract_id.is_not(None), contract_version().is_(None), asked.correlate(Project))


def _fen(typed: Any) -> Any:
    """Return an amount in 万元, as text, in 分; 0 where it is none."""
    amount = func.round(cast(typed, Numeric) * int(WAN * 100))
    return case((typed.regexp_match(AMOUNT), cast(amount, BigInteger)), else_=0)


def _granted(column: Any) -> Any:
    """Return an amount of the project in 分; 0 where there is none."""
    return func.coalesce(type_coerce(column, BigInteger), 0)
