"""The demo's walk, done by clicking: every step in the browser session of the person whose step it is."""

from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response, ViewportSize, expect
from sqlalchemy import select

from xtbang.actions.context import Upload
from xtbang.demo.driver import Driver
from xtbang.models import Document, Notice, NoticeItem, Person, Project
from xtbang.rules.actor import Actor
from xtbang.rules.fields import FieldKind, FormDefinition
from xtbang.rules.uscc import make
from xtbang.workflow.engine import Outcome

PASSWORD = "a password for tests"
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 780}
BUTTON = "main form button[type=submit].btn-primary, main form button[type=submit].btn-danger"
SAVE = "main form .form-bar button[type=submit]:not([name])"
CONFIRM = "form.confirm button.btn-primary, form.confirm button.btn-danger"
PATIENCE = 120_000  # ms; nothing that is tested depends on how busy the machine is
KIND = "found => found.length ? [found[0].tagName, found[0].type || ''] : null"


expect.set_options(timeout=PATIENCE)


def visitor(browser: Browser, **options: Any) -> BrowserContext:
    """Someone with a browser of their own, who waits."""
    made = browser.new_context(**options)
    made.set_default_timeout(PATIENCE)
    return made


@dataclass
class BrowserDriver(Driver):
    """A driver that acts through browsers, but by perform() while it is not ``clicking``.

    ``faults`` collects every error a browser met.
    """

    browser: Browser = None  # type: ignore[assignment]
    site: str = ""
    shots: Path | None = None  # where pictures go
    pages: dict[int | None, Page] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    count: int = 0
    javascript: bool = True  # whether those who come from now on have it switched on
    clicking: bool = True

    # -- people

    def page(self, person_id: int | None) -> Page:
        """The page of a person, signed in by the form; None is the public."""
        if person_id not in self.pages:
            page = visitor(self.browser, locale="zh-CN", viewport=WIDE, java_script_enabled=self.javascript).new_page()
            page.on("console", self._console)
            page.on("response", self._response)
            page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
            self.pages[person_id] = page
            if person_id is not None:
                self.sign_in(page, self.session.get_one(Person, person_id).email, PASSWORD)
        return self.pages[person_id]

    def sign_in(self, page: Page, email: str, password: str) -> None:
        """By the form, as anyone would."""
        page.goto(f"{self.site}/login")
        page.fill("[name=email]", email)
        page.fill("[name=password]", password)
        page.click("main button[type=submit], main input[type=submit]")
        page.wait_for_url("**/desk*")

    def register(self, number: int, kind: str) -> int:
        """Register an organisation with its first person, have an officer confirm it; returns its id."""
        page = self.page(None)
        page.goto(f"{self.site}/register")
        email = f"first{number}@example.com"
        values = {
            "name": f"湘潭新注册示例{number}号{kind}", "uscc": make(f"91430300MA4R{number:05d}"), "kind": kind,
            "region": "雨湖区", "address": "示例路1号", "postcode": "411100", "legal_name": "龙䶮", "legal_phone": "0731-58570302",
            "person_name": "喆堃", "title": "部长", "mobile": "13800000001", "email": email,
            "password": PASSWORD, "password_again": PASSWORD,
        }  # fmt: skip
        self.fill(page, values)
        self.press(page, BUTTON)
        self.shot(page, "registered")
        self.session.rollback()
        person = self.session.scalars(select(Person).where(Person.email == email)).one()
        organisation = person.organisation_id or 0
        self.people.members[organisation] = person.id
        officer = self.page(self.people.offices["science"])
        officer.goto(f"{self.site}/admin/organisations/{organisation}")
        self.press(officer, "form[action$='/confirm'] button[type=submit]")
        self.shot(officer, "confirmed")
        mine = self.page(person.id)
        mine.goto(f"{self.site}/organisation")
        figures = {"staff": 120, "rd_staff": 30, "revenue": "5000", "profit_tax": "-12.5", "rd_spend": "400"}
        self.fill(mine, figures | {"bank_name": "示例银行", "bank_account": "0000430300000000001"})
        self.press(mine, BUTTON)
        self.shot(mine, "profile")
        self.session.rollback()
        self.session.expire_all()
        assert self.organisation(organisation).status == "confirmed"
        return organisation

    def _console(self, message: ConsoleMessage) -> None:
        expected = "status of 4" in message.text  # a refusal answers 409 or 422, which Chromium logs
        if message.type == "error" and not expected:
            self.faults.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status}: {response.url}")

    def shot(self, page: Page, name: str) -> None:
        """Keep a picture of this step."""
        self.count += 1
        if self.shots is None:
            return
        self.shots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self.shots / f"{self.count:03d}-{name}.png", full_page=True)

    def shot_both(self, page: Page, name: str) -> None:
        """The same on a desk and on a phone, where nothing may stick out at the side."""
        self.shot(page, name)
        page.set_viewport_size(NARROW)
        self.shot(page, f"{name}-360")
        wide = page.evaluate("document.documentElement.scrollWidth")
        page.set_viewport_size(WIDE)
        assert wide <= NARROW["width"], f"{name}: {wide} px wide on a phone"

    # -- what a driver does

    def do(
        self, project: Project, trigger: str, actor: Actor, data: dict[str, Any] | None = None, **files: Upload
    ) -> Outcome:
        """Open the action's page, fill it in, confirm where it asks, and see that it was done."""
        if not self.clicking:
            return super().do(project, trigger, actor, data, **files)
        page = self.page(actor.person_id)
        values = dict(data or {})
        if actor.person_id is None:
            page.goto(f"{self.site}/notices/{self._notice(project)}/projects/{project.id}/objection")
        else:
            page.goto(f"{self.site}/projects/{project.id}/actions/{trigger}")
        if page.locator("p.message, .message").filter(has_text="您会签后立即生效").count() == 0:
            self.fill(page, values)
            for key, upload in files.items():
                page.set_input_files(f"[name={key}]", self._payload(upload))
        self.submit(page)
        self.shot(page, trigger)
        self.session.rollback()
        self.session.expire_all()
        return None  # type: ignore[return-value]

    def submit(self, page: Page) -> None:
        """Press the button of the form, and the one of the confirmation after it."""
        self.press(page, BUTTON)
        if page.locator(CONFIRM).count():
            self.press(page, CONFIRM)
        summary = page.locator(".summary")
        assert summary.count() == 0, summary.first.inner_text()

    def press(self, page: Page, button: str) -> None:
        """Press a button and wait for the page it leads to."""
        with page.expect_navigation():
            page.locator(button).first.click()

    def write(self, document: Document, definition: FormDefinition, actor: Actor, values: dict[str, Any]) -> None:
        """Fill in a document and have it checked."""
        if not self.clicking:
            super().write(document, definition, actor, values)
            return
        page = self.page(actor.person_id)
        page.goto(f"{self.site}/projects/{document.project_id}/documents/{document.id}")
        known = {f.key: values[f.key] for f in definition.fields if f.key in values and not f.computed}
        files = [f.key for f in definition.fields if f.kind is FieldKind.FILE and known.pop(f.key, None)]
        self.fill(page, known)
        for key in files:
            page.set_input_files(f"[name={key}]", self._payload(self.scan("技术合同", document.kind)))
        self.shot(page, f"{document.kind}-filled")
        self.press(page, "button[name=check]")
        wrong = page.locator(".summary")  # of the document; the page that follows says what else it waits for
        assert "/documents/" not in page.url or wrong.count() == 0, wrong.first.inner_text()
        self.session.rollback()
        self.session.expire_all()

    def attach(self, project: Project, upload: Upload, actor: Actor) -> str:
        """Files of a document are chosen in `write`."""
        return upload.sha256 if self.clicking else super().attach(project, upload, actor)

    # -- filling in

    def fill(self, page: Page, values: dict[str, Any]) -> None:
        """Type, choose and tick, by the names of the fields."""
        for key, value in values.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                for number, row in enumerate(value):
                    here = self.row_of(page, key, number, row)
                    for column, cell in row.items():
                        self.one(page.locator(f'[name="{key}-{here}-{column}"]'), cell)
            else:
                self.one(page.locator(f'main [name="{key}"]'), value)

    def row_of(self, page: Page, key: str, number: int, row: dict[str, Any]) -> int:
        """The number of the row that stands beside the field it is about, else of the next one."""
        hidden = page.locator(f'input[type=hidden][name^="{key}-"][value="{row["field"]}"]') if "field" in row else None
        if hidden is None or hidden.count() == 0:
            self.need_row(page, key, number)
            return number
        return int((hidden.first.get_attribute("name") or "").split("-")[1])

    def need_row(self, page: Page, key: str, number: int) -> None:
        """Add rows to a table until it has that one; without JavaScript, saving the draft adds some."""
        while page.locator(f'[name^="{key}-{number}-"]').count() == 0:
            if self.javascript:
                page.locator(f"#f-{key} [data-row-add]").first.click()
            else:
                self.press(page, SAVE)

    def one(self, control: Locator, value: Any) -> None:
        """One field."""
        if value is None or (found := control.evaluate_all(KIND)) is None:
            return
        tag, kind = found
        if kind in ("radio", "checkbox"):
            wanted = value if isinstance(value, list) else ["true" if value is True else str(value)]
            for text in filter(None, wanted):
                page = control.page  # a choice by its key or by its label
                control.and_(page.locator(f'[value="{text}"]').or_(page.get_by_label(text, exact=True))).check()
        elif tag == "SELECT":
            control.first.select_option(str(value))
        elif kind != "hidden":
            control.first.fill(str(value))

    def _payload(self, upload: Upload) -> Any:
        content = self.store.get(upload.sha256)
        if upload.codes:  # as many pages as any paper of the demo has
            page, several = Image.open(BytesIO(content)).convert("RGB"), BytesIO()
            page.save(several, "PDF", save_all=True, append_images=[Image.new("1", page.size, 1)] * 19, resolution=75)
            return {"name": "扫描件.pdf", "mimeType": "application/pdf", "buffer": several.getvalue()}
        return {"name": upload.name, "mimeType": upload.mime, "buffer": content}

    def _notice(self, project: Project) -> int:
        query = select(Notice.id).join(NoticeItem).where(NoticeItem.project_id == project.id)
        return self.session.scalars(query.where(Notice.kind == "publicity", Notice.status == "published")).one()
