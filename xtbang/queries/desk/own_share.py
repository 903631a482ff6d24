"""The consent to a larger own share (自筹) that the issuer is asked for where less was granted than applied for, in SQL."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Numeric, and_, case, cast, exists, func, select, type_coerce

from xtbang.models import DocumentVersion, Finding, Project
from xtbang.queries.desk.groups import contract_version
from xtbang.rules.money import WAN

AMOUNT = r"^[0-9]+(\.[0-9]+)?$"


def own_share_open() -> ColumnElement[bool]:
    """Return the condition that the first contract waits for the issuer's consent to pay what was not granted."""
    newest = select(DocumentVersion.id).where(DocumentVersion.document_id == Project.application_id)
    newest = newest.order_by(DocumentVersion.number.desc()).limit(1).correlate(Project)
    city, county = _fen("src_city"), _fen("src_county")
    granted = _granted(Project.subsidy_city) + case((county > 0, _granted(Project.subsidy_county)), else_=0)
    less = exists().where(DocumentVersion.id == newest.scalar_subquery(), city + county > granted)
    agreed = exists().where(
        Finding.project_id == Project.id,
        Finding.kind == "consent",
        Finding.number.startswith("own_share:"),
        Finding.at >= Project.state_since,
    )
    first = and_(Project.contract_id.is_not(None), contract_version().is_(None))
    return and_(first, less.correlate(Project), ~agreed.correlate(Project))


def _fen(key: str) -> Any:
    """Return an amount of the application in 分; 0 where there is none."""
    typed = DocumentVersion.data[key].as_string()
    amount = func.round(cast(typed, Numeric) * int(WAN * 100))
    return case((typed.regexp_match(AMOUNT), cast(amount, BigInteger)), else_=0)


def _granted(column: Any) -> Any:
    """Return an amount of the project in 分; 0 where there is none."""
    return func.coalesce(type_coerce(column, BigInteger), 0)
