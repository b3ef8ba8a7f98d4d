"""No page or script from elsewhere prints or reads: every device, scan, stream and printing route."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from uuid import UUID

import pytest

from agent.devices.found import Found
from agent.devices.terminal import TerminalDevices
from agent.domain.jobs import JobState
from agent.domain.roles import may
from agent.intake.label import request_label
from agent.intake.scans import record_scans
from agent.ports import Scan
from agent.settings import Device
from agent.store import outbox
from agent.store.devices import DeviceSetup
from agent.store.scans import ScanEvent
from agent.wiring import build_site
from tests import builders
from tests.e2e import rounds
from tests.webdesk import PASSWORD, USERS, HandClock, add_people, make_app

HOST = {"Host": "127.0.0.1:8080"}
ABOUT = re.compile(r"/devices/|/live|/scans|/print|/label|/sheets|/inbox|^/counter/$")
CARD = "001188012345||Nguyễn Thị Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Origin": "null"},
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A site with printers that are not there, a received dossier, a label that is asked about, and a scan."""
    folder = tmp_path_factory.mktemp("routes")
    lines = (
        Device("nhan", "label", "tcp", "127.0.0.1:9"),
        Device("cuon", "receipt", "tcp", "127.0.0.1:10", language="escpos", media="80x0"),
    )
    plain = builders.station(folder).site.settings
    site = build_site(plain.with_(devices=lines), clock=HandClock())
    add_people(site)
    yield builders.Station(site, None)
    site.store.close()


@pytest.fixture(scope="module")
def app(desk):
    return make_app(desk.site)


@pytest.fixture(scope="module")
def people(app):
    """A signed-in browser for each user, and its form token."""
    return {name: signed_in(app, name) for name in USERS}


@pytest.fixture(scope="module")
def dossier(desk):
    return rounds.received(desk)


@pytest.fixture
def asked(desk, dossier):
    """The dossier's label: may have come out, the clerk is asked."""
    job = request_label(desk.site, dossier.uid, by=builders.CLERK, again="thử")
    with desk.site.store.writing():
        outbox.Job.update(state=JobState.NEEDS_CLERK, attempts=1).where(outbox.Job.key == job.key).execute()
    yield job
    with desk.site.store.writing():
        outbox.Job.update(state=JobState.CANCELLED).where(outbox.Job.key == job.key).execute()


@pytest.fixture
def scan(desk):
    """A chip card that the terminal's reader read just now."""
    record_scans(desk.site, [Scan("doc", CARD.encode(), "]Q1", "qr")])
    return ScanEvent.select().order_by(ScanEvent.id.desc()).first()


def token_of(html):
    return re.search(r'name="_csrf" value="([^"]+)"', html).group(1)


def signed_in(app, name):
    client = app.test_client()
    token = token_of(client.get("/sign-in", headers=HOST).text)
    client.post("/sign-in", headers=HOST, data={"_csrf": token, "username": name, "password": PASSWORD})
    home = client.get("/", headers=HOST, follow_redirects=True)
    return client, token_of(home.text)


def routes(app, method):
    """Each route that this is about: its view, and an address of it."""
    values = {"role": "label", "name": "nhan", "key": "K", "component": UUID(int=1), "page": UUID(int=1)}
    found = []
    with app.test_request_context(headers=HOST):
        for rule in app.url_map.iter_rules():
            if method not in rule.methods or not ABOUT.search(rule.rule):
                continue
            given = {name: values.get(name, UUID(int=1)) for name in rule.arguments}
            found.append((app.view_functions[rule.endpoint], rule.endpoint, app.url_for(rule.endpoint, **given)))
    return found


def state_of_the_world():
    """What a forged request might have changed: jobs, what was decided about devices, scans that were taken."""
    jobs = list(outbox.Job.select(outbox.Job.key, outbox.Job.state).order_by(outbox.Job.id).tuples())
    decided = list(DeviceSetup.select(DeviceSetup.name, DeviceSetup.role, DeviceSetup.trace_until).tuples())
    return jobs, decided, ScanEvent.select().where(ScanEvent.taken_at.is_null(False)).count()


def test_this_looks_at_every_route_it_should(app):
    assert {"/devices/", "/devices/panel", "/live", "/live/events"} <= {url for _, _, url in routes(app, "GET")}
    posted = {endpoint for _, endpoint, _ in routes(app, "POST")}
    assert {"devices.print_test", "devices.answer", "devices.role", "devices.take_in_use", "devices.trace"} <= posted
    assert {"counter.take_command", "counter.scan", "counter.label", "counter.print_now"} <= posted
    by_blueprint = {r.endpoint for r in app.url_map.iter_rules() if r.endpoint.split(".")[0] in ("devices", "live")}
    assert by_blueprint <= {endpoint for method in ("GET", "POST") for _, endpoint, _ in routes(app, method)}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "192.0.2.7:8080"])
