"""Whoever clicks, presses keys and opens pages, with all of it counted."""

from tests.browser.browser_driver import BrowserDriver


class Hands:
    """The hands of one officer on one browser."""

    def __init__(self, browser_driver: BrowserDriver, role: str) -> None:
        self.page = browser_driver.page(browser_driver.people.offices[role])
        self.site = browser_driver.site
        self.clicks = self.keys = self.pages = 0

    @property
    def presses(self) -> int:
        """Clicks and keys together."""
        return self.clicks + self.keys

    def open(self, address: str) -> None:
        """Open a page by a link of the menu or of a mail: one click."""
        self.clicks += 1
        self.pages += 1
        self.page.goto(address if address.startswith("http") else f"{self.site}{address}")

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.click(selector)

    def leave(self, selector: str) -> None:
        """Click what leads to another page."""
        with self.page.expect_navigation():
            self.click(selector)
        self.pages += 1

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def send(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            self.press(key)
        self.pages += 1

    def type(self, selector: str, text: str) -> None:
        """Click into a field and type."""
        self.clicks += 1
        self.keys += len(text)
        self.page.fill(selector, text)

    def choose(self, selector: str, value: str) -> None:
        """Choose one of a list: the list and the choice."""
        self.clicks += 2
        self.page.select_option(selector, value)

    def attach(self, selector: str, name: str, content: bytes, mime: str) -> None:
        """Choose a file: the button and the file."""
        self.clicks += 2
        self.page.set_input_files(selector, {"name": name, "mimeType": mime, "buffer": content})
