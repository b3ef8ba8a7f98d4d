"""How the sandbox accepts dossiers, supplements and delivery reports: once each, with a signed receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from agent.domain.canonical import (
    NO_DIGEST,
    CanonicalComponent,
    CanonicalDelivery,
    CanonicalDossier,
    CanonicalSupplement,
    bucket_of,
    canonical_json,
    collected_fee,
    delivered_item,
    digest,
    file_hashes,
)
from agent.domain.canonical_codec import instant_text, parse_instant
from agent.domain.canonical_reports import CanonicalPayments, CanonicalSatisfaction, CanonicalWithdrawal
from agent.soap.province import clerk
from agent.soap.province.ledger import Ledger
from agent.soap.province.numbers import Numbers, Rules
from agent.soap.province.refusal import Refusal
from agent.soap.province.uploads import Uploads

P = TypeVar(
    "P",
    CanonicalDossier,
    CanonicalSupplement,
    CanonicalDelivery,
    CanonicalWithdrawal,
    CanonicalPayments,
    CanonicalSatisfaction,
)


@dataclass(frozen=True)
class Message(Generic[P]):
    """One message that asks for a receipt."""

    operation: str
    key: str
    digest: str
    payload: P
    request_hash: str


class Submissions:
    """The desk of the province where messages arrive."""

    def __init__(
        self,
        ledger: Ledger,
        uploads: Uploads,
        rules: Rules,
        *,
        sign_bytes: Callable[[bytes], bytes],
        now: Callable[[], datetime],
    ) -> None:
        self.ledger, self.uploads, self.rules = ledger, uploads, rules
        self.sign, self.now = sign_bytes, now
        self.numbers = Numbers(ledger, rules, now)

    # --- messages that get a receipt
    def submit(self, message: Message[CanonicalDossier]) -> dict[str, Any]:
        """Accept a dossier."""
        return self.once(message, self._accept_dossier)

    def supplement(self, message: Message[CanonicalSupplement]) -> dict[str, Any]:
        """Accept a supplement round."""
        return self.once(message, self._accept_supplement)

    def deliver(self, message: Message[CanonicalDelivery]) -> dict[str, Any]:
        """Accept a delivery report."""
        return self.once(message, self._accept_delivery)

    def held(self, key: str) -> dict[str, Any] | None:
        """The receipt that was given for `key`, or None."""
        return self.ledger.row("SELECT * FROM receipts WHERE key = :key", key=key)

    def once(self, message: Message[P], accept: Callable[[Message[P]], str]) -> dict[str, Any]:
        """Same key and digest: the original receipt; other digest: KEY_REUSE; else accept and sign, in one commit."""
        if digest(canonical_json(message.payload)) != message.digest:
            raise Refusal("DIGEST_MISMATCH", "Mã tóm tắt tính lại khác mã đã gửi.", field="payloadDigest")
        with self.ledger.writing():
            held = self.held(message.key)
            if held is not None:
                if (held["operation"], held["digest"]) != (message.operation, message.digest):
                    raise Refusal("KEY_REUSE", "Khóa đã dùng cho nội dung khác.", field="key")
                self.ledger.note(instant_text(self.now()), message.operation, message.key, "duplicate")
                return receipt_plain(held, duplicate=True)
            number = accept(message)
            receipt = self._issue(message, number)
            self.ledger.note(instant_text(self.now()), message.operation, message.key, number)
            return receipt_plain(receipt, duplicate=False)

    def _issue(self, message: Message[P], number: str) -> dict[str, Any]:
        """Sign the receipt as the next in the chain of the dossier's office."""
        dossier = self.ledger.row("SELECT office FROM dossiers WHERE number = :number", number=number)
        office = dossier["office"] if dossier else ""
        last = self.ledger.row(
            "SELECT sequence, document FROM receipts WHERE office = :office ORDER BY sequence DESC LIMIT 1",
            office=office,
        )
        at = instant_text(self.now())
        row: dict[str, Any] = {
            "operation": message.operation,
            "key": message.key,
            "number": number,
            "digest": message.digest,
            "at": at,
            "office": office,
            "sequence": last["sequence"] + 1 if last else 1,
        }
        document = canonical_json(
            {
                **row,
                "files": list(file_hashes(getattr(message.payload, "components", ()))),
                "requestHash": message.request_hash,
                "previous": digest(last["document"]) if last else NO_DIGEST,
            }
        )
        row |= {"document": document, "signature": self.sign(document)}
        self.ledger.run(
            "INSERT INTO receipts (key, operation, number, digest, at, office, sequence, document, signature)"
            " VALUES (:key, :operation, :number, :digest, :at, :office, :sequence, :document, :signature)",
            **row,
        )
        return row

    # --- what each message changes
    def number_for(self, dossier: CanonicalDossier) -> str:
        """The dossier's official number."""
        return self.numbers.of(dossier)

    def _accept_dossier(self, message: Message[CanonicalDossier]) -> str:
        dossier = message.payload
        self.rules.known(dossier.procedure.code, self.now())
        self._have_files(dossier.components)
        number = self.number_for(dossier)
        self.ledger.run(
            "INSERT INTO dossiers (number, provisional, submitted_as, office, bucket, procedure, owner_id, digest,"
            " status, version, fee, received_at, due_at, canonical) VALUES (:number, :provisional, :key, :office,"
            " :bucket, :procedure, :owner, :digest, 1, 0, :fee, :received, :due, :canonical)",
            number=number,
            provisional=dossier.provisional,
            key=message.key,
            office=dossier.office,
            bucket=bucket_of(dossier.office, parse_instant(dossier.received_at)),
            procedure=dossier.procedure.code,
            owner=dossier.owner.id_number if dossier.owner else "",
            digest=message.digest,
            fee=collected_fee(dossier),
            received=dossier.received_at,
            due=dossier.due_at,
            canonical=canonical_json(dossier),
        )
        self._keep_files(number, dossier.components)
        clerk.advance(self.ledger, number, 1, now=self.now(), handler="Cổng tiếp nhận tập huấn")
        return number

    def _accept_supplement(self, message: Message[CanonicalSupplement]) -> str:
        supplement = message.payload
        dossier = self.dossier(supplement.official, supplement.provisional)
        number = str(dossier["number"])
        if dossier["status"] != 5:
            raise Refusal("NOT_ASKED", "Tỉnh không đang chờ bổ sung hồ sơ này.", field="round")
        self._have_files(supplement.components)
        self.ledger.run(
            "INSERT INTO supplements (number, round, digest, canonical, at)"
            " VALUES (:number, :round, :digest, :canonical, :at)",
            number=number,
            round=supplement.round,
            digest=message.digest,
            canonical=canonical_json(supplement),
            at=instant_text(self.now()),
        )
        self._keep_files(number, supplement.components)
        worked = self.ledger.row("SELECT 1 AS yes FROM changes WHERE number = :number AND status = 4", number=number)
        clerk.advance(self.ledger, number, 4 if worked else 2, now=self.now(), note="Đã nhận giấy tờ bổ sung")
        return number

    def _accept_delivery(self, message: Message[CanonicalDelivery]) -> str:
        delivery = message.payload
        dossier = self.dossier(delivery.official, delivery.provisional)
        number = str(dossier["number"])
        for result in delivery.results:
            held = self.ledger.row(
                "SELECT * FROM results WHERE number = :number AND id = :id", number=number, id=result.id
            )
            if held is None:
                raise Refusal("RESULT_UNKNOWN", "Tỉnh không có kết quả này.", field="id")
            item = delivered_item(result)
            if held["delivered_at"] and held["item"] != item:
                raise Refusal("CONTENT_INVALID", "Kết quả này đã được báo trả theo cách khác.", field="item")
            self.ledger.run(
                "UPDATE results SET item = :item, delivered_at = :at WHERE number = :number AND id = :id",
                item=item,
                at=result.delivered_at,
                number=number,
                id=result.id,
            )
        waiting = self.ledger.row("SELECT 1 AS yes FROM results WHERE number = :n AND delivered_at = ''", n=number)
        if waiting is None and dossier["status"] == 9:
            clerk.advance(self.ledger, number, 10, now=self.now(), handler="Bưu cục")
        return number

    # --- checks
    def dossier(self, official: str, provisional: str) -> dict[str, Any]:
        """The dossier of this number; DOSSIER_UNKNOWN otherwise."""
        found = self.ledger.row(
            "SELECT * FROM dossiers WHERE provisional = :provisional AND (:official = '' OR number = :official)",
            provisional=provisional,
            official=official,
        )
        if found is None:
            raise Refusal(
                "DOSSIER_UNKNOWN", "Tỉnh không có hồ sơ này.", field="official" if official else "provisional"
            )
        return found

    def _have_files(self, components: Sequence[CanonicalComponent]) -> None:
        for sha256 in file_hashes(components):
            if not self.uploads.has(sha256):
                raise Refusal("FILE_MISSING", f"Tỉnh chưa có đủ tệp {sha256[:12]}….", field=f"files/{sha256}")

    def _keep_files(self, number: str, components: Sequence[CanonicalComponent]) -> None:
        for component in components:
            for file in component.files:
                self.ledger.run(
                    "INSERT OR IGNORE INTO files (number, sha256, name, component, paper_code, handling, size)"
                    " VALUES (:number, :sha256, :name, :component, :paper, :handling, :size)",
                    number=number,
                    sha256=file.sha256,
                    name=component.name,
                    component=component.code,
                    paper=component.paper_code,
                    handling=str(component.handling),
                    size=file.size,
                )


def receipt_plain(row: Mapping[str, Any], *, duplicate: bool) -> dict[str, Any]:
    """A stored receipt in the order of the contract."""
    names = ("key", "number", "digest", "at", "duplicate", "document", "signature")
    return {name: {**row, "duplicate": duplicate}[name] for name in names}
