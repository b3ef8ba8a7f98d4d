"""The paper leg in a real browser: by scanner and keyboard alone, with its running count; every page readable."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
import requests
from playwright.sync_api import expect

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.store.bags import BagLine, Parcel, parcel_of
from agent.store.minutes import Minutes, MinutesLine
from agent.tracking.forward.bagging import close_bag, open_bag, put
from agent.tracking.forward.envelopes import seal_envelope
from agent.tracking.forward.manifests import announce
from tests import builders
from tests.e2e.conftest import violations
from tests.flow.test_collecting import results
from tests.webdesk import PASSWORD, START, HandClock, add_people, serving

AGENCY = "H26.019.02"
CLERK = Actor("lananh", "Nguyễn Thị Lan Anh", Role.CLERK, "BC-TAYHO", "T1")
KEYS = 3  # from an announced manifest to signed minutes, beside what is scanned and the receiver's name


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    made = builders.station(tmp_path_factory.mktemp("bags"), clock=HandClock(), endpoint="http://127.0.0.1:9/x")
    add_people(made.site)
    with serving(made.site) as running:
        yield made, running.url
    made.site.store.close()


@pytest.fixture(scope="module")
def signed_in(chromium, office):
    context = chromium.new_context(locale="vi-VN")
    page = context.new_page()
    page.goto(office[1] + "/sign-in")
    page.fill("[name=username]", "lananh")
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    state = context.storage_state()
    context.close()
    return state


class Desk:
    """A clerk at a page, who scans and presses keys; both are counted, a mouse there is none."""

    def __init__(self, page, url):
        self.page, self.url, self.keys = page, url, 0

    def open(self, path):
        self.page.goto(self.url + path)

    def scan(self, text):
        """As a wedge reader types it."""
        expect(self.page.locator("#scan")).to_be_focused()
        self.page.keyboard.insert_text(text)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, key):
        self.keys += 1
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def sees(self, words):
        expect(self.page.locator("#main")).to_contain_text(words)


@pytest.fixture
def desk(chromium, office, signed_in):
    office[0].site.clock.at = START
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="vi-VN", storage_state=signed_in)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
    yield Desk(page, office[1])
    context.close()
    assert not problems


def envelopes(office, count, series):
    made, site = [], office[0].site
    for n in range(count):
        made.append(seal_envelope(site, builders.received(office[0]).uid, f"{series}{n:04d}", by=CLERK))
    return made


def code(envelope):
    return f"PA1|{envelope.number.partition('/')[0]}|"


def test_a_whole_bag_is_handed_over_by_scanner_and_keyboard_and_the_two_missing_are_named(desk, office):
    site = office[0].site
    made = envelopes(office, 14, "NP")
    bag = open_bag(site, "forward", AGENCY, by=CLERK)
    for envelope in made:
        put(site, bag.number, code(envelope), by=CLERK)
    close_bag(site, bag.number, "TUIA001", by=CLERK)
    manifest = announce(site, "forward", AGENCY, [bag.number], by=CLERK)
    desk.open("/bags/")
    desk.scan(f"PA1M|{manifest.number}")
    desk.press("Enter")
    desk.sees("0/14")
    desk.scan(f"PA1T|{bag.number}")
    desk.scan("TUIA001")
    desk.sees("đếm 14 phong bì")
    for envelope in made[:12]:
        desk.scan(code(envelope))
    expect(desk.page.locator(".tally")).to_have_text("12/14 thiếu 2")
    desk.scan(code(made[0]))
    desk.sees("đã đếm rồi")
    desk.scan("RR123456785CN")
    desk.sees("China Post")
    desk.scan("RR123456784VN")
    desk.sees("sai chữ số kiểm tra")
    desk.press("Enter")
    expect(desk.page.locator("#f-name")).to_be_focused()
    desk.page.keyboard.insert_text("Nguyễn Văn Bình")
    pdf = _pdf(desk, Minutes.get(Minutes.manifest == manifest).number)
    assert pdf.startswith(b"%PDF")
    desk.page.keyboard.press("F3")  # signed on paper
    desk.page.locator("#f-name").focus()
    desk.press("Enter")
    desk.sees("Đã ký và lưu")
    assert desk.keys <= KEYS
    with site.store.reading():
        held = [parcel_of(one.number).holder for one in made]
    assert held == [f"authority:{AGENCY}"] * 12 + ["office:BC-TAYHO"] * 2


def _pdf(desk, number):
    cookies = {one["name"]: one["value"] for one in desk.page.context.cookies()}
    answer = requests.get(f"{desk.url}/bags/c/{number}/minutes.pdf", cookies=cookies, timeout=30)
    assert answer.status_code == 200
    return answer.content


def test_the_minutes_printed_before_signing_carry_their_number_as_bars_and_qr(desk, office):
    import pypdfium2 as pdfium
    import zxingcpp

    from agent.tracking.forward.handover import scan_handover, start_handover
    from agent.tracking.forward.signing import close_count

    site = office[0].site
    (envelope,) = envelopes(office, 1, "IN")
    minutes = start_handover(site, announce(site, "forward", AGENCY, [code(envelope)], by=CLERK).number, by=CLERK)
    scan_handover(site, minutes.number, code(envelope), by=CLERK)
    close_count(site, minutes.number, by=CLERK)
    picture = pdfium.PdfDocument(io.BytesIO(_pdf(desk, minutes.number)))[0].render(scale=200 / 72).to_pil()
    read = {(one.format.name, one.text) for one in zxingcpp.read_barcodes(picture)}
    assert read == {("Code128", minutes.number), ("QRCode", minutes.number)}


def test_the_authoritys_receiver_signs_on_the_screen(desk, office):
    site = office[0].site
    (envelope,) = envelopes(office, 1, "KY")
    manifest = announce(site, "forward", AGENCY, [code(envelope)], by=CLERK)
    desk.open(f"/bags/m/{manifest.number}")
    desk.press("Enter")
    desk.scan(code(envelope))
    desk.press("Enter")
    desk.page.fill("#f-name", "Lê Thị Hà")
    box = desk.page.locator("#pad").bounding_box()
    desk.page.mouse.move(box["x"] + 20, box["y"] + 40)
    desk.page.mouse.down()
    for n in range(20):
        desk.page.mouse.move(box["x"] + 20 + 8 * n, box["y"] + 40 + (n % 5) * 8)
    desk.page.mouse.up()
    desk.page.locator("#f-name").press("Enter")
    desk.sees("ký trên màn hình")
    with site.store.reading():
        kept = Minutes.get(Minutes.manifest == manifest)
    assert b'"strokes"' in site.vault.get(kept.signature_sha256)


def test_papers_are_sealed_and_bagged_by_scans_and_a_wrong_one_is_taken_out_by_a_key(desk, office):
    site = office[0].site
    first, second = (builders.received(office[0]) for _ in range(2))
    desk.open("/bags/papers")
    for n, dossier in enumerate((first, second)):
        desk.scan(f"PA1|{dossier.provisional}|")
        desk.scan(f"QQ{n}99")
        desk.sees("Đã niêm phong")
    desk.open("/bags/")
    desk.press("F3")
    desk.scan(first.provisional)
    desk.scan(second.provisional)
    desk.press("Control+z")
    desk.sees("khỏi túi")
    desk.scan("TUIB001")
    desk.press("Enter")
    desk.sees("Đã đóng túi")
    desk.press("Enter")
    desk.sees("bên nhận chưa xác nhận")
    with site.store.reading():
        inside = [line.number for line in BagLine.select().join(Parcel, on=BagLine.bag == Parcel.id).where(
            (Parcel.seal == "TUIB001") & BagLine.inside.is_null(False))]  # fmt: skip
    assert inside == [f"{first.provisional}/E1"]


def test_results_are_collected_bagged_and_counted_in_without_a_mouse(desk, office):
    site = office[0].site
    counter = replace_counter(office[0])
    dossiers = results(counter, 3)
    desk.open("/bags/results")
    desk.press("Enter")
    for dossier in dossiers[:2]:
        desk.scan(dossier.provisional)
    expect(desk.page.locator(".tally")).to_have_text("2/3 thiếu 1")
    desk.page.keyboard.press("F10")
    desk.page.keyboard.insert_text("Trần Văn Nam")
    desk.press("Enter")
    desk.sees("cơ quan chưa giao")
    desk.page.keyboard.insert_text("TUIC001")
    desk.press("Enter")
    desk.sees("TUIC001")
    desk.open("/bags/arrivals")
    desk.scan("TUIC001")
    desk.scan("TUIC001")
    for dossier in dossiers[:2]:
        desk.scan(dossier.provisional)
    desk.press("Enter")
    desk.sees("Đã nhận túi")
    with site.store.reading():
        last = Minutes.select().order_by(Minutes.id.desc()).first()
        verdicts = [line.verdict for line in MinutesLine.select().where(MinutesLine.minutes == last)]
    assert last.kind == "arrival" and verdicts == ["present"] * 3


def replace_counter(made):
    """The station as the flow tests' helper takes it: only its site, clock and way of receiving are used."""

    class Helper:
        site, clock = made.site, made.site.clock

        def receive(self):
            return builders.received(made)

    return Helper()


