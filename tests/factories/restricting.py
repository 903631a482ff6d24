"""Restrictions outside of a project: asked for by one officer, confirmed by another."""

from collections.abc import Mapping
from typing import Any

from tests.factories.projects import ProjectFactory
from xtbang.models import Restriction
from xtbang.people.restriction_acts import RECORD, ask_act, confirm_act


def act_on(
    factory: ProjectFactory, kind: str, values: Mapping[str, Any], row: Restriction | None = None, key: str = ""
) -> None:
    """What science asks for is confirmed by science2."""
    act = ask_act(factory.caller("science"), kind, values, row.id if row else None, key)
    if act is not None:
        confirm_act(factory.caller("science2"), act.id)


def restricted(factory: ProjectFactory, values: Mapping[str, Any], key: str = "key") -> None:
    """What another authority has decided is recorded."""
    act_on(factory, RECORD, values, key=key)
