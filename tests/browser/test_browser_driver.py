"""The browser driver notices what goes wrong in a browser: a violation of the CSP, an error in a script, an answer of 500."""

import pytest

from tests.browser.browser_driver import BrowserDriver
from tests.browser.conftest import Served

VIOLATIONS = {
    "script": "const s = document.createElement('script'); s.textContent = '1'; document.body.append(s)",
    "style": "document.body.setAttribute('style', 'color: red')",
    "elsewhere": "const i = new Image(); i.src = 'http://elsewhere.invalid/x.png'; document.body.append(i)",
}


@pytest.mark.parametrize("way", VIOLATIONS)
def test_a_violation_of_the_policy_is_a_fault(browser_driver: BrowserDriver, way: str) -> None:
    page = browser_driver.page(None)
    page.goto(browser_driver.site)
    with page.expect_console_message(lambda message: message.type == "error"):
        page.evaluate(f"() => {{ {VIOLATIONS[way]} }}")
    assert any("Content Security Policy" in fault for fault in browser_driver.faults)
    browser_driver.faults.clear()


def test_an_error_in_a_script_is_a_fault(browser_driver: BrowserDriver) -> None:
    page = browser_driver.page(None)
    page.goto(browser_driver.site)
    with page.expect_event("pageerror"):
        page.evaluate("() => { setTimeout(() => { throw new Error('broken') }) }")
    assert browser_driver.faults == ["script: broken"]
    browser_driver.faults.clear()


def test_an_answer_of_500_is_a_fault(served: Served, browser_driver: BrowserDriver) -> None:
    def broken() -> str:
        raise RuntimeError("broken")

    served.app.view_functions["public.home"] = broken
    browser_driver.page(None).goto(browser_driver.site)
    assert any(fault.startswith("500: ") for fault in browser_driver.faults)
    browser_driver.faults.clear()
