"""Whatever a program sends, the API answers with a problem document that says what is wrong, and nothing changes."""

from __future__ import annotations

import base64
import http.client
import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from agent.store.dossiers import Dossier
from tests.flow.api_desk import INTAKE, OWNER, Client, Office, office, received

NOBODY = "01234567-89ab-7def-8123-456789abcdef"
DEEP = b'{"owner":' * 100_000
EVENT: dict[str, Any] = {"id": NOBODY, "step": "offer", "occurred_at": "2026-11-21T03:00:00Z"}
RAW: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"xin chao",
    "cut off": b'{"procedure": "2.0006',
    "a list": b"[]",
    "null": b"null",
    "a number": b"1e400",
    "not UTF-8": b'{"procedure": "\xff\xfe", "owner": {}, "components": []}',
    "UTF-16": '{"procedure": "2"}'.encode("utf-16"),
    "a lone surrogate": json.dumps({**INTAKE, "content": "\ud800"}).encode(),
    "a NUL character": json.dumps({**INTAKE, "content": "a\0b"}).encode(),
    "a NUL in a list": b'{"procedure": "2", "owner": {"name": "a\\u0000"}, "components": []}',
    "deep nesting": DEEP,
    "deep arrays": b"[" * 200_000,
    "a name twice": b'{"procedure": "2.000635", "procedure": "1", "owner": {}, "components": []}',
    "a name twice inside": b'{"procedure": "2.000635", "owner": {"name": "a", "name": "b"}, "components": []}',
    "an unknown name": json.dumps({**INTAKE, "state": "closed"}).encode(),
    "beyond int64": json.dumps({**INTAKE, "copies": 1 << 64}).encode(),
    "beyond a double": b'{"procedure": "2", "owner": {}, "components": [], "copies": ' + b"9" * 5000 + b"}",
    "below zero": json.dumps({**INTAKE, "copies": -1}).encode(),
    "NaN": b'{"procedure": "2.000635", "owner": {}, "components": [], "copies": NaN}',
    "a quantity too large": json.dumps({**INTAKE, "components": [{"code": "x", "quantity": 1 << 40}]}).encode(),
    "wrong types": b'{"procedure": 7, "owner": "lan", "components": {"code": true}}',
    "no such procedure": json.dumps({**INTAKE, "procedure": "0.000000"}).encode(),
    "no such day": json.dumps({**INTAKE, "authorisation_date": "2026-02-30"}).encode(),
    "a time without a zone": json.dumps({**INTAKE, "postmark_at": "2026-11-21T09:00:00"}).encode(),
    "a time before history": json.dumps({**INTAKE, "postmark_at": "0001-01-01T00:00:00+14:00"}).encode(),
    "a time after all": json.dumps({**INTAKE, "postmark_at": "9999-12-31T23:59:59-14:00"}).encode(),
    "a bad card": json.dumps({**INTAKE, "owner": {"chip_card": "001|x"}}).encode(),
    "an endless text": json.dumps({**INTAKE, "content": "x" * 3_000}).encode(),
    "too many lines": json.dumps({**INTAKE, "components": [{"code": "x"}] * 300}).encode(),
    "a bad draft": json.dumps({**INTAKE, "draft": "x"}).encode(),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("api")) as opened:
        yield opened


@pytest.fixture(scope="module")
def clerk(desk: Office) -> Client:
    return desk.client()


@pytest.mark.parametrize("what", RAW)
def test_a_malformed_intake_is_named_and_nothing_is_received(desk: Office, clerk: Client, what: str) -> None:
    before = _count(desk)
    answer = clerk.send("POST", "/dossiers", RAW[what], Idempotency_Key=str(uuid.uuid4()))
    assert 400 <= answer.status < 500, answer.raw
    assert answer.is_problem, answer.raw
    assert OWNER not in answer.raw.decode()
    assert _count(desk) == before


