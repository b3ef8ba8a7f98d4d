"""The province over SOAP: the port's operations spoken through zeep, every answer judged before it is used."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from agent.domain.canonical import CanonicalDelivery, CanonicalDossier, CanonicalSupplement
from agent.domain.canonical import digest as sha256_of
from agent.domain.canonical_codec import to_plain
from agent.errors import HandoffError
from agent.ports import BucketDigest, LedgerRow, Receipt, StatusChange, UploadState
from agent.soap import messages
from agent.soap.contract import ENVELOPE, NAMESPACE, WSDL, first_fault
from agent.soap.judge import body_of, rejected, unclear
from agent.soap.transport import HttpExchange, LostReply

if TYPE_CHECKING:
    from lxml.etree import _Element

T = TypeVar("T")

PAYLOADS: dict[str, type[CanonicalDossier | CanonicalSupplement | CanonicalDelivery]] = {
    "dossier": CanonicalDossier,
    "supplement": CanonicalSupplement,
    "delivery": CanonicalDelivery,
}


class SoapGateway:
    """`agent.ports.ProvinceGateway` for the contract of this package.

    `endpoint` is the address of the port; times are seconds. Safe to share between threads: the WSDL is read
    once, from our own files, at the first call; each thread keeps its own connection.
    """

    def __init__(
        self, endpoint: str, *, connect_timeout: float = 3.0, read_timeout: float = 20.0, cafile: str = ""
    ) -> None:
        self._endpoint = endpoint
        self._http = HttpExchange(endpoint, connect_timeout=connect_timeout, read_timeout=read_timeout, cafile=cafile)
        self._lock, self._service = threading.Lock(), None

    def close(self) -> None:
        """Close this thread's connection."""
        self._http.close()

    # --- catalogue and numbers
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
        answer = self._call("ListBucket", bucket=bucket)
        self._same("ListBucket", answer.get("bucket"), bucket)
        return self._read("ListBucket", lambda: [messages.row_of(item) for item in _list(answer, "rows")])

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
        from zeep.exceptions import Error as ZeepError

        service = self._bound()
        try:
            element = service[operation](**messages.soap_value(values))
        except (ZeepError, TypeError):
            raise rejected("SCHEMA_INVALID", "") from None  # its text may quote a value
        plain = messages.plain_of(element)
        return plain if isinstance(plain, dict) else {}

    def _read(self, operation: str, make: Callable[[], T]) -> T:
        try:
            return make()
        except (KeyError, ValueError, TypeError, AttributeError):
            raise unclear(operation) from None

    def _same(self, operation: str, theirs: object, ours: object) -> None:
        if theirs != ours:
            raise unclear(operation)

    def _bound(self) -> Any:
        with self._lock:
            if self._service is None:
                self._service = _bind(self._endpoint, _JudgingTransport(self._http))
            return self._service


class _JudgingTransport:
    """What zeep takes for its transport: checks both directions and answers with the judged body."""

    def __init__(self, exchange: HttpExchange) -> None:
        self._exchange = exchange

    def load(self, url: str) -> bytes:
        """Read one of our own contract files; nothing is ever fetched from the network."""
        name = url.replace("\\", "/").rpartition("/")[2]
        return WSDL.with_name(name).read_bytes()

    def post_xml(self, _address: str, envelope: _Element, headers: Mapping[str, str]) -> _Element:
        """Send an envelope; the validated response element comes back."""
        from lxml import etree

        request = envelope.find(f"{{{ENVELOPE}}}Body")
        if request is None or len(request) != 1:
            raise rejected("MESSAGE_INVALID", "")
        operation = messages.local_name(request[0])
        wrong = first_fault(request[0])
        if wrong:
            raise rejected("SCHEMA_INVALID", wrong)
        body = etree.tostring(envelope, encoding="utf-8", xml_declaration=True)
        try:
            reply = self._exchange.post(body, {**headers, "Content-Type": "text/xml; charset=utf-8"})
        except LostReply:
            raise unclear(operation) from None
        try:
            return body_of(operation, reply)
        except HandoffError:
            self._exchange.close()  # what follows on this connection may belong to another question
            raise


def _bind(endpoint: str, transport: _JudgingTransport) -> Any:
    import zeep

    for name in ("zeep", "zeep.transports", "zeep.xsd", "zeep.wsdl"):
        logging.getLogger(name).setLevel(logging.ERROR)
    client: Any = zeep.Client(  # type: ignore[no-untyped-call]
        str(WSDL), transport=transport, settings=zeep.Settings(raw_response=True)
    )
    return client.create_service(f"{{{NAMESPACE}}}TthcBinding", endpoint)


def _list(answer: Mapping[str, Any], name: str) -> list[Any]:
    return list(answer.get(name) or ())
