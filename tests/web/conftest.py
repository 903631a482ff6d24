"""Time that passes."""

import time
from collections.abc import Callable

import pytest


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``later(60)``: a minute later, for whoever asks for the time of day."""
    real, gone = time.time, [0.0]

    def move(seconds: float) -> None:
        gone[0] += seconds
        monkeypatch.setattr(time, "time", lambda: real() + gone[0])

    return move
