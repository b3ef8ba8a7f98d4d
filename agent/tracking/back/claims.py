"""Claim files (hồ sơ khiếu nại): opened with facts, answered, minuted, paid; each term kept, each step appended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.calendar_vn import Calendar
from agent.domain.canonical import FeeLedger
from agent.domain.claims import CLOSED, Kind, State, Step, advance, liability, pay_by, terms
from agent.domain.custody_steps import CustodyStep, ItemState, allowed
from agent.domain.delivery import Rules, rules_on, shipped_rules
from agent.domain.roles import Action, may
from agent.domain.text import clean
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.site import Site
from agent.store import money_charges, rows
from agent.store.calendar import Body, working_calendar
from agent.store.claims import Claim, ClaimEntry
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Item
from agent.store.lookup import dossier_of, item_by_number, next_number
from agent.store.progress import announce, note
from agent.store.retention import DossierHold
from agent.tracking.back.own import own_item, step, today

MOST_MONEY = 10**12
SAID_OF = {Kind.LOST: CustodyStep.LOSE, Kind.DAMAGED: CustodyStep.DAMAGE, Kind.DAMAGED_PART: CustodyStep.DAMAGE,
           Kind.OPENED: CustodyStep.OPEN}  # fmt: skip
"""What a claim of this kind says of the item itself."""
TRANSIT_DAYS = 2  # working days of the total transit time inside the province, where the office gives no other


@dataclass(frozen=True)
class Complaint:
    """A complaint as it came: local days, amounts in đồng. `facts` may name people: erasable."""

    kind: str
    facts: str
    complainant: str
    contact: str = ""
    complained_on: date | None = None
    transit_ended_on: date | None = None
    in_province: bool = True
    has_receipt: bool = True
    damage: int = 0
    reissue: int = 0


def open_claim(site: Site, number: str, given: Complaint, *, by: Actor) -> Claim:
    """Open a claim file; nothing of the dossier is erased while it is open. Too late a complaint is refused."""
    if given.kind not in list(Kind):
        raise RuleViolation("Chọn nội dung khiếu nại.")
    kind, facts, who = Kind(given.kind), given.facts.strip()[:2000], clean(given.complainant)[:100]
    if len(facts) < 10 or len(who) < 2:
        raise RuleViolation("Ghi người khiếu nại và sự việc (ít nhất 10 chữ): thấy gì, lúc nào, ở đâu.")
    _require_money(given.damage, given.reissue)
    with site.store.writing():
        item = own_item(number, by)
        open_ = (Claim.item == item) & Claim.closed_at.is_null()
        known = Claim.get_or_none(open_)
        if known is not None:
            raise RuleViolation(f"Bưu gửi này đã có hồ sơ khiếu nại {known.number} đang mở. Ghi thêm vào hồ sơ đó.")
        complained = given.complained_on or today(site)
        if complained > today(site):
            raise RuleViolation("Ngày khiếu nại ở sau hôm nay. Xem lại ngày.")
        rules = rules_on(complained)
        ended = given.transit_ended_on or transit_end(item)
        found = terms(
            rules, _calendar(), complained_on=complained, transit_ended_on=ended, in_province=given.in_province
        )
        freight = _freight(item)
        owed = liability(
            rules, kind, freight=freight, damage=given.damage, reissue=given.reissue, has_receipt=given.has_receipt
        )
        number_ = f"KN{complained:%y%m%d}-{next_number(f'claim {by.office_id}', complained):02d}"
        claim: Claim = rows.create(
            Claim, uid=site.ids.uid(), office_id=by.office_id, terminal_id=by.terminal_id, number=number_, item=item,
            kind=kind.value, state=State.OPEN.value, rules=rules.name, complainant=who,
            contact=clean(given.contact)[:100], complained_on=complained, transit_ended_on=ended,
            in_province=given.in_province, has_receipt=given.has_receipt, freight=freight, damage=given.damage,
            reissue=given.reissue, liability=owed, complain_by=found.complain_by, answer_by=found.answer_by,
            owner="", next_by=found.answer_by, opened_by=by.username, opened_at=site.clock.now(),
        )  # fmt: skip
        _entry(site, claim, "fact", facts, by)
        _say_of_item(site, item, kind, by)
        DossierHold.create(dossier=item.dossier_id, reason=number_, by=by.username, at=site.clock.now())
        _tell(site, claim, item, "claim_opened", by)
    return claim


def add_fact(site: Site, uid: UUID, words: str, *, by: Actor) -> ClaimEntry:
    """Add what was found out: who said what, what was looked at."""
    words = words.strip()[:2000]
    if len(words) < 3:
        raise RuleViolation("Ghi điều đã xác minh rồi lưu.")
    with site.store.writing():
        return _entry(site, _open(uid, by), "fact", words, by)


def add_inventory(site: Site, uid: UUID, thing: str, quantity: int, amount: int, *, by: Actor) -> ClaimEntry:
    """Add a line of the inventory: what is there, what is missing or damaged (đồng); the damage is their sum."""
    thing = clean(thing)[:200]
    if len(thing) < 2 or not 1 <= quantity <= 9999:
        raise RuleViolation("Ghi tên giấy tờ hoặc vật và số lượng từ 1.")
    _require_money(amount)
    with site.store.writing():
        claim = _open(uid, by)
        if claim.state != State.OPEN:
            raise RuleViolation("Đã trả lời khiếu nại, không kiểm kê thêm được. Mở hồ sơ mới nếu có việc mới.")
        entry = _entry(site, claim, "inventory", thing, by, quantity=quantity, amount=amount)
        claim.damage += amount
        claim.liability = liability(
            edition(claim), Kind(claim.kind), freight=claim.freight, damage=claim.damage, reissue=claim.reissue,
            has_receipt=claim.has_receipt,
        )  # fmt: skip
        claim.save()
    return entry


def take_step(
    site: Site, uid: UUID, what: str, words: str, *, by: Actor, amount: int | None = None, source: str = "till"
) -> Claim:  # fmt: skip
    """Answer, sign the minutes or pay; `amount` (đồng) may be more than the least that is owed, never less.

    A supervisor answers and signs; somebody else than who signed pays, a clerk too.
    `source` is what is paid from: "till" (the actor's), "safe", or a bank account's name.
    """
    words = words.strip()[:2000]
    if what not in list(Step):
        raise RuleViolation("Chọn việc cần làm với hồ sơ khiếu nại.")
    now = Step(what)
    if by.role is None or not may(by.role, Action.COLLECT_FEE if now is Step.PAY else Action.COUNTERSIGN):
        raise Forbidden("Trả lời và ký biên bản do kiểm soát viên làm. Nhờ kiểm soát viên mở hồ sơ này.")
    if now in (Step.ACCEPT, Step.REJECT) and len(words) < 10:
        raise RuleViolation("Ghi nội dung trả lời người khiếu nại (ít nhất 10 chữ).")
    with site.store.writing():
        claim = _open(uid, by)
        dossier = dossier_of(Item.get_by_id(claim.item_id).dossier_id)
        claim.state = advance(State(claim.state), now).value
        day, instant = today(site), site.clock.now()
        if now in (Step.ACCEPT, Step.REJECT):
            claim.answered_at = instant
            claim.next_by = day + timedelta(days=edition(claim).pay_calendar_days) if now is Step.ACCEPT else None
        elif now is Step.MINUTES:
            owed = claim.liability if amount is None else amount
            _require_money(owed)
            if owed < claim.liability:
                raise RuleViolation(f"Bồi thường ít nhất {claim.liability} đ theo mức tối thiểu. Nhập lại số tiền.")
            claim.liability, claim.minutes_at = owed, instant
            claim.pay_by = claim.next_by = pay_by(edition(claim), day)
            money_charges.owe_compensation(claim, dossier, by=by, at=instant, ids=site.ids)
        else:
            if by.username in not_payers(claim):
                raise Forbidden("Bạn đã ký biên bản bồi thường này, nên người khác chi trả: nhờ họ mở hồ sơ này.")
            place = money_charges.place_of(source, site.settings.accounts, by)
            money_charges.pay_compensation(claim, dossier, place, by=by, at=instant, ids=site.ids)
            claim.paid_at, claim.next_by = instant, None
        if State(claim.state) in CLOSED:
            claim.closed_at = instant
            mine = (DossierHold.reason == claim.number) & DossierHold.released_at.is_null()
            DossierHold.update(released_at=instant, released_by=by.username).where(mine).execute()
        claim.owner = by.username
        claim.save()
        kind = {Step.ACCEPT: "answer", Step.REJECT: "rejection", Step.MINUTES: "minutes", Step.PAY: "payment"}[now]
        _entry(site, claim, kind, words, by, amount=claim.liability if now is not Step.REJECT else 0)
        _tell(site, claim, Item.get_by_id(claim.item_id), f"claim_{now.value}", by)
    return claim


def reopen(site: Site, uid: UUID, words: str, *, by: Actor) -> Claim:
    """Open a rejected file again on new evidence, within the time for complaints; its answer is due anew.

    A paid file stays closed: its money is booked. What was answered stays in the file.
    """
    if by.role is None or not may(by.role, Action.COUNTERSIGN):
        raise Forbidden("Mở lại hồ sơ khiếu nại do kiểm soát viên làm. Nhờ kiểm soát viên mở hồ sơ này.")
    words = words.strip()[:2000]
    if len(words) < 10:
        raise RuleViolation("Ghi chứng cứ mới: có gì thêm, ai đưa (ít nhất 10 chữ).")
    with site.store.writing():
        claim, day = _locked(uid, by), today(site)
        item = Item.get_by_id(claim.item_id)  # another office may deliver it by now: the file is still this one's
        claim.state = advance(State(claim.state), Step.REOPEN).value
        other = Claim.get_or_none((Claim.item == claim.item_id) & Claim.closed_at.is_null())
        if other is not None:
            raise RuleViolation(f"Bưu gửi này đã có hồ sơ khiếu nại {other.number} đang mở. Ghi thêm vào hồ sơ đó.")
        if not claim.complainant:
            raise RuleViolation("Dữ liệu người khiếu nại đã xóa theo yêu cầu: không mở lại được. Mở hồ sơ mới.")
        due = terms(
            edition(claim), _calendar(), complained_on=day, transit_ended_on=claim.transit_ended_on,
            in_province=claim.in_province,
        )  # fmt: skip
        claim.answer_by = claim.next_by = due.answer_by
        claim.answered_at = claim.closed_at = None
        claim.owner = by.username
        claim.save()
        _entry(site, claim, "reopened", words, by)
        DossierHold.create(dossier=item.dossier_id, reason=claim.number, by=by.username, at=site.clock.now())
        _tell(site, claim, item, "claim_reopened", by)
    return claim


def transit_end(item: Item) -> date:
    """The end of the total transit time when the office gives no other day: working days from the item's number."""
    on, calendar = local(item.created_at).date(), _calendar()
    for _day in range(TRANSIT_DAYS):
        on = calendar.next_working(on)
    return on


def _calendar() -> Calendar:
    """What holds for all offices: one that closes by itself lengthens no term of the citizen's."""
    return working_calendar(body=Body.OFFICE)


def edition(claim: Claim) -> Rules:
    """The edition of the rules under which the claim was opened."""
    return next((one for one in shipped_rules() if one.name == claim.rules), rules_on(claim.complained_on))


def claim_by_uid(uid: UUID, office_id: str) -> Claim:
    """The office's claim file, or NotFound."""
    found: Claim | None = Claim.get_or_none((Claim.uid == uid) & (Claim.office_id == office_id))
    if found is None:
        raise NotFound("Không có hồ sơ khiếu nại này ở bưu cục. Tải lại trang khiếu nại.")
    return found


def entries_of(claim: Claim) -> list[ClaimEntry]:
    """All that was written into a claim file, in order."""
    return list(ClaimEntry.select().where(ClaimEntry.claim == claim).order_by(ClaimEntry.id))


def not_payers(claim: Claim) -> set[str]:
    """Who may not pay it out: whoever signed how much is owed; inside a transaction. Nobody where nothing is."""
    signed = ClaimEntry.select().where((ClaimEntry.claim == claim) & (ClaimEntry.kind == "minutes"))
    return {one.by for one in signed} if claim.liability else set()


def _locked(uid: UUID, by: Actor) -> Claim:
    """A file as it is once nobody else can change it: its item and dossier are locked."""
    item_by_number(Item.get_by_id(claim_by_uid(uid, by.office_id).item_id).number)
    return claim_by_uid(uid, by.office_id)


def _open(uid: UUID, by: Actor) -> Claim:
    claim = _locked(uid, by)
    if claim.closed_at is not None:
        raise RuleViolation(f"Hồ sơ khiếu nại {claim.number} đã đóng. Có việc mới thì mở hồ sơ mới.")
    return claim


def _entry(
    site: Site, claim: Claim, kind: str, words: str, by: Actor, *, quantity: int = 0, amount: int = 0
) -> ClaimEntry:
    return rows.create(
        ClaimEntry, uid=site.ids.uid(), claim=claim, kind=kind, words=words, quantity=quantity, amount=amount,
        by=by.username, at=site.clock.now(),
    )  # fmt: skip


def _say_of_item(site: Site, item: Item, kind: Kind, by: Actor) -> None:
    """Damage, opening and loss are facts of custody too, where the item still is on its way."""
    said = SAID_OF.get(kind)
    if said is not None and said in allowed(ItemState(item.state)):
        step(site, item, said, by=by)


def _freight(item: Item) -> int:
    paid = (Fee.dossier == item.dossier_id) & (Fee.ledger == FeeLedger.FREIGHT)
    return sum(fee.amount for fee in Fee.select().where(paid))


def _require_money(*amounts: int) -> None:
    if any(not 0 <= amount <= MOST_MONEY for amount in amounts):
        raise RuleViolation("Số tiền từ 0 đến 1.000 tỷ đồng. Nhập lại số tiền.")


def _tell(site: Site, claim: Claim, item: Item, kind: str, by: Actor) -> None:
    note(
        Dossier.get_by_id(item.dossier_id), kind, by=by, at=site.clock.now(), ids=site.ids, ledger="custody",
        item=item.number, claim=claim.number, state=claim.state, liability=claim.liability,
    )  # fmt: skip
    announce("delivery", at=site.clock.now(), office_id=by.office_id, terminal_id=by.terminal_id)