def test_every_fault_of_an_intake_is_named_at_once(clerk: Client) -> None:
    body = {**INTAKE, "owner": {"name": "", "id_number": "12"}, "return_way": "teleport", "channel": "x"}
    told = clerk.post("/dossiers", body).body
    assert {"owner", "return_way", "channel"} <= set(told["fields"])


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_another_media_type_is_refused(clerk: Client, media: str) -> None:
    raw = json.dumps(INTAKE).encode()
    headers = {"Content-Type": media} if media else {"Content-Type": "application/octet-stream"}
    answer = clerk.send("POST", "/dossiers", raw, media="", Idempotency_Key="m", **headers)
    assert (answer.status, answer.is_problem) == (415, True)


@pytest.mark.parametrize("key", ["", " ", "k" * 201, "a\x01b", "\x7f"])
def test_a_missing_or_unusable_key_is_refused(clerk: Client, key: str) -> None:
    answer = clerk.send("POST", "/dossiers", json.dumps(INTAKE).encode(), Idempotency_Key=key)
    assert (answer.status, answer.is_problem) == (400, True)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body_is_refused_before_it_is_read(desk: Office, clerk: Client, chunked: bool) -> None:
    place = urlsplit(desk.served.url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
    headers = {"Authorization": f"Bearer {clerk.token}", "Content-Type": "application/json", "Idempotency-Key": "h"}
    if chunked:
        with suppress(OSError):  # the agent may hang up while we still send
            body = (b" " * 65_536 for _ in range(48))
            connection.request("POST", "/api/v1/dossiers", body, headers, encode_chunked=True)
    else:
        connection.putrequest("POST", "/api/v1/dossiers")
        for name, value in {**headers, "Content-Length": str(3 << 20)}.items():
            connection.putheader(name, value)
        connection.endheaders()  # and not one byte of the body
    answer = connection.getresponse()
    assert (answer.status, answer.headers["content-type"]) == (413, "application/problem+json")
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/dossiers/", 404),
        ("DELETE", "/dossiers", 405),
        ("PUT", "/items", 405),
        ("GET", "/dossiers/no-uuid", 400),
        ("GET", "/dossiers/%ff%fe", 400),
        ("GET", "/dossiers/%00", 400),
        ("GET", f"/dossiers/{NOBODY}", 404),
        ("GET", f"/dossiers/{NOBODY}/timeline", 404),
        ("GET", f"/dossiers/{NOBODY}/papers/{NOBODY}.pdf", 404),
        ("GET", f"/dossiers/{NOBODY}/forms/etc-passwd.pdf", 400),
        ("GET", "/items/RD100000000VN/events", 422),  # wrong check digit
        ("GET", "/items/RD123456785VN/events", 404),
        ("GET", "/items/%D9%A1%D9%A2/events", 422),
        ("GET", "/dossiers?limit=0", 400),
        ("GET", "/dossiers?limit=0001500000", 400),
        ("GET", "/dossiers?limit=abc", 400),
        ("GET", "/dossiers?cursor=-1", 400),
        ("GET", "/dossiers?cursor=99999999999999999999", 400),
        ("GET", "/dossiers?cursor=%C2%B2", 400),
        ("GET", "/dossiers?state=gone", 400),
        ("GET", "/dossiers?q=%00", 400),
        ("GET", "/dossiers?sort=name", 400),
        ("GET", "/items?x", 400),
        ("GET", "/procedures?q=a%00", 400),
        ("GET", "/procedures/%00", 404),
        ("GET", "/queue?state=x", 400),
        ("GET", "/queue?lane=%00", 400),
    ],
)
def test_a_wrong_address_or_parameter_gets_a_problem_document(
    clerk: Client, method: str, path: str, status: int
) -> None:
    answer = clerk.send(method, path)
    assert (answer.status, answer.is_problem) == (status, True)


def test_a_chunked_body_is_read_like_any_other(desk: Office, clerk: Client) -> None:
    place = urlsplit(desk.served.url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)
    headers = {"Authorization": f"Bearer {clerk.token}", "Content-Type": "application/json", "Idempotency-Key": "c"}
    raw = json.dumps(INTAKE).encode()
    connection.request("POST", "/api/v1/dossiers", (raw[n : n + 40] for n in range(0, len(raw), 40)), headers)
    assert connection.getresponse().status == 201
    connection.close()


