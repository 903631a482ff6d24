"""What WeasyPrint 70.0 does not do by itself, over names that are its own: see docs/fonts.md.

`layout` and `text` make lines faster and justify Chinese, `drawing` and `writing` make the file, `tags` puts right its
structure. All of it is applied once by `papers.pdf.render`; with any other version nothing is touched, and papers come out
slower, ragged and with less to their tags.
"""

import weasyprint


def apply() -> bool:
    """Patch WeasyPrint; False when its version is another one."""
    if weasyprint.VERSION != "70.0":
        return False
    from xtbang.papers.pdf.weasyprint70 import drawing, layout, tags, text, writing

    for part in (layout, text, drawing, writing, tags):
        part.apply()
    return True
