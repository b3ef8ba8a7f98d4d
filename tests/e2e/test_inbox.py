"""Pages from a scanner, a watched folder and a phone reach the clerk's screen and are filed by one key."""

from __future__ import annotations

import os
import random
import shutil
import sys

import pypdfium2
import pytest
from playwright.sync_api import expect

from agent.cli.sample_pages import make_pages
from tests.builders import scanned
from tests.e2e.clerk import Clerk
from tests.e2e.serving import station
from tests.flow import feeds

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="only on Windows there is no SANE")
FEEDER = "Automatic Document Feeder"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shared") / "quet"


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium, folder):
    """A counter with a scanner (SANE's test backend, slowed down) and a watched folder."""
    if shutil.which("scanimage") is None:
        reason = "no scanimage on this machine: install the package sane-utils"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    sane = tmp_path_factory.mktemp("sane.d")
    (sane / "dll.conf").write_text("test\n")
    options = 'read-delay true\nread-delay-duration 1000\ntest-picture "Color pattern"\n'
    (sane / "test.conf").write_text(f"number_of_devices 1\n{options}")
    folder.mkdir()
    lines = [
        f'[[device]]\nname = "máy quét 1"\nrole = "pages"\nkind = "sane"\naddress = "test"\nsource = "{FEEDER}"\n',
        f'[[device]]\nname = "máy photo"\nrole = "pages"\nkind = "folder"\naddress = "{folder}"\n',
    ]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SANE_CONFIG_DIR", str(sane))
        with station(tmp_path_factory.mktemp("counter"), devices="\n".join(lines)) as running:
            yield running


@pytest.fixture
def clerk(page, counter):
    return Clerk(page, counter)


def received(clerk):
    clerk.sign_in()
    clerk.receive()
    clerk.label()


def drop(folder, name, text):
    """A copier saves a file into the folder."""
    (folder / f".{name}").write_bytes(scanned(text))
    (folder / f".{name}").rename(folder / name)


def empty_the_inbox(clerk):
    clerk.page.goto(clerk.station.url + "/counter/inbox")
    every = clerk.page.locator("[data-tick-all]")
    if every.count():
        every.check()
        clerk.page.get_by_role("button", name="Bỏ và xóa ảnh").click()
        clerk.sees("Không có trang nào chờ")
        clerk.page.evaluate("window.name = ''")  # the mouse was this test's, not the clerk's


def test_a_stack_is_scanned_and_filed_with_the_keyboard_alone(clerk):
    received(clerk)
    clerk.keys = 0
    clerk.go("Alt+q")
    clerk.sees("Đang quét ở máy quét 1")
    first = clerk.page.locator(".inbox .thumbs li")
    expect(first.first).to_be_visible(timeout=20_000)
    assert first.count() < 10, "pages show while the feed goes on"
    expect(first).to_have_count(10, timeout=60_000)
    clerk.sees("10 trang chờ")
    clerk.sees("khay đã hết giấy")
    assert "Xếp 10 trang vào" in clerk.next_step
    clerk.go("Enter")
    clerk.sees("Đã xếp 10 trang")
    clerk.sees("nộp 10 trang")
    expect(clerk.page.locator("section.inbox")).to_have_count(0)
    assert clerk.keys == 2
    assert clerk.no_mouse()
    clerk.page.keyboard.press("Control+z")
    clerk.sees("Đã trả 10 trang về hộp trang")
    expect(clerk.page.locator(".inbox .thumbs li")).to_have_count(10)
    empty_the_inbox(clerk)


def test_files_of_a_copier_show_by_themselves_and_only_the_ticked_one_is_filed(clerk, folder, axe):
    received(clerk)
    empty_the_inbox(clerk)
    clerk.page.go_back()
    clerk.page.go_back()
    drop(folder, "scan1.jpg", "tờ khai")
    strip = clerk.page.locator(".inbox .thumbs li")
    expect(strip).to_have_count(1, timeout=20_000)
    strip.first.locator("input[type=checkbox]").check()
    clerk.page.locator("#scan").focus()
    drop(folder, "scan2.jpg", "giấy khác")
    expect(strip).to_have_count(2, timeout=20_000)
    expect(strip.first.locator("input[type=checkbox]")).to_be_checked()  # the tick stays when a page comes
    clerk.sees("2 trang chờ")
    assert axe(clerk.page) == []
    clerk.page.get_by_role("button", name="Xếp trang đã đánh dấu").click()
    clerk.sees("Đã xếp 1 trang")
    expect(strip).to_have_count(1)
    assert list(folder.glob("*.jpg")) == []


