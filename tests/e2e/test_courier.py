"""The courier's phone: taking over, delivering with a signature, failing with evidence, seeing nothing of others."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.domain.s10 import number_in_range
from agent.store.accounts import AccessLog
from agent.store.dossiers import Fee
from agent.store.items import CustodyEvent, Item, Proof
from agent.tracking.custody import accept, hand_over
from agent.web.courier.signature import strokes_of
from tests.e2e import rounds
from tests.webdesk import PASSWORD, START, serving

SCHEMES = ("light", "dark")
ABSENT = number_in_range("RD", 99_999_999).text


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """One office for all tests here, served, and the courier's signed-in state."""
    made = rounds.station(tmp_path_factory.mktemp("office"))
    with serving(made.site) as running:
        yield made, running.url
    made.site.store.close()


@pytest.fixture(scope="module")
def signed_in(chromium, office):
    page = rounds.phone(chromium)
    enter(page, office[1])
    state = page.context.storage_state()
    page.context.close()
    return state


@pytest.fixture
def at(office):
    """The office at nine in the morning, with nothing in the courier's hands."""
    with office[0].site.store.writing():
        Item.update(holder="elsewhere", offered_to="", state="returned").execute()
    office[0].site.clock.at = START
    return office[0]


@pytest.fixture
def url(office):
    return office[1]


@pytest.fixture
def phone(chromium, at, url, signed_in):
    page = rounds.phone(chromium, storage_state=signed_in)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    page.goto(url + "/courier/")
    yield page
    page.context.close()
    assert not problems


def enter(page, url, name="tuyen7"):
    page.goto(url + "/sign-in")
    page.fill("#f-username", name)
    page.fill("#f-password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/courier/")


def again(row):
    return type(row).get_by_id(row.id)


def sign(page):
    """A zigzag on the glass."""
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for n in range(8):
        page.mouse.move(box["x"] + 40 + 20 * n, box["y"] + (100 if n % 2 else 40))
    page.mouse.up()


def test_items_are_taken_over_one_by_one_or_all_at_once(at, url, phone):
    items = [rounds.offered(at, n) for n in range(3)]
    phone.reload()
    expect(phone.get_by_role("heading", name="Bưu cục giao cho bạn 3 bưu gửi")).to_be_visible()
    phone.get_by_role("button", name=f"Nhận {items[1].number[:2]} ").nth(1).click()
    expect(phone.get_by_text("Đã nhận 1 bưu gửi.")).to_be_visible()
    assert [again(item).holder for item in items].count("courier:tuyen7") == 1
    phone.get_by_role("button", name="Nhận cả 2").click()
    expect(phone.get_by_text("Đã nhận 2 bưu gửi.")).to_be_visible()
    assert {again(item).holder for item in items} == {"courier:tuyen7"}
    phone.get_by_role("button", name="Đi phát cả 3").click()
    expect(phone.get_by_text("3 bưu gửi đang đi phát.")).to_be_visible()
    assert {again(item).state for item in items} == {"out_for_delivery"}


def test_an_item_is_delivered_with_a_signature_and_the_money_owed(at, url, phone):
    item = rounds.out(at, collect=26_000)
    phone.reload()
    expect(phone.get_by_text("thu 26.000 đ")).to_be_visible()
    phone.get_by_role("link", name="Giao", exact=True).click()
    phone.fill("#f-last4", "2345")
    phone.check("#f-matched")
    sign(phone)
    expect(phone.get_by_text("đã có nét ký")).to_be_visible()
    phone.fill("#f-collected", "20.000")
    phone.get_by_role("button", name="Ghi đã giao").click()
    expect(phone.get_by_role("alert")).to_contain_text("Phải thu đúng số tiền")
    expect(phone.get_by_text("đã có nét ký")).to_be_visible()  # what was signed is kept
    assert again(item).state == "out_for_delivery"
    phone.fill("#f-collected", "26.000")
    phone.get_by_role("button", name="Ghi đã giao").click()
    phone.wait_for_url("**/courier/")
    expect(phone.get_by_text("✓ 09:00")).to_be_visible()
    proof = Proof.get(Proof.item == item)
    assert (again(item).state, proof.receiver, proof.identity_last4, proof.collected) == (
        "delivered", "Nguyễn Thị Hường", "2345", 26_000,
    )  # fmt: skip
    kept = json.loads(at.site.vault.get(proof.signature_sha256))
    assert kept["kind"] == "strokes" and len(kept["strokes"][0]) >= 8
    assert not Fee.select().where((Fee.dossier == item.dossier_id) & Fee.paid_at.is_null()).exists()


