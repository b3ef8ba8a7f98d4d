"""The counter in a real browser, over real processes: by keyboard, without JavaScript, after a power cut."""

from __future__ import annotations

from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import expect

from agent.cli.sample_pages import make_pages
from tests.e2e.clerk import CARD, Clerk
from tests.e2e.serving import PASSWORD, station, until


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with station(tmp_path_factory.mktemp("counter")) as running:
        running.allot_items()
        yield running


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = make_pages(tmp_path_factory.mktemp("papers"))
    return folder / "1-to-khai.jpg", folder / "2-giay-chung-sinh.jpg"


@pytest.fixture
def clerk(page, counter):
    return Clerk(page, counter)


def hand_off(clerk, papers):
    """From the received page to the province's receipt."""
    clerk.label()
    for paper in papers:
        clerk.choose_file("Enter", paper)
        clerk.sees("Đã nộp 1 trang")
    clerk.go("F10")
    clerk.sees("Sẽ ký")
    clerk.go("Enter")
    clerk.sees("Đã ký 2 bản")
    clerk.sees("tỉnh tiếp nhận, có biên nhận")


def result_ready(clerk, number):
    for action in ("take-up", "finish", "result-ready"):
        clerk.station.act(number, action)
    clerk.sees("tỉnh báo có kết quả")


def test_one_dossier_from_sign_in_to_the_courier_with_the_keyboard_alone(clerk, papers):
    clerk.sign_in()
    clerk.keys = 0
    number = clerk.receive()
    assert clerk.keys <= 23
    assert clerk.scans == 2
    hand_off(clerk, papers)
    result_ready(clerk, number)
    assert "Cấp số bưu gửi" in clerk.next_step
    clerk.go("Enter")
    clerk.sees("Đã cấp số bưu gửi RD")
    clerk.go("Enter")
    clerk.sees("Đã nhận kết quả từ cơ quan")
    clerk.go("Enter")
    clerk.sees("Đã giao cho Trần Đức Ân")
    assert clerk.no_mouse()


def test_a_result_is_picked_up_at_the_counter_with_the_keyboard_alone(clerk, papers):
    clerk.sign_in()
    number = clerk.receive(way="t")
    hand_off(clerk, papers)
    result_ready(clerk, number)
    clerk.page.reload()
    clerk.page.locator("input[name=last4]:focus").wait_for(state="attached")
    clerk.go("Enter")
    clerk.sees("Nhập đúng 4 số cuối")
    clerk.page.locator("input[name=last4]").focus()
    clerk.type("2345")
    clerk.press("Tab", "Space")
    clerk.go("Enter")
    clerk.sees("Đã trả kết quả tại quầy")
    clerk.sees("đóng hồ sơ: mọi kết quả đã trả")
    clerk.press("Alt+K")
    clerk.page.locator("select[name=score]:focus").wait_for(state="attached")
    clerk.type("4")
    clerk.press("Tab")
    clerk.go("Enter")
    clerk.sees("Đã ghi mức độ hài lòng")
    assert clerk.page.locator("select[name=score]").count() == 0
    assert clerk.no_mouse()


def test_the_plug_pulled_while_typing_an_intake_costs_nothing(clerk):
    clerk.sign_in()
    clerk.scan("1.001193")
    clerk.scan(CARD)
    clerk.page.locator("#f-owner_phone:focus").wait_for(state="attached")
    with clerk.page.expect_response(lambda answer: "Diệu" in unquote_plus(answer.request.post_data or "")):
        clerk.type("0987 654 32")
        clerk.press("Tab")
        clerk.type("Số 5 ngõ 7 Xuân Diệu")
    address = clerk.page.url
    clerk.station.kill_serve()
    clerk.station.start_serve()
    clerk.page.goto(address)
    assert clerk.page.input_value("#f-owner_phone") == "0987 654 32"
    assert clerk.page.input_value("#f-owner_address") == "Số 5 ngõ 7 Xuân Diệu"
    assert clerk.page.input_value("#f-owner") == CARD
    clerk.page.keyboard.press("F9")
    clerk.sees("Đã bỏ bản nháp")


