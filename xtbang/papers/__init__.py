"""Papers: PDF, fonts, check codes and QR codes, reading of scans, the store of files.

Nothing is imported here, so that a check code costs no half second of WeasyPrint:

- ``papers.pdf.printer``: `pdf_of_order`, by a process of its own
- ``papers.pdf.issued``: `order_of`, `order_from`; `pdf_of`, `pdf_from` in this process
- ``papers.pdf.render``: `render_pdf`, `render_paper`
- ``papers.pdf.forms``: `form_html`; ``papers.pdf.meta``: `PaperMeta`
- ``papers.codes``: `make_code`, `normalise`, `verify_url`, `qr_image`
- ``papers.scan.examine``: `examine`
- ``papers.store``: `store_from_config`
"""
