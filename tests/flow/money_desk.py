"""A post office's money for tests: dossiers with fees, couriers who collect, counts by denomination, statements."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.accounts.passwords import hash_password
from agent.clock import local
from agent.domain.actor import Actor
from agent.domain.canonical import FeeLedger
from agent.domain.custody_steps import CustodyStep
from agent.domain.dossier import ReturnWay, State
from agent.domain.money_count import DENOMINATIONS
from agent.domain.money_entries import Account
from agent.domain.roles import Role
from agent.intake.guide import catalogue, today
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.money import checking, collect
from agent.settings import BankAccount, Database, Money, Settings
from agent.site import Site
from agent.store import base, journal, money
from agent.store.accounts import User
from agent.store.dossiers import Dossier, Fee
from agent.store.items import Result
from agent.tracking.custody import accept, courier_holder, hand_over, move
from agent.tracking.deliver import deliver
from agent.tracking.items import allot_range, collect_from_authority, register_item
from agent.web.app import create_app
from agent.wiring import build_site
from tests.builders import CARD, OFFICE
from tests.flow.counter import PROOF
from tests.webdesk import PASSWORD, HandClock

AGENCY = "H26.019.02"
CLERK = Actor("lananh", "Trần Lan Anh", Role.CLERK, OFFICE, "T1")
SECOND = Actor("hoa", "Vũ Thị Hoa", Role.CLERK, OFFICE, "T1")
COURIER = Actor("tuyen7", "Trần Đức Ân", Role.COURIER, OFFICE, "T1")
CHIEF = Actor("minh", "Đỗ Quang Minh", Role.SUPERVISOR, OFFICE, "T1")
DEPUTY = Actor("quang", "Lý Quang", Role.SUPERVISOR, OFFICE, "T1")
PROVINCE = Actor("tinh", "Lê Quỳnh Mai", Role.PROVINCE, "TTHCC", "T1")
BANK = BankAccount(name="VCB-BC", bin="970436", number="0011000000001", owner="BUU CUC TAY HO", bank="Vietcombank")
PHI, CUOC, THU_HO = FeeLedger.STATE, FeeLedger.FREIGHT, FeeLedger.COLLECTED


def notes(amount: int) -> dict[str, int]:
    """A count that comes to `amount`, a multiple of 200 đồng apart from 500s."""
    counts, left = {}, amount
    for value in DENOMINATIONS:
        if left >= value and (value != 500 or left % value % 200 == 0):
            counts[str(value)], left = left // value, left % value
    assert left == 0, f"{amount} cannot be counted out"
    return counts


@dataclass
class MoneyDesk:
    """One office with its money; every act is a use case."""

    site: Site
    clock: HandClock
    starts: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lines: int = 0

    def receive(self, *, paid: bool = True, method: str = "cash", way: str = "counter", by: Actor = CLERK,
                copies: int = 1, procedure: str = "2.000635") -> Dossier:  # fmt: skip
        """A dossier at the counter."""
        case = catalogue(self.site).current(procedure, today(self.site)).case()
        parts = tuple(ComponentInput(needed.code) for needed in case.mandatory)
        owner = PartyInput(chip_card=CARD, phone="0912 345 678")
        intake = Intake(procedure, owner, parts, return_way=way, fees_paid=paid, method=method, copies=copies)
        return receive(self.site, intake, by=by)

    def fees(self, dossier: Dossier) -> list[Fee]:
        with self.site.store.reading():
            return list(Fee.select().where(Fee.dossier == dossier).order_by(Fee.id))

    def owed(self, dossier: Dossier) -> int:
        """Đồng that are still claimed of a dossier."""
        return sum(fee.amount for fee in self.fees(dossier) if fee.paid_at is None and fee.waived_at is None)

    def at_office(self, dossier: Dossier) -> str:
        """The number of the dossier's item, at the office."""
        with self.site.store.writing():
            Dossier.update(state=State.RESULT_READY, province_status=9).where(Dossier.id == dossier.id).execute()
            Result.create(
                uid=self.site.ids.uid(), dossier=dossier, province_id=f"KQ{dossier.id}", name="Kết quả", form="paper",
                way=ReturnWay.COURIER, state="ready", ready_at=self.site.clock.now(),
            )  # fmt: skip
        start = next(self.starts) * 1000
        allot_range(self.site, OFFICE, "RD", start, start + 9)
        number = register_item(self.site, dossier.uid, by=CLERK).number
        collect_from_authority(self.site, number, by=CLERK)
        return number

    def out(self, dossier: Dossier) -> str:
        """The number of the dossier's item, out for delivery with the courier."""
        number = self.at_office(dossier)
        hand_over(self.site, [number], to=courier_holder(COURIER.username), by=CLERK)
        accept(self.site, [number], holder=courier_holder(COURIER.username), by=COURIER)
        move(self.site, number, CustodyStep.OUT_FOR_DELIVERY, by=COURIER)
        return number

    def deliver(self, dossier: Dossier) -> int:
        """The courier hands the result over and takes what is owed: đồng."""
        from dataclasses import replace

        owed = self.owed(dossier)
        deliver(self.site, self.out(dossier), replace(PROOF, collected=owed), by=COURIER)
        return owed

    def purpose(self, dossier: Dossier) -> str:
        """What a transfer for the dossier must say."""
        (transfer,) = collect.transfers(self.site, dossier.uid)
        return transfer.purpose

    def statement(self, *lines: tuple[str, int], on: datetime | None = None) -> bytes:
        """A bank's CSV with these lines: words and đồng (negative: out)."""
        day = f"{local(on or self.site.clock.now()):%d/%m/%Y}"
        made = ["Ngày giao dịch;Số tham chiếu;Ghi nợ;Ghi có;Nội dung"]
        for words, amount in lines:
            self.lines += 1
            debit, credit = (f"{-amount:,}", "") if amount < 0 else ("", f"{amount:,}")
            made.append(f"{day};FT{self.lines:06d};{debit};{credit};{words}")
        return "\r\n".join(made).encode()

    def hand(self, account: Account, holder: str) -> int:
        with self.site.store.reading():
            return money.in_hand(account, holder)

    def all_of(self, account: Account) -> dict[FeeLedger, int]:
        """An account's balance by ledger, over all its holders."""
        sums: dict[FeeLedger, int] = {}
        with self.site.store.reading():
            for held in money.holders(account, OFFICE).values():
                for ledger, amount in held.items():
                    sums[ledger] = sums.get(ledger, 0) + amount
        return {ledger: amount for ledger, amount in sums.items() if amount}

    def sound(self) -> list[str]:
        """What does not hold of the journal of money."""
        with self.site.store.reading():
            return checking.problems() + journal.verify()