def test_the_inbox_page_says_where_pages_come_from_and_leads_to_the_dossier(clerk, folder, axe, tmp_path):
    received(clerk)
    empty_the_inbox(clerk)
    drop(folder, "scan3.jpg", "giấy chứng sinh")
    page = clerk.page
    rows = page.locator(".feed .thumbs li")
    expect(rows).to_have_count(1, timeout=20_000)
    expect(page.locator(".feed h2")).to_contain_text("máy photo")
    page.keyboard.press("ArrowRight")
    clerk.go("Enter")
    clerk.sees("1654 × 2339 · 200 dpi · A4")
    assert axe(page) == []
    clerk.go("Escape")
    paper = make_pages(tmp_path / "papers") / "1-to-khai.jpg"
    clerk.choose_file("F8", paper)
    clerk.sees("1 trang đã vào hộp")
    expect(rows).to_have_count(2)
    expect(page.locator(".feed h2").nth(1)).to_contain_text("tải lên")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.get_by_role("button", name="Bỏ và xóa ảnh").click()
    clerk.sees("Chưa đánh dấu trang nào")
    rows.nth(1).locator("input").check()
    page.locator("button[name=dossier]").first.click()
    expect(page.locator(".inbox .thumbs :checked")).to_have_count(1)
    page.get_by_role("button", name="Xếp trang đã đánh dấu").click()
    clerk.sees("Đã xếp 1 trang")
    empty_the_inbox(clerk)


def test_a_phone_takes_a_picture_that_shows_on_the_counters_screen(clerk, chromium, counter, axe, tmp_path):
    clerk.sign_in()
    empty_the_inbox(clerk)
    clerk.page.goto(counter.url + "/counter/")
    clerk.receive()
    clerk.label()
    photo = make_pages(tmp_path / "papers") / "2-giay-chung-sinh.jpg"
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="vi-VN")
    phone = Clerk(context.new_page(), counter)
    phone.sign_in()
    phone.page.goto(counter.url + "/counter/inbox/phone")
    camera = phone.page.locator("#f-camera")
    assert (camera.get_attribute("capture"), camera.get_attribute("accept")) == ("environment", "image/*")
    assert axe(phone.page) == []
    with phone.page.expect_navigation():
        camera.set_input_files([str(photo)])
    phone.sees("1 trang đã vào hộp")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe(phone.page) == []
    expect(clerk.page.locator(".inbox .thumbs li")).to_have_count(1, timeout=20_000)
    clerk.sees("1 trang chờ (điện thoại)")
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("Alt+x")
    clerk.sees("Đã xếp 1 trang")
    context.close()


def stack(clerk, folder):
    """What was printed and copied for this dossier: its covers, the second one scribbled over, and pages of text."""
    uid = clerk.page.url.split("/dossiers/")[1].split("?")[0]
    pdf = clerk.page.context.request.get(f"{clerk.station.url}/counter/dossiers/{uid}/print/covers.pdf").body()
    covers = [sheet.render(scale=200 / 72).to_pil().convert("RGB") for sheet in pypdfium2.PdfDocument(pdf)]
    blank = feeds._blank(random.Random(4), 3)
    images = [
        covers[0], feeds.text_page(0), feeds.text_page(2).rotate(180), feeds._spoilt(covers[1]), feeds.text_page(3),
    ]  # fmt: skip
    made = [*(feeds.encoded(image) for image in images), blank]
    folder.mkdir()
    for number, data in enumerate(made, start=1):
        (folder / f"{number}.jpg").write_bytes(data)
    return sorted(folder.iterdir())


