"""The outbox against a real mail server: sent once, tried again, given up, never in the way of anything else."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.serving import free_port
from xtbang.actions.mail_texts import letter
from xtbang.background import send_mails
from xtbang.jobs.channels import EmailChannel, InboxChannel, Server, channels_from
from xtbang.jobs.outbox import BATCH, CLAIM, DELAYS, send_waiting
from xtbang.models import Mail
from xtbang.models.writing import begin_write

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
Start = Callable[..., Server]


class Sink:
    """Keeps what it is sent; refuses addresses that say so."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.busy = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.busy:
            return "451 try again later"
        if address.startswith("unknown"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def start(sink: Sink) -> Iterator[Start]:
    """Start the mail server; what it is told goes to aiosmtpd."""
    running: list[Controller] = []

    def begin(**options: Any) -> Server:
        port = free_port()
        controller = Controller(sink, hostname="127.0.0.1", port=port, **options)
        controller.start()
        running.append(controller)
        return Server("127.0.0.1", port, sender="揭榜挂帅 <bang@example.com>")

    yield begin
    for controller in running:
        controller.stop()


def post(session: Session, *subjects: str, **facts: Any) -> list[int]:
    """Mails in the outbox; their numbers."""
    begin_write(session)
    mails = [
        Mail(
            **{
                "person_id": None, "address": "li@example.com", "subject": subject, "body": "正文",
                "link": "https://bang.test/x", "created_at": NOW, "tries": 0, "error": "",
            } | facts
        )
        for subject in subjects
    ]  # fmt: skip
    session.add_all(mails)
    session.flush()
    numbers = [mail.id for mail in mails]
    session.commit()
    return numbers


def send(session: Session, server: Server, now: datetime = NOW) -> int:
    return send_waiting(session, [EmailChannel(server, lambda mail: f"{mail.body}\n{mail.link}\n")], lambda: now)


def read(session: Session, number: int) -> Mail:
    session.rollback()
    session.expire_all()
    mail = session.get_one(Mail, number)
    session.expunge(mail)
    session.rollback()
    return mail


def test_a_mail_is_sent_once(session: Session, start: Start, sink: Sink) -> None:
    server = start()
    (number,) = post(session, "请受理：𬭎合金\r\nBcc: evil@example.com")
    assert send(session, server) == 1
    assert send(session, server) == 0
    ((to, message),) = sink.mails
    assert to == ["li@example.com"]
    assert str(make_header(decode_header(message["Subject"]))) == "请受理：𬭎合金 Bcc: evil@example.com"
    assert message["Bcc"] is None
    assert message["Message-ID"].endswith("@example.com>")
    assert message.get_payload(decode=True).decode().splitlines() == ["正文", "https://bang.test/x"]
    assert (read(session, number).sent_at, read(session, number).tries) == (NOW, 1)


def test_one_that_fails_does_not_hold_up_the_others_and_is_tried_again(
    session: Session, start: Start, sink: Sink
) -> None:
    server = start()
    first, second = post(session, "一", address="unknown@example.com") + post(session, "二")
    assert send(session, server) == 1
    assert read(session, first).error.startswith("不再重试：550 no such user")
    assert read(session, second).sent_at == NOW
    assert send(session, server, NOW + timedelta(days=365)) == 0


def test_a_busy_server_is_asked_later_and_later(session: Session, start: Start, sink: Sink) -> None:
    server = start()
    sink.busy = True
    (number,) = post(session, "一")
    now = NOW
    for delay in DELAYS:
        assert send(session, server, now) == 0
        mail = read(session, number)
        assert mail.error.startswith("451")
        assert mail.next_try_at == now + delay
        assert send(session, server, now + delay - timedelta(seconds=1)) == 0
        assert read(session, number).tries == mail.tries
        now += delay
    send(session, server, now)
    assert read(session, number).error.startswith("不再重试：451")
    assert read(session, number).next_try_at is None
    assert sink.mails == []


def test_a_server_that_is_away_loses_nothing(session: Session, start: Start, sink: Sink) -> None:
    (number,) = post(session, "一")
    assert send(session, Server("127.0.0.1", 1)) == 0
    assert "ConnectionRefusedError" in read(session, number).error
    server = start()
    assert send(session, server, NOW + DELAYS[0]) == 1
    assert read(session, number).error == ""


def test_what_another_process_sends_is_left_to_it(session: Session, start: Start, sink: Sink) -> None:
    server = start()
    (number,) = post(session, "一", next_try_at=NOW + CLAIM)
    assert send(session, server) == 0
    assert send(session, server, NOW + CLAIM) == 1
    assert read(session, number).sent_at == NOW + CLAIM


def test_nothing_is_locked_while_a_mail_is_on_its_way(app: Flask, session: Session, start: Start, sink: Sink) -> None:
    server = start()
    post(session, "一")
    free: list[bool] = []

    def text(_mail: Mail) -> str:
        free.append(not session.in_transaction())
        return "正文"

    assert send_waiting(session, [EmailChannel(server, text)], lambda: NOW) == 1
    assert free == [True]


def test_so_many_at_a_time(session: Session, start: Start, sink: Sink) -> None:
    server = start()
    post(session, *(f"第{n}封" for n in range(BATCH + 3)))
    assert send(session, server) == BATCH
    assert send(session, server) == 3
    assert len({message["Message-ID"] for _to, message in sink.mails}) == BATCH + 3


def test_without_a_server_mails_wait_and_in_a_demo_they_are_only_shown(session: Session) -> None:
    numbers = post(session, *(f"第{n}封" for n in range(BATCH + 3)))
    assert send_waiting(session, [], lambda: NOW) == 0
    assert read(session, numbers[0]).sent_at is None
    assert send_waiting(session, [InboxChannel()], lambda: NOW) == BATCH + 3
    assert (read(session, numbers[-1]).sent_at, read(session, numbers[-1]).error) == (NOW, "demo")
    assert send_waiting(session, [InboxChannel()], lambda: NOW) == 0


# ---------------------------------------------------------------- TLS and passwords


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "server.pem"
    path.write_bytes(pem)
    return path


def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: LoginPassword) -> AuthResult:
    return AuthResult(success=data.login == b"bang" and data.password == b"secret", handled=False)


