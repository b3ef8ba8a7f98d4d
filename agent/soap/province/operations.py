"""The contract's operations at the sandbox: a validated element in, the answer's values out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from agent.domain.canonical import (
    CanonicalDelivery,
    CanonicalDossier,
    CanonicalSupplement,
    bucket_digest,
    in_scope,
)
from agent.domain.canonical_codec import parse_instant
from agent.errors import RuleViolation
from agent.ports import LedgerRow
from agent.soap.contract import qualified
from agent.soap.messages import canonical_of, plain_of, row_plain
from agent.soap.province.refusal import Refusal
from agent.soap.province.submissions import Message, Submissions, receipt_plain

if TYPE_CHECKING:
    from lxml.etree import _Element

P = TypeVar("P", CanonicalDossier, CanonicalSupplement, CanonicalDelivery)
Plain = dict[str, Any]


class Operations:
    """All operations over one Submissions desk."""

    def __init__(self, desk: Submissions) -> None:
        self._desk = desk
        self._table: dict[str, Callable[[Plain], Plain]] = {
            "GetProcedures": self._procedures,
            "AllocateNumber": self._allocate,
            "LookupReusableDocuments": self._reusable,
            "GetUploadState": self._upload_state,
            "PutDocumentChunk": self._put_chunk,
            "GetSubmission": self._submission,
            "GetStatusChanges": self._changes,
            "CompareDigests": self._compare,
            "ListBucket": self._list,
        }

    def answer(self, operation: str, request: _Element, request_hash: str) -> Plain:
        """The values of `<operation>Response`; Refusal otherwise."""
        if operation == "SubmitDossier":
            dossier = self._message(CanonicalDossier, "dossier", operation, request, request_hash)
            return {"receipt": self._desk.submit(dossier)}
        if operation == "SupplementDossier":
            supplement = self._message(CanonicalSupplement, "supplement", operation, request, request_hash)
            return {"receipt": self._desk.supplement(supplement)}
        if operation == "ReportDelivery":
            delivery = self._message(CanonicalDelivery, "delivery", operation, request, request_hash)
            return {"receipt": self._desk.deliver(delivery)}
        plain = plain_of(request)
        return self._table[operation](plain if isinstance(plain, dict) else {})

    def _message(self, kind: type[P], part: str, operation: str, request: _Element, request_hash: str) -> Message[P]:
        payload = request.find(qualified(part))
        assert payload is not None  # the schema demands it
        try:
            canonical = canonical_of(kind, payload)
        except RuleViolation as error:
            raise Refusal("CONTENT_INVALID", "Nội dung sai quy tắc.", field=_field_of(error.message)) from None
        key = request.findtext(qualified("key")) or ""
        sent = request.findtext(qualified("payloadDigest")) or ""
        return Message(operation, key, sent, canonical, request_hash)

    def _procedures(self, plain: Plain) -> Plain:
        since = int(plain["sinceVersion"])
        return {"procedures": [dict(entry) for entry in self._desk.rules.procedures if entry["version"] > since]}

    def _allocate(self, plain: Plain) -> Plain:
        number = self._desk.numbers.allocate(office=plain["office"], procedure=plain["procedure"], key=plain["key"])
        return {"key": plain["key"], "number": number}

    def _reusable(self, plain: Plain) -> Plain:
        if not plain["ownerId"]:
            return {"documents": []}
        rows = self._desk.ledger.rows(
            "SELECT f.paper_code AS paperCode, f.component AS componentCode, f.name, f.sha256, d.number,"
            " d.received_at AS at FROM files f JOIN dossiers d ON d.number = f.number"
            " WHERE d.owner_id = :owner AND f.handling <> 'show_only' ORDER BY d.received_at DESC LIMIT 500",
            owner=plain["ownerId"],
        )
        return {"documents": rows}

    def _upload_state(self, plain: Plain) -> Plain:
        received, complete = self._desk.uploads.state(plain["sha256"])
        return {"sha256": plain["sha256"], "received": received, "complete": complete}

    def _put_chunk(self, plain: Plain) -> Plain:
        received, complete = self._desk.uploads.put(
            plain["sha256"],
            offset=int(plain["offset"]),
            total=int(plain["total"]),
            chunk_sha256=plain["chunkSha256"],
            data=base64.b64decode(plain["bytes"]),
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

    def _compare(self, plain: Plain) -> Plain:
        scope = plain["scope"]
        sent = {item["bucket"]: (int(item["count"]), item["digest"]) for item in plain.get("digests") or ()}
        if any(not in_scope(bucket, scope) for bucket in sent):
            raise Refusal("CONTENT_INVALID", "Nhóm nằm ngoài phạm vi.", field="bucket")
        ours: dict[str, list[LedgerRow]] = {}
        for row in self._desk.ledger.rows(
            f"{ROWS} WHERE d.bucket >= :scope AND d.bucket < :end", scope=scope, end=scope + "~"
        ):
            if in_scope(row["bucket"], scope):
                ours.setdefault(row["bucket"], []).append(self._row(row))
        digests = {bucket: bucket_digest(ours.get(bucket, ())) for bucket in sorted({*ours, *sent})}
        return {
            "scope": scope,
            "buckets": [
                {"bucket": bucket, "count": count, "digest": value}
                for bucket, (count, value) in digests.items()
                if sent.get(bucket) != (count, value)
            ],
        }

    def _list(self, plain: Plain) -> Plain:
        rows = self._desk.ledger.rows(f"{ROWS} WHERE d.bucket = :bucket ORDER BY d.number", bucket=plain["bucket"])
        return {"bucket": plain["bucket"], "rows": [row_plain(self._row(row)) for row in rows]}

    def _row(self, row: Plain) -> LedgerRow:
        return LedgerRow(
            key=row["provisional"],
            number=row["number"],
            digest=row["digest"],
            status=row["status"],
            fee=row["fee"],
            files=tuple(sorted(filter(None, (row["files"] or "").split(",")))),
            items=tuple(sorted(filter(None, (row["items"] or "").split(",")))),
            at=parse_instant(row["received_at"]),
        )


ROWS = """SELECT d.*, (SELECT group_concat(DISTINCT sha256) FROM files f WHERE f.number = d.number) AS files,
 (SELECT group_concat(item) FROM results r WHERE r.number = d.number AND r.delivered_at <> '') AS items
 FROM (SELECT * FROM dossiers WHERE dropped = 0) d"""


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
