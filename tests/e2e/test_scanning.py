"""The counter driven by a simulated serial reader: each scan counts, once, on the screen of its terminal."""

from __future__ import annotations

import http.client
import json
import re
import shutil
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import expect

from agent.cli.demo_steps import read_back
from agent.cli.sample_pages import make_pages
from agent.domain.telex import from_telex, from_vni
from labels.sheets.reader_setup import LINEAR_TEST, MATRIX_TEST
from tests.e2e.clerk import BIRTH, CARD, Clerk
from tests.e2e.device_station import device_station
from tests.e2e.serving import PASSWORD, until

CHILD = "001312000013||Lê Minh Đặng Ẳng|02112012|Nam|Số 7, ngõ 12, đường Thụy Khuê, Tây Hồ, Hà Nội|05062021"
OTHER = "001090012346||Trần Văn Bình|01021990|Nam|3 Trích Sài, Tây Hồ, Hà Nội|05062021"
PROCEDURE = f"PA1P|{BIRTH}"
ONCE = "Mã vừa quét lặp lại, chỉ tính một lần."
TORN = "Mã quét không trọn vẹn"
SOON = 15_000


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with device_station(tmp_path_factory.mktemp("scanning")) as running:
        running.allot_items()
        yield running


@pytest.fixture(scope="module")
def papers(tmp_path_factory):
    folder = make_pages(tmp_path_factory.mktemp("papers"))
    return folder / "1-to-khai.jpg", folder / "2-giay-chung-sinh.jpg"


class ScanningClerk(Clerk):
    """Scans come from the reader on the serial line; the cursor is wherever it is."""

    def scan(self, text, **more):
        """Scan, and see the page that follows."""
        self.scans += 1
        with self.page.expect_navigation():
            self.scan_only(text, **more)

    def scan_only(self, text, **more):
        """Scan, and see nothing yet."""
        expect(self.page.locator("body")).not_to_have_attribute("data-offline", "1")
        self.station.reader("scan", text=text, **more)

    def card(self, command):
        self.scan(f"PA1K|{command}")

    def said(self, words):
        expect(self.page.locator("#said")).to_contain_text(words, timeout=SOON)


@pytest.fixture
def clerk(page, counter):
    counter.mend()
    made = ScanningClerk(page, counter)
    made.sign_in()
    expect(page.locator("#reader")).to_contain_text("máy đọc mã", timeout=SOON)
    yield made
    page.wait_for_load_state()
    drafts_thrown_away(page, counter)


def drafts_thrown_away(page, counter):
    """Nothing is left half typed for the next test."""
    home = page.request.get(counter.url + "/counter/").text()
    token = re.search(r'name="_csrf" value="([^"]+)"', home)[1]
    for uid in set(re.findall(r"/counter/drafts/([0-9a-f-]{36})", home)):
        assert page.request.post(f"{counter.url}/counter/drafts/{uid}/discard", form={"_csrf": token}).ok


def begun(clerk):
    """An intake of one procedure with its owner's card."""
    clerk.scan(PROCEDURE)
    clerk.scan(CARD)
    expect(clerk.page.locator("#read-owner")).to_contain_text("Nguyễn Thị Hường")
    clerk.page.locator("#f-owner_phone:focus").wait_for(state="attached")


def received(clerk):
    """A dossier received with cards alone but for the telephone; its number."""
    begun(clerk)
    clerk.type("0912345678")
    clerk.card("next")
    clerk.sees("Đã nhận hồ sơ")
    return clerk.provisional


# --- cards that begin and continue an intake ---------------------------------------------------------
def test_a_chip_card_opens_an_intake_and_a_procedure_card_continues_it(clerk):
    clerk.scan(CARD)
    clerk.sees("Nguyễn Thị Hường")
    clerk.sees("đang chờ: thủ tục")
    clerk.scan(PROCEDURE)
    assert clerk.page.input_value("#f-owner") == CARD
    expect(clerk.page.locator("#read-owner")).to_contain_text("Nguyễn Thị Hường")


def test_a_dossier_is_received_labelled_and_confirmed_with_the_reader_within_the_budget_of_keys(clerk, counter):
    clerk.keys = 0
    received(clerk)
    assert clerk.keys <= 11
    before = len(counter.labels())
    clerk.card("print")
    until(lambda: len(counter.labels()) > before, "a label came out")
    clerk.sees("Nhãn đã in")
    clerk.scan(read_back(counter.printed()))
    clerk.sees("Nhãn đã dán đúng hồ sơ")
    assert clerk.no_mouse()


