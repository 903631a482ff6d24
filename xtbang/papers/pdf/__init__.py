"""How a paper is set: HTML to PDF/A with WeasyPrint, our fonts, the layout of forms and titles."""
