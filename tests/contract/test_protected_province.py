"""A province that demands protection: tokens, signatures, X-Road headers and gzip, between two real processes."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from agent.clock import RandomIds, SystemClock
from agent.errors import (
    ConfigError,
    HandoffBlocked,
    HandoffOutcomeUnknown,
    HandoffRejected,
    HandoffUnavailable,
)
from agent.settings import Province
from agent.soap.contract import ENVELOPE
from agent.soap.messages import element_of
from agent.soap.security.choices import (
    Signature,
    UsernameToken,
    WireChoices,
    XRoad,
    XRoadMember,
    choices_of,
)
from agent.soap.security.names import XROAD
from agent.soap.security.protection import Protection
from tests.contract.answering import answering, http
from tests.contract.certificates import DAY, NOW, Authority, Held
from tests.contract.message_tricks import TRICKS
from tests.contract.sandbox_process import OFFICE, PROCEDURE, Sandbox, dossier, page, post, submit, upload

PASSWORD = "mật khẩu kết nối 123"
ROADS = XRoad(XRoadMember("VN", "GOV", "BCVN", "tayho"), XRoadMember("VN", "GOV", "H26", "tthc"), "v1", "VNclerk")


@dataclass(frozen=True)
class Ours:
    """The files of both sides and the choices of ours."""

    folder: Path
    office: Held
    province: Held
    choices: WireChoices


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Ours:
    folder = tmp_path_factory.mktemp("keys")
    authority = Authority(folder)
    office, province = authority.issue("Bưu cục Tây Hồ"), authority.issue("Cổng dịch vụ công tỉnh")
    (folder / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    signature = Signature(office.certificate_file, office.key_file, peer_certificate=province.certificate_file)
    choices = WireChoices(UsernameToken("buucuc", str(folder / "password")), signature, ROADS, gzip=True)
    return Ours(folder, office, province, choices)


@pytest.fixture(scope="module")
def sandbox(ours: Ours, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    demands = {
        "username": "buucuc",
        "password_file": str(ours.folder / "password"),
        "sign_certificate": ours.province.certificate_file,
        "sign_key": ours.province.key_file,
        "peer_certificate": ours.office.certificate_file,
        "xroad": True,
    }
    with Sandbox(tmp_path_factory.mktemp("province"), demands=json.dumps(demands)) as running:
        yield running


class Clock:
    """The machine's clock, off by some seconds."""

    def __init__(self, seconds: float) -> None:
        self._off = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._off


def dressed(choices: WireChoices, clock: Any = None, key: str = "T1-0001") -> bytes:
    protection = Protection(choices, clock or SystemClock(), RandomIds())
    return protection.dress(element_of("GetSubmission", {"key": key}), "GetSubmission", key).content


def test_a_dossier_goes_through_with_token_signature_xroad_and_gzip(sandbox: Sandbox, ours: Ours) -> None:
    gateway = sandbox.gateway(choices=ours.choices)
    number = gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0001")
    upload(gateway, page())
    receipt = submit(gateway, dossier("T1-0001", official=number))
    held = gateway.submission("T1-0001")
    assert held is not None and held.document == receipt.document and receipt.number == number
    with pytest.raises(HandoffRejected) as refused:  # a signed refusal is a refusal
        submit(gateway, dossier("T1-0001", content="khác", official=number))
    assert refused.value.error_code == "KEY_REUSE"


@pytest.mark.parametrize("missing", ["username_token", "signature", "xroad"])
def test_a_sender_without_a_demanded_protection_is_turned_away(sandbox: Sandbox, ours: Ours, missing: str) -> None:
    status, text = post(sandbox.endpoint, dressed(replace(ours.choices, **{missing: None})))
    assert status == 500 and "GetSubmissionResponse" not in text
    code = {"username_token": "AUTHENTICATION_FAILED", "signature": "SIGNATURE_INVALID", "xroad": "MESSAGE_INVALID"}
    assert code[missing] in text


def test_no_rearranged_message_gets_through_and_the_next_call_is_answered(sandbox: Sandbox, ours: Ours) -> None:
    """Signature wrapping in all its forms, against the running province and not only its verifier."""
    for trick in TRICKS:
        root = etree.fromstring(dressed(ours.choices))
        trick(root)
        status, text = post(sandbox.endpoint, etree.tostring(root))
        refused = "SIGNATURE_INVALID" in text or "MESSAGE_INVALID" in text
        assert status == 500 and refused and "EVIL" not in text, trick.__name__
    assert sandbox.gateway(choices=ours.choices).submission("T1-0950") is None


def test_a_message_heard_on_the_line_is_not_taken_twice(sandbox: Sandbox, ours: Ours) -> None:
    message = dressed(ours.choices, key="T1-0900")
    assert "GetSubmissionResponse" in post(sandbox.endpoint, message)[1]
    assert "MESSAGE_REPLAYED" in post(sandbox.endpoint, message)[1]
    assert sandbox.gateway(choices=ours.choices).submission("T1-0900") is None


