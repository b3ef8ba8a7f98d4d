"""The citizen withdraws a dossier at the counter, in a real browser, by keyboard."""

from __future__ import annotations

import pytest

from agent.cli.sample_pages import make_pages
from tests.e2e.clerk import Clerk
from tests.e2e.serving import station
from tests.e2e.test_counter import hand_off


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with station(tmp_path_factory.mktemp("withdrawal")) as running:
        yield running


def test_a_dossier_is_withdrawn_with_the_keyboard_after_the_page_asked_once_more(page, counter, tmp_path, axe):
    folder = make_pages(tmp_path)
    clerk = Clerk(page, counter)
    clerk.sign_in()
    number = clerk.receive()
    assert page.locator("[data-key='Alt+W']").count() == 0  # not sent yet: it is voided here
    hand_off(clerk, (folder / "1-to-khai.jpg", folder / "2-giay-chung-sinh.jpg"))
    page.locator("[data-key='Alt+W']").wait_for()
    clerk.go("Alt+W")
    page.locator("#f-reason:focus").wait_for(state="attached")
    assert axe(page) == []
    clerk.go("Escape")  # not meant: nothing happened
    assert page.locator("text=xin rút hồ sơ; xếp hàng").count() == 0
    clerk.go("Alt+W")
    page.locator("#f-reason:focus").wait_for(state="attached")
    clerk.go("Enter")
    clerk.sees("Ghi lý do rút hồ sơ")
    page.locator("#f-reason").focus()
    clerk.type("Đổi ý, nộp lại sau")
    clerk.go("Enter")
    clerk.sees("tỉnh ghi nhận yêu cầu rút hồ sơ")
    clerk.sees("chờ tỉnh trả lời")
    assert page.locator("[data-key='Alt+W']").count() == 0
    clerk.station.act(number, "stop")
    clerk.sees("Đã dừng giải quyết")
    assert axe(page) == []
    assert clerk.no_mouse()
