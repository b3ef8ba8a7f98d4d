"""Certificates looked up before work begins, and signatures dated by an authority: answers, silence, lies."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import page as validator
import pytest
from asn1crypto import ocsp, x509
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12

from agent.documents.key_source import KeySource
from agent.documents.remote_signing import NoRemoteService, RemoteSigners
from agent.documents.revocation import Revocation
from agent.documents.signing import DemoSigners, FileSigners
from agent.documents.signing_key import KeySigner
from agent.documents.signing_rules import Rules
from agent.documents.timestamps import DOWN_SECONDS
from agent.errors import SigningError
from tests.contract.test_page_helper import SetClock
from tests.contract.test_tokens import checked, demonstration, module, opened, paper, pdfsig, refused, rig, sign, trust
from tests.contract.token_rig import AT, CLERK, PIN, Authority, TokenRig

__all__ = ["demonstration", "module", "opened", "paper", "rig", "trust"]  # fixtures
PASSWORD = b"lua chin"


@pytest.fixture(autouse=True)
def _up(trust: Authority) -> Iterator[None]:
    trust.up = True
    trust.asked.clear()
    yield
    trust.up = True


@pytest.fixture
def keys(trust: Authority, tmp_path: Path) -> Callable[..., FileSigners]:
    """`keys("revoked", revocation="hard")`: the clerk's P12 file with that certificate, under these rules."""

    def make(name: str = "clerk", **rules: Any) -> FileSigners:
        key = load_pem_private_key(trust.key("clerk").read_bytes(), None)
        leaf, sub = (pyca.load_der_x509_certificate(trust.der(one)) for one in (name, "sub"))
        content = pkcs12.serialize_key_and_certificates(b"x", key, leaf, [sub], BestAvailableEncryption(PASSWORD))  # type: ignore[arg-type]
        (tmp_path / "lananh.p12").write_bytes(content)
        return FileSigners(tmp_path, SetClock(AT), roots=[trust.pem("root")], rules=Rules(**rules))

    return make


def key_of(signers: FileSigners) -> KeySigner:
    return signers.of("lananh", CLERK, pin=PASSWORD.decode())


# --- revocation --------------------------------------------------------------------------------
def test_a_good_certificate_brings_its_evidence(keys: Callable[..., FileSigners], trust: Authority) -> None:
    standing = key_of(keys()).standing(AT)
    assert (standing.problems, standing.remarks) == ((), ())
    assert standing.evidence["chain"] == [trust.der(name) for name in ("clerk", "sub", "root")]
    (answer,) = standing.evidence["ocsp"]
    said = ocsp.OCSPResponse.load(answer).response_data["responses"][0]
    assert said["cert_status"].name == "good"
    assert len(standing.evidence["crls"]) == 1  # of the intermediate, by the root


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_a_revoked_certificate_does_not_sign(mode: str, keys: Callable[..., FileSigners], paper: bytes) -> None:
    signer = key_of(keys("revoked", revocation=mode))
    assert "đã bị thu hồi ngày" in signer.usable(AT)[0]
    assert refused(lambda: signer.sign_pdf(paper, at=AT, reason="", stamp=["x"])).code == "signing-certificate"


def test_a_revoked_token_is_seen_before_its_pin_and_before_scanning(
    rig: TokenRig, trust: Authority, opened: Callable[..., Any], paper: bytes
) -> None:
    rig.token().certificate(trust.der("revoked"), trust.key("clerk"))
    signers = opened(revocation="soft")
    assert "đã bị thu hồi" in signers.ready("lananh", CLERK).problems[0]
    assert refused(lambda: sign(signers, paper, PIN)).code == "signing-certificate"
    assert rig.made == 0


def test_silence_is_said_or_refused_as_the_office_wants(
    keys: Callable[..., FileSigners], trust: Authority, paper: bytes
) -> None:
    trust.up = False
    soft, hard = key_of(keys(revocation="soft")), key_of(keys(revocation="hard"))
    standing = soft.standing(AT)
    assert standing.problems == () and "Không hỏi được tình trạng thu hồi" in standing.remarks[0]
    assert soft.sign_pdf(paper, at=AT, reason="", stamp=["x"]).level == "B-B"
    assert "Không hỏi được tình trạng thu hồi" in hard.usable(AT)[0]
    refused(lambda: hard.sign_pdf(paper, at=AT, reason="", stamp=["x"]))


def test_nobody_is_asked_when_the_office_does_not_want_that(keys: Callable[..., FileSigners], trust: Authority) -> None:
    assert key_of(keys(revocation="off")).usable(AT) == []
    assert trust.asked == []


