"""The counter's forms as a browser posts them: nothing twice, nothing lost, nobody else's dossier, each look logged."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from agent.domain.dossier import State
from agent.store.accounts import AccessLog
from agent.store.dossiers import Dossier, Draft
from tests.e2e.clerk import BIRTH, CARD
from tests.webdesk import PASSWORD, add_people, make_app, make_site

HOST = {"Host": "127.0.0.1:8080"}


class Cold:
    """Stands where the digitiser and the signers are: these pages only tell them to get ready."""

    def warm(self):
        pass


@pytest.fixture
def site(tmp_path):
    made = replace(make_site(tmp_path), digitiser=Cold, signers=Cold)
    add_people(made)
    yield made
    made.store.close()


@pytest.fixture
def app(site):
    return make_app(site)


class Browser:
    """A signed-in user's browser without scripts."""

    def __init__(self, app, name="lananh"):
        self.client = app.test_client()
        self.token = self._token("/sign-in")
        self.post("/sign-in", username=name, password=PASSWORD)
        self.token = self._token("/counter/keys")

    def _token(self, path):
        return re.search(r'name="_csrf" value="([^"]+)"', self.get(path).text).group(1)

    def get(self, path):
        return self.client.get(path, headers=HOST)

    def post(self, path, **data):
        return self.client.post(path, headers=HOST, data={"_csrf": self.token, **data})

    def draft(self):
        """Scan a procedure, then a card; the draft's address."""
        self.post("/counter/", scan=BIRTH)
        return self.post("/counter/", scan=CARD).headers["Location"]

    def form(self, address):
        """What the page would post if nothing were touched."""
        html = self.get(address).text
        form = html[html.index('<form id="intake"') : html.index("</form>", html.index('<form id="intake"'))]
        fields = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form))
        for name in re.findall(r'<input type="checkbox"[^>]* name="([^"]+)"[^>]*>', form):
            if not re.search(rf'name="{re.escape(name)}" value="1" checked', form):
                fields.pop(name, None)
        for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
            chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
            fields[name] = chosen.group(1)
        return {**fields, "act": "receive"}

    def receive(self):
        address = self.draft()
        answer = self.post(address, **{**self.form(address), "owner_phone": "0912345678"})
        assert answer.status_code == 303, re.findall(r'class="error"[^>]*>.*?</p>', answer.text, re.S)
        return answer.headers["Location"]


@pytest.fixture
def browser(app):
    return Browser(app)


def looks(site):
    with site.store.reading():
        return [(entry.purpose, entry.what) for entry in AccessLog.select().order_by(AccessLog.id)]


def test_the_same_intake_sent_twice_is_one_dossier(browser, site):
    address = browser.draft()
    form = {**browser.form(address), "owner_phone": "0912345678"}
    first, second = browser.post(address, **form), browser.post(address, **form)
    assert first.headers["Location"] == second.headers["Location"]
    assert browser.get(address).headers["Location"] == first.headers["Location"]
    with site.store.reading():
        assert (Dossier.select().count(), Draft.select().count()) == (1, 0)


def test_a_faulty_intake_is_kept_as_typed_and_told_whole(browser, site):
    address = browser.draft()
    form = {**browser.form(address), "owner_phone": "12", "authorisation_date": "31/02/2026", "copies": "nhiều"}
    form = {name: value for name, value in form.items() if not name.startswith("have:")}
    answer = browser.post(address, **form)
    assert answer.status_code == 422
    for words in ("không gọi được", "không phải ngày", "Số lượng “nhiều”", "Thiếu Giấy chứng sinh"):
        assert words in answer.text
    with site.store.reading():
        assert Draft.get().body["owner_phone"] == "12"


def test_a_missing_paper_is_taken_with_its_reason(browser, site):
    address = browser.draft()
    form = {**browser.form(address), "owner_phone": "0912345678"}
    missing = next(name for name in form if name.startswith("have:") and "900103" in name)
    del form[missing]
    assert browser.post(address, **form).status_code == 422
    form[missing.replace("have:", "reason:")] = "bệnh viện cấp sau"
    answer = browser.post(address, **form)
    assert answer.status_code == 303
    assert "Giấy chứng sinh" not in browser.get(answer.headers["Location"]).text


def test_a_dossier_of_another_office_does_not_open(app, browser):
    address = browser.receive()
    stranger = Browser(app, "sontay")
    for path in (address, address + "/why", address + "/sign", address + "/documents/receipt.pdf", address + "/void"):
        assert stranger.get(path).status_code == 403, path
    assert stranger.post(address + "/reveal").status_code == 403
    assert stranger.post("/counter/", scan="huong").text.count("Nguyễn Thị Hường") == 0


def test_a_courier_sees_no_dossier(app, browser):
    address = browser.receive()
    courier = Browser(app, "tuyen7")
    assert courier.get("/counter/").status_code == 403
    assert courier.get(address).status_code == 403


def test_a_number_is_masked_until_somebody_asks_and_both_looks_are_written_down(browser, site):
    address = browser.receive()
    assert "001188012345" not in browser.get(address).text
    assert "0011 •••• 2345" in browser.get(address).text
    assert "001188012345" in browser.post(address + "/reveal").text
    assert looks(site)[-3:] == [
        ("intake", "dossier page"), ("intake", "dossier page"), ("intake", "full identity and contact"),
    ]  # fmt: skip


def test_a_search_is_written_down_without_what_was_asked(browser, site):
    browser.receive()
    browser.receive()
    assert browser.post("/counter/", scan="nguyen thi huong").text.count("Nguyễn Thị Hường") == 2
    assert browser.post("/counter/", scan="678").text.count("Nguyễn Thị Hường") == 2
    assert ("search", "search list") in looks(site)
    assert "huong" not in str(looks(site))


def test_a_wrong_card_is_said_and_nothing_begins(browser, site):
    answer = browser.post("/counter/", scan="001188012345||Nguyễn|1403")
    assert answer.status_code == 422
    assert "Quét lại thẻ" in answer.text
    with site.store.reading():
        assert Draft.select().count() == 0


def test_voiding_needs_a_reason_and_ends_the_dossier(browser, site):
    address = browser.receive()
    assert browser.post(address + "/void", reason="").status_code == 422
    assert browser.post(address + "/void", reason="nhập nhầm thủ tục").status_code == 303
    with site.store.reading():
        assert Dossier.get().state is State.VOIDED
    assert "nhập nhầm thủ tục" in browser.get(address).text
    assert browser.post(address + "/void", reason="nhập nhầm thủ tục").status_code == 303


def test_a_step_out_of_turn_is_refused_on_the_dossiers_page(browser):
    address = browser.receive()
    answer = browser.post(address + "/copies")
    assert answer.status_code in (409, 422)
    assert "Chưa làm được" in answer.text
    assert "Nguyễn Thị Hường" in answer.text


def test_a_long_queue_is_paged_by_its_last_row(browser, site):
    address = browser.receive()
    with site.store.writing():
        one = Dossier.get()
        values = dict(one.__data__)
        for number in range(45):
            values |= {
                "id": None, "uid": site.ids.uid(), "provisional": f"T1-TEST-{number:04d}", "draft_uid": None,
                "public_token": f"token{number}",
            }  # fmt: skip
            Dossier.create(**values)
    first = browser.get("/counter/")
    older = re.search(r'href="(/counter/queue/working\?before=\d+)"', first.text).group(1)
    assert address not in first.text
    assert address in browser.get(older).text
