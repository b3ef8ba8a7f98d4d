"""The courier's app on a phone: pairing, lock, offline work, cut sync, full phone, shut out, two tabs, hand-over."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from agent.clock import SystemClock
from agent.domain.phone_event import event_hash
from agent.store.custody_events import DeviceEvent
from agent.store.items import Item, Proof
from agent.store.phones import Phone as PhoneRow
from agent.tracking.phones.pairing import revoke
from agent.web.courier_app.files import app_files
from agent.web.courier_app.shell import FILES
from tests import builders
from tests.e2e import rounds
from tests.e2e.courier_phone import PIN, Phone, events_of, picture
from tests.e2e.serving import until
from tests.webdesk import USERS, serving

expect.set_options(timeout=20_000)  # a machine that does other things too
LIMIT, WITH_DECODER = 150_000, 1_200_000  # bytes of the first load
NEIGHBOUR = "tuyen8"
STATE = "import(document.querySelector('script[type=module]').src.replace('main.js', 'ui/state.js'))"


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """An office whose clock is the phones' own, served on loopback, which browsers hold for a secure context."""
    from agent.accounts.add_user import add_user

    made = rounds.station(tmp_path_factory.mktemp("office"))
    made.site.clock.at = SystemClock().now()
    add_user(
        made.site, NEIGHBOUR, role=USERS["tuyen7"][0], office_id=builders.OFFICE, password="mật khẩu dài của tám",
        full_name="Phạm Văn Tám",
    )  # fmt: skip
    with serving(made.site) as running:
        yield made, running
    made.site.store.close()


@pytest.fixture
def at(office):
    """The office, with nothing in anybody's hands."""
    with office[0].site.store.writing():
        Item.update(holder="elsewhere", offered_to="", state="returned").execute()
    office[0].site.clock.at = SystemClock().now()
    return office[0]


@pytest.fixture
def phone(chromium, office):
    """A phone of its own, for tests that spoil it."""
    made = Phone(chromium, office[1].url)
    yield made
    made.context.close()
    assert not made.problems


@pytest.fixture(scope="module")
def shared(chromium, office):
    """One phone that most tests use one after the other, as a courier does."""
    made = Phone(chromium, office[1].url)
    made.pair(office[0].site)
    made.ready_offline()
    yield made
    made.context.close()


def press_send(phone):
    """Send now; whether nothing is left."""
    button = phone.page.get_by_role("button", name="Gửi ngay")
    if button.count():
        button.click()
    return phone.unsent() == 0


def sees_out(phone, items):
    """Ask the office once more; whether the phone's round holds these items as out for delivery."""
    phone.page.get_by_role("button", name="Gửi ngay").click()
    script = f"{STATE}.then(({{app}}) => a.every((one) => app.items[one]?.state === 'out_for_delivery'))"
    return phone.page.evaluate(f"(a) => {script}", [item.number for item in items])


def with_items(phone, at):
    """Two items out for delivery, in the phone too; `since` is the number of its events so far."""
    phone.items = [rounds.out(at, 0), rounds.out(at, 1, collect=26_000)]
    phone.go("outbox")
    until(lambda: sees_out(phone, phone.items), "the phone has the items that are out")
    phone.go("")
    return phone


@pytest.fixture
def paired(shared, at):
    shared.since = len(device_events())
    yield with_items(shared, at)
    shared.context.set_offline(False)
    shared.page.evaluate("dispatchEvent(new Event('online'))")
    shared.wait_synced()
    assert not shared.problems


@pytest.fixture
def own(phone, at):
    """A phone of its own with two items."""
    phone.pair(at.site)
    phone.ready_offline()
    return with_items(phone, at)


def device_events(courier: str = "tuyen7") -> list[DeviceEvent]:
    """What the courier's oldest phone has sent, in its order."""
    first = PhoneRow.select().where(PhoneRow.courier == courier).order_by(PhoneRow.id).get()
    return list(DeviceEvent.select().where(DeviceEvent.phone_uid == first.uid).order_by(DeviceEvent.seq))


def bodies(since: int = 0) -> list[dict[str, Any]]:
    """The same as the phone wrote them, from its `since`th on."""
    rows = device_events()[since:]
    return [json.loads(row.body) if isinstance(row.body, str) else row.body for row in rows]


