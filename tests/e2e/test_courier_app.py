"""A courier's day on a phone without a network, in Chromium over TLS with a camera: labels, proofs, a hand-over."""

from __future__ import annotations

import io
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from agent.store.custody_events import DeviceEvent
from agent.store.items import CustodyEvent, Item, Proof
from tests.e2e.conftest import FLAGS
from tests.e2e.courier_phone import Phone, picture
from tests.e2e.fake_camera import FakeCamera
from tests.e2e.office_station import OfficeStation, office_station, until

LABELS = int(os.environ.get("STORY_LABELS", "8"))  # `make courier-day` has the whole day of 50
WITH_DECODER, WITHOUT = 1_200_000, 150_000  # bytes of the first load
SIZES = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .map((one) => [one.name, one.encodedBodySize || one.transferSize])"""

COURIERS = """() => import(document.querySelector("script[type=module]").src.replace("main.js", "ui/state.js"))
  .then(({ app }) => app.round.couriers.map((one) => one.username))"""


@dataclass
class Street:
    """What the story is played with: the office, its camera for both phones, and the phones."""

    office: OfficeStation
    camera: FakeCamera
    numbers: list[str]
    mine: Phone
    theirs: Phone


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """An office over TLS with its own CA, items on offer, two phones with a camera that trust the CA."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or shutil.which("certutil") is None:
        reason = "no Chromium, or no certutil (libnss3-tools), on this machine"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    camera, home = FakeCamera(tmp_path / "camera.mjpeg"), tmp_path / "home"
    with office_station(tmp_path / "office") as office:
        numbers = office.items(LABELS, state="offered")
        office.trust_in_chromium(home)
        flags = [*FLAGS, "--no-sandbox", *camera.flags]
        with sync_playwright() as driver:
            browser = driver.chromium.launch(
                executable_path=chromium, args=flags, env={**os.environ, "HOME": str(home)}
            )
            phones = [Phone(browser, office.url) for _ in range(2)]
            for one in phones:
                one.context.grant_permissions(["camera", "geolocation"], origin=office.url)
            yield Street(office, camera, numbers, *phones)
            browser.close()
        assert not [words for one in phones for words in one.problems]


def test_a_courier_works_a_day_without_a_network_and_the_office_has_each_act_once(street: Street) -> None:
    """Pair, go offline, scan all labels, deliver, fail, hand over to a second phone, come back."""
    mine, theirs, numbers = street.mine, street.theirs, street.numbers
    pair(mine, street.office.pairing_url("tuyen7"))
    first_load(mine)
    pair(theirs, street.office.pairing_url("tuyen8"))
    meet(mine, "tuyen8")
    meet(theirs, "tuyen7")
    offline(mine, theirs)

    street.camera.labels(numbers)
    scan_all(mine, len(numbers))
    assert mine.accessible() == []
    mine.page.get_by_role("button", name=f"Nhận đủ {len(numbers)}").click()
    mine.page.get_by_text(f"Đã nhận {len(numbers)} bưu gửi").wait_for()
    mine.page.get_by_role("button", name="Đi phát cả").click()
    mine.wait_unsent(2 * len(numbers))

    mine.reload()
    delivered, failed, given = numbers[:2], numbers[2], numbers[3]
    deliver_scanned(street, delivered[0], photo=True)
    deliver_by_hand(mine, delivered[1])
    fail(mine, failed)
    hand_over(street, given)

    come_back(street, mine)
    theirs.context.set_offline(False)
    theirs.page.evaluate("dispatchEvent(new Event('online'))")
    theirs.wait_synced()
    with street.office._site() as site, site.store.reading():
        each_act_is_there_once(mine, theirs)
        assert steps(numbers[4])[-3:] == ["offer", "accept", "out_for_delivery"]
        assert steps(failed)[-3:] == ["accept", "out_for_delivery", "attempt_failed"]
        assert steps(given)[-2:] == ["offer", "accept"] and holder(given) == "courier:tuyen8"
        assert [steps(number)[-1] for number in delivered] == ["deliver"] * 2
        signed = [signed_at(site, number) for number in delivered]
    assert signed[0] < 0.4 < 0.6 < signed[1]  # each proof with its own item