def test_a_chip_card_goes_to_the_card_field_with_the_cursor(clerk):
    begun(clerk)
    clerk.page.locator("summary", has_text="Người nộp, nếu khác chủ hồ sơ").click()
    clerk.page.locator("#f-submitter").focus()
    clerk.scan(CHILD)
    assert clerk.page.input_value("#f-submitter") == CHILD
    assert clerk.page.input_value("#f-owner") == CARD
    expect(clerk.page.locator("#read-submitter")).to_contain_text("Lê Minh Đặng Ẳng")
    clerk.page.locator("#f-owner").focus()
    clerk.scan(OTHER)
    assert clerk.page.input_value("#f-owner") == OTHER


def test_a_second_card_is_the_submitters_where_the_cursor_is_in_no_card_field(clerk):
    begun(clerk)
    clerk.scan(CHILD)
    assert clerk.page.input_value("#f-submitter") == CHILD


def test_what_is_half_typed_is_kept_and_the_cursor_comes_back_to_it(clerk):
    begun(clerk)
    clerk.type("0912")
    clerk.scan(CHILD)
    expect(clerk.page.locator("#f-owner_phone")).to_be_focused()
    clerk.type("345678")
    assert clerk.page.input_value("#f-owner_phone") == "0912345678"
    assert clerk.page.input_value("#f-submitter") == CHILD
    assert clerk.page.input_value("#f-owner") == CARD


def test_an_older_form_never_overwrites_what_a_scan_brought(clerk):
    begun(clerk)
    late = []

    def slowly(route):  # the scan is taken, its answer is slow: the form would be sent once more meanwhile, without it
        answer = route.fetch(max_redirects=0)
        clerk.page.wait_for_timeout(700)
        route.fulfill(response=answer)

    clerk.page.on("request", lambda one: late.append(one) if one.url.endswith("/keep") else None)
    clerk.page.route("**/counter/?draft=*", slowly)
    clerk.type("0912")
    clerk.scan(CHILD)
    clerk.page.unroute("**/counter/?draft=*")
    assert "0912" in unquote_plus(late[-1].post_data or "")
    clerk.page.reload()
    assert clerk.page.input_value("#f-submitter") == CHILD
    assert clerk.page.input_value("#f-owner_phone") == "0912"


def test_what_was_typed_a_moment_before_the_page_is_left_by_a_key_is_kept(clerk, counter):
    begun(clerk)
    clerk.type("0987")
    clerk.go("Escape")
    clerk.page.locator(".rows a", has_text="bản nháp").first.click()
    assert clerk.page.input_value("#f-owner_phone") == "0987"


# --- labels, items, components -----------------------------------------------------------------------
def test_labels_sheets_and_items_lead_to_their_dossier(clerk, counter):
    number = received(clerk)
    here = clerk.page.url.partition("?")[0]
    component = clerk.page.locator("#papers a", has_text="Giấy chứng sinh").get_attribute("href")
    uid = component.partition("component=")[2].partition("#")[0]
    clerk.page.goto(counter.url + "/counter/")
    clerk.scan(f"PA1C|{number}|{uid}")
    assert clerk.page.url == f"{here}?component={uid}"
    expect(clerk.page.locator("#papers tr.here, #papers tr.now")).to_contain_text("Giấy chứng sinh")
    clerk.page.goto(counter.url + "/counter/")
    clerk.scan(number)
    assert clerk.page.url == here


def test_an_items_label_opens_its_dossier(clerk, counter, papers):
    number = received(clerk)
    here = clerk.page.url.partition("?")[0]
    clerk.label()
    for paper in papers:
        clerk.choose_file("Enter", paper)
        clerk.sees("Đã nộp 1 trang")
    clerk.card("sign")
    clerk.sees("Sẽ ký")
    clerk.go("Enter")  # the same card so soon is one scan
    clerk.sees("Đã ký 2 bản")
    clerk.sees("tỉnh tiếp nhận, có biên nhận", seconds=40)
    for action in ("take-up", "finish", "result-ready"):
        counter.run("sandbox", "act", number, action)
    clerk.sees("tỉnh báo có kết quả", seconds=40)
    clerk.card("next")
    clerk.said("Đã cấp số bưu gửi RD")
    item = re.search(r"RD[\d ]+VN", clerk.page.inner_text("#said"))[0].replace(" ", "")
    clerk.page.goto(counter.url + "/counter/")
    clerk.scan(item)
    assert clerk.page.url == here + "#results"


