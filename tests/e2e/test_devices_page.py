"""The device page in a real browser: what each device says as it happens, what waits, did it come out, who may what."""

from __future__ import annotations

import http.client
import re
import time
from contextlib import ExitStack, contextmanager
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from agent.web.live import STREAMS
from tests.e2e.clerk import Clerk
from tests.e2e.device_station import device_station
from tests.e2e.serving import PASSWORD, until

PROMISED = 2_000  # milliseconds from the plug to the words on the page
SOON = 20_000
ASKS = "chưa rõ đã ra hay chưa. Nhìn máy in rồi trả lời"


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with device_station(tmp_path_factory.mktemp("devices")) as running:
        yield running


@pytest.fixture
def clerk(page, counter):
    """A clerk on the device page, whose printers are ready and have nothing to do."""
    counter.mend()
    made = Clerk(page, counter)
    made.sign_in()
    page.goto(counter.url + "/devices/")
    for name in ("nhan", "cuon", "doc"):
        expect(row(page, name)).to_contain_text("sẵn sàng", timeout=SOON)
    yield made
    counter.mend()


def row(page, name):
    return page.locator(f"[data-device={name}]")


def test_print(page, name):
    """Press the printer's test button, and be back on the page."""
    with page.expect_navigation():
        page.get_by_role("button", name=f"in thử {name}").click()


test_print.__test__ = False


def test_a_printer_that_is_unplugged_is_said_within_two_seconds_and_its_queue_goes_on_when_it_is_back(clerk, counter):
    page, before = clerk.page, len(counter.labels())
    began = time.monotonic()
    counter.printer("vanish")
    expect(row(page, "nhan")).to_contain_text("không kết nối", timeout=PROMISED)
    assert time.monotonic() - began < PROMISED / 1000
    expect(row(page, "nhan")).to_contain_text("Không liên lạc được")
    expect(page.locator("#printer")).to_contain_text("không kết nối")
    expect(page.locator("#printer [data-sign=refused] .red")).to_have_count(1)
    test_print(page, "nhan")
    expect(page.locator("#said")).to_contain_text("Bản in thử đang chờ máy in")
    waiting = page.locator("[data-job]")
    expect(waiting).to_contain_text("bản in thử")
    expect(waiting).to_contain_text("Không liên lạc được", timeout=SOON)
    assert len(counter.labels()) == before
    counter.printer("ok")
    expect(row(page, "nhan")).to_contain_text("sẵn sàng", timeout=SOON)
    expect(waiting).to_have_count(0, timeout=SOON)
    expect(page.locator("#printer [data-sign=complete]")).to_have_count(1, timeout=SOON)
    assert len(counter.labels()) == before + 1


def test_a_reader_that_is_unplugged_is_said_on_every_page(clerk, counter):
    page = clerk.page
    page.goto(counter.url + "/counter/")
    expect(page.locator("#reader")).to_have_text(re.compile("máy đọc mã$"))
    counter.reader("vanish")
    expect(page.locator("#reader")).to_contain_text("không kết nối", timeout=PROMISED)
    counter.reader("ok")
    expect(page.locator("#reader")).not_to_contain_text("không kết nối", timeout=SOON)


@pytest.mark.parametrize(("fault", "words"), [("paper-out", "ết giấy"), ("head-open", "ầu in đang mở")])
def test_a_printer_that_cannot_print_says_why_and_so_does_what_waits_for_it(clerk, counter, fault, words):
    page, before = clerk.page, len(counter.labels())
    counter.printer(fault)
    expect(row(page, "nhan")).to_contain_text(words, timeout=SOON)
    expect(page.locator("#printer")).to_contain_text(words, timeout=SOON)
    test_print(page, "nhan")
    expect(page.locator("[data-job]")).to_contain_text(words, timeout=SOON)
    assert len(counter.labels()) == before
    counter.printer("ok")
    expect(page.locator("[data-job]")).to_have_count(0, timeout=SOON)
    assert len(counter.labels()) == before + 1


