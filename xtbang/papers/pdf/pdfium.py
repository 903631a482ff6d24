"""PDFium in the web process: for our own papers only, never for uploads (see `papers.scan`)."""

from threading import Lock

PDFIUM = Lock()  # PDFium is not thread-safe: hold this while using it


def page_count(content: bytes) -> int:
    """Return the number of pages of one of our papers."""
    import pypdfium2  # 12 MB that most pages do without

    with PDFIUM:
        document = pypdfium2.PdfDocument(content)
        try:
            return len(document)
        finally:
            document.close()