@pytest.mark.parametrize("words", ["%ED%A0%80", "'%22--", "*", "AND%20OR", "%F0%9F%98%80x", "a" * 3000, "%25_%5C"])
def test_any_words_may_be_searched_for(clerk: Client, words: str) -> None:
    assert clerk.get(f"/dossiers?q={words}").status == 200


@pytest.mark.parametrize(
    "event",
    [
        {**EVENT, "id": "x"},
        {**EVENT, "step": "teleport"},
        {**EVENT, "occurred_at": "2026-11-21T03:00:00"},
        {**EVENT, "occurred_at": "0001-01-01T00:00:00+14:00"},
        {**EVENT, "occurred_at": 1e300},
        {**EVENT, "reason": "because", "step": "attempt_failed"},
        {**EVENT, "evidence": ["magic"]},
        {**EVENT, "step": "deliver"},
        {**EVENT, "step": "deliver", "proof": {"receiver": "x", "signature": "***"}},
        {**EVENT, "step": "deliver", "proof": {"receiver": "x", "collected": 1 << 70}},
        {**EVENT, "step": "deliver", "proof": {"receiver": "x", "position": {"lat": "north"}}},
    ],
)
def test_a_malformed_event_is_refused(desk: Office, clerk: Client, event: dict[str, Any]) -> None:
    answer = desk.client("minh").post("/items/RD123456785VN/events", event)
    assert 400 <= answer.status < 500 and answer.is_problem
    batch = desk.client("minh").post("/events:batch", {"events": [{**event, "item": "RD123456785VN"}]})
    assert batch.status in (200, 400)
    assert batch.status == 400 or not batch.body[0]["accepted"]


def test_positions_that_are_no_numbers_are_refused(desk: Office) -> None:
    raw = b'{"receiver": "x", "position": {"lat": NaN}}'
    client = desk.client()
    made = received(client)
    path = f"/dossiers/{made['id']}/results/{NOBODY}/pickup"
    assert client.send("POST", path, raw).status == 400
    assert client.send("POST", path, raw.replace(b"NaN", b"1e999")).status == 400


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([], 400),
        ([{"name": "a.tif", "base64": "@@@"}], 400),
        ([{"name": "a.tif", "base64": ""}], 201),
        ([{"name": "a\0.tif", "base64": ""}], 400),
        ([{"name": "a.pdf", "base64": base64.b64encode(b"%PDF-1.7 torn").decode()}], 201),
    ],
)
def test_files_that_are_no_pages_are_listed_with_their_reason(
    clerk: Client, files: list[dict[str, str]], status: int
) -> None:
    made = received(clerk)
    answer = clerk.post(f"/dossiers/{made['id']}/papers", {"component": made["components"][0]["id"], "files": files})
    assert answer.status == status, answer.raw
    if status == 201:
        assert all(page["verdict"] not in ("ok", "warn") and page["reason"] for page in answer.body["pages"])


def test_a_component_of_another_dossier_takes_no_pages(clerk: Client) -> None:
    mine, other = received(clerk), received(clerk)
    body = {"component": other["components"][0]["id"], "files": [{"name": "a.tif", "base64": "AAAA"}]}
    assert clerk.post(f"/dossiers/{mine['id']}/papers", body).status in (404, 422)


def test_a_form_upload_is_taken_and_refused_like_json(clerk: Client) -> None:
    made = received(clerk)
    path, component = f"/dossiers/{made['id']}/papers", made["components"][0]["id"]
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{value}\r\n'
        for name, file, value in (("component", "", component), ("files", '; filename="a.tif"', "II*"))
    )
    media = "multipart/form-data; boundary=x"
    assert clerk.send("POST", path, (parts + "--x--\r\n").encode(), media=media).status == 201
    assert clerk.send("POST", path, b"--x\r\nbroken", media=media).status == 400
    assert clerk.send("POST", path, b"<a/>", media="text/xml").status == 415


def test_without_a_token_nothing_is_said(desk: Office) -> None:
    for token in ("", "x" * 43, "\xe9" * 10):
        answer = Client(desk.served.url, token).get(f"/dossiers/{NOBODY}")
        assert (answer.status, answer.is_problem) == (401, True)


def _count(desk: Office) -> int:
    with desk.site.store.reading():
        return int(Dossier.select().count())
