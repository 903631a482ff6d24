"""People (人员) and their roles; Flask-Security manages the accounts."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import JSON, Column, ColumnElement, ForeignKey, String, Table
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from xtbang.models.base import Base
from xtbang.models.organisation import Organisation
from xtbang.rules.search_words import as_compared

if TYPE_CHECKING:
    from xtbang.models.deputy import Deputy

ACTING = ("applicant", "agency")  # who acts for the organisation: it sees, it gets mail; all others are employed there

NO_CODE = "无"  # what stands in place of the code of an employer that has none

person_role = Table(
    "person_role",
    Base.metadata,
    Column("person_id", ForeignKey("person.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True, index=True),
)


class Role(Base, RoleMixin):
    """One of ``xtbang.enums.RoleName``."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String, unique=True)
    description: Mapped[str] = mapped_column(String, default="")
    permissions: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()), nullable=True)


class Person(Base, UserMixin):
    """A person with an account: of an organisation, of an office, or an expert."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String, unique=True)
    password: Mapped[str | None] = mapped_column(String)
    password_given: Mapped[bool] = mapped_column(default=False)  # by an officer: must be replaced at the first sign-in
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String, unique=True)
    totp_secret: Mapped[str | None] = mapped_column(String)  # encrypted; of the device that makes codes
    totp_counter: Mapped[int | None]  # of the last code that was taken: none is taken twice
    recovery_codes: Mapped[list[Any]] = mapped_column(JSON, default=list)  # digests of those not yet used
    density: Mapped[str] = mapped_column(String, default="normal", server_default="normal")  # of the lines of lists
    calendar_number: Mapped[int | None]  # in the private address of the calendar; None: there is no such address
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    name: Mapped[str] = mapped_column(String)
    title: Mapped[str] = mapped_column(String, default="")
    mobile: Mapped[str] = mapped_column(String, default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    manager: Mapped[bool] = mapped_column(default=False)  # of the organisation: may add colleagues
    region: Mapped[str | None] = mapped_column(String)  # of a county officer
    employer: Mapped[str] = mapped_column(String, default="")  # of an expert, whether or not it is registered here
    employer_uscc: Mapped[str] = mapped_column(String, default="")  # its code; “无” where it has none
    expert_kind: Mapped[str | None] = mapped_column(String)  # 技术 财务 法律
    expert_domains: Mapped[list[Any]] = mapped_column(JSON, default=list)

    organisation: Mapped[Organisation | None] = relationship(foreign_keys=[organisation_id], lazy="joined")
    roles: Mapped[list[Role]] = relationship(secondary=person_role, lazy="selectin")  # type: ignore[assignment]
    deputising: Mapped[list["Deputy"]] = relationship(foreign_keys="Deputy.deputy_id", back_populates="deputy")
    deputies: Mapped[list["Deputy"]] = relationship(foreign_keys="Deputy.person_id", back_populates="person")

    sign_in_key = ""  # of the device that this request came from; not kept

    def get_id(self) -> str:
        """Return the value of a device's cookies: the person's session key and the key of the sign-in."""
        return f"{self.fs_uniquifier}:{self.sign_in_key}" if self.sign_in_key else str(self.fs_uniquifier)

    @property
    def role_names(self) -> frozenset[str]:
        """Return the names of the person's roles."""
        return frozenset(role.name for role in self.roles)

    @property
    def works_at(self) -> str:
        """Return the name of the organisation or other employer; "" when it is not known."""
        return self.employer or (self.organisation.name if self.organisation else "")

    @property
    def employed_by(self) -> frozenset[str]:
        """Return names and code of whom the person works for (the employer, the organisation), `as_compared`."""
        own = (self.organisation.name, self.organisation.uscc) if self.organisation else ()
        return frozenset(map(as_compared, {self.employer, self.employer_uscc, *own} - {"", NO_CODE}))

    @property
    def acts_for_organisation(self) -> bool:
        """Return whether the person acts for the organisation; an expert is only employed there."""
        return self.organisation_id is not None and not self.role_names.isdisjoint(ACTING)


def acts_for_organisation() -> ColumnElement[bool]:
    """Return the condition for people who act for their organisation."""
    return Person.roles.any(Role.name.in_(ACTING))
