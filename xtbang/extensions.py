"""The extensions, bound to the application in ``create_app``."""

from flask_security import Security, SQLAlchemyUserDatastore
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from xtbang.models import Base, Person, Role
from xtbang.models.writing import watch_session

db = SQLAlchemy(metadata=Base.metadata)
watch_session(db.session)
csrf = CSRFProtect()
security = Security()
people = SQLAlchemyUserDatastore(db, Person, Role)
