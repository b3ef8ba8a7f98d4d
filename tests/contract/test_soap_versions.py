"""A province that is a revision ahead stops nobody; one that left the contract is told at the field."""

from __future__ import annotations

from typing import Any

import pytest

from agent.errors import HandoffDrift, HandoffRejected, HandoffUnavailable
from agent.soap.contract.newer import leave_out_unknown
from agent.soap.judge import body_of
from agent.soap.messages import element_of, plain_of
from agent.soap.province.endpoint import envelope
from agent.soap.transport import Reply

CHANGE = {"cursor": 7, "number": "H26.019.02-261121-010001", "version": 2, "status": 4, "at": "2026-11-21T03:00:00Z"}


def answered(name: str, xml: bytes, status: int = 200) -> Any:
    return plain_of(body_of(name, Reply(status, "text/xml; charset=utf-8", xml)))


def feed(**more: Any) -> bytes:
    return envelope(element_of("GetStatusChangesResponse", {"office": "BC-TAYHO", "changes": [CHANGE | more]}))


def fault(code: str, retryable: str, *, more: str = "") -> bytes:
    detail = (
        f"<errorCode>{code}</errorCode><retryable>{retryable}</retryable><field>a</field><message>b</message>{more}"
    )
    body = f'<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring><detail><Fault xmlns="urn:vn:tthc:postal:1">{detail}</Fault></detail></s:Fault>'  # noqa: E501
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'.encode()
    )


def test_what_a_newer_revision_adds_is_left_out_and_the_rest_is_read() -> None:
    plain = answered("GetStatusChanges", feed(priority="khẩn").replace(b"</t:office>", b"</t:office><t:region/>"))
    (change,) = plain["changes"]
    assert change["status"] == "4" and "priority" not in change and "region" not in plain


def test_what_is_missing_or_renamed_is_no_addition_but_drift() -> None:
    with pytest.raises(HandoffDrift) as told:
        answered("GetStatusChanges", feed().replace(b"t:version>", b"t:phienBan>"))
    assert told.value.field in ("version", "status")


def test_a_status_that_is_not_on_the_list_is_read_and_does_not_stop_the_feed() -> None:
    assert answered("GetStatusChanges", feed(status=11))["changes"][0]["status"] == "11"


def test_an_unknown_error_code_is_treated_by_its_retryability() -> None:
    with pytest.raises(HandoffUnavailable):
        answered("SubmitDossier", fault("QUOTA_DAILY", "true"), 500)
    with pytest.raises(HandoffRejected) as refused:
        answered("SubmitDossier", fault("SEAL_MISSING", "false", more="<help>xem trang 3</help>"), 500)
    assert refused.value.error_code == "SEAL_MISSING"


def test_names_that_were_left_out_are_told_without_their_values() -> None:
    element = element_of("GetStatusChangesResponse", {"office": "BC", "changes": [CHANGE | {"secret": "001199000001"}]})
    assert leave_out_unknown(element) == ["secret"]
