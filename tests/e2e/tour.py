"""Take the README's pictures from the running product: `python -m tests.e2e.tour [FOLDER]`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import FLAGS
from tests.flow.counter_desk import ROOT, Desk, Way

PASSWORD = "mật khẩu rất dài để thử"
CARD = "001188012345||Nguyễn Thị Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def main() -> None:
    """Prepare a few dossiers at different stations, then photograph the five pages."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Desk(Path(folder) / "desk") as desk:
        ways = [Way(desk, f"tour-{number}") for number in range(4)]
        for way, stations in zip(ways, (3, 6, 8, 14), strict=True):
            for step in way.steps()[:stations]:
                step()
        desk.act(ways[2].provisional, "take-up")
        plant(desk, ways[2].provisional)
        person(desk, "tinh", "province", "Lê Quỳnh Mai")
        person(desk, "lan.anh", "clerk", "Trần Lan Anh")
        person(desk, desk.courier.partition(":")[2], "courier", "Phạm Quang Minh")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, "--no-sandbox"])
            photograph(browser, desk, ways, target)
            browser.close()


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
    clerk.screenshot(path=target / "dossier.png")
    clerk.goto(f"{base}/counter/")
    for typed in (CARD, "1.001193"):
        clerk.keyboard.press("F2")
        clerk.keyboard.type(typed)
        with clerk.expect_navigation():
            clerk.keyboard.press("Enter")
    clerk.screenshot(path=target / "intake.png")
    courier = signed_in(browser, base, desk.courier.partition(":")[2], PHONE)
    courier.screenshot(path=target / "courier.png")
    staff = signed_in(browser, base, "tinh", DESKTOP)
    with staff.expect_navigation():
        staff.keyboard.press("F9")
    staff.screenshot(path=target / "province.png")
    token = desk.press("GET", f"/dossiers/{ways[3].id}")["tracking_token"]
    citizen = browser.new_context(viewport=PHONE, locale="vi-VN").new_page()
    citizen.goto(f"{base}/t/{token}")
    citizen.screenshot(path=target / "tracking.png")


def signed_in(browser: Any, base: str, name: str, viewport: dict[str, int]) -> Any:
    """A page of somebody who has just signed in."""
    page = browser.new_context(viewport=viewport, locale="vi-VN").new_page()
    page.goto(f"{base}/sign-in")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    return page


if __name__ == "__main__":
    main()