def test_going_back_and_sending_the_form_again_delivers_once(at, url, phone):
    item = rounds.out(at)
    phone.goto(f"{url}/courier/items/{item.number}/deliver")
    event = phone.get_attribute("input[name=event]", "value")
    form = {
        "_csrf": phone.get_attribute("form[action$=deliver] input[name=_csrf]", "value"), "event": event,
        "receiver": "Nguyễn Thị Hường", "relation": "chủ hồ sơ", "identity_type": "CCCD", "last4": "2345",
        "matched": "1", "typed": "nguyen thi huong",
    }  # fmt: skip
    for _ in range(2):
        answer = phone.request.post(f"{url}/courier/items/{item.number}/deliver", form=form, max_redirects=0)
        assert answer.status == 303
    assert Proof.select().where(Proof.item == item).count() == 1
    assert CustodyEvent.select().where((CustodyEvent.item == item) & (CustodyEvent.step == "deliver")).count() == 1


def test_without_javascript_the_receiver_types_the_name(chromium, at, url):
    item = rounds.out(at)
    page = rounds.phone(chromium, java_script_enabled=False)
    enter(page, url)
    page.get_by_role("link", name="Giao", exact=True).click()
    assert page.locator("#pad").is_hidden()
    page.fill("#f-last4", "2345")
    page.check("#f-matched")
    page.get_by_role("button", name="Ghi đã giao").click()
    assert "hoặc tự gõ họ tên" in page.get_by_role("alert").inner_text()
    page.fill("#f-typed", "Nguyễn Thị Hường")
    page.get_by_role("button", name="Ghi đã giao").click()
    page.wait_for_url("**/courier/")
    assert again(item).state == "delivered"
    kept = json.loads(at.site.vault.get(Proof.get(Proof.item == item).signature_sha256))
    assert kept == {"kind": "typed", "name": "Nguyễn Thị Hường", "v": 1}
    page.context.close()


def test_a_failed_attempt_offers_only_what_its_reason_allows_and_says_whether_it_counts(at, url, phone):
    item = rounds.out(at)
    phone.reload()
    phone.get_by_role("link", name="Không giao").click()
    phone.get_by_role("link", name="Người nhận từ chối").click()
    choices = phone.get_by_role("group", name="Rồi làm gì?").get_by_role("radio")
    assert [choices.nth(n).get_attribute("value") for n in range(choices.count())] == ["hold", "return"]
    phone.get_by_role("link", name="Lý do khác").click()
    phone.get_by_role("link", name="Người nhận vắng mặt").click()
    phone.get_by_role("button", name="Ghi không giao").click()
    expect(phone.get_by_role("alert")).to_contain_text("Chọn hướng xử lý")
    phone.get_by_label("phát lại").check()
    phone.get_by_label("vị trí", exact=True).check()
    phone.get_by_role("button", name="Ghi không giao").click()
    expect(phone.get_by_text("chưa tính là một lần phát: thiếu giấy mời")).to_be_visible()
    expect(phone.get_by_text("✕ 09:00")).to_be_visible()
    at.site.clock.forward(minutes=5)
    phone.get_by_role("link", name="Nguyễn Thị Hường").click()
    expect(phone.get_by_text("lần 1/2")).to_be_visible()
    phone.get_by_role("button", name="Đi phát").click()
    phone.get_by_role("link", name="Không giao").click()
    phone.get_by_role("link", name="Người nhận vắng mặt").click()
    for label in ("phát lại", "vị trí", "giấy mời"):
        phone.get_by_label(label, exact=True).check()
    phone.get_by_role("button", name="Ghi không giao").click()
    expect(phone.get_by_text("tính là lần 1")).to_be_visible()
    assert again(item).attempts == 2


def test_an_action_that_the_reason_forbids_is_refused_even_when_forged(at, url, phone):
    item = rounds.out(at)
    phone.goto(f"{url}/courier/items/{item.number}/failed?reason=absent")
    form = {
        "_csrf": phone.get_attribute("form[action$=failed] input[name=_csrf]", "value"), "reason": "absent",
        "event": phone.get_attribute("input[name=event]", "value"), "action": "return", "evidence": "position",
    }  # fmt: skip
    assert phone.request.post(f"{url}/courier/items/{item.number}/failed", form=form).status == 422
    assert again(item).attempts == 0


