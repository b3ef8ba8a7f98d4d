"""What goes wrong around a phone: a form left half-filled, a lock while a question stands, a sync amid reading."""

from __future__ import annotations

from datetime import date

from playwright.sync_api import expect

from agent.domain.custody_steps import CustodyStep
from agent.store import rows
from agent.store.delivery import Invitation, ItemPlan, TakeBack
from agent.store.items import Item
from agent.store.phones import Phone as PhoneRow
from agent.tracking.back.proxy import want_back
from tests import builders
from tests.e2e.courier_phone import ABSENT, PIN
from tests.e2e.serving import until
from tests.e2e.test_courier_offline import STATE, at, office, own, phone
from tests.webdesk import PASSWORD

__all__ = ["at", "office", "own", "phone"]  # fixtures

CORE = "document.querySelector('script[type=module]').src.replace('main.js', 'core/')"
STORE = f"import({CORE} + 'db.js')"
DRAFTS = f"{STORE}.then((db) => db.transaction(['drafts'], 'readonly', (at) => db.asked(at.drafts.getAllKeys())))"


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


def knows(phone, number, what="take_back"):
    """Ask the office; whether the phone has a paper to take back, or an invitation, for this item."""
    phone.page.get_by_role("button", name="Gửi ngay").click()
    script = f"([item, what]) => {STATE}.then(({{ app }}) => app.items[item]?.[what].length > 0)"
    return phone.page.evaluate(script, [number, what])


HALF = """() => import(document.querySelector('script[type=module]').src.replace('main.js', 'ui/keep.js')).then(({ held }) => {
  const main = document.getElementById('main');
  const draw = () => main.replaceChildren(Object.assign(document.createElement('input'), { id: 'half', value: 'drawn' }));
  draw();
  const plain = held();
  draw();
  plain();
  const before = main.firstChild.value;
  main.firstChild.focus();
  main.firstChild.value = 'half';
  main.firstChild.dispatchEvent(new Event('input', { bubbles: true }));
  const again = held();
  draw();
  again();
  return [before, main.firstChild.value, document.activeElement.id];
})"""  # fmt: skip # noqa: E501


def test_a_sync_that_ends_shuts_no_fold_that_was_opened_and_loses_neither_place_nor_text(own):
    page = own.page
    own.go(f"item/{own.items[0].number}")
    fold = page.get_by_text("Hư hỏng, bị mở, thất lạc")
    fold.click()
    fold.focus()
    page.evaluate("document.querySelector('.card').dataset.before = 'yes'")
    assert page.evaluate(f"{STATE}.then(({{ syncNow }}) => syncNow())")
    until(lambda: page.locator("[data-before]").count() == 0, "the screen was drawn anew")
    expect(page.get_by_role("button", name="Báo thất lạc")).to_be_visible()
    assert page.evaluate("document.activeElement.textContent") == "Hư hỏng, bị mở, thất lạc"
    assert page.evaluate(HALF) == ["drawn", "half", "half"]


def test_the_day_the_invitation_and_the_papers_reach_the_offices_rows_and_screens(own, at, office):
    page, (given, missed) = own.page, own.items
    paper = want_back(at.site, given.number, "Giấy phép lái xe cũ", by=builders.CLERK)
    spare = want_back(at.site, given.number, "Bản sao cũ", by=builders.CLERK, required=False)
    with at.site.store.writing():
        rows.create(
            Invitation, uid=at.site.ids.uid(), item=missed, number=3, attempt=1, collect_from=date(2030, 1, 2),
            collect_until=date(2030, 1, 9), made_by="lananh", made_at=at.site.clock.now(),
        )  # fmt: skip
    own.go("outbox")
    until(lambda: knows(own, given.number), "the phone knows of the papers")
    until(lambda: knows(own, missed.number, "invitations"), "the phone knows of the invitation")
    own.context.set_offline(True)
    own.fill_delivery(given.number)
    page.get_by_label("Giấy phép lái xe cũ").check()
    page.get_by_role("button", name="Ghi đã giao").click()
    page.get_by_text("Đã ghi giao").wait_for()
    own.go(f"failed/{missed.number}")
    page.get_by_text(ABSENT).click()
    page.get_by_text("phát lại", exact=True).click()
    day = page.get_by_label("Hẹn phát lại ngày").locator("option").nth(2).get_attribute("value")
    page.get_by_label("Hẹn phát lại ngày").select_option(day)
    page.get_by_label("Giờ hẹn").fill("14–16h")
    page.get_by_label("Đã để lại giấy mời").check()
    page.get_by_text("Giấy số 3").click()
    assert own.accessible() == []
    page.get_by_role("button", name="Ghi không giao").click()
    page.get_by_text("Đã ghi không giao").wait_for()
    own.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    own.wait_synced()
    with at.site.store.reading():
        state = {row.uid: (row.state, row.holder) for row in TakeBack.select().where(TakeBack.item == given)}
        plan, left = ItemPlan.get(ItemPlan.item == missed), Invitation.get(Invitation.item == missed)
    assert state == {paper.uid: ("taken", "courier:tuyen7"), spare.uid: ("wanted", "")}
    assert (str(plan.redeliver_on), plan.agreed, plan.decided) == (day, "14–16h", 0)
    assert left.left_in == plan.promised_in and left.left_at is not None
    desk = own.context.browser.new_page()
    try:
        shown_at_the_desk(desk, office[1].url, missed.number, given.number, day)
    finally:
        desk.context.close()


def shown_at_the_desk(desk, url, missed, given, day):
    """The office sees what was agreed and left, decides with what stands in the form, and sees who has papers."""
    desk.goto(url + "/sign-in")
    desk.fill("#f-username", "minh")
    desk.fill("#f-password", PASSWORD)
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/counter/**")
    desk.goto(f"{url}/delivery/items/{missed}")
    expect(desk.get_by_text("Bưu tá đã hẹn với người nhận")).to_be_visible()
    expect(desk.get_by_text("bưu tá để lại")).to_be_visible()
    desk.get_by_role("link", name="Hẹn phát lại").click()
    expect(desk.locator("#f-on")).to_have_value(day)
    expect(desk.locator("#f-agreed")).to_have_value("bưu tá hẹn tại nơi phát, 14–16h")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", name="Đã quyết định")).to_be_visible()
    desk.goto(f"{url}/delivery/items/{given}")
    expect(desk.get_by_text("bưu tá đang giữ")).to_have_count(1)
