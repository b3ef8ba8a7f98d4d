"""Every fault of the sandbox province, and whatever else may answer: each ends in the honest outcome."""

from __future__ import annotations

import logging
import socket
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import ConfigError, HandoffOutcomeUnknown, HandoffRejected, HandoffUnavailable
from agent.ports_province import Receipt
from agent.soap.gateway import SoapGateway
from agent.soap.province.clerk import act
from agent.soap.province.faults import Faults
from agent.soap.transport import HttpExchange
from tests.contract.answering import answering
from tests.contract.sandbox_process import (
    OFFICE,
    PROCEDURE,
    Sandbox,
    dossier,
    page,
    submit,
    upload,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
BUCKET = f"{OFFICE}|2026-11-21"


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


def test_a_closed_port_means_nothing_was_sent() -> None:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}/soap/tthc"
        with pytest.raises(HandoffUnavailable):
            SoapGateway(endpoint, connect_timeout=0.5).submission("k")


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


def test_a_soap_action_cannot_smuggle_a_header() -> None:
    with answering(b"") as endpoint, pytest.raises(ConfigError):
        HttpExchange(endpoint, connect_timeout=1, read_timeout=1).post(b"", {"SOAPAction": '"a"\r\nX-Other: b'})


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