def test_a_reader_in_the_scan_box_opens_the_item_and_a_bad_number_is_explained(at, url, phone):
    item = rounds.held(at)
    phone.reload()
    phone.locator("label.do", has_text="Quét mã").click()
    assert phone.evaluate("[document.activeElement.id, document.activeElement.inputMode]") == ["scan", "none"]
    phone.keyboard.type(item.number + "\n")
    phone.wait_for_url(f"**/courier/items/{item.number}")
    phone.fill("#scan", "RD 123 456 780 VN")
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("sai chữ số kiểm tra")).to_be_visible()
    phone.get_by_role("button", name="mở").click()
    expect(phone.get_by_text("hoặc gõ số hiệu rồi bấm")).to_be_visible()


def test_what_goes_back_to_the_office_stays_in_the_courier_s_hands_until_it_is_accepted(at, url, phone):
    item = rounds.out(at)
    phone.goto(f"{url}/courier/items/{item.number}")
    phone.get_by_role("button", name="Trả lại bưu cục").click()
    expect(phone.get_by_text("Bạn còn giữ tới khi")).to_be_visible()
    assert (again(item).holder, again(item).offered_to) == ("courier:tuyen7", "office:BC-TAYHO")
    phone.get_by_role("button", name="Rút lại").click()
    expect(phone.get_by_role("link", name="Giao", exact=True)).to_be_visible()
    assert again(item).offered_to == ""


def test_another_couriers_item_is_answered_like_one_that_does_not_exist(at, url, phone):
    other = Actor("tuyen8", "Người khác", Role.COURIER, "BC-TAYHO", "T1")
    item = rounds.held(at)
    hand_over(at.site, [item.number], to="courier:tuyen8", by=rounds.COURIER)
    accept(at.site, [item.number], holder="courier:tuyen8", by=other)
    for action in ("", "/deliver", "/failed"):
        theirs = phone.request.get(f"{url}/courier/items/{item.number}{action}")
        nobody = phone.request.get(f"{url}/courier/items/{ABSENT}{action}")
        assert (theirs.status, nobody.status) == (404, 404)
        assert "Hường" not in theirs.text() and "Long Quân" not in theirs.text()
        assert without_number(theirs.text(), item.number) == without_number(nobody.text(), ABSENT)
    assert again(item).holder == "courier:tuyen8"


def without_number(html, number):
    import re

    return re.sub(r'"X-CSRF-Token": "[^"]+"|value="[^"]+"', "", html.replace(number, "#"))


def test_each_look_at_a_receiver_is_in_the_access_log(at, url, phone):
    item = rounds.out(at)
    before = AccessLog.select().count()
    phone.goto(f"{url}/courier/items/{item.number}")
    entry = AccessLog.select().order_by(AccessLog.id.desc()).first()
    assert AccessLog.select().count() == before + 1
    assert (entry.actor, entry.purpose, entry.what) == ("user:tuyen7", "delivery", "item with receiver")
    assert entry.dossier_uid == Item.get_by_id(item.id).dossier.uid


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_phones_pages_are_accessible_and_fit_one_hand(at, url, phone, axe, scheme):
    item = rounds.out(at, collect=26_000)
    rounds.out(at, 1)
    rounds.offered(at, 2)
    phone.emulate_media(color_scheme=scheme)
    base = f"/courier/items/{item.number}"
    for path in ("/courier/", base, f"{base}/deliver", f"{base}/failed", f"{base}/failed?reason=absent"):
        phone.goto(url + path)
        assert axe(phone) == [], path
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, path
        small = phone.evaluate(
            "[...document.querySelectorAll('main .do, .foot .do, .foot input, .stops a, .choice, .field input,select')]"
            ".filter(e => e.offsetParent && e.type !== 'hidden' && !e.matches('.choice input'))"
            ".filter(e => e.getBoundingClientRect().height < 48).map(e => e.outerHTML)"
        )
        assert small == [], path
    phone.get_by_role("button", name="Ghi không giao").click()
    phone.goto(f"{url}{base}/deliver")
    phone.get_by_role("button", name="Ghi đã giao").click()
    expect(phone.get_by_role("alert")).to_be_focused()
    assert axe(phone) == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "[[[1,2,3]]]", "[" * 5000, '[[["a",1,1]]]', json.dumps([[[True, 1, 1]] * 9]),
     json.dumps([[[1, 1, 1]] * 6001]), json.dumps([[[-1, 1, 1]] * 9]), json.dumps([[[1, 1]] * 9])],
)  # fmt: skip
def test_what_is_no_signature_is_not_kept_as_one(text):
    assert strokes_of(text) == b""
