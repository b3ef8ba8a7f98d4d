"""The citizen's page: stage and office only, the same answer for every wrong token, nothing kept in the browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.dossier import ReturnWay, State
from agent.domain.wrong_tries import TOKEN_ADDRESS
from agent.store.accounts import Session
from agent.store.dossiers import Dossier
from agent.store.items import Item
from agent.store.public_view import Tracked, tracked
from agent.store.wrong_tries import TryBucket
from agent.web.load import Limit
from agent.web.public.stages import view_of
from tests.e2e import rounds
from tests.webdesk import make_app, serving

HOST = {"Host": "127.0.0.1:8080"}
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    made = rounds.station(tmp_path_factory.mktemp("office"))
    yield made
    made.site.store.close()


@pytest.fixture
def citizen(at):
    """A browser without cookies, nobody's wrong tries on record."""
    with at.site.store.writing():
        TryBucket.delete().execute()
    return make_app(at.site).test_client(use_cookies=False)


def test_the_page_tells_where_the_dossier_is_and_nothing_about_anybody(at, citizen):
    item = rounds.out(at, collect=26_000)
    dossier = Dossier.get_by_id(item.dossier_id)
    answer = citizen.get(f"/t/{dossier.public_token}", headers=HOST)
    assert answer.status_code == 200
    assert "Bưu tá đang đi giao kết quả" in answer.text
    assert "Bưu cục Tây Hồ" in answer.text
    secrets = (
        "Hường", "0912", "912345678", "001188012345", "12 Lạc Long Quân, Tây Hồ, Hà Nội</p>", dossier.provisional,
        dossier.official, item.number, dossier.procedure_code, dossier.procedure_name, "26.000", "tuyen7", "Đức Ân",
    )  # fmt: skip
    assert [word for word in secrets if word in answer.text] == []


def test_nothing_is_kept_in_browsers_caches_or_search_engines_and_no_script_is_needed(at, citizen):
    before = Session.select().count()
    good = citizen.get(f"/t/{rounds.received(at).public_token}", headers=HOST)
    for answer in (good, citizen.get("/t/" + "x" * 22, headers=HOST)):
        assert answer.headers.getlist("Set-Cookie") == []
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"] and 'name="robots" content="noindex' in answer.text
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "<script" not in answer.text and "<form" not in answer.text
    assert Session.select().count() == before


def test_every_wrong_token_gets_the_same_answer(at, citizen):
    right = rounds.received(at).public_token
    wrong = (right[:-1], right + "A", right.swapcase(), "x", "x" * 22, "%27%20OR%201=1", "ạ" * 20, "A" * 5000)
    answers = {(answer.status_code, answer.text) for one in wrong if (answer := citizen.get(f"/t/{one}", headers=HOST))}
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_whoever_asks_too_often_waits(at, citizen):
    answers = [citizen.get(f"/t/{n:022d}", headers=HOST) for n in range(TOKEN_ADDRESS.tries + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {404}
    assert answers[-1].status_code == 429
    seconds = int(answers[-1].headers["Retry-After"])
    assert f"Chờ {seconds} giây" in answers[-1].text
    assert citizen.get("/t/" + "x" * 22, headers=HOST, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404
    right = rounds.received(at).public_token
    for path in (f"/t/{right}", f"/t/{right}/feedback"):
        assert citizen.get(path, headers=HOST).status_code == 200, "others behind this address hold right tokens"
    assert citizen.get("/t/" + "y" * 22, headers=HOST).status_code == 429
    at.site.clock.forward(seconds=seconds)
    assert citizen.get("/t/" + "x" * 22, headers=HOST).status_code == 404


def test_a_limit_forgets_the_oldest_addresses_and_survives_a_clock_that_goes_back():
    limit = Limit(tries=2, per_second=1.0, most=3)
    assert [limit.wait("a", NOW) for _ in range(3)] == [0, 0, 1]
    assert limit.wait("a", NOW - timedelta(hours=1)) == 1
    assert limit.wait("a", NOW + timedelta(seconds=1)) == 0
    for address in ("b", "c", "d"):
        limit.wait(address, NOW)
    assert limit.wait("a", NOW) == 0  # forgotten: its tries are new


def test_every_state_has_words_for_the_citizen():
    for state in State:
        for way in ReturnWay:
            for item in ("", "registered", "accepted", "at_office", "out_for_delivery", "attempt_failed", "held",
                         "return_approved", "returned", "lost"):  # fmt: skip
                view = view_of(Tracked("BC-TAYHO", state, 4, way, None, NOW, item))
                assert view.headline and view.next_step
                assert len(view.strip) == (0 if state in (State.REFUSED, State.STOPPED, State.VOIDED) else 5)


def test_a_token_leads_to_nothing_personal_even_inside_the_program(at):
    item = rounds.held(at)
    found = tracked(Dossier.get_by_id(item.dossier_id).public_token)
    assert found is not None and found.item_state == Item.get_by_id(item.id).state
    assert set(vars(found)) == {
        "office_id", "state", "province_status", "return_way", "due_at", "updated_at", "item_state",
    }  # fmt: skip


def test_a_visitor_at_the_door_is_told_of_the_receipts_code(citizen):
    assert citizen.get("/", headers=HOST).status_code == 303
    assert "quét mã QR trên giấy tiếp nhận" in citizen.get("/sign-in", headers=HOST).text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_citizens_pages_are_accessible_on_a_phone(at, chromium, axe, scheme):
    with serving(at.site) as running:
        page = rounds.phone(chromium, color_scheme=scheme)
        item = rounds.out(at)
        for path in (f"/t/{Dossier.get_by_id(item.dossier_id).public_token}", "/t/" + "x" * 22):
            page.goto(running.url + path)
            assert axe(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.goto(running.url + path + "?lang=en")
        assert page.get_by_role("heading", name="Dossier not found").is_visible()
        page.context.close()
