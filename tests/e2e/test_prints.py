"""The print page in a real browser, by keyboard alone, with simulated printers for labels and for the roll."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from agent.devices.simulators import escpos_picture, zpl_picture
from agent.devices.simulators.process import tell
from agent.domain.roles import Role
from agent.store import outbox
from agent.tracking.items import allot_range, register_item
from tests.e2e import rounds
from tests.e2e.clerk import Clerk
from tests.e2e.serving import Station, until
from tests.e2e.test_roles_walk import Walker, sign_in
from tests.webdesk import PASSWORD, USERS, serving


class PrintingStation(Station):
    """A counter with two printers: labels in ZPL, receipts in ESC/POS."""

    peers = (*Station.peers, ("devices", "simulate", "escpos"))

    def write_config(self, *said: dict[str, Any]) -> None:
        super().write_config(*said)
        self.roll_printer = said[2]
        with (self.data / "agent.toml").open("a", encoding="utf-8") as settings:
            settings.write(
                '\n[[device]]\nname = "cuon"\nrole = "receipt"\nkind = "tcp"\nlanguage = "escpos"\nmedia = "80x0"\n'
                f'address = "{self.roll_printer["address"]}"\n'
            )

    def rolls(self) -> list[Path]:
        """What came out of the roll printer, oldest first."""
        return sorted((self.data / "simulated" / "escpos").glob("label-*.escpos"))


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    running = PrintingStation(tmp_path_factory.mktemp("prints"))
    try:
        running.open()
        yield running
    finally:
        running.close()


@pytest.fixture
def clerk(page, counter):
    return Clerk(page, counter)


def codes(picture: bytes) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)).convert("L"))}


def test_labels_slip_and_covers_are_printed_from_one_page_with_the_keyboard_alone(clerk, counter, axe):
    clerk.sign_in()
    number = clerk.receive()
    clerk.label()
    clerk.go("Control+p")
    clerk.sees("In nhãn và giấy")
    clerk.sees("nhan · zpl · 203 dpi")
    clerk.sees("cuon · escpos · 203 dpi · cuộn 80 mm")
    before = len(counter.labels())
    clerk.go("F6")
    clerk.sees("nhãn thành phần.")
    components = clerk.page.locator("tr.group + tr + tr, tr.group ~ tr:not(.group)").count()
    until(lambda: len(counter.labels()) == before + components, "a label for each component came out")
    said = [codes(zpl_picture.draw(path.read_bytes())) for path in counter.labels()[before:]]
    assert all(any(code.startswith(f"PA1C|{number}|") for code in one) for one in said)
    clerk.go("F9")
    clerk.sees("Đã gửi in.")
    until(counter.rolls, "a slip came out of the roll printer")
    assert number in codes(escpos_picture.draw(counter.rolls()[-1].read_bytes()))
    expect(clerk.page.locator("#dossier")).not_to_contain_text("đang chờ in", timeout=20_000)
    assert axe(clerk.page) == []
    assert clerk.page.evaluate("document.documentElement.scrollWidth") <= 1366
    clerk.page.screenshot(path=str(counter.data / "print-page.png"))
    clerk.press("F4")
    expect(clerk.page.locator("input[name=reason]:focus")).to_have_count(1)
    clerk.type("nhãn rách")
    before = len(counter.labels())
    clerk.go("Enter")
    until(lambda: len(counter.labels()) == before + 1, "the dossier's label came out again")
    assert clerk.no_mouse()
    with clerk.page.expect_response(lambda answer: "covers.pdf" in answer.url) as covers:
        clerk.press("F10")
    assert covers.value.status == 200
    assert covers.value.headers["content-type"] == "application/pdf"
    clerk.page.wait_for_url("**/covers.pdf", wait_until="commit")
    clerk.page.goto(counter.url + "/counter/")  # Chromium does not close a page that shows a PDF


def test_a_print_that_nobody_saw_come_out_is_asked_about_and_never_repeated_by_itself(clerk, counter, axe):
    control = str(counter.roll_printer["control"])
    clerk.sign_in()
    clerk.receive()
    clerk.go("Control+p")
    before = len(counter.rolls())
    tell(control, "vanish", after=2000)
    clerk.go("F9")
    clerk.sees("chưa rõ đã ra hay chưa. Nhìn máy in rồi trả lời", seconds=40)
    assert axe(clerk.page) == []
    clerk.page.screenshot(path=str(counter.data / "print-page-asks.png"))
    tell(control, "ok")
    clerk.page.goto(clerk.page.url.removesuffix("/print"))
    clerk.sees("Có bản in chưa rõ đã ra hay chưa")
    clerk.go("Control+p")
    clerk.go("F8")
    clerk.sees("không ra; đang in bản mới")
    until(lambda: len(counter.rolls()) == before + 1, "one slip came out, when the clerk had said so")
    clerk.sees("đã in")
    assert clerk.no_mouse()


def test_what_waits_for_a_printer_says_why_and_can_be_given_up(clerk, counter):
    control = str(counter.roll_printer["control"])
    clerk.sign_in()
    clerk.receive()
    clerk.go("Control+p")
    tell(control, "paper-out")
    before = len(counter.rolls())
    clerk.go("F9")
    clerk.sees("ết giấy", seconds=40)
    clerk.page.screenshot(path=str(counter.data / "print-page-waits.png"))
    clerk.page.keyboard.press("F2")
    until(lambda: clerk.page.locator("text=bỏ, không in nữa").count(), "it can be given up")
    for _ in range(12):  # the rows by arrow keys
        if "bỏ, không in nữa" in clerk.page.evaluate("document.activeElement.textContent"):
            break
        clerk.press("ArrowDown")
    clerk.go("Enter")
    clerk.sees("Đã bỏ bản in đang chờ")
    tell(control, "ok")
    clerk.go("F9")
    until(lambda: len(counter.rolls()) == before + 1, "only the later slip came out")
    assert clerk.no_mouse()


def test_cards_badges_and_reader_sheets_are_pdfs_for_those_who_may(clerk, counter, axe):
    page = clerk.page
    clerk.sign_in("minh")
    page.goto(counter.url + "/admin/sheets")
    clerk.sees("Thẻ thủ tục")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.screenshot(path=str(counter.data / "sheets.png"), full_page=True)
    wanted = {
        "procedures.pdf?code=1.001193": {"PA1P|1.001193"},
        "commands.pdf": {"PA1K|next", "PA1K|undo"},
        "reader.pdf": {"PA1R|1|ASDFGHJKL-0123456789"},
        "bag.pdf?number=T1-B0042&to=Trung+t%C3%A2m+H%C3%A0+N%E1%BB%99i&items=37&seal=NP-1": {"PA1T|T1-B0042"},
        "bag.pdf?kind=manifest&number=T1-K7&to=Trung+t%C3%A2m&items=3&bags=1&dossiers=2": {"PA1M|T1-K7"},
    }
    for address, said in wanted.items():
        answer = page.request.get(f"{counter.url}/admin/sheets/{address}")
        assert answer.status == 200, address
        assert said <= printed_codes(answer.body()), address
    assert page.request.get(f"{counter.url}/admin/sheets/badges.pdf").status == 403
    refused = page.request.get(f"{counter.url}/admin/sheets/bag.pdf?number=T%7C1&to=X")
    assert refused.status == 422
    assert "không dùng được trong mã" in refused.text()


def printed_codes(data: bytes) -> set[str]:
    import pypdfium2

    pages = [page.render(scale=200 / 72, grayscale=True).to_pil() for page in pypdfium2.PdfDocument(data)]
    return {code.text for page in pages for code in zxingcpp.read_barcodes(page)}


def test_the_return_label_of_a_registered_item_is_one_key_away(tmp_path, page, axe):
    at = rounds.station(tmp_path)
    allot_range(at.site, "BC-TAYHO", "RR", 47312482, 47312999)
    dossier = rounds.with_result(at, collect=26_000)
    register_item(at.site, dossier.uid, by=rounds.CLERK)
    with serving(at.site) as running:
        page.goto(running.url + "/sign-in")
        page.fill("#f-username", "lananh")
        page.fill("#f-password", PASSWORD)
        page.press("#f-password", "Enter")
        page.goto(f"{running.url}/counter/dossiers/{dossier.uid}")
        page.keyboard.press("Control+p")
        expect(page.locator(".foot .do")).to_contain_text("In nhãn bưu gửi")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        row = page.get_by_role("row", name="nhãn bưu gửi RR 473 124 829 VN")
        expect(row).to_contain_text("đang chờ in")
        assert axe(page) == []
        page.screenshot(path=str(tmp_path / "return-label.png"))
        expect(page.locator("body")).not_to_contain_text("Hường")  # no person on the page
    job = outbox.show("RR473124829VN/I1")
    assert {"RR473124829VN"} <= codes(zpl_picture.draw(job.payload))


def test_an_administrator_prints_badges_that_say_who_somebody_is(served):
    administrator = Walker("quantri", Role.ADMINISTRATOR, "BC-TAYHO")
    sign_in(served.url, administrator)
    page = administrator.browser.get(served.url + "/admin/sheets", timeout=30).text
    assert "Nguyễn Thị Lan Anh" in page
    every = administrator.browser.get(served.url + "/admin/sheets/badges.pdf", timeout=30)
    assert printed_codes(every.content) == {f"PA1B|{name}" for name in USERS}
    one = administrator.browser.get(served.url + "/admin/sheets/badges.pdf?user=lananh", timeout=30)
    assert printed_codes(one.content) == {"PA1B|lananh"}
    nobody = administrator.browser.get(served.url + "/admin/sheets/badges.pdf?user=ai-do", timeout=30)
    assert (nobody.status_code, "Chưa chọn thẻ nào" in nobody.text) == (422, True)
