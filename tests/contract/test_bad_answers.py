"""Answers that are not as agreed: each is named by operation and field, without a value of it, and judged honestly."""

from __future__ import annotations

import gzip
import logging
import resource
from typing import Any

import pytest

from agent.domain.canonical_codec import instant_text
from agent.errors import (
    AgentError,
    HandoffDrift,
    HandoffFailedInside,
    HandoffFault,
    HandoffOutcomeUnknown,
    HandoffRejected,
    HandoffUnavailable,
)
from agent.soap.gateway import SoapGateway
from agent.soap.messages import element_of
from agent.soap.province.endpoint import envelope
from tests.contract.answering import answering, http
from tests.contract.certificates import NOW
from tests.contract.sandbox_process import OFFICE, PROCEDURE

SECRET = "Nguyễn Thị Bí Mật"
CHANGE = {
    "cursor": 7,
    "number": "H26.019.02-261121-0001",
    "version": 3,
    "status": 4,
    "at": instant_text(NOW.replace(microsecond=0)),
    "body": SECRET,
}


def feed(**changes: Any) -> str:
    """The envelope of a status feed with one entry."""
    plain = {"office": OFFICE, "changes": [{**CHANGE, **changes}]}
    return envelope(element_of("GetStatusChangesResponse", plain)).decode()


def asked(reply: bytes) -> Any:
    with answering(reply) as endpoint:
        return SoapGateway(endpoint, read_timeout=5).status_changes(office=OFFICE, cursor=0)


def told(text: str) -> bytes:
    return http(text.encode())


# --- other encodings ----------------------------------------------------------------------------
def declared(name: str) -> str:
    return feed().replace("encoding='utf-8'", f"encoding='{name}'")


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (feed().encode("utf-8-sig"), "text/xml"),
        (declared("UTF-16").encode("utf-16"), "text/xml"),
        (declared("UTF-16").encode("utf-16-be"), "text/xml; charset=utf-16be"),
        (feed().encode("utf-16"), 'application/xml; charset="UTF-16"'),
    ],
    ids=["utf-8 with a mark", "utf-16 with a mark", "utf-16 big-endian", "the header counts"],
)
def test_an_answer_in_another_unicode_encoding_is_read(content: bytes, content_type: str) -> None:
    (change,) = asked(http(content, content_type=content_type))
    assert change.body == SECRET


@pytest.mark.parametrize("content_type", ["text/xml", "text/xml; charset=windows-1258"])
def test_an_answer_in_the_old_vietnamese_encoding_comes_out_composed(content_type: str) -> None:
    """windows-1258 writes tones as letters of their own; what is read is NFC like everything else."""
    apart = declared("windows-1258").replace("ễ", "ê\u0303").replace("ị", "i\u0323").replace("ậ", "â\u0323")
    apart = apart.replace("í", "i\u0301")
    (change,) = asked(http(apart.encode("cp1258"), content_type=content_type))
    assert change.body == SECRET


@pytest.mark.parametrize(
    "reply",
    [
        http(feed().encode("utf-16"), content_type="text/xml; charset=utf-8").replace(b"\xff\xfe", b"", 1),
        http(declared("x-martian").encode(), content_type="text/xml"),
        http(feed().encode(), content_type="text/xml; charset=x-martian"),
        http(b"\xff\xfe\xff" + feed().encode()),
    ],
    ids=["not what it claims", "unknown in the declaration", "unknown in the header", "broken mark"],
)
def test_an_answer_that_is_no_text_is_named_and_asked_for_again(reply: bytes) -> None:
    with pytest.raises(HandoffUnavailable, match="GetStatusChanges") as refused:
        asked(reply)
    assert refused.value.retryable and not isinstance(refused.value, HandoffDrift)


