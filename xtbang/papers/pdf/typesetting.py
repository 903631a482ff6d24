"""The layout of a print order in this process; the web process uses `papers.pdf.printer` instead."""

from typing import Any

from xtbang.papers.facts.older import in_present_shape
from xtbang.papers.pdf.form_layout import form_pdf
from xtbang.papers.pdf.issued import CONTRACT, FORM, Order
from xtbang.papers.pdf.render import render_html, render_paper
from xtbang.papers.pdf.sections import is_blank, parts
from xtbang.papers.pdf.word import word_of


def typeset(order: Order) -> bytes:
    """Return the PDF of an order, or its Word file; equal orders give equal PDFs. Raise the errors of `papers.pdf.render.render_pdf`.

    The template gets the facts in the present shape; the embedded data are the facts as they were stored.
    """
    definition, facts = order.definition, order.facts
    if definition and order.name == FORM:
        return form_pdf(definition, facts["values"], meta=order.meta, watermark=order.watermark)
    filled_in = bool(definition) and order.name == CONTRACT  # what the officers fill in for a contract, by itself
    shown = facts if filled_in else in_present_shape(order.name, facts)
    context: dict[str, Any] = {"facts": shown, "city": order.city}
    template = "_document.html" if filled_in else f"{order.name}.html"
    if definition:
        values = facts["values"]
        context |= {
            "form": definition,
            "parts": parts(definition, values, shown.get("beside")),
            "values": values,
            "blank": is_blank(definition, values),
        }
    if order.word:
        return word_of(render_html(template, context, meta=order.meta))
    return render_paper(template, context, meta=order.meta, data=facts, watermark=order.watermark)
