"""What else a filled office has: conflicts, alarms, money, citizens' words, phones, the province's books."""

from __future__ import annotations

from datetime import date, timedelta

from cryptography.hazmat.primitives.asymmetric import ec

from agent.citizen import feedback, survey
from agent.citizen.calendar import DayAsked, propose
from agent.domain.calendar_vn import DayKind, DayState
from agent.domain.custody_steps import CustodyStep
from agent.domain.money_entries import Account
from agent.money import collect, deposits, remit, reversals, shift, statements, variances
from agent.store import money, rows
from agent.store.bank import BankLine
from agent.store.calendar import Body
from agent.store.cash import CashDeposit, CashVariance
from agent.store.citizen import Switch, turn
from agent.store.custody_events import CustodyConflict
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item
from agent.store.money import MoneyEntry
from agent.store.phones import Phone, PhoneBlob
from agent.store.reconciliation import Difference, Run
from agent.tracking.custody import CustodyFact, hand_over, record
from agent.tracking.journal import corrections
from agent.tracking.phones.pairing import new_code, pair, revoke
from tests.builders import OFFICE
from tests.e2e.filled_office import SECOND, Filled
from tests.flow.custody_world import PROOF, SIGNATURE, PhoneAtHand
from tests.flow.delivery_desk import CHIEF, CLERK, COURIER, MINE
from tests.flow.money_desk import AGENCY, BANK, notes
from tests.phone_client import jwk


def custody(at: Filled) -> None:
    """A phone whose clock is wrong: a conflict, a correction that waits for its second person, an old offer, a gap."""
    site, now = at.site, at.clock.now()
    with site.store.writing():
        rows.create_unless_there(
            PhoneBlob, sha256=SIGNATURE, terminal_id="T1", phone_uid=site.ids.uid(), media="image/png", size=10,
            received_at=now,
        )  # fmt: skip
    phone = PhoneAtHand(COURIER.username, wrong=timedelta(hours=3), uid=site.ids.uid(), started=now)
    disputed, corrected, offered = at.rows["rest"][:3]
    hand_over(site, [disputed, corrected, offered], to=MINE, by=CLERK)
    phone.takes(site, disputed, corrected)
    at.later(minutes=20)
    with site.store.writing():
        item = Item.get(Item.number == disputed)
        fact = CustodyFact(site.ids.uid(), CustodyStep.OPEN, at.clock.now(), from_holder=item.holder)
        record(site, item, fact, by=CLERK)
    phone.send(site, phone.mint(CustodyStep.DAMAGE, disputed, at.clock.now() + timedelta(seconds=5)))
    done = phone.mint(CustodyStep.DELIVER, corrected, at.clock.now(), proof=PROOF | {"collected": 26_000})
    phone.send(site, done)
    event = CustodyEvent.get(CustodyEvent.uid == done["id"]).uid
    asked = corrections.ask(site, corrected, event, "Giao nhầm nhà bên cạnh, đã lấy lại.", by=CLERK)
    phone.seq += 3  # three events that never came
    phone.send(site, phone.mint(CustodyStep.DAMAGE, disputed, at.clock.now()))
    at.later(hours=2)
    conflict = CustodyConflict.select().order_by(CustodyConflict.id).first()
    at.rows |= {"disputed": disputed, "corrected": corrected, "conflict": conflict.uid, "correction": asked.last_event}


def cash(at: Filled) -> None:
    """A till counted short, a courier's cash on its way, a bank statement, a slip, a reversal that waits."""
    site = at.site
    short = shift.count_till(site, at.rows["closed_shift"], notes(_in_till(at) - 4_000), by=CLERK)
    with site.store.reading():
        found = CashVariance.get(CashVariance.subject == short.uid)
    variances.explain(site, found.uid, words="Thối nhầm cho khách buổi sáng", remedy="pays", by=CLERK)
    with site.store.reading():
        given = CashDeposit.get(CashDeposit.giver == CLERK.username)
    deposits.receive(site, given.uid, notes(given.declared), by=SECOND)
    at.rows["shift"] = shift.open_till(site, notes(500_000), by=SECOND).uid
    at.rows["counted"] = deposits.declare(site, 26_000, by=COURIER).uid
    deposits.receive(site, at.rows["counted"], notes(26_000), by=CLERK)
    at.rows["deposit"] = deposits.declare(site, 52_000, by=COURIER).uid
    paid, over, unpaid = (at.taken_in(fees_paid=False) for _ in range(3))
    (one,), (two,) = collect.transfers(site, paid.uid)[:1], collect.transfers(site, over.uid)[:1]
    lines = [(f"CK {one.purpose}", one.amount), (f"{two.purpose} NGUYEN VAN B", two.amount + 4_000),
             ("NGUYEN THI HUONG NOP LE PHI", 8_000), ("PHI DICH VU THANG 11", -11_000)]  # fmt: skip
    statements.import_statement(site, BANK.name, _csv(at, lines), by=CHIEF)
    with site.store.reading():
        due = next(one for one in remit.due_list(site, OFFICE) if one.sources)
        ((account, _), amount), *_ = due.sources.items()
        line = BankLine.get(BankLine.state == "open")
        mine = (MoneyEntry.kind == "collected") & (MoneyEntry.actor == CLERK.name)
        entry = MoneyEntry.get(mine)
    source = "safe" if account.value == "safe" else BANK.name
    slip = remit.remit(site, AGENCY, due.ledger.value, source, min(amount, due.amount), by=CLERK)
    asked = reversals.ask(site, entry.uid, reason="Thu nhầm hồ sơ, khách trả lại biên lai", by=CLERK)
    at.rows |= {
        "variance": found.uid, "line": line.uid, "remittance": slip.uid, "entry": entry.uid, "reversal": asked.uid,
        "unpaid": unpaid.uid,
    }  # fmt: skip


