"""A courier's phone for browser tests: a Chromium page of its size with the app in it, and what a hand does there."""

from __future__ import annotations

import base64
from typing import Any

from agent.store.items import CustodyEvent, Item
from agent.tracking.phones.pairing import new_code
from tests import builders
from tests.e2e.conftest import AXE
from tests.e2e.serving import until

PIN = "482915"
SIZE = {"width": 390, "height": 844}
ABSENT = "người nhận vắng mặt"
READ_STORES = """async (stores) => {
  const db = await new Promise((done, fail) => {
    const asked = indexedDB.open("courier-app"); asked.onsuccess = () => done(asked.result); asked.onerror = fail; });
  const found = {};
  for (const name of stores) found[name] = await new Promise((done) => {
    const asked = db.transaction(name).objectStore(name).getAll(); asked.onsuccess = () => done(asked.result); });
  db.close();
  return JSON.stringify(found, (key, value) =>
    value instanceof ArrayBuffer ? "AB:" + Array.from(new Uint8Array(value), (b) => String.fromCharCode(b)).join("")
    : value instanceof Uint8Array ? "U8:" + Array.from(value, (b) => String.fromCharCode(b)).join("") : value);
}"""


class Phone:
    """One phone with its own storage; `problems` collects script errors and what the policy blocked."""

    def __init__(self, chromium: Any, url: str, **options: Any) -> None:
        self.url = url
        self.context = chromium.new_context(
            viewport=SIZE, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", has_touch=True, permissions=["geolocation"],
            geolocation={"latitude": 21.066571, "longitude": 105.823412, "accuracy": 12}, **options,
        )  # fmt: skip
        self.context.set_default_timeout(15_000)
        self.problems: list[str] = []
        self.context.on("page", self._listen)
        self.page = self.context.new_page()

    def _listen(self, page: Any) -> None:
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda m: self.problems.append(m.text) if "Content Security Policy" in m.text else None)

    @property
    def app(self) -> str:
        return f"{self.url}/courier/app/"

    def pair(self, site: Any, *, courier: str = "tuyen7", by: Any = builders.CLERK) -> None:
        """From the office's QR to the round: PIN twice, a name, the round is here."""
        code = new_code(site, courier, by=by)
        self.page.goto(f"{self.app}#pair={code.text}&ca={'a1' * 32}")
        self.pin()
        self.page.get_by_role("heading", name="Nhập lại mã khóa").wait_for()
        self.pin()
        self.page.get_by_label("Tên của máy này").fill("Máy thử")
        self.page.get_by_role("button", name="Ghép", exact=True).click()
        self.wait_synced()

    def pin(self, digits: str = PIN) -> None:
        """Tap the PIN on the pad."""
        for digit in digits:
            self.page.locator(f'[data-key="{digit}"]').click()
        self.page.locator('[data-key="OK"]').click()

    def reload(self, *, pin: str = PIN) -> None:
        """Load the app anew and open the lock."""
        self.page.reload()
        self.unlock(pin)

    def unlock(self, pin: str = PIN) -> None:
        """Open the lock that is shown."""
        self.page.get_by_role("heading", name="Nhập mã khóa").wait_for()
        self.pin(pin)
        self.page.locator("a.pill").wait_for()

    def go(self, route: str) -> None:
        """Another screen of the app."""
        self.page.evaluate("(route) => { location.hash = route; }", f"#/{route}")

    def unsent(self) -> int:
        """What the pill says, always on the screen."""
        return int(self.page.locator("a.pill").get_attribute("data-unsent"))

    def wait_unsent(self, count: int) -> None:
        """Until the pill says so."""
        until(lambda: self.unsent() == count, f"{count} events not sent")

    def wait_synced(self) -> None:
        """Until a contact with the office has ended well and nothing is left."""
        self.page.locator("a.pill").wait_for()
        until(lambda: self.page.evaluate("import(document.querySelector('script[type=module]').src.replace('main.js', 'ui/state.js')).then(({app}) => app.sync.at > 0 && !app.sync.running && app.unsent === 0)"), "all is sent", seconds=90)  # fmt: skip # noqa: E501

    def ready_offline(self) -> None:
        """Until the service worker controls the page and holds its files."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        until(lambda: self.page.evaluate("Boolean(navigator.serviceWorker.controller)"), "the worker controls the page")

    def sign(self) -> None:
        """A zigzag on the glass."""
        pad = self.page.locator("#signature")
        pad.scroll_into_view_if_needed()
        box = pad.bounding_box()
        self.page.mouse.move(box["x"] + 40, box["y"] + 60)
        self.page.mouse.down()
        for n in range(8):
            self.page.mouse.move(box["x"] + 40 + 30 * n, box["y"] + (100 if n % 2 else 40))
        self.page.mouse.up()

    def photograph(self, picture: bytes) -> None:
        """What the phone's camera would hand over."""
        self.page.set_input_files("#photo", {"name": "x.png", "mimeType": "image/png", "buffer": picture})
        self.page.get_by_alt_text("Ảnh đã chụp").wait_for()

    def fill_delivery(self, number: str, *, collected: str = "") -> None:
        """The form of a delivery up to its button."""
        self.go(f"deliver/{number}")
        self.page.get_by_label("4 số cuối").fill("2345")
        self.page.get_by_label("Ảnh trên giấy tờ khớp người nhận").check()
        if collected:
            self.page.get_by_label("Đã thu (đồng)").fill(collected)
        self.sign()

    def deliver(self, number: str, *, collected: str = "") -> None:
        """A delivery, recorded."""
        self.fill_delivery(number, collected=collected)
        self.page.get_by_role("button", name="Ghi đã giao").click()
        self.page.get_by_text("Đã ghi giao").wait_for()

    def stored(self, *stores: str) -> str:
        """All that lies in these stores of the phone, as one text with its bytes as letters."""
        return str(self.page.evaluate(READ_STORES, list(stores)))

    def accessible(self) -> list[str]:
        """What axe-core has against the screen."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'wcag2aaa']}).then(r => r.violations)")  # fmt: skip # noqa: E501
        return [f"{v['id']}: {node['target']} {node['failureSummary']}" for v in found for node in v["nodes"]]


def picture(width: int = 2400, height: int = 1200) -> bytes:
    """A photo's stand-in: a PNG larger than a proof may be."""
    from io import BytesIO

    from PIL import Image

    out = BytesIO()
    Image.effect_noise((width // 8, height // 8), 60).resize((width, height)).convert("RGB").save(out, "PNG")
    return out.getvalue()


def events_of(item: Item) -> list[CustodyEvent]:
    """The custody of an item as the office has it."""
    return list(CustodyEvent.select().where(CustodyEvent.item == item).order_by(CustodyEvent.id))


def decoded(text: str) -> bytes:
    """base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
