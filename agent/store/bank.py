"""Payments by transfer: purposes that were given out, lines of bank statements, official receipts asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from peewee import TextField

from agent.store.base import Model, Owned
from agent.store.dossiers import Dossier
from agent.store.fields import DateField, JsonField, MoneyField, Reference, ShaField, UidField, UtcField


class PaymentPurpose(Owned):
    """The purpose (nội dung chuyển khoản) that one dossier's QR names for one bank account."""

    if TYPE_CHECKING:
        dossier_id: int

    purpose = TextField(unique=True)
    dossier = Reference(Dossier)
    account = TextField()  # name of the bank account in the settings
    made_at = UtcField()


class BankLine(Owned):
    """One line of a bank statement: đồng that came (positive) or went back; kept once however often it is imported."""

    if TYPE_CHECKING:
        dossier_id: int | None

    uid = UidField(unique=True)
    fingerprint = ShaField(unique=True)
    account = TextField()
    reference = TextField(default="", index=True)
    on = DateField()
    amount = MoneyField()
    description = TextField()  # as the bank wrote it; may name the payer: erased with the dossier, or when settled
    purpose = TextField(default="")
    dossier = Reference(Dossier, null=True)
    verdict = TextField()  # matched | short | over | duplicate | unknown | chargeback
    state = TextField()  # settled | open
    booked = JsonField()  # codes of the fees that it paid
    repair = TextField(default="")
    repaired_by = TextField(default="")
    repaired_at = UtcField(null=True)
    imported_at = UtcField()

    class Meta:
        indexes = ((("office_id", "state"), False),)


class OfficialReceipt(Owned):
    """An official fee receipt (biên lai) or invoice of another system: asked for once, its number read back."""

    if TYPE_CHECKING:
        dossier_id: int

    key = TextField(unique=True)
    dossier = Reference(Dossier)
    codes = JsonField()
    amount = MoneyField()
    state = TextField(index=True)  # asked | issued | refused
    serial = TextField(default="")
    number = TextField(default="")
    reason = TextField(default="")
    asked_at = UtcField()
    issued_at = UtcField(null=True)


class StatementFile(Model):
    """A statement that was imported: its hash and what was in it."""

    sha256 = ShaField(unique=True)
    office_id = TextField(index=True)
    account = TextField()
    lines = JsonField()  # how many of each verdict were new
    imported_by = TextField()
    imported_at = UtcField()


def of_lines(lines: Iterable[BankLine]) -> dict[int, Dossier]:
    """The dossiers that lines name, by id."""
    ids = sorted({line.dossier_id for line in lines if line.dossier_id})
    return {one.id: one for one in Dossier.select().where(Dossier.id.in_(ids or [-1]))}
