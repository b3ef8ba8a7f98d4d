"""Custody's pages as a clerk and a supervisor use them: who holds what, a trail, a conflict, a correction, alarms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.accounts.tokens import make_token
from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.store import money_fees
from agent.store.custody_events import CustodyConflict
from agent.store.dossiers import Dossier
from agent.store.items import CustodyEvent, Item
from agent.tracking.custody import CustodyFact, hand_over, record
from tests import webdesk
from tests.flow.custody_world import OFFICE, PROOF, START, PhoneAtHand, S, furnish

CLERK = Actor("lananh", "Nguyễn Thị Lan Anh", Role.CLERK, OFFICE, "T1")


class Desk:
    """A site with people, items at a courier, a conflict, and browsers that are signed in."""

    def __init__(self, folder: Path) -> None:
        self.site = webdesk.make_site(folder, webdesk.HandClock(START))
        webdesk.add_people(self.site)
        self.app = webdesk.make_app(self.site)
        self.phone = PhoneAtHand("tuyen7", wrong=timedelta(hours=3))
        self.numbers = furnish(self.site, 4)
        hand_over(self.site, self.numbers, to=self.phone.holder, by=CLERK)
        self.phone.takes(self.site, *self.numbers[:2], self.numbers[3])

    def browser(self, name: str) -> Any:
        made = self.app.test_client()
        token = re.search(r'name="_csrf" value="([^"]+)"', made.get("/sign-in").text)
        assert token
        form = {"_csrf": token.group(1), "username": name, "password": webdesk.PASSWORD}
        assert made.post("/sign-in", data=form).status_code == 303
        return made

    def post(self, browser: Any, page: str, address: str, **form: str) -> Any:
        token = re.search(r'name="_csrf" value="([^"]+)"', browser.get(page).text)
        assert token
        return browser.post(address, data={"_csrf": token.group(1), **form})


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("custody") / "data")
    yield made
    made.site.store.close()


def test_who_holds_what_and_the_way_to_one_item(desk: Desk) -> None:
    clerk = desk.browser("lananh")
    page = clerk.get("/custody/").text
    assert "Trần Đức Ân" in page and "đang đi phát" in page
    found = clerk.get("/custody/", query_string={"item": desk.numbers[0][:4] + " " + desk.numbers[0][4:]})
    assert found.status_code == 303 and found.headers["Location"].endswith(desk.numbers[0])
    assert "sai chữ số kiểm tra" in clerk.get("/custody/?item=RR123456784VN").text
    assert desk.browser("tuyen7").get("/custody/").status_code == 403
    assert desk.browser("sontay").get(f"/custody/items/{desk.numbers[0]}").status_code == 403


def test_a_trail_shows_three_clocks_and_a_conflict_is_decided_by_a_key(desk: Desk) -> None:
    clerk, number = desk.browser("lananh"), desk.numbers[1]
    with desk.site.store.writing():
        item = Item.get(Item.number == number)
        fact = CustodyFact(desk.site.ids.uid(), S.OPEN, desk.site.clock.now(), from_holder=item.holder)
        record(desk.site, item, fact, by=CLERK)
    late = desk.phone.mint(S.DAMAGE, number, desk.site.clock.now() + timedelta(seconds=5))
    assert desk.phone.send(desk.site, late)[0].verdict == "conflict"
    page = clerk.get(f"/custody/items/{number}").text
    words = ("<svg", "Vết của bưu gửi", "xung đột", "10:30:05", "07:30:05")
    assert all(one in page for one in words), "three clocks"
    conflict = CustodyConflict.get(CustodyConflict.disputes == late["id"]).uid
    page, chief = clerk.get(f"/custody/conflicts?c={conflict}").text, desk.browser("minh")
    assert "bạn không tự quyết định" in page and 'value="after"' not in page, "the clerk made what stands"
    desk.post(clerk, "/custody/conflicts", f"/custody/conflicts/{conflict}", decision="after")
    assert CustodyConflict.get(CustodyConflict.uid == conflict).decided_at is None
    answer = desk.post(chief, "/custody/conflicts", f"/custody/conflicts/{conflict}", decision="after")
    assert answer.status_code == 303
    token = make_token(desk.site, "lananh", ["all"])
    events = clerk.get(f"/api/v1/items/{number}/events", headers={"Authorization": f"Bearer {token}"}).json["events"]
    assert (events[-1]["id"], events[-1]["standing"], events[-1]["seq"]) == (late["id"], "stands", late["seq"])
    assert events[-1]["claimed_at"] != events[-1]["occurred_at"]


def test_cash_that_was_paid_twice_is_laid_out_and_decided_by_one_who_took_none_of_it(desk: Desk) -> None:
    site, number = desk.site, desk.numbers[3]
    with site.store.writing():
        dossier = Dossier.get_by_id(Item.get(Item.number == number).dossier_id)
        fees = [
            money_fees.claim(dossier, name=name, ledger=ledger, amount=amount, stage="return", code=name)
            for name, ledger, amount in (("Lệ phí hộ tịch", "state", 20_000), ("Cước trả", "freight", 6_000))
        ]
        Item.update(collect=26_000).where(Item.number == number).execute()
        money_fees.collect(dossier, fees[:1], method="cash", by=CLERK, at=site.clock.now(), ids=site.ids)
    done = desk.phone.mint(S.DELIVER, number, site.clock.now(), proof={**PROOF, "collected": 26_000})
    assert desk.phone.send(site, done)[0].code == "amount"
    clerk, chief = desk.browser("lananh"), desk.browser("minh")
    assert "26.000" in clerk.get("/custody/alarms").text, "what no book has yet"
    assert "26.000" in desk.browser("tuyen7").get("/money/mine").text, "and he keeps it apart until then"
    conflict = CustodyConflict.get(CustodyConflict.disputes == done["id"]).uid
    address = f"/custody/conflicts/{conflict}"
    page = chief.get(f"/custody/conflicts?c={conflict}").text
    words = ("26.000", "6.000", "20.000", "Lệ phí hộ tịch", "tiền mặt tại quầy", "Nguyễn Thị Lan Anh", "F8", "F9")
    assert all(one in page for one in words) and 'value="before"' not in page
    assert "bạn không tự quyết định" in clerk.get(f"/custody/conflicts?c={conflict}").text, "she took the fee"
    desk.post(chief, "/custody/conflicts", address, decision="after", due="26000")
    assert Item.get(Item.number == number).state == "out_for_delivery", "another sum than the page shows is not booked"
    desk.post(chief, "/custody/conflicts", address, decision="after", due="6000")
    assert Item.get(Item.number == number).state == "delivered"
    assert "20.000" in clerk.get("/money/refunds").text


def test_a_correction_is_asked_by_one_and_signed_by_another(desk: Desk) -> None:
    clerk, chief, number = desk.browser("lananh"), desk.browser("minh"), desk.numbers[0]
    done = desk.phone.mint(S.DELIVER, number, desk.site.clock.now())
    assert desk.phone.send(desk.site, done)[0].verdict == "taken"
    page = f"/custody/items/{number}"
    empty = desk.post(clerk, page, f"{page}/corrections", event=done["id"], reason="")
    assert empty.status_code == 422 and "lý do" in empty.text
    desk.post(clerk, page, f"{page}/corrections", event=done["id"], reason="Giao nhầm nhà bên")
    assert "nhờ người khác ký" in clerk.get(page).text
    asked = Item.get(Item.number == number).last_event
    assert desk.post(clerk, page, f"{page}/corrections/{asked}", answer="agree").status_code == 403
    desk.post(chief, page, f"{page}/corrections/{asked}", answer="agree")
    assert Item.get(Item.number == number).state == "out_for_delivery"
    assert "đã đính chính" in clerk.get(page).text
    assert CustodyEvent.select().where(CustodyEvent.uid == done["id"]).count() == 1, "nothing is edited away"


def test_alarms_name_what_calls_for_somebody(desk: Desk) -> None:
    desk.site.clock.forward(hours=3)  # type: ignore[attr-defined]
    page = desk.browser("lananh").get("/custody/alarms").text
    assert "Đã giao, chưa ai nhận" in page and desk.numbers[2][2:5] in page