# --- command cards -----------------------------------------------------------------------------------
def test_command_cards_press_keys_and_say_where_they_are_of_no_use(clerk):
    begun(clerk)
    clerk.scan_only("PA1K|vietqr")
    expect(clerk.page.locator("select[name=method]")).to_have_value("vietqr")
    clerk.scan_only("PA1K|cash")
    expect(clerk.page.locator("select[name=method]")).to_have_value("cash")
    address = clerk.page.url
    clerk.scan_only("PA1K|sign")
    clerk.said("Thẻ lệnh này không dùng ở trang này.")
    assert clerk.page.url == address
    clerk.page.locator("#f-owner_phone").focus()
    clerk.type("0987")
    clerk.card("cancel")
    assert clerk.page.url.endswith("/counter/")
    clerk.page.locator(".rows a", has_text="bản nháp").first.click()
    assert clerk.page.input_value("#f-owner_phone") == "0987"


def test_the_undo_card_takes_back_what_was_just_done(clerk, counter, papers):
    received(clerk)
    clerk.label()
    shutil.copy(papers[0], counter.pages / "trang.jpg")
    clerk.sees("Xếp 1 trang", seconds=30)
    clerk.go("Alt+x")
    undo = clerk.page.locator("#said [data-key='Ctrl+Z']")
    expect(undo).to_have_count(1)
    clerk.scan_only("PA1K|cash")
    clerk.said("Thẻ lệnh này không dùng ở trang này.")
    expect(undo).to_have_count(1)  # what the scan said stands beside it
    clerk.card("undo")
    clerk.sees("Xếp 1 trang")


# --- badges, bags, the reader's own tests ------------------------------------------------------------
def test_a_badge_changes_hands_and_what_was_typed_stays_its_typists(clerk):
    begun(clerk)
    clerk.type("0912")
    clerk.scan("PA1B|minh")
    assert clerk.page.input_value("#f-username") == "minh"
    expect(clerk.page.locator("#f-password")).to_be_focused()
    clerk.page.keyboard.type(PASSWORD)
    clerk.go("Enter")
    clerk.sees("Đỗ Quang Minh")
    expect(clerk.page.locator(".rows a", has_text="bản nháp")).to_have_count(0)
    clerk.scan("PA1B|lananh")
    clerk.page.keyboard.type(PASSWORD)
    clerk.go("Enter")
    clerk.page.locator(".rows a", has_text="bản nháp").first.click()
    assert clerk.page.input_value("#f-owner_phone") == "0912"


def test_ones_own_badge_locks_the_counter_and_leads_back_to_the_work(clerk):
    begun(clerk)
    address = clerk.page.url
    clerk.type("0912")
    clerk.scan("PA1B|lananh")
    assert clerk.page.input_value("#f-username") == "lananh"
    expect(clerk.page.locator("#f-password")).to_be_focused()
    clerk.page.keyboard.type(PASSWORD)
    clerk.go("Enter")
    assert clerk.page.url == address
    assert clerk.page.input_value("#f-owner_phone") == "0912"


def test_bags_manifests_and_the_readers_tests_say_what_they_are_and_leave_the_page(clerk, counter):
    begun(clerk)
    address = clerk.page.url
    for text, words in [
        ("PA1T|T-0421", "Đây là túi thư T-0421"),
        ("PA1M|T1-K7", "Đây là bản kê T1-K7"),
        (LINEAR_TEST, "Máy đọc gửi đúng từng chữ: ASDFGHJKL-0123456789"),
        (MATRIX_TEST, "Máy đọc gửi đúng từng chữ: Đặng Thị Ngưỡng Ẳng Ậm ưu ơi"),
        ("PA1R|2|Dang Thi Nguong", "Máy đọc gửi sai: nhận được “Dang Thi Nguong”"),
        ("RR473124829VN", "Không có bưu gửi RR473124829VN"),
        ("RR473124820VN", "sai chữ số kiểm tra"),
        ("001188012345|x|y|z", "chỉ đọc được 4 trong 7 mục"),
    ]:
        clerk.scan(text)
        clerk.said(words)
        assert clerk.page.url == address, text
    for path, text in (("/counter/keys", "PA1T|T-1"), ("/devices/", "PA1T|T-2")):
        clerk.page.goto(counter.url + path)
        clerk.scan(text)
        clerk.said(f"Đây là túi thư {text[-3:]}")
        assert clerk.page.url == counter.url + path


