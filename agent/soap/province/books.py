"""The sandbox's side of reconciliation: its rows of dossiers, payments and milestones, and the sums of buckets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent.domain.bucket_rows import CUSTODY, FEES, milestone_digest, payment_digest, split_kind
from agent.domain.buckets import NO_DIGEST, is_leaf, ledger_row_digest, may_be_child
from agent.domain.canonical_codec import parse_instant
from agent.ports import LedgerRow
from agent.ports_province import CustodyMilestone, PaymentRow
from agent.soap.answers import milestone_plain, payment_plain
from agent.soap.messages import row_plain
from agent.soap.province import sums
from agent.soap.province.ledger import Ledger
from agent.soap.province.refusal import Refusal

Plain = dict[str, Any]

ROWS = """SELECT d.*, (SELECT group_concat(DISTINCT sha256) FROM files f WHERE f.number = d.number) AS files,
 (SELECT group_concat(item) FROM results r WHERE r.number = d.number AND r.delivered_at <> '') AS items
 FROM (SELECT * FROM dossiers WHERE dropped = 0) d WHERE d.bucket = :bucket ORDER BY d.number"""
MOST_BUCKETS = 10_000


class Books:
    """Answers CompareDigests and ListBucket."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        sums.prepare(ledger)

    def compare(self, plain: Plain) -> Plain:
        """The sandbox's digests of the buckets in the scope that differ from those that were sent."""
        scope = plain["scope"]
        kind, within = split_kind(scope)
        sent = {item["bucket"]: (int(item["count"]), item["digest"]) for item in plain.get("digests") or ()}
        if not all(name.startswith(kind) and may_be_child(name.removeprefix(kind), within) for name in sent):
            raise Refusal("CONTENT_INVALID", "Nhóm nằm ngoài phạm vi.", field="bucket")
        sums.refresh(self._ledger, self._digests)
        ours = sums.digests(self._ledger, scope)
        differing = [name for name in sorted({*ours, *sent}) if ours.get(name) != sent.get(name)]
        held = {name: ours.get(name, (0, NO_DIGEST)) for name in differing if ours.get(name) or sent[name][0]}
        if len(held) > MOST_BUCKETS:
            raise Refusal("MESSAGE_LIMIT", "Quá nhiều nhóm khác nhau; hỏi phạm vi hẹp hơn.", field="scope")
        return {
            "scope": scope,
            "buckets": [{"bucket": name, "count": count, "digest": value} for name, (count, value) in held.items()],
        }

    def list_bucket(self, plain: Plain) -> Plain:
        """The rows of one bucket, of its kind."""
        bucket = plain["bucket"]
        kind, within = split_kind(bucket)
        if not is_leaf(within):
            raise Refusal("CONTENT_INVALID", "Chỉ liệt kê được nhóm của một bưu cục trong một ngày.", field="bucket")
        if kind == FEES:
            return {"bucket": bucket, "payments": [payment_plain(row) for row in self._payments(bucket)]}
        if kind == CUSTODY:
            return {"bucket": bucket, "events": [milestone_plain(row) for row in self._milestones(bucket)]}
        return {"bucket": bucket, "rows": [row_plain(row) for row in self._dossiers(bucket)]}

    def _digests(self, bucket: str) -> Iterable[str]:
        kind, _ = split_kind(bucket)
        if kind == FEES:
            return map(payment_digest, self._payments(bucket))
        if kind == CUSTODY:
            return map(milestone_digest, self._milestones(bucket))
        return map(ledger_row_digest, self._dossiers(bucket))

    def _dossiers(self, bucket: str) -> list[LedgerRow]:
        return [
            LedgerRow(
                key=row["provisional"],
                number=row["number"],
                digest=row["digest"],
                status=row["status"],
                fee=row["fee"],
                files=tuple(sorted(filter(None, (row["files"] or "").split(",")))),
                items=tuple(sorted(filter(None, (row["items"] or "").split(",")))),
                at=parse_instant(row["received_at"]),
            )
            for row in self._ledger.rows(ROWS, bucket=bucket)
        ]

    def _payments(self, bucket: str) -> list[PaymentRow]:
        names = ("provisional", "number", "kind", "ledger", "code", "amount")
        return [
            PaymentRow(key=row["uid"], **{name: row[name] for name in names}, at=parse_instant(row["at"]))
            for row in self._ledger.rows("SELECT * FROM payments WHERE bucket = :bucket ORDER BY uid", bucket=bucket)
        ]

    def _milestones(self, bucket: str) -> list[CustodyMilestone]:
        names = ("uid", "item", "provisional", "kind", "holder", "reason")
        return [
            CustodyMilestone(**{name: row[name] for name in names}, at=parse_instant(row["at"]))
            for row in self._ledger.rows("SELECT * FROM custody WHERE bucket = :bucket ORDER BY uid", bucket=bucket)
        ]
