"""Why a paper is not printed. Apart from `papers.pdf.render`, so that whoever asks for one need not import WeasyPrint."""


class PaperError(Exception):
    """A paper that would not print as its template says: each complaint of WeasyPrint is one."""


class Unprintable(PaperError):
    """A paper with characters that no font of ours has; it would show empty boxes."""

    def __init__(self, characters: str) -> None:
        super().__init__(f"字库中没有这些字，无法打印：{'、'.join(characters)}")
        self.characters = characters


class TooHeavy(PaperError):
    """A paper that takes more time or memory to lay out than one may."""
