"""PDFium in the process that serves pages: for papers of our own alone, never for what people upload (see `scans`)."""

from threading import Lock

import pypdfium2

PDFIUM = Lock()  # PDFium is not made for threads: whoever uses it holds this


def page_count(content: bytes) -> int:
    """How many pages a paper of ours has."""
    with PDFIUM:
        document = pypdfium2.PdfDocument(content)
        try:
            return len(document)
        finally:
            document.close()
