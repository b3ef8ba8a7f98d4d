"""Signing by a PKCS#11 token in the signing process: what the clerk sees when it works, and each time it does not."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import page as validator
import pytest

from agent.documents.digitiser import PageDigitiser
from agent.documents.helper import HelperSigners
from agent.documents.key_source import KeySource
from agent.documents.signing_rules import Rules
from agent.errors import SigningError
from agent.ports_signing import SignedPdf, Signers
from tests.contract.test_page_helper import SetClock, scan
from tests.contract.token_rig import AT, CLERK, PIN, Authority, TokenRig, authority, built

WRONG = "111222"


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("ca")) as made:
        yield made


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("module"))


@pytest.fixture(scope="module")
def paper() -> bytes:
    own = PageDigitiser()
    return own.copy(own.read_bytes("a.jpg", scan()), title="Tờ khai", at=AT).pdf


@pytest.fixture
def rig(tmp_path: Path, module: Path, monkeypatch: pytest.MonkeyPatch) -> TokenRig:
    """No token yet."""
    made = TokenRig(tmp_path / "token", module)
    for name, value in made.environ.items():
        monkeypatch.setenv(name, value)
    return made


@pytest.fixture
def clerks(rig: TokenRig, trust: Authority) -> TokenRig:
    """The clerk's token is plugged in."""
    return rig.token().certificate(trust.der("clerk"), trust.key("clerk"))


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demonstration")


Opener = Callable[..., HelperSigners]


