"""The ways on which a mail reaches its reader: a channel is one class."""

import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, Protocol

from xtbang.models import Mail

TIMEOUT = 10.0  # seconds for each answer of the server: a batch ends before its claim does


class NotDelivered(Exception):
    """The reason why a mail did not get through; a permanent failure is not tried again."""

    def __init__(self, why: str, permanent: bool = False) -> None:
        super().__init__(why)
        self.permanent = permanent


class Channel(Protocol):
    """One way to the readers."""

    name: str

    def deliver(self, mail: Mail) -> None:
        """Send the mail, outside of any transaction. Raises NotDelivered."""

    def close(self) -> None:
        """Close what was opened for the mails delivered so far."""


class InboxChannel:
    """The site's inbox (收件箱), which shows the very rows of the outbox: nothing is left to deliver."""

    name = "inbox"

    def deliver(self, mail: Mail) -> None:
        """Accept the mail: its row is what the inbox shows."""

    def close(self) -> None:
        """Close nothing: nothing was opened."""


@dataclass(frozen=True)
class Server:
    """Define where e-mails go."""

    host: str
    port: int = 25
    tls: bool = False
    user: str = ""
    password: str = ""
    sender: str = "xtbang@localhost"
    trust: ssl.SSLContext | None = None  # None: the system's certificates

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Server":
        """Return the server that the settings name."""
        return cls(
            config["SMTP_HOST"],
            config["SMTP_PORT"],
            config["SMTP_TLS"],
            config["SMTP_USER"],
            config["SMTP_PASSWORD"],
            config["MAIL_FROM"],
        )


class EmailChannel:
    """E-mail by a server that speaks SMTP, over one connection for all mails until it is closed or breaks."""

    name = "email"

    def __init__(self, server: Server, text: Callable[[Mail], str]) -> None:
        self.server = server
        self.text = text  # makes the body of the e-mail
        self._connection: smtplib.SMTP | None = None

    def deliver(self, mail: Mail) -> None:
        """Send the mail; an address that the server does not know, or one that cannot be written, is a permanent failure."""
        try:
            self._connection = self._connection or self._connect()
            self._connection.send_message(self._message(mail))
        except smtplib.SMTPRecipientsRefused as refused:
            code, words = next(iter(refused.recipients.values()))
            raise NotDelivered(f"{code} {words.decode(errors='replace')}", permanent=code >= 500) from refused
        except (OSError, smtplib.SMTPException, ValueError) as failure:
            self.close()
            why = f"{type(failure).__name__}: {failure}"
            raise NotDelivered(why, permanent=isinstance(failure, ValueError)) from failure

    def connect(self) -> None:
        """Open the connection as for a mail. Raise NotDelivered when the server does not answer or refuses us."""
        try:
            self._connection = self._connect()
        except (OSError, smtplib.SMTPException) as failure:
            raise NotDelivered(f"{type(failure).__name__}: {failure}") from failure

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
        try:
            if server.tls:
                connection.starttls(context=server.trust or ssl.create_default_context())
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _message(self, mail: Mail) -> EmailMessage:
        sender = self.server.sender
        message = EmailMessage(policy=SMTP)
        message["From"] = sender
        message["To"] = mail.address
        message["Subject"] = " ".join(mail.subject.split())
        message["Date"] = format_datetime(mail.created_at)
        message["Message-ID"] = f"<mail-{mail.id}-{int(mail.created_at.timestamp())}@{_domain(sender)}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text(mail))
        return message


def channels_from(config: Mapping[str, Any], text: Callable[[Mail], str]) -> list[Channel]:
    """Return the channels that the settings ask for: e-mail where there is a server, else a demo's inbox, else none."""
    if config["SMTP_HOST"]:
        return [EmailChannel(Server.from_config(config), text)]
    return [InboxChannel()] if config["DEMO"] else []


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