def pair(phone: Phone, url: str) -> None:
    """From the office's QR to the round, until the app is there for offline work."""
    phone.page.goto(url)
    phone.pin()
    phone.page.get_by_role("heading", name="Nhập lại mã khóa").wait_for()
    phone.pin()
    phone.page.get_by_label("Tên của máy này").fill("Máy thử")
    phone.page.get_by_role("button", name="Ghép", exact=True).click()
    phone.wait_synced()
    phone.ready_offline()


def first_load(phone: Phone) -> None:
    """What the first visit cost, as sent: the page and its files, and the decoder that follows."""
    until(lambda: any("zxing_reader.wasm" in name for name, _ in phone.page.evaluate(SIZES)), "the decoder is loaded")
    sizes = {name.rpartition("/")[2] or "page": size for name, size in phone.page.evaluate(SIZES)}
    files = {name: size for name, size in sizes.items() if "?" not in name and name not in ("pair", "round", "state")}
    decoder = {name: size for name, size in files.items() if name in ("zxing_reader.wasm", "reader.js")}
    assert len(decoder) == 2 and all(size > 10_000 for size in decoder.values()), sizes
    assert sum(files.values()) < WITH_DECODER, sizes
    assert sum(files.values()) - sum(decoder.values()) < WITHOUT, sizes


def meet(phone: Phone, other: str) -> None:
    """Ask the office once more, so that this phone knows the other one's key."""
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    until(lambda: other in phone.page.evaluate(COURIERS), f"the phone knows {other}")


def offline(*phones: Phone) -> None:
    """The network goes, and the app opens all the same."""
    for phone in phones:
        phone.context.set_offline(True)
        phone.reload()


def scan_all(phone: Phone, count: int) -> None:
    """Hold label after label under the camera until all are counted."""
    phone.go("accept")
    phone.page.get_by_text("Đưa mã vào khung").wait_for()
    counted = phone.page.locator("p.sum b")
    until(lambda: counted.inner_text() == f"{count}/{count}", "all labels are scanned", seconds=240)
    assert phone.page.get_by_text("thừa").count() == 0


def deliver_scanned(street: Street, number: str, *, photo: bool) -> None:
    """Scan an item's label, hand it over, sign on the left of the glass, with a photo."""
    phone = street.mine
    street.camera.labels([number])
    phone.go("scan")
    phone.page.get_by_role("link", name="Giao", exact=True).click()
    phone.page.get_by_label("4 số cuối").fill("2345")
    phone.page.get_by_label("Ảnh trên giấy tờ khớp người nhận").check()
    if photo:
        phone.photograph(picture(800, 600))
    strokes(phone, left=20)
    phone.page.get_by_text("Vị trí ±").wait_for()
    assert phone.accessible() == []
    phone.page.get_by_role("button", name="Ghi đã giao").click()
    phone.page.get_by_text("Đã ghi giao").wait_for()


def deliver_by_hand(phone: Phone, number: str) -> None:
    """Hand an item over that was found in the list, and sign on the right of the glass."""
    phone.go(f"deliver/{number}")
    phone.page.get_by_label("4 số cuối").fill("6789")
    phone.page.get_by_label("Ảnh trên giấy tờ khớp người nhận").check()
    strokes(phone, left=250)
    phone.page.get_by_role("button", name="Ghi đã giao").click()
    phone.page.get_by_text("Đã ghi giao").wait_for()


def strokes(phone: Phone, *, left: int) -> None:
    """A short zigzag that begins `left` pixels from the glass's edge."""
    pad = phone.page.locator("#signature")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    phone.page.mouse.move(box["x"] + left, box["y"] + 30)
    phone.page.mouse.down()
    for n in range(8):
        phone.page.mouse.move(box["x"] + left + 8 * n, box["y"] + (70 if n % 2 else 30))
    phone.page.mouse.up()


