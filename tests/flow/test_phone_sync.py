"""Phones and a served office over real TLS: cut lines, a killed server, weeks away; nothing is lost or doubled."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests import postgres
from tests.e2e.office_station import OfficeStation, office_station, until
from tests.phone_client import PhoneClient

STEPS = ("out_for_delivery", "attempt_failed")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfficeStation]:
    with office_station(tmp_path_factory.mktemp("sync") / "d", items=12) as opened:
        yield opened


@pytest.fixture
def phone(office: OfficeStation) -> PhoneClient:
    return paired(office)


def paired(office: OfficeStation, courier: str = "tuyen7") -> PhoneClient:
    made = PhoneClient(office.url, office.ca)
    assert made.pair(office.pairing(courier)).status_code == 200
    return made


def days_on_the_road(phone: PhoneClient, count: int) -> list[dict[str, Any]]:
    """So many events of failed attempts over the items in hand, chained, each following the one before of its item."""
    told = phone.round()["items"]
    held = {one["number"]: one["last_event"] for one in told}
    turns = Counter(one["number"] for one in told if one["state"] == STEPS[0])
    for n in range(count):
        number = sorted(held)[n % len(held)]
        failed = turns[number] % 2 == 1
        more: dict[str, Any] = {"parent": held[number]}
        if failed:
            more |= {"reason": "absent", "action": "redeliver", "evidence": ["invitation"]}
        phone.mint(STEPS[failed], number, **more)
        turns[number] += 1
    return phone.outbox


def stored(office: OfficeStation, phone: PhoneClient) -> tuple[list[int], int]:
    """Numbers of the phone's events as the office's own database has them, and how many of them had their effect."""
    from agent.store.custody_events import DeviceEvent
    from agent.store.items import CustodyEvent

    with office._site() as site, site.store.reading():
        mine = DeviceEvent.select().where(DeviceEvent.phone_uid == phone.phone).order_by(DeviceEvent.seq)
        rows = [(row.seq, row.uid) for row in mine]
        uids = [uid for _seq, uid in rows]
        effects = sum(CustodyEvent.select().where(CustodyEvent.uid == uid).count() for uid in uids)
    return [seq for seq, _uid in rows], effects


def given_back(office: OfficeStation, phone: PhoneClient) -> None:
    """What the phone did is in the book once, each event with its effect, in the order of its numbers."""
    numbers, effects = stored(office, phone)
    assert numbers == list(range(1, len(phone.outbox) + 1))
    assert effects == len(phone.outbox)


def test_only_who_trusts_the_offices_ca_speaks_with_it(office: OfficeStation) -> None:
    stranger = PhoneClient(office.url)
    with pytest.raises(requests.exceptions.SSLError):
        stranger.pair("0000-0000-0000")
    trusting = ssl.create_default_context(cafile=str(office.ca))
    with socket.create_connection(("127.0.0.1", office.port)) as wire, pytest.raises(ssl.SSLCertVerificationError):
        trusting.wrap_socket(wire, server_hostname="bank.example")  # the right CA, a name that is not the office's


def test_a_phone_that_was_away_for_a_week_catches_up_where_it_was_cut(
    office: OfficeStation, phone: PhoneClient
) -> None:
    events = days_on_the_road(phone, 1_000)
    late = events[400:800]
    assert phone.send(late).json()["missing"] == [[1, 400]]  # the middle came first: it waits, and is not lost
    first = phone.send(events[:400]).json()
    assert (first["next_seq"], first["missing"]) == (801, [])
    rest = phone.send(events[700:]).json()
    assert Counter(one["verdict"] for one in rest["verdicts"]) == {"known": 100, "taken": 200}
    assert phone.state()["next_seq"] == 1_001
    given_back(office, phone)


def test_a_server_killed_amid_a_batch_goes_on_from_what_it_kept(office: OfficeStation, phone: PhoneClient) -> None:
    events = days_on_the_road(phone, 1_600)
    lost: list[BaseException] = []

    def send() -> None:
        try:
            phone.send(events)
        except requests.exceptions.RequestException as error:
            lost.append(error)

    sending = threading.Thread(target=send)
    watch = PhoneClient(office.url, office.ca)
    watch.http.headers.update(phone.http.headers)
    sending.start()
    kept = until(lambda: (seq := watch.state()["next_seq"]) > 1 and seq, "a part of the batch is on the disk")
    office.kill_serve()
    sending.join(30)
    assert lost and kept < 1_601  # it was killed before the answer, with the rest in its memory
    office.start_serve()
    phone.http.close()
    after = phone.state()["next_seq"]
    assert kept <= after < 1_601 and (after - 1) % 500 == 0  # whole parts, never half of one
    again = phone.send(events).json()  # the same bytes again, as a phone does that got no answer
    assert Counter(one["verdict"] for one in again["verdicts"]) == {"known": after - 1, "taken": 1_601 - after}
    given_back(office, phone)


def test_a_sync_that_is_cut_on_its_way_or_on_its_way_back_changes_nothing_twice(
    office: OfficeStation, phone: PhoneClient
) -> None:
    events = days_on_the_road(phone, 120)
    body = gzip.compress(json.dumps({"phone": phone.phone, "events": events}).encode())
    head = (
        f"POST /api/v1/events:batch HTTP/1.1\r\nHost: localhost:{office.port}\r\nContent-Type: application/json\r\n"
        f"Content-Encoding: gzip\r\nAuthorization: Bearer {phone.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    trusting = ssl.create_default_context(cafile=str(office.ca))
    for sent in (body[: len(body) // 2], body):  # half of it; all of it, gone before the answer
        wire = socket.create_connection(("127.0.0.1", office.port))
        with trusting.wrap_socket(wire, server_hostname="localhost") as line:
            line.sendall(head + sent)
    until(lambda: phone.state()["next_seq"] == 121, "the whole one arrived")
    assert {one["verdict"] for one in phone.send().json()["verdicts"]} == {"known"}
    given_back(office, phone)


def both_at_once(phone: PhoneClient, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to the same batch that two workers of one phone send at the same time."""
    answers: list[dict[str, Any]] = []

    def send() -> None:
        own = PhoneClient(
            phone.url, phone.http.verify if isinstance(phone.http.verify, bool) else Path(phone.http.verify)
        )
        own.http.headers.update(phone.http.headers)
        own.phone = phone.phone
        answers.append(own.send(events).json())

    workers = [threading.Thread(target=send) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)
    return answers


def test_two_uploads_of_one_phone_at_once_are_one(office: OfficeStation, phone: PhoneClient) -> None:
    events = days_on_the_road(phone, 240)
    answers = both_at_once(phone, events)
    said = [Counter(one["verdict"] for one in answer["verdicts"]) for answer in answers]
    assert sum(said, Counter()) == {"taken": 240, "known": 240}
    given_back(office, phone)


def test_it_is_the_same_on_the_offices_postgresql(postgres_server: str, tmp_path: Path) -> None:
    with postgres.migrated(postgres_server) as url, office_station(tmp_path / "d", items=4, database=url) as office:
        phone = paired(office)
        events = days_on_the_road(phone, 300)
        answers = both_at_once(phone, events[:200])
        assert sum((Counter(one["verdict"] for one in a["verdicts"]) for a in answers), Counter()) == {
            "taken": 200, "known": 200,
        }  # fmt: skip
        office.kill_serve()
        office.start_serve()
        phone.http.close()
        assert phone.state()["next_seq"] == 201
        assert phone.send().json()["next_seq"] == 301
        given_back(office, phone)
