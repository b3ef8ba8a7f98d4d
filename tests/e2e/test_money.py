"""Money's pages in a browser: a shift opened and counted blind by the keyboard, a statement brought, all axe-clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.accounts.passwords import hash_password
from agent.store.accounts import User
from tests.e2e.conftest import violations
from tests.flow.money_desk import MoneyDesk, money_desk
from tests.webdesk import PASSWORD, Served, serving


@pytest.fixture
def office(tmp_path: Path) -> Iterator[tuple[MoneyDesk, Served]]:
    with money_desk(tmp_path / "data") as desk:
        with desk.site.store.writing():
            User.update(password_hash=hash_password(PASSWORD)).execute()
        with serving(desk.site) as served:
            yield desk, served


def sign_in(page: Any, served: Served, name: str) -> None:
    page.context.clear_cookies()
    page.goto(served.url + "/sign-in")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_a_shift_is_opened_and_counted_and_the_difference_waits_for_two(office: Any, page: Any) -> None:
    desk, served = office
    sign_in(page, served, "lananh")
    page.goto(served.url + "/money/shift")
    page.fill("#n100000", "1")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Đã mở ca quỹ")
    desk.receive(copies=3)  # 24.000 in cash
    page.goto(served.url + "/money/shift")
    assert violations(page) == []
    page.keyboard.press("Control+Enter")  # the count cannot be made again: a slip of the hand is none
    page.wait_for_selector("text=Chưa ghi số tờ nào")
    page.fill("#n20000", "1")
    page.fill("#n100000", "một")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=phải là số nguyên không âm")
    assert page.input_value("#n20000") == "1"
    page.fill("#n100000", "1")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=thiếu 4.000 đ")
    assert violations(page) == []
    page.goto(served.url + "/money/variances")
    page.fill("textarea[name=words]", "Thối nhầm cho khách buổi sáng")
    page.click("text=Ghi giải trình")
    page.wait_for_selector("text=Đã ghi giải trình")
    assert page.locator("text=Ký, xử lý như giải trình").count() == 0  # not by the one who made it
    sign_in(page, served, "minh")
    page.goto(served.url + "/money/variances")
    assert violations(page) == []
    page.click("text=Ký, xử lý như giải trình")
    page.wait_for_selector("text=Đã ký. Khoản lệch")
    assert desk.sound() == []


def test_a_statement_is_brought_and_what_did_not_match_is_settled(office: Any, page: Any, tmp_path: Path) -> None:
    desk, served = office
    dossier, other = desk.receive(paid=False), desk.receive(paid=False)
    sign_in(page, served, "minh")
    page.goto(f"{served.url}/money/dossiers/{dossier.uid}")
    page.wait_for_function("document.querySelector('.qrs img').naturalWidth > 100")
    assert violations(page) == []
    file = tmp_path / "sao-ke.csv"
    file.write_bytes(desk.statement((f"CK {desk.purpose(dossier)}", 8_000), ("NGUYEN VAN B NOP", 8_000)))
    page.goto(served.url + "/money/bank")
    page.set_input_files("#f-file", str(file))
    page.click("button:has-text('Nhập sao kê')")
    page.wait_for_selector("text=2 dòng mới, 1 dòng khớp")
    assert violations(page) == []
    page.fill("input[name=number]", other.provisional)
    page.click("button:has-text('Gán')")
    page.wait_for_selector("text=Không có dòng nào cần xử lý")
    assert (desk.owed(dossier), desk.owed(other), desk.sound()) == (0, 0, [])
    for path in ("/money/", "/money/entries", "/money/remittances", "/money/refunds", "/money/deposits"):
        page.goto(served.url + path)
        assert violations(page) == [], path


def test_the_courier_hands_in_on_a_phone_and_the_receiver_counts_without_seeing_the_sum(office: Any, page: Any) -> None:
    desk, served = office
    desk.deliver(desk.receive(paid=False, way="courier"))
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, served, "tuyen7")
    page.goto(served.url + "/money/mine")
    assert violations(page) == []
    page.fill("#f-amount", "34.000")
    page.click("button:has-text('Khai nộp')")
    page.wait_for_selector("text=Đã khai nộp. Đưa tiền")
    page.set_viewport_size({"width": 1366, "height": 768})
    sign_in(page, served, "hoa")
    page.goto(served.url + "/money/deposits")
    assert "34.000" not in page.inner_text("main")
    page.click("a.do")
    page.wait_for_selector("#n20000")
    assert "34.000" not in page.inner_text("main") and violations(page) == []
    second = page.context.new_page()
    second.goto(page.url)
    second.fill("#n20000", "1")
    for value, pieces in (("20000", "1"), ("10000", "1"), ("2000", "2")):
        page.fill(f"#n{value}", pieces)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=Tiền đã vào két bưu cục")
    second.keyboard.press("Control+Enter")
    second.wait_for_selector("text=Không đếm lại")
    assert "Khớp số khai" in second.inner_text("main")
    second.close()
    assert desk.sound() == []
