"""The errors that the program raises on purpose, and the places of those that it does not."""

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xtbang.rules.reasons import Reason


def places_of(error: BaseException) -> list[str]:
    """Return where an error happened, file, line and function of each call; not its message, which may repeat what was typed."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


@dataclass(frozen=True)
class Mistake:
    """Something in a file under ``workflows/`` that the program does not know, or that makes no sense; in Chinese."""

    file: Path
    line: int  # 1 for the first line; 0 when no line can be named
    text: str


class DefinitionError(Exception):
    """Files under ``workflows/`` are wrong: every mistake at once."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        files = list(dict.fromkeys(mistake.file for mistake in mistakes))
        self.mistakes = sorted(mistakes, key=lambda mistake: (files.index(mistake.file), mistake.line))
        super().__init__("\n".join(self.sentences))

    @property
    def sentences(self) -> list[str]:
        """Return one sentence per mistake, with file and line; the same mistake in several lines makes one sentence."""
        places: dict[tuple[Path, str], list[int]] = {}
        for mistake in self.mistakes:
            places.setdefault((mistake.file, mistake.text), []).append(mistake.line)
        return [f"{_short(file)}{_lines(lines)}：{text}" for (file, text), lines in places.items()]


def _short(file: Path) -> str:
    """Return the path of the file from ``workflows/`` on."""
    return str(Path(*file.parts[-3 if file.parent.name in ("editions", "forms") else -2 :]))


def _lines(lines: list[int]) -> str:
    numbers = "、".join(map(str, sorted({line for line in lines if line})))
    return f" 第 {numbers} 行" if numbers else ""


class Refusal(Exception):
    """A request that is refused; nothing was changed."""


class NotFound(Refusal):
    """The object does not exist, or this person may not know of it (404)."""


class Forbidden(Refusal):
    """This person may not perform the action (403)."""


class Stale(Refusal):
    """The project has changed since the page was opened (409). ``events`` are the changes."""

    def __init__(self, events: list[Any], version: int) -> None:
        super().__init__("项目已有变化")
        self.events = events
        self.version = version


class Blocked(Refusal):
    """Rules block the action (409): every reason at once; those with a field concern the submitted values."""

    def __init__(self, reasons: list[Reason]) -> None:
        super().__init__("；".join(map(str, reasons)))
        self.reasons = reasons


class Collision(Blocked):
    """Another person saved the same number, code or address in the same moment; doing it again tells which one."""

    def __init__(self) -> None:
        sentence = "刚才另有人保存了相同的编号、代码或邮箱，这一次没有保存。请再提交一次，系统会指出是哪一项。"
        super().__init__([Reason("saved.same_moment", sentence)])


class SentAlready(Exception):
    """The same form with the same content was sent before, and done; ``key`` names it."""

    def __init__(self, key: str) -> None:
        super().__init__("sent already")
        self.key = key


class ShownAgain(Blocked):
    """A refused form is only shown again, so nothing is written; nothing is said against it."""

    def __init__(self) -> None:
        super().__init__([])


class EditionError(Exception):
    """Raised where an edition cannot be created or compared; the message is a Chinese sentence."""
