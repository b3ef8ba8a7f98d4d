"""The delivery office by keys and scans alone: a list, its end, a decision, and pages that stay quick and clean."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from agent.domain.s10 import number_in_range
from agent.store.delivery import DeliveryList, ItemPlan, TakeBack
from agent.store.items import Item
from agent.tracking.back.claims import Complaint, open_claim
from agent.tracking.back.lists import open_list
from agent.tracking.back.proxy import want_back
from agent.tracking.back.routes import RouteInput, save_route
from tests.flow.delivery_desk import CLERK, COURIER, Office, office
from tests.webdesk import PASSWORD, serving


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """One delivery office for all tests here, served."""
    made = office(tmp_path_factory.mktemp("delivery"))
    save_route(made.site, RouteInput("T7", "Ven hồ", COURIER.username, "Tây Hồ\nBa Đình; Hoàng Hoa Thám"), by=CLERK)
    with serving(made.site) as running:
        yield made, running
    made.site.store.close()


@pytest.fixture
def at(desk) -> Office:
    return desk[0].bind()


@pytest.fixture
def signed_in(page, desk):
    page.goto(desk[1].url + "/sign-in")
    page.fill("#f-username", "minh")
    page.fill("#f-password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/counter/**")
    page.goto(desk[1].url + "/delivery/")
    return page


def scan(page, text: str) -> None:
    """A reader types into the box and ends with Enter."""
    page.keyboard.press("F2")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_day_from_proposal_to_its_end_without_the_mouse(signed_in, at):
    page, numbers = signed_in, at.arrived(3, collect=26_000)
    page.goto(page.url)
    expect(page.locator("table.items tbody tr")).to_have_count(3)
    page.keyboard.press("Enter")  # propose lists by route
    expect(page.locator("#said")).to_contain_text("Đã đề nghị 3 bưu gửi vào 1 danh sách")
    page.locator("table.lists tbody a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Danh sách DS")
    expect(page.locator(".foot")).to_contain_text("còn 3 chưa quét")
    for number in numbers:
        scan(page, number)
        expect(page.locator("#said")).to_contain_text(f"đã quét {number}")
    scan(page, numbers[0])
    expect(page.locator("#said")).to_contain_text("đã quét vào danh sách này")
    page.keyboard.press("Enter")  # offer to the courier
    expect(page.locator("#said")).to_contain_text("chờ bưu tá nhận trên máy")
    first, second, third = numbers
    at.out(numbers)
    at.deliver(first)
    at.fail(second)
    scan(page, second)  # laid on the counter, not given back on the phone
    expect(page.locator("#said")).to_contain_text("Bưu tá còn giữ")
    expect(page.locator("tr", has_text="đã thấy ở quầy")).to_have_count(1)
    at.given_back(second)
    scan(page, second)  # accepted, and what must be decided is opened at once
    expect(page.locator("h1")).to_contain_text("RD")
    expect(page.locator("#said")).to_contain_text("Từ giờ bưu cục giữ")
    assert Item.get(Item.number == second).holder == f"office:{CLERK.office_id}"
    page.keyboard.press("Enter")  # agree on a day
    page.locator("#f-on").fill("2026-11-21")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".errors")).to_contain_text("thứ Bảy")
    page.locator("#f-on").fill("2026-11-18")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("Hẹn phát lại ngày 18/11/2026")
    assert ItemPlan.get(ItemPlan.item == Item.get(Item.number == second)).redeliver_on.isoformat() == "2026-11-18"
    page.keyboard.press("Escape")
    expect(page.locator("h1")).to_have_text("Bưu cục phát")
    page.keyboard.press("F4")
    expect(page.locator("h1")).to_have_text("Danh sách phát")
    page.locator("table.lists tbody a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Danh sách DS")
    page.keyboard.press("Control+Enter")  # close: the third has no outcome yet
    expect(page.locator("#said")).to_contain_text("chưa có kết quả và chưa giải thích")
    page.locator("select.slim").select_option("phone_owes")
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1")).to_have_text("Thiếu lượt quét")
    expect(page.locator("table.days tbody")).to_contain_text("chờ điện thoại gửi nốt")
    at.deliver(third)
    page.reload()
    expect(page.locator("table.days tbody")).to_contain_text("cũng có kết quả")
    assert DeliveryList.get(DeliveryList.courier == COURIER.username).state == "closed"


def test_every_page_of_the_office_is_clean_for_axe_and_fits_the_screen(signed_in, at, axe):
    page, (number, other) = signed_in, at.arrived(2)
    base = page.url.partition("/delivery/")[0]
    at.sent_out(number)
    at.fail(number)
    claim = open_claim(at.site, other, Complaint("late", "Kết quả đến chậm hai ngày.", "Đỗ Văn Đặng"), by=CLERK)
    doings = ("redeliver", "give", "no_attempt", "claim")
    pages = ["", "lists/", "missing", "routes/", "matrix", "returns/", "claims/", f"claims/{claim.uid}"]
    pages += [f"items/{number}", *(f"items/{other}?do={do}" for do in doings)]
    for one in pages:
        page.goto(f"{base}/delivery/{one}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{one} is too wide"
        assert axe(page) == [], one
    for language, words in (("en", "Failed attempts"), ("vi", "Các lần phát chưa được")):
        page.goto(f"{base}/delivery/items/{number}?lang={language}")
        expect(page.locator("main")).to_contain_text(words)


def test_paper_of_the_office_leads_where_its_code_says_and_an_unknown_one_says_so(signed_in, at):
    page = signed_in
    scan(page, open_list(at.site, COURIER.username, by=CLERK).number)
    expect(page.locator("h1")).to_contain_text("Danh sách DS")
    scan(page, "RD123456789VN")
    expect(page.locator("#said")).to_contain_text("sai chữ số kiểm tra")
    scan(page, "KN999999-99")
    expect(page.locator("main")).to_contain_text("Không có hồ sơ khiếu nại KN999999-99")
    page.go_back()
    scan(page, number_in_range("RD", 99_999_998).text)
    expect(page.locator("#said")).to_contain_text("trong sổ")


def test_the_home_asks_as_many_queries_for_many_items_as_for_few(signed_in, at, caplog):
    page = signed_in

    def asked() -> int:
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "peewee"):
            page.goto(page.url)
        return sum(record.name == "peewee" and "SELECT" in str(record.msg) for record in caplog.records)

    at.arrived(2)
    page.goto(page.url)
    few = asked()
    at.arrived(12)
    at.later(minutes=timedelta(minutes=1).seconds / 60)
    assert 10 < asked() <= few + 2


def test_the_courier_ticks_the_paper_that_the_authority_wants_back(page, desk, at):
    (number,) = at.arrived()
    paper = want_back(at.site, number, "Giấy chứng nhận cũ", by=CLERK)
    at.sent_out(number)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(desk[1].url + "/sign-in")
    page.fill("#f-username", COURIER.username)
    page.fill("#f-password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/courier/**")
    page.goto(f"{desk[1].url}/courier/items/{number}/deliver")
    name = page.input_value("#f-receiver")
    page.fill("#f-last4", "2345")
    page.check("#f-matched")
    page.locator("#typing summary").click()
    page.fill("#f-typed", name)
    if page.locator("#f-collected").count():
        page.fill("#f-collected", str(at.item(number).collect))
    page.click("button.do.good")
    expect(page.locator(".errors")).to_contain_text("Giấy chứng nhận cũ")
    page.check("#f-paper")
    page.click("button.do.good")
    page.wait_for_url("**/courier/")
    with at.site.store.reading():
        assert TakeBack.get_by_id(paper.id).holder == f"courier:{COURIER.username}"
