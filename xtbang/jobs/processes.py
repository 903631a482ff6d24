"""Processes that work off jobs: the name of this one, and whether one with a given name has ended."""

import os
import secrets
from contextlib import suppress
from functools import cache


@cache
def this_process() -> str:
    """Return a name that no other process has: the machine, its number there, and a word that tells it from one before it."""
    return f"{_machine()} {os.getpid()} {secrets.token_hex(4)}"


def has_ended(name: str) -> bool:
    """Return whether the process of that name is known to have ended: never one of another machine."""
    machine, number, _word = name.rsplit(" ", 2)
    if machine != _machine():
        return False
    if int(number) == os.getpid():
        return name != this_process()
    try:
        os.kill(int(number), 0)  # asks, and does nothing
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def _machine() -> str:
    """Return the name of the machine, on Linux with the space in which its processes are numbered: containers may share a name."""
    space = ""
    with suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")
    return f"{os.uname().nodename} {space}"
