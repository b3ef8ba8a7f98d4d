"""How the sandbox takes what is reported beside dossiers: withdrawals, payments, satisfaction, custody."""

from __future__ import annotations

from typing import Any

from agent.domain.bucket_rows import custody_bucket, fees_bucket
from agent.domain.canonical import canonical_json, digest
from agent.domain.canonical_codec import instant_text, parse_instant
from agent.domain.canonical_reports import (
    CanonicalPayment,
    CanonicalPayments,
    CanonicalSatisfaction,
    CanonicalWithdrawal,
)
from agent.soap.province import clerk
from agent.soap.province.refusal import Refusal
from agent.soap.province.submissions import Message, Submissions

Plain = dict[str, Any]
OPEN = (1, 2, 4, 5, 6)
"""Statuses from which a citizen may withdraw."""
ASKED = 7


class Reports:
    """The desk for reports, over the same ledger and receipts as the desk for dossiers."""

    def __init__(self, desk: Submissions) -> None:
        self._desk, self._ledger = desk, desk.ledger

    # --- with a receipt
    def withdraw(self, message: Message[CanonicalWithdrawal]) -> Plain:
        """The citizen asks to withdraw: status 7, for the province's clerk to decide."""
        return self._desk.once(message, self._accept_withdrawal)

    def pay(self, message: Message[CanonicalPayments]) -> Plain:
        """Take payment entries; one that was taken before changes nothing."""
        return self._desk.once(message, self._accept_payments)

    def satisfaction(self, message: Message[CanonicalSatisfaction]) -> Plain:
        """Take what the citizen thinks."""
        return self._desk.once(message, self._accept_satisfaction)

    def _accept_withdrawal(self, message: Message[CanonicalWithdrawal]) -> str:
        asked = message.payload
        dossier = self._desk.dossier(asked.official, asked.provisional)
        number, status = str(dossier["number"]), int(dossier["status"])
        if status not in (*OPEN, ASKED):
            raise Refusal("WITHDRAW_CLOSED", "Hồ sơ đã kết thúc, không rút được nữa.", field="provisional")
        self._keep(number, message)
        if status != ASKED:
            clerk.advance(self._ledger, number, ASKED, now=self._desk.now(), handler="Bưu cục", note=asked.reason)
        return number

    def _accept_payments(self, message: Message[CanonicalPayments]) -> str:
        report = message.payload
        dossier = self._desk.dossier(report.official, report.provisional)
        for payment in report.payments:
            self._take_payment(dossier, payment)
        return str(dossier["number"])

    def _take_payment(self, dossier: Plain, payment: CanonicalPayment) -> None:
        content = digest(canonical_json(payment))
        held = self._ledger.row("SELECT number, content FROM payments WHERE uid = :uid", uid=payment.uid)
        if held is not None:
            if (held["number"], held["content"]) != (dossier["number"], content):
                raise Refusal("PAYMENT_CONFLICT", "Bút toán đã báo với nội dung khác.", field="uid")
            return
        self._ledger.run(
            "INSERT INTO payments (uid, number, provisional, bucket, kind, ledger, code, amount, at, means, document,"
            " content) VALUES (:uid, :number, :provisional, :bucket, :kind, :ledger, :code, :amount, :at, :means,"
            " :document, :content)",
            uid=payment.uid,
            number=dossier["number"],
            provisional=dossier["provisional"],
            bucket=fees_bucket(dossier["office"], parse_instant(payment.at)),
            kind=str(payment.kind),
            ledger=str(payment.ledger),
            code=payment.code,
            amount=payment.amount,
            at=payment.at,
            means=str(payment.means),
            document=payment.document,
            content=content,
        )

    def _accept_satisfaction(self, message: Message[CanonicalSatisfaction]) -> str:
        said = message.payload
        if any(not 1 <= answer.score <= 5 for answer in said.answers):
            raise Refusal("CONTENT_INVALID", "Mức độ phải từ 1 đến 5.", field="score")
        dossier = self._desk.dossier(said.official, said.provisional)
        self._keep(str(dossier["number"]), message)
        return str(dossier["number"])

    def _keep(self, number: str, message: Message[Any]) -> None:
        self._ledger.run(
            "INSERT INTO statements (operation, number, digest, canonical, at)"
            " VALUES (:operation, :number, :digest, :canonical, :at)",
            operation=message.operation,
            number=number,
            digest=message.digest,
            canonical=canonical_json(message.payload),
            at=instant_text(self._desk.now()),
        )

    # --- by each event's uid
    def custody(self, plain: Plain) -> Plain:
        """Take milestones in one commit: new ones are kept, known ones change nothing, the others are named."""
        office = plain["office"]
        self._desk.rules.agency_of(office)
        accepted = duplicates = 0
        refusals: list[Plain] = []
        with self._ledger.writing():
            for event in plain.get("events") or ():
                try:
                    taken = self._take_event(office, event)
                except Refusal as refusal:
                    refusals.append({"uid": event["uid"], "errorCode": refusal.code, "field": refusal.field})
                    continue
                accepted, duplicates = accepted + taken, duplicates + (not taken)
            self._ledger.note(instant_text(self._desk.now()), "ReportCustody", office, f"{accepted}+{duplicates}")
        return {"office": office, "accepted": accepted, "duplicates": duplicates, "refusals": refusals}

    def _take_event(self, office: str, event: Plain) -> bool:
        facts = {name: event.get(name, "") for name in ("uid", "item", "provisional", "kind", "holder", "reason")}
        at = parse_instant(event["at"])
        facts |= {"at": instant_text(at), "office": office}
        content = digest(canonical_json(facts))
        held = self._ledger.row("SELECT content FROM custody WHERE uid = :uid", uid=facts["uid"])
        if held is not None:
            if held["content"] != content:
                raise Refusal("KEY_REUSE", "Sự kiện đã báo với nội dung khác.", field="uid")
            return False
        self._desk.dossier("", facts["provisional"])
        self._ledger.run(
            "INSERT INTO custody (uid, item, provisional, kind, holder, reason, at, office, bucket, content) VALUES"
            " (:uid, :item, :provisional, :kind, :holder, :reason, :at, :office, :bucket, :content)",
            **facts,
            bucket=custody_bucket(office, at),
            content=content,
        )
        return True
