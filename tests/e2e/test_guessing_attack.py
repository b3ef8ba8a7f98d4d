"""The guessing attack on public tracking: one same answer, slower and slower, equal work, nobody's data anywhere."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections import Counter

import pytest

from agent.citizen.feedback import give
from agent.domain.wrong_tries import TOKEN_ADDRESS
from agent.store.citizen import Switch, turn
from agent.store.dossiers import Contact, Dossier, Party, Subject
from agent.store.items import Item, Proof
from agent.store.public_view import by_phone, dossier_by_token
from agent.store.wrong_tries import TryBucket, take
from agent.tracking.deliver import ProofInput, deliver
from tests.builders import OFFICE
from tests.e2e import rounds
from tests.webdesk import make_app

HOST = {"Host": "127.0.0.1:8080"}
WRONG = 10_000
PROOF = ProofInput(
    receiver="Nguyễn Thị Hường", relation="chủ hồ sơ", identity_type="CCCD", identity_last4="2345",
    identity_matched=True, signature=b"strokes", position={"lat": 21.0712, "lon": 105.8231, "accuracy_m": 12},
)  # fmt: skip


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    made = rounds.station(tmp_path_factory.mktemp("office"))
    yield made
    made.site.store.close()


@pytest.fixture
def app(at):
    with at.site.store.writing():
        TryBucket.delete().execute()
    return make_app(at.site)


def allow_phone(at, on: bool = True) -> None:
    with at.site.store.writing():
        turn(OFFICE, Switch.PHONE_TRACKING, on, by="minh", at=at.site.clock.now())


def tries(at, ask, count: int) -> tuple[Counter, float]:
    """What an attacker who obeys Retry-After hears in `count` answered tries, and the hours that it takes him."""
    answers: Counter = Counter()
    start = at.site.clock.now()
    answered = 0
    while answered < count:
        answer = ask(answered)
        if answer.status_code == 429:
            at.site.clock.forward(seconds=int(answer.headers["Retry-After"]))
            continue
        answers[answer.status_code, answer.data] += 1
        answered += 1
    return answers, (at.site.clock.now() - start).total_seconds() / 3600


def test_ten_thousand_wrong_tries_get_one_same_answer_and_take_hours(at, app):
    """1,400 over the wire, each answer compared to the byte; the others by what the pages ask, with their limits."""
    allow_phone(at)
    dossier = rounds.received(at)
    clients = [one.test_client(use_cookies=False) for one in (app, make_app(at.site))]

    def ask_number(n: int):
        # a botnet: each try from another address, walking numbers with one phone's last four, right numbers among them
        number = dossier.provisional if n % 100 == 7 else f"T1-6T21-{n:05d}"
        where = {"REMOTE_ADDR": f"10.{n // 65536}.{n // 256 % 256}.{n % 256}"}
        asked = {"number": number, "last": "0000"}
        return clients[n % 2].post("/t/find", data=asked, headers=HOST, environ_base=where)

    tokens, token_hours = tries(at, lambda n: clients[n % 2].get(f"/t/{n:022d}", headers=HOST), 1_000)
    numbers, number_hours = tries(at, ask_number, 400)
    assert list(tokens.values()) == [1_000] and list(numbers.values()) == [400]
    assert set(tokens) == set(numbers) and next(iter(tokens))[0] == 404
    assert token_hours > 0.5  # one try in two seconds
    assert number_hours > 6  # one fixed last four: one try a minute, whoever asks

    found, begun = 0, at.site.clock.now()
    with at.site.store.writing():
        for n in range(WRONG - 1_400):
            while seconds := take([(TOKEN_ADDRESS, "10.0.0.1")], at.site.clock.now()):
                at.site.clock.forward(seconds=seconds)
            found += dossier_by_token(f"{dossier.public_token[:-3]}{n:03x}") is not None
    assert found == 0 and (at.site.clock.now() - begun).total_seconds() > 4 * 3600


def test_one_address_that_tries_every_last_four_of_one_number_needs_weeks(at, app):
    allow_phone(at)
    dossier = rounds.received(at)
    client = app.test_client(use_cookies=False)
    answers, hours = tries(
        at,
        lambda n: client.post("/t/find", data={"number": dossier.provisional, "last": f"{n:04d}"}, headers=HOST),
        60,
    )
    assert list(answers.values()) == [60]
    assert hours * WRONG / 60 > 24 * 30


def test_the_right_number_and_digits_show_the_stage_and_no_secret(at, app):
    allow_phone(at)
    dossier = rounds.received(at)
    client = app.test_client(use_cookies=False)
    asked = {"number": dossier.provisional.lower(), "last": "5678"}
    found = client.post("/t/find", data=asked, headers=HOST)
    assert found.status_code == 200 and "Bưu cục đã nhận hồ sơ" in found.text
    assert dossier.public_token not in found.text and dossier.provisional not in found.text
    assert found.headers.getlist("Set-Cookie") == []


def test_where_no_office_allows_it_the_form_is_not_offered_and_finds_nothing(at, app):
    allow_phone(at, False)
    dossier = rounds.received(at)
    client = app.test_client(use_cookies=False)
    assert "<form" not in client.get("/t/", headers=HOST).text
    asked = {"number": dossier.provisional, "last": "5678"}
    assert client.post("/t/find", data=asked, headers=HOST).status_code == 404
    allow_phone(at)
    assert "<form" in client.get("/t/", headers=HOST).text


def test_another_sites_form_is_refused(at, app):
    client = app.test_client(use_cookies=False)
    away = HOST | {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/t/find", data={"number": "x", "last": "1234"}, headers=away).status_code == 403


def test_every_wrong_answer_costs_the_database_the_same_questions(at):
    allow_phone(at)
    known = rounds.received(at).provisional
    erased = rounds.received(at, 1)
    with at.site.store.writing():
        Contact.update(phone="").where(Contact.dossier == erased).execute()
        Subject.update(phone="").where(
            Subject.id.in_(Party.select(Party.subject).where(Party.dossier == erased))
        ).execute()
    asked = [(known, "0000"), ("T1-6T21-00000", "5678"), ("", ""), (erased.provisional, "0000"), (known, "")]
    spent = {}
    for number, last in asked:
        statements = _statements(at, lambda n=number, d=last: by_phone(n, d))
        times = []
        for _ in range(60):
            with at.site.store.reading():
                begun = time.perf_counter()
                assert by_phone(number, last) is None
                times.append(time.perf_counter() - begun)
        spent[number, last] = (statements, statistics.median(times))
    assert len({statements for statements, _ in spent.values()}) == 1, spent
    fastest, slowest = min(s for _, s in spent.values()), max(s for _, s in spent.values())
    assert slowest < 3 * fastest, spent  # a row more to read is microseconds of a request's milliseconds


def _statements(at, act) -> tuple[str, ...]:
    """The SQL, without its values, that an act sends."""
    import logging

    seen: list[str] = []

    class Watch(logging.Handler):
        def emit(self, record):
            seen.append(re.sub(r"\s+", " ", str(record.msg[0])) if isinstance(record.msg, tuple) else str(record.msg))

    watch, logger = Watch(), logging.getLogger("peewee")
    level = logger.level
    logger.addHandler(watch)
    logger.setLevel(logging.DEBUG)
    try:
        with at.site.store.reading():
            act()
    finally:
        logger.removeHandler(watch)
        logger.setLevel(level)
    return tuple(sql for sql in seen if sql.startswith("SELECT"))


def test_who_attacks_from_one_place_or_mistypes_shuts_nobody_else_out(at, app):
    """The attacker uses up what there is for that number and those digits; the citizen's first try still counts."""
    allow_phone(at)
    dossier = rounds.received(at)
    client = app.test_client(use_cookies=False)

    def ask(number: str, last: str, address: str):
        asked = {"number": number, "last": last}
        return client.post("/t/find", data=asked, headers=HOST, environ_base={"REMOTE_ADDR": address}).status_code

    for place in range(3):  # three homes, ten minutes, as fast as they may
        for _ in range(10):
            ask(dossier.provisional, "0000", f"10.1.0.{place}")
            ask("T1-6T21-99999", "5678", f"10.1.1.{place}")
            at.site.clock.forward(seconds=20)
    assert ask(dossier.provisional, "0000", "10.1.0.0") == ask("T1-6T21-99999", "5678", "10.1.1.0") == 429
    assert ask(dossier.provisional, "5678", "10.1.0.0") == 429  # nor does the right answer come out of turn
    assert ask("rubbish", "12", "10.1.2.1") == 404
    assert ask(dossier.provisional, "5678", "10.1.2.2") == 200
    assert ask(dossier.provisional, "5678", "10.1.2.2") == 200


