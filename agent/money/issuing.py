"""Official receipts of other systems: asked for once for each payment, their numbers read back and kept."""

from __future__ import annotations

from collections import defaultdict

from agent.domain.canonical import FeeLedger
from agent.domain.canonical_codec import instant_text
from agent.ports_fee_receipts import ReceiptRequest
from agent.site import Site
from agent.store import rows
from agent.store.bank import OfficialReceipt
from agent.store.dossiers import Dossier, Fee

MOST = 500  # requests at a time


def exchange(site: Site) -> tuple[int, int]:
    """Ask for what was paid and has no receipt yet, read what was issued; how many of each. Again changes nothing."""
    if not site.fee_receipts.issues:
        return 0, 0
    asked = _ask(site)
    return asked, _read_back(site)


def _ask(site: Site) -> int:
    with site.store.writing():
        fresh = _unasked(site)
        for one, dossier in fresh:
            rows.create_unless_there(
                OfficialReceipt, key=one.key, dossier=dossier, office_id=dossier.office_id,
                terminal_id=dossier.terminal_id, codes=[code for code, _, _ in one.lines], amount=one.amount,
                state="asked", asked_at=site.clock.now(),
            )  # fmt: skip
    with site.store.reading():
        waiting = list(OfficialReceipt.select().where(OfficialReceipt.state == "asked").order_by(OfficialReceipt.id))
        requests = [_request(one) for one in waiting]
    site.fee_receipts.ask(requests)  # laid down again where it is missing: the key makes that harmless
    return len(fresh)


def _unasked(site: Site) -> list[tuple[ReceiptRequest, Dossier]]:
    """Paid state fees of this office without a request, one a dossier and moment of payment."""
    held = {(one.dossier_id, code) for one in OfficialReceipt.select() for code in one.codes}
    office = site.settings.office.id
    mine = (Dossier.office_id == office) & Fee.paid_at.is_null(False) & Fee.refunded_at.is_null()
    mine &= (Fee.ledger == FeeLedger.STATE) & (Fee.amount > 0)
    groups: dict[tuple[int, str], list[Fee]] = defaultdict(list)
    dossiers: dict[int, Dossier] = {}
    for fee in Fee.select(Fee, Dossier).join(Dossier).where(mine).order_by(Fee.id):
        if (fee.dossier.id, fee.code) not in held:
            groups[fee.dossier.id, instant_text(fee.paid_at)].append(fee)
            dossiers[fee.dossier.id] = fee.dossier
    made = [(_of(dossiers[one], fees), dossiers[one]) for (one, _), fees in groups.items()]
    return made[:MOST]


def _of(dossier: Dossier, fees: list[Fee]) -> ReceiptRequest:
    return ReceiptRequest(
        key=f"BL-{dossier.provisional}-{'+'.join(fee.code for fee in fees)}",
        dossier=dossier.official or dossier.provisional,
        ledger=fees[0].ledger,
        lines=tuple((fee.code, fee.name, fee.amount) for fee in fees),
        amount=sum(fee.amount for fee in fees),
        paid_at=instant_text(fees[0].paid_at),
        method=fees[0].method,
    )


def _request(row: OfficialReceipt) -> ReceiptRequest:
    dossier = Dossier.get_by_id(row.dossier_id)
    fees = Fee.select().where((Fee.dossier == dossier) & Fee.code.in_(row.codes)).order_by(Fee.id)
    return _of(dossier, list(fees))


def _read_back(site: Site) -> int:
    found = {one.key: one for one in site.fee_receipts.answers()}
    if not found:
        return 0
    with site.store.writing():
        waiting = OfficialReceipt.select().where(
            (OfficialReceipt.state == "asked") & OfficialReceipt.key.in_(sorted(found))
        )
        count = 0
        for row in waiting:
            answer = found[row.key]
            row.state = "issued" if answer.number else "refused"
            row.serial, row.number, row.reason = answer.serial, answer.number, answer.reason
            row.issued_at = site.clock.now()
            row.save()
            count += 1
    return count
