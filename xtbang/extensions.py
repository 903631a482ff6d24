"""The extensions, bound to the application in ``create_app``."""

from typing import Any

from flask_security import Security, SQLAlchemyUserDatastore
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from xtbang.models import Base, Person, Role
from xtbang.models.writing import watch_session

db = SQLAlchemy(metadata=Base.metadata)
watch_session(db.session)
csrf = CSRFProtect()
security = Security()


class People(SQLAlchemyUserDatastore):
    """The accounts. Every request of a signed-in person begins here, so its statement is built only once."""

    SIGNED_IN = select(Person).options(joinedload(Person.roles)).where(Person.fs_uniquifier == bindparam("sign"))

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> Any:
        """The person of whom one attribute has that value, or None."""
        if kwargs.keys() != {"fs_uniquifier"}:
            return super().find_user(case_insensitive, **kwargs)
        return self.db.session.scalar(self.SIGNED_IN, {"sign": kwargs["fs_uniquifier"]})


people = People(db, Person, Role)
