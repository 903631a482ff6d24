"""Signed contracts (签章合同) of several projects: their scans are read at once and assigned by code, then done as a batch."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import redirect, render_template, request, url_for

from xtbang.actions.context import Upload
from xtbang.enums import BUREAU_ROLES
from xtbang.errors import Blocked
from xtbang.extensions import db
from xtbang.queries.desk.tasks import items
from xtbang.queries.shown.project import project_head
from xtbang.queries.signing import contract_numbers
from xtbang.rules.fields import FormDefinition, one_section
from xtbang.rules.forms import check, clean
from xtbang.rules.lives import Action
from xtbang.rules.quotation import quoted
from xtbang.web.frame.access import access, actor
from xtbang.web.frame.inputs import by_field, raw_values
from xtbang.web.frame.shell import caller, engine, policy
from xtbang.web.office.batches import batches, projects_of
from xtbang.web.office.scan_files import ScanFile, read_scans, sent_along
from xtbang.web.office.scan_sets import by_name, in_page_order, is_set, joined, whole_of
from xtbang.web.office.selection import selected
from xtbang.workflow.batch import AT_ONCE, MOST, Wanted, perform_many, start
from xtbang.workflow.many import Candidate, candidates, filled

OTHER = "other"  # the answer that a file belongs to none of the projects
TWICE = "与{}属于同一个项目；一个项目只收一份，请把其中一份选为“不上传”。是同一份合同的不同页的，文件名请用“合同编号_1”“合同编号_2”…。"


@dataclass
class Signing:
    """The subject of the page: the files with their projects, what is filled in for all, and what is wrong."""

    action: Action
    values: dict[str, Any]
    files: dict[ScanFile, Callable[[], bytes]] = field(default_factory=dict)  # each with what reads its content
    answers: dict[str, str] = field(default_factory=dict)  # digest → id of a project, OTHER, "" while it is asked
    found: dict[int, Candidate] = field(default_factory=dict)
    awaited: dict[int, Any] = field(default_factory=dict)  # projects that wait for the signature of the reader's office
    wrong: tuple[tuple[str, str], ...] = ()

    @property
    def form(self) -> FormDefinition:
        """Return what is filled in once for all."""
        fields = (item for item in self.action.form.fields if item.key not in self.action.each)
        return one_section(self.action.trigger, self.action.name, tuple(fields))

    @property
    def scan(self) -> str:
        """Return the key of the field that the scan belongs to."""
        return self.action.each[0]

    def of(self, project_id: int) -> list[ScanFile]:
        """Return the files that are handed in for a project: the pages of one contract in their order, else the first alone."""
        files = [file for file in self.files if self.answers[file.sha256] == str(project_id)]
        return in_page_order(files) if is_set(files) else files[:1]

    @property
    def in_rows(self) -> list[ScanFile]:
        """Return the files as they are listed: the pages of one contract together, in their order."""
        sets = [self.of(int(answer)) if answer.isdecimal() else [] for answer in self.answers.values()]
        return list(dict.fromkeys(file for one, files in zip(self.files, sets, strict=True) for file in (*files, one)))

    def refused(self, file: ScanFile) -> list[str]:
        """Return why a file cannot be handed in for its project."""
        answer = self.answers[file.sha256]
        if answer in ("", OTHER):
            return []
        files = self.of(int(answer))
        if file not in files:
            return [TWICE.format(quoted(files[0].name))]
        item = self.found.get(int(answer))
        return [str(reason) for reason in item.reasons] if item else ["项目不存在，或者您无权办理。"]

    @property
    def projects(self) -> list[int]:
        """Return the projects that files were assigned to."""
        return list(dict.fromkeys(int(answer) for answer in self.answers.values() if answer.isdecimal()))

    @property
    def able(self) -> dict[int, list[ScanFile]]:
        """Return the files of each project for which they can be handed in."""
        sets = {number: self.of(number) for number in self.projects}
        return {number: files for number, files in sets.items() if not self.refused(files[0])}


@batches.route("/batches/signatures", methods=["GET", "POST"])
@access(*BUREAU_ROLES)
def signatures() -> Any:
    """Ask for the scans; on POST read and assign them, ask about those without a project; ``confirmed`` hands them in."""
    action = next(item for item in policy().actions.values() if item.many and item.scan_of)
    asked = Signing(action, {}, awaited=_awaited(action))
    if request.method == "GET":
        asked.values = clean(asked.form, {asked.form.fields[0].key: caller().today.isoformat()})
        return _page(asked)
    asked.values = clean(asked.form, raw_values(asked.form.fields, request.form))
    read = read_scans(request.files.getlist("scans"))
    asked.files = sent_along([*request.form.getlist("scan"), *(file.token for file in read.files)])
    asked.wrong = read.wrong
    numbers = {row.number: row.id for row in asked.awaited.values()} | contract_numbers(db.session(), asked.awaited)
    for file in asked.files:
        known = file.project_id or by_name(file, numbers) or ""
        asked.answers[file.sha256] = request.form.get(f"of-{file.sha256}", str(known))
    wrong = by_field(check(asked.form, asked.values, complete=True))
    if not asked.files and not asked.wrong:
        wrong.setdefault("", []).append("请选择签章合同的扫描件；上次读取的只保留一天。")
    _ask(asked)
    if wrong:
        return _page(asked, wrong, 422)
    if "confirmed" in request.form and not asked.wrong:
        return _start(asked)
    return _page(asked)


def _ask(asked: Signing) -> None:
    """Ask the engine about every project that a file was assigned to."""
    session, who, trigger = db.session(), actor(), asked.action.trigger
    for item in candidates(engine(), session, who, trigger, projects_of(asked.projects[:MOST])):
        file = whole_of(asked.of(item.project.id))
        own, uploads = {asked.scan: file.sha256}, {file.sha256: file.upload(bytes)}
        asked.found[item.project.id] = filled(engine(), session, who, item, asked.values, own, uploads)


def _start(asked: Signing) -> Any:
    """Start the batch with what was seen, and lead to its page."""
    able = asked.able
    seen = dict(pair.split(":") for pair in request.form.get("versions", "").split() if pair.count(":") == 1)
    if "" in asked.answers.values() or not able or not all(seen.get(str(number), "").isdecimal() for number in able):
        return _page(asked)  # something is asked, or was assigned just now: it has not been shown yet
    uploads: dict[int, Upload] = {}
    for number, files in able.items():
        file, read, wrong = joined(files, asked.files)
        uploads[number] = file.upload(read)
        asked.wrong += ((file.name, wrong),) if wrong else ()
    if asked.wrong:
        return _page(asked)
    try:
        batch_id = start(
            engine(), db.session(), actor(), asked.action.trigger,
            [Wanted(number, int(seen[str(number)]), {asked.scan: upload.sha256}) for number, upload in uploads.items()],
            request_key=request.form.get("request_key") or secrets.token_urlsafe(18),
            data=asked.values, uploads={upload.sha256: upload for upload in uploads.values()},
        )  # fmt: skip
    except Blocked as blocked:
        return _page(asked, by_field(blocked.reasons), 409)
    if len(uploads) <= AT_ONCE:
        perform_many(engine(), db.session(), batch_id)
    return redirect(url_for("batches.page", batch_id=batch_id))


def _awaited(action: Action) -> dict[int, Any]:
    """Return the projects that wait for the signature of the reader's office, by their ids."""
    tasks = [task.key for task in policy().tasks if task.trigger == action.trigger]
    return {
        item.row.id: item.row for key in tasks for _task, found in items(caller(), MOST, only=key) for item in found
    }