# --- drift --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "field"),
    [
        (feed(at="26/11/2026 08:30"), "at"),
        (feed(at="2026-02-30T00:00:00Z"), "at"),
        (feed(status=SECRET), "status"),
        (feed(version=-1), "version"),
        (feed(number="<&>"), "number"),
        (feed().replace("t:cursor", "t:viTri"), "number"),
        (feed().replace("urn:vn:tthc:postal:1", "urn:vn:tthc:postal:2"), "GetStatusChangesResponse"),
        (feed().replace("GetStatusChangesResponse", "LayTrangThaiResponse"), "LayTrangThaiResponse"),
    ],
    ids=[
        "a date of another form",
        "a day that does not exist",
        "a status that is text",
        "a negative version",
        "a wrong number",
        "a renamed element",
        "another version of the contract",
        "another operation's answer",
    ],
)
def test_a_contract_that_drifted_is_told_by_operation_and_field_and_no_value(
    text: str, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(HandoffDrift) as refused:
        asked(told(text))
    error = refused.value
    assert (error.operation, error.field, error.code) == ("GetStatusChanges", field, "handoff-drift")
    assert isinstance(error, HandoffUnavailable) and not error.retryable  # a question: nothing was changed
    assert field in error.message and field in caplog.text
    assert SECRET not in error.message + caplog.text


def test_what_a_later_revision_adds_is_read_over_and_noted(caplog: pytest.LogCaptureFixture) -> None:
    """A new status or a further element is no drift: the contract says that they may come."""
    caplog.set_level(logging.INFO)
    further = feed(status=42).replace("</t:change>", f"<t:canBo>{SECRET}</t:canBo></t:change>")
    (change,) = asked(told(further))
    assert change.status == 42 and change.number == CHANGE["number"]
    assert "canBo" in caplog.text and SECRET not in caplog.text


def test_drift_in_the_answer_to_a_change_leaves_its_outcome_unknown() -> None:
    plain = {"key": "k", "number": "H26.019.02-261121-0001"}
    text = envelope(element_of("AllocateNumberResponse", plain)).decode().replace("H26.019.02-261121-0001", "số 1")
    with answering(told(text)) as endpoint, pytest.raises(HandoffDrift) as refused:
        SoapGateway(endpoint).allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")
    assert isinstance(refused.value, HandoffOutcomeUnknown)
    assert (refused.value.operation, refused.value.field) == ("AllocateNumber", "number")


FAULT = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:vn:tthc:postal:1"><s:Body><s:Fault>'
    "<faultcode>s:Client</faultcode><faultstring>x</faultstring><detail>{}</detail></s:Fault></s:Body></s:Envelope>"
)
DETAIL = (
    "<t:Fault><t:errorCode>{}</t:errorCode><t:retryable>{}</t:retryable><t:field>key</t:field>"
    "<t:message>x</t:message></t:Fault>"
)


def outcome(detail: str) -> AgentError:
    with answering(http(FAULT.format(detail).encode(), status=500)) as endpoint, pytest.raises(AgentError) as refused:
        SoapGateway(endpoint).allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")
    return refused.value


def test_an_error_code_to_come_is_judged_by_whether_it_may_be_repeated(caplog: pytest.LogCaptureFixture) -> None:
    refused = outcome(DETAIL.format("QUOTA_OF_THE_DAY", "false"))
    assert isinstance(refused, HandoffRejected) and refused.error_code == "QUOTA_OF_THE_DAY"
    assert "QUOTA_OF_THE_DAY" in caplog.text and "AllocateNumber" in caplog.text
    assert isinstance(outcome(DETAIL.format("QUOTA_OF_THE_DAY", "true")), HandoffUnavailable)


def test_a_fault_detail_that_is_not_of_the_contract_is_drift() -> None:
    refused = outcome(DETAIL.format("sai rồi", "false"))
    assert isinstance(refused, HandoffDrift) and refused.field == "errorCode"
    assert isinstance(refused, HandoffOutcomeUnknown)
    assert isinstance(outcome("<error_code>1</error_code>"), HandoffOutcomeUnknown)


def test_a_province_that_no_longer_knows_an_operation_pauses_it_and_blames_no_dossier() -> None:
    refused = outcome(DETAIL.format("OPERATION_UNKNOWN", "false"))
    assert isinstance(refused, HandoffDrift) and refused.operation == "AllocateNumber"
    assert isinstance(refused, HandoffUnavailable)  # nothing was processed


def test_a_message_that_may_have_come_twice_is_asked_about() -> None:
    """Had the first copy arrived, this would be the refusal of the second."""
    assert isinstance(outcome(DETAIL.format("MESSAGE_REPLAYED", "false")), HandoffOutcomeUnknown)


def test_a_province_that_failed_inside_at_a_message_has_answered() -> None:
    detail = DETAIL.format("INTERNAL", "true")
    assert isinstance(outcome(detail), HandoffFault)
    with pytest.raises(HandoffFailedInside):
        asked(http(FAULT.format(detail).encode(), status=500))


# --- weight -------------------------------------------------------------------------------------
def test_a_compressed_answer_is_read() -> None:
    (change,) = asked(http(gzip.compress(feed().encode()), more="Content-Encoding: gzip\r\n"))
    assert change.status == 4


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b" " * 400_000_000, 1), "gzip"),
        (gzip.compress(feed().encode())[:-12], "gzip"),
        (feed().encode(), "gzip"),
        (feed().encode(), "br"),
    ],
    ids=["bomb", "cut short", "not compressed", "unknown compression"],
)
def test_a_compressed_answer_that_is_wrong_costs_little_and_is_asked_for_again(body: bytes, encoding: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(HandoffUnavailable):
        asked(http(body, more=f"Content-Encoding: {encoding}\r\n"))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


@pytest.mark.parametrize(
    "text",
    [
        feed().replace("<t:change>", "<t:change " + " ".join(f'a{n}="1"' for n in range(200_000)) + ">"),
        feed().replace("<t:change>", "<a>" * 5_000 + "<t:change>"),
        feed().replace("?>", '?><!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>', 1).replace(SECRET, "&x;"),
    ],
    ids=["attributes", "depth", "external entity"],
)
def test_an_answer_that_attacks_is_asked_for_again_and_not_parsed(text: str) -> None:
    with pytest.raises(HandoffUnavailable) as refused:
        asked(told(text))
    assert not isinstance(refused.value, HandoffDrift) and "root:" not in refused.value.message
