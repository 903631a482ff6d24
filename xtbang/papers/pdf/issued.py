"""The PDF of every paper: from the facts of its row and from nothing else, so that equal rows give equal bytes."""

from collections.abc import Mapping
from typing import Any

from xtbang.models import Paper
from xtbang.papers.codes import verify_url
from xtbang.papers.pdf.forms import form_pdf
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.papers.pdf.render import render_paper
from xtbang.papers.pdf.sections import is_blank, parts
from xtbang.rules.edition import Edition
from xtbang.rules.fields import FormDefinition

Editions = Mapping[str, Edition]

FORM = "form"  # printed over its official table by `papers.forms`
CONTRACT = "contract"  # a text of many facts; what the officers fill in for it can be printed by itself


def pdf_of(paper: Paper, site_url: str, editions: Editions) -> bytes:
    """The PDF of an issued paper. Its state is not on it: that is what the page behind the QR code tells.

    Raises LookupError for a name without a template or a definition that no edition has, and as `papers.render`.
    """
    meta = PaperMeta(
        name=paper.title,
        number=printed_number(paper),
        version=paper.version,
        made_at=paper.made_at,
        code=paper.code,
        verify_url=verify_url(site_url, paper.code),
    )
    return pdf_from(paper.name, paper.data, meta=meta, editions=editions)


def printed_number(paper: Paper) -> str:
    """The number at the foot: none on the first version of a form, which was printed before its entry had one."""
    return "" if paper.name == FORM and paper.version == 1 else paper.number


def pdf_from(
    name: str, facts: Mapping[str, Any], *, meta: PaperMeta, editions: Editions, watermark: bool = False
) -> bytes:
    """The PDF of facts that are no issued paper: a draft (with ``watermark``), a preview, a blank form.

    A document that people fill in needs of its facts only ``definition``, ``edition`` and ``values``; with empty
    values it is the blank form. Raises as `pdf_of`.
    """
    definition = definition_of(facts, editions)
    if definition and name == FORM:
        return form_pdf(definition, facts["values"], meta=meta, watermark=watermark)
    context: dict[str, Any] = {"facts": facts}
    template = "_document.html" if definition and name == CONTRACT else f"{name}.html"
    if definition:
        values = facts["values"]
        context |= {
            "form": definition,
            "parts": parts(definition, values),
            "values": values,
            "blank": is_blank(definition, values),
        }
    return render_paper(template, context, meta=meta, data=facts, watermark=watermark)


def definition_of(facts: Mapping[str, Any], editions: Editions) -> FormDefinition | None:
    """The definition that the values were filled in by; None for a paper that nobody fills in."""
    if "definition" not in facts:
        return None
    edition = editions[facts["edition"]]
    for definition in (*edition.forms.values(), *edition.documents.values()):
        if definition.key == facts["definition"]:
            return definition
    raise LookupError(f"edition {edition.key} has no form {facts['definition']!r}")