def _page(asked: Signing, errors: Mapping[str, Sequence[str]] | None = None, status: int = 200) -> tuple[str, int]:
    able = asked.able
    page = render_template(
        "batches/signatures.html",
        action=asked.action,
        form=asked.form,
        values=asked.values,
        errors=errors or {},
        rows=[_row(asked, file) for file in asked.in_rows],
        wrong=asked.wrong,
        able=able,
        open=sum(not answer for answer in asked.answers.values()),
        awaited=[row for row in asked.awaited.values() if str(row.id) not in asked.answers.values()],
        versions=" ".join(f"{number}:{asked.found[number].project.version}" for number in able),
        request_key=request.form.get("request_key") or secrets.token_urlsafe(18),
        back=selected(caller(), request, MOST).back,
        at_once=AT_ONCE,
    )
    return page, status


def _row(asked: Signing, file: ScanFile) -> dict[str, Any]:
    answer = asked.answers[file.sha256]
    item = asked.found.get(int(answer)) if answer.isdecimal() else None
    together = asked.of(int(answer)) if answer.isdecimal() else []
    at = together.index(file) if file in together else 0
    return {
        "file": file,
        "answer": answer,
        "project": project_head(item.project) if item else None,
        "refused": asked.refused(file),
        "hints": item.hints if item else (),
        "place": (at + 1, len(together)) if len(together) > 1 and file in together else None,
    }
