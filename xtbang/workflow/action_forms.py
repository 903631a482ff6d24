"""The form of an action on one project: its fields with the project's choices, and what stands in them at first."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from xtbang.actions.context import Context
from xtbang.actions.registry import FILLED, FORMS, OPTIONS, PREFILLS
from xtbang.errors import Blocked
from xtbang.rules.fields import FieldKind, FormDefinition, Section, choices
from xtbang.rules.lives import Action
from xtbang.workflow.unchecked import answer_of


class ActionForms:
    """The forms of actions."""

    def form(self, context: Context, action: Action) -> FormDefinition:
        """Return the action's form, with the choices and fields that depend on the project.

        Raises Blocked when that fails (`answer_of`).
        """
        return answer_of(lambda: self._form(context, action), f"the form of {action.trigger}", context.project.id)

    def _form(self, context: Context, action: Action) -> FormDefinition:
        sections = []
        for section in action.form.sections:
            fields = []
            for item in section.fields:
                columns = tuple(self._filled(context, column) for column in item.columns)
                fields.append(replace(self._filled(context, item), columns=columns))
            sections.append(Section(section.title, tuple(fields), section.note))
        if action.trigger in FORMS:
            more = FORMS[action.trigger](context)
            sections.append(Section("", tuple(self._filled(context, item) for item in more)))
        return replace(action.form, sections=tuple(sections))

    def _filled(self, context: Context, item: Any) -> Any:
        return replace(item, choices=choices(OPTIONS[item.options](context))) if item.options else item

    def prefilled(self, context: Context, action: Action) -> dict[str, Any]:
        """Return what stands in the fields of an action when its page opens, by field; blank where that fails."""
        known = {item.key: item.prefill for item in action.form.fields if item.prefill}
        found: dict[str, Any] = {key: self._prefill(context, name, PREFILLS[name], "") for key, name in known.items()}
        if action.trigger in FILLED:
            found |= self._prefill(context, action.trigger, FILLED[action.trigger], {})
        return self._only_choices(context, action) | found

    def _only_choices(self, context: Context, action: Action) -> dict[str, Any]:
        """Return the fields in which there is one thing to choose: it is chosen already."""
        asked = [item for item in action.form.fields if item.options and item.required and not item.prefill]
        one = [item for item in asked if item.kind is FieldKind.CHOICE]
        known = {item.key: self._prefill(context, item.options, OPTIONS[item.options], {}) for item in one}
        return {key: next(iter(found)) for key, found in known.items() if len(found) == 1}

    def _prefill(self, context: Context, name: str, function: Callable[[Context], Any], blank: Any) -> Any:
        try:
            return answer_of(partial(function, context), name, context.project.id)
        except Blocked:
            return blank