PATHS = (
    "/bags/", "/bags/papers", "/bags/manifest/new", "/bags/results", "/bags/arrivals", "/bags/differences",
)  # fmt: skip


def test_every_page_is_readable_for_everybody_in_both_schemes(desk, office):
    site = office[0].site
    made = envelopes(office, 3, "AX")
    bag = open_bag(site, "forward", AGENCY, by=CLERK)
    put(site, bag.number, code(made[0]), by=CLERK)
    closed = open_bag(site, "forward", AGENCY, by=CLERK)
    put(site, closed.number, code(made[1]), by=CLERK)
    close_bag(site, closed.number, "TUID001", by=CLERK)
    manifest = announce(site, "forward", AGENCY, [code(made[2])], by=CLERK)
    with site.store.reading():
        minutes = [one.number for one in Minutes.select().order_by(Minutes.id)]
    own = [f"/bags/t/{bag.number}", f"/bags/t/{bag.number}?seal=AB123", f"/bags/t/{closed.number}"]
    own += [f"/bags/m/{manifest.number}", *[f"/bags/c/{number}" for number in minutes]]
    own.append(f"/bags/papers/{made[0].dossier.uid}")
    for number, path in enumerate([*PATHS, *own]):
        desk.page.emulate_media(color_scheme=("light", "dark")[number % 2])
        desk.open(path)
        assert violations(desk.page) == [], path
        assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_another_offices_bag_is_not_found_and_a_stranger_is_sent_to_sign_in(office):
    site = office[0].site
    bag = open_bag(site, "forward", AGENCY, by=replace(CLERK, office_id="BC-SONTAY"))
    session = requests.Session()
    page = session.get(office[1] + "/sign-in", timeout=30).text
    token = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert token
    session.post(office[1] + "/sign-in", data={"_csrf": token[1], "username": "minh", "password": PASSWORD}, timeout=30)
    assert session.get(f"{office[1]}/bags/t/{bag.number}", timeout=30).status_code == 404
    assert requests.get(f"{office[1]}/bags/", timeout=30, allow_redirects=False).status_code in (302, 303)
