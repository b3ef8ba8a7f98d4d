"""Couriers' phones at the office: let in by a code, told their round, their pictures taken, shut out again."""

from __future__ import annotations

import gzip
import hashlib
import io
import socket
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from agent.domain.actor import Actor
from agent.domain.roles import Role
from agent.errors import Forbidden, NotFound, RuleViolation
from agent.store import receiver_codes
from agent.store.accounts import AccessLog, User
from agent.store.custody_events import DeviceEvent
from agent.store.items import Item, Proof
from agent.store.phones import Phone, PhoneAct, PhoneBlob
from agent.tracking.custody import courier_holder, hand_over
from agent.tracking.phones import pairing
from agent.tracking.phones.sweeping import sweep_phones
from tests import builders
from tests.e2e import rounds
from tests.phone_client import PhoneClient, jwk, proof, signature
from tests.webdesk import Served, make_app, serving

CHIEF = builders.CHIEF


class Desk:
    """A served office with phones to pair."""

    def __init__(self, at: builders.Station, served: Served) -> None:
        self.at, self.served, self.site = at, served, at.site

    def code(self, courier: str = "tuyen7") -> str:
        return pairing.new_code(self.site, courier, by=CHIEF).text

    def phone(self, courier: str = "tuyen7", **options: Any) -> PhoneClient:
        made = PhoneClient(self.served.url)
        answer = made.pair(self.code(courier), **options)
        assert answer.status_code == 200, answer.text
        return made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    at = rounds.station(tmp_path_factory.mktemp("phones"))
    with at.site.store.writing():
        User.create(
            username="tuyen8", role=Role.COURIER, office_id="BC-TAYHO", full_name="Lê Minh Khoa", password_hash="",
            created_at=at.site.clock.now(),
        )  # fmt: skip
    with serving(at.site, make_app(at.site)) as served:
        yield Desk(at, served)


@pytest.fixture(autouse=True)
def an_hour_later(desk: Desk) -> None:
    """Limits of earlier tests are over."""
    desk.served.clock.forward(hours=1)


# --- pairing -------------------------------------------------------------------------------------
def test_a_code_lets_one_phone_in_and_no_second_one(desk: Desk) -> None:
    code, first, second = desk.code(), PhoneClient(desk.served.url), PhoneClient(desk.served.url)
    said = first.pair(code.lower().replace("-", " "), name="Máy của Ân").json()  # as somebody types it
    assert (said["courier"], said["office"], said["courier_name"]) == ("tuyen7", "BC-TAYHO", "Trần Đức Ân")
    again = second.pair(code)
    assert (again.status_code, again.json()["code"]) == (422, "pairing") and "đã dùng" in again.json()["detail"]
    held = Phone.get(Phone.uid == said["phone"])
    assert held.public_key == jwk(first.key) and said["token"] not in (held.token_sha256, str(held.__data__))


def test_a_code_ends_after_five_minutes_and_when_a_newer_one_is_shown(desk: Desk) -> None:
    old, phone = desk.code(), PhoneClient(desk.served.url)
    fresh = desk.code()
    assert "bị thay" in phone.pair(old).json()["detail"]
    desk.served.clock.forward(minutes=5)
    assert "quá 5 phút" in phone.pair(fresh).json()["detail"]
    assert "không đúng" in phone.pair("0000-0000-0000").json()["detail"]