def state_of(item: Item) -> str:
    return str(Item.get_by_id(item.id).state)


def test_a_day_without_a_network_ends_with_every_act_at_the_office_once_and_each_proof_with_its_own_item(paired, at):
    first, second = paired.items
    page = paired.page
    paired.context.set_offline(True)
    paired.reload()
    paired.deliver(first.number)
    paired.fill_delivery(second.number, collected="20.000")
    page.get_by_role("button", name="Ghi đã giao").click()
    expect(page.get_by_role("alert")).to_contain_text("Phải thu đúng số tiền")
    expect(page.get_by_role("alert").locator(".errors, h2").first).to_be_visible()
    assert paired.accessible() == []
    page.get_by_label("Đã thu (đồng)").fill("26.000")
    paired.photograph(picture())
    expect(page.get_by_text("Vị trí ± 12 m")).to_be_visible()
    page.get_by_role("button", name="Ghi đã giao").click()
    paired.wait_unsent(2)
    paired.reload()  # nothing lives in the page's memory alone
    assert paired.unsent() == 2
    paired.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    paired.wait_synced()
    with at.site.store.reading():
        assert [state_of(item) for item in paired.items] == ["delivered", "delivered"]
        assert [[e.step for e in events_of(i)].count("deliver") for i in paired.items] == [1, 1]
        sent, whole = bodies(paired.since), bodies()
    assert [e["seq"] for e in whole] == list(range(1, len(whole) + 1)) and len(sent) == 2
    assert [e["previous"] for e in whole] == ["0" * 64, *(event_hash(one) for one in whole[:-1])]
    assert [e["item"] for e in sent] == [first.number, second.number]
    assert sent[0]["proof"]["photo"] == "" and sent[1]["proof"]["photo"] and sent[1]["proof"]["collected"] == 26_000
    assert sent[0]["proof"]["signature"] != sent[1]["proof"]["photo"]
    assert sent[1]["position"]["lat"] == 21.066571 and sent[1]["position"]["age_s"] < 120
    with at.site.store.reading():
        proofs = {row.item_id: row.signature_sha256 for row in Proof.select()}
    assert {proofs[item.id] for item in paired.items} == {one["proof"]["signature"] for one in sent}
    left = json.loads(paired.stored("events", "blobs", "drafts"))
    assert left == {"events": [], "blobs": [], "drafts": []}  # purged once the office has it


def test_what_is_kept_on_a_phone_says_nothing_without_the_pin(paired):
    paired.context.set_offline(True)
    paired.deliver(paired.items[0].number)
    kept = paired.stored("sealed", "events", "blobs", "drafts", "meta")
    for word in ("Hường", "Lạc Long Quân", "0912345678", "912345678", paired.items[0].number, "2345", PIN):
        assert word not in kept
    assert "PNG" not in kept and "Bearer" not in kept
    paired.page.evaluate(f"{STATE}.then(({{app}}) => {{ app.look.idle = 0; }})")
    paired.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # taken up again after a long while
    expect(paired.page.get_by_role("heading", name="Nhập mã khóa")).to_be_visible()
    expect(paired.page.get_by_text("Trong máy còn 1 việc chưa gửi")).to_be_visible()
    assert paired.accessible() == [] and "Hường" not in paired.page.content()
    assert paired.page.evaluate(f"{STATE}.then(({{app}}) => app.vault === null && app.records.length === 0)")
    paired.page.evaluate(f"{STATE}.then(({{app}}) => {{ app.look.idle = 10; }})")
    paired.unlock()
    cached = paired.page.evaluate("caches.keys().then(async (names) => (await Promise.all(names.map(async (n) => (await (await caches.open(n)).keys()).map((r) => r.url)))).flat())")  # fmt: skip # noqa: E501
    assert len(cached) > 40 and not [url for url in cached if "/api/" in url]


TRIES = """async () => {
  const { openLock } = await import(document.querySelector('script[type=module]').src.replace('main.js', 'core/vault.js'));
  const unwrap = crypto.subtle.unwrapKey.bind(crypto.subtle);
  let tried = 0;
  crypto.subtle.unwrapKey = (...how) => { tried += 1; return unwrap(...how); };
  await Promise.allSettled(['111213', '111214', '111215'].map((pin) => openLock(pin)));
  return tried;
}"""  # fmt: skip # noqa: E501