def test_a_test_print_that_nobody_saw_is_asked_about_and_made_again_only_when_the_clerk_says_so(clerk, counter, axe):
    page, before = clerk.page, len(counter.labels())
    counter.printer("vanish", after=200)
    test_print(page, "nhan")
    expect(page.locator(".ask")).to_contain_text(f"bản in thử : {ASKS}", timeout=SOON)
    counter.printer("ok")
    expect(row(page, "nhan")).to_contain_text("sẵn sàng", timeout=SOON)
    assert axe(page) == []
    assert len(counter.labels()) == before
    clerk.go("F8")
    clerk.sees("bản in không ra; bản mới đang chờ in")
    until(lambda: len(counter.labels()) == before + 1, "the test came out, once the clerk had said so")
    expect(page.locator("[data-job]")).to_have_count(0, timeout=SOON)


def test_a_dossiers_label_and_slip_are_answered_here_by_keyboard(clerk, counter):
    page = clerk.page
    page.goto(counter.url + "/counter/")
    number = clerk.receive()
    labels = len(counter.labels())
    counter.printer("vanish", after=300)
    clerk.go("Enter")
    clerk.sees("chưa rõ", seconds=40)
    counter.printer("ok")
    page.goto(counter.url + "/devices/")
    expect(page.locator(".ask")).to_contain_text(f"nhãn hồ sơ {number}: {ASKS}")
    clerk.go("F7")
    clerk.sees("Đã ghi: bản in đã ra.")
    expect(page.locator(".ask")).to_have_count(0)
    clerk.scan(number)
    clerk.sees("Nhãn đã dán đúng hồ sơ")
    clerk.go("Control+p")
    rolls = len(counter.rolls())
    counter.roll("vanish", after=2000)
    clerk.go("F9")
    clerk.sees("chưa rõ đã ra hay chưa", seconds=40)
    counter.roll("ok")
    page.goto(counter.url + "/devices/")
    expect(page.locator(".ask")).to_contain_text(f"biên nhận {number}: {ASKS}")
    clerk.go("F8")
    until(lambda: len(counter.rolls()) == rolls + 1, "one slip came out, when the clerk had said so")
    assert len(counter.labels()) == labels


def test_a_question_comes_up_on_the_open_page_with_its_keys(clerk, counter):
    page = clerk.page
    other = page.context.new_page()
    other.goto(counter.url + "/devices/")
    counter.roll("vanish", after=500)
    test_print(other, "cuon")
    expect(page.locator(".ask [data-key=F7]")).to_be_visible(timeout=SOON)
    counter.roll("ok")
    clerk.go("F7")
    clerk.sees("Đã ghi: bản in đã ra.")
    expect(other.locator(".ask")).to_have_count(0, timeout=SOON)


def test_the_administrator_exchanges_what_two_printers_do_and_a_clerk_may_not(clerk, counter):
    page = clerk.page
    expect(page.get_by_role("button", name="chuyển sang in biên nhận")).to_have_count(0)
    token = page.get_attribute("input[name=_csrf]", "value")
    for path, form in [("nhan/role", {"role": "receipt"}), ("nhan/diagnosis", {"minutes": "5"}), ("nhan/give-up", {})]:
        assert page.request.post(f"{counter.url}/devices/{path}", form=form | {"_csrf": token}).status == 403, path
    assert page.request.post(f"{counter.url}/devices/found", form={"_csrf": token}).status == 403
    page.context.clear_cookies()
    boss = Clerk(page, counter)
    boss.sign_in("quantri")
    page.goto(counter.url + "/devices/")
    page.get_by_role("button", name="chuyển sang in biên nhận nhan").click()
    expect(page.locator("#said")).to_contain_text("Đã đổi việc của thiết bị “nhan”")
    expect(row(page, "cuon")).to_contain_text("dự phòng, đang dùng nhan")
    page.get_by_role("button", name="chuyển sang in nhãn cuon").click()
    expect(row(page, "nhan")).to_contain_text("in biên nhận")
    expect(row(page, "cuon")).to_contain_text("in nhãn")
    before = len(counter.rolls()), len(counter.labels())
    test_print(page, "cuon")
    until(lambda: (len(counter.rolls()), len(counter.labels())) == (before[0] + 1, before[1]), "the roll prints labels")
    for name, words in (("nhan", "chuyển sang in nhãn"), ("cuon", "chuyển sang in biên nhận")):
        page.get_by_role("button", name=f"{words} {name}").click()
        expect(page.locator("#said")).to_contain_text(f"Đã đổi việc của thiết bị “{name}”")
    page.get_by_role("button", name="chẩn đoán 15 phút nhan").click()
    expect(row(page, "nhan")).to_contain_text("Đang ghi chẩn đoán đến")
    page.get_by_role("button", name="dừng chẩn đoán nhan").click()
    expect(row(page, "nhan")).not_to_contain_text("Đang ghi chẩn đoán")


