"""The state of an installation: one list of checks, for `xtbang doctor`, the alarms by mail and ``/readyz``."""

from xtbang.health import machine, records

__all__ = ["machine", "records"]  # which register the checks
