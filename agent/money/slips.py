"""Money's papers filled in from the rows: counts, deposits, remittances, transfers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from agent.clock import local
from agent.domain.money import LEDGER_NAME
from agent.errors import NotFound
from agent.money import collect
from agent.site import Site
from agent.store.accounts import User
from agent.store.cash import CashDeposit, CashVariance, Remittance, Shift
from agent.store.lookup import dossier_by_uid

if TYPE_CHECKING:
    from labels.forms.common import Head


def shift_pdf(site: Site, shift: Shift) -> bytes:
    """The count of a shift; NotFound before it was counted."""
    from labels.forms.cash import COUNT, CountForm, render_count

    if shift.counted_at is None or shift.counted_amount is None or shift.expected_amount is None:
        raise NotFound("Ca này chưa kiểm đếm nên chưa có biên bản.")
    with site.store.reading():
        why = _explanation("shift", shift.uid)
        who = _name(shift.username)
    return render_count(
        CountForm(
            head=_head(site, f"KQ-{shift.terminal_id}-{local(shift.counted_at):%y%m%d-%H%M%S}", shift.counted_at),
            title=COUNT, who=who, counter=who, at=local(shift.counted_at), counts=_counts(shift.counts),
            counted=shift.counted_amount, expected=shift.expected_amount, explanation=why,
            expected_words="Theo sổ quỹ (gồm quỹ lẻ đầu ca)",
        )
    )  # fmt: skip


def deposit_pdf(site: Site, deposit: CashDeposit) -> bytes:
    """A deposit as it was counted; NotFound before."""
    from labels.forms.cash import DEPOSIT, CountForm, render_count

    if deposit.counted_at is None or deposit.counted is None:
        raise NotFound("Khoản nộp này chưa đếm nên chưa có phiếu.")
    with site.store.reading():
        why = _explanation("deposit", deposit.uid)
        giver, receiver = _name(deposit.giver), _name(deposit.receiver)
    return render_count(
        CountForm(
            head=_head(site, f"NT-{deposit.terminal_id}-{local(deposit.counted_at):%y%m%d-%H%M%S}", deposit.counted_at),
            title=DEPOSIT, who=giver, counter=receiver, at=local(deposit.counted_at), counts=_counts(deposit.counts),
            counted=deposit.counted, expected=deposit.declared, expected_words="Người nộp khai", explanation=why,
        )
    )  # fmt: skip


def remittance_pdf(site: Site, slip: Remittance) -> bytes:
    """A remittance with a line a dossier."""
    from labels.forms.cash import RemittanceForm, render_remittance

    office = site.settings.office
    with site.store.reading():
        giver = _name(slip.made_by)
    named = f"{office.authority_name} ({slip.authority})" if slip.authority == office.authority else slip.authority
    return render_remittance(
        RemittanceForm(
            head=_head(site, slip.number, slip.made_at), authority=named, asks=slip.amount < 0,
            ledger=LEDGER_NAME[slip.ledger].capitalize(), since=slip.since_day, until=slip.until_day,
            due_on=slip.due_on, lines=tuple((name, part) for name, part in slip.dossiers), amount=slip.amount,
            means=_means(slip),
            reference=slip.reference, giver=giver,
        )
    )  # fmt: skip


def _means(slip: Remittance) -> str:
    if slip.amount < 0 and not slip.source:
        return "tiền mặt tại bưu cục, hoặc chuyển khoản ghi số giấy này"
    return f"chuyển khoản từ {slip.source_holder}" if slip.source == "bank" else "tiền mặt"


def transfer_pdf(site: Site, uid: UUID) -> bytes:
    """How a dossier's unpaid fees are paid by transfer; NotFound when there is nothing to pay so."""
    from labels.forms.cash import TransferForm, TransferLine, render_transfer

    made = collect.transfers(site, uid)
    with site.store.reading():
        dossier = dossier_by_uid(uid)
    if not made:
        raise NotFound("Hồ sơ không còn khoản nào để chuyển khoản, hoặc chưa khai tài khoản ngân hàng.")
    banks = [one.account for one in made]
    lines = tuple(
        TransferLine(bank.bank or bank.bin, bank.number, bank.owner, one.amount, one.purpose, one.text)
        for bank, one in zip(banks, made, strict=True)
    )
    fees = tuple((fee.name, fee.amount) for one in made for fee in one.fees)
    head = _head(site, f"{dossier.provisional}/CK", site.clock.now(), code=dossier.official or dossier.provisional)
    return render_transfer(TransferForm(head, dossier.official or dossier.provisional, fees, lines))


def _head(site: Site, number: str, at: datetime, *, code: str = "") -> Head:
    from labels.forms.common import Head

    office = site.settings.office
    return Head(
        authority=office.name,
        desk=f"Bộ phận tiếp nhận và trả kết quả – {office.name}",
        number=number,
        code=code or number,
        payload=f"PA1|{code or number}|",
        place=office.address.rpartition(",")[2].strip() or office.name,
        issued_at=local(at),
        training=site.settings.training,
    )


def _counts(counts: dict[str, int] | None) -> dict[int, int]:
    return {int(value): pieces for value, pieces in (counts or {}).items()}


def _explanation(kind: str, subject: UUID) -> str:
    found = CashVariance.get_or_none((CashVariance.kind == kind) & (CashVariance.subject == subject))
    return str(found.explanation) if found else ""


def _name(username: str) -> str:
    user = User.get_or_none(User.username == username)
    return str(user.full_name) if user else username