def fail(phone: Phone, number: str) -> None:
    """Nobody at home: position, photo, call, invitation."""
    phone.go(f"failed/{number}")
    phone.page.locator("label", has_text="người nhận vắng mặt").click()
    phone.page.locator("label", has_text="phát lại").click()
    phone.photograph(picture(640, 480))
    phone.page.get_by_label("Đã gọi cho người nhận").check()
    phone.page.get_by_label("Đã để lại giấy mời").check()
    phone.page.get_by_text("Vị trí ±").wait_for()
    phone.page.get_by_role("button", name="Ghi không giao").click()
    phone.page.get_by_text("Đã ghi không giao").wait_for()


def hand_over(street: Street, number: str) -> None:
    """One phone shows a signed QR, the other one's camera reads it; neither has a network."""
    mine, theirs = street.mine, street.theirs
    street.camera.labels([number])
    mine.go("give")
    mine.page.get_by_text("Lê Minh Khoa").click()
    mine.page.get_by_text("· camera").wait_for()
    mine.page.get_by_role("button", name="Ký và hiện mã").click()
    canvas = mine.page.locator("canvas.qr")
    canvas.wait_for()
    street.camera.screen([canvas.screenshot()])
    theirs.go("take")
    theirs.page.get_by_text("chữ ký đúng").wait_for()
    assert theirs.accessible() == []
    street.camera.labels([number])
    theirs.go("more")
    theirs.go("take")  # the count goes on, by the camera too
    theirs.page.get_by_text("camera", exact=False).last.wait_for()
    theirs.page.get_by_role("button", name="Nhận đủ 1").click()
    theirs.page.get_by_text("Đã nhận 1 bưu gửi").wait_for()


def come_back(street: Street, phone: Phone) -> None:
    """The network is back but the office's server was killed; nothing is lost, and all is sent when it runs again."""
    unsent = phone.unsent()
    street.office.kill_serve()
    phone.context.set_offline(False)
    phone.page.evaluate("dispatchEvent(new Event('online'))")
    phone.go("outbox")
    phone.page.get_by_text("Không tới được bưu cục").wait_for()
    assert phone.unsent() == unsent
    street.office.start_serve()
    phone.page.get_by_role("button", name="Gửi ngay").click()
    phone.wait_synced()


def each_act_is_there_once(*phones: Phone) -> None:
    """Every event of each phone, once, in a chain without gaps, and none but them."""
    rows = list(DeviceEvent.select())
    assert len({row.uid for row in rows}) == len(rows)
    assert Counter(row.verdict for row in rows) == {"taken": len(rows)}
    by_phone = Counter(row.phone_uid for row in rows)
    assert len(by_phone) == len(phones)
    for phone, count in by_phone.items():
        assert sorted(row.seq for row in rows if row.phone_uid == phone) == list(range(1, count + 1))
    assert not any(row.broken for row in rows)
    assert (
        len(rows) == 2 * LABELS + 2 + 1 + 1 + 1
    )  # accept and out of each; two deliveries, a failure, offer and accept


def item_of(number: str) -> Item:
    return Item.get(Item.number == number)


def steps(number: str) -> list[str]:
    """What happened to an item, in its order."""
    events = CustodyEvent.select().where(CustodyEvent.item == item_of(number)).order_by(CustodyEvent.place)
    return [event.step for event in events]


def holder(number: str) -> str:
    return str(item_of(number).holder)


def signed_at(site: Any, number: str) -> float:
    """Where on the glass the signature of an item's proof stands, 0 left to 1 right."""
    proof = Proof.get(Proof.item == item_of(number))
    event = DeviceEvent.get((DeviceEvent.number == number) & (DeviceEvent.step == "deliver"))
    assert event.body["proof"]["signature"] == proof.signature_sha256
    with Image.open(io.BytesIO(site.vault.get(proof.signature_sha256))) as picture_:
        ink = np.asarray(picture_.convert("L")) < 128
    return float(np.flatnonzero(ink.any(axis=0)).mean() / ink.shape[1])