@pytest.fixture
def opened(rig: TokenRig, trust: Authority, demonstration: Path) -> Iterator[Opener]:
    """`opened(token="…", module=…, **rules)`: the signing process over the token."""
    made: list[HelperSigners] = []

    def make(*, token: str = "", module: Path | None = None, **rules: Any) -> HelperSigners:
        rules = {"revocation": "off", "chain": (trust.pem("sub"),), **rules}
        source = KeySource(
            authority=demonstration,
            module=module or rig.module,
            token=token,
            roots=(trust.pem("root"),),
            rules=Rules(**rules),
        )
        made.append(HelperSigners(source, SetClock(AT)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def sign(signers: Signers, paper: bytes, pin: str = "") -> SignedPdf:
    return signers.of("lananh", CLERK, pin=pin).sign_pdf(paper, at=AT, reason="Sao", stamp=["SAO Y", CLERK])


def refused(work: Callable[[], object]) -> SigningError:
    with pytest.raises(SigningError) as caught:
        work()
    assert caught.value.message.rstrip().endswith(".")
    return caught.value


# --- it works ----------------------------------------------------------------------------------
def test_the_pin_is_asked_once_a_shift(clerks: TokenRig, opened: Opener, paper: bytes) -> None:
    signers = opened()
    before = signers.ready("lananh", CLERK)
    assert (before.subject, before.problems, before.needs_pin) == (CLERK, (), True)
    assert refused(lambda: sign(signers, paper)).code == "signing-pin-needed"
    sign(signers, paper, PIN)
    assert not signers.ready("lananh", CLERK).needs_pin
    for _ in range(3):
        report = signers.check_pdf(sign(signers, paper).pdf)
        assert (report.valid, report.trusted, report.signer, report.training) == (True, True, CLERK, False)
    assert clerks.made == 4


@pytest.mark.parametrize("leaves", ["signs out", "is idle"])
def test_the_key_closes_when_the_clerk(leaves: str, clerks: TokenRig, opened: Opener, paper: bytes) -> None:
    signers = opened(idle_seconds=1.5 if leaves == "is idle" else 900.0)
    signers.of("lananh", CLERK, pin=PIN)
    if leaves == "signs out":
        signers.forget("minh")
        assert not signers.ready("lananh", CLERK).needs_pin  # somebody else left
        signers.forget("lananh")
    until(lambda: signers.ready("lananh", CLERK).needs_pin, "the PIN is asked again")
    assert refused(lambda: sign(signers, paper)).code == "signing-pin-needed"
    assert clerks.made == 0


def test_an_open_token_does_not_sign_for_somebody_else(clerks: TokenRig, opened: Opener) -> None:
    signers = opened()
    signers.of("lananh", CLERK, pin=PIN)
    assert refused(lambda: signers.of("khac", "Lê Văn Khác")).code == "signing-pin-needed"
    assert refused(lambda: signers.of("khac", "Lê Văn Khác", pin=PIN)).code == "signing-other-person"


def test_a_signed_copy_is_valid_for_other_tools_and_stays_an_archive_copy(
    clerks: TokenRig, opened: Opener, paper: bytes, trust: Authority, tmp_path: Path
) -> None:
    signers = opened()
    signed = sign(signers, paper, PIN).pdf
    assert signed.startswith(paper)
    for pdf in (paper, signed):
        assert validator.is_pdf_compliant_bytes(pdf, profile="2b")
    assert checked(["qpdf", "--check"], signed, tmp_path)
    said = pdfsig(signed, trust, tmp_path)
    assert "Signature is Valid" in said and "Certificate is Trusted" in said and "Total document signed" in said
    at = random.Random(3).randrange(len(paper) // 3, len(paper) // 2)
    changed = signed[:at] + bytes([signed[at] ^ 4]) + signed[at + 1 :]
    assert not signers.check_pdf(changed).valid
    assert "Digest Mismatch" in pdfsig(changed, trust, tmp_path)


def test_the_offices_seal_goes_on_top_and_both_signatures_stand(
    clerks: TokenRig, opened: Opener, paper: bytes, trust: Authority, demonstration: Path, tmp_path: Path
) -> None:
    signers = opened()
    clerk = signers.of("lananh", CLERK, pin=PIN)
    first = clerk.sign_pdf(paper, at=AT, reason="Sao", stamp=["SAO Y", CLERK], room=True)
    both = signers.office("Bưu cục Tây Hồ").sign_pdf(
        first.pdf, at=AT, reason="Sao", stamp=["SAO Y", "Bưu cục"], seal=True
    )
    assert both.pdf.startswith(first.pdf)
    report = signers.check_pdf(both.pdf)
    assert (report.valid, report.trusted, report.signer) == (True, True, f"{CLERK}; Bưu cục Tây Hồ")
    assert broken_rules(first.pdf) == []
    assert broken_rules(both.pdf) == [
        "PDFA2B-SIGNATURE-BYTERANGE-001"
    ]  # it wants every signature to cover the last byte
    assert checked(["qpdf", "--check"], both.pdf, tmp_path)
    said = pdfsig(both.pdf, trust, tmp_path, also=demonstration / "root.pem")
    assert said.count("Signature is Valid") == said.count("Certificate is Trusted") == 2
    again = refused(lambda: signers.office("Bưu cục").sign_pdf(both.pdf, at=AT, reason="", stamp=["x"], seal=True))
    assert again.code == "signed"


@pytest.mark.parametrize(
    ("rules", "username"),
    [
        ({"match": "serial_number", "subjects": ("lananh=CCCD:001188012345",)}, "lananh"),
        ({"subjects": (f"x=  {CLERK.upper()}",)}, "x"),
    ],
    ids=["by identity number", "by another name"],
)
def test_the_certificate_may_name_the_clerk_another_way(
    rules: dict[str, Any], username: str, clerks: TokenRig, opened: Opener
) -> None:
    signers = opened(**rules)
    assert signers.of(username, "Tên Khác Hẳn", pin=PIN).subject == CLERK
    assert signers.ready("minh", "Đỗ Quang Minh").problems[0].startswith("Chứng thư này cấp cho")


def test_the_younger_of_two_certificates_signs(rig: TokenRig, trust: Authority, opened: Opener, paper: bytes) -> None:
    rig.token().certificate(trust.der("expired"), trust.key("clerk"), id="01").certificate(
        trust.der("sub"), None, id="03"
    )
    rig.certificate(trust.der("clerk"), trust.key("clerk"), id="02")
    signers = opened(chain=())  # the authority's certificate is on the token
    assert signers.check_pdf(sign(signers, paper, PIN).pdf).trusted


# --- it does not -------------------------------------------------------------------------------
def test_no_token_and_the_wrong_one_say_which_is_there(
    rig: TokenRig, trust: Authority, opened: Opener, paper: bytes
) -> None:
    absent = refused(lambda: sign(opened(), paper, PIN))
    assert absent.code == "signing-token" and "Chưa cắm" in absent.message
    rig.token("clerk02").certificate(trust.der("clerk"), trust.key("clerk"), label="clerk02")
    other = refused(lambda: sign(opened(token="clerk01"), paper, PIN))
    assert other.code == "signing-token" and "clerk01" in other.message and "clerk02" in other.message
    assert sign(opened(token="clerk02"), paper, PIN).level == "B-B"


def test_several_tokens_are_named(clerks: TokenRig, opened: Opener, paper: bytes) -> None:
    clerks.token("clerk02")
    error = refused(lambda: sign(opened(), paper, PIN))
    assert error.code == "signing-tokens" and "clerk01" in error.message and "clerk02" in error.message
    assert sign(opened(token="clerk01"), paper, PIN).level == "B-B"


def test_wrong_pins_say_how_many_are_left_and_the_third_locks(clerks: TokenRig, opened: Opener, paper: bytes) -> None:
    signers = opened()
    first, second, third = (refused(lambda: sign(signers, paper, WRONG)) for _ in range(3))
    assert first.message != second.message  # one try each
    assert (first.code, second.code, third.code) == ("signing-pin", "signing-pin", "signing-pin-locked")
    assert "rất ít lần thử" in first.message and "Chỉ còn 1 lần thử" in second.message and "mở khóa" in third.message
    locked = signers.ready("lananh", CLERK)
    assert (locked.needs_pin, "bị khóa" in locked.problems[0], locked.subject) == (False, True, CLERK)
    assert refused(lambda: sign(signers, paper, PIN)).code == "signing-pin-locked"  # the right one too


def test_the_page_warns_before_the_last_try_and_a_right_pin_clears_it(
    clerks: TokenRig, opened: Opener, paper: bytes
) -> None:
    signers = opened()
    for _ in range(2):
        refused(lambda: sign(signers, paper, WRONG))
    assert "Chỉ còn 1 lần thử" in signers.ready("lananh", CLERK).remarks[0]
    sign(signers, paper, PIN)
    signers.forget("lananh")
    assert signers.ready("lananh", CLERK).remarks == ()


@pytest.mark.parametrize("pin", ["", "1", "x" * 300, "mật khẩu"])
def test_a_pin_of_impossible_length_is_only_wrong(pin: str, clerks: TokenRig, opened: Opener, paper: bytes) -> None:
    assert refused(lambda: sign(opened(), paper, pin)).code == ("signing-pin" if pin else "signing-pin-needed")


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("expired", "signing-certificate", "đã hết hạn ngày"),
        ("future", "signing-certificate", "chỉ có hiệu lực từ"),
        ("encrypts", "signing-certificate", "không được cấp để ký"),
        ("other", "signing-other-person", "cấp cho “Lê Văn Khác”, không phải cho bạn"),
    ],
)
def test_a_certificate_that_must_not_sign_is_refused_before_its_pin(
    name: str, code: str, words: str, rig: TokenRig, trust: Authority, opened: Opener, paper: bytes
) -> None:
    rig.token().certificate(trust.der(name), trust.key("clerk"))
    signers = opened()
    assert words in " ".join(signers.ready("lananh", CLERK).problems)
    error = refused(lambda: sign(signers, paper, WRONG))
    assert (error.code, words in error.message) == (code, True)
    assert signers.ready("lananh", CLERK).remarks == ()  # no try was spent


def test_a_certificate_of_an_unknown_authority_is_refused(clerks: TokenRig, opened: Opener, paper: bytes) -> None:
    signers = opened(chain=())
    assert "không thuộc CA được tin cậy" in signers.ready("lananh", CLERK).problems[0]
    assert refused(lambda: sign(signers, paper, PIN)).code == "signing-certificate"


def test_an_empty_token_and_a_certificate_without_its_key_say_so(
    rig: TokenRig, trust: Authority, opened: Opener, paper: bytes
) -> None:
    rig.token()
    signers = opened()
    assert "không có chứng thư nào" in refused(lambda: sign(signers, paper, PIN)).message
    rig.certificate(trust.der("clerk"), None)
    missing = refused(lambda: sign(opened(), paper, PIN))
    assert missing.code == "signing-key" and "CKA_ID" in missing.message


def test_a_makers_library_that_cannot_be_loaded_says_why(
    rig: TokenRig, opened: Opener, tmp_path: Path, paper: bytes
) -> None:
    text, narrow, plain = tmp_path / "a.txt", tmp_path / "narrow.so", Path(sys.executable).resolve()
    text.write_bytes(b"no library")
    narrow.write_bytes(b"\x7fELF\x01" + rig.module.read_bytes()[5:])
    for path, words in (
        (tmp_path / "none.so", "không có tệp này"),
        (text, "không phải thư viện PKCS#11"),
        (narrow, "thư viện 32-bit, còn chương trình này 64-bit"),
        (plain, "Cài lại phần mềm"),
    ):
        signers = opened(module=path)
        error = refused(lambda signers=signers: sign(signers, paper, PIN))
        assert (error.code, words in error.message, str(path) in error.message) == ("signing-module", True, True), error
        assert words in signers.ready("lananh", CLERK).problems[0]


@pytest.mark.parametrize("plugged", ["before the next paper", "while signing"])
def test_a_token_pulled_out_says_so_and_signs_again_when_it_is_back(
    plugged: str, clerks: TokenRig, opened: Opener, paper: bytes
) -> None:
    signers = opened()
    signer = signers.of("lananh", CLERK, pin=PIN)
    signer.sign_pdf(paper, at=AT, reason="", stamp=["x"])
    pid = signers.pids()
    clerks.says("out") if plugged == "before the next paper" else clerks.says("unplug", "1")
    gone = refused(lambda: signer.sign_pdf(paper, at=AT, reason="", stamp=["x"]))
    assert (gone.code, "rút ra giữa chừng" in gone.message) == ("signing-token", True)
    clerks.no_more("unplug")
    assert "Chưa cắm" in signers.ready("lananh", CLERK).problems[0]
    clerks.no_more("out")
    assert refused(lambda: sign(signers, paper)).code == "signing-pin-needed"
    assert signers.check_pdf(sign(signers, paper, PIN).pdf).valid
    assert signers.pids() == pid  # nothing was started anew


def test_a_token_whose_files_vanish_is_pulled_out_too(clerks: TokenRig, opened: Opener, paper: bytes) -> None:
    signers, tokens = opened(), clerks.folder / "tokens"
    signer = signers.of("lananh", CLERK, pin=PIN)
    tokens.rename(clerks.folder / "away")
    tokens.mkdir()
    assert refused(lambda: signer.sign_pdf(paper, at=AT, reason="", stamp=["x"])).code == "signing-token"
    tokens.rmdir()
    (clerks.folder / "away").rename(tokens)
    assert signers.check_pdf(sign(signers, paper, PIN).pdf).valid


def test_a_makers_library_that_crashes_takes_only_the_signing_process(
    clerks: TokenRig, opened: Opener, paper: bytes
) -> None:
    signers = opened()
    signer = signers.of("lananh", CLERK, pin=PIN)
    clerks.says("crash", "0")
    assert refused(lambda: signer.sign_pdf(paper, at=AT, reason="", stamp=["x"])).code == "signing-pin-needed"
    clerks.no_more("crash")
    assert signers.check_pdf(sign(signers, paper, PIN).pdf).valid


def test_a_pin_is_tried_once_even_when_the_process_dies_over_it(clerks: TokenRig, opened: Opener) -> None:
    signers = opened()
    signers.ready("lananh", CLERK)
    os.kill(signers.pids()[0], signal.SIGSTOP)
    caught: list[SigningError] = []
    thread = threading.Thread(target=lambda: caught.append(refused(lambda: signers.of("lananh", CLERK, pin=WRONG))))
    thread.start()
    os.kill(signers.pids()[0], signal.SIGKILL)
    thread.join(20)
    assert caught[0].code in ("signing", "signing-pin")
    assert clerks.tries <= 1


# --- tools -------------------------------------------------------------------------------------
def until(reached: Callable[[], Any], what: str, seconds: float = 30.0) -> None:
    pause = threading.Event()
    for _ in range(int(seconds * 50)):
        if reached():
            return
        pause.wait(0.02)
    pytest.fail(f"not within {seconds} s: {what}")


def broken_rules(pdf: bytes) -> list[str]:
    return [failure.rule_id for failure in validator.validate_pdf_bytes(pdf, profile="2b").failures]


def checked(tool: list[str], pdf: bytes, folder: Path) -> bool:
    if not shutil.which(tool[0]):
        pytest.skip(f"{tool[0]} is not installed")
    (folder / "checked.pdf").write_bytes(pdf)
    return subprocess.run([*tool, folder / "checked.pdf"], capture_output=True, check=False).returncode == 0


def pdfsig(pdf: bytes, trust: Authority, folder: Path, also: Path | None = None) -> str:
    """What poppler says of the signatures, with a store that trusts the authority's root."""
    if not (shutil.which("pdfsig") and shutil.which("certutil")):
        pytest.skip("pdfsig and certutil are not installed")
    store = folder / "nss"
    if not store.exists():
        store.mkdir()
        (folder / "root.pem").write_bytes(trust.pem("root"))
        roots = [folder / "root.pem", *([also] if also else [])]
        subprocess.run(["certutil", "-N", "-d", f"sql:{store}", "--empty-password"], check=True)
        for number, path in enumerate(roots):
            add = ["certutil", "-A", "-d", f"sql:{store}", "-n", f"root{number}", "-t", "CT,C,C", "-i", path]
            subprocess.run(add, check=True)
    (folder / "signed.pdf").write_bytes(pdf)
    words = ["pdfsig", "-nssdir", f"sql:{store}", folder / "signed.pdf"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout
