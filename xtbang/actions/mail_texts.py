"""The texts of mails: ``templates/mails/<kind>.txt`` holds subject, blank line and body of one kind of message."""

from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from xtbang.config import ROOT
from xtbang.models import Mail
from xtbang.rules.city import City
from xtbang.rules.money import format_wan
from xtbang.rules.quotation import quoted
from xtbang.rules.term import in_chinese

FOLDER = ROOT / "templates" / "mails"


def text_of(kind: str, city: City, **values: Any) -> tuple[str, str]:
    """Return subject and body of a message. Raises jinja2.UndefinedError when a value of the template is missing."""
    subject, body = _templates(kind)
    return subject.render(values, city=city), body.render(values, city=city)


def letter(city: City, mail: Mail) -> str:
    """Return the complete text of a mail as it is sent: its body, its link and the footer of all mails."""
    return environment().get_template("_frame.txt").render(mail=mail, city=city)


def source(kind: str) -> tuple[str, str]:
    """Return subject and body as the template has them."""
    subject, body = (FOLDER / f"{kind}.txt").read_text(encoding="utf-8").split("\n\n", 1)
    return subject, body.removesuffix("\n")


@cache
def _templates(kind: str) -> tuple[Template, Template]:
    subject, body = (environment().from_string(text) for text in source(kind))
    return subject, body


@cache
def environment() -> Environment:
    """Return the environment of the templates, with filters ``wan`` (money), ``day`` and ``quoted``; a missing value raises."""
    made = Environment(loader=FileSystemLoader(FOLDER), undefined=StrictUndefined)  # noqa: S701  (plain text)
    made.filters |= {"wan": format_wan, "day": in_chinese, "quoted": quoted}
    return made
