"""Alarms: the administrators are told of a cause once a day, and once when it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories.people import PeopleFactory
from xtbang.background import mail_alarms, raise_alarms
from xtbang.health.checks import CHECKS, Result, Trouble
from xtbang.models import Mail

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DISK = CHECKS["disk"]
SHORT = (Trouble("数据所在的磁盘只剩 1.0 GB。", "扩大磁盘。"),)


class Days:
    """A clock, and the alarms that were mailed."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session = app, session
        self.people = PeopleFactory(session, app.extensions["engine"])
        session.rollback()

    def look(self, hours: float, *troubles: Trouble) -> int:
        """Mail what is found so many hours after the beginning."""
        self.app.extensions["engine"].clock = lambda: NOW + timedelta(hours=hours)
        return mail_alarms(self.app, [Result(DISK, troubles), Result(CHECKS["queue"], None)])

    def subjects(self) -> list[str]:
        self.session.rollback()
        return list(self.session.scalars(select(Mail.subject).order_by(Mail.id)))


@pytest.fixture
def days(app: Flask, session: Session) -> Days:
    return Days(app, session)


def test_a_cause_is_told_once_a_day_and_once_when_it_is_over(days: Days) -> None:
    assert [days.look(0, *SHORT), days.look(1, *SHORT), days.look(2)] == [1, 0, 1]
    assert [days.look(3), days.look(4, *SHORT)] == [0, 0]  # that cause was told today
    assert [days.look(24, *SHORT), days.look(25, *SHORT), days.look(48, *SHORT), days.look(49), days.look(50)] == [
        1,
        0,
        1,
        1,
        0,
    ]
    assert days.subjects() == ["请处理：磁盘出了问题", "已恢复：磁盘", *["请处理：磁盘出了问题"] * 2, "已恢复：磁盘"]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_an_alarm_says_what_is_wrong_and_what_to_do_and_goes_to_administrators(days: Days) -> None:
    days.look(0, *SHORT)
    mail = days.session.scalars(select(Mail)).one()
    assert mail.person_id == days.people.people["admin"].id
    assert "数据所在的磁盘只剩 1.0 GB。" in mail.body and "处理办法：扩大磁盘。" in mail.body


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_worker_looks_every_quarter_of_an_hour_and_never_in_a_demo(
    days: Days, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    monkeypatch.setattr(
        "xtbang.background.mail_alarms", lambda _app, found: looks.append([one.check.key for one in found]) or 1
    )
    app.extensions.pop("alarms_looked_at", None)
    for minute, looked in ((0, 1), (1, 1), (14, 1), (15, 2)):
        app.extensions["engine"].clock = lambda minute=minute: NOW + timedelta(minutes=minute)
        raise_alarms(app)
        assert len(looks) == looked
    assert set(looks[0]) == {
        "backup",
        "breached_passwords",
        "certificate",
        "chain",
        "disk",
        "holidays",
        "queue",
        "seal",
        "virus_scanner",
    }
    app.config["DEMO"] = True
    app.extensions.pop("alarms_looked_at", None)
    assert raise_alarms(app) == 0 and len(looks) == 2
