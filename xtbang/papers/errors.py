"""The errors of printing, apart from `papers.pdf.render`, so that callers need not import WeasyPrint."""


class PaperError(Exception):
    """A paper that cannot be rendered as its template says: any warning of WeasyPrint is an error."""


class Unprintable(PaperError):
    """A paper with characters that no bundled font has; they would show as empty boxes."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"字库中没有这些字，无法打印：{'、'.join(characters)}")
        self.characters = characters


class TooHeavy(PaperError):
    """A paper that takes more time or memory to lay out than allowed."""