# --- what is not acted upon --------------------------------------------------------------------------
def test_damaged_torn_and_repeated_scans_are_said_and_nothing_follows(clerk, counter):
    begun(clerk)
    address = clerk.page.url
    clerk.scan_only("PA1K|fly")
    clerk.said(TORN)
    counter.reader("scan", text=CHILD, tear=30)
    counter.reader("vanish")
    expect(clerk.page.locator("#reader")).to_contain_text("không kết nối", timeout=SOON)
    clerk.said(TORN)
    counter.reader("ok")
    expect(clerk.page.locator("#reader")).not_to_contain_text("không kết nối", timeout=SOON)
    assert clerk.page.url == address
    assert clerk.page.input_value("#f-submitter") == ""
    clerk.page.reload()
    counter.reader("scan", text="PA1K|vietqr")
    counter.reader("scan", text="PA1K|vietqr")
    clerk.said(ONCE)
    expect(clerk.page.locator("select[name=method]")).to_have_value("vietqr")


def test_a_scan_while_a_page_is_on_its_way_is_acted_upon_by_the_next(clerk, counter):
    counter.reader("scan", text=PROCEDURE)
    counter.reader("scan", text=CARD)
    counter.reader("scan", text=CHILD)
    expect(clerk.page.locator("#read-submitter")).to_contain_text("Lê Minh Đặng Ẳng", timeout=SOON)
    assert clerk.page.input_value("#f-owner") == CARD
    clerk.page.goto("about:blank")
    clerk.station.reader("scan", text="PA1K|vietqr")
    clerk.page.go_back()
    expect(clerk.page.locator("select[name=method]")).to_have_value("vietqr", timeout=SOON)


def test_a_command_that_leaves_the_page_is_finished_before_the_next_scan_acts(clerk, counter):
    begun(clerk)
    clerk.type("0912345678")
    counter.reader("scan", text="PA1K|next")
    counter.reader("scan", text=OTHER)
    expect(clerk.page.locator("h1")).to_contain_text("Hồ sơ mới", timeout=SOON)
    clerk.sees("Trần Văn Bình")
    clerk.page.goto(counter.url + "/counter/")
    clerk.sees("Nguyễn Thị Hường")  # received, not lost


def test_nothing_that_was_scanned_before_somebody_signed_in_is_acted_upon(clerk, counter):
    clerk.scan("PA1B|minh")
    counter.reader("scan", text=CARD)
    counter.reader("scan", text="PA1B|lananh")
    clerk.page.keyboard.type(PASSWORD)
    clerk.go("Enter")
    clerk.sees("Đỗ Quang Minh")
    clerk.scan("PA1T|T-1")  # the next scan is the first that counts
    clerk.said("Đây là túi thư T-1")
    expect(clerk.page.locator(".rows a", has_text="bản nháp")).to_have_count(0)


def test_of_two_windows_in_view_the_one_in_front_acts_once_and_the_other_stays(clerk, counter):
    other = clerk.page.context.new_page()
    other.goto(counter.url + "/counter/keys")
    for one in (clerk.page, other):  # a driver makes every page believe that it is in front
        clerk.page.context.new_cdp_session(one).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    other.bring_to_front()
    expect(other.locator("#reader")).to_contain_text("máy đọc mã")
    assert [one.evaluate("document.hasFocus()") for one in (clerk.page, other)] == [False, True]
    asked = []
    clerk.page.on("response", lambda answer: asked.append(answer.status) if "/scans/" in answer.url else None)
    counter.reader("scan", text=CARD)
    other.wait_for_url("**/counter/new*")
    until(lambda: clerk.page.wait_for_timeout(50) or asked, "the other window asks whether the scan still waits")
    assert asked == [404]
    assert clerk.page.url == counter.url + "/counter/"
    clerk.page.reload()
    expect(clerk.page.locator(".rows a", has_text="bản nháp")).to_have_count(1)


def test_where_no_window_is_in_front_one_acts_all_the_same(clerk, counter):
    page = clerk.page
    page.context.new_cdp_session(page).send("Emulation.setFocusEmulationEnabled", {"enabled": False})
    page.context.new_page().bring_to_front()  # of something else
    assert page.evaluate("document.hasFocus()") is False
    counter.reader("scan", text=CARD)
    page.wait_for_url("**/counter/new*", timeout=SOON)


