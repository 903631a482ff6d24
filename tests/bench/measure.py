"""Ratios measured in one run.

Ours and the baseline take turns, so that a busy machine slows both; of each, the fastest round counts. Where other
programs are measured, the processor time of all their processes counts, and the mean of the rounds: it is known to a
hundredth of a second only.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine


@dataclass
class Table:
    """The lines that are printed at the end."""

    lines: list[str] = field(default_factory=list)

    def add(
        self, name: str, ours: float, baseline: float, goal: float | None, *, measured: float | None = None
    ) -> None:
        """Times in seconds; ``measured`` is what the goal is about when that is not the ratio; no goal, no verdict."""
        ratio = ours / baseline
        times = f"{ours * 1000:>11.2f} {baseline * 1000:>11.2f}"
        if goal is None:
            self.lines.append(f"{name:<44} {times} {ratio:>7.2f}     –")
            return
        verdict = "ok" if (ratio if measured is None else measured) <= goal else "over"
        unit = "" if measured is None else " s"
        self.lines.append(f"{name:<44} {times} {ratio:>7.2f} {goal:>5.2f}{unit:<2} {verdict}")


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


def average(rounds: int, *works: Callable[[], Any]) -> list[float]:
    """The mean processor time of so many rounds of each, in seconds, in all processes that this one has started."""
    spent = [0.0] * len(works)
    for turn in range(rounds + 1):
        for number, work in enumerate(works):
            started = family_time()
            work()
            spent[number] += (family_time() - started) * (turn > 0)
    return [total / rounds for total in spent]


def served_time(engine: Engine) -> Callable[[], float]:
    """Return the clock of the processor time of this process and of those that serve it on PostgreSQL, in seconds."""
    found = list[int]()
    if engine.dialect.name == "postgresql":
        asked = (
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        with engine.connect() as connection:
            found = list(connection.exec_driver_sql(asked).scalars())
    looking = 0.0

    def seconds() -> float:
        nonlocal looking
        began = time.process_time()
        served = sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in found) / 1e9
        looking += time.process_time() - began
        return time.process_time() - looking + served

    return seconds


def family_time() -> float:
    """Seconds of processor time of this process, of what it started, and of what ended and was waited for."""
    ended = os.times()
    ticks, children = 0, {os.getpid()}
    for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) in children:  # a parent has the smaller number
            children.add(pid)
            ticks += sum(map(int, fields[11:15]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK") + ended.children_user + ended.children_system