def test_a_wrong_pin_opens_nothing_and_no_clock_that_is_set_shortens_the_wait(own):
    page = own.page
    page.clock.install()
    page.reload()
    for _ in range(3):
        own.pin("111213")
        expect(page.get_by_role("alert")).to_contain_text(re.compile("Mã khóa sai|Sai mã khóa"))
        until(lambda: page.get_by_role("alert").inner_text() != "Đang mở…", "the PIN was tried")
    expect(page.get_by_role("alert")).to_contain_text("chờ 30 giây")
    page.clock.set_system_time(SystemClock().now() + timedelta(days=2))
    own.pin(PIN)
    expect(page.get_by_role("alert")).to_contain_text("rồi thử lại")  # the right one too
    page.reload()
    own.pin(PIN)
    expect(page.get_by_role("alert")).to_contain_text("chờ 30 giây")  # the app started anew gains nothing
    assert page.locator("a.pill").count() == 0
    page.clock.fast_forward(31_000)
    assert page.evaluate(TRIES) == 1, "three tries at once are one"
    page.clock.fast_forward(61_000)
    own.pin(PIN)
    page.locator("a.pill").wait_for()


def test_a_phone_that_was_killed_in_the_middle_of_a_form_goes_on_there(paired):
    number, page = paired.items[0].number, paired.page
    paired.context.set_offline(True)
    paired.fill_delivery(number)
    page.get_by_label("Người nhận (họ tên)").fill("Nguyễn Thị Hường Em")
    until(lambda: "deliver" in str(page.evaluate("new Promise((d) => { const r = indexedDB.open('courier-app'); r.onsuccess = () => { r.result.transaction('drafts').objectStore('drafts').getAllKeys().onsuccess = (e) => d(e.target.result); }; })")), "the draft is kept")  # fmt: skip # noqa: E501
    page.wait_for_function("!document.querySelector('.said.bad')")
    until(lambda: _draft_holds(page, number, "Hường Em"), "the last letters are in the draft")
    page.goto("about:blank")
    page.goto(paired.app)
    paired.unlock()
    expect(page.get_by_label("Người nhận (họ tên)")).to_have_value("Nguyễn Thị Hường Em")
    expect(page.get_by_label("4 số cuối")).to_have_value("2345")
    expect(page.get_by_text("đã có nét ký")).to_be_visible()
    page.get_by_role("button", name="Ghi đã giao").click()
    paired.wait_unsent(1)


def _draft_holds(page: Any, number: str, words: str) -> bool:
    script = "(name) => import(document.querySelector('script[type=module]').src.replace('main.js', 'ui/state.js')).then(({readDraft}) => readDraft(name)).then(JSON.stringify)"  # fmt: skip # noqa: E501
    return words in (page.evaluate(script, f"deliver {number}") or "")


def test_a_sync_that_is_cut_after_the_office_took_everything_doubles_nothing(paired, at, office):
    paired.context.set_offline(True)
    for item in paired.items:
        paired.deliver(item.number, collected="26.000" if item.collect else "")
    application, cut = office[1].app, threading.Event()
    whole = application.wsgi_app

    def swallow(environ, start_response):
        answer = b"".join(whole(environ, start_response))
        if environ["PATH_INFO"].endswith("/events:batch") and not cut.is_set():
            cut.set()
            raise ConnectionAbortedError  # the office has it; the phone never hears
        return [answer]

    application.wsgi_app = swallow
    try:
        paired.context.set_offline(False)
        paired.page.evaluate("dispatchEvent(new Event('online'))")
        until(cut.is_set, "the first answer was swallowed")
        paired.go("outbox")
        until(lambda: press_send(paired), "all is sent")
    finally:
        application.wsgi_app = whole
    paired.wait_synced()
    expect(paired.page.get_by_text("đã có từ trước")).to_have_count(2)
    with at.site.store.reading():
        assert [[e.step for e in events_of(i)].count("deliver") for i in paired.items] == [1, 1]
        assert [one["item"] for one in bodies(paired.since)] == [item.number for item in paired.items]


FILL = """() => STATE.then(async ({writeDraft}) => {
  let n = 0;
  for (const size of [1e6, 1e5, 1e4, 1e3])
    while (n < 200 && await writeDraft(`fill ${n}`, {x: 'A'.repeat(size)}, '')) n++;
  return n; })""".replace("STATE", STATE)