@pytest.fixture
def guarded(start: Start, certificate: Path) -> Server:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = start(tls_context=context, require_starttls=True, auth_required=True, authenticator=check)
    return replace(server, host="localhost", tls=True, user="bang", password="secret")


def test_by_tls_with_a_password(session: Session, guarded: Server, certificate: Path, sink: Sink) -> None:
    trust = ssl.create_default_context(cafile=str(certificate))
    post(session, "一")
    assert send(session, replace(guarded, trust=trust)) == 1
    assert len(sink.mails) == 1


def test_nothing_goes_to_a_server_that_cannot_prove_its_name(session: Session, guarded: Server, sink: Sink) -> None:
    (number,) = post(session, "一")
    assert send(session, guarded) == 0
    assert "CERTIFICATE_VERIFY_FAILED" in read(session, number).error
    assert sink.mails == []


def test_a_wrong_password_is_said(session: Session, guarded: Server, certificate: Path, sink: Sink) -> None:
    trust = ssl.create_default_context(cafile=str(certificate))
    (number,) = post(session, "一")
    assert send(session, replace(guarded, trust=trust, password="wrong")) == 0
    assert smtplib.SMTPAuthenticationError.__name__ in read(session, number).error
    assert "wrong" not in read(session, number).error


# ---------------------------------------------------------------- the application's own


def test_the_application_sends_with_its_own_words(app: Flask, session: Session, start: Start, sink: Sink) -> None:
    server = start()
    app.config |= {"SMTP_HOST": server.host, "SMTP_PORT": server.port, "MAIL_FROM": "bang@example.com"}
    app.extensions["engine"].clock = lambda: NOW
    post(session, "请受理", body="“A&B”已提交。")
    assert send_mails(app) == 1
    ((_to, message),) = sink.mails
    text = message.get_payload(decode=True).decode()
    assert "“A&B”已提交。" in text
    assert "https://bang.test/x" in text
    assert "本邮件由系统自动发出" in text
    assert session.scalars(select(Mail.sent_at)).one() == NOW
    session.rollback()


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"SMTP_HOST": "mail.test", "DEMO": True}, ["email"]),
        ({"SMTP_HOST": "", "DEMO": True}, ["inbox"]),
        ({"SMTP_HOST": "", "DEMO": False}, []),
    ],
)
def test_the_settings_say_which_channels_there_are(app: Flask, settings: dict[str, Any], names: list[str]) -> None:
    assert [channel.name for channel in channels_from(app.config | settings, letter)] == names
