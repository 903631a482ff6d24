"""The search for telephones and e-mail addresses in the text of a PDF. Only the reading process (`scan.process`) imports this."""

from collections.abc import Iterator
from time import process_time

import pypdfium2

from xtbang.papers.scan.pages import BROKEN, Allow
from xtbang.rules.contacts import has_contact

LONGEST = 20_000  # characters of a page that are searched
SECONDS = 3.0  # of processor time for one file


def pages_with_contacts(content: bytes, mime: str, *, most: int, allow: Allow) -> Iterator[int]:
    """Yield the pages, from 1, whose text has a telephone or an e-mail address; of a PDF alone, the text of a picture is not read."""
    if mime != "application/pdf":
        return
    end = process_time() + SECONDS
    try:
        document = pypdfium2.PdfDocument(content)
        for number in range(min(len(document), most)):
            allow(0)
            page = document[number]
            text = page.get_textpage()
            if has_contact(text.get_text_range(0, min(text.count_chars(), LONGEST))):
                yield number + 1
            text.close()
            page.close()
            if process_time() > end:
                return
    except BROKEN:
        return
