"""What every paper is printed from: the facts of its row and nothing else, so that equal rows give equal bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xtbang.papers.codes import verify_url
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition

if TYPE_CHECKING:  # the process that prints starts without SQLAlchemy
    from xtbang.models import Paper

Editions = Mapping[str, Edition]

FORM = "form"  # printed over its official table by `papers.pdf.forms`
CONTRACT = "contract"  # a text of many facts; what the officers fill in for it can be printed by itself


@dataclass(frozen=True)
class Order:
    """All that is needed to print one paper."""

    name: str
    facts: Mapping[str, Any]
    meta: PaperMeta
    definition: FormDefinition | None = None  # of what people fill in
    watermark: bool = False


def order_of(paper: "Paper", site_url: str, editions: Editions) -> Order:
    """The order for an issued paper. Its state is not on it: that is what the page behind the QR code tells.

    Raises LookupError for a definition that no edition has.
    """
    meta = PaperMeta(
        name=paper.title,
        number=printed_number(paper),
        version=paper.version,
        made_at=paper.made_at,
        code=paper.code,
        verify_url=verify_url(site_url, paper.code),
    )
    return order_from(paper.name, paper.data, meta=meta, editions=editions)


def order_from(
    name: str, facts: Mapping[str, Any], *, meta: PaperMeta, editions: Editions, watermark: bool = False
) -> Order:
    """The order for facts that are no issued paper: a draft (with ``watermark``), a preview, a blank form.

    A document that people fill in needs of its facts only ``definition``, ``edition`` and ``values``; with empty
    values it is the blank form. Raises as `order_of`.
    """
    return Order(name, facts, meta, definition_of(facts, editions), watermark)


def printed_number(paper: "Paper") -> str:
    """The number at the foot: none on the first version of a form, which was printed before its entry had one."""
    return "" if paper.name == FORM and paper.version == 1 else paper.number


def pdf_of(paper: "Paper", site_url: str, editions: Editions) -> bytes:
    """The PDF of an issued paper, laid out in this process. Raises as `order_of` and `papers.pdf.render`."""
    from xtbang.papers.pdf.typesetting import typeset  # and with it WeasyPrint, which no server needs

    return typeset(order_of(paper, site_url, editions))


def pdf_from(
    name: str, facts: Mapping[str, Any], *, meta: PaperMeta, editions: Editions, watermark: bool = False
) -> bytes:
    """The PDF of facts that are no issued paper, laid out in this process; see `order_from`. Raises as `pdf_of`."""
    from xtbang.papers.pdf.typesetting import typeset

    return typeset(order_from(name, facts, meta=meta, editions=editions, watermark=watermark))


def definition_of(facts: Mapping[str, Any], editions: Editions) -> FormDefinition | None:
    """The definition that the values were filled in by; None for a paper that nobody fills in."""
    if "definition" not in facts:
        return None
    edition = editions[facts["edition"]]
    for definition in (*edition.forms.values(), *edition.documents.values()):
        if definition.key == facts["definition"]:
            return definition
    raise LookupError(f"edition {edition.key} has no form {facts['definition']!r}")
