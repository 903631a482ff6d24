"""The files that an edition asks of an action besides: they stay in the project's file as findings (办理情况)."""

from xtbang.actions.context import Context
from xtbang.actions.findings import add_finding
from xtbang.rules.lives import Action

KIND = "paper"  # a kind of finding


def keep_papers(context: Context, action: Action) -> None:
    """Keep every file that the action's form has only in this edition."""
    asked = next((item for item in context.edition.asks if item.trigger == action.trigger), None)
    known = {field.key for field in context.policy.actions[action.trigger].form.fields}
    for paper in asked.papers if asked else ():
        file_id = context.file_id(paper.key)
        if paper.key in known or file_id is None:
            continue
        add_finding(context, KIND, text=paper.label, file_id=file_id)
