"""What the clerk is told of a signed PDF, beside what poppler's pdfsig says of the same file."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner

from agent.clock import LOCAL
from agent.documents import checking
from agent.documents.capture_rules import CaptureRules
from agent.documents.helper import HelperDigitiser, HelperSigners
from agent.documents.key_source import KeySource
from agent.documents.originals import Trust
from agent.ports import PageImage, Verdict
from agent.wiring import offline_checker
from tests import signed_files as made
from tests.contract.test_page_helper import SetClock

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[SimpleSigner, Path]:
    folder = tmp_path_factory.mktemp("ca")
    return made.signer(folder, AT), folder / "root.pem"


@pytest.fixture(scope="module")
def digitiser(key: tuple[SimpleSigner, Path]) -> Iterator[HelperDigitiser]:
    helper = HelperDigitiser(size=1, rules=CaptureRules(Trust(training=key[1])))
    yield helper
    helper.close()


@pytest.fixture(scope="module")
def stranger() -> Iterator[HelperDigitiser]:
    helper = HelperDigitiser(size=1)
    yield helper
    helper.close()


@pytest.fixture(scope="module")
def keys(key: tuple[SimpleSigner, Path]) -> Iterator[HelperSigners]:
    helper = HelperSigners(KeySource(authority=key[1].parent), SetClock(AT))
    yield helper
    helper.close()


def only(pages: list[PageImage]) -> PageImage:
    (page,) = pages
    return page


def pdfsig(data: bytes, folder: Path) -> str:
    if not shutil.which("pdfsig"):
        pytest.skip("pdfsig (poppler-utils) is not here")
    path = folder / "a.pdf"
    path.write_bytes(data)
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("kind", [SigSeedSubFilter.PADES, SigSeedSubFilter.ADOBE_PKCS7_DETACHED])
def test_a_signed_file_stays_whole_and_says_who_signed_it(
    digitiser: HelperDigitiser, key: tuple[SimpleSigner, Path], tmp_path: Path, kind: SigSeedSubFilter
) -> None:
    data = made.signed(key[0], made.document(), AT, kind=kind)
    page = only(digitiser.read_bytes("giấy phép.pdf", data))
    assert (page.verdict, page.raw, page.seen["sheets"]) == (Verdict.OK, data, 2)
    assert page.findings[0] == "original"
    (said,) = page.seen["original"]["signatures"]
    assert (said["state"], said["signer"], said["covers"]) == ("trusted", made.SIGNER, "whole")
    assert said["training"] and said["at"] == AT.isoformat() and "Sub CA" in said["issuer"]
    assert "Signature is Valid" in pdfsig(data, tmp_path) and "Total document signed" in pdfsig(data, tmp_path)


def test_a_signing_time_without_a_zone_is_vietnamese_time_and_breaks_nothing(
    digitiser: HelperDigitiser, key: tuple[SimpleSigner, Path]
) -> None:
    data = made.signed(key[0], made.document(), AT.astimezone(LOCAL).replace(tzinfo=None))
    assert b"20261121100000)" in data, "no zone is written"
    page = only(digitiser.read_bytes("a.pdf", data))
    assert (page.verdict, page.findings[0]) == (Verdict.OK, "original")
    assert page.seen["original"]["signatures"][0]["at"] == "2026-11-21T10:00:00+07:00"
    report = checking.check_pdf(data, roots=[key[1].read_bytes()], training_roots=[], now=AT)
    assert report.valid and report.trusted and report.signed_at == AT


def test_an_authority_that_nobody_knows_here_is_asked_about(
    stranger: HelperDigitiser, key: tuple[SimpleSigner, Path]
) -> None:
    page = only(stranger.read_bytes("a.pdf", made.signed(key[0], made.document(), AT)))
    assert (page.verdict, page.findings[0]) == (Verdict.WARN, "signed-unknown")
    assert made.SIGNER in page.reason and "lý do nhận" in page.reason


def test_a_second_signature_harms_the_first_one_not(
    digitiser: HelperDigitiser, key: tuple[SimpleSigner, Path], tmp_path: Path
) -> None:
    other = made.signer(key[1].parent, AT, "Văn phòng công chứng số 1")
    data = made.signed(key[0], made.document(), AT)
    data = made.signed(other, data, AT + timedelta(hours=1), field="Sig2", box=(72, 60, 250, 120))
    page = only(digitiser.read_bytes("a.pdf", data))
    said = page.seen["original"]["signatures"]
    assert [one["covers"] for one in said] == ["revision", "whole"]
    assert page.verdict is Verdict.OK and "Văn phòng công chứng số 1" in page.seen["signers"]
    assert pdfsig(data, tmp_path).count("Signature is Valid") == 2


def test_a_form_filled_in_as_the_signer_allows_is_told_and_taken(
    digitiser: HelperDigitiser, key: tuple[SimpleSigner, Path], tmp_path: Path
) -> None:
    data = made.filled(made.signed(key[0], made.document(), AT, allow=MDPPerm.FILL_FORMS))
    page = only(digitiser.read_bytes("a.pdf", data))
    assert (page.verdict, page.findings[0]) == (Verdict.WARN, "signed-extended")
    assert page.seen["original"]["signatures"][0]["covers"] == "revision"
    assert "Signature is Valid" in pdfsig(data, tmp_path)


@pytest.mark.parametrize("how", ["a form filled in that may not be", "a sum painted over"])
def test_what_was_changed_after_signing_is_no_original(
    digitiser: HelperDigitiser, key: tuple[SimpleSigner, Path], how: str
) -> None:
    if how == "a sum painted over":
        data = made.repainted(made.signed(key[0], made.document(), AT))
    else:
        data = made.filled(made.signed(key[0], made.document(), AT, allow=MDPPerm.NO_CHANGES))
    page = only(digitiser.read_bytes("a.pdf", data))
    assert (page.verdict, page.findings) == (Verdict.REFUSED, ("signed-changed",))
    assert "không còn là bản gốc điện tử" in page.reason and made.SIGNER in page.reason
    assert page.raw == data, "kept as it came, for whoever asks later"


@pytest.mark.parametrize("harm", [made.flipped, made.saved_again])
def test_a_signature_that_does_not_fit_its_file_is_broken(
    digitiser: HelperDigitiser, key: tuple[SimpleSigner, Path], tmp_path: Path, harm: object
) -> None:
    assert callable(harm)
    data = harm(made.signed(key[0], made.document(), AT))
    page = only(digitiser.read_bytes("a.pdf", data))
    assert page.verdict is Verdict.REFUSED and page.findings[0] in ("signed-broken", "signed-changed")
    assert "Xin lại tệp gốc" in page.reason
    assert "Signature is Valid" not in pdfsig(data, tmp_path) or "not total document" in pdfsig(data, tmp_path).lower()


def test_a_file_without_a_signature_comes_apart_into_pages(digitiser: HelperDigitiser) -> None:
    found = digitiser.read_bytes("a.pdf", made.document(3))
    assert [page.name for page in found] == ["a.pdf#1", "a.pdf#2", "a.pdf#3"]
    assert not any("original" in page.seen for page in found)


def test_a_signed_file_taken_as_paper_is_copied_sheet_by_sheet(
    digitiser: HelperDigitiser, key: tuple[SimpleSigner, Path]
) -> None:
    page = only(digitiser.read_bytes("a.pdf", made.signed(key[0], made.document(), AT)))
    copy = digitiser.copy([page], title="Giấy phép", at=AT)
    assert copy.pages == len(copy.evidence["pages"]) == 2
    assert b"/ByteRange" not in copy.pdf


@pytest.mark.parametrize(
    ("harm", "expected", "words"),
    [
        (bytes, (True, True, True), ""),
        (made.filled, (True, True, True), "người ký cho phép"),
        (made.repainted, (False, False, True), "không cho phép"),
        (made.flipped, (False, False, False), ""),
        (made.saved_again, (False, False, False), ""),
        (lambda _: made.document(), (False, False, False), "không có chữ ký số"),
        (lambda _: b"%PDF-1.7", (False, False, False), "hỏng"),
    ],
)
def test_a_later_check_says_of_an_original_what_was_said_when_it_came(
    key: tuple[SimpleSigner, Path],
    keys: HelperSigners,
    harm: Callable[[bytes], bytes],
    expected: tuple[bool, bool, bool],
    words: str,
) -> None:
    data = harm(made.signed(key[0], made.document(), AT, allow=MDPPerm.FILL_FORMS))
    root = key[1].read_bytes()
    for report in (
        keys.check_original(data),
        offline_checker(SetClock(AT)).check_original(data, roots=[root], training_roots=[root]),
    ):
        assert (report.valid, report.trusted) == expected[:2]
        assert report.training is expected[2] or not report.valid
        assert words in " ".join(report.problems) and (report.valid or report.problems)
        if report.valid:
            assert (report.signer, report.signed_at) == (made.SIGNER, AT)
    stranger = offline_checker(SetClock(AT)).check_original(data, roots=[], training_roots=[])
    assert not stranger.trusted and stranger.valid is expected[0]
