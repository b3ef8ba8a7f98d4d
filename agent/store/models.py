"""All models of the store: a table that is not listed here does not exist."""

from __future__ import annotations

from typing import Any, Final

from agent.store.accounts import AccessLog, ApiClient, Session, User
from agent.store.bags import BagLine, Parcel, ParcelEvent, SealFact
from agent.store.bank import BankLine, OfficialReceipt, PaymentPurpose, StatementFile
from agent.store.calendar import CalendarEntry
from agent.store.cash import CashDeposit, CashSeen, CashVariance, Remittance, Reversal, Shift
from agent.store.catalogue import CatalogueEdition
from agent.store.citizen import Feedback, NoticeWish, OfficeKey, OfficeSwitch, Survey
from agent.store.citizen_tasks import CitizenTask
from agent.store.claims import Claim, ClaimEntry
from agent.store.custody_events import CustodyConflict, DeviceEvent, PhoneChain
from agent.store.delivery import (
    Authorisation,
    DeliveryList,
    Invitation,
    ItemPlan,
    ListLine,
    NoAttempt,
    RepeatFreight,
    Route,
    TakeBack,
    TakeBackMove,
)
from agent.store.devices import DeviceSetup, DeviceStatus
from agent.store.dossiers import (
    Component,
    Contact,
    DailyNumber,
    Dossier,
    Draft,
    Fee,
    LedgerRow,
    Party,
    Subject,
    Supplement,
)
from agent.store.exchanges import AwaitedReport, HeadExchange, ReceiptLink, ReportCursor
from agent.store.handoffs import FeedCursor, ProvinceReceipt, StatusMessage
from agent.store.inbox import Feed, InboxPage
from agent.store.items import CustodyEvent, Item, ItemRange, Proof, Result
from agent.store.journal import JournalEntry, JournalHead
from agent.store.look_ups import LookUp
from agent.store.minutes import FilingChange, Manifest, ManifestLine, Minutes, MinutesLine, MinutesNote
from agent.store.money import MoneyEntry, MoneyLeg
from agent.store.outbox import Job, Payload
from agent.store.paper_facts import PaperFacts, PaperUse
from agent.store.paper_numbers import PaperNumber, PaperSeries
from agent.store.papers import Page, Paper
from agent.store.phones import PairingCode, Phone, PhoneAct, PhoneBlob, ReceiverCode, RoundRow
from agent.store.province_line import LineStatus
from agent.store.readings import PageReading, PaperText
from agent.store.reconciliation import BucketSum, Difference, Run
from agent.store.requests import Idempotency, ScreenEvent
from agent.store.retention import DossierHold, ErasedObject, Retired
from agent.store.returns import ReturnLine, ReturnMinutes
from agent.store.scans import ScanEvent
from agent.store.schema_migration import SchemaMigration
from agent.store.statements import Statement, StatementLine
from agent.store.values import ExtractionRun, Value
from agent.store.wrong_tries import TryBucket

MODELS: Final[list[Any]] = [
    SchemaMigration, Job, Payload, JournalEntry, JournalHead, User, Session, ApiClient, AccessLog, CatalogueEdition,
    Subject, Dossier, Party, Contact, Component, Fee, Supplement, Draft, DailyNumber, LedgerRow, Page, Paper,
    ProvinceReceipt, StatusMessage, FeedCursor, ItemRange, Item, Result, CustodyEvent, Proof, Run, Difference,
    Idempotency, ScreenEvent, DeviceSetup, DeviceStatus, ScanEvent, Feed, InboxPage, Value, ExtractionRun,
    PageReading, PaperText, PaperSeries, PaperNumber, PaperFacts, PaperUse, DossierHold, Retired, ErasedObject,
    CitizenTask, LookUp, LineStatus, DeviceEvent, CustodyConflict, PhoneChain,
    BucketSum, Statement, StatementLine, ReceiptLink, HeadExchange,
    ReportCursor, AwaitedReport, Phone, PhoneAct, PairingCode, RoundRow, PhoneBlob, ReceiverCode,
    Parcel, ParcelEvent, SealFact, BagLine, Manifest, ManifestLine, Minutes, MinutesLine, MinutesNote, FilingChange,
    Route, DeliveryList, ListLine, ItemPlan, RepeatFreight, Invitation, NoAttempt, Authorisation, TakeBack,
    TakeBackMove, Claim, ClaimEntry, ReturnMinutes, ReturnLine,
    CalendarEntry, OfficeSwitch, NoticeWish, Survey, Feedback, OfficeKey,
    MoneyEntry, MoneyLeg, Shift, CashDeposit, CashVariance, CashSeen, Reversal, Remittance,
    PaymentPurpose, BankLine, OfficialReceipt, StatementFile, TryBucket,
]  # fmt: skip