def test_a_right_look_up_leaves_no_row(at, app):
    allow_phone(at)
    dossier = rounds.received(at)
    client = app.test_client(use_cookies=False)
    for _ in range(40):
        assert client.get(f"/t/{dossier.public_token}", headers=HOST).status_code == 200
        asked = {"number": dossier.provisional, "last": "5678"}
        assert client.post("/t/find", data=asked, headers=HOST).status_code == 200
    assert TryBucket.select().count() == 0
    assert client.get("/t/" + "x" * 22, headers=HOST).status_code == 404
    assert TryBucket.select().count() == 1


def test_a_flood_of_addresses_frees_no_last_four(at, app):
    allow_phone(at)
    client = app.test_client(use_cookies=False)
    taken = 0
    for n in range(200):
        asked = {"number": f"T1-6T21-{n:05d}", "last": "5678"}
        where = {"REMOTE_ADDR": f"2001:db8:{n:x}::1"}
        taken += client.post("/t/find", data=asked, headers=HOST, environ_base=where).status_code == 404
    assert taken == 20


def test_a_whole_ipv6_network_is_one_asker(at, app):
    """A subscriber has 65,536 addresses as they are counted: his network has a bucket of its own."""
    allow_phone(at)
    client = app.test_client(use_cookies=False)
    taken = 0
    for n in range(60):
        asked = {"number": f"T1-6T21-{n:05d}", "last": f"{n:04d}"}
        where = {"REMOTE_ADDR": f"2001:db8:1:{n:x}::1"}
        taken += client.post("/t/find", data=asked, headers=HOST, environ_base=where).status_code == 404
    assert taken == 20