def pages_as(desk: MoneyDesk, name: str) -> Callable[[str], str]:
    """GET pages as a user: the words of a page or PDF; AssertionError with the status of one that is refused."""
    with desk.site.store.writing():
        User.update(password_hash=hash_password(PASSWORD)).where(User.username == name).execute()
    client, base_url = create_app(desk.site).test_client(), "http://127.0.0.1:8080"
    token = re.search(r'name="_csrf" value="([^"]+)"', client.get("/sign-in", base_url=base_url).text)
    assert token
    client.post("/sign-in", base_url=base_url, data={"_csrf": token.group(1), "username": name, "password": PASSWORD})

    def page(path: str) -> str:
        answer = client.get(path, base_url=base_url)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:400])
        return words_of(answer.data) if answer.mimetype == "application/pdf" else str(answer.text)

    return page


def words_of(pdf: bytes) -> str:
    """All text of a PDF."""
    import pypdfium2

    with closing(pypdfium2.PdfDocument(pdf)) as made:
        return "\n".join(page.get_textpage().get_text_range() for page in made)


@contextmanager
def money_desk(folder: Path, *, url: str = "", **rules: Any) -> Iterator[MoneyDesk]:
    """An office in a folder; `rules` change the settings of money."""
    clock = HandClock()
    settings = Settings(data=folder, database=Database(url), accounts=(BANK,), money=Money(**rules))
    site = build_site(settings, clock=clock)
    with site.store.writing():
        for who in (CLERK, SECOND, COURIER, CHIEF, DEPUTY, PROVINCE):
            User.create(
                username=who.username, role=who.role, office_id=who.office_id, full_name=who.full_name,
                password_hash="", created_at=clock.now(),
            )  # fmt: skip
    try:
        yield MoneyDesk(site, clock)
    finally:
        base.proxy.initialize(site.store.database)
        site.store.close()
