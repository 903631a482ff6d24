"""A person at a browser without pictures: cookies, forms with what their pages hide, and answers; over HTTP to a server."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection
from urllib.parse import urlencode

PLAIN = "application/x-www-form-urlencoded"
BOUNDARY = "the-end-of-a-part"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
WAIT = 300  # seconds for an answer


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    text: str
    leads_to: str


@dataclass(frozen=True)
class Form:
    """A form as it is sent, to be sent once more if need be."""

    path: str
    body: bytes
    kind: str = PLAIN


@dataclass
class Visitor:
    """Somebody who asks the server at a port of this machine."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    wait: float = WAIT

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """The answer. OSError or HTTPException when there is none."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": kind} if kind else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.wait)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.statuses[answer.status] += 1
        return Answer(answer.status, text, answer.headers.get("Location") or "")

    def get(self, path: str) -> Answer:
        """A page."""
        return self.ask("GET", path)

    def send(self, form: Form) -> Answer:
        """What the server says to a form."""
        return self.ask("POST", form.path, form.body, form.kind)

    def told(self, form: Form) -> Answer:
        """What the server says to a form, on the page that it leads to if it leads to one."""
        answer = self.send(form)
        return self.get(answer.leads_to) if answer.leads_to else answer

    def drop(self, form: Form, seconds: float = 0.0) -> None:
        """Send a form and go away so many seconds later, whatever is answered."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=self.wait)
        connection.request("POST", form.path, form.body, headers | {"Content-Type": form.kind})
        time.sleep(seconds)
        connection.close()

    def filled(self, path: str, **values: str) -> Form:
        """The form of a page with these values and what the page hides."""
        return Form(path, urlencode(hidden(self.get(path).text) | values).encode())

    def with_file(self, path: str, name: str, content: bytes, **values: str) -> Form:
        """The same with a file in the field of that name."""
        return Form(path, multipart(hidden(self.get(path).text) | values, name, content), MULTIPART)

    def sign_in(self, email: str, password: str) -> "Visitor":
        """Sign in; AssertionError when that is refused."""
        answer = self.send(self.filled("/account/sign-in", email=email, password=password))
        assert answer.status == 302, answer.text
        return self


def hidden(text: str) -> dict[str, str]:
    """What the form of a page holds by itself: the hidden inputs that it needs, and what is chosen already."""
    needed = re.findall(r'name="(csrf_token|seen_version|request_key|draft_version)"[^>]*?value="([^"]*)"', text)
    return dict(needed + re.findall(r'type="radio"[^>]*? name="([^"]+)" value="([^"]*)" checked', text))


def multipart(values: dict[str, str], name: str, content: bytes) -> bytes:
    """A form with a file."""
    text = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{values[key]}\r\n' for key in values
    )
    text += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{name}.pdf"\r\n\r\n'
    return text.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
