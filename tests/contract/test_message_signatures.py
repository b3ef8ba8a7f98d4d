"""Signed messages: what two sides sign and check, beside another implementation, and every way of wrapping refused."""

from __future__ import annotations

import base64
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from agent.soap.contract import ENVELOPE, NAMESPACE
from agent.soap.messages import element_of
from agent.soap.security import signing, verifying
from agent.soap.security.keys import Peer, SigningKey
from agent.soap.security.names import WSSE, WSU, Invalid, ds, wsse, wsu
from tests.contract.certificates import DAY, NOW, Authority, rsa_key
from tests.contract.message_tricks import BODY, HEADER, TRICKS, Envelope, edited_body


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def signers(authority: Authority) -> dict[str, SigningKey]:
    made = {"ecdsa": authority.issue("tinh"), "rsa": authority.issue("tinh-rsa", key=rsa_key())}
    return {name: SigningKey(held.key, held.certificate) for name, held in made.items()}


@pytest.fixture
def peer(signers: dict[str, SigningKey]) -> Peer:
    return Peer(pinned=tuple(signer.certificate for signer in signers.values()))


def signed(signer: SigningKey, *, now: datetime = NOW, key: str = "T1-0001") -> Envelope:
    root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE, "t": NAMESPACE})
    header, body = etree.SubElement(root, HEADER), etree.SubElement(root, BODY)
    body.append(element_of("GetSubmission", {"key": key}))
    security = etree.SubElement(header, wsse("Security"), nsmap={"wsse": WSSE, "wsu": WSU})
    timestamp = signing.add_timestamp(security, now)
    signing.sign(security, [body, timestamp], signer)
    return parsed(etree.tostring(root))


def parsed(data: bytes) -> Envelope:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, remove_comments=True, remove_pis=True))


def key_in(body: Any) -> str:
    return str(body.findtext(f".//{{{NAMESPACE}}}key"))


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_what_one_side_signs_the_other_believes(signers: dict[str, SigningKey], peer: Peer, kind: str) -> None:
    verified = verifying.verify(signed(signers[kind]), peer, NOW)
    assert key_in(verified.body) == "T1-0001" and verified.created == NOW
    assert verified.certificate == signers[kind].certificate


# --- whom to believe ----------------------------------------------------------------------------
def refusal(root: Envelope, peer: Peer, now: datetime = NOW) -> Invalid:
    with pytest.raises(Invalid) as refused:
        verifying.verify(root, peer, now)
    return refused.value


def test_a_certificate_of_the_named_authority_counts_and_no_other(
    authority: Authority, signers: dict[str, SigningKey], tmp_path: Path
) -> None:
    root = signed(signers["ecdsa"])
    assert verifying.verify(root, Peer(roots=(authority.certificate,), name="tinh"), NOW)
    assert refusal(root, Peer(roots=(authority.certificate,), name="tỉnh khác")).code == "SIGNATURE_INVALID"
    same_name = Authority(tmp_path)
    assert refusal(root, Peer(roots=(same_name.certificate,))).field == "BinarySecurityToken"
    assert refusal(root, Peer(pinned=(signers["rsa"].certificate,))).field == "BinarySecurityToken"
    assert refusal(root, Peer()).field == "BinarySecurityToken"


def test_an_end_entity_cannot_issue_certificates(authority: Authority, signers: dict[str, SigningKey]) -> None:
    assert refusal(signed(signers["ecdsa"]), Peer(roots=(signers["ecdsa"].certificate,))).code == "SIGNATURE_INVALID"


def test_an_expired_certificate_does_not_count_even_when_pinned(authority: Authority) -> None:
    held = authority.issue("tinh-cu", since=NOW - 30 * DAY, until=NOW - DAY)
    root = signed(SigningKey(held.key, held.certificate))
    assert "thời hạn" in refusal(root, Peer(pinned=(held.certificate,))).words


@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_message_more_than_five_minutes_off_is_refused(
    signers: dict[str, SigningKey], peer: Peer, seconds: int
) -> None:
    refused = refusal(signed(signers["ecdsa"]), peer, NOW - timedelta(seconds=seconds))
    assert (refused.code, refused.field) == ("MESSAGE_EXPIRED", "Timestamp")


def test_a_message_up_to_five_minutes_off_is_believed(signers: dict[str, SigningKey], peer: Peer) -> None:
    for seconds in (-299, 299):
        assert verifying.verify(signed(signers["ecdsa"]), peer, NOW + timedelta(seconds=seconds))


def test_a_short_rsa_key_does_not_count(authority: Authority) -> None:
    held = authority.issue("tinh-ngan", key=rsa_key(1024))
    root = signed(SigningKey(held.key, held.certificate))
    assert refusal(root, Peer(pinned=(held.certificate,))).field == "SignatureMethod"