def test_no_public_answer_holds_a_personal_datum_of_the_dossier(at, app):
    allow_phone(at)
    item = rounds.out(at, collect=26_000)
    deliver(at.site, item.number, replace_collected(PROOF, 26_000), by=rounds.COURIER)
    dossier = Dossier.get_by_id(item.dossier_id)
    give(at.site, dossier.id, "feedback", "Ông Nguyễn Văn Bưởi ở 12 Lạc Long Quân đã chờ lâu, gọi 0987654321")
    client = app.test_client(use_cookies=False)
    token = dossier.public_token
    client.post(f"/t/{token}/survey", data={"score": "2", "words": "Chị Thanh Trà nói 0987654321"}, headers=HOST)
    secrets = personal_values(dossier) | {"Bưởi", "Thanh Trà", "0987654321"}
    routes = public_routes(app, token)
    assert len(routes) >= 12
    seen, checked = "", 0
    for method, path, data in routes:
        for language in ("", "?lang=en"):
            answer = client.open(path + language, method=method, data=data, headers=HOST)
            text = answer.get_data().decode("latin-1") + answer.get_data().decode("utf-8", "replace")
            text += json.dumps([list(pair) for pair in answer.headers], ensure_ascii=False)
            leaked = [secret for secret in secrets if secret in text]
            assert not leaked, (path, leaked)
            seen, checked = seen + text, checked + (answer.status_code == 200)
            at.site.clock.forward(minutes=10)
    assert checked >= 14
    assert "Rất không hài lòng" in seen and item.number in seen  # the pages were really there


def replace_collected(proof: ProofInput, amount: int) -> ProofInput:
    from dataclasses import replace

    return replace(proof, collected=amount)


def personal_values(dossier: Dossier) -> set[str]:
    """Every personal value of the dossier's rows, and parts of them that tell as much."""
    found: set[str] = {dossier.provisional, dossier.official or "", dossier.procedure_name, dossier.procedure_code}
    for party in Party.select().where(Party.dossier == dossier):
        who = party.subject
        found |= {
            who.name,
            who.id_number,
            who.address,
            who.phone,
            who.phone.replace("+84", "0"),
            who.birth_date,
            who.email,
        }
        found |= {word for word in who.name.split() if len(word) > 3}
        found |= {who.id_number[-4:], who.address.split(",")[0]}
    contact = Contact.get(Contact.dossier == dossier)
    found |= {contact.name, contact.phone, contact.address.split(",")[0], contact.email}
    for item in Item.select().where(Item.dossier == dossier):
        for proof in Proof.select().where(Proof.item == item):
            found |= {proof.receiver, proof.relation, proof.signature_sha256 or "", "21.0712", "105.8231"}
    found |= {"26.000", "26000", "tuyen7", "Trần Đức Ân"}
    # the office's own address is on every page, and in this sample it is the citizen's street too
    return {one for one in found if len(one) >= 4 and one not in "12 Lạc Long Quân, Tây Hồ, Hà Nội"}


def public_routes(app, token: str) -> list[tuple[str, str, dict[str, str]]]:
    """Every route of the citizens' blueprint, none forgotten: each rule must be known here."""
    jws = app.test_client(use_cookies=False).get(f"/t/{token}/receipt-1.json", headers=HOST).get_json()["jws"]
    values = {"<token>": token, "<int:number>": "1", "<jws>": jws}
    asked = []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("public."):
            continue
        path = re.sub(r"<[^>]+>", lambda found: values[found[0]], rule.rule)
        forms = {"public.find": {"number": "T1", "last": "5678"}, "public.rate": {"score": "1"},
                 "public.say": {"kind": "feedback", "words": "x"}}  # fmt: skip
        method = "POST" if "POST" in rule.methods else "GET"
        asked.append((method, path, forms.get(rule.endpoint, {})))
        if "/<" in rule.rule:
            asked.append((method, path.replace(token, "y" * 22), forms.get(rule.endpoint, {})))
    asked.append(
        ("POST", "/t/find", {"number": Dossier.get(Dossier.public_token == token).provisional, "last": "5678"})
    )
    return asked
