"""Ratios measured in one run.

Ours and the baseline take turns, so that a busy machine slows both; of each, the fastest round counts.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Table:
    """The lines that are printed at the end."""

    lines: list[str] = field(default_factory=list)

    def add(self, name: str, ours: float, baseline: float, goal: float, *, measured: float | None = None) -> None:
        """Times in seconds; ``measured`` is what the goal is about when that is not the ratio."""
        ratio = ours / baseline
        verdict = "ok" if (ratio if measured is None else measured) <= goal else "over"
        unit = "" if measured is None else " s"
        times = f"{ours * 1000:>11.2f} {baseline * 1000:>11.2f}"
        self.lines.append(f"{name:<44} {times} {ratio:>7.2f} {goal:>5.1f}{unit:<2} {verdict}")


def fastest(rounds: int, *works: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> list[float]:
    """The fastest of so many rounds of each, in seconds; they take turns, after one round that does not count."""
    best = [float("inf")] * len(works)
    for turn in range(rounds + 1):
        for number, work in enumerate(works):
            started = clock()
            work()
            spent = clock() - started
            if turn:
                best[number] = min(best[number], spent)
    return best