def test_a_name_that_was_rebound_to_this_machine_is_refused_everywhere(app, people, asked, scan, host):
    client, token = people["lananh"]
    before = state_of_the_world()
    for method in ("GET", "POST"):
        for _, endpoint, url in routes(app, method):
            form = {"_csrf": token} if method == "POST" else None
            answer = client.open(url, method=method, headers={"Host": host, "Origin": f"http://{host}"}, data=form)
            assert answer.status_code == 421, endpoint
            assert not any(name.lower().startswith("access-control") for name, _ in answer.headers), endpoint
    assert state_of_the_world() == before


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_form_from_another_site_prints_and_reads_nothing(app, people, asked, scan, headers):
    before = state_of_the_world()
    for name in ("lananh", "quantri"):
        client, token = people[name]
        for view, endpoint, url in routes(app, "POST"):
            if not opened(view, name):
                continue
            form = {"_csrf": token, "event": str(scan.uid), "came_out": "no", "role": "receipt", "minutes": "5"}
            answer = client.post(url, headers=HOST | headers, data=form)
            assert answer.status_code == 403, (endpoint, name)
    assert state_of_the_world() == before


def test_a_form_without_its_token_or_with_anothers_prints_and_reads_nothing(app, people, asked, scan):
    before = state_of_the_world()
    client, _ = people["lananh"]
    for token in (None, "x", people["minh"][1]):
        for view, endpoint, url in routes(app, "POST"):
            if opened(view, "lananh"):
                form = {"event": str(scan.uid)} | ({"_csrf": token} if token else {})
                assert client.post(url, headers=HOST, data=form).status_code == 403, (endpoint, token)
    assert state_of_the_world() == before


def opened(view, name):
    return not view.allow or any(may(USERS[name][0], action) for action in view.allow)


def test_nobody_reads_or_prints_without_signing_in(app, asked, scan):
    before, client = state_of_the_world(), app.test_client()
    for method in ("GET", "POST"):
        for view, endpoint, url in routes(app, method):
            assert not getattr(view, "public", False), endpoint
            answer = client.open(
                url, method=method, headers=HOST, data={"event": str(scan.uid)} if method == "POST" else None
            )
            if endpoint.startswith("live.") or url.startswith("/api/"):
                assert answer.status_code == 401, endpoint
            else:
                assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in"), endpoint
    assert state_of_the_world() == before


def test_each_role_does_what_its_work_needs_and_nothing_else(app, people, asked, scan):
    before, refused = state_of_the_world(), 0
    for name, (client, token) in people.items():
        for method in ("GET", "POST"):
            for view, endpoint, url in routes(app, method):
                if opened(view, name):
                    continue
                refused += 1
                form = {"_csrf": token, "event": str(scan.uid)} if method == "POST" else None
                assert client.open(url, method=method, headers=HOST, data=form).status_code == 403, (endpoint, name)
    assert refused > 50
    assert state_of_the_world() == before
    setting_up = [view for view, endpoint, _ in routes(app, "POST") if endpoint in SET_UP]
    assert len(setting_up) == len(SET_UP)
    assert not any(opened(view, name) for view in setting_up for name in ("lananh", "minh", "tuyen7", "tinh"))


SET_UP = ("devices.role", "devices.take_in_use", "devices.set_aside", "devices.trace")


def test_another_terminals_jobs_and_scans_and_devices_are_not_found(app, desk, people, asked, scan):
    client, token = people["lananh"]
    with desk.site.store.writing():
        outbox.Job.update(terminal_id="T2").where(outbox.Job.key == asked.key).execute()
        ScanEvent.update(terminal_id="T2").where(ScanEvent.id == scan.id).execute()
    before = state_of_the_world()
    for came_out in ("yes", "no"):
        form = {"_csrf": token, "came_out": came_out}
        assert client.post(f"/devices/jobs/{asked.key}/answer", headers=HOST, data=form).status_code == 404
    assert client.post("/devices/jobs/T9-X/L1/answer", headers=HOST, data=form).status_code == 404
    taken = client.post("/counter/scans/take", headers=HOST, data={"_csrf": token, "event": str(scan.uid)})
    assert (taken.status_code, taken.json["words"]) == (404, "Lượt quét này không phải của quầy này. Quét lại.")
    assert client.get(f"/counter/scans/{scan.uid}", headers=HOST).status_code == 404
    page = client.post("/counter/", headers=HOST, data={"_csrf": token, "event": str(scan.uid)}, follow_redirects=True)
    assert "không phải của quầy này" in page.text
    assert scan.uid not in {
        UUID(one["uid"]) for one in client.get("/live", headers=HOST).json["feeds"]["scan"]["events"]
    }
    boss, word = people["quantri"]
    for path in ("role", "give-up", "diagnosis", "unit"):
        answer = boss.post(f"/devices/may-khac/{path}", headers=HOST, data={"_csrf": word, "role": "label"})
        assert answer.status_code == 404, path
    assert boss.post("/devices/roles/coffee/test", headers=HOST, data={"_csrf": word}).status_code == 404
    assert state_of_the_world() == before


