"""One dossier all the way over the API, and what keys, pages and clients may rely on."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.accounts.tokens import revoke_tokens
from agent.domain.jobs import JobState
from agent.store.accounts import AccessLog
from agent.store.dossiers import Dossier
from agent.store.erasure import erase_rows
from agent.store.outbox import Job
from agent.store.requests import Idempotency
from tests.flow.api_desk import INTAKE, OWNER, Office, labelled, office, received, signed


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("api")) as opened:
        yield opened


def test_one_dossier_goes_all_the_way_by_bearer_token(desk: Office) -> None:
    clerk, courier = desk.client(), desk.client("minh")
    made = signed(clerk)
    at = f"/dossiers/{made['id']}"
    assert clerk.done(f"{at}/submission")["state"] == "ready"
    desk.exchange()
    assert clerk.get(at).body["state"] == "handed_off"
    desk.act(made["provisional"], "take-up", "finish", "result-ready")
    desk.exchange()

    number = clerk.done(f"{at}/items")["number"]
    clerk.done(f"/items/{number}/collection")
    _event(clerk, number, "offer", to_holder="courier:minh")
    assert [item["number"] for item in courier.get("/items").body] == [number]
    _event(courier, number, "accept", to_holder="courier:minh")
    body = {"id": str(uuid.uuid4()), "step": "hold", "occurred_at": datetime.now(UTC).isoformat()}
    assert courier.post(f"/items/{number}/events", body).status == 403  # the office decides that
    _event(courier, number, "out_for_delivery")
    proof = {"receiver": OWNER, "identity_type": "CCCD", "identity_last4": "2345", "identity_matched": True,
             "signature": "c3Ryb2tlcw=="}  # fmt: skip
    delivered = _event(courier, number, "deliver", proof=proof)
    again = {**_SENT[-1], "item": number}
    other = {**again, "step": "attempt_failed", "reason": "absent", "action": "redeliver"}
    answers = courier.done("/events:batch", {"events": [again, other]})
    assert [one["accepted"] for one in answers] == [True, False], "only the very event whose answer was lost is done"
    assert clerk.get(f"/items/{number}/events").body == delivered
    assert clerk.get(at).body["state"] == "closed"
    desk.exchange()
    compared = desk.client("soat").done("/reconciliation")
    assert (compared["compared"] > 0, compared["differences"]) == (True, [])


_SENT: list[dict[str, Any]] = []


def _event(client: Any, number: str, step: str, **values: Any) -> Any:
    body = {"id": str(uuid.uuid4()), "step": step, "occurred_at": datetime.now(UTC).isoformat(), **values}
    _SENT.append(body)
    return client.done(f"/items/{number}/events", body)


def test_the_timeline_tells_in_words_what_every_ledger_says(desk: Office) -> None:
    clerk = desk.client()
    made = labelled(clerk)
    told = clerk.get(f"/dossiers/{made['id']}/timeline").body["items"]
    assert {entry["ledger"] for entry in told} == {"dossier", "money"}
    assert told[0]["kind"] == "label" and {"received", "fee"} <= {entry["kind"] for entry in told}
    assert all(entry["at"].endswith("Z") and entry["words"] for entry in told)
    assert OWNER not in str(told)


def test_the_signed_copy_is_given_as_pdf_and_the_look_is_logged(desk: Office) -> None:
    clerk = desk.client()
    made = signed(clerk)
    papers = clerk.get(f"/dossiers/{made['id']}/papers").body["papers"]
    answer = clerk.get(f"/dossiers/{made['id']}/papers/{papers[0]['id']}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.raw.startswith(b"%PDF-") and b"/ByteRange" in answer.raw
    with desk.site.store.reading():
        looks = [row.what for row in AccessLog.select().where(AccessLog.dossier_uid == made["id"])]
    assert "paper pdf" in looks


def test_procedures_are_found_without_marks(desk: Office) -> None:
    found = desk.client().get("/procedures?q=khai+sinh").body
    assert found and all("khai sinh" in one["name"].lower() for one in found)
    assert desk.client().get(f"/procedures/{found[0]['code']}").body == found[0]
    assert desk.client().get("/procedures/9.999999").status == 404


def test_the_queue_shows_jobs_without_what_they_say(desk: Office) -> None:
    clerk = desk.client()
    made = received(clerk)
    page = clerk.get("/queue?lane=handoff&limit=1").body
    assert page["items"][0]["key"] == f"{made['provisional']}/N" and page["next"]
    assert "payload" not in page["items"][0]
    after = clerk.get(f"/queue?lane=handoff&limit=1&cursor={page['next']}").body
    assert after["items"][0]["key"] != page["items"][0]["key"]


def test_lists_are_paged_to_their_end_without_doubles(desk: Office) -> None:
    clerk = desk.client()
    made = [received(clerk)["id"] for _ in range(5)]
    for words in ("", "q=huong&"):
        seen: list[str] = []
        cursor = ""
        while True:
            page = clerk.get(f"/dossiers?{words}limit=2{cursor}").body
            seen += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert len(seen) == len(set(seen))
        assert seen[:5] == made[::-1]


def test_a_repeated_key_gives_the_same_dossier_and_says_so(desk: Office) -> None:
    clerk = desk.client()
    first = clerk.post("/dossiers", INTAKE, key="k-1")
    again = clerk.post("/dossiers", INTAKE, key="k-1")
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert "idempotency-replayed" not in first.headers and again.headers["idempotency-replayed"] == "true"


def test_a_key_used_for_another_request_is_refused(desk: Office) -> None:
    clerk = desk.client()
    made = received(clerk, key="k-2")
    other = clerk.post("/dossiers", {**INTAKE, "content": "khác"}, key="k-2")
    assert (other.status, other.is_problem, other.body["code"]) == (422, True, "idempotency")
    elsewhere = clerk.post(f"/dossiers/{made['id']}/label", {}, key="k-2")
    assert elsewhere.body["code"] == "idempotency"
    assert desk.client().post("/dossiers", INTAKE, key="k-2").body["id"] != made["id"]  # another client's key


def test_one_key_sent_eight_times_at_once_makes_one_dossier(desk: Office) -> None:
    clerk = desk.client()
    start, answers = threading.Barrier(8), []

    def send() -> None:
        start.wait()
        answers.append(clerk.post("/dossiers", INTAKE, key="k-3"))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["id"] for answer in answers}) == 1


def test_an_uncertain_label_is_answered_by_its_key_once(desk: Office) -> None:
    clerk = desk.client()
    at = f"/dossiers/{received(clerk)['id']}/label"
    first = clerk.done(at)
    assert clerk.post(at, {"again": "nhãn rách"}).status == 400  # which label is printed again?
    assert clerk.done(at, {"again": "nhãn rách", "after": first["key"]})["key"] == first["key"]  # it waits still
    with desk.site.store.writing():
        Job.update(state=JobState.ACKED).where(Job.key == first["key"]).execute()
    second = clerk.done(at, {"again": "nhãn rách", "after": first["key"]})
    assert second["key"] != first["key"]
    assert clerk.done(at, {"again": "nhãn rách", "after": first["key"]})["key"] == second["key"]
    assert clerk.done(f"{at}/answer", {"job": first["key"], "came_out": False})["key"] == second["key"]


def test_one_more_label_that_two_programs_ask_for_at_once_is_queued_once(desk: Office) -> None:
    clerk = desk.client()
    at = f"/dossiers/{received(clerk)['id']}/label"
    first = clerk.done(at)
    with desk.site.store.writing():
        Job.update(state=JobState.ACKED).where(Job.key == first["key"]).execute()
    start, given = threading.Barrier(4), []

    def ask() -> None:
        start.wait(30)
        given.append(clerk.done(at, {"again": "nhãn rách", "after": first["key"]})["key"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 4
    assert set(given) == {first["key"].replace("/L1", "/L2")}


def test_a_kept_answer_holds_no_personal_data_and_forgets_with_the_person(desk: Office) -> None:
    clerk = desk.client()
    made = received(clerk, key="k-erased")
    with desk.site.store.reading():
        kept = Idempotency.get(Idempotency.key == "k-erased")
        assert OWNER not in str(kept.body)
    with desk.site.store.writing():
        erase_rows(Dossier.get(Dossier.uid == made["id"]), at=desk.site.clock.now())
    again = clerk.post("/dossiers", INTAKE, key="k-erased")
    assert again.body["id"] == made["id"] and OWNER not in again.raw.decode()


@pytest.mark.parametrize(
    ("name", "scopes", "path", "status"),
    [
        ("lan", ("dossiers:read",), "/dossiers", 200),
        ("lan", ("items:read",), "/queue", 403),
        ("lan", ("all",), "/reconciliation", 403),  # no scope gives more than the role
        ("lan", ("reconciliation:read",), "/reconciliation", 403),
        ("soat", ("reconciliation:read",), "/reconciliation", 200),
        ("soat", ("reconciliation:read",), "/dossiers", 403),
        ("minh", ("all",), "/dossiers", 403),
        ("minh", ("all",), "/items", 200),
        ("quantri", ("all",), "/queue", 200),
        ("quantri", ("all",), "/dossiers", 403),
        ("tinh", ("all",), "/dossiers", 200),
        ("tinh", ("all",), "/queue", 403),
    ],
)
def test_a_token_never_allows_more_than_its_users_role(
    desk: Office, name: str, scopes: tuple[str, ...], path: str, status: int
) -> None:
    answer = desk.client(name, *scopes).get(path)
    assert answer.status == status
    assert status < 400 or answer.is_problem


def test_a_reading_token_receives_nothing(desk: Office) -> None:
    assert desk.client("lan", "dossiers:read").post("/dossiers", INTAKE).status == 403


def test_a_revoked_token_is_nobody(desk: Office) -> None:
    client = desk.client("lan", client="máy quét")
    assert client.get("/dossiers").status == 200
    revoke_tokens(desk.site, "máy quét")
    refused = client.get("/dossiers")
    assert (refused.status, refused.is_problem, refused.headers["www-authenticate"]) == (401, True, "Bearer")


def test_another_office_gets_nothing_of_a_dossier_not_even_its_owners_name(desk: Office) -> None:
    made = signed(desk.client())
    papers = desk.client().get(f"/dossiers/{made['id']}/papers").body["papers"]
    stranger, at = desk.client("sontay"), f"/dossiers/{made['id']}"
    reads = [
        "",
        "/papers",
        "/timeline",
        "/submission",
        "/label",
        "/forms/receipt.pdf",
        f"/papers/{papers[0]['id']}.pdf",
    ]
    acts = ["/label", "/copies", "/signatures", "/submission", "/items", "/supplement/submission"]
    answers = [stranger.get(at + path) for path in reads] + [stranger.post(at + path) for path in acts]
    assert {answer.status for answer in answers} == {403}
    assert all(answer.is_problem and OWNER not in answer.raw.decode() for answer in answers)
    listed = stranger.get("/dossiers").raw + stranger.get("/dossiers?q=huong").raw + stranger.get("/queue").raw
    assert made["provisional"].encode() not in listed
    assert stranger.get("/reconciliation?office=BC-TAYHO").status == 403
