"""What goes wrong around a phone: a clock that falls back, a form left half-filled, a lock while a question stands."""

from __future__ import annotations

from playwright.sync_api import expect

from agent.domain.custody_steps import CustodyStep
from agent.store.items import Item
from agent.store.phones import Phone as PhoneRow
from agent.tracking.back.proxy import want_back
from tests import builders
from tests.e2e.courier_phone import ABSENT, PIN
from tests.e2e.serving import until
from tests.e2e.test_courier_offline import STATE, at, office, own, phone

__all__ = ["at", "office", "own", "phone"]  # fixtures

CORE = "document.querySelector('script[type=module]').src.replace('main.js', 'core/')"
STORE = f"import({CORE} + 'db.js')"
LOCK = f"(part) => {STORE}.then(async (db) => db.put('meta', {{ ...(await db.get('meta', 'lock')), ...part }}, 'lock'))"
LEFT = f"{STORE}.then(async (db) => (await db.get('meta', 'lock')).until - Date.now())"
DRAFTS = f"{STORE}.then((db) => db.transaction(['drafts'], 'readonly', (at) => db.asked(at.drafts.getAllKeys())))"
FAR = 10**15  # ms since 1970


def test_what_was_begun_for_one_attempt_proves_no_other_and_papers_are_asked_for_by_name(own, at):
    page, item = own.page, own.items[0]
    want_back(at.site, item.number, "Giấy phép lái xe cũ", by=builders.CLERK)
    own.go("outbox")
    until(lambda: knows(own, item.number), "the phone knows of the paper")
    own.fill_delivery(item.number)
    page.get_by_label("Giấy phép lái xe cũ").wait_for()
    page.get_by_role("button", name="Ghi đã giao").click()
    expect(page.locator("#e-papers")).to_contain_text("Giấy phép lái xe cũ")
    until(lambda: f"deliver {item.number}" in page.evaluate(DRAFTS), "the draft is kept")
    own.go(f"failed/{item.number}")
    page.get_by_text(ABSENT).click()
    page.get_by_text("phát lại", exact=True).click()
    page.get_by_role("button", name="Ghi không giao").click()
    page.get_by_text("Đã ghi không giao").wait_for()
    assert [key for key in page.evaluate(DRAFTS) if item.number in key] == []
    own.wait_synced()
    assert PhoneRow.select().order_by(PhoneRow.id.desc()).get().unsent == 0  # as it is after the sending, not before


def test_a_clock_that_falls_back_does_not_shut_the_courier_out_for_years(own):
    page = own.page
    page.evaluate(LOCK, {"fails": 3, "until": FAR})
    page.reload()
    own.pin()
    expect(page.get_by_role("alert")).to_contain_text("Chờ 30 giây")
    assert 0 < page.evaluate(LEFT) <= 30_000
    page.evaluate(LOCK, {"until": 0})
    own.pin()
    page.locator("a.pill").wait_for()


def test_a_lock_closes_the_question_that_stood_open(own):
    page, number = own.page, own.items[0].number
    own.go(f"item/{number}")
    page.get_by_role("button", name="Báo thất lạc", include_hidden=True).wait_for(state="attached")
    page.evaluate("[...document.querySelectorAll('button')].find((one) => one.textContent === 'Báo thất lạc').click()")
    page.locator("dialog[open]").wait_for()
    page.evaluate(f"{STATE}.then(({{ changed }}) => changed('lock here'))")
    page.get_by_role("heading", name="Nhập mã khóa").wait_for()
    assert page.locator("dialog").count() == 0
    own.pin(PIN)
    page.locator("a.pill").wait_for()
    assert Item.get(Item.number == number).state == CustodyStep.OUT_FOR_DELIVERY.value and own.unsent() == 0


def knows(phone, number):
    """Ask the office; whether the phone has a paper to take back for this item."""
    phone.page.get_by_role("button", name="Gửi ngay").click()
    return phone.page.evaluate(f"(a) => {STATE}.then(({{ app }}) => app.items[a]?.take_back.length === 1)", number)