def test_a_batch_asks_once_and_silence_is_asked_again_soon(keys: Callable[..., FileSigners], trust: Authority) -> None:
    signer = key_of(keys())
    for minute in range(50):
        signer.usable(AT + timedelta(minutes=minute))
    once = len(trust.asked)
    assert once == 2  # one OCSP answer, one CRL
    trust.up = False
    signer.usable(AT + timedelta(minutes=70))
    trust.up = True
    assert signer.standing(AT + timedelta(minutes=70, seconds=30)).remarks  # the silence is remembered for a minute
    assert (
        not Revocation(Rules(), [trust.pem("root")])
        .look(x509.Certificate.load(trust.der("quiet")), [x509.Certificate.load(trust.der("sub"))], AT)
        .problems
    )


def test_an_answer_of_somebody_else_is_no_answer(keys: Callable[..., FileSigners], trust: Authority) -> None:
    signer = key_of(keys(revocation="hard"))
    stale = AT + timedelta(hours=20)  # the answer that the server gives is long over by then
    assert "Không hỏi được" in signer.usable(stale)[0]


# --- time-stamps -------------------------------------------------------------------------------
def test_a_dated_signature_is_valid_for_other_tools_and_stays_an_archive_copy(
    rig: TokenRig, trust: Authority, opened: Callable[..., Any], paper: bytes, tmp_path: Path
) -> None:
    rig.token().certificate(trust.der("clerk"), trust.key("clerk"))
    signers = opened(tsa=trust.tsa)
    done = sign(signers, paper, PIN)
    assert (done.level, done.remarks) == ("B-T", ())
    report = signers.check_pdf(done.pdf)
    assert (report.valid, report.trusted, report.stamped_at, report.problems) == (True, True, AT, ())
    assert validator.is_pdf_compliant_bytes(done.pdf, profile="2b")
    assert checked(["qpdf", "--check"], done.pdf, tmp_path)
    said = pdfsig(done.pdf, trust, tmp_path)
    assert "Signature is Valid" in said and "Certificate is Trusted" in said and "Total document signed" in said
    assert b"/DSS" not in done.pdf
    at = len(paper) // 2
    changed = done.pdf[:at] + bytes([done.pdf[at] ^ 1]) + done.pdf[at + 1 :]
    assert not signers.check_pdf(changed).valid
    assert "Digest Mismatch" in pdfsig(changed, trust, tmp_path)


def test_every_flipped_bit_of_a_dated_signature_is_found(
    keys: Callable[..., FileSigners], trust: Authority, paper: bytes
) -> None:
    signers = keys(revocation="off", tsa=trust.tsa)
    pdf = key_of(signers).sign_pdf(paper, at=AT, reason="", stamp=["x"]).pdf
    gap = re.search(rb"/Contents\s*<([0-9a-fA-F]+)>", pdf)
    assert gap is not None
    chance, der = random.Random(5), 4 + int(gap[1][4:8], 16)
    spare = bytes.fromhex(gap[1].decode()).index(trust.der("sub"))  # the time-stamp brings the same certificate again
    counts = [at for at in range(der) if not spare <= at < spare + len(trust.der("sub"))]
    for at in (gap.start(1) + 2 * byte + chance.randrange(2) for byte in chance.sample(counts, 60)):
        flipped = f"{int(pdf[at : at + 1], 16) ^ (1 << chance.randrange(4)):x}".encode()
        report = signers.check_pdf(pdf[:at] + flipped + pdf[at + 1 :])
        assert not (report.valid and report.trusted and report.stamped_at), at


@pytest.mark.parametrize("required", [False, True])
def test_an_authority_that_is_silent_gives_a_reason_or_a_refusal(
    required: bool, keys: Callable[..., FileSigners], trust: Authority, paper: bytes
) -> None:
    trust.up = False
    signer = key_of(keys(revocation="off", tsa=trust.tsa, tsa_required=required))
    if required:
        error = refused(lambda: signer.sign_pdf(paper, at=AT, reason="", stamp=["x"]))
        assert (error.code, "HTTP 503" in error.message) == ("signing-time", True)
        trust.up = True
        assert signer.sign_pdf(paper, at=AT, reason="", stamp=["x"]).level == "B-T"  # at once, no minute's wait
        return
    for _ in range(3):
        done = signer.sign_pdf(paper, at=AT, reason="", stamp=["x"])
        assert (done.level, "HTTP 503" in done.remarks[0]) == ("B-B", True)
    assert len(trust.asked) == 1 and DOWN_SECONDS > 30  # a batch waits for one silence, not for twenty


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://127.0.0.1:9/tsa", "không trả lời"),
        ("{url}/vn/crls/root/latest.crl", "HTTP"),
        ("{url}/vn/ocsp/sub", "HTTP|không đọc được"),
    ],
)
def test_an_address_that_is_no_time_stamp_authority_says_so(
    url: str, words: str, keys: Callable[..., FileSigners], trust: Authority, paper: bytes
) -> None:
    signer = key_of(keys(revocation="off", tsa=url.format(url=trust.url)))
    done = signer.sign_pdf(paper, at=AT, reason="", stamp=["x"])
    assert done.level == "B-B" and re.search(words, done.remarks[0])


