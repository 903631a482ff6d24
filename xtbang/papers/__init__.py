"""Papers: their facts, PDF and fonts, check codes and QR codes, reading of scans, the store of files.

Nothing is imported here, so that a check code does not cost the half second in which WeasyPrint loads:

- ``papers.facts``: what a paper says, as plain values
- ``papers.pdf.issued``: `order_of`, `order_from`; `pdf_of`, `pdf_from` in this process
- ``papers.pdf.printer``: `pdf_of_order`, in a process of its own
- ``papers.pdf.render``: `render_pdf`, `render_paper`
- ``papers.pdf.form_layout``: `form_html`, `form_pdf`; ``papers.pdf.meta``: `PaperMeta`
- ``papers.codes``: `make_code`, `former_code`, `normalise`, `verify_url`, `qr_image`
- ``papers.scan.examine``: `examine`
- ``papers.store``: `store_from_config`
- ``papers.seal``: `seal_from_config`
"""
