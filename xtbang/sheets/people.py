"""Registers as files: organisations, people, restrictions, mails, jobs, the audit trail."""

from typing import Any

from sqlalchemy import select

from xtbang.enums import JOB_LABELS, STREAM_LABELS
from xtbang.jobs.outbox import mail_state
from xtbang.models import Event, Job, Mail, Organisation, Person, Restriction
from xtbang.people.mails import mails_asked
from xtbang.people.person_form import known_roles
from xtbang.queries.audit import Filters, every_event, names_of_events, subject_of
from xtbang.queries.caller import Caller
from xtbang.queries.registers import of_organisations, people_asked, restrictions_asked
from xtbang.queries.shown.people import organisation_shown, person_shown
from xtbang.queries.shown.project import event_shown, restriction_shown
from xtbang.queries.shown.states import organisation_state
from xtbang.rules.asked import Asked
from xtbang.rules.sheet import Column, Kind, Sheet, texts
from xtbang.sheets.registry import list_file


@list_file("admin.organisations", ("science", "admin"))
def organisations(caller: Caller, asked: Asked) -> Sheet:
    """Return the organisations that match, without their figures and accounts."""
    columns = [
        *texts("单位", "统一社会信用代码", "类别", "县市区（园区）", "地址", "法定代表人"),
        Column("注册时间", Kind.MOMENT),
        *texts("状态"),
    ]
    query = select(Organisation).where(*of_organisations(asked), *asked.among(Organisation.id))
    query = query.order_by(Organisation.id.desc()).limit(asked.most)
    rows = (
        (
            row.id, row.name, row.code, row.kind, row.region, row.postal_address, row.legal_name, row.created_at,
            organisation_state(row).words,
        )
        for row in map(organisation_shown, caller.session.scalars(query))
    )  # fmt: skip
    return Sheet("单位", columns, rows)


@list_file("admin.people", ("admin",))
def people(caller: Caller, asked: Asked) -> Sheet:
    """Return the accounts that match."""
    columns = [
        *texts("姓名", "职务", "角色", "所属", "县市区（园区）", "专家类别", "电子邮箱", "手机", "账号"),
        Column("开通时间", Kind.MOMENT),
    ]
    labels = {role: caller.policy.city.role_labels[role] for role in known_roles(caller.policy)}
    rows = (
        (
            row.id, row.name, row.title, "、".join(label for role, label in labels.items() if role in row.role_names),
            row.works_at, row.region, row.expert_kind, row.email, row.mobile, "启用" if row.active else "停用",
            row.created_at,
        )
        for row in map(person_shown, caller.session.scalars(people_asked(asked).where(*asked.among(Person.id)).limit(asked.most)))
    )  # fmt: skip
    return Sheet("人员与角色", columns, rows)


@list_file("admin.restrictions", ("science", "auditor", "admin"))
def restrictions(caller: Caller, asked: Asked) -> Sheet:
    """Return the restrictions in force or to come, or those that are over."""
    columns = [
        *texts("单位", "统一社会信用代码"),
        *(Column(label, Kind.DATE) for label in ("开始日期", "截止日期")),
        *texts("原因", "依据项目", "登记人"),
        *(Column(label, Kind.DATE) for label in ("登记日期", "解除日期")),
    ]
    found = caller.session.execute(
        restrictions_asked(asked, caller.today).where(*asked.among(Restriction.id)).limit(asked.most)
    )
    rows = (
        (
            row.id, row.organisation, row.uscc, row.starts_on, row.ends_on, row.reason, number, by, row.created_at,
            row.lifted_at,
        )
        for row, by, number in ((restriction_shown(each[0]), each[1], each[2]) for each in found)
    )  # fmt: skip
    return Sheet("限制名单", columns, rows)


@list_file("admin.mails", ("admin",))
def mails(caller: Caller, asked: Asked) -> Sheet:
    """Return the mails that match, without their text."""
    columns = [
        *(Column(label, Kind.MOMENT) for label in ("写入时间", "发送时间")),
        *texts("收件人", "地址", "主题", "状态"),
    ]
    found = caller.session.execute(mails_asked(caller, asked).where(*asked.among(Mail.id)).limit(asked.most))
    rows = (
        (
            mail.id, mail.created_at, mail.sent_at, name, mail.address, mail.subject,
            mail_state(mail)[0],
        )
        for mail, name in found
    )  # fmt: skip
    return Sheet("邮件记录", columns, rows)


@list_file("admin.jobs", ("admin", "auditor"))
def jobs(caller: Caller, asked: Asked) -> Sheet:
    """Return the background jobs."""
    columns = [
        Column("申请时间", Kind.MOMENT),
        *texts("任务", "申请人"),
        Column("完成时间", Kind.MOMENT),
        *texts("结果"),
    ]
    query = (
        select(Job, Person.name)
        .outerjoin(Person, Person.id == Job.person_id)
        .where(*asked.among(Job.id))
        .order_by(Job.id.desc())
        .limit(asked.most)
    )
    rows = (
        (job.id, job.created_at, JOB_LABELS.get(job.kind, job.kind), name, job.finished_at, job.error or job.result)
        for job, name in caller.session.execute(query)
    )
    return Sheet("后台任务", columns, rows)


@list_file("admin.audit", ("auditor", "admin"))
def audit(caller: Caller, asked: Asked) -> Sheet:
    """Return the events that match, as far as they are shown now."""
    columns = [
        Column("时间", Kind.MOMENT),
        *texts("办理人", "角色", "单位", "事项", "对象类别", "项目编号", "对象", "办理前", "办理后", "原因"),
        Column("附件", Kind.WHOLE),
        *texts("地址", "摘要"),
    ]
    policy, names, roles = caller.policy, names_of_events(caller.policy), caller.policy.city.role_labels
    states = {key: state.name for key, state in policy.states.items()}

    def row_of(found: Any) -> tuple[Any, ...]:
        event: Event = found.Event
        kind = event.stream.partition(":")[0]
        return (
            event.id, event.at, event.actor_name, roles.get(event.role, event.role), event.organisation_name,
            names.get(event.trigger, event.trigger), STREAM_LABELS.get(kind, "其他"), found.number, subject_of(found),
            states.get(event.from_state, event.from_state), states.get(event.to_state, event.to_state), event.reason,
            len(event.files), event_shown(event).host, event.digest,
        )  # fmt: skip

    filters, _errors = Filters.of(asked)
    return Sheet("操作记录", columns, map(row_of, every_event(caller, filters, asked.most)))
