"""The office's page of phones and the page on which a phone learns to trust the office, in a real browser over TLS."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import FLAGS
from tests.e2e.office_station import PASSWORD, OfficeStation, office_station
from tests.phone_client import PhoneClient

TRUSTED, NOT_YET = "đã tin cậy", "Chưa tin cậy"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeStation]:
    with office_station(tmp_path_factory.mktemp("phones") / "d") as opened:
        yield opened


@pytest.fixture
def supervisor(chromium: Any, office: OfficeStation) -> Iterator[Any]:
    """The page of phones, signed in."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN", ignore_https_errors=True)
    page = context.new_page()
    page.goto(f"{office.url}/sign-in?next=/phones/")
    page.fill("[name=username]", "minh")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".phone-pair")
    yield page
    context.close()


def seen(image: Any) -> str:
    """What a phone's camera reads in a QR code on the screen."""
    import zxingcpp
    from PIL import Image

    with Image.open(io.BytesIO(image.screenshot())) as picture:
        return str(zxingcpp.read_barcodes(picture.convert("L"))[0].text)


def test_a_phone_is_paired_on_the_screen_and_shut_out_with_a_reason(
    supervisor: Any, office: OfficeStation, axe: Any
) -> None:
    from agent.store.office_ca import OfficeCa

    page, phone = supervisor, PhoneClient(office.url, office.ca)
    page.select_option("[name=courier]", "tuyen8")
    page.click(".phone-pair button")
    page.wait_for_selector(".phone-code")
    axe(page)
    code, fingerprint = page.inner_text(".phone-code"), OfficeCa(office.data / "office-ca").fingerprint()
    codes = [seen(one) for one in page.locator(".phone-qr").all()]
    assert codes == [
        f"http://localhost:{office.trust_port}/trust",
        f"{office.url}/courier/app/#pair={code}&ca={fingerprint}",
    ]
    assert fingerprint[:8].upper() in page.inner_text(".phone-print").replace(" ", "")
    left = page.inner_text("[data-count-down]")
    assert phone.pair(code, name="Redmi của Khoa").status_code == 200
    page.wait_for_selector(".phone-done")  # by itself
    assert left.startswith("4:") or left == "5:00"
    page.goto(f"{office.url}/phones/")
    phone.state(7)
    page.reload()
    row = page.locator("tr", has_text="Redmi của Khoa")
    assert "7" in row.inner_text() and "đang dùng" in row.inner_text()
    axe(page)
    row.get_by_role("link", name="thu hồi").click()
    page.wait_for_selector("#out")
    axe(page)
    page.select_option("[name=reason]", "mất máy")
    page.fill("[name=words]", "rơi ở chợ")
    page.click("button.bad")
    page.wait_for_selector("caption:text('Đã thu hồi')")
    assert "mất máy: rơi ở chợ" in page.inner_text("main")
    answer = phone.http.get(f"{office.url}/api/v1/courier/state", timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (401, "phone-revoked")


def test_the_sheet_for_the_wall_fits_one_page_and_is_readable(supervisor: Any, office: OfficeStation, axe: Any) -> None:
    import pikepdf

    supervisor.goto(f"{office.url}/phones/sheet")
    axe(supervisor)
    assert seen(supervisor.locator(".phone-qr")) == f"http://localhost:{office.trust_port}/trust"
    paper = supervisor.pdf(prefer_css_page_size=True)
    with pikepdf.open(io.BytesIO(paper)) as opened:
        assert len(opened.pages) == 1


def phone_page(browser: Any, address: str, **options: Any) -> Any:
    page = browser.new_context(viewport={"width": 390, "height": 844}, locale="vi-VN", **options).new_page()
    page.goto(address)
    page.wait_for_selector("#checked.good, #checked.bad")
    return page


def test_the_trust_page_tells_whether_it_worked(
    chromium: Any, office: OfficeStation, axe: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain = f"http://localhost:{office.trust_port}/"
    page = phone_page(chromium, plain)
    assert NOT_YET in page.inner_text("#checked")
    axe(page)
    clicked_away = phone_page(chromium, f"{office.url}/trust", ignore_https_errors=True)
    assert NOT_YET in clicked_away.inner_text("#checked")  # a warning that was clicked away is no trust
    if not shutil.which("certutil"):
        pytest.skip("certutil (libnss3-tools) is not installed")
    home = tmp_path_factory.mktemp("home")
    office.trust_in_chromium(home)
    path = chromium.browser_type.executable_path if not shutil.which("chromium") else shutil.which("chromium")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    trusting = chromium.browser_type.launch(
        executable_path=path, args=[*FLAGS, *(["--no-sandbox"] if root else [])], env={**os.environ, "HOME": str(home)}
    )
    try:
        for address in (plain, f"{office.url}/trust"):
            assert TRUSTED in phone_page(trusting, address).inner_text("#checked"), address
    finally:
        trusting.close()
