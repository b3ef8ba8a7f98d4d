"""Take the README's pictures from the running product: `python -m tests.e2e.tour [FOLDER]`."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from tests import webdesk
from tests.e2e.conftest import FLAGS
from tests.e2e.courier_phone import Phone
from tests.e2e.filled_office import Filled, filled_office
from tests.flow.counter_desk import ROOT, Desk, Way

PASSWORD = "mật khẩu rất dài để thử"
CARD = "001188012345||Nguyễn Thị Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
COLOURS = 96  # of a picture, the most frequent: enough for the letters' edges, a third of the bytes


def main() -> None:
    """Photograph a counter with a few dossiers at different stations, then an office in the middle of its day."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, "--no-sandbox"])
        with Desk(Path(folder) / "desk") as desk:
            counter(browser, desk, target)
        at = filled_office(Path(folder) / "office")
        with webdesk.serving(at.site) as served:
            office(browser, at, served.url, target)
        browser.close()


def counter(browser: Any, desk: Desk, target: Path) -> None:
    """The clerk's, the province's and the citizen's pages, on a counter of processes of its own."""
    ways = [Way(desk, f"tour-{number}") for number in range(4)]
    for way, stations in zip(ways, (3, 6, 8, 14), strict=True):
        for step in way.steps()[:stations]:
            step()
    desk.act(ways[2].provisional, "take-up")
    plant(desk, ways[2].provisional)
    person(desk, "tinh", "province", "Lê Quỳnh Mai")
    person(desk, "lan.anh", "clerk", "Trần Lan Anh")
    photograph(browser, desk, ways, target)


def office(browser: Any, at: Filled, base: str, target: Path) -> None:
    """The delivery office's, the cashier's and the courier's pages, all at the office's own time."""
    desks = {name: signed_in(browser, base, name, DESKTOP, password=webdesk.PASSWORD) for name in ("lananh", "minh")}
    for name, who, path in (
        ("delivery", "lananh", "/delivery/"), ("trail", "lananh", f"/custody/items/{at.rows['disputed']}"),
        ("conflict", "minh", "/custody/conflicts"), ("money", "lananh", "/money/"),
    ):  # fmt: skip
        desks[who].goto(base + path)
        desks[who].wait_for_load_state("networkidle")
        keep(desks[who], target / f"{name}.png")
    phone = Phone(browser, base)
    phone.context.clock.set_fixed_time(at.clock.now())
    phone.pair(at.site)
    keep(phone.page, target / "courier.png")
    phone.fill_delivery(at.rows["out"], collected="26.000")
    keep(phone.page, target / "courier-deliver.png")


def keep(page: Any, path: Path) -> None:
    """The picture of a page, in as few colours and bytes as it needs."""
    with Image.open(io.BytesIO(page.screenshot())) as opened:
        picture = opened.convert("RGB")
    used = sorted(picture.getcolors(picture.width * picture.height) or [], reverse=True)[:COLOURS]
    frequent = Image.new("P", (1, 1))
    frequent.putpalette([part for _count, colour in used for part in colour])
    picture.quantize(palette=frequent, dither=Image.Dither.NONE).save(path, optimize=True)


def person(desk: Desk, name: str, role: str, full_name: str) -> None:
    """Somebody who can sign in."""
    words = ("users", "add", name, "--role", role, "--office", "BC-TAYHO", "--full-name", full_name, "--replace")
    command = desk.command(*words, "--password-stdin")
    subprocess.run(command, input=PASSWORD + "\n", text=True, cwd=ROOT, check=True, capture_output=True)


def plant(desk: Desk, number: str) -> None:
    """A difference for the province's page."""
    from agent.clock import SystemClock
    from agent.soap.province.clerk import act

    assert desk.province
    act(desk.province.folder, number, "plant", now=SystemClock().now(), kind="fee")


def photograph(browser: Any, desk: Desk, ways: list[Way], target: Path) -> None:
    """The pages as their users see them."""
    base = f"http://127.0.0.1:{desk.port}"
    clerk = signed_in(browser, base, "lan.anh", DESKTOP)
    clerk.goto(f"{base}/counter/dossiers/{ways[1].id}")
    clerk.wait_for_load_state("networkidle")
    keep(clerk, target / "dossier.png")
    clerk.goto(f"{base}/counter/")
    for typed in (CARD, "1.001193"):
        clerk.keyboard.press("F2")
        clerk.keyboard.type(typed)
        with clerk.expect_navigation():
            clerk.keyboard.press("Enter")
    keep(clerk, target / "intake.png")
    staff = signed_in(browser, base, "tinh", DESKTOP)
    with staff.expect_navigation():
        staff.keyboard.press("F9")
    keep(staff, target / "province.png")
    token = desk.press("GET", f"/dossiers/{ways[3].id}")["tracking_token"]
    citizen = browser.new_context(viewport=PHONE, locale="vi-VN").new_page()
    citizen.goto(f"{base}/t/{token}")
    keep(citizen, target / "tracking.png")


def signed_in(browser: Any, base: str, name: str, viewport: dict[str, int], *, password: str = PASSWORD) -> Any:
    """A page of somebody who has just signed in."""
    page = browser.new_context(viewport=viewport, locale="vi-VN").new_page()
    page.goto(f"{base}/sign-in")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


if __name__ == "__main__":
    main()
