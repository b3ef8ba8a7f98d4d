"""What the sandbox province refuses, and that refusing costs it little."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.domain.canonical import canonical_json, digest
from agent.domain.canonical_codec import to_plain
from agent.soap.messages import element_of
from agent.soap.province.endpoint import OPERATIONS, envelope
from tests.contract.sandbox_process import Sandbox, dossier, get, page, post, upload

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
MEMORY = 50_000  # kB that one attack may add to the process, at its worst moment
PATIENCE = 5.0  # seconds, for a busy machine; alone each is refused within half a second


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("province")) as running:
        upload(running.gateway(), page())
        yield running


def wrapped(inner: str, *, prolog: str = "", header: str = "") -> bytes:
    return f'{prolog}<s:Envelope xmlns:s="{SOAP}">{header}<s:Body>{inner}</s:Body></s:Envelope>'.encode()


ASK = '<t:GetSubmission xmlns:t="urn:vn:tthc:postal:1"><t:key>{}</t:key></t:GetSubmission>'
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
ATTACKS = {
    "external entity": wrapped(ASK.format("&x;"), prolog='<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "billion laughs": wrapped(ASK.format("&j;"), prolog=LAUGHS),
    "quadratic": wrapped(ASK.format("&q;" * 20_000), prolog=f'<!DOCTYPE l [<!ENTITY q "{"q" * 50_000}">]>'),
    "300,000 attributes": wrapped("<a " + " ".join(f'a{n}="1"' for n in range(300_000)) + "/>"),
    "3,000 attributes": wrapped("<a " + " ".join(f'a{n}="1"' for n in range(3_000)) + "/>"),
    "depth": wrapped("<a>" * 100_000 + "</a>" * 100_000),
    "nodes": wrapped("<r>" + "<a/>" * 400_000 + "</r>"),
    "processing instruction": wrapped(ASK.format("k"), prolog="<?xml-stylesheet href='x'?>"),
    "two bodies": wrapped(ASK.format("k") + f'</s:Body><s:Body xmlns:s="{SOAP}">' + ASK.format("k")),
    "two children": wrapped(ASK.format("k") * 2),
    "must understand": wrapped(ASK.format("k"), header='<s:Header><x xmlns="urn:x" s:mustUnderstand="1"/></s:Header>'),
    "soap 1.2": wrapped(ASK.format("k")).replace(SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"),
    "no xml": b"\x00\xff\xfe garbage",
    "empty": b"",
    "unknown operation": wrapped('<t:DropAll xmlns:t="urn:vn:tthc:postal:1"/>'),
    "schema": wrapped(ASK.format("k" * 500)),
    "other namespace": wrapped('<GetSubmission xmlns="urn:other"><key>k</key></GetSubmission>'),
}


def peak_growth(sandbox: Sandbox, attack: Callable[[], tuple[int, str]]) -> tuple[int, str, int, float]:
    """Status, text, kilobytes that the process grew at most meanwhile, and seconds."""
    Path(f"/proc/{sandbox.process.pid}/clear_refs").write_text("5")  # the high-water mark begins anew
    before, began = sandbox.resident_kilobytes(), time.monotonic()
    status, text = attack()
    took = time.monotonic() - began
    return status, text, sandbox.resident_kilobytes() - before, took


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_gets_a_typed_fault_costs_little_and_the_next_call_is_answered(sandbox: Sandbox, name: str) -> None:
    status, text, grown, took = peak_growth(sandbox, lambda: post(sandbox.endpoint, ATTACKS[name]))
    assert status == 500 and "<t:errorCode>" in text and "root:" not in text
    assert grown < MEMORY and took < PATIENCE
    assert sandbox.gateway().submission("k") is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (gzip.compress(b" " * 500_000_000, 1), "MESSAGE_LIMIT"),
        (gzip.compress(gzip.compress(b" " * 50_000_000)), "MESSAGE_INVALID"),
        (gzip.compress(b"<a/>" * 1000)[:-20], "MESSAGE_INVALID"),
        (b"not gzip at all", "MESSAGE_INVALID"),
    ],
    ids=["bomb", "bomb in a bomb", "cut short", "not gzip"],
)
def test_a_compressed_message_is_inflated_no_further_than_the_limit(
    sandbox: Sandbox, body: bytes, expected: str
) -> None:
    status, text, grown, took = peak_growth(
        sandbox, lambda: post(sandbox.endpoint, body, **{"Content-Encoding": "gzip"})
    )
    assert status == 500 and expected in text
    assert grown < MEMORY and took < PATIENCE
    assert sandbox.gateway().submission("k") is None


def test_a_message_over_the_byte_limit_is_turned_away(sandbox: Sandbox) -> None:
    def attack() -> tuple[int, str]:
        return post(sandbox.endpoint, wrapped(ASK.format("k")) + b" " * 5_000_000)

    status, _, grown, took = peak_growth(sandbox, attack)
    assert status == 413 and grown < MEMORY and took < PATIENCE
    assert sandbox.gateway().submission("k") is None


def test_an_unknown_compression_is_turned_away(sandbox: Sandbox) -> None:
    assert post(sandbox.endpoint, wrapped(ASK.format("k")), **{"Content-Encoding": "br"})[0] == 415


def test_a_digest_that_does_not_fit_the_dossier_is_refused(sandbox: Sandbox) -> None:
    value = dossier("T1-0900")
    plain = {"key": "T1-0900", "payloadDigest": "0" * 64, "dossier": to_plain(value)}
    assert "DIGEST_MISMATCH" in post(sandbox.endpoint, envelope(element_of("SubmitDossier", plain)))[1]


def test_a_peer_that_writes_the_same_instant_with_another_offset_has_the_same_digest(sandbox: Sandbox) -> None:
    value = dossier("T1-0901")
    plain = {**to_plain(value), "receivedAt": "2026-11-21T08:30:00.000+07:00"}
    request = {"key": "T1-0901", "payloadDigest": digest(canonical_json(value)), "dossier": plain}
    status, text = post(sandbox.endpoint, envelope(element_of("SubmitDossier", request)))
    assert status == 200 and "<t:receipt>" in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"receivedAt": "2026-11-21T01:30:00.500Z"}, "receivedAt"),
        ({"content": "Nguye\u0302\u0303n"}, "content"),
        (
            {
                "fees": [
                    {"code": "", "name": "x", "ledger": "state", "amount": -1, "collectedAt": "receipt", "paid": True}
                ]
            },
            "amount",
        ),
        ({"channel": "fax"}, "channel"),
        ({"provisional": "có dấu"}, "provisional"),
        ({"receivedAt": "2026-02-30T01:30:00Z"}, "receivedAt"),
    ],
    ids=["fraction of a second", "not NFC", "negative money", "unknown channel", "bad number", "no such day"],
)
def test_content_that_breaks_a_rule_is_refused_by_field(
    sandbox: Sandbox, change: dict[str, object], field: str
) -> None:
    plain = {**to_plain(dossier("T1-0902")), **change}
    request = {"key": "T1-0902", "payloadDigest": "0" * 64, "dossier": plain}
    status, text = post(sandbox.endpoint, envelope(element_of("SubmitDossier", request)))
    assert status == 500 and ("SCHEMA_INVALID" in text or "CONTENT_INVALID" in text)
    assert f"<t:field>{field}</t:field>" in text


def test_only_loopback_names_are_answered(sandbox: Sandbox) -> None:
    assert get(f"{sandbox.base}/healthz")[0] == 200
    assert get(f"{sandbox.base}/healthz", Host="province.example")[0] == 403
    assert post(f"{sandbox.base}/act", b"number=1", Origin="http://evil.example")[0] == 403


def test_the_wsdl_names_the_running_port_and_every_operation(sandbox: Sandbox) -> None:
    status, text = get(f"{sandbox.endpoint}?wsdl")
    assert status == 200 and f'location="{sandbox.endpoint}"' in text
    assert all(f'<wsdl:operation name="{operation}">' in text for operation in OPERATIONS)
    assert 'targetNamespace="urn:vn:tthc:postal:1"' in get(f"{sandbox.base}/soap/tthc.xsd")[1]


def test_a_foreign_zeep_client_can_use_the_served_wsdl(sandbox: Sandbox) -> None:
    import zeep

    client = zeep.Client(f"{sandbox.endpoint}?wsdl", service_name="TthcService", port_name="TthcPort")
    state = client.service.GetUploadState(sha256=digest(page()))
    assert state.complete is True and state.received == len(page())