def test_a_window_out_of_sight_acts_on_nothing_and_holds_no_stream(clerk, counter):
    page = clerk.page
    hide = "Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => '%s'});"
    changed = "document.dispatchEvent(new Event('visibilitychange'))"
    page.evaluate(hide % "hidden" + changed)
    other = page.context.new_page()
    other.goto(counter.url + "/counter/keys")
    expect(other.locator("#reader")).to_contain_text("máy đọc mã")
    counter.reader("scan", text=CARD)
    other.wait_for_url("**/counter/new*", timeout=SOON)
    assert page.url == counter.url + "/counter/"
    other.goto("about:blank")
    counter.reader("scan", text=PROCEDURE)
    page.evaluate(hide % "visible" + changed)
    page.wait_for_url("**/counter/drafts/*", timeout=SOON)  # back in sight soon enough: the scan waited


# --- the stream --------------------------------------------------------------------------------------
def stream(page, counter):
    """An open event stream of this browser's user."""
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    link = http.client.HTTPConnection("127.0.0.1", counter.port, timeout=30)
    link.request("GET", "/live/events", headers={"Cookie": cookie})
    answer = link.getresponse()
    assert answer.status == 200
    return link, answer


def test_the_stream_says_that_a_card_was_scanned_and_nothing_of_what_it_said(clerk, counter):
    page = clerk.page
    page.goto(counter.url + "/admin/queue")  # a page without a scan box: it takes nothing
    link, answer = stream(page, counter)
    counter.reader("scan", text=CARD)
    got = b""
    while b'"uid"' not in got or not got.endswith(b"\n\n"):
        got += answer.readline()
    link.close()
    scan = json.loads(got[got.index(b"event: scan") :].split(b"data: ")[1].splitlines()[0])
    assert (scan["kind"], scan["device"], scan["acts"]) == ("chip-card", "doc", True)
    for secret in ("Hường", "H\\u01b0", "001188012345", "14031988", "Lạc Long Quân", CARD):
        assert secret.encode() not in got, secret
    page.goto(counter.url + "/counter/")
    clerk.sees("đang chờ: thủ tục")


# --- readers that type into the browser --------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "command"),
    [("PA1K|vietqr", "vietqr"), ("PA1K|viẻtq", "vietqr"), ("PÁK|vietqr", "vietqr"), ("]Q1PA1K|vietqr", "vietqr"),
     ("PA1K|cáh", "cash")],
)  # fmt: skip
def test_a_command_card_that_was_typed_presses_its_key_though_telex_or_vni_changed_it(clerk, typed, command):
    begun(clerk)
    select = clerk.page.locator("select[name=method]")
    select.select_option("cash" if command == "vietqr" else "vietqr")
    clerk.press("F2")
    clerk.page.keyboard.insert_text(typed)
    clerk.page.keyboard.press("Enter")
    expect(select).to_have_value(command)
    expect(clerk.page.locator("#scan")).to_have_value("")


def test_codes_that_an_input_method_changed_are_repaired_where_that_is_certain(clerk, counter):
    number = received(clerk)
    here = clerk.page.url.partition("?")[0]

    def typed(text):
        clerk.page.goto(counter.url + "/counter/")
        clerk.page.locator("#scan:focus").wait_for(state="attached")
        clerk.page.keyboard.insert_text(text)
        with clerk.page.expect_navigation():
            clerk.page.keyboard.press("Enter")

    typed(f"PÁ|{number}|")  # VNI took the 1 for a tone
    assert clerk.page.url.partition("?")[0] == here
    typed("PÁP|" + BIRTH)
    clerk.sees("Đăng ký khai sinh")
    clerk.page.locator("#scan:focus").wait_for(state="attached")
    clerk.page.keyboard.insert_text("PÁK|nẽẽt")
    clerk.page.keyboard.press("Enter")
    clerk.said("Bộ gõ tiếng Việt đã làm sai mã vừa quét")
    typed("Ă7ẤBCDẸF99XX")
    clerk.sees("Bộ gõ tiếng Việt đã làm sai mã vừa quét")
    typed("PA1R|1|" + from_telex("ASDFGHJKL") + "-0123456789")
    clerk.said("Máy đọc gửi sai: nhận được “")  # a reader's test is not repaired: it is to show the harm
    typed(LINEAR_TEST)
    clerk.said("Máy đọc gửi đúng từng chữ")
    typed(from_vni(LINEAR_TEST))
    clerk.sees("Bộ gõ tiếng Việt đã làm sai mã vừa quét")
    typed("Nguyễn Thị Hường")
    clerk.sees("Nguyễn Thị Hường")
    assert "Bộ gõ" not in clerk.page.inner_text("main")
