"""The print order of a paper, made from the facts of its row alone, so that equal rows give equal bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xtbang.papers.codes import verify_url
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.rules.city import City
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition
from xtbang.rules.policy import Policy

if TYPE_CHECKING:  # the process that prints starts without SQLAlchemy
    from xtbang.models import Paper

Editions = Mapping[str, Edition]

FORM = "form"  # printed in its official layout by `papers.pdf.form_layout`
CONTRACT = "contract"  # a text of many facts; the fields that the officers fill in can be printed separately


@dataclass(frozen=True)
class Order:
    """Everything needed to print one paper."""

    name: str
    facts: Mapping[str, Any]
    meta: PaperMeta
    definition: FormDefinition | None = None  # for a document that people fill in
    watermark: bool = False
    city: City | None = None  # whose names the paper says; an official form needs none
    word: bool = False  # as a Word file to be edited, not as a PDF


def order_of(paper: "Paper", site_url: str, policy: Policy) -> Order:
    """Return the print order of an issued paper.

    The paper's state is not printed: the verification page behind the QR code shows it. Raise LookupError when no
    edition has its form definition.
    """
    meta = PaperMeta(
        name=paper.title,
        number=printed_number(paper),
        version=paper.version,
        made_at=paper.made_at,
        code=paper.code,
        verify_url=verify_url(site_url, paper.code),
    )
    return order_from(paper.name, paper.data, meta=meta, policy=policy)


def order_from(
    name: str, facts: Mapping[str, Any], *, meta: PaperMeta, policy: Policy, watermark: bool = False
) -> Order:
    """Return the print order for a draft (with ``watermark``), a preview or a blank form.

    A document that people fill in needs only ``definition``, ``edition`` and ``values`` as facts; with empty values it
    is the blank form. Raise LookupError as `order_of`.
    """
    return Order(name, facts, meta, definition_of(facts, policy.editions), watermark, policy.city)


def printed_number(paper: "Paper") -> str:
    """Return the number in the footer: none on version 1 of a form, which is printed before its entry has a number."""
    return "" if paper.name == FORM and paper.version == 1 else paper.number


def pdf_of(paper: "Paper", site_url: str, policy: Policy) -> bytes:
    """Return the PDF of an issued paper, laid out in this process.

    Raise the errors of `order_of` and `papers.pdf.render`.
    """
    from xtbang.papers.pdf.typesetting import typeset  # imports WeasyPrint, which the web server does not need

    return typeset(order_of(paper, site_url, policy))


def pdf_from(name: str, facts: Mapping[str, Any], *, meta: PaperMeta, policy: Policy, watermark: bool = False) -> bytes:
    """Return the PDF of facts that are not an issued paper, laid out in this process; see `order_from`.

    Raise the errors of `pdf_of`.
    """
    from xtbang.papers.pdf.typesetting import typeset

    return typeset(order_from(name, facts, meta=meta, policy=policy, watermark=watermark))


def definition_of(facts: Mapping[str, Any], editions: Editions) -> FormDefinition | None:
    """Return the form definition by which the values were filled in; None for a paper without one.

    Raise LookupError when the edition does not have it.
    """
    if "definition" not in facts:
        return None
    edition = editions[facts["edition"]]
    for definition in (*edition.forms.values(), *edition.documents.values()):
        if definition.key == facts["definition"]:
            return definition
    raise LookupError(f"edition {edition.key} has no form {facts['definition']!r}")
