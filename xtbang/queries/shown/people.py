"""Organisations and people as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from xtbang.models import Deputy, Organisation, Person, SignIn
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
    postal_address: str
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
    return shown(OrganisationShown, row, postal_address=row.address)


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
    codes_left: int  # recovery codes that were not used yet
    created_at: datetime


def person_shown(row: Person) -> PersonShown:
    """Return a person with an account."""
    return shown(
        PersonShown,
        row,
        organisation=row.organisation.name if row.organisation else "",
        role_names=tuple(role.name for role in row.roles),
        second_factor=bool(row.totp_secret),
        codes_left=len(row.recovery_codes),
    )


@dataclass(frozen=True)
class DeputyShown:
    """A deputy (代办人) and whom the deputy stands in for."""

    id: int
    person_id: int
    person: str
    deputy: str
    roles: list[Any]
    starts_on: date
    ends_on: date
    reason: str
    ended_at: datetime | None


def deputy_shown(row: Deputy) -> DeputyShown:
    """Return a deputy."""
    return shown(DeputyShown, row, person=row.person.name, deputy=row.deputy.name)


@dataclass(frozen=True)
class OrganisationChangeShown:
    """A change (变更) of an organisation, with its evidence and what was decided."""

    status: str
    reason: str
    file_id: int
    asked_at: datetime
    asked_by_id: int
    decided_at: datetime | None
    refusal: str


@dataclass(frozen=True)
class RestrictionActShown:
    """An act on a restriction that another person has still to confirm; ``organisation`` and ``asked_by`` are names."""

    id: int
    organisation_id: int
    organisation: str
    restriction_id: int | None
    kind: str
    starts_on: date | None
    ends_on: date | None
    document: str
    reason: str
    asked_at: datetime
    asked_by_id: int
    asked_by: str


@dataclass(frozen=True)
class SignInShown:
    """A device that a person has signed in on."""

    id: int
    device: str  # browser and system, in words
    host: str  # the network address
    began_at: datetime
    seen_at: datetime
    holds: bool  # whether it is still signed in
    here: bool  # whether it is the device of the request


def sign_in_shown(row: SignIn, reader: Person) -> SignInShown:
    """Return a device of that person, who reads it on one of them."""
    holds = row.ended_at is None and row.sessions == reader.fs_uniquifier
    return shown(SignInShown, row, host=row.address, holds=holds, here=row.key == reader.sign_in_key)
