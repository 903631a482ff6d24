"""One notice for the many projects of a batch (合并公告): collected project by project, published when the batch is over."""

from sqlalchemy import select

from xtbang.actions import audit
from xtbang.actions.context import Context
from xtbang.domain.notices import number_taken, publish_alone
from xtbang.models import Batch, Notice, NoticeItem, Project
from xtbang.queries.caller import Caller
from xtbang.rules.quotation import quoted

BATCH = "batch:"  # begins the request key of each action of a batch
TRIGGER = "publish_shared_notice"


def publish_for(context: Context, notice: Notice) -> Notice:
    """Publish the notice of one project, filed under it; within a batch add the project to the notice that all of them share.

    Return the notice that names the project. Projects with another 文号 have a notice of their own.
    """
    batch = _batch_of(context)
    if batch is None:
        publish_alone(context, notice, project_id=context.project.id)
        return notice
    query = select(Notice).where(Notice.batch_id == batch.id, Notice.status == "draft", Notice.kind == notice.kind)
    shared = context.session.scalars(query.where(Notice.number == notice.number)).first()
    if shared is None:
        notice.batch_id = batch.id
        context.session.add(notice)
        context.session.flush()
        return notice
    if shared.call_id != notice.call_id:
        shared.call_id = None
    shared.items.append(NoticeItem(project_id=context.project.id, figures=notice.items[0].figures))
    context.session.flush()
    return shared


def _batch_of(context: Context) -> Batch | None:
    key = (context.event.request_key if context.event else "") or ""
    number = key.removeprefix(BATCH).partition(":")[0]
    if not key.startswith(BATCH) or not number.isdecimal():
        return None
    return context.session.get(Batch, int(number))


def publish_collected(caller: Caller, batch_id: int) -> None:
    """Publish what a batch has collected, inside a transaction: one notice of each kind and 文号, with its event."""
    query = select(Notice).where(Notice.batch_id == batch_id, Notice.status == "draft").order_by(Notice.id)
    for notice in caller.session.scalars(query).all():
        if list(number_taken(caller.session, notice.number, "")):
            notice.number = ""  # given to another notice meanwhile: the number in the register stands
        numbers = [item.project_id for item in notice.items]
        if len(numbers) > 1:
            first = caller.session.get_one(Project, numbers[0])
            notice.title, notice.body = _words(caller, notice, first, len(numbers))
        publish_alone(caller, notice, project_id=numbers[0])
        audit.append(caller, f"notice:{notice.id}", trigger=TRIGGER, data={"batch": batch_id, "projects": numbers})


def _words(caller: Caller, notice: Notice, first: Project, count: int) -> tuple[str, str]:
    """Return title and text of a notice about so many projects."""
    named = f"{quoted(first.title[:150])}等{count}个项目"
    if notice.kind == "board":
        body = f"{named}现列入榜单，面向全国揭榜。项目名称、发榜方和揭榜时间见附件。"
        return f"关于发布{named}榜单的公告", body
    measures = caller.policy.edition(first.edition).measures.full
    body = f"根据{measures}，{named}的合同书已由各方签订并生效，中榜项目名单见附件。现予通告。"
    return f"关于{named}的中榜通告", body
