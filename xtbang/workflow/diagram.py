"""The life of a project as a Mermaid diagram, in the order of life."""

from xtbang.rules.lives import Life
from xtbang.rules.policy import Policy
from xtbang.workflow.machine import LifeMachine

HEAD = """<!-- Written by `xtbang workflow diagram --write`; never edited by hand. -->

# 项目的一生

"""


def mermaid(policy: Policy) -> str:
    """Return the Markdown page: the diagram, and a table of transitions with role, guards and article."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f'  state "{state.name}" as {state.id}' for state in policy.states.values()]
    machine = LifeMachine(Life(policy.states, policy.actions))
    lines.append(f"  [*] --> {machine.initial}")
    lines += [f"  {state} --> {to}: {policy.actions[trigger].name}" for state, to, trigger in machine.moves()]
    lines += [f"  {state.id} --> [*]" for state in policy.states.values() if state.final]
    lines += ["```", "", "| 事项 | 从 | 到 | 由谁 | 会签 | 条件 | 依据 |", "|---|---|---|---|---|---|---|"]
    for move in (action for action in policy.actions.values() if action.moves):
        sources = "、".join(policy.states[state].name for state in move.sources)
        who = "、".join(policy.city.role_labels[role] for role in move.who)
        needs = "、".join(f"`{need}`" for need in move.needs) or "–"
        both = policy.city.together if move.both else ""
        cells = (f"{move.name} `{move.trigger}`", sources, policy.states[move.to].name, who, both, needs, move.article)
        lines.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"
