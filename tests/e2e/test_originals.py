"""A signed PDF at the counter: its signature is shown in words, one key keeps it as it is, no PIN and no signature."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image
from playwright.sync_api import expect

from agent.intake.filing import wants_copy
from agent.intake.label import confirm_label
from agent.settings import load
from agent.store.lookup import components_of
from agent.wiring import build_site
from tests import phone_pictures as phone
from tests import signed_files as made
from tests.builders import CLERK as ACTOR
from tests.builders import Station as Desk
from tests.builders import received, scanned
from tests.e2e.clerk import Clerk
from tests.e2e.serving import station


@pytest.fixture(scope="module")
def counter(tmp_path_factory, chromium):
    with station(tmp_path_factory.mktemp("counter")) as running:
        yield running


@pytest.fixture
def clerk(page, counter):
    return Clerk(page, counter)


def labelled(counter) -> tuple[str, str, int]:
    site = build_site(load(counter.data))
    try:
        dossier = received(Desk(site, None))
        confirm_label(site, dossier.uid, dossier.provisional, by=ACTOR)
        wanted = [one for one in components_of(dossier) if wants_copy(one)]
        return f"{counter.url}/counter/dossiers/{dossier.uid}", str(wanted[0].uid), len(wanted)
    finally:
        site.store.close()


def test_a_signed_pdf_is_kept_by_one_key_and_sent_without_a_signature(clerk, counter, tmp_path):
    address, component, wanted = labelled(counter)
    assert wanted == 1
    at = datetime.now(UTC)
    good = made.signed(made.signer(counter.data / "demonstration-ca", at), made.document(), at)
    (tmp_path / "giấy phép.pdf").write_bytes(good)
    (tmp_path / "đã sửa.pdf").write_bytes(made.repainted(good))
    page = clerk.page
    clerk.sign_in()

    page.goto(f"{address}?component={component}")
    clerk.choose_file("F8", tmp_path / "đã sửa.pdf")
    expect(page.locator("#papers")).to_contain_text("không còn là bản gốc điện tử")
    expect(page.locator("table.signatures")).to_contain_text("nội dung bị sửa sau khi ký")
    page.locator("form.judge input[name=reason]").fill("người nộp đưa nhầm tệp")
    with page.expect_navigation():
        page.locator("form.judge button[value=remove]").press("Enter")

    page.goto(f"{address}?component={component}")
    clerk.choose_file("F8", tmp_path / "giấy phép.pdf")
    table = page.locator("table.signatures")
    expect(table).to_contain_text(made.SIGNER)
    expect(table).to_contain_text("chữ ký hợp lệ")
    expect(table).to_contain_text("TẬP HUẤN")
    page.screenshot(path=tmp_path / "original.png", full_page=True)
    clerk.go("Alt+B")
    expect(page.locator("#papers")).to_contain_text("bản điện tử")

    page.goto(address)
    clerk.go("F10")
    page.wait_for_url("**/sign")
    expect(page.get_by_text("Gửi nguyên tệp, không ký lại").first).to_be_visible()
    expect(page.get_by_role("button", name="Gửi tỉnh")).to_be_visible()
    page.screenshot(path=tmp_path / "sign.png", full_page=True)
    clerk.go("Enter")
    expect(page.locator("body")).to_contain_text("nguyên như người nộp đưa")


def test_a_phones_picture_is_shown_corrected_beside_the_picture_and_one_key_refuses_that(clerk, counter, tmp_path):
    address, component, _ = labelled(counter)
    sheet = Image.open(io.BytesIO(scanned("tờ khai"))).convert("RGB")
    (tmp_path / "chụp.jpg").write_bytes(phone.taken(sheet, 2, fill=0.93, tilt=0.05).data)
    page = clerk.page
    clerk.sign_in()
    page.goto(f"{address}?component={component}")
    clerk.choose_file("F8", tmp_path / "chụp.jpg")
    camera = page.locator("form.camera")
    expect(camera).to_contain_text("đã nắn thẳng")
    expect(page.locator("#papers")).to_contain_text("bốn góc giấy")
    for image in camera.locator("img").all():
        expect(image).to_have_js_property("complete", True)
    camera.screenshot(path=tmp_path / "camera.png")
    clerk.go("Alt+N")
    expect(page.locator("form.camera")).to_contain_text("Dùng trang đã nắn")
    expect(page.locator("#papers")).to_contain_text("mặt bàn")