def test_only_active_couriers_of_the_own_office_get_a_code(desk: Desk) -> None:
    for name in ("lananh", "nobody"):
        with pytest.raises(NotFound):
            pairing.new_code(desk.site, name, by=CHIEF)
    with pytest.raises(Forbidden):
        pairing.new_code(desk.site, "tuyen7", by=Actor("x", "X", Role.SUPERVISOR, "BC-SONTAY", "T9"))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key | {"d": "AAAA"}, lambda key: key | {"crv": "P-384"}, lambda key: key | {"x": key["y"]},
        lambda key: {"kty": "EC"}, lambda key: key | {"x": "AQAB"},
    ],
)  # fmt: skip
def test_what_is_no_public_key_on_the_curve_is_refused_and_the_code_stays_good(desk: Desk, spoil: Any) -> None:
    code, phone = desk.code(), PhoneClient(desk.served.url)
    body = {"code": code, "name": "x", "key": spoil(jwk(phone.key)), "app": "1"}
    answer = requests.post(f"{desk.served.url}/api/v1/courier/pair", json=body, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (422, "pairing")
    assert phone.pair(code).status_code == 200


def test_guessing_codes_is_slowed_down(desk: Desk) -> None:
    phone = PhoneClient(desk.served.url)
    answers = [phone.pair(f"{n:012}") for n in range(14)]
    assert [one.status_code for one in answers[:10]] == [422] * 10
    assert answers[-1].status_code == 429 and int(answers[-1].headers["Retry-After"]) > 0


def test_a_phone_that_was_shut_out_is_told_and_comes_back_as_itself(desk: Desk) -> None:
    phone = desk.phone("tuyen8", name="Máy của Khoa")
    with pytest.raises(RuleViolation, match="lý do"):
        pairing.revoke(desk.site, Phone.get(Phone.uid == phone.phone).uid, reason=" ", by=CHIEF)
    pairing.revoke(desk.site, Phone.get(Phone.uid == phone.phone).uid, reason="mất máy", by=CHIEF)
    for ask in (
        lambda: phone.send([]),
        lambda: phone.put(signature()),
        lambda: phone.http.get(f"{phone.url}/api/v1/courier/round"),
    ):
        answer = ask()
        assert (answer.status_code, answer.json()["code"]) == (401, "phone-revoked") and "mất máy" in answer.json()[
            "detail"
        ]
    first = phone.phone
    assert phone.pair(desk.code("tuyen8")).status_code == 200
    assert (
        phone.phone == first and phone.state()["next_seq"] == 1
    )  # what waits in its outbox goes on under its own name
    acts = [row.act for row in PhoneAct.select().where(PhoneAct.phone_uid == first).order_by(PhoneAct.id)]
    assert acts == ["paired", "revoked", "restored"]
    assert desk.phone("tuyen8").phone != first  # another phone of the same courier is another phone


def test_a_courier_who_was_switched_off_takes_his_phones_with_him(desk: Desk) -> None:
    phone = desk.phone("tuyen8")
    for active, status in ((False, 401), (True, 200)):
        with desk.site.store.writing():
            User.update(active=active).where(User.username == "tuyen8").execute()
        assert phone.http.get(f"{phone.url}/api/v1/courier/state", timeout=10).status_code == status


def test_a_phones_token_opens_nothing_but_what_phones_need(desk: Desk) -> None:
    phone = desk.phone()
    for path in ("/dossiers", "/items", "/queue"):
        assert phone.http.get(f"{phone.url}/api/v1{path}", timeout=10).status_code == 401, path


# --- the round -----------------------------------------------------------------------------------
def test_the_round_is_told_once_and_then_only_what_changed(desk: Desk) -> None:
    phone, item = desk.phone(), rounds.held(desk.at, 0, collect=26_000)
    first = phone.round()
    mine = next(one for one in first["items"] if one["number"] == item.number)
    assert (mine["receiver"], mine["collect"], mine["state"]) == ("Nguyễn Thị Hường", 26_000, "accepted")
    assert mine["receiver_phone"] and mine["address"].startswith("12 Lạc Long Quân") and mine["last_event"]
    assert phone.round(first["cursor"])["items"] == []
    rounds.move(desk.site, item.number, rounds.CustodyStep.OUT_FOR_DELIVERY, by=rounds.COURIER)
    second = phone.round(first["cursor"])
    assert [(one["number"], one["state"]) for one in second["items"]] == [(item.number, "out_for_delivery")]
    assert phone.round(first["cursor"]) | {"server_time": ""} == second | {
        "server_time": ""
    }  # its answer was lost: again


def test_an_item_that_went_to_somebody_else_is_forgotten(desk: Desk) -> None:
    phone, other, item = desk.phone(), desk.phone("tuyen8"), rounds.held(desk.at, 1)
    before = phone.round()["cursor"]
    assert not [one for one in other.round()["items"] if one["number"] == item.number]
    hand_over(desk.site, [item.number], to=courier_holder("tuyen8"), by=rounds.COURIER)
    offered = next(one for one in other.round()["items"] if one["number"] == item.number)
    assert offered["receiver"] and not offered["receiver_phone"]  # he does not hold it yet
    khoa = Actor("tuyen8", "Lê Minh Khoa", Role.COURIER, builders.OFFICE, "T1")
    rounds.accept(desk.site, [item.number], holder=courier_holder("tuyen8"), by=khoa)
    assert phone.round(before)["gone"] == [item.number]


def test_each_look_at_a_citizens_data_by_a_phone_is_written_down(desk: Desk) -> None:
    phone, item = desk.phone(), rounds.held(desk.at, 2)
    looks = AccessLog.select().where((AccessLog.what == "round-phone") & (AccessLog.actor == "user:tuyen7"))
    before = looks.count()
    cursor = phone.round()["cursor"]
    assert looks.count() - before == len({one.dossier_id for one in held_by("tuyen7")})
    after = looks.count()
    phone.round(cursor)
    assert looks.count() == after and item.number  # nothing was told, nothing was looked at


def held_by(courier: str) -> list[Item]:
    return list(Item.select().where((Item.holder == courier_holder(courier)) & Item.state.not_in(["delivered"])))


def test_colleagues_keys_come_with_the_round_and_ones_own_do_not(desk: Desk) -> None:
    phone, other = desk.phone(), desk.phone("tuyen8")
    keys = {one["phone"]: one for one in phone.round()["couriers"]}
    assert keys[other.phone]["key"] == jwk(other.key) and keys[other.phone]["name"] == "Lê Minh Khoa"
    assert phone.phone not in keys


# --- pictures ------------------------------------------------------------------------------------
def test_a_picture_is_kept_once_however_often_it_is_sent(desk: Desk) -> None:
    phone, picture = desk.phone(), signature("một lần")
    answers = [phone.put(picture) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3 and answers[0].json()["size"] == len(picture)
    sha256 = hashlib.sha256(picture).hexdigest()
    assert desk.site.vault.get(sha256) == picture
    assert PhoneBlob.select().where(PhoneBlob.sha256 == sha256).count() == 1


def test_what_is_no_picture_is_refused_in_words_the_courier_can_act_on(desk: Desk) -> None:
    phone, picture = desk.phone(), signature("hỏng")
    huge = io.BytesIO()
    Image.new("1", (9000, 9000)).save(huge, "PNG")  # 81 million pixels in a few kilobytes
    gif = io.BytesIO()
    Image.new("L", (9, 9)).save(gif, "GIF")
    for name, data in {
        "text": b"<svg/>", "cut": picture[:-30], "empty": b"", "bomb": huge.getvalue(), "gif": gif.getvalue(),
    }.items():  # fmt: skip
        answer = phone.put(data)
        assert (answer.status_code, answer.json()["code"]) == (422, "not-a-picture"), name
        assert "ảnh" in answer.json()["detail"]
    changed = phone.put(picture, sha256="0" * 64)
    assert (changed.status_code, changed.json()["code"]) == (422, "not-a-picture")
    assert phone.put(picture, sha256="xyz").status_code == 422
    assert not desk.site.vault.has("0" * 64)


def test_fifty_megabytes_are_refused_before_they_are_sent(desk: Desk) -> None:
    phone = desk.phone()
    host, port = phone.url.removeprefix("http://").split(":")
    head = (
        f"PUT /api/v1/courier/blobs/{'a' * 64} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: image/jpeg\r\n"
        f"Authorization: Bearer {phone.token}\r\nContent-Length: {50 << 20}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=20) as wire:
        wire.sendall(head.encode() + b"\xff\xd8\xff" + b"0" * 1000)
        answer = b"".join(iter(lambda: wire.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 413") and b"too-large" in answer
    whole = phone.put(b"\xff\xd8\xff" + b"0" * (50 << 20))  # one that sends it all the same hears why
    assert (whole.status_code, whole.json()["code"]) == (413, "too-large")


def test_a_picture_that_no_proof_needs_is_destroyed_and_one_that_proves_a_delivery_stays(desk: Desk) -> None:
    phone, item = desk.phone("tuyen7"), rounds.out(desk.at, 2)
    told = next(one["last_event"] for one in phone.round()["items"] if one["number"] == item.number)
    used, unused = signature("dùng"), signature("không dùng")
    for picture in (used, unused):
        assert phone.put(picture).status_code == 200
    at = moment(desk.served.clock.now(), 1)
    phone.mint("deliver", item.number, to="receiver", proof=proof(used), parent=told, at=at)
    desk.served.clock.forward(minutes=1)
    assert phone.send().json()["verdicts"][0]["verdict"] == "taken"
    desk.served.clock.forward(days=59)
    assert sweep_phones(desk.site) == 0 and desk.site.vault.has(hashlib.sha256(unused).hexdigest())
    desk.served.clock.forward(days=2)
    assert sweep_phones(desk.site) >= 1 and not desk.site.vault.has(hashlib.sha256(unused).hexdigest())
    assert desk.site.vault.get(hashlib.sha256(used).hexdigest()) == used


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of file sizes, not on Windows")
def test_a_full_disk_is_said_so_and_the_picture_is_taken_when_there_is_room(desk: Desk) -> None:
    import random
    import resource
    import signal

    phone = desk.phone()
    noisy = Image.frombytes("L", (900, 900), random.Random(7).randbytes(810_000))
    out = io.BytesIO()
    noisy.save(out, "PNG")
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        answer = phone.put(out.getvalue())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert (answer.status_code, answer.json()["code"]) == (507, "store-full"), answer.text
    assert phone.put(out.getvalue()).status_code == 200


# --- batches -------------------------------------------------------------------------------------
def test_a_day_on_the_road_arrives_with_each_proof_at_its_own_item(desk: Desk) -> None:
    phone = desk.phone()
    first, second = (rounds.held(desk.at, person) for person in (0, 3))
    told = {one["number"]: one["last_event"] for one in phone.round()["items"]}
    pictures = {first.number: signature("Hường"), second.number: signature("Ân")}
    at = desk.served.clock.now()
    for number in pictures:
        phone.mint("out_for_delivery", number, parent=told[number], at=moment(at, 60))
    for number, picture in pictures.items():
        phone.mint("deliver", number, to="receiver", proof=proof(picture), at=moment(at, 120))
    desk.served.clock.forward(minutes=10)
    waiting = phone.send().json()
    assert [one["verdict"] for one in waiting["verdicts"]] == ["taken", "taken", "waiting", "waiting"]
    assert waiting["verdicts"][2]["code"] == "picture-missing" and waiting["next_seq"] == 5 and waiting["missing"] == []
    for picture in pictures.values():
        assert phone.put(picture).status_code == 200
    assert {one["verdict"] for one in phone.send().json()["verdicts"]} == {"known"}
    for number, picture in pictures.items():
        held = Proof.get(Proof.item == Item.get(Item.number == number))
        assert held.signature_sha256 == hashlib.sha256(picture).hexdigest()
        assert Item.get(Item.number == number).state == "delivered"


def moment(at: Any, seconds: int) -> str:
    from datetime import timedelta

    from agent.clock import local

    return local(at + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def test_one_bad_event_does_not_keep_the_others_back(desk: Desk) -> None:
    phone, item = desk.phone(), rounds.held(desk.at, 1)
    parent = next(one["last_event"] for one in phone.round()["items"] if one["number"] == item.number)
    at = desk.served.clock.now()
    good = phone.mint("out_for_delivery", item.number, parent=parent, at=moment(at, 1))
    batch = [{"step": "deliver"}, good, {"id": "x", "seq": 2}, {**good, "id": good["id"], "seq": -1}]
    desk.served.clock.forward(minutes=1)
    said = phone.send(batch).json()["verdicts"]
    assert [one["verdict"] for one in said] == ["refused", "taken", "refused", "refused"]
    assert all(one["message"] for one in said if one["verdict"] == "refused")


def test_a_batch_of_another_phone_is_not_taken(desk: Desk) -> None:
    phone, other = desk.phone(), desk.phone("tuyen8")
    body = {"phone": other.phone, "events": []}
    assert phone.http.post(f"{phone.url}/api/v1/events:batch", json=body, timeout=10).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (gzip.compress(b"0" * (64 << 20)), 413),  # a bomb: 64 kB that become 64 MB
        (gzip.compress(b"{}")[:-6], 400), (gzip.compress(b"{}") + b"more", 400), (zlib.compress(b"{}"), 400),
        (b"{}", 400),
    ],
    ids=["bomb", "cut off", "with more behind", "packed otherwise", "not packed"],
)  # fmt: skip
def test_a_packed_body_that_cannot_be_meant_is_refused(desk: Desk, body: bytes, status: int) -> None:
    phone = desk.phone()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = phone.http.post(f"{phone.url}/api/v1/events:batch", data=body, headers=headers, timeout=20)
    assert answer.status_code == status, answer.text


def test_more_than_five_thousand_events_are_too_many_at_once(desk: Desk) -> None:
    phone = desk.phone()
    answer = phone.send([{"n": n} for n in range(5_001)])
    assert answer.status_code == 400 and "events" in answer.json()["fields"]


# --- one-time codes ------------------------------------------------------------------------------
def test_a_delivery_by_code_counts_only_with_the_code_of_its_own_item(desk: Desk) -> None:
    phone, item, other = desk.phone(), rounds.out(desk.at, 2), rounds.out(desk.at, 0)
    told = {one["number"]: one["last_event"] for one in phone.round()["items"]}
    with desk.site.store.writing():
        made = [
            receiver_codes.make(one.number, by="tuyen7", at=desk.site.clock.now(), ids=desk.site.ids)
            for one in (item, other)
        ]
    bare = proof(signature()) | {"signature": ""}
    at = desk.served.clock.now()
    wrong = str((int(made[0]) + 1) % 10**6).zfill(6)
    phone.mint(
        "deliver",
        other.number,
        to="receiver",
        proof=bare | {"code": wrong},
        parent=told[other.number],
        at=moment(at, 1),
    )
    phone.mint(
        "deliver",
        item.number,
        to="receiver",
        proof=bare | {"code": made[0]},
        parent=told[item.number],
        at=moment(at, 2),
    )
    desk.served.clock.forward(hours=30)  # the phone had no network: the code was good when the item was handed over
    said = phone.send().json()["verdicts"]
    assert [one["verdict"] for one in said] == ["refused", "taken"], said
    assert Item.get(Item.number == item.number).state == "delivered"
    with desk.site.store.writing():
        assert receiver_codes.tries_left(other.number) == receiver_codes.MOST_TRIES - 1
        assert not receiver_codes.is_right(item.number, made[0], at=at)  # used up
    assert DeviceEvent.select().where(DeviceEvent.phone_uid == phone.phone).count() == 2


def test_five_wrong_tries_end_a_code(desk: Desk) -> None:
    item, at = rounds.out(desk.at, 3), desk.site.clock.now()
    with desk.site.store.writing():
        code = receiver_codes.make(item.number, by="tuyen7", at=at, ids=desk.site.ids)
        for n in range(5):
            assert not receiver_codes.is_right(item.number, str((int(code) + 1 + n) % 10**6).zfill(6), at=at)
        assert not receiver_codes.is_right(item.number, code, at=at)


def test_a_code_goes_only_for_what_the_courier_holds_and_where_a_message_can_go(desk: Desk) -> None:
    phone, item = desk.phone("tuyen8"), rounds.out(desk.at, 1)
    body = {"item": item.number}
    answer = phone.http.post(f"{phone.url}/api/v1/courier/codes", json=body, timeout=10)
    assert answer.status_code == 403
    mine = desk.phone()
    answer = mine.http.post(f"{mine.url}/api/v1/courier/codes", json=body, timeout=10)
    assert answer.status_code == 422 and "chữ ký" in answer.json()["detail"]  # no channel is set here
    check = mine.http.post(f"{mine.url}/api/v1/courier/codes:check", json=body | {"code": "123456"}, timeout=10)
    assert check.json() | {"item": ""} == {"item": "", "sent": False, "right": False, "tries_left": 0}
