"""Organisations and people as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from xtbang.models import Organisation, Person
from xtbang.queries.shown import shown


@dataclass(frozen=True)
class OrganisationShown:
    """An organisation as it is registered."""

    id: int
    uscc: str
    code: str  # the credit code, also of a refused registration whose code another one uses now
    name: str
    kind: str
    region: str
    address: str
    postcode: str
    legal_name: str
    legal_phone: str
    staff: int | None
    rd_staff: int | None
    revenue: Decimal | None
    profit_tax: Decimal | None
    rd_spend: Decimal | None
    bank_name: str
    bank_account: str
    status: str
    refusal: str
    created_at: datetime
    confirmed_at: datetime | None
    dissolved_on: date | None
    version: int


def organisation_shown(row: Organisation) -> OrganisationShown:
    """Return an organisation as it is registered."""
    return shown(OrganisationShown, row)


@dataclass(frozen=True)
class PersonShown:
    """A person with an account, without anything that opens it."""

    id: int
    name: str
    email: str
    title: str
    mobile: str
    active: bool
    manager: bool
    organisation: str  # "" without one
    acts_for_organisation: bool
    works_at: str
    region: str | None
    expert_kind: str | None
    role_names: tuple[str, ...]
    password_given: bool
    second_factor: bool  # whether a device makes codes
    created_at: datetime


def person_shown(row: Person) -> PersonShown:
    """Return a person with an account."""
    return shown(
        PersonShown,
        row,
        organisation=row.organisation.name if row.organisation else "",
        role_names=tuple(role.name for role in row.roles),
        second_factor=bool(row.totp_secret),
    )
