"""Printing from the command line: any form, blank or filled, and any paper of a project."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select

from xtbang.extensions import db
from xtbang.models import Paper, Project
from xtbang.papers.errors import PaperError
from xtbang.papers.pdf.issued import Order, order_from
from xtbang.papers.pdf.meta import PaperMeta
from xtbang.rendering import render_and_store
from xtbang.rules.edition import Edition
from xtbang.rules.forms import check, clean, unknown_keys
from xtbang.rules.policy import Policy
from xtbang.rules.quotation import quoted

NO_TIME = datetime(2021, 12, 1, tzinfo=UTC)  # not printed; fixed, so that equal input gives equal bytes


class PrintingError(Exception):
    """Nothing was printed; ``sentences`` say why, one each."""

    def __init__(self, *sentences: str) -> None:
        super().__init__("；".join(sentences))
        self.sentences = sentences


def print_form(policy: Policy, form: str, edition: str | None, data: Path | None) -> bytes:
    """Return a form of an edition as PDF, laid out in this process. Raise PrintingError as `form_order`."""
    from xtbang.papers.pdf.typesetting import typeset  # imports WeasyPrint, which the web server does not need

    order = form_order(policy, form, edition, data)
    try:
        return typeset(order)
    except PaperError as error:
        raise PrintingError(str(error)) from None


def form_order(policy: Policy, form: str, edition: str | None, data: Path | None) -> Order:
    """Return the order of a form of an edition: blank without data, marked as a draft while something is missing.

    Raise PrintingError for an unknown form or edition, unknown keys, and values that cannot be accepted.
    """
    chosen = _edition(policy, form, edition)
    definition = {**chosen.forms, **chosen.documents}[form]
    raw = _values(data) if data else {}
    if unknown := unknown_keys(definition, raw):
        raise PrintingError(*(f"表中没有{quoted(key)}这一项。" for key in unknown))
    values = clean(definition, raw)
    if wrong := check(definition, values, complete=False):
        raise PrintingError(*map(str, wrong))
    meta = PaperMeta(
        name=f"{definition.title}{definition.subtitle}",
        number="",
        version=0,
        made_at=NO_TIME,
        code="",
        verify_url="",
        state="草稿" if data else "空白表",
        timed=False,
    )
    unfinished = bool(data and check(definition, values, complete=True))
    name = "form" if form in chosen.forms else form
    facts = {"definition": definition.key, "edition": chosen.key, "values": values if data else {}}
    return order_from(name, facts, meta=meta, policy=policy, watermark=unfinished)


def print_paper(number: str, name: str) -> bytes:
    """Return the newest paper of that name of a project from the store, after rendering and storing it if necessary.

    Raise PrintingError when there is no such project or paper.
    """
    project = db.session.scalars(select(Project).where(Project.number == number)).first()
    if project is None:
        raise PrintingError(f"没有编号为 {number} 的项目。")
    every = select(Paper).where(Paper.project_id == project.id).order_by(Paper.id.desc())
    papers = db.session.scalars(every).all()
    found = next((paper for paper in papers if paper.name == name), None)
    if found is None:
        names = "、".join(sorted({paper.name for paper in papers})) or "无"
        raise PrintingError(f"项目 {number} 没有名为 {name} 的文书；现有：{names}。")
    if found.file:
        content: bytes = current_app.extensions["store"].get(found.file.sha256)
        return content
    return render_and_store(current_app, db.session(), found)


def _edition(policy: Policy, form: str, key: str | None) -> Edition:
    candidates = {name: e for name, e in policy.editions.items() if form in e.forms or form in e.documents}
    if not candidates:
        known = sorted({name for e in policy.editions.values() for name in (*e.forms, *e.documents)})
        raise PrintingError(f"没有{quoted(form)}这种表；可选：{'、'.join(known)}。")
    if key is None:
        return candidates[max(candidates)]
    if key not in candidates:
        raise PrintingError(f"版本{quoted(key)}没有{quoted(form)}；有此表的版本：{'、'.join(candidates)}。")
    return candidates[key]


def _values(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise PrintingError(f"{path.name} 不是有效的 JSON：{error}") from None
    if not isinstance(values, dict):
        raise PrintingError(f"{path.name} 应为一个 JSON 对象。")
    return values
