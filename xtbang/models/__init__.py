"""The tables, one noun per file."""

from xtbang.models.assignment import Assignment
from xtbang.models.base import Base
from xtbang.models.batch import Batch, BatchItem
from xtbang.models.budget import BudgetLine
from xtbang.models.call import Call
from xtbang.models.change import Change, ChangeMember
from xtbang.models.contract import FundingDocument, Signature
from xtbang.models.decision import Countersignature, Extension, Finding, Ruling, Termination, Waiver
from xtbang.models.deputy import Deputy
from xtbang.models.document import Document, DocumentVersion, EarlierPrint, Paper, Remark, StoredFile
from xtbang.models.event import Event
from xtbang.models.expected_payment import ExpectedPayment, PlanTotal
from xtbang.models.frozen_edition import FrozenEdition
from xtbang.models.holiday import HolidayYear
from xtbang.models.job import Job
from xtbang.models.kept import AttemptCount, KeptRequest, PendingUpload, SentForm
from xtbang.models.ledger import CollectiveSlip, CountyMatch, LedgerEntry, Voucher
from xtbang.models.mail import Mail
from xtbang.models.meeting import Meeting, MeetingItem, MeetingSeat
from xtbang.models.midterm import Midterm
from xtbang.models.money_total import DealTotal, EntryTotal, LedgerTotal
from xtbang.models.notice import Notice, NoticeItem, Objection
from xtbang.models.organisation import Organisation, OrganisationChange, Restriction
from xtbang.models.panel import Panel, Seat
from xtbang.models.payment_approval import PaymentApproval
from xtbang.models.person import Person, Role, person_role
from xtbang.models.prior_notice import Addressee, PartyStatement, PriorNotice
from xtbang.models.project import Bid, BidMember, Project
from xtbang.models.project_import import ProjectImport
from xtbang.models.receiving_account import ReceivingAccount
from xtbang.models.recusal import Recusal
from xtbang.models.repayment import RepaymentPlan
from xtbang.models.report import Acceptance, Report
from xtbang.models.restriction_act import RestrictionAct
from xtbang.models.saved_view import SavedView
from xtbang.models.search import SearchEntry
from xtbang.models.sign_in import SignIn
from xtbang.models.write_off import WriteOff

from xtbang.models import append_only  # isort: skip  (needs every table)

__all__ = [
    "Acceptance",
    "Addressee",
    "Assignment",
    "AttemptCount",
    "Base",
    "Batch",
    "BatchItem",
    "Bid",
    "BidMember",
    "BudgetLine",
    "Call",
    "Change",
    "ChangeMember",
    "CollectiveSlip",
    "Countersignature",
    "CountyMatch",
    "DealTotal",
    "Deputy",
    "Document",
    "DocumentVersion",
    "EarlierPrint",
    "EntryTotal",
    "Event",
    "ExpectedPayment",
    "Extension",
    "Finding",
    "FrozenEdition",
    "FundingDocument",
    "HolidayYear",
    "Job",
    "KeptRequest",
    "LedgerEntry",
    "LedgerTotal",
    "Mail",
    "Meeting",
    "MeetingItem",
    "MeetingSeat",
    "Midterm",
    "Notice",
    "NoticeItem",
    "Objection",
    "Organisation",
    "OrganisationChange",
    "Panel",
    "Paper",
    "PartyStatement",
    "PaymentApproval",
    "PendingUpload",
    "Person",
    "PlanTotal",
    "PriorNotice",
    "Project",
    "ProjectImport",
    "ReceivingAccount",
    "Recusal",
    "Remark",
    "RepaymentPlan",
    "Report",
    "Restriction",
    "RestrictionAct",
    "Role",
    "Ruling",
    "SavedView",
    "SearchEntry",
    "Seat",
    "SentForm",
    "SignIn",
    "Signature",
    "StoredFile",
    "Termination",
    "Voucher",
    "Waiver",
    "WriteOff",
    "append_only",
    "person_role",
]
