"""The robot notices what goes wrong in a browser: a violation of the CSP, an error in a script, an answer of 500."""

import pytest

from tests.browser.conftest import Served
from tests.browser.robot import Robot

VIOLATIONS = {
    "script": "const s = document.createElement('script'); s.textContent = '1'; document.body.append(s)",
    "style": "document.body.setAttribute('style', 'color: red')",
    "elsewhere": "const i = new Image(); i.src = 'http://elsewhere.invalid/x.png'; document.body.append(i)",
}


@pytest.mark.parametrize("way", VIOLATIONS)
def test_a_violation_of_the_policy_is_a_fault(robot: Robot, way: str) -> None:
    page = robot.page(None)
    page.goto(robot.site)
    with page.expect_console_message(lambda message: message.type == "error"):
        page.evaluate(f"() => {{ {VIOLATIONS[way]} }}")
    assert any("Content Security Policy" in fault for fault in robot.faults)
    robot.faults.clear()


def test_an_error_in_a_script_is_a_fault(robot: Robot) -> None:
    page = robot.page(None)
    page.goto(robot.site)
    with page.expect_event("pageerror"):
        page.evaluate("() => { setTimeout(() => { throw new Error('broken') }) }")
    assert robot.faults == ["script: broken"]
    robot.faults.clear()


def test_an_answer_of_500_is_a_fault(served: Served, robot: Robot) -> None:
    def broken() -> str:
        raise RuntimeError("broken")

    served.app.view_functions["public.home"] = broken
    robot.page(None).goto(robot.site)
    assert any(fault.startswith("500: ") for fault in robot.faults)
    robot.faults.clear()
