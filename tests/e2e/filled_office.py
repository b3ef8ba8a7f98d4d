"""An office in the middle of its day: dossiers, items, lists, bags and claims in all states."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.intake.guide import catalogue
from agent.intake.label import confirm_label
from agent.intake.receive import receive
from agent.intake.request import ComponentInput, Intake, PartyInput
from agent.money import shift
from agent.processes import Program
from agent.settings import BankAccount, Money, Province, Settings
from agent.store.accounts import User
from agent.store.delivery import DeliveryList
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.tracking.back.claims import Complaint, add_fact, add_inventory, open_claim, take_step
from agent.tracking.back.day_end import close_list, come_back
from agent.tracking.back.decide import addressee_only, approve_return, hold, redeliver
from agent.tracking.back.invite import invite
from agent.tracking.back.lists import offer, open_list, propose, put_on
from agent.tracking.back.own import today
from agent.tracking.back.proxy import AuthorisationInput, authorise, want_back
from agent.tracking.back.returning import prepare
from agent.tracking.back.routes import RouteInput, save_route
from agent.tracking.forward.bagging import close_bag, open_bag, put
from agent.tracking.forward.collecting import scan_collection, start_collection
from agent.tracking.forward.envelopes import seal_envelope
from agent.tracking.forward.handover import scan_handover, start_handover
from agent.tracking.forward.manifests import announce
from agent.tracking.forward.signing import Signed, close_count, sign_handover
from agent.tracking.items import allot_range, collect_from_authority, register_item
from agent.wiring import build_site
from tests import builders
from tests.e2e import rounds
from tests.flow.delivery_desk import CHIEF, CLERK, COURIER, MONDAY, Office
from tests.flow.money_desk import BANK, notes
from tests.webdesk import HandClock, add_people

AGENCY = "H26.019.02"
PROCEDURE = "2.000635"
NOBODY = "http://127.0.0.1:9/soap/tthc"
SECOND = Actor("hoa", "Vũ Thị Thanh Hoa", Role.CLERK, builders.OFFICE, "T1")
DEPUTY = Actor("quang", "Hoàng Nhật Quang", Role.SUPERVISOR, builders.OFFICE, "T1")
OTHER_COURIER = Actor("tuyen8", "Lê Minh Khoa", Role.COURIER, builders.OFFICE, "T1")
DIRECT = BankAccount("KBNN", "970405", "3711000000002", "UBND PHUONG TAY HO", "Agribank")
JPEG = b"\xff\xd8\xff\xe0" + b"0" * 2000
PEOPLE: tuple[rounds.Person, ...] = (
    *rounds.PEOPLE,
    ("001190002222", "Công Tằng Tôn Nữ Huỳnh Ngọc Bảo Trân", "Căn hộ 2108 tòa P2, khu đô thị Nam Thăng Long, Tây Hồ"),
    ("001085003333", "Phạm Nguyễn Khánh Vy", "Ngõ 264/15/8 Âu Cơ, Tây Hồ, Hà Nội"),
    ("001179004444", "Lê Thị Ỷ", "71 Xuân La, Tây Hồ, Hà Nội"),
    ("001083005555", "Vũ Đình Nghĩa", "19 Tô Ngọc Vân, Tây Hồ, Hà Nội"),
)


@dataclass
class Filled(Office):
    """The office with what its addresses can name."""

    rows: dict[str, Any] = field(default_factory=dict)
    people: Iterator[rounds.Person] = field(default_factory=lambda: itertools.cycle(PEOPLE))

    def taken_in(self, **how: Any) -> Dossier:
        """A received dossier of the next of PEOPLE; `how` is told to Intake."""
        number, name, address = next(self.people)
        owner = PartyInput(chip_card=f"{number}||{name}|14031988|Nữ|{address}|05062021", phone="0912 345 678")
        case = catalogue(self.site).current(PROCEDURE, today(self.site)).case()
        parts = tuple(ComponentInput(needed.code) for needed in case.mandatory)
        return receive(self.site, Intake(PROCEDURE, owner, parts, **{"return_way": "courier"} | how), by=CLERK)

    def _arrive(self, person: int, collect: int) -> str:
        dossier = rounds.with_result(self, next(self.people), collect=collect)
        item = register_item(self.site, dossier.uid, by=CLERK)
        collect_from_authority(self.site, item.number, by=CLERK)
        return str(item.number)

    def back_again(self, number: str, **how: Any) -> None:
        """An item that the courier could not deliver and gave back, accepted at the counter."""
        self.fail(number, **how)
        self.given_back(number)
        come_back(self.site, number, by=CLERK)


def open_office(folder: Path) -> Filled:
    """The office with its people, two accounts and a range of numbers."""
    settings = Settings(data=folder, accounts=(BANK, DIRECT), province=Province(endpoint=NOBODY), money=Money())
    clock = HandClock(MONDAY)
    made = Filled(build_site(settings, clock=clock), Program(settings), clock)
    add_people(made.site)
    with made.site.store.writing():
        stored = User.get(User.username == "lananh").password_hash
        for one in (SECOND, DEPUTY, OTHER_COURIER):
            User.create(
                username=one.username, role=one.role, office_id=one.office_id, full_name=one.full_name,
                password_hash=stored, created_at=clock.now(),
            )  # fmt: skip
    allot_range(made.site, builders.OFFICE, "RD", 10_000_000, 10_009_999)
    return made


def filled_office(folder: Path) -> Filled:
    """Monday's and Tuesday's work; the clock stands at half past eight on Tuesday."""
    from tests.e2e import filled_sides as sides

    at = open_office(folder)
    monday(at)
    at.later(days=1)
    counter(at)
    forward(at)
    delivery(at)
    for side in (sides.custody, sides.cash, sides.citizens, sides.phones, sides.province):
        side(at)
    return at


def monday(at: Filled) -> None:
    """A list of which one item was delivered, one came back, and one has no outcome yet."""
    for route in (RouteInput("T7", "Ven hồ", COURIER.username, "Tây Hồ\nBa Đình; Hoàng Hoa Thám"),
                  RouteInput("T8", "Xuân La", OTHER_COURIER.username, "Xuân La; Xuân Đỉnh")):  # fmt: skip
        at.rows["route"] = save_route(at.site, route, by=CLERK).uid
    at.rows["closed_shift"] = shift.open_till(at.site, notes(500_000), by=CLERK).uid
    delivered, failed, silent = on_a_list(at, 3, collect=26_000)
    at.deliver(delivered)
    at.back_again(failed)
    close_list(at.site, at.rows["list"], {silent: "phone_owes"}, by=CLERK)
    at.rows |= {"closed_list": at.rows["list"], "delivered": delivered, "failed": failed, "silent": silent}


def on_a_list(at: Filled, count: int, *, collect: int = 0) -> Sequence[str]:
    """Items that the courier took over from his list and set out with."""
    numbers = at.arrived(count, collect=collect)
    made = open_list(at.site, COURIER.username, by=CLERK)
    for number in numbers:
        put_on(at.site, made.uid, number, by=CLERK)
    offer(at.site, made.uid, by=CLERK)
    at.out(numbers)
    at.rows["list"] = made.uid
    return numbers


def counter(at: Filled) -> None:
    """Dossiers that were just received; every other one is labelled."""
    for number in range(8):
        made = at.taken_in(return_way=("counter", "courier")[number % 2], fees_paid=number != 7, copies=1 + number % 3)
        if number % 2:
            confirm_label(at.site, made.uid, made.provisional, by=CLERK)
    at.rows["dossier"] = made.uid


def forward(at: Filled) -> None:
    """Paper for the authority in bags, on manifests and in counts; results that wait there."""
    site, made = at.site, [seal_envelope(at.site, at.taken_in().uid, f"NP{n:04d}", by=CLERK) for n in range(14)]
    codes = [f"PA1|{one.number.partition('/')[0]}|" for one in made]
    opened = open_bag(site, "forward", AGENCY, by=CLERK)
    for code in codes[:3]:
        put(site, opened.number, code, by=CLERK)
    other = open_bag(site, "forward", AGENCY, by=CLERK)
    put(site, other.number, codes[3], by=CLERK)
    close_bag(site, other.number, "TUIA0001", by=CLERK)
    signed = start_handover(site, announce(site, "forward", AGENCY, codes[4:7], by=CLERK).number, by=CLERK)
    for code in codes[4:6]:
        scan_handover(site, signed.number, code, by=CLERK)
    close_count(site, signed.number, by=CLERK)
    sign_handover(site, signed.number, Signed("Nguyễn Văn Bình", "paper"), by=CLERK)
    half = start_handover(site, announce(site, "forward", AGENCY, codes[7:11], by=CLERK).number, by=CLERK)
    scan_handover(site, half.number, codes[7], by=CLERK)
    scan_handover(site, half.number, "RR123456785CN", by=CLERK)
    waiting = announce(site, "forward", AGENCY, codes[11:13], by=CLERK)
    ready = [rounds.with_result(at, next(at.people)) for _ in range(4)]
    taking = start_collection(site, AGENCY, by=CLERK, place="UBND phường Tây Hồ")
    for one in ready[:2]:
        scan_collection(site, taking.number, f"PA1|{one.provisional}|", by=CLERK)
    at.rows |= {
        "bag": opened.number, "closed_bag": other.number, "manifest": waiting.number, "minutes": signed.number,
        "counting": half.number, "collecting": taking.number, "sealed": made[0].dossier.uid,
    }  # fmt: skip


def delivery(at: Filled) -> None:
    """Items in every queue of the delivery office, a list on its way, one proposed, claims, a return, an invitation."""
    site = at.site
    first, second, third, fourth, fifth, _ = on_a_list(at, 6, collect=26_000)
    at.deliver(first)
    at.back_again(second, reason="refused", action="return", evidence=("position", "statement", "photo"))
    at.back_again(third)
    at.fail(fourth)
    at.given_back(fourth)
    approve_return(site, second, by=CHIEF)
    redeliver(site, third, today(site), by=CLERK)
    stays, only, proxied, claimed, broken, going, *rest = at.arrived(12, collect=26_000)
    hold(site, stays, by=CLERK, collect=True)
    addressee_only(site, only, True, by=CLERK)
    paper = AuthorisationInput("notarised", "Nguyễn Văn Nam", today(site), number="1234/2026")
    at.rows["proxy"] = authorise(site, proxied, paper, by=CLERK).uid
    at.rows["paper"] = want_back(site, proxied, "Giấy chứng nhận quyền sử dụng đất (bản cũ)", by=CLERK).uid
    late = Complaint("late", "Kết quả đến chậm hai ngày so với phiếu hẹn.", "Đỗ Văn Đặng", "0912 345 678")
    claim = open_claim(site, claimed, late, by=CLERK)
    damaged = Complaint(
        "damaged_part", "Bao bì ướt, mép rách 3 cm khi bưu tá giao.", "Nguyễn Thị Hường", "0912 345 678"
    )
    done = open_claim(site, broken, damaged, by=CLERK)
    add_fact(site, done.uid, "Bưu tá xác nhận túi hở khóa.", by=CLERK)
    add_inventory(site, done.uid, "Trích lục khai sinh, nhòe dấu", 2, 16_000, by=CLERK)
    take_step(site, done.uid, "accept", "Có lỗi của bưu cục trong bảo quản.", by=CHIEF)
    take_step(site, done.uid, "minutes", "", amount=20_000, by=CHIEF)
    at.sent_out(going)
    at.back_again(going, reason="wrong_address", action="hold", evidence=("position", "photo"))
    at.rows["invitation"] = invite(site, going, by=CLERK).uid
    back = prepare(site, AGENCY, by=CLERK)
    propose(site, by=CLERK)
    with site.store.reading():
        on = DeliveryList.get(DeliveryList.uid == at.rows["list"]).number
    at.rows |= {
        "list_number": on, "claim": claim.uid, "claim_number": claim.number, "return": back.uid,
        "return_number": back.number, "item": third, "invited": going, "proxied": proxied, "damaged": done.uid,
        "out": fifth, "rest": rest, "offered": fourth, "result": Item.get(Item.number == third).dossier.uid,
    }  # fmt: skip
