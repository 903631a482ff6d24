"""A throw-away site (试办用的系统): a folder with a database of its own, in which one edition is tried."""

import logging
from pathlib import Path

from flask_migrate import upgrade

from xtbang import create_app
from xtbang.demo.trial import Trial, try_edition
from xtbang.extensions import db
from xtbang.migrating import add_migrations
from xtbang.rules.edition import Edition


def throw_away_site(instance: Path, workflows: Path, edition: Edition) -> Trial:
    """Make a site in a folder, whatever the settings say, with a trial of an edition and its papers; return the trial."""
    papers = instance / "papers"
    papers.mkdir(parents=True, exist_ok=True)
    settings = {"INSTANCE": instance, "FILES": str(instance / "files"), "WORKFLOWS": workflows, "S3_BUCKET": ""}
    settings |= {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{instance / 'xtbang.db'}", "SEAL_CERTIFICATE": ""}
    app = add_migrations(create_app({**settings, "DEMO": True, "SITE_URL": "http://127.0.0.1:8001"}))
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with app.app_context():
        upgrade()
    trial = try_edition(app, edition, papers)
    (instance / "demo").touch()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return trial
