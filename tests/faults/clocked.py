"""``python -m tests.faults.clocked SECONDS serve …``: the command ``xtbang`` with a clock that is so many seconds ahead."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from xtbang.cli import cli
from xtbang.workflow.offers import Asking

AHEAD = timedelta(seconds=float(sys.argv.pop(1)))
_init = Asking.__init__


def _clocked(self: Asking, policy: Any, site: Any) -> None:
    _init(self, policy, site, lambda: datetime.now(UTC) + AHEAD)


if __name__ == "__main__":
    Asking.__init__ = _clocked  # type: ignore[assignment, method-assign]
    cli()
