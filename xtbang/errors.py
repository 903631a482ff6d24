"""Errors that the program raises on purpose."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xtbang.rules.reasons import Reason


@dataclass
class DefinitionError(Exception):
    """A file under ``workflows/`` says something that the program does not know."""

    file: Path
    line: int  # 1 for the first line; 0 when no line can be named
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Refusal(Exception):
    """A person may not do what they asked for; nothing was changed."""


class NotFound(Refusal):
    """There is no such thing, or none that this person may know of (404)."""


class Forbidden(Refusal):
    """It is not this person's to do (403)."""


class Stale(Refusal):
    """Someone was faster: what was seen is no longer so (409). ``events`` says what changed since."""

    def __init__(self, events: list[Any], version: int) -> None:
        super().__init__("项目已有变化")
        self.events = events
        self.version = version


class Blocked(Refusal):
    """Rules stand against it (409): every reason at once; those with a field are about what was typed."""

    def __init__(self, reasons: list[Reason]) -> None:
        super().__init__("；".join(map(str, reasons)))
        self.reasons = reasons
