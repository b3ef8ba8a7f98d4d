"""The province over SOAP: the port's operations spoken over the wire, every answer judged before it is used."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from agent.clock import Clock, Ids
from agent.domain.canonical import CanonicalDelivery, CanonicalDossier, CanonicalSupplement
from agent.domain.canonical import digest as sha256_of
from agent.domain.canonical_codec import to_plain
from agent.domain.canonical_reports import CanonicalPayments, CanonicalSatisfaction, CanonicalWithdrawal
from agent.ports import BucketDigest, LedgerRow, StatusChange, UploadState
from agent.ports_province import (
    Capabilities,
    CustodyMilestone,
    CustodyReport,
    HeadExchange,
    JournalHead,
    PaymentRow,
    PersonMatch,
    Receipt,
)
from agent.soap import answers, messages
from agent.soap.contract import OPERATIONS
from agent.soap.judge import rejected, unclear
from agent.soap.security.choices import WireChoices
from agent.soap.tls import Tls
from agent.soap.wire import open_wire

T = TypeVar("T")

Payload = (
    CanonicalDossier
    | CanonicalSupplement
    | CanonicalDelivery
    | CanonicalWithdrawal
    | CanonicalPayments
    | CanonicalSatisfaction
)
PAYLOADS: dict[str, type[Payload]] = {
    "dossier": CanonicalDossier,
    "supplement": CanonicalSupplement,
    "delivery": CanonicalDelivery,
    "withdrawal": CanonicalWithdrawal,
    "report": CanonicalPayments,
    "satisfaction": CanonicalSatisfaction,
}


class SoapGateway:
    """`agent.ports.ProvinceGateway` for the contract of this package.

    `endpoint` is the address of the port; times are seconds. Safe to share between threads: each
    thread keeps its own connection.
    """

    signs_receipts = True

    def __init__(
        self,
        endpoint: str,
        *,
        connect_timeout: float = 3.0,
        read_timeout: float = 20.0,
        tls: Tls | None = None,
        choices: WireChoices | None = None,
        clock: Clock | None = None,
        ids: Ids | None = None,
    ) -> None:
        self._wire = open_wire(
            endpoint,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            tls=tls,
            choices=choices,
            clock=clock,
            ids=ids,
        )

    @property
    def clock_ahead(self) -> timedelta | None:
        """How far the province's clock was ahead of ours at its last answer; None before any."""
        return self._wire.ahead

    def close(self) -> None:
        """Close this thread's connection."""
        self._wire.close()

    # --- what it can, catalogue and numbers
    def offers(self, operation: str) -> bool:
        """Every operation of the contract; what a province lacks its profile says."""
        return operation in OPERATIONS

    def capabilities(self) -> Capabilities:
        """What the province understands."""
        answer = self._call("GetCapabilities")
        return self._read("GetCapabilities", lambda: answers.capabilities_of(answer))

    def procedures(self, since: int = 0) -> list[dict[str, Any]]:
        """Catalogue entries that changed after version `since` (0: all)."""
        answer = self._call("GetProcedures", sinceVersion=since)
        return self._read(
            "GetProcedures", lambda: [messages.procedure_of(item) for item in _list(answer, "procedures")]
        )

    def allocate_number(self, *, office: str, procedure: str, key: str) -> str:
        """The official number for `key`; the same key gets the same number again."""
        answer = self._call("AllocateNumber", office=office, procedure=procedure, key=key)
        self._same("AllocateNumber", answer.get("key"), key)
        return str(answer["number"])

    def lookup_reusable(self, *, owner_id: str, procedure: str) -> list[dict[str, Any]]:
        """The owner's digitised papers that need not be asked for again."""
        name = "LookupReusableDocuments"
        answer = self._call(name, ownerId=owner_id, procedure=procedure)
        return self._read(name, lambda: [messages.reusable_of(item) for item in _list(answer, "documents")])

    def lookup_person(
        self, *, person_id: str, purpose: str, full_name: str = "", birth_date: str = "", residence: str = ""
    ) -> PersonMatch:
        """Match flags for what the citizen said; no data of the person comes back."""
        said = {"fullName": full_name, "birthDate": birth_date, "residence": residence}
        answer = self._call("LookupPerson", personId=person_id, purpose=purpose, **said)
        self._same("LookupPerson", answer.get("purpose"), purpose)
        return self._read("LookupPerson", lambda: answers.match_of(answer))

    # --- files
    def upload_state(self, sha256: str) -> UploadState:
        """How much of the file the province holds."""
        answer = self._call("GetUploadState", sha256=sha256)
        self._same("GetUploadState", answer.get("sha256"), sha256)
        return self._read("GetUploadState", lambda: messages.upload_of(answer))

    def put_chunk(self, sha256: str, *, offset: int, total: int, data: bytes) -> UploadState:
        """Send one part (at most 1 MiB) of a file of `total` bytes."""
        name = "PutDocumentChunk"
        answer = self._call(name, sha256=sha256, offset=offset, total=total, chunkSha256=sha256_of(data), bytes=data)
        self._same(name, answer.get("sha256"), sha256)
        return self._read(name, lambda: messages.upload_of(answer))

    # --- submissions
    def submit(self, *, key: str, digest: str, dossier: bytes) -> Receipt:
        """Submit the frozen canonical dossier; the same key and digest return the original receipt."""
        return self._submit("SubmitDossier", "dossier", key, digest, dossier)

    def supplement(self, *, key: str, digest: str, supplement: bytes) -> Receipt:
        """Send one supplement round."""
        return self._submit("SupplementDossier", "supplement", key, digest, supplement)

    def report_delivery(self, *, key: str, digest: str, delivery: bytes) -> Receipt:
        """Report delivered results."""
        return self._submit("ReportDelivery", "delivery", key, digest, delivery)

    def submission(self, key: str) -> Receipt | None:
        """What the province holds under `key`, or None."""
        answer = self._call("GetSubmission", key=key)
        self._same("GetSubmission", answer.get("key"), key)
        return self._receipt("GetSubmission", answer["receipt"], key, "") if "receipt" in answer else None

    def withdraw(self, *, key: str, digest: str, withdrawal: bytes) -> Receipt:
        """The citizen withdraws the dossier."""
        return self._submit("WithdrawDossier", "withdrawal", key, digest, withdrawal)

    def report_payments(self, *, key: str, digest: str, payments: bytes) -> Receipt:
        """Report payment entries of one dossier."""
        return self._submit("ReportPayments", "report", key, digest, payments)

    def report_satisfaction(self, *, key: str, digest: str, satisfaction: bytes) -> Receipt:
        """Report what the citizen thinks of the service."""
        return self._submit("ReportSatisfaction", "satisfaction", key, digest, satisfaction)

    def report_custody(self, *, office: str, events: Sequence[CustodyMilestone]) -> CustodyReport:
        """Report milestones; each is taken once, by its uid."""
        sent = [answers.milestone_plain(event) for event in events]
        answer = self._call("ReportCustody", office=office, events=sent)
        self._same("ReportCustody", answer.get("office"), office)
        return self._read("ReportCustody", lambda: answers.custody_of(answer))

    def receipt(self, key: str) -> Receipt | None:
        """The signed receipt under `key`, or None."""
        answer = self._call("GetReceipt", key=key)
        self._same("GetReceipt", answer.get("key"), key)
        return self._receipt("GetReceipt", answer["receipt"], key, "") if "receipt" in answer else None

    # --- following and reconciling
    def status_changes(self, *, office: str, cursor: int, maximum: int = 100) -> list[StatusChange]:
        """Status changes of the office after `cursor`."""
        name = "GetStatusChanges"
        answer = self._call(name, office=office, cursor=cursor, maximum=maximum)
        self._same(name, answer.get("office"), office)
        return self._read(name, lambda: [messages.change_of(item) for item in _list(answer, "changes")])

    def compare_digests(self, *, scope: str, digests: Sequence[BucketDigest]) -> list[BucketDigest]:
        """The province's digests of the buckets in `scope` that differ from `digests`."""
        sent = [messages.bucket_plain(item) for item in digests]
        answer = self._call("CompareDigests", scope=scope, digests=sent)
        self._same("CompareDigests", answer.get("scope"), scope)
        return self._read("CompareDigests", lambda: [messages.bucket_from(item) for item in _list(answer, "buckets")])

    def list_bucket(self, bucket: str) -> list[LedgerRow]:
        """The dossiers of one bucket as the province knows them."""
        answer = self._bucket(bucket)
        return self._read("ListBucket", lambda: [messages.row_of(item) for item in _list(answer, "rows")])

    def _bucket(self, bucket: str) -> dict[str, Any]:
        answer = self._call("ListBucket", bucket=bucket)
        self._same("ListBucket", answer.get("bucket"), bucket)
        return answer

    def list_payments(self, bucket: str) -> list[PaymentRow]:
        """The payment entries of one bucket `fees:office|day` as the province knows them."""
        answer = self._bucket(bucket)
        return self._read("ListBucket", lambda: [answers.payment_of(item) for item in _list(answer, "payments")])

    def list_milestones(self, bucket: str) -> list[CustodyMilestone]:
        """The milestones of one bucket `custody:office|day` as the province knows them."""
        answer = self._bucket(bucket)
        return self._read("ListBucket", lambda: [answers.milestone_of(item) for item in _list(answer, "events")])

    def journal_head(self, *, office: str, ours: Sequence[JournalHead]) -> HeadExchange:
        """Give our heads, get the province's; the signed text must say the same as the answer."""
        name = "GetJournalHead"
        answer = self._call(name, office=office, heads=[head.plain() for head in ours])
        self._same(name, answer.get("office"), office)
        exchange = self._read(name, lambda: answers.exchange_of(answer))
        signed = self._read(name, lambda: dict(json.loads(exchange.document)))
        for part, heads in (("given", ours), ("heads", exchange.heads), ("conflicts", exchange.conflicts)):
            self._same(name, signed.get(part), [head.plain() for head in heads])
        self._same(name, signed.get("office"), office)
        return exchange

    # --- one call
    def _submit(self, operation: str, part: str, key: str, digest: str, payload: bytes) -> Receipt:
        if sha256_of(payload) != digest:
            raise rejected("DIGEST_MISMATCH", "payloadDigest")
        plain = to_plain(PAYLOADS[part].from_json(json.loads(payload)))
        answer = self._call(operation, key=key, payloadDigest=digest, **{part: plain})
        return self._receipt(operation, answer["receipt"], key, digest)

    def _receipt(self, operation: str, plain: Mapping[str, str], key: str, digest: str) -> Receipt:
        """The receipt, if it speaks of our key and digest and its signed text says the same."""
        receipt = self._read(operation, lambda: messages.receipt_of(plain))
        signed = self._read(operation, lambda: json.loads(receipt.document))
        for ours, theirs in (
            (receipt.key, key),
            (receipt.digest, digest or receipt.digest),
            (signed.get("key") if isinstance(signed, dict) else None, receipt.key),
            (signed.get("digest") if isinstance(signed, dict) else None, receipt.digest),
            (signed.get("number") if isinstance(signed, dict) else None, receipt.number),
        ):
            self._same(operation, ours, theirs)
        return receipt

    def _call(self, operation: str, **values: Any) -> dict[str, Any]:
        plain = messages.plain_of(self._wire.call(operation, values))
        return plain if isinstance(plain, dict) else {}

    def _read(self, operation: str, make: Callable[[], T]) -> T:
        try:
            return make()
        except (KeyError, ValueError, TypeError, AttributeError):
            raise unclear(operation) from None

    def _same(self, operation: str, theirs: object, ours: object) -> None:
        if theirs != ours:
            raise unclear(operation)


def _list(answer: Mapping[str, Any], name: str) -> list[Any]:
    return list(answer.get(name) or ())
