"""The Flask extensions, bound to the application in ``create_app``."""

from typing import Any

from flask import current_app
from flask_security import Security, SQLAlchemyUserDatastore
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager, joinedload

from xtbang.actions.expected_payments import keep_expected_payments
from xtbang.actions.money_totals import keep_money_totals
from xtbang.actions.search_index import keep_search_index
from xtbang.models import Base, Person, Role, SignIn, person_role
from xtbang.models.writing import watch_session

db = SQLAlchemy(metadata=Base.metadata)
watch_session(db.session)
keep_search_index(db.session)
keep_expected_payments(db.session)
keep_money_totals(db.session)
security = Security()


KNOWN = (  # built once: every page asks it
    select(Person)
    .outerjoin(
        person_role, person_role.c.person_id == Person.id
    )  # one by one: joined by `roles`, SQLite reads all of it
    .outerjoin(Role, Role.id == person_role.c.role_id)
    .options(contains_eager(Person.roles), joinedload(Person.deputising))
    .where(Person.fs_uniquifier == bindparam("sign"))
)
SIGNED_IN = KNOWN.join(SignIn, SignIn.person_id == Person.id).where(
    SignIn.key == bindparam("sign_in"), SignIn.ended_at.is_(None), SignIn.began_at > bindparam("began_after")
)


class People(SQLAlchemyUserDatastore):
    """The accounts, found by the sign-in that a cookie names."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Any:
        """Return the person of whom one attribute has that value, or None.

        An ``fs_uniquifier`` may be followed by the key of a sign-in, which must neither have been ended nor be too old.
        """
        if kwargs.keys() != {"fs_uniquifier"}:
            return super().find_user(case_insensitive, **kwargs)
        sign, _, key = kwargs["fs_uniquifier"].partition(":")
        longest = current_app.config["REMEMBER_COOKIE_DURATION"]
        began = current_app.extensions["engine"].clock() - longest
        person = self.db.session.scalar(
            SIGNED_IN if key else KNOWN, {"sign": sign, "sign_in": key, "began_after": began}
        )
        if person is not None and key:
            person.sign_in_key = key
        return person


people = People(db, Person, Role)