def test_faults_are_told_all_at_once_with_what_was_typed_still_there(clerk, axe):
    clerk.sign_in()
    clerk.scan("1.001193")
    clerk.page.locator("#f-owner_phone").focus()
    clerk.type("12")
    clerk.page.locator("input[name^=have]").first.focus()
    clerk.press("Space")
    clerk.go("Enter")
    expect(clerk.page.locator(".errors:focus")).to_be_visible()
    faults = clerk.page.locator(".errors li")
    assert faults.count() >= 2
    assert clerk.page.input_value("#f-owner_phone") == "12"
    assert not clerk.page.locator("input[name^=have]").first.is_checked()
    assert axe(clerk.page) == []
    clerk.page.keyboard.press("F9")
    clerk.sees("Đã bỏ bản nháp")


def test_without_javascript_a_dossier_is_received_and_opened(chromium, counter):
    context = chromium.new_context(java_script_enabled=False, locale="vi-VN", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(counter.url + "/sign-in")
    page.fill("#f-username", "minh")
    page.fill("#f-password", PASSWORD)
    page.press("#f-password", "Enter")
    page.goto(counter.url + "/counter/new")
    page.fill("#f-q", "khai sinh")
    page.press("#f-q", "Enter")
    page.get_by_role("button", name="Đăng ký khai sinh").press("Enter")
    page.fill("#f-owner", CARD)
    page.press("#f-owner", "Enter")  # the reader's Enter: the card is read, nothing is received yet
    expect(page.locator("#read-owner")).to_contain_text("Nguyễn Thị Hường")
    page.fill("#f-owner_phone", "0912345678")
    page.press("#f-owner_phone", "Enter")
    expect(page.locator("#said")).to_contain_text("Đã nhận hồ sơ")
    number = page.locator(".head .soft b").first.inner_text()
    page.fill("#scan", number.lower().replace("-", " "))
    page.press("#scan", "Enter")
    expect(page.locator(".head")).to_contain_text(number)
    expect(page.locator("#papers")).to_contain_text("Giấy chứng sinh")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_core_pages_have_no_accessibility_violation_and_fit_the_screen(clerk, axe, scheme):
    page = clerk.page
    page.emulate_media(color_scheme=scheme)
    page.goto(clerk.station.url + "/sign-in")
    assert axe(page) == []
    clerk.sign_in()
    number = clerk.receive()
    received = page.url
    for address in ("/counter/", "/counter/new", "/counter/keys", "/counter/queue/due"):
        page.goto(clerk.station.url + address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, address
    page.goto(clerk.station.url + "/counter/")
    clerk.scan("1.001193")
    clerk.scan(CARD)  # of whom the province has papers to offer, which takes room
    expect(page.locator(".offer").first).to_be_visible()
    assert axe(page) == []
    hidden = page.evaluate(
        "(() => { const w = document.querySelector('.work'); return w.scrollHeight - w.clientHeight; })()"
    )
    assert hidden <= 0, "the intake of a three-paper dossier needs scrolling"
    page.keyboard.press("F9")
    clerk.sees("Đã bỏ bản nháp")
    clerk.scan(number)
    assert page.url.partition("#")[0] == received
    for address in ("", "/why", "/void", "/sign"):
        page.goto(received + address)
        assert axe(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, address


def test_figures_and_dossier_follow_what_happens_elsewhere(clerk, counter):
    clerk.sign_in()
    clerk.receive()
    shown = clerk.page.locator("[data-live='counter.received']")
    before = int(shown.inner_text())
    other = clerk.page.context.new_page()
    second = Clerk(other, counter)
    other.goto(counter.url + "/counter/")
    second.receive()
    expect(shown).to_have_text(str(before + 1))
    until(lambda: "H26.019.02" in clerk.page.inner_text(".head"), "the official number shows by itself")


def test_what_the_province_wants_the_citizen_to_know_is_told_with_one_key(clerk, papers):
    clerk.sign_in()
    number = clerk.receive()
    hand_off(clerk, papers)
    for action in ("take-up", "pay"):
        clerk.station.act(number, action)
    clerk.sees("Công dân phải thực hiện nghĩa vụ tài chính")
    clerk.go("Alt+b")
    clerk.sees("Đã ghi: đã báo công dân.")
    expect(clerk.page.locator("form.news")).to_have_count(0)
    assert clerk.no_mouse()
