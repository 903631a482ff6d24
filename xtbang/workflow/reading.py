"""What the readers of editions and of the life of a project share."""

from collections.abc import Collection
from typing import Any

from xtbang.workflow.forms import Reader


class StrictReader(Reader):
    """Reads typed values out of a table; DefinitionError on anything else."""

    def _flag(self, table: dict[str, Any], name: str, hint: tuple[str, ...], default: bool = False) -> bool:
        return bool(self._typed(table, name, bool, default, hint))

    def _text(self, table: dict[str, Any], name: str, hint: tuple[str, ...]) -> str:
        return str(self._typed(table, name, str, "", hint))

    def _each(self, names: tuple[str, ...], known: Collection[str], what: str, *hint: str) -> None:
        for name in names:
            self._among(name, known, what, *hint, f'"{name}"')