def test_a_stack_with_covers_is_looked_through_answered_and_filed_by_keys_alone(clerk, axe, tmp_path):
    received(clerk)
    files = stack(clerk, tmp_path / "stack")
    dossier = clerk.page.url
    empty_the_inbox(clerk)
    clerk.choose_file("F8", *files)
    page = clerk.page
    groups = page.locator(".feed .group")
    expect(groups).to_have_count(2)
    expect(groups.nth(0)).to_contain_text("Tờ khai đăng ký khai sinh")
    expect(groups.nth(0).locator(".thumbs li")).to_have_count(3)
    expect(groups.nth(1)).to_contain_text("Chưa biết xếp vào đâu")
    expect(groups.nth(1).locator(".thumbs li")).to_have_count(3)
    clerk.sees("Trông như tờ phân cách nhưng không đọc được mã")
    clerk.sees("Trang cần xem")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    clerk.go("Alt+u")  # the page that lay upside down
    expect(page.locator(".feed img.turn-180")).to_have_count(1)
    assert "Trả lời" in clerk.next_step
    page.keyboard.press("Enter")
    expect(page.locator(".ask select")).to_be_focused()
    chosen = page.locator(".ask select option:checked").inner_text()
    assert "Giấy chứng sinh" in chosen, "the next paper of that dossier is offered first"
    page.keyboard.press("Tab")
    clerk.go("Enter")
    expect(groups.nth(1)).to_contain_text("Giấy chứng sinh")
    page.keyboard.press("F7")  # the blank page
    page.keyboard.press("Control+a")
    page.keyboard.type("mặt sau trắng")
    clerk.go("Enter")
    page.keyboard.press("Alt+d")
    page.keyboard.type("5")
    clerk.go("Enter")
    clerk.sees("Số trang đếm tay khác số trang đã quét")
    page.keyboard.press("Alt+d")
    page.keyboard.press("Control+a")
    page.keyboard.type("4")
    clerk.go("Enter")
    clerk.sees("đủ trang")
    assert "Xếp cả lượt quét: 4 trang vào 2 thành phần" in clerk.next_step
    clerk.go("Enter")
    clerk.sees("Đã xếp 4 trang vào 2 thành phần của 1 hồ sơ")
    clerk.go("Control+z")
    clerk.sees("Đã trả 4 trang về hộp trang")
    clerk.go("Enter")
    clerk.sees("Đã xếp 4 trang vào 2 thành phần của 1 hồ sơ")
    assert clerk.no_mouse()
    page.goto(dossier)
    clerk.sees("đã đối chiếu số trang")


def test_one_page_is_seen_large_turned_moved_and_scanned_again_by_keys(clerk, axe, tmp_path):
    received(clerk)
    files = stack(clerk, tmp_path / "stack")
    empty_the_inbox(clerk)
    clerk.choose_file("F8", *files[:3])
    page = clerk.page
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    clerk.go("Enter")
    clerk.sees("Trang 2/3")
    clerk.go("Alt+r")
    expect(page.locator(".look img.turn-90")).to_be_visible()
    clerk.go("ArrowRight")
    clerk.sees("Trang 3/3")
    clerk.go("Control+ArrowUp")
    clerk.sees("Trang 2/3")
    clerk.go("Alt+z")
    assert axe(page) == []
    width = page.locator(".look .paper img").evaluate("img => img.getBoundingClientRect().width")
    assert width >= 1100
    clerk.go("Alt+q")  # the scanner scans it again; what comes shows by itself
    expect(page.get_by_role("button", name="Thay bằng trang mới đến")).to_be_visible(timeout=20_000)
    clerk.go("Alt+t")
    clerk.sees("Đã thay trang")
    expect(page.locator(".feed").first.locator(".thumbs li")).to_have_count(3)
    assert clerk.no_mouse()
    expect(page.locator(".feed").nth(1).locator(".thumbs li")).to_have_count(9, timeout=60_000)
    empty_the_inbox(clerk)


def test_the_dossiers_page_does_not_file_covers_as_pages(clerk, tmp_path):
    received(clerk)
    files = stack(clerk, tmp_path / "stack")
    dossier = clerk.page.url
    empty_the_inbox(clerk)
    clerk.choose_file("F8", *files[:2])
    clerk.page.goto(dossier)
    clerk.go("Enter")
    clerk.sees("Có tờ phân cách trong các trang chờ")
    clerk.sees("đang số hóa")
    clerk.go("Enter")
    clerk.sees("Đã xếp 1 trang vào 1 thành phần")


def test_without_javascript_pages_are_uploaded_filed_and_discarded(chromium, counter, clerk, tmp_path):
    received(clerk)
    address = clerk.page.url
    paper = make_pages(tmp_path / "papers") / "1-to-khai.jpg"
    context = chromium.new_context(java_script_enabled=False, locale="vi-VN", viewport={"width": 1366, "height": 768})
    context.add_cookies(clerk.page.context.cookies())
    page = context.new_page()
    page.goto(counter.url + "/counter/inbox/phone")
    page.set_input_files("#f-camera", [str(paper), str(paper)])
    page.get_by_role("button", name="Gửi ảnh đã chụp").click()
    expect(page.locator("#said")).to_contain_text("2 trang đã vào hộp")
    page.goto(address)
    page.locator(".inbox .thumbs input[type=checkbox]").first.check()
    page.get_by_role("button", name="Xếp trang đã đánh dấu").click()
    expect(page.locator("#said")).to_contain_text("Đã xếp 1 trang")
    page.goto(counter.url + "/counter/inbox")
    page.locator(".feed .tick input").check()
    page.get_by_role("button", name="Bỏ và xóa ảnh").click()
    expect(page.locator("#said")).to_contain_text("Đã bỏ 1 trang")
    context.close()
