"""Papers: PDF, fonts, check codes and QR codes, reading of scans, the store of files.

Nothing is imported here, so that a check code costs no half second of WeasyPrint:

- ``papers.printer``: `pdf_of_order`, by a process of its own
- ``papers.rendering``: `order_of`, `order_from`; `pdf_of`, `pdf_from` in this process
- ``papers.render``: `render_pdf`, `render_paper`
- ``papers.forms``: `form_html`, `PaperMeta`
- ``papers.codes``: `make_code`, `normalise`, `verify_url`, `qr_image`
- ``papers.scans``: `examine`
- ``papers.store``: `store_from_config`
- ``papers.fonts``: `unprintable`
"""
