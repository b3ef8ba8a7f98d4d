"""The administrator's pages: users and their passwords, tokens, number ranges, jobs, devices, who looked at what."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from agent.accounts.access import Purpose, record_access
from agent.accounts.principal import Principal
from agent.accounts.sign_in import WrongPassword, sign_in
from agent.accounts.tokens import make_token, verify_token
from agent.domain.jobs import JobState
from agent.domain.roles import Role
from agent.intake.label import request_label
from agent.settings import Device
from agent.store import claiming, outbox
from agent.store.accounts import Session, User
from agent.store.items import ItemRange
from agent.wiring import build_site
from tests import builders
from tests.e2e import rounds
from tests.webdesk import PASSWORD, HandClock, add_people, serving

CLERK = Principal("lananh", "Nguyễn Thị Lan Anh", Role.CLERK, "BC-TAYHO", "T1")
ELSEWHERE = Principal("sontay", "Vũ Thị Hoa", Role.CLERK, "BC-SONTAY", "T1")
PAGES = ("", "clients", "ranges", "queue", "sheets", "access")


@pytest.fixture
def at(tmp_path):
    made = rounds.station(tmp_path)
    yield made
    made.site.store.close()


@pytest.fixture
def url(at):
    with serving(at.site) as running:
        yield running.url


def enter(page, url, name="quantri", path="/admin/"):
    page.context.clear_cookies()
    page.goto(url + "/sign-in")
    page.fill("#f-username", name)
    page.fill("#f-password", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(url + path)


def test_a_user_is_added_with_a_password_that_is_shown_once(page, at, url):
    enter(page, url)
    page.get_by_role("button", name="Thêm, hiện mật khẩu một lần").click()
    expect(page.get_by_role("alert")).to_contain_text("Ghi họ tên")
    page.fill("#f-username", "Hoa Vũ")
    page.fill("#f-full_name", "Vũ Thị Hoa")
    page.get_by_role("button", name="Thêm, hiện mật khẩu một lần").click()
    expect(page.get_by_role("alert")).to_contain_text("không hợp lệ")
    page.fill("#f-username", "hoa.vu")
    page.select_option("#f-role", "courier")
    page.get_by_role("button", name="Thêm, hiện mật khẩu một lần").click()
    password = page.locator("output").inner_text()
    assert sign_in(at.site, "hoa.vu", password, terminal_id="T1")
    user = User.get(User.username == "hoa.vu")
    assert (user.role, user.office_id, user.full_name) == (Role.COURIER, "BC-TAYHO", "Vũ Thị Hoa")
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    assert password not in page.content()


def test_a_new_password_ends_the_old_one_and_its_sessions(page, at, url):
    sign_in(at.site, "lananh", PASSWORD, terminal_id="T1")
    enter(page, url)
    page.get_by_role("button", name="đặt lại mật khẩu lananh").click()
    password = page.locator("output").inner_text()
    assert not Session.select().join(User).where(User.username == "lananh").exists()
    with pytest.raises(WrongPassword):
        sign_in(at.site, "lananh", PASSWORD, terminal_id="T1")
    assert sign_in(at.site, "lananh", password, terminal_id="T1")


def test_a_user_is_switched_off_and_on_but_never_oneself(page, at, url):
    enter(page, url)
    assert page.get_by_role("button", name="khóa quantri").count() == 0
    page.get_by_role("button", name="khóa lananh").click()
    expect(page.get_by_text("Đã khóa lananh")).to_be_visible()
    with pytest.raises(WrongPassword):
        sign_in(at.site, "lananh", PASSWORD, terminal_id="T1")
    token = page.get_attribute("input[name=_csrf]", "value")
    assert page.request.post(f"{url}/admin/users/quantri/off", form={"_csrf": token}).status == 422
    assert page.request.post(f"{url}/admin/users/nobody/off", form={"_csrf": token}).status == 404
    page.get_by_role("button", name="mở lại lananh").click()
    expect(page.get_by_text("Đã mở lại lananh")).to_be_visible()
    at.site.clock.forward(minutes=5)
    assert sign_in(at.site, "lananh", PASSWORD, terminal_id="T1")


def test_a_token_is_revoked(page, at, url):
    token = make_token(at.site, "lananh", ["dossiers:read"], name="kiosk")
    enter(page, url, path="/admin/clients")
    assert token not in page.content()
    page.get_by_role("button", name="thu hồi kiosk").click()
    expect(page.get_by_text("Đã thu hồi mã truy cập của kiosk")).to_be_visible()
    assert verify_token(at.site, token) is None


def test_a_range_of_item_numbers_is_allotted_and_an_overlap_is_refused(page, at, url):
    enter(page, url, path="/admin/ranges")

    def allot(first, last):
        page.fill("#f-prefix", "rd")
        page.fill("#f-first", first)
        page.fill("#f-last", last)
        page.get_by_role("button", name="Khai báo dải số").click()

    allot("00 001 000", "1999")
    expect(page.get_by_text("1000 số")).to_be_visible()
    allot("1500", "2500")
    expect(page.get_by_role("alert")).to_contain_text("trùng dải")
    allot("12345678901", "x")
    expect(page.get_by_role("alert")).to_contain_text("1 đến 8 chữ số")
    assert [(r.office_id, r.prefix, r.first, r.last) for r in ItemRange.select()] == [("BC-TAYHO", "RD", 1000, 1999)]


def test_jobs_are_held_released_and_retried_without_showing_what_they_carry(page, at, url):
    dossier = rounds.received(at)
    key = f"{dossier.provisional}/N"
    enter(page, url, path="/admin/queue")
    expect(page.get_by_role("rowheader", name=key)).to_be_visible()
    page.get_by_role("button", name=f"giữ lại {key}").click()
    expect(page.get_by_text(f"Đã giữ lại {key}")).to_be_visible()
    assert outbox.show(key).state is JobState.HELD
    page.get_by_role("link", name="đang giữ lại").click()
    assert "Hường" not in page.content()
    page.get_by_role("button", name=f"thả {key}").click()
    expect(page.get_by_text(f"Đã thả {key}")).to_be_visible()
    page.get_by_role("link", name="chờ gửi").click()
    page.get_by_role("button", name=f"gửi lại ngay {key}").click()
    expect(page.get_by_text("vẫn nội dung và mã cũ")).to_be_visible()
    assert outbox.show(key).state is JobState.READY


def test_a_label_that_may_have_come_out_is_left_to_the_clerk(page, at, url):
    dossier = rounds.received(at)
    job = request_label(at.site, dossier.uid, by=builders.CLERK)
    claiming.claim(lanes=("print",), worker="w", at=at.site.clock.now(), lease=_minute(), terminal_id="T1")
    claiming.recover(at=at.site.clock.now(), lanes=("print",), dead="w")
    enter(page, url, path="/admin/queue?state=needs_clerk")
    expect(page.get_by_text("Giao dịch viên trả lời trên trang hồ sơ")).to_be_visible()
    token = page.get_attribute("input[name=_csrf]", "value")
    page.request.post(f"{url}/admin/queue/retry", form={"_csrf": token, "key": job.key})
    assert outbox.show(job.key).state is JobState.NEEDS_CLERK


def _minute():
    from datetime import timedelta

    return timedelta(minutes=1)


def test_a_supervisor_steers_and_reads_the_own_office_only(page, at, url):
    rounds.received(at)
    with at.site.store.writing():
        outbox.enqueue(
            uid=at.site.ids.uid(), lane="handoff", kind="submit", key="T2-6T21-0019/S1", payload=b"{}",
            office_id="BC-SONTAY", at=at.site.clock.now(),
        )  # fmt: skip
    record_access(at.site, ELSEWHERE, dossier=None, purpose=Purpose.SEARCH, what="search list")
    record_access(at.site, CLERK, dossier=None, purpose=Purpose.SEARCH, what="search list")
    enter(page, url, "minh", "/admin/queue")
    assert "T2-6T21-0019" not in page.content()
    token = page.get_attribute("input[name=_csrf]", "value")
    answer = page.request.post(f"{url}/admin/queue/hold", form={"_csrf": token, "key": "T2-6T21-0019/S1"})
    assert answer.status == 403
    assert outbox.show("T2-6T21-0019/S1").state is JobState.READY
    links = page.get_by_role("navigation", name="Trang quản trị").get_by_role("link")
    own = ["Hàng đợi", "Thẻ và tờ in", "Nhật ký truy cập", "Lịch làm việc", "Dịch vụ cho công dân"]
    assert [links.nth(n).inner_text() for n in range(links.count())] == own
    page.goto(f"{url}/admin/access")
    expect(page.get_by_role("row", name="lananh")).to_have_count(1)
    assert "sontay" not in page.inner_text("main")
    assert page.goto(f"{url}/admin/").status == 403


def test_who_looked_is_found_by_user_and_by_dossier_page_by_page(page, at, url):
    dossier, other = rounds.received(at), rounds.received(at, 1)
    for n in range(120):
        who = CLERK if n % 2 else ELSEWHERE
        one = dossier if n % 4 < 2 else other
        record_access(at.site, who, dossier=one.uid, purpose=Purpose.FOLLOW_UP, what="dossier page")
    enter(page, url, path="/admin/access")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Cũ hơn").click()
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="Cũ hơn").click()
    expect(rows).to_have_count(20)
    page.fill("#f-user", "sontay")
    page.fill("#f-dossier", other.provisional)
    page.get_by_role("button", name="Lọc").click()
    expect(rows).to_have_count(30)
    assert set(rows.locator("td:nth-child(4)").all_inner_texts()) == {other.provisional}
    page.goto(f"{url}/admin/access?dossier=T9-0000&before=abc")
    expect(page.get_by_text("Chưa có lần xem nào.")).to_be_visible()


def test_a_printer_that_does_not_answer_is_said(page, tmp_path):
    settings = builders.station(tmp_path).site.settings
    printer = Device("nhan", "label", "tcp", "127.0.0.1:9")
    site = build_site(settings.with_(devices=(printer,)), clock=HandClock())
    add_people(site)
    with serving(site) as running:
        enter(page, running.url, path="/admin/")
        page.get_by_role("link", name="Thiết bị").click()
        expect(page.get_by_role("row", name="nhan")).to_contain_text("không kết nối")
        page.get_by_role("button", name="in thử nhan").click()
        expect(page.get_by_role("row", name="bản in thử")).to_contain_text("chờ máy in")
    site.store.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_administrators_pages_are_accessible(page, at, url, axe, scheme):
    rounds.received(at)
    make_token(at.site, "lananh", ["dossiers:read"], name="kiosk")
    page.emulate_media(color_scheme=scheme)
    enter(page, url)
    for name in PAGES:
        page.goto(f"{url}/admin/{name}")
        assert axe(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, name
    page.goto(f"{url}/admin/")
    page.get_by_role("button", name="đặt lại mật khẩu lananh").click()
    expect(page.locator("output")).to_be_visible()
    assert axe(page) == []