def test_no_answer_lets_another_site_read_it(app, people):
    for name in ("lananh", "quantri"):
        client, _ = people[name]
        for view, endpoint, url in routes(app, "GET"):
            if not opened(view, name):
                continue
            headers = HOST | {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            answer = client.get(url, headers=headers, buffered=False)
            shared = [line for line, _ in answer.headers if line.lower().startswith("access-control")]
            assert shared == [], endpoint
            assert answer.headers["X-Content-Type-Options"] == "nosniff", endpoint
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", endpoint
            answer.close()
        preflight = client.options(
            "/devices/roles/label/test", headers=HOST | headers | {"Access-Control-Request-Method": "POST"}
        )
        assert not [line for line, _ in preflight.headers if line.lower().startswith("access-control")]


def test_a_stream_is_opened_by_our_own_pages_alone(app, people):
    client, _ = people["lananh"]
    for site_of_sender in ("cross-site", "same-site"):
        for url in ("/live", "/live/events"):
            answer = client.get(url, headers=HOST | {"Sec-Fetch-Site": site_of_sender}, buffered=False)
            answer.close()
            assert answer.status_code == 403, (url, site_of_sender)


def test_a_chip_card_in_the_stream_is_a_kind_and_an_id(people, scan):
    client, _ = people["lananh"]
    answer = client.get("/live", headers=HOST)
    [told] = [one for one in answer.json["feeds"]["scan"]["events"] if one["uid"] == str(scan.uid)]
    assert told == {
        "uid": str(scan.uid),
        "kind": "chip-card",
        "command": "",
        "device": "doc",
        "acts": True,
        "words": "",
    }
    assert "Hường" not in answer.text and "001188012345" not in answer.text


def test_a_browser_on_another_machine_is_given_no_scan_and_takes_none(app, people, scan):
    browser, token = people["lananh"]
    away = {"REMOTE_ADDR": "192.0.2.40"}
    with browser.get("/live/events", headers=HOST, environ_overrides=away) as answer:
        told = "".join(next(answer.response).decode() for _ in range(2))
    assert "event: state" in told and "event: scan" not in told
    taken = browser.post(
        "/counter/", headers=HOST, data={"event": str(scan.uid), "_csrf": token}, environ_overrides=away
    )
    assert taken.status_code in (303, 404)
    assert ScanEvent.get(ScanEvent.uid == scan.uid).taken_at is None
    assert browser.get(f"/counter/scans/{scan.uid}", headers=HOST, environ_overrides=away).status_code == 404


KEYBOARD = Found("/dev/input/event3", "evdev", 0x046D, 0xC31C, path="1-2", maker="Logitech", interface="1.0")
ZEBRA = Found("/dev/usb/lp0", "usb", 0x0A5F, 0x0166, "28J1234", "1-1", "Zebra", "ZD220", interface="1.0")


@pytest.fixture
def plugged(desk):
    """The administrator's browser over a terminal at which a keyboard and a printer are plugged in."""
    tools = replace(desk.site.devices._tools, inventory=lambda: (KEYBOARD, ZEBRA))
    site = replace(desk.site, devices=TerminalDevices(desk.site.settings.devices, tools))
    client, token = signed_in(make_app(site), "quantri")
    yield site, client, token
    with site.store.writing():
        DeviceSetup.delete().where(DeviceSetup.line.is_null(False)).execute()
    desk.site.devices.reload()


def taken(client, token, form, **more):
    """What the page says after a form of it was sent, its hidden fields and choices as they stand."""
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)) | {"_csrf": token} | more
    return client.post("/devices/found", headers=HOST, data=fields, follow_redirects=True).text


def offered(client, words):
    (form,) = [one for one in re.findall(r"<form class=\"along take\".*?</form>", page(client), re.S) if words in one]
    return form


def page(client):
    return client.get("/devices/", headers=HOST).text


def names(site):
    return [line.name for line in site.devices.lines()]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has evdev")
def test_a_keyboard_is_offered_with_a_warning_and_taken_by_no_single_click(plugged):
    site, client, token = plugged
    form = offered(client, "Logitech")
    assert "Có thể là bàn phím đang dùng" in form
    assert "selected" not in form
    assert re.search(r'<input type="checkbox" name="is_reader" required>', form)
    said = taken(client, token, form, name="doc", role="reader")
    assert "Đây có thể là bàn phím đang dùng" in said
    assert "doc" not in names(site)
    said = taken(client, token, form, name="doc", role="reader", is_reader="on")
    assert "đang thử 60 giây" in said
    assert "Đang thử đến" in page(client)
    assert "doc" in names(site)


def test_a_printer_is_taken_as_it_was_shown_and_not_another_that_was_plugged_in_since(plugged):
    site, client, token = plugged
    form = offered(client, "Zebra")
    assert "is_reader" not in form
    said = taken(client, token, form, name="moi", role="label", language="zpl", identity="0a5f:0166:28J9999")
    assert "vừa được rút ra, đổi chỗ" in said
    assert "moi" not in names(site)
    assert "đã dùng được" in taken(client, token, form, name="moi", role="label", language="zpl")
    assert "moi" in names(site)


def test_the_unit_of_a_form_that_names_none_is_not_accepted(plugged):
    _, client, token = plugged
    said = client.post("/devices/nhan/unit", headers=HOST, data={"_csrf": token}, follow_redirects=True).text
    assert "Không thấy thiết bị nào ở chỗ này" in said