def _in_till(at: Filled) -> int:
    with at.site.store.reading():
        return money.in_hand(Account.TILL, str(at.rows["closed_shift"]))


def _csv(at: Filled, lines: list[tuple[str, int]]) -> bytes:
    made = ["Ngày giao dịch;Số tham chiếu;Ghi nợ;Ghi có;Nội dung"]
    for number, (words, amount) in enumerate(lines):
        debit, credit = (f"{-amount:,}", "") if amount < 0 else ("", f"{amount:,}")
        made.append(f"{at.clock.now():%d/%m/%Y};FT{number:06d};{debit};{credit};{words}")
    return "\r\n".join(made).encode()


def citizens(at: Filled) -> None:
    """Citizens who were delivered to have said something; a day off waits for its second person."""
    site = at.site
    given = Dossier.get_by_id(Item.get(Item.number == at.rows["delivered"]).dossier_id)
    survey.answer(site, given.id, 2, "Phải đi lại hai lần mới gặp được bưu tá.")
    waits = feedback.give(site, given.id, "feedback", "Chờ ở quầy gần một giờ, không có ghế ngồi.")
    said = feedback.give(site, given.id, "recommendation", "Nên nhắn tin trước khi bưu tá đến.")
    feedback.settle(site, said.uid, "Đã gọi cảm ơn, bưu cục sẽ nhắn trước.", by=CHIEF)
    storm = DayAsked(date(2026, 11, 25), DayKind.OFF, DayState.OFFICIAL, Body.BOTH, "bưu cục đóng cửa vì bão")
    at.rows["calendar"] = propose(site, storm, by=CHIEF)
    with site.store.writing():
        turn(OFFICE, Switch.PHONE_TRACKING, True, by="minh", at=at.clock.now())
    at.rows |= {"tracked": given.public_token, "given": given.uid, "feedback": waits.uid}


def phones(at: Filled) -> None:
    """Two phones that are let in, one shut out, and a code that waits."""
    names = (("Samsung A14", COURIER.username), ("Oppo A18 cũ", "tuyen8"), ("Redmi 12", "tuyen8"))
    made: list[Phone] = []
    for name, courier in names:
        key = jwk(ec.generate_private_key(ec.SECP256R1()))
        made.append(pair(at.site, new_code(at.site, courier, by=CHIEF).text, name=name, key=key, app="1.4.0").phone)
    revoke(at.site, made[1].uid, reason="mất máy ở chợ Bưởi", by=CHIEF)
    at.rows |= {"phone": made[0].uid, "code": new_code(at.site, "tuyen8", by=CHIEF).uid}


def province(at: Filled) -> None:
    """A comparison with three differences."""
    site, now = at.site, at.clock.now()
    kinds = (("fee", "province", {"fee": 8_000}, {"fee": 16_000}, "khác số tiền"),
             ("missing_there", "system", {"state": 2}, {}, "tỉnh chưa có; đang hỏi lại"),
             ("status", "office", {"status": 4}, {"status": 9}, "tỉnh đã trả kết quả"))  # fmt: skip
    with site.store.writing():
        run = Run.create(
            uid=site.ids.uid(), office_id=OFFICE, at=now, compared=40, in_flight=2, differences=3, exchanged=8_700
        )
        for dossier, (kind, owner, ours, theirs, why) in zip(Dossier.select().limit(3), kinds, strict=True):
            at.rows["difference"] = Difference.create(
                uid=site.ids.uid(), run=run, office_id=OFFICE, bucket=f"{OFFICE}|{now:%Y-%m-%d}",
                key=dossier.provisional, number=dossier.official or dossier.provisional, kind=kind, owner=owner,
                ours=ours, theirs=theirs, explanation=why, found_at=now,
            ).uid  # fmt: skip