MAKE_ROOM = "() => STATE.then(({dropDraft}) => dropDraft(...Array.from({length: 200}, (_, n) => `fill ${n}`)))".replace(
    "STATE", STATE
)


def test_a_full_phone_says_so_keeps_the_form_and_loses_nothing(phone, at):
    page = phone.page
    devtools = phone.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.url, "quotaSize": 12_000_000})
    phone.pair(at.site)
    phone.ready_offline()
    first, second = with_items(phone, at).items
    phone.context.set_offline(True)
    phone.deliver(first.number)
    phone.fill_delivery(second.number, collected="26.000")
    until(lambda: _draft_holds(page, second.number, '"strokes":[['), "the form is kept, its signature last")
    assert 3 < page.evaluate(FILL) < 200
    page.get_by_role("button", name="Ghi đã giao").click()
    expect(page.get_by_text("CHƯA được ghi")).to_be_visible()
    assert phone.unsent() == 1
    expect(page.get_by_label("4 số cuối")).to_have_value("2345")
    page.reload()
    phone.unlock()  # also when there is no room to note the try
    expect(page.get_by_label("4 số cuối")).to_have_value("2345")
    phone.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_synced()  # what the office has makes room first
    assert [state_of(first), state_of(second)] == ["delivered", "out_for_delivery"]
    page.evaluate(MAKE_ROOM)
    page.get_by_role("button", name="Ghi đã giao").click()
    page.get_by_text("Đã ghi giao").wait_for()
    phone.wait_synced()
    assert [state_of(first), state_of(second)] == ["delivered", "delivered"]
    assert [[e.step for e in events_of(i)].count("deliver") for i in (first, second)] == [1, 1]


def test_a_phone_that_is_shut_out_stops_and_keeps_what_it_has(own, at):
    page = own.page
    own.context.set_offline(True)
    own.deliver(own.items[0].number)
    with at.site.store.reading():
        row = PhoneRow.select().order_by(PhoneRow.id.desc()).get()
    revoke(at.site, row.uid, reason="mất máy", by=builders.CLERK)
    own.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("alert").first).to_contain_text("thu quyền điện thoại này")
    assert own.unsent() == 1
    own.fill_delivery(own.items[1].number, collected="26.000")
    page.get_by_role("button", name="Ghi đã giao").click()
    expect(page.get_by_text("không ghi thêm được")).to_be_visible()
    assert own.unsent() == 1 and len(json.loads(own.stored("events"))["events"]) == 1
    assert state_of(own.items[0]) == "out_for_delivery"


def test_two_tabs_write_one_chain_and_send_it_once(paired, at):
    other = paired.context.new_page()
    other.goto(paired.app)
    for digit in PIN:
        other.locator(f'[data-key="{digit}"]').click()
    other.locator('[data-key="OK"]').click()
    other.locator("a.pill").wait_for()
    paired.context.set_offline(True)
    script = f"""(number) => {{ window.done = {STATE}.then(async ({{app, keepFacts}}) => {{
        let parent = app.items[number].last_event;
        const facts = Array.from({{length: 5}}, () => {{
          const fact = {{id: crypto.randomUUID(), step: 'damage', item: number, parent, from: app.me}};
          parent = fact.id;
          return fact; }});
        await Promise.all(facts.map((fact) => keepFacts([fact])));
        return true; }}); }}"""
    pages = (paired.page, other)
    for page, item in zip(pages, paired.items, strict=True):
        page.evaluate(script, item.number)
    assert [page.evaluate("window.done") for page in pages] == [True, True]
    until(lambda: other.locator("a.pill").get_attribute("data-unsent") == "10", "each tab tells what the other wrote")
    paired.context.set_offline(False)
    for page in pages:
        page.evaluate("dispatchEvent(new Event('online'))")
    paired.wait_synced()
    other.close()
    with at.site.store.reading():
        sent = bodies(paired.since)
        verdicts = {row.verdict for row in device_events()[paired.since :]}
    assert len(sent) == len({one["id"] for one in sent}) == 10 and verdicts == {"taken"}
    assert [one["previous"] for one in sent[1:]] == [event_hash(one) for one in sent[:-1]]