# --- wrapping and other tricks: each takes a rightly signed message and changes it ----------------
@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_a_signed_message_that_was_tampered_with_is_refused(
    signers: dict[str, SigningKey], peer: Peer, trick: Callable[[Envelope], None]
) -> None:
    root = signed(signers["ecdsa"])
    trick(root)
    assert refusal(parsed(etree.tostring(root)), peer).code == "SIGNATURE_INVALID"


@pytest.mark.parametrize("path", [BODY, f"{HEADER}/{wsse('Security')}/{wsu('Timestamp')}"], ids=["Body", "Timestamp"])
def test_a_signature_over_one_part_alone_is_refused(signers: dict[str, SigningKey], peer: Peer, path: str) -> None:
    root = signed(signers["ecdsa"])
    security = root.find(f"{HEADER}/{wsse('Security')}")
    for name in (ds("Signature"), wsse("BinarySecurityToken")):
        security.remove(security.find(name))
    signing.sign(security, [root.find(path)], signers["ecdsa"])
    assert "Timestamp" in refusal(root, peer).words


def test_prefixes_that_are_declared_anew_do_not_change_what_is_signed(
    signers: dict[str, SigningKey], peer: Peer
) -> None:
    """Another prefix for the same namespace is another text: refused, for it is not what was signed."""
    data = etree.tostring(signed(signers["ecdsa"])).replace(b"<t:key>", b"<u:key xmlns:u='urn:vn:tthc:postal:1'>")
    assert refusal(parsed(data.replace(b"</t:key>", b"</u:key>")), peer).field == "Reference"


def test_comments_cannot_cut_a_signed_value(signers: dict[str, SigningKey], peer: Peer) -> None:
    data = etree.tostring(signed(signers["ecdsa"])).replace(b"T1-0001", b"T1-00<!-- x -->01")
    verified = verifying.verify(parsed(data), peer, NOW)
    assert key_in(verified.body) == "T1-0001"  # the whole value, not what stands before the comment


# --- beside another implementation ----------------------------------------------------------------
def xmlsec(*words: str, data: bytes, folder: Path) -> subprocess.CompletedProcess[bytes]:
    if shutil.which("xmlsec1") is None:
        pytest.skip("xmlsec1 is not installed")
    given = folder / "message.xml"
    given.write_bytes(data)
    ids = [
        word
        for name in (f"{ENVELOPE}:Body", f"{WSU}:Timestamp", f"{WSSE}:BinarySecurityToken")
        for word in ("--id-attr:Id", name)
    ]
    return subprocess.run(["xmlsec1", *words, *ids, str(given)], capture_output=True, check=False, timeout=30)


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_another_implementation_believes_our_signature_and_sees_a_change(
    signers: dict[str, SigningKey], tmp_path: Path, kind: str
) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = tmp_path / "certificate.pem"
    pem.write_bytes(signers[kind].certificate.public_bytes(Encoding.PEM))
    root = signed(signers[kind])
    info = root.find(f".//{ds('KeyInfo')}")
    info.getparent().remove(info)  # not signed; xmlsec1 knows no WS-Security references and is given the certificate
    words = ("--verify", "--pubkey-cert-pem", str(pem))
    right = xmlsec(*words, data=etree.tostring(root), folder=tmp_path)
    assert right.returncode == 0, right.stderr.decode()
    edited_body(root)
    assert xmlsec(*words, data=etree.tostring(root), folder=tmp_path).returncode != 0


@pytest.mark.parametrize("kind", ["ecdsa", "rsa"])
def test_we_believe_a_signature_of_another_implementation(
    signers: dict[str, SigningKey], peer: Peer, tmp_path: Path, kind: str
) -> None:
    from cryptography.hazmat.primitives import serialization

    key = tmp_path / "key.pem"
    key.write_bytes(
        signers[kind].key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    root = signed(signers[kind])
    info = root.find(f".//{ds('KeyInfo')}")
    holder = info.getparent()
    holder.remove(info)
    for name in (ds("SignatureValue"), ds("DigestValue")):
        for element in root.iter(name):
            element.text = ""  # a template for xmlsec1 to fill
    made = xmlsec("--sign", "--privkey-pem", str(key), data=etree.tostring(root), folder=tmp_path)
    assert made.returncode == 0, made.stderr.decode()
    theirs = parsed(made.stdout)
    theirs.find(f".//{ds('Signature')}").append(info)
    verified = verifying.verify(theirs, peer, NOW)
    assert key_in(verified.body) == "T1-0001" and base64.b64encode(verified.signature)


def test_a_wrong_hand_in_the_verifier_would_be_seen(signers: dict[str, SigningKey], peer: Peer) -> None:
    """The same message with another key's certificate: the proof that the value itself is checked."""
    held = replace(signers["ecdsa"], key=signers["rsa"].key)
    with pytest.raises(Invalid):
        verifying.verify(signed(held), peer, datetime.now(UTC))
