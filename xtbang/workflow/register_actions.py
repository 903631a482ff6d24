"""Actions on several rows of a register (名册) at once: organisations, accounts, mails, meetings.

Each action is the command that is given for a single row, with the same reasons against it, event and mails. A batch
(`workflow/batch.py`) does it for each row in a transaction of its own.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from xtbang.domain.bids import in_shanghai
from xtbang.domain.invitations import against_inviting, invite_again
from xtbang.domain.meeting_plans import against_cancelling, against_closing, cancel_meeting, close_meeting
from xtbang.domain.meetings import undecided
from xtbang.enums import MEETING_LABELS, SEAT_LABELS
from xtbang.errors import Blocked
from xtbang.models import Mail, Meeting, MeetingSeat, Organisation, Person
from xtbang.people.mails import against_retrying, mails_asked, retry_mails
from xtbang.people.officers import seal, switch_person
from xtbang.people.organisations import (
    against_confirming,
    against_refusing,
    confirm_organisation,
    refuse_organisation,
)
from xtbang.queries.caller import Caller
from xtbang.rules.actor import Actor
from xtbang.rules.asked import Asked
from xtbang.rules.fields import Field, FieldKind, FormDefinition, Section
from xtbang.rules.policy import Policy
from xtbang.rules.reasons import Reason
from xtbang.rules.term import in_chinese


@dataclass(frozen=True)
class Subject:
    """A row that an action is meant for: name, further facts, the mark of what was seen, why it cannot be done."""

    id: int
    name: str
    told: str
    seen: str = ""
    reasons: tuple[Reason, ...] = ()


Values = Mapping[str, Any]


@dataclass(frozen=True)
class RegisterAction:
    """An action on several rows of one register."""

    trigger: str
    name: str
    listing: str  # the name of the page of the register
    roles: tuple[str, ...]
    subjects: Callable[[Caller, Sequence[int]], Iterator[Subject]]
    do: Callable[[Caller, int, str, Values], None]  # for one row as it was seen; raises Blocked, Stale, NotFound
    effect: str
    fields: tuple[Field, ...] = ()
    danger: bool = False
    all_match: bool = (
        True  # whether the rows of the list are those that it is about, so that all that match can be chosen
    )

    @property
    def form(self) -> FormDefinition:
        """Return what is filled in once for all."""
        return FormDefinition(
            self.trigger, self.name, sections=(Section(self.name, self.fields),) if self.fields else ()
        )

    def role_of(self, who: Actor) -> str:
        """Return the role in which this person does it; "" where none may."""
        return next((role for role in self.roles if role in who.roles), "")


def _organisations(against: Callable[[Organisation], Iterable[Reason]]) -> Callable[..., Iterator[Subject]]:
    def subjects(caller: Caller, ids: Sequence[int]) -> Iterator[Subject]:
        for row in caller.session.scalars(select(Organisation).where(Organisation.id.in_(ids))):
            told = (row.code, row.kind, row.region, row.legal_name, row.address, f"{in_chinese(row.created_at)}注册")
            yield Subject(row.id, row.name, "　".join(filter(None, told)), str(row.version), tuple(against(row)))

    return subjects


def _people(active: bool) -> Callable[..., Iterator[Subject]]:
    def subjects(caller: Caller, ids: Sequence[int]) -> Iterator[Subject]:
        query = select(Person).options(joinedload(Person.organisation), selectinload(Person.roles))
        labels = caller.policy.city.role_labels
        for row in caller.session.scalars(query.where(Person.id.in_(ids))):
            roles = "、".join(labels.get(name, name) for name in row.role_names)
            told = "　".join(filter(None, (row.works_at, roles, row.email)))
            against = (
                (Reason("person.active", f"账号已{'启用' if active else '停用'}。"),) if row.active is active else ()
            )
            yield Subject(row.id, row.name, told, seal(row), against)

    return subjects


def _mails(caller: Caller, ids: Sequence[int]) -> Iterator[Subject]:
    query = mails_asked(caller, Asked({})).where(Mail.id.in_(ids))
    for mail, name in caller.session.execute(query):
        told = f"{name or ''}　{mail.address}　{in_shanghai(mail.created_at)}"
        yield Subject(mail.id, mail.subject, told, reasons=tuple(against_retrying(mail)))


def _closing(caller: Caller, ids: Sequence[int]) -> Callable[[Meeting], Iterable[Reason]]:
    left = undecided(caller.session, ids)
    return lambda meeting: against_closing(caller, meeting, left)


def _cancelling(caller: Caller, _ids: Sequence[int]) -> Callable[[Meeting], Iterable[Reason]]:
    return lambda meeting: against_cancelling(caller, meeting)


def _meetings(
    against: Callable[[Caller, Sequence[int]], Callable[[Meeting], Iterable[Reason]]],
) -> Callable[..., Iterator[Subject]]:
    def subjects(caller: Caller, ids: Sequence[int]) -> Iterator[Subject]:
        blocks = against(caller, ids)
        for row in caller.session.scalars(
            select(Meeting).options(selectinload(Meeting.items)).where(Meeting.id.in_(ids))
        ):
            when = in_shanghai(row.starts_at) if row.starts_at else "时间未定"
            told = f"{MEETING_LABELS[row.kind]}　{when}　{row.place}　{len(row.order)} 个项目"
            yield Subject(row.id, row.title, told, reasons=tuple(blocks(row)))

    return subjects


def _invited(caller: Caller, ids: Sequence[int]) -> Iterator[Subject]:
    query = select(MeetingSeat).where(MeetingSeat.id.in_(ids))
    both = joinedload(MeetingSeat.expert).joinedload(Person.organisation), joinedload(MeetingSeat.meeting)
    for row in caller.session.scalars(query.options(*both)):
        answer = f"{SEAT_LABELS[row.status]}{'：' + row.answer_note if row.answer_note else ''}"
        told = f"{row.kind}专家　{row.expert.works_at}　{row.meeting.title}　{answer}"
        yield Subject(row.id, row.expert.name, told, row.status, tuple(against_inviting(caller, row)))


def _retry(caller: Caller, number: int, _seen: str, _values: Values) -> None:
    if not retry_mails(caller, number):
        raise Blocked([Reason("mail.sent", "这封邮件已由他人重发，或已经送达。")])


def _reason(label: str, hint: str) -> tuple[Field, ...]:
    return (Field("reason", label, FieldKind.LONG, limit=300, hint=hint),)


EVERY = (
    RegisterAction(
        "confirm_organisation", "确认单位", "admin.organisations", ("science", "admin"),
        _organisations(against_confirming),
        lambda caller, number, seen, _values: confirm_organisation(caller, number, int(seen)),
        "确认以后单位人员可以申报、揭榜，并收到通知。",
    ),
    RegisterAction(
        "refuse_organisation", "不予确认单位", "admin.organisations", ("science", "admin"),
        _organisations(against_refusing),
        lambda caller, number, seen, values: refuse_organisation(caller, number, int(seen), values["reason"]),
        "原因通知各单位；单位改正资料后可以重新提交。",
        _reason("不予确认的原因", "通知各单位，并记入操作记录"),
        danger=True,
    ),
    RegisterAction(
        "switch_on", "启用账号", "admin.people", ("admin",),
        _people(active=True),
        lambda caller, number, seen, _values: switch_person(caller, number, seen, active=True),
        "启用以后可以登录，原来的角色不变。",
    ),
    RegisterAction(
        "switch_off", "停用账号", "admin.people", ("admin",),
        _people(active=False),
        lambda caller, number, seen, _values: switch_person(caller, number, seen, active=False),
        "停用以后立即从所有设备退出登录，不能再登录；可以重新启用。手上的事项请先移交。",
        danger=True,
    ),
    RegisterAction(
        "retry_mail", "重发邮件", "admin.mails", ("admin",), _mails, _retry,
        "放回待发队列，按收件人现在的地址发送。",
    ),
    RegisterAction(
        "close_meeting", "结束会次", "meetings.index", ("science",),
        _meetings(_closing),
        lambda caller, number, _seen, _values: close_meeting(caller, number),
        "结束以后项目不能再列入或者退出。",
    ),
    RegisterAction(
        "cancel_meeting", "取消会次", "meetings.index", ("science",),
        _meetings(_cancelling),
        lambda caller, number, _seen, values: cancel_meeting(caller, number, values["reason"]),
        "取消以后不能恢复，文书一并作废。",
        _reason("取消的原因", "记入操作记录"),
        danger=True,
    ),
    RegisterAction(
        "invite_again", "再次邀请", "meetings.page", ("science",), _invited,
        lambda caller, number, seen, _values: invite_again(caller, number, seen),
        "每名专家再收到一份邀请；曾谢绝的重新列为待答复。仍不参加的，在项目页面或者批量办理“补抽专家”。",
        all_match=False,
    ),
)  # fmt: skip
REGISTER_ACTIONS = {deed.trigger: deed for deed in EVERY}


def register_actions(listing: str, who: Actor) -> list[RegisterAction]:
    """Return the actions on several rows of the register on that page, as far as this person may do them."""
    return [deed for deed in EVERY if deed.listing == listing and deed.role_of(who)]


def name_of_action(policy: Policy, trigger: str) -> str:
    """Return what is done in a batch, in words."""
    deed = REGISTER_ACTIONS.get(trigger)
    return deed.name if deed else policy.actions[trigger].name