def test_an_attempt_says_whether_it_will_count_and_a_mistake_is_corrected_by_asking(paired, at):
    item, page = paired.items[0], paired.page
    paired.go(f"failed/{item.number}")
    page.get_by_text("người nhận vắng mặt").click()
    page.get_by_text("phát lại", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("thiếu giấy mời")
    page.get_by_label("Đã để lại giấy mời").check()
    expect(page.locator(".verdict")).to_have_text("✓ Sẽ được tính là lần 1.")
    page.get_by_role("button", name="Ghi không giao").click()
    page.get_by_text("Đã ghi không giao").wait_for()
    paired.wait_synced()
    assert state_of(item) == "attempt_failed" and Item.get_by_id(item.id).counted == 1
    paired.go(f"item/{item.number}")
    page.get_by_role("link", name="Ghi nhầm: xin đính chính").click()
    page.get_by_label("Ghi nhầm thế nào?").fill("ghi nhầm nhà bên cạnh")
    page.get_by_role("button", name="Xin đính chính").click()
    page.get_by_text("Đã xin đính chính", exact=False).first.wait_for()
    paired.wait_synced()
    with at.site.store.reading():
        assert [row.verdict for row in device_events()[paired.since :]] == ["taken", "taken"]
    assert state_of(item) == "attempt_failed"  # until a second person agrees


def test_a_receivers_code_is_checked_at_once_while_there_is_a_network_and_why_none_goes_out_is_said(paired):
    page = paired.page
    paired.go(f"deliver/{paired.items[0].number}")
    page.get_by_text("Mã một lần của người nhận").click()
    page.get_by_role("button", name="Gửi mã cho người nhận").click()
    expect(page.get_by_text("Lấy chữ ký thay mã")).to_be_visible()  # this office has no channel for messages
    page.get_by_label("Mã một lần").fill("00000x")
    page.get_by_role("button", name="Kiểm tra mã").click()
    expect(page.get_by_text("Mã sai, còn")).to_be_visible()
    assert paired.accessible() == []
    paired.context.set_offline(True)
    page.get_by_role("button", name="Kiểm tra mã").click()
    expect(page.get_by_text("bưu cục kiểm tra khi máy gửi.").last).to_be_visible()


def test_items_pass_from_phone_to_phone_without_a_network_by_a_signed_code(paired, at, chromium, office):
    given, kept = paired.items
    theirs = Phone(chromium, office[1].url)
    try:
        theirs.pair(at.site, courier=NEIGHBOUR)
        theirs.ready_offline()
        paired.go("outbox")
        paired.page.get_by_role("button", name="Gửi ngay").click()
        paired.wait_synced()
        theirs.go("outbox")
        theirs.page.get_by_role("button", name="Gửi ngay").click()
        theirs.wait_synced()
        for one in (paired, theirs):
            one.context.set_offline(True)
        paired.go("give")
        paired.page.get_by_text("Phạm Văn Tám").click()
        paired.page.locator(f'[data-key="{given.number}"]').check()
        paired.page.get_by_role("button", name="Ký và hiện mã cho 1 bưu gửi").click()
        paired.page.get_by_role("img", name="Mã giao nhận đã ký").wait_for()
        pieces = paired.page.evaluate("""import(document.querySelector('script[type=module]').src.replace('main.js', 'ui/state.js')).then(async ({readDraft}) => {
          const {pieces} = await import(document.querySelector('script[type=module]').src.replace('main.js', 'core/handover.js'));
          return pieces((await readDraft(location.hash.replace('#/', '').replace('/', ' '))).whole); })""")  # fmt: skip # noqa: E501
        forged = [one.replace('"c":1', '"c":2').replace("tuyen8", "tuyen9") for one in pieces]
        read(theirs, forged)
        expect(theirs.page.get_by_text("CHỮ KÝ SAI")).to_be_visible()
        read(theirs, pieces[::-1])  # in any order
        expect(theirs.page.get_by_role("heading", name="Trần Đức Ân giao 1 bưu gửi")).to_be_visible()
        theirs.page.get_by_role("button", name="Đủ cả 1").click()
        assert theirs.accessible() == []
        theirs.page.get_by_role("button", name="Nhận đủ 1").click()
        theirs.wait_unsent(1)
        theirs.context.set_offline(False)  # the acceptance comes before the offer
        theirs.page.evaluate("dispatchEvent(new Event('online'))")
        until(lambda: device_events(NEIGHBOUR), "the office has the acceptance")
        assert Item.get_by_id(given.id).holder == "courier:tuyen7"
        paired.context.set_offline(False)
        paired.page.evaluate("dispatchEvent(new Event('online'))")
        until(lambda: Item.get_by_id(given.id).holder == f"courier:{NEIGHBOUR}", "the office joined both")
        theirs.wait_synced()
        assert Item.get_by_id(kept.id).holder == "courier:tuyen7"
        assert [event.step for event in events_of(given)][-2:] == ["offer", "accept"]
    finally:
        theirs.context.close()
    assert not theirs.problems


def read(phone: Phone, pieces: list[str]) -> None:
    """Give the code's text to a phone that has no camera."""
    phone.go("more")
    phone.page.get_by_role("link", name="Nhận từ bưu tá khác").click()
    phone.page.get_by_text("Không có camera: dán nội dung mã").click()
    phone.page.get_by_label("Nội dung mã giao nhận").fill("\n".join(pieces))
    phone.page.get_by_role("button", name="Đọc").click()


SCREENS = ("", "deliver/{}", "failed/{}", "outbox", "item/{}", "cash", "more", "give", "scan/type", "office")


def test_every_screen_is_readable_in_each_theme_with_big_targets(paired):
    page, number = paired.page, paired.items[1].number
    for theme in ("light", "dark", "contrast"):
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
        for screen in SCREENS[: None if theme == "light" else 4]:
            route = screen.format(number)
            paired.go(route)
            page.locator("main").wait_for()
            assert paired.accessible() == [], f"{theme} {route}"
            if theme == "light":
                small = page.evaluate("""() => [...document.querySelectorAll('.do, .key, .pick, .stops a, main input:not([type=radio], [type=checkbox], [type=file])')]
                  .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 56).map((e) => e.outerHTML.slice(0, 120))""")  # fmt: skip # noqa: E501
                assert small == [], route
    paired.go("more")
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_text("Lock the app")).to_be_visible()
    expect(page.locator("a.pill")).to_contain_text("all sent")
    assert paired.accessible() == [] and page.locator("html").get_attribute("lang") == "en"
    page.get_by_text("Tiếng Việt", exact=True).click()
    expect(page.get_by_text("Khóa ứng dụng")).to_be_visible()


