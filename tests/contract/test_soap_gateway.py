"""The gateway against the sandbox province: a process of its own behind a real socket."""

from __future__ import annotations

import inspect
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.domain.canonical import CanonicalResult, bucket_digest, canonical_json, digest
from agent.domain.dossier import ReturnWay
from agent.errors import ConfigError, HandoffOutcomeUnknown, HandoffRejected, HandoffUnavailable, RuleViolation
from agent.ports import BucketDigest, ProvinceGateway, Receipt
from agent.soap.gateway import SoapGateway
from agent.soap.province.clerk import act
from agent.soap.province.faults import Faults
from tests.contract.sandbox_process import (
    OFFICE,
    PROCEDURE,
    Sandbox,
    delivery,
    dossier,
    page,
    submit,
    supplement,
    upload,
    wait_for,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BUCKET = f"{OFFICE}|2026-11-21"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("province")) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(sandbox: Sandbox) -> SoapGateway:
    return sandbox.gateway()


def test_one_dossier_goes_all_the_way_and_both_ledgers_agree(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        gateway = sandbox.gateway()
        number = gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0001")
        upload(gateway, page())
        receipt = submit(gateway, dossier("T1-0001", official=number), key="submit-1")
        assert (receipt.number, receipt.duplicate) == (number, False)

        act(tmp_path, "T1-0001", "take-up", now=NOW)
        gap = {"component": "000.00.00.G15-KQ0001", "name": "Giấy chứng sinh", "reason": "Mờ"}
        act(tmp_path, number, "supplement", now=NOW, requests=[gap])
        asked = gateway.status_changes(office=OFFICE, cursor=0)[-1]
        assert (asked.status, asked.requests) == (5, (gap,))

        upload(gateway, page("bổ sung"))
        payload = canonical_json(supplement("T1-0001", 1))
        gateway.supplement(key="supplement-1", digest=digest(payload), supplement=payload)

        act(tmp_path, number, "take-up", now=NOW)
        act(tmp_path, number, "finish", now=NOW)
        ready = act(
            tmp_path, number, "result-ready", now=NOW, results=[{"name": "Giấy khai sinh"}, {"form": "electronic"}]
        )
        last = gateway.status_changes(office=OFFICE, cursor=asked.cursor)[-1]
        assert last.status == 9 and [result["form"] for result in last.results] == ["paper", "electronic"]
        assert last.version == ready["version"]

        first, second = (result["id"] for result in ready["results"])
        at = "2026-11-22T02:00:00Z"
        for key, result in (
            ("d1", CanonicalResult(first, ReturnWay.COURIER, at, "RR123456785VN", "Chủ hồ sơ", "ab" * 32)),
            ("d2", CanonicalResult(second, ReturnWay.ELECTRONIC, at)),
        ):
            payload = canonical_json(delivery("T1-0001", result))
            gateway.report_delivery(key=key, digest=digest(payload), delivery=payload)

        (row,) = gateway.list_bucket(BUCKET)
        assert (row.key, row.number, row.status, row.fee) == ("T1-0001", number, 10, 8000)
        assert row.items == ("RR123456785VN", "electronic") and len(row.files) == 2
        count, value = bucket_digest([row])
        assert gateway.compare_digests(scope=OFFICE, digests=[BucketDigest(BUCKET, count, value)]) == []


def test_the_same_key_and_content_return_the_original_receipt(gateway: SoapGateway) -> None:
    upload(gateway, page())
    first = submit(gateway, dossier("T1-0100"))
    again = submit(gateway, dossier("T1-0100"))
    assert again.duplicate and (again.document, again.signature) == (first.document, first.signature)
    held = gateway.submission("T1-0100")
    assert held is not None and held.document == first.document


def test_the_same_key_with_other_content_is_refused_as_key_reuse(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0101"))
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0101", content="khác"))
    assert (refused.value.error_code, refused.value.field) == ("KEY_REUSE", "key")


def test_a_dossier_whose_file_is_not_there_is_refused_by_name(gateway: SoapGateway) -> None:
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0102", files=(page("chưa gửi"),)))
    assert refused.value.error_code == "FILE_MISSING"
    assert gateway.submission("T1-0102") is None


def test_an_unknown_procedure_and_a_foreign_number_are_refused(gateway: SoapGateway) -> None:
    with pytest.raises(HandoffRejected) as refused:
        gateway.allocate_number(office=OFFICE, procedure="9.999999", key="x")
    assert refused.value.error_code == "PROCEDURE_UNKNOWN"
    upload(gateway, page())
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0103", official="H26.019.02-261121-019999"))
    assert refused.value.error_code == "NUMBER_UNKNOWN"


def test_a_number_once_used_is_not_given_to_another_dossier(gateway: SoapGateway) -> None:
    upload(gateway, page())
    number = gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0104")
    assert gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0104") == number
    submit(gateway, dossier("T1-0104", official=number))
    with pytest.raises(HandoffRejected) as refused:
        submit(gateway, dossier("T1-0105", official=number))
    assert refused.value.error_code == "NUMBER_TAKEN"


def test_an_office_outside_the_contract_is_refused(tmp_path: Path) -> None:
    with Sandbox(tmp_path, office=OFFICE) as sandbox, pytest.raises(HandoffRejected) as refused:
        sandbox.gateway().allocate_number(office="BC-KHAC", procedure=PROCEDURE, key="x")
    assert refused.value.error_code == "OFFICE_UNKNOWN"


def test_a_file_resumes_where_it_stopped_and_is_sent_once(gateway: SoapGateway) -> None:
    data = page("dài") * 50
    name = digest(data)
    assert gateway.put_chunk(name, offset=0, total=len(data), data=data[:1000]).received == 1000
    overlapping = gateway.put_chunk(name, offset=500, total=len(data), data=data[500:2000])
    assert (overlapping.received, overlapping.complete) == (2000, False)
    with pytest.raises(HandoffUnavailable) as gap:
        gateway.put_chunk(name, offset=5000, total=len(data), data=data[5000:])
    assert gap.value.code == "handoff-chunk-gap"
    upload(gateway, data)
    assert gateway.upload_state(name).complete


def test_a_file_that_ends_with_another_hash_is_discarded(gateway: SoapGateway) -> None:
    promised = digest(b"promised")
    with pytest.raises(HandoffUnavailable) as wrong:
        gateway.put_chunk(promised, offset=0, total=5, data=b"other")
    assert wrong.value.code == "handoff-file-digest"
    assert gateway.upload_state(promised).received == 0


def test_reusable_papers_of_the_owner_are_found(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0106"))
    found = gateway.lookup_reusable(owner_id="001199000001", procedure=PROCEDURE)
    assert digest(page()) in {paper["sha256"] for paper in found}
    assert gateway.lookup_reusable(owner_id="001199999999", procedure=PROCEDURE) == []


def test_the_catalogue_is_read_from_a_version_on(gateway: SoapGateway) -> None:
    assert PROCEDURE in {entry["code"] for entry in gateway.procedures()}
    assert gateway.procedures(since=1) == []


def test_the_feed_goes_on_from_the_cursor(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0107"))
    changes = gateway.status_changes(office=OFFICE, cursor=0, maximum=1000)
    assert gateway.status_changes(office=OFFICE, cursor=changes[-1].cursor) == []
    assert gateway.status_changes(office=OFFICE, cursor=0, maximum=1) == changes[:1]
    assert gateway.status_changes(office="BC-KHAC", cursor=0) == []


def test_a_supplement_nobody_asked_for_is_refused(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0108"))
    payload = canonical_json(supplement("T1-0108", 1, files=(page(),)))
    with pytest.raises(HandoffRejected) as refused:
        gateway.supplement(key="s-0108", digest=digest(payload), supplement=payload)
    assert refused.value.error_code == "NOT_ASKED"


def test_a_delivery_of_an_unknown_result_is_refused(gateway: SoapGateway) -> None:
    upload(gateway, page())
    submit(gateway, dossier("T1-0109"))
    payload = canonical_json(delivery("T1-0109", CanonicalResult("KQ", ReturnWay.COUNTER, "2026-11-22T02:00:00Z")))
    with pytest.raises(HandoffRejected) as refused:
        gateway.report_delivery(key="d-0109", digest=digest(payload), delivery=payload)
    assert refused.value.error_code == "RESULT_UNKNOWN"


def test_a_payload_that_is_not_canonical_never_leaves(gateway: SoapGateway) -> None:
    payload = canonical_json({"salt": "x"})
    with pytest.raises(RuleViolation):
        gateway.submit(key="k", digest=digest(payload), dossier=payload)
    with pytest.raises(HandoffRejected) as refused:
        gateway.submit(key="k", digest="0" * 64, dossier=canonical_json(dossier()))
    assert refused.value.error_code == "DIGEST_MISMATCH"


def test_a_value_outside_its_facet_never_leaves_and_is_not_quoted(gateway: SoapGateway) -> None:
    with pytest.raises(HandoffRejected) as refused:
        gateway.upload_state("bí mật của Nguyễn")
    assert (refused.value.error_code, refused.value.field) == ("SCHEMA_INVALID", "sha256")
    assert "Nguyễn" not in str(refused.value)


# --- faults ------------------------------------------------------------------------------------
UNKNOWN = (
    "refuse",
    "cut-before",
    "cut-after-commit",
    "other-key",
    "wrong-digest",
    "garbage",
    "empty",
    "html",
    "html-502",
)


def scripted(operation: str, faults: tuple[str, ...], each: int) -> str:
    """One fault after the other, `each` requests apart."""
    return ",".join(f"{name}:op={operation}:times=1:after={n * each}" for n, name in enumerate(faults))


def test_an_unusable_answer_to_a_submission_is_unknown_until_the_province_is_asked(tmp_path: Path) -> None:
    with Sandbox(tmp_path, faults=scripted("SubmitDossier", UNKNOWN, 2)) as sandbox:
        gateway = sandbox.gateway()
        upload(gateway, page())
        for count, fault in enumerate(UNKNOWN, start=1):
            name = f"T1-{count:04d}"
            with pytest.raises(HandoffOutcomeUnknown):
                submit(gateway, dossier(name))
            held = gateway.submission(name)
            assert (held is None) == (fault in ("refuse", "cut-before", "html")), fault
            assert submit(gateway, dossier(name)).duplicate == (held is not None), fault
            assert len(gateway.list_bucket(BUCKET)) == count, fault


def test_a_province_that_says_it_is_busy_is_tried_again_later(tmp_path: Path) -> None:
    with Sandbox(tmp_path, faults=scripted("SubmitDossier", ("busy", "503"), 2)) as sandbox:
        gateway = sandbox.gateway()
        upload(gateway, page())
        for name in ("T1-0001", "T1-0002"):
            with pytest.raises(HandoffUnavailable):
                submit(gateway, dossier(name))
            assert not submit(gateway, dossier(name)).duplicate


def test_an_unusable_answer_to_a_question_is_only_unavailable(tmp_path: Path) -> None:
    faults = ("refuse", "garbage", "empty", "html-502", "html", "other-key", "503")
    with Sandbox(tmp_path, faults=scripted("GetSubmission", faults, 2)) as sandbox:
        gateway = sandbox.gateway()
        for fault in faults:
            with pytest.raises(HandoffUnavailable):
                gateway.submission(fault)
            assert gateway.submission(fault) is None


def submit_stubbornly(gateway: SoapGateway, name: str) -> Receipt:
    """The second copy of an answer may arrive before or after the next question; either way it is not believed."""
    try:
        return submit(gateway, dossier(name))
    except HandoffOutcomeUnknown:
        return submit(gateway, dossier(name))


def test_an_answer_sent_twice_is_never_taken_for_the_next_one(tmp_path: Path) -> None:
    with Sandbox(tmp_path, faults="duplicate:op=SubmitDossier") as sandbox:
        gateway = sandbox.gateway()
        upload(gateway, page())
        for n in range(10):
            name = f"T1-{n:04d}"
            assert submit_stubbornly(gateway, name).key == name
            try:
                held = gateway.submission(name)
            except HandoffUnavailable:
                held = gateway.submission(name)
            assert held is not None and held.key == name
        assert len(gateway.list_bucket(BUCKET)) == 10


def test_a_slow_answer_is_unknown_after_the_read_time_out(tmp_path: Path) -> None:
    with Sandbox(tmp_path, faults="delay:ms=20000:op=SubmitDossier:times=1") as sandbox:
        gateway = sandbox.gateway(read_timeout=0.4)
        upload(gateway, page())
        with pytest.raises(HandoffOutcomeUnknown):
            submit(gateway, dossier())
        assert sandbox.stop() == 0


def test_a_clock_that_is_off_shows_in_the_receipt(tmp_path: Path) -> None:
    with Sandbox(tmp_path, faults="clock-off:s=7200") as sandbox:
        gateway = sandbox.gateway()
        upload(gateway, page())
        assert (submit(gateway, dossier()).at - datetime.now(UTC)).total_seconds() > 7000


def test_a_status_that_comes_late_carries_its_old_version(tmp_path: Path) -> None:
    with Sandbox(tmp_path, faults="status-regress") as sandbox:
        gateway = sandbox.gateway()
        upload(gateway, page())
        submit(gateway, dossier())
        act(tmp_path, "T1-0001", "take-up", now=NOW)
        changes = gateway.status_changes(office=OFFICE, cursor=0)
        assert [(change.version, change.status) for change in changes] == [(1, 1), (2, 2), (1, 1)]
        assert changes[-1].cursor == changes[-2].cursor


def test_the_same_seed_makes_the_same_faults() -> None:
    def drawn(seed: int) -> list[bool]:
        faults = Faults(f"busy:p=.5:op=GetUploadState;seed={seed}")
        return [bool(faults.strike("GetUploadState")) for _ in range(64)]

    assert drawn(7) == drawn(7) != drawn(8)
    assert Faults("busy:p=.5:op=GetUploadState").strike("SubmitDossier") == {}


@pytest.mark.parametrize("spec", ["cut", "delay:ms=x", "busy:p=.1;sed=3", "busy:every=2"])
def test_a_fault_line_that_is_wrong_is_named(spec: str) -> None:
    with pytest.raises(ConfigError):
        Faults(spec)


# --- the network itself ------------------------------------------------------------------------
def test_a_closed_port_means_nothing_was_sent() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}/soap/tthc"
        with pytest.raises(HandoffUnavailable):
            SoapGateway(endpoint, connect_timeout=0.5).submission("k")


@contextmanager
def answering(reply: bytes, *, drip: bytes = b"", silent: bool = False) -> Iterator[str]:
    """A server that gives the same bytes to every request, then hangs up, drips on or keeps silent."""
    stop = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve() -> None:
            server.settimeout(0.05)
            while not stop.is_set():
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                with peer, suppress(OSError):
                    peer.settimeout(2)
                    peer.recv(1_000_000)
                    peer.sendall(reply)
                    while (drip or silent) and not stop.wait(0.02):
                        peer.sendall(drip)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/soap/tthc"
        finally:
            stop.set()
            thread.join(5)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 500\r\n\r\n<cut", HandoffOutcomeUnknown),
        (b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", HandoffOutcomeUnknown),
        (b"SSH-2.0-OpenSSH_9.2\r\n", HandoffOutcomeUnknown),
        (b"", HandoffOutcomeUnknown),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", HandoffUnavailable),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", HandoffOutcomeUnknown),
        (b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", HandoffRejected),
    ],
    ids=["cut short", "202 empty", "not http", "hangs up", "404", "redirect", "413"],
)
def test_whatever_answers_is_judged_honestly(reply: bytes, outcome: type[Exception]) -> None:
    with answering(reply) as endpoint, pytest.raises(outcome):
        SoapGateway(endpoint, read_timeout=2).allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")


@pytest.mark.parametrize(
    ("head", "drip", "silent"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 9999999\r\n\r\n<a>", b" ", False),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x", False),
        (b"", b"", True),
    ],
    ids=["body drips", "header drips", "silence"],
)
def test_an_answer_that_never_ends_is_given_up_in_time(head: bytes, drip: bytes, silent: bool) -> None:
    with answering(head, drip=drip, silent=silent) as endpoint:
        started = time.monotonic()
        with pytest.raises(HandoffOutcomeUnknown):
            SoapGateway(endpoint, read_timeout=0.3).allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")
        assert time.monotonic() - started < 5


def test_many_threads_share_one_gateway_and_each_gets_its_own_answer(gateway: SoapGateway) -> None:
    def asks(thread: int) -> bool:
        names = [digest(f"{thread}/{n}".encode()) for n in range(15)]
        return all(gateway.upload_state(name).sha256 == name for name in names)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(asks, range(8)))


def test_the_gateway_is_what_the_port_asks_for() -> None:
    gateway = SoapGateway("http://127.0.0.1:1/")
    for name, method in vars(ProvinceGateway).items():
        if not name.startswith("_"):
            assert inspect.signature(getattr(SoapGateway, name)) == inspect.signature(method), name
    gateway.close()


def test_a_fault_of_somebody_else_is_not_taken_for_a_refusal() -> None:
    body = (
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client'
        b"</faultcode><faultstring>Rejected</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    head = f"HTTP/1.1 500 X\r\nContent-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with answering(head + body) as endpoint, pytest.raises(HandoffOutcomeUnknown):
        SoapGateway(endpoint, read_timeout=2).allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")


def test_no_personal_data_reaches_logs_or_messages(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    with Sandbox(tmp_path, faults="garbage:op=SubmitDossier:times=1") as sandbox:
        gateway = sandbox.gateway()
        upload(gateway, page())
        for value in (dossier(), dossier(content="đổi")):
            try:
                submit(gateway, value)
            except (HandoffOutcomeUnknown, HandoffRejected) as error:
                told.append(repr(error) + repr(error.__context__ if not error.__suppress_context__ else ""))
    assert len(told) == 2
    for secret in ("Nguyễn", "001199000001", "Trần Văn Mẫu", "khai sinh cho con"):
        assert secret not in caplog.text and secret not in "".join(told)


# --- power cuts ---------------------------------------------------------------------------------
def carry_through_kills(folder: Path, *, desk: str = "", rounds: int = 4) -> tuple[int, int]:
    """Submit dossiers one after the other while the province is killed again and again; ask before resending.

    Returns how many dossiers were sent and how many the province holds.
    """
    sent, unsure = 0, ""
    for n in range(rounds):
        faults = "cut-after-commit:op=SubmitDossier:times=1:after=2"
        with Sandbox(folder, desk=desk, faults=faults) as sandbox:
            gateway = sandbox.gateway()
            upload(gateway, page())
            if unsure and gateway.submission(unsure) is None:
                submit(gateway, dossier(unsure))
            unsure = ""
            killer = threading.Timer(0.05 + 0.037 * n, sandbox.process.kill)
            killer.start()
            while not unsure:
                name = f"T1-{sent:04d}"
                try:
                    submit(gateway, dossier(name))
                except HandoffUnavailable:  # nothing was sent: the same one again in the next life
                    break
                except HandoffOutcomeUnknown:
                    unsure = name
                sent += 1
            killer.join()
            wait_for(lambda process=sandbox.process: process.poll() is not None)
    with Sandbox(folder, desk=desk) as sandbox:
        gateway = sandbox.gateway()
        if unsure and gateway.submission(unsure) is None:
            submit(gateway, dossier(unsure))
        assert submit(gateway, dossier("T1-0000")).key == "T1-0000"  # a late retry by a forgetful sender
        return sent, len(gateway.list_bucket(BUCKET))


def test_kill_minus_nine_in_the_middle_still_ends_in_exactly_one_dossier(tmp_path: Path) -> None:
    sent, held = carry_through_kills(tmp_path)
    assert held == sent


def test_a_province_without_deduplication_fails_that_same_test(tmp_path: Path) -> None:
    mutant = "tests.mutants.province_without_dedup:ForgetfulSubmissions"
    sent, held = carry_through_kills(tmp_path, desk=mutant, rounds=1)
    assert held > sent
