"""The contract's operations at the sandbox: a validated element in, the answer's values out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pybase64

from agent.domain.canonical import CanonicalDelivery, CanonicalDossier, CanonicalSupplement
from agent.domain.canonical_codec import instant_text
from agent.domain.canonical_reports import CanonicalPayments, CanonicalSatisfaction, CanonicalWithdrawal
from agent.errors import RuleViolation
from agent.soap.contract import NAMESPACE, OPERATIONS, REVISION, qualified
from agent.soap.messages import canonical_of, plain_of
from agent.soap.province import heads
from agent.soap.province.books import Books
from agent.soap.province.front import MAX_BYTES
from agent.soap.province.refusal import Refusal
from agent.soap.province.register import LOOKUPS_PER_HOUR, Register
from agent.soap.province.reports import Reports
from agent.soap.province.submissions import Message, P, Submissions, receipt_plain
from agent.soap.province.uploads import MAX_CHUNK, MAX_FILE

if TYPE_CHECKING:
    from lxml.etree import _Element

Plain = dict[str, Any]
MAX_EVENTS = 1000


class Operations:
    """All operations over one Submissions desk."""

    def __init__(self, desk: Submissions) -> None:
        self._desk, self._reports = desk, Reports(desk)
        self._books, register = Books(desk.ledger), Register(desk.ledger, desk.now)
        self._table: dict[str, Callable[[Plain], Plain]] = {
            "GetCapabilities": self._capabilities,
            "LookupPerson": register.person,
            "GetReceipt": self._receipt,
            "GetJournalHead": lambda plain: heads.exchange(desk, plain),
            "ReportCustody": self._reports.custody,
            "GetProcedures": self._procedures,
            "AllocateNumber": self._allocate,
            "LookupReusableDocuments": register.reusable,
            "GetUploadState": self._upload_state,
            "PutDocumentChunk": self._put_chunk,
            "GetSubmission": self._submission,
            "GetStatusChanges": self._changes,
            "CompareDigests": self._books.compare,
            "ListBucket": self._books.list_bucket,
        }

    def answer(self, operation: str, request: _Element, data: bytes) -> Plain:
        """The values of `<operation>Response` to the message `data`, whose request this is; Refusal otherwise."""
        if operation == "SubmitDossier":
            dossier = self._message(CanonicalDossier, "dossier", operation, request, data)
            return {"receipt": self._desk.submit(dossier)}
        if operation == "SupplementDossier":
            supplement = self._message(CanonicalSupplement, "supplement", operation, request, data)
            return {"receipt": self._desk.supplement(supplement)}
        if operation == "ReportDelivery":
            delivery = self._message(CanonicalDelivery, "delivery", operation, request, data)
            return {"receipt": self._desk.deliver(delivery)}
        if operation == "WithdrawDossier":
            withdrawal = self._message(CanonicalWithdrawal, "withdrawal", operation, request, data)
            return {"receipt": self._reports.withdraw(withdrawal)}
        if operation == "ReportPayments":
            payments = self._message(CanonicalPayments, "report", operation, request, data)
            return {"receipt": self._reports.pay(payments)}
        if operation == "ReportSatisfaction":
            satisfaction = self._message(CanonicalSatisfaction, "satisfaction", operation, request, data)
            return {"receipt": self._reports.satisfaction(satisfaction)}
        plain = plain_of(request)
        return self._table[operation](plain if isinstance(plain, dict) else {})

    def _message(self, kind: type[P], part: str, operation: str, request: _Element, data: bytes) -> Message[P]:
        payload = request.find(qualified(part))
        assert payload is not None  # the schema demands it
        try:
            canonical = canonical_of(kind, payload)
        except RuleViolation as error:
            raise Refusal("CONTENT_INVALID", "Nội dung sai quy tắc.", field=_field_of(error.message)) from None
        key = request.findtext(qualified("key")) or ""
        sent = request.findtext(qualified("payloadDigest")) or ""
        return Message(operation, key, sent, canonical, hashlib.sha256(data).hexdigest())

    def _procedures(self, plain: Plain) -> Plain:
        since = int(plain["sinceVersion"])
        return {"procedures": [dict(entry) for entry in self._desk.rules.procedures if entry["version"] > since]}

    def _allocate(self, plain: Plain) -> Plain:
        number = self._desk.numbers.allocate(office=plain["office"], procedure=plain["procedure"], key=plain["key"])
        return {"key": plain["key"], "number": number}

    def _upload_state(self, plain: Plain) -> Plain:
        received, complete = self._desk.uploads.state(plain["sha256"])
        return {"sha256": plain["sha256"], "received": received, "complete": complete}

    def _put_chunk(self, plain: Plain) -> Plain:
        received, complete = self._desk.uploads.put(
            plain["sha256"],
            offset=int(plain["offset"]),
            total=int(plain["total"]),
            chunk_sha256=plain["chunkSha256"],
            data=pybase64.b64decode(plain["bytes"]),
        )
        return {"sha256": plain["sha256"], "received": received, "complete": complete}

    def _submission(self, plain: Plain) -> Plain:
        held = self._desk.held(plain["key"])
        receipt = receipt_plain(held, duplicate=True) if held else None
        return {"key": plain["key"], "receipt": receipt}

    def _changes(self, plain: Plain) -> Plain:
        rows = self._desk.ledger.rows(
            "SELECT * FROM changes WHERE office = :office AND cursor > :cursor ORDER BY cursor LIMIT :maximum",
            office=plain["office"],
            cursor=int(plain["cursor"]),
            maximum=max(1, min(1000, int(plain["maximum"]))),
        )
        return {"office": plain["office"], "changes": [_change(row) for row in rows]}

    def _receipt(self, plain: Plain) -> Plain:
        held = self._desk.held(plain["key"])
        if held is None:
            return {"key": plain["key"]}
        return {"key": plain["key"], "sequence": held["sequence"], "receipt": receipt_plain(held, duplicate=True)}

    def _capabilities(self, _plain: Plain) -> Plain:
        return {
            "contract": NAMESPACE,
            "revision": REVISION,
            "province": "Tỉnh tập huấn TRAINING",
            "training": True,
            "at": instant_text(self._desk.now()),
            "maxMessageBytes": MAX_BYTES,
            "maxChunkBytes": MAX_CHUNK,
            "maxFileBytes": MAX_FILE,
            "maxEvents": MAX_EVENTS,
            "lookupsPerHour": LOOKUPS_PER_HOUR,
            "operations": sorted(OPERATIONS),
            "features": ["receipt-chain", "journal-heads", "bucket-kinds"],
        }


def _change(row: Plain) -> Plain:
    return {
        **{name: row[name] for name in ("cursor", "number", "version", "status", "at", "body", "handler", "note")},
        "dueAt": row["due_at"],
        "results": json.loads(row["results"]),
        "requests": json.loads(row["requests"]),
    }


def _field_of(message: str) -> str:
    """The place that a rule of the canonical form names, never the value."""
    return message.partition("“")[2].partition("”")[0][:100]