def test_the_nonce_of_a_token_counts_once_even_without_a_signature(ours: Ours, tmp_path: Path) -> None:
    demands = json.dumps({"username": "buucuc", "password_file": str(ours.folder / "password")})
    message = dressed(WireChoices(ours.choices.username_token))
    with Sandbox(tmp_path, demands=demands) as sandbox:
        assert "GetSubmissionResponse" in post(sandbox.endpoint, message)[1]
        assert "MESSAGE_REPLAYED" in post(sandbox.endpoint, message)[1]
        sandbox.kill()
        sandbox.start()
        assert "MESSAGE_REPLAYED" in post(sandbox.endpoint, message)[1]  # a row, not a memory
        stale = dressed(WireChoices(ours.choices.username_token), Clock(-301))
        assert "MESSAGE_EXPIRED" in post(sandbox.endpoint, stale)[1]
        plain = dressed(WireChoices(ours.choices.username_token)).replace(b"#PasswordDigest", b"#PasswordText")
        assert "AUTHENTICATION_FAILED" in post(sandbox.endpoint, plain)[1]


def test_a_wrong_password_stops_the_line_and_says_what_to_mend(
    sandbox: Sandbox, ours: Ours, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = tmp_path / "other"
    secret.write_text("sai-mat-khau-9876\n", encoding="utf-8")
    choices = replace(ours.choices, username_token=UsernameToken("buucuc", str(secret)))
    with pytest.raises(HandoffBlocked) as refused:
        sandbox.gateway(choices=choices).allocate_number(office=OFFICE, procedure=PROCEDURE, key="x")
    assert not refused.value.retryable
    for word in ("AllocateNumber", "UsernameToken", "password_file"):
        assert word in refused.value.message
    assert "9876" not in caplog.text + refused.value.message


def test_a_password_file_that_is_gone_is_named_and_nothing_is_sent(sandbox: Sandbox, ours: Ours) -> None:
    choices = replace(ours.choices, username_token=UsernameToken("buucuc", str(ours.folder / "none")))
    with pytest.raises(HandoffBlocked, match="password_file"):
        sandbox.gateway(choices=choices).submission("k")


@pytest.mark.parametrize("seconds", [-400, 400])
def test_a_clock_that_is_off_is_named_as_such(sandbox: Sandbox, ours: Ours, seconds: int) -> None:
    """The province says so, but its answer is as far away in our own eyes: only a question is asked again."""
    status, text = post(sandbox.endpoint, dressed(ours.choices, Clock(seconds)))
    assert status == 500 and "MESSAGE_EXPIRED" in text
    gateway = sandbox.gateway(choices=ours.choices, clock=Clock(seconds))
    with pytest.raises(HandoffUnavailable, match="quá cũ hoặc từ tương lai"):
        gateway.submission("k")
    with pytest.raises(HandoffOutcomeUnknown):
        gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")


def test_an_answer_signed_by_somebody_else_is_unknown_not_success(sandbox: Sandbox, ours: Ours) -> None:
    assert ours.choices.signature
    other = Authority(ours.folder, "Kẻ khác").issue("Cổng dịch vụ công tỉnh")
    signature = replace(ours.choices.signature, peer_certificate=other.certificate_file)
    gateway = sandbox.gateway(choices=replace(ours.choices, signature=signature))
    with pytest.raises(HandoffOutcomeUnknown, match="không được tin cậy"):
        gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0800")
    assert sandbox.gateway(choices=ours.choices).allocate_number(office=OFFICE, procedure=PROCEDURE, key="T1-0800")


def test_a_signing_key_that_was_mended_is_read_without_a_restart(sandbox: Sandbox, ours: Ours, tmp_path: Path) -> None:
    assert ours.choices.signature
    wrong = Authority(tmp_path).issue("Bưu cục")
    certificate, key = tmp_path / "sign.pem", tmp_path / "sign.key"
    signature = replace(ours.choices.signature, certificate=str(certificate), key=str(key))
    gateway = sandbox.gateway(choices=replace(ours.choices, signature=signature))
    certificate.write_bytes(Path(wrong.certificate_file).read_bytes())
    key.write_bytes(Path(wrong.key_file).read_bytes())
    with pytest.raises(HandoffBlocked, match="sign_certificate"):
        gateway.submission("k")
    certificate.write_bytes(Path(ours.office.certificate_file).read_bytes())
    key.write_bytes(Path(ours.office.key_file).read_bytes())
    assert gateway.submission("k") is None


def test_an_expired_signing_certificate_is_named_with_its_day(ours: Ours, tmp_path: Path) -> None:
    assert ours.choices.signature
    old = Authority(tmp_path).issue("Bưu cục", since=NOW - 9 * DAY, until=datetime(2026, 11, 25, 3, tzinfo=UTC))
    signature = replace(ours.choices.signature, certificate=old.certificate_file, key=old.key_file)
    with pytest.raises(HandoffBlocked, match="25/11/2026") as refused, answering(b"") as endpoint:
        from agent.soap.gateway import SoapGateway

        SoapGateway(endpoint, choices=WireChoices(signature=signature)).submission("k")
    assert "sign_certificate" in refused.value.message and not refused.value.retryable


FAULT = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:vn:tthc:postal:1"><s:Body>
<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring><detail><t:Fault><t:errorCode>KEY_REUSE</t:errorCode>
<t:retryable>{}</t:retryable><t:field>key</t:field><t:message>x</t:message></t:Fault></detail></s:Fault></s:Body></s:Envelope>"""


@pytest.mark.parametrize("retryable", ["false", "true"])
def test_a_refusal_without_the_promised_signature_is_unknown(ours: Ours, retryable: str) -> None:
    from agent.soap.gateway import SoapGateway

    text = FAULT.replace("\n", "").format(retryable).encode()
    with answering(http(text, status=500)) as endpoint:
        trusting, careful = SoapGateway(endpoint), SoapGateway(endpoint, choices=ours.choices)
        with pytest.raises(HandoffRejected if retryable == "false" else HandoffUnavailable):
            trusting.allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")
        with pytest.raises(HandoffOutcomeUnknown, match="không có chữ ký"):
            careful.allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")


# --- X-Road -------------------------------------------------------------------------------------
def test_the_xroad_headers_name_client_service_and_the_dossier(ours: Ours) -> None:
    root = etree.fromstring(dressed(WireChoices(xroad=ROADS), key="T1-0001"))
    header: Any = root.find(f"{{{ENVELOPE}}}Header")
    assert [block.tag for block in header] == [
        f"{{{XROAD}}}{name}" for name in ("client", "service", "id", "userId", "issue", "protocolVersion")
    ]
    assert header.findtext(f"{{{XROAD}}}issue") == "T1-0001"
    assert header.findtext(f"{{{XROAD}}}protocolVersion") == "4.0"
    assert len(header.findtext(f"{{{XROAD}}}id")) == 36
    service = header.find(f"{{{XROAD}}}service")
    assert [child.text for child in service] == ["VN", "GOV", "H26", "tthc", "GetSubmission", "v1"]
    assert next(iter(service.attrib.values())) == "SERVICE"


@pytest.fixture(scope="module")
def plain_road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("road"), demands=json.dumps({"xroad": True})) as running:
        yield running


def swapped(header: Any) -> None:
    header.insert(0, header[-2])


def without_issue(header: Any) -> None:
    header.remove(header.find(f"{{{XROAD}}}issue"))


def other_id(header: Any) -> None:
    header.find(f"{{{XROAD}}}id").text = "00000000-0000-0000-0000-000000000000"


def other_hash(header: Any) -> None:
    header.find(f"{{{XROAD}}}requestHash").text = base64.b64encode(bytes(64)).decode()


def no_hash(header: Any) -> None:
    header.remove(header.find(f"{{{XROAD}}}requestHash"))


def weak_hash(header: Any) -> None:
    header.find(f"{{{XROAD}}}requestHash").set("algorithmId", "http://www.w3.org/2000/09/xmldsig#sha1")


@pytest.mark.parametrize(
    "change", [swapped, without_issue, other_id, other_hash, no_hash, weak_hash], ids=lambda found: found.__name__
)
def test_an_answer_whose_xroad_headers_are_not_ours_is_not_believed(plain_road: Sandbox, change: Any) -> None:
    """The province's true answer believes; the same with one header changed does not."""
    protection = Protection(WireChoices(xroad=ROADS), SystemClock(), RandomIds())
    sent = protection.dress(element_of("GetSubmission", {"key": "k"}), "GetSubmission", "k")
    status, text = post(plain_road.endpoint, sent.content)
    assert status == 200
    root = etree.fromstring(text.encode())
    assert protection.trust(sent)(root) is not None
    change(root.find(f"{{{ENVELOPE}}}Header"))
    from agent.soap.judge import Untrusted

    with pytest.raises(Untrusted):
        protection.trust(sent)(root)


def test_an_answer_without_the_xroad_headers_leaves_the_outcome_unknown(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox:
        gateway = sandbox.gateway(choices=WireChoices(xroad=ROADS))
        with pytest.raises(HandoffOutcomeUnknown, match="X-Road"):
            gateway.allocate_number(office=OFFICE, procedure=PROCEDURE, key="k")
        with pytest.raises(HandoffUnavailable, match="X-Road"):
            gateway.submission("k")


# --- settings -----------------------------------------------------------------------------------
def test_half_a_choice_is_a_fault_of_the_settings() -> None:
    for half in (
        Province(username="x"),
        Province(sign_certificate="c.pem"),
        Province(sign_certificate="c.pem", sign_key="k.pem"),
        Province(xroad_client="VN/GOV/1"),
        Province(xroad_client="VN", xroad_service="VN/GOV/1"),
    ):
        with pytest.raises(ConfigError, match="province"):
            choices_of(half)
    whole = choices_of(Province(xroad_client="VN/GOV/1/a", xroad_service="VN/GOV/2", gzip=True))
    assert whole.gzip and whole.xroad and whole.xroad.client.subsystem == "a" and not whole.secured
    assert choices_of(Province()) == WireChoices()