def test_the_first_load_is_small_and_its_policy_is_the_apps_own(phone, office):
    answer = phone.page.goto(phone.app)
    assert "'wasm-unsafe-eval'" in answer.headers["content-security-policy"]
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    other = office[1].app.test_client().get("/sign-in", base_url="http://127.0.0.1")
    assert "wasm" not in other.headers["Content-Security-Policy"]
    held = {path: len(one.packed or one.data) for path, one in app_files().files.items()}
    decoder = sum(size for path, size in held.items() if path.startswith("vendor/zxing"))
    assert decoder > 300_000 and sum(held.values()) < WITH_DECODER
    assert sum(held.values()) - decoder < LIMIT
    for path, one in app_files().files.items():
        assert one.digest == hashlib.sha256(one.data).hexdigest()[:16], path


def test_a_new_version_waits_for_a_tap_and_keeps_the_outbox(own, office):
    """Files that did not change are copied from the older version's store; they must not lead back to its addresses."""
    page, served = own.page, office[1].app.extensions
    own.context.set_offline(True)
    own.deliver(own.items[0].number)
    old = app_files()
    new = served[FILES] = replace(old, version="f" * 16)  # what a newly started server would hold
    try:
        own.context.set_offline(False)
        page.evaluate("navigator.serviceWorker.getRegistration().then((r) => r.update())")
        page.get_by_role("button", name="Cập nhật ngay (không mất gì)").click()
        own.unlock()
        assert new.version in page.locator("script[type=module]").get_attribute("src")
        assert old.version not in str(page.evaluate("caches.keys()"))
        loaded = page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
        assert sum(new.version in one for one in loaded) > 30
        assert not [one for one in loaded if old.version in one]
        own.wait_synced()
        assert state_of(own.items[0]) == "delivered"
        own.context.set_offline(True)
        own.reload()
    finally:
        served.pop(FILES)
