"""The reconciliation desk: only the differences, both sides, whose, why; repairs by key; a second person signs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from agent.reconcile.record import record
from agent.store import outbox
from agent.store.accounts import AccessLog
from agent.store.dossiers import LedgerRow
from agent.store.journal import JournalEntry
from agent.store.reconciliation import Difference, Run
from tests import builders
from tests.e2e import differences, rounds
from tests.webdesk import PASSWORD, HandClock, add_people, serving


@pytest.fixture
def at(tmp_path):
    made = rounds.station(tmp_path)
    yield made
    made.site.store.close()


@pytest.fixture
def planted(at):
    return differences.plant(at)


@pytest.fixture
def url(at, planted):
    with serving(at.site) as running:
        yield running.url


def enter(page, url, name="tinh"):
    page.context.clear_cookies()
    page.goto(url + "/sign-in")
    page.fill("#f-username", name)
    page.fill("#f-password", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(url + "/province/")


def again(row):
    return Difference.get_by_id(row.id)


def test_one_look_shows_what_differs_where_whose_and_why(page, url, planted):
    enter(page, url)
    expect(page.get_by_role("heading", name="4 khác biệt")).to_be_visible()
    expect(page.get_by_text("trong 12.418 hồ sơ đã so")).to_be_visible()
    expect(page.get_by_text("đang trên đường, chưa tính: 4")).to_be_visible()
    page.get_by_role("link", name="Khác số tiền").click()
    row = page.get_by_role("row", name="8.000 đ, tỉnh ghi 18.000 đ").first
    expect(row).to_contain_text("tỉnh")
    expect(row).to_contain_text("2 giờ")
    differing = page.locator("table.pair tr.differs")
    expect(differing).to_have_count(1)
    expect(differing).to_contain_text("lệch 10.000 đ")
    page.get_by_role("link", name="Khác tệp").click()
    expect(page.locator("table.pair tr.differs")).to_have_count(2)
    expect(page.locator("table.pair")).to_contain_text("77aa…00")


def test_the_list_is_walked_and_mended_by_keys_alone(page, url, planted):
    enter(page, url)
    assert page.locator("tr.here").inner_text().startswith(planted["status"].number)
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_url("**d=**")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("tr.here")).to_contain_text("khác số tiền")
    page.keyboard.press("F7")
    page.wait_for_url("**do=correct**")
    page.locator("#f-value:focus").wait_for()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Ghi lý do")
    page.fill("#f-reason", "đếm lại biên lai: 18.000 đ")
    page.fill("#f-value", "18.000")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Chờ người thứ hai ký").first).to_be_visible()
    row = again(planted["fee"])
    assert (row.repair, row.closed_by, row.closed_at) == ("correct 18000", "user:tinh", None)
    expect(page.get_by_text("nhờ người khác ký")).to_be_visible()
    assert page.get_by_role("button", name="Ký xác nhận").count() == 0
    enter(page, url, "minh")  # the office's supervisor is the second person
    page.goto(f"{url}/province/?kind=fee")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Khác biệt được khép")).to_be_visible()
    row = again(planted["fee"])
    assert row.closed_by == "user:minh" and row.closed_at is not None
    assert LedgerRow.get(LedgerRow.key == row.key).row["fee"] == 18_000


def test_asking_the_province_is_noted_and_keeps_the_difference_open(page, url, planted):
    enter(page, url)
    page.keyboard.press("Enter")
    page.wait_for_url("**do=ask**")
    page.locator("#f-reason:focus").wait_for()
    page.keyboard.type("Trạng thái nào đúng?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã ghi là đã hỏi tỉnh")).to_be_visible()
    row = again(planted["status"])
    assert (row.reason, row.closed_at) == ("Trạng thái nào đúng?", None)
    assert JournalEntry.select().where(JournalEntry.kind == "difference_asked").count() == 1


def test_a_proposal_can_be_withdrawn(page, url, planted):
    enter(page, url)
    page.goto(f"{url}/province/?kind=file&do=accept")
    page.fill("#f-reason", "tỉnh quét lại")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("lấy theo tỉnh", exact=True)).to_be_visible()
    page.keyboard.press("F7")
    expect(page.get_by_text("Đã rút đề xuất.")).to_be_visible()
    assert again(planted["file"]).repair == ""


def test_a_repair_that_the_kind_does_not_allow_is_refused(page, url, planted):
    enter(page, url)
    token = page.get_attribute("input[name=_csrf]", "value")
    target = f"{url}/province/differences/{planted['status'].uid}"
    assert page.request.post(f"{target}/correct", form={"_csrf": token, "reason": "x", "value": "1"}).status == 422
    assert page.request.post(f"{target}/nonsense", form={"_csrf": token}).status == 404
    assert page.request.post(f"{target}/countersign", form={"_csrf": token}).status == 422
    assert again(planted["status"]).repair == ""


def test_a_supervisor_sees_and_mends_the_own_office_only(page, url, planted):
    enter(page, url, "minh")
    expect(page.get_by_role("heading", name="2 khác biệt")).to_be_visible()
    assert differences.OTHER not in page.inner_text("body")
    page.goto(f"{url}/province/?office={differences.OTHER}&d={planted['status'].uid}")
    expect(page.get_by_role("heading", name="2 khác biệt")).to_be_visible()
    token = page.get_attribute("input[name=_csrf]", "value")
    answer = page.request.post(
        f"{url}/province/differences/{planted['status'].uid}/ask", form={"_csrf": token, "reason": "x"}
    )
    assert answer.status == 403
    assert planted["status"].number not in answer.text()
    page.goto(f"{url}/province/runs")
    assert differences.OTHER not in page.inner_text("main")


def test_a_province_that_is_down_is_said_and_nothing_is_recorded(page, at, url, planted):
    runs = Run.select().count()
    enter(page, url)
    page.keyboard.press("F9")
    expect(page.get_by_text("Chưa so được")).to_be_visible()
    assert Run.select().count() == runs
    assert Difference.select().where(Difference.closed_at.is_null()).count() == 4


def test_the_books_are_compared_at_a_key_press_and_a_planted_difference_is_named(page, tmp_path):
    with builders.station_with_province(tmp_path) as live:
        add_people(live.site)
        with ThreadPoolExecutor(1) as elsewhere:  # signing runs an event loop, and so does the browser's driver here
            dossier = elsewhere.submit(builders.handed_off, live).result()
        live.act(dossier, "plant", kind="fee")
        clock = HandClock(live.site.clock.now())
        with serving(replace(live.site, clock=clock)) as running:
            enter(page, running.url)
            expect(page.get_by_text("F9 so sổ của bưu cục")).to_be_visible()
            page.keyboard.press("F9")
            expect(page.get_by_role("heading", name="1 khác biệt")).to_be_visible()
            expect(page.locator("tr.here")).to_contain_text("khác số tiền")
            expect(page.locator("table.pair tr.differs")).to_contain_text("lệch")
            live.act(dossier, "unplant", kind="fee")
            page.keyboard.press("F9")
            expect(page.get_by_role("heading", name="0 khác biệt")).to_be_visible()
            page.keyboard.press("F11")
            expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)
        assert not [job for job in outbox.ls() if job.state.value == "rejected"]
        live.site.store.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_is_accessible_and_needs_no_scrolling_sideways(page, url, planted, axe, scheme):
    page.emulate_media(color_scheme=scheme)
    enter(page, url)
    for path in ("/province/", "/province/?kind=fee&do=correct", "/province/?kind=late", "/province/runs"):
        page.goto(url + path)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, path
    page.goto(url + "/province/?lang=en")
    expect(page.get_by_role("heading", name="4 differences")).to_be_visible()


def test_both_sides_sign_a_month_on_its_page_and_take_it_away(page, url, at, planted):
    month = f"{at.site.clock.now():%Y-%m}"
    enter(page, url, "minh")
    page.goto(f"{url}/province/statements?month={month}")
    expect(page.get_by_text("Tháng chưa hết và còn tiền mặt chưa kiểm đếm")).to_be_visible()
    page.goto(f"{url}/money/")
    page.get_by_role("button", name="Xem cả tiền chưa kiểm đếm").click()
    page.goto(f"{url}/province/statements?month={month}")
    expect(page.get_by_text("chưa hết tháng, số liệu tạm tính")).to_be_visible()
    at.site.clock.forward(days=33)
    record(
        at.site, office=builders.OFFICE, scope="none", day=None, found=[], flying=set(), compared=2, exchanged=0,
        trips=1, in_flight=0, by=builders.CHIEF,
    )  # fmt: skip
    enter(page, url, "minh")
    page.goto(f"{url}/province/statements?month={month}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("bưu cục đã ký, chờ tỉnh")).to_be_visible()

    enter(page, url)
    page.get_by_role("link", name="F8 biên bản tháng").click()
    page.get_by_role("link", name="Bưu cục Tây Hồ").click()
    expect(page.get_by_role("heading", name="Tháng", exact=False).first).to_contain_text("Bưu cục Tây Hồ")
    page.wait_for_load_state()
    page.keyboard.press("F7")
    expect(page.get_by_role("heading", name="Trả lại cho bưu cục")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="Ghi lý do để bưu cục biết phải sửa gì.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Ký cho tỉnh, chốt kỳ")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Enter")
    expect(page.get_by_text("hai bên đã ký, đã chốt")).to_be_visible()
    expect(page.get_by_text("Lê Quỳnh Mai ·")).to_be_visible()
    for key, ending in (("F4", "pdf"), ("F6", "xlsx"), ("F8", "csv")):
        with page.expect_download() as taken:
            page.keyboard.press(key)
        assert taken.value.suggested_filename == f"BBDS-{builders.OFFICE}-{month.replace('-', '')}.{ending}"
    page.goto(url + "/province/")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Xuất CSV").click()
    assert taken.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    looks = [row.what for row in AccessLog.select().where(AccessLog.actor == "user:tinh").order_by(AccessLog.id)]
    assert looks[-4:] == ["statement file"] * 3 + ["differences file"]
    assert page.request.get(f"{url}/province/statements/file.exe").status == 404
    enter(page, url, "minh")
    assert page.request.get(f"{url}/province/statements?office=BC-SONTAY&month={month}").text().count("BC-SONTAY") == 0
