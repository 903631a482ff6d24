"""The typesetting of papers: HTML to PDF/A with WeasyPrint, bundled fonts, the layout of forms and titles."""
