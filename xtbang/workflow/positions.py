"""The line of everything in a TOML file: ``tomllib`` gives none, and people who edit a file need it."""

from dataclasses import dataclass, field

from xtbang.workflow.tokens import Token

Path = tuple[str | int, ...]  # ("section", 0, "field", 2, "kind"): tables of an array and items of a list by number
ENDS = ("\n", ",", "]", "}")  # what ends a value


@dataclass
class Positions:
    """Lines of tables, keys and items; repeated names as (line, line of the first, name)."""

    lines: dict[Path, int] = field(default_factory=dict)
    repeated: list[tuple[int, int, str]] = field(default_factory=list)


def positions(pieces: list[Token]) -> Positions:
    """Return the line of everything; for text that is not TOML, as far as possible."""
    return _Scanner(pieces).positions()


class _Scanner:
    """Reader of one statement after the other; what it does not understand is skipped up to the end of the line."""

    def __init__(self, pieces: list[Token]) -> None:
        self.tokens = [*pieces, Token("newline", "\n", 0)]
        self.at = 0
        self.found = Positions()
        self.tables: dict[Path, int] = {}  # number of [[…]] tables of each name

    def positions(self) -> Positions:
        table: Path = ()
        while self.at < len(self.tokens):
            if self._is("["):
                table = self._header()
            elif self.tokens[self.at].kind in ("bare", "string"):
                self._assignment(table)
            while self.at < len(self.tokens) and self.tokens[self.at].kind != "newline":
                self.at += 1
            self.at += 1
        return self.found

    def _is(self, mark: str) -> bool:
        return self.at < len(self.tokens) and self.tokens[self.at].text == mark

    def _name(self) -> list[str]:
        """Return the parts of a dotted key."""
        parts = []
        while self.tokens[self.at].kind in ("bare", "string"):
            parts.append(self.tokens[self.at].text.strip("\"'"))
            self.at += 1
            if not self._is("."):
                break
            self.at += 1
        return parts

    def _header(self) -> Path:
        line, start = self.tokens[self.at].line, self.at
        while self._is("["):
            self.at += 1
        many = self.at - start > 1
        path: Path = ()
        parts = self._name()
        for number, part in enumerate(parts, 1):
            path = (*path, part)
            if many and number == len(parts):
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
        again = path in self.found.lines
        self._note(path, line, parts)
        return (*path, line) if again else path  # the keys of a repeated table are not reported again

    def _assignment(self, table: Path) -> None:
        line = self.tokens[self.at].line
        name = self._name()
        if self._is("="):
            self.at += 1
            self._note((*table, *name), line, name)
            self._value((*table, *name))

    def _note(self, path: Path, line: int, parts: list[str]) -> None:
        if path in self.found.lines:
            self.found.repeated.append((line, self.found.lines[path], ".".join(parts)))
        self.found.lines.setdefault(path, line)

    def _value(self, path: Path) -> None:
        """Move past a value, to the mark or the end of the line after it."""
        if self._is("["):
            self._items(path)
        elif self._is("{"):
            self.at += 1
            while self.tokens[self.at].kind in ("bare", "string"):
                self._assignment(path)
                self.at += self._is(",")
            self.at += self._is("}")
        else:
            while self.tokens[self.at].text not in ENDS:
                self.at += 1

    def _items(self, path: Path) -> None:
        self.at += 1
        number = 0
        while self.at < len(self.tokens) - 1 and not self._is("]"):
            token = self.tokens[self.at]
            if token.kind == "newline" or self._is(","):
                self.at += 1
                continue
            self.found.lines[(*path, number)] = token.line
            before = self.at
            self._value((*path, number))
            number += 1
            self.at = max(self.at, before + 1)
        self.at += 1