@contextmanager
def all_streams_taken(page, counter):
    """Other screens hold every place that a stream could have."""
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    with ExitStack() as held:
        page.goto("about:blank")
        taken = 0
        while taken < STREAMS:  # the page's own is given back within a heartbeat
            link = http.client.HTTPConnection("127.0.0.1", counter.port, timeout=30)
            link.request("GET", "/live/events", headers={"Cookie": cookie})
            answer = link.getresponse()
            if answer.status == 200:
                taken += 1
                held.callback(link.close)
                held.callback(answer.close)
            else:
                link.close()
        yield


def test_where_all_streams_are_taken_the_page_asks_again_and_again(clerk, counter):
    page = clerk.page
    refused, asked = [], []
    page.on("response", lambda answer: refused.append(answer.status) if answer.url.endswith("/events") else None)
    page.on("request", lambda one: asked.append(time.monotonic()) if "/live?" in one.url else None)
    with all_streams_taken(page, counter):
        page.goto(counter.url + "/devices/")
        until(lambda: page.wait_for_timeout(50) or len(asked) > 2, "the page asks")
        assert refused == [503]
        assert max(late - early for early, late in pairwise(asked)) <= 2
        counter.printer("vanish")
        expect(row(page, "nhan")).to_contain_text("không kết nối", timeout=5_000)
        counter.printer("ok")
        expect(row(page, "nhan")).to_contain_text("sẵn sàng", timeout=SOON)
        counter.reader("scan", text="PA1R|1|ASDFGHJKL-0123456789")
        expect(page.locator("#said")).to_contain_text("Máy đọc gửi đúng từng chữ", timeout=SOON)


def test_without_javascript_the_page_shows_tests_and_asks(chromium, counter, clerk):
    context = chromium.new_context(java_script_enabled=False, locale="vi-VN", viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.goto(counter.url + "/sign-in")
    page.fill("#f-username", "minh")
    page.fill("#f-password", PASSWORD)
    page.press("#f-password", "Enter")
    page.goto(counter.url + "/devices/")
    expect(row(page, "nhan")).to_contain_text("sẵn sàng")
    before = len(counter.labels())
    counter.printer("vanish", after=200)
    page.get_by_role("button", name="in thử nhan").press("Enter")
    expect(page.locator("[data-job]")).to_contain_text("bản in thử")
    expect(clerk.page.locator(".ask")).to_be_visible(timeout=SOON)
    counter.printer("ok")
    page.reload()
    expect(page.locator(".ask")).to_contain_text(ASKS)
    page.get_by_role("button", name="Không ra, in lại").press("Enter")
    expect(page.locator("#said")).to_contain_text("bản mới đang chờ in")
    until(lambda: len(counter.labels()) == before + 1, "the test came out")
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1366), ("dark", 1366), ("light", 390)])
@pytest.mark.parametrize("name", ["lananh", "quantri"])
def test_the_page_is_accessible_and_fits(page, counter, axe, scheme, width, name):
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme=scheme)
    Clerk(page, counter).sign_in(name)
    page.goto(counter.url + "/devices/")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_speaks_english(clerk, counter):
    page = clerk.page
    page.goto(counter.url + "/devices/?lang=en")
    expect(page.locator("main")).to_contain_text("Nothing waits to be printed.")
    expect(row(page, "nhan")).to_contain_text("ready")
    expect(page.locator("#printer")).to_contain_text("label printer")
    words = re.findall(r"\S*[ạảãâấầẩẫậăắằẳẵặđẹẻẽêếềểễệịỉĩọỏõôốồổỗộơớờởỡợụủũưứừửữự]\S*", page.inner_text("#devices"))
    assert words == []
    page.goto(counter.url + "/devices/?lang=vi")