def test_a_time_stamp_of_an_unknown_authority_is_not_believed(
    keys: Callable[..., FileSigners], trust: Authority, paper: bytes, demonstration: Path
) -> None:
    own = KeySource(authority=demonstration, rules=Rules(tsa=trust.tsa)).open(SetClock(AT))
    pdf = own.of("a", "A").sign_pdf(paper, at=AT, reason="", stamp=["x"]).pdf
    report = own.check_pdf(pdf)
    assert (report.valid, report.stamped_at) == (True, None)
    assert "Dấu thời gian không thuộc máy chủ được tin cậy." in report.problems


# --- remote signing ----------------------------------------------------------------------------
class Phone:
    """A remote service that signs with a key of this test once somebody confirms."""

    def __init__(self, trust: Authority, name: str = "clerk", *, confirms: bool = True) -> None:
        self._trust, self._name, self._confirms = trust, name, confirms

    def certificates(self, username: str) -> list[bytes]:
        return [self._trust.der(self._name), self._trust.der("sub")] if username == "lananh" else []

    def sign(self, username: str, digest: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric import padding, utils
        from cryptography.hazmat.primitives.hashes import SHA256

        if not self._confirms:
            raise SigningError("Bạn đã từ chối trên điện thoại.", code="signing-remote")
        key = load_pem_private_key(self._trust.key("clerk").read_bytes(), None)
        made: bytes = key.sign(digest, padding.PKCS1v15(), utils.Prehashed(SHA256()))  # type: ignore[union-attr,call-arg,arg-type]
        return made


def remote(trust: Authority, service: Any, folder: Path) -> RemoteSigners:
    own = KeySource(authority=folder).open(SetClock(AT))
    assert isinstance(own, DemoSigners)
    return RemoteSigners(service, own, SetClock(AT), roots=[trust.pem("root")], rules=Rules(tsa=trust.tsa))


def test_a_hash_is_signed_far_away(trust: Authority, demonstration: Path, paper: bytes) -> None:
    signers = remote(trust, Phone(trust), demonstration)
    assert "xác nhận trên điện thoại" in signers.ready("lananh", CLERK).remarks[-1]
    done = signers.of("lananh", CLERK).sign_pdf(paper, at=AT, reason="", stamp=["x"])
    report = signers.check_pdf(done.pdf)
    assert (done.level, report.valid, report.trusted, report.signer) == ("B-T", True, True, CLERK)


def test_a_refusal_on_the_phone_and_another_person_sign_nothing(
    trust: Authority, demonstration: Path, paper: bytes
) -> None:
    unwilling = remote(trust, Phone(trust, confirms=False), demonstration).of("lananh", CLERK)
    error = refused(lambda: unwilling.sign_pdf(paper, at=AT, reason="", stamp=["x"]))
    assert "từ chối trên điện thoại" in error.message
    stranger = remote(trust, Phone(trust, "other"), demonstration)
    assert refused(lambda: stranger.of("lananh", CLERK)).code == "signing-other-person"
    assert refused(lambda: stranger.of("minh", CLERK)).code == "signing-remote"


def test_without_a_service_remote_signing_says_that_it_is_not_set_up(trust: Authority, demonstration: Path) -> None:
    source = KeySource(authority=demonstration, remote=True)
    for signers in (source.open(SetClock(AT)), replace(source, training=True).open(SetClock(AT))):
        assert "chưa được cài đặt" in signers.ready("lananh", CLERK).problems[0]
        assert refused(lambda signers=signers: signers.of("lananh", CLERK)).code == "signing-remote"
        assert signers.office("Bưu cục").sign_bytes(b"x")  # bundles are still sealed
    assert refused(lambda: NoRemoteService().sign("lananh", b"x")).code == "signing-remote"
