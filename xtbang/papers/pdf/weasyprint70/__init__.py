"""Patch private functions of WeasyPrint 70.0 and pydyf 0.13.0 where papers need more: see docs/fonts.md.

`lines` justifies Chinese, saves a tenth of the time of a form and a quarter of its memory, `tags` completes the structure
tree, `breaks` frames shortened tables: 234 lines of code. Other versions are not patched.
"""

import logging
import os

import pydyf  # type: ignore[import-untyped]
import weasyprint

VERSIONS = "70.0", "0.13.0"


def apply() -> bool:
    """Patch WeasyPrint. Return False and log a warning when a version differs or XTBANG_PLAIN_WEASYPRINT is set."""
    found = weasyprint.VERSION, pydyf.VERSION
    if found == VERSIONS and not os.environ.get("XTBANG_PLAIN_WEASYPRINT"):
        from xtbang.papers.pdf.weasyprint70 import breaks, lines, tags

        breaks.apply()
        lines.apply()
        tags.apply()
        return True
    text = "WeasyPrint %s with pydyf %s is not patched (made for %s, %s): papers print slower, ragged, with fewer tags"
    logging.getLogger(__name__).warning(text, *found, *VERSIONS)
    return False
