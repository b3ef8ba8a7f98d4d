"""Whether chain, OCSP answers and CRLs kept beside a signature carry it: checked offline, at its instant."""

from __future__ import annotations

import asyncio
import hashlib
import io
import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from agent.documents import checking
from agent.ports_signing import SignatureReport

if TYPE_CHECKING:
    from asn1crypto import x509

GRACE: Final = timedelta(hours=1)  # an answer serves the batch that it was asked for
UNREADABLE: Final = "Chứng thư hoặc trả lời thu hồi trong gói không đọc được."
BROKEN_CHAIN: Final = "Chuỗi chứng thư trong gói không nối với nhau."
OTHERS: Final = "Người ký bản sao không phải chủ của chuỗi chứng thư trong gói."
STRANGE_ANSWER: Final = "Trả lời thu hồi (OCSP, CRL) trong gói không thuộc chuỗi chứng thư này."
STALE_ANSWER: Final = "Trả lời thu hồi (OCSP, CRL) trong gói không có hiệu lực vào lúc ký."
REVOKED: Final = "Chứng thư đã bị thu hồi vào lúc ký."


def check_standing(
    *,
    chain: Sequence[bytes],
    ocsp: Sequence[bytes],
    crls: Sequence[bytes],
    at: datetime,
    complete: bool,
    pdf: bytes | None,
    roots: Sequence[bytes],
    training_roots: Sequence[bytes],
) -> SignatureReport:
    """Judge DER evidence (leaf first) of a signature made at `at`; never raises for anything in it.

    `complete`: every certificate must be answered for (not where signing went on without an answer, and said so).
    `pdf`: its first signature must be the leaf's.
    """
    try:
        line = [_certificate(der) for der in chain]
        answers, lists = [_answer(der) for der in ocsp], [_list(der) for der in crls]
        problems = _problems(line, answers, lists, at)
        if not problems and len(line) > 1:
            problems = _validated(line, answers, lists, at, complete=complete and bool(answers or lists))
        if pdf is not None and not _signed_by(pdf, line[0]):
            problems.append(OTHERS)
        top = hashlib.sha256(line[-1].dump()).hexdigest()
    except checking.UNREADABLE:
        return SignatureReport(False, False, False, "", at, (UNREADABLE,))
    trusted = top in checking.fingerprints(roots)
    if not trusted:
        problems = [*problems, checking.UNTRUSTED]
    return SignatureReport(
        valid=problems in ([], [checking.UNTRUSTED]),
        trusted=trusted,
        training=top in checking.fingerprints(training_roots),
        signer=checking.common_name(line[0]),
        signed_at=at,
        problems=tuple(problems),
    )


def _certificate(der: bytes) -> x509.Certificate:
    from asn1crypto import x509 as asn1

    return _whole(asn1.Certificate.load(der, strict=True), der)


def _answer(der: bytes) -> Any:
    from asn1crypto import ocsp

    found = _whole(ocsp.OCSPResponse.load(der, strict=True), der)
    if found["response_status"].native != "successful":
        raise ValueError("no answer")
    return found


def _list(der: bytes) -> Any:
    from asn1crypto import crl

    return _whole(crl.CertificateList.load(der, strict=True), der)


def _whole(found: Any, der: bytes) -> Any:
    if found.dump(force=True) != der and found.dump() != der:
        raise ValueError("more than one way to write it")
    return found


def _problems(line: list[Any], answers: list[Any], lists: list[Any], at: datetime) -> list[str]:
    """What can be said without any arithmetic: links of the chain, and whose the answers are and when they held."""
    pairs = list(itertools.pairwise(line))
    problems = []
    if any(lower.issuer.dump() != upper.subject.dump() for lower, upper in pairs):
        problems.append(BROKEN_CHAIN)
    for single in (one for answer in answers for one in answer.response_data["responses"]):
        if not any(_is_about(single["cert_id"], lower, upper) for lower, upper in pairs):
            problems.append(STRANGE_ANSWER)
        elif single["cert_status"].name == "revoked":
            problems.append(REVOKED)
        elif not _held(single["this_update"].native, single["next_update"].native, at):
            problems.append(STALE_ANSWER)
    for one in lists:
        told = one["tbs_cert_list"]
        if not any(told["issuer"].dump() == upper.subject.dump() for _, upper in pairs):
            problems.append(STRANGE_ANSWER)
        elif not _held(told["this_update"].native, told["next_update"].native, at):
            problems.append(STALE_ANSWER)
    return list(dict.fromkeys(problems))


def _is_about(named: Any, certificate: Any, issuer: Any) -> bool:
    algorithm = named["hash_algorithm"]["algorithm"].native
    key = hashlib.new(algorithm, issuer.public_key["public_key"].contents[1:]).digest()
    subject = hashlib.new(algorithm, issuer.subject.dump()).digest()
    told = (named["serial_number"].native, named["issuer_key_hash"].native, named["issuer_name_hash"].native)
    return bool(told == (certificate.serial_number, key, subject))


def _held(since: datetime, until: datetime | None, at: datetime) -> bool:
    """Whether an answer held at an instant; one that names no end holds a day."""
    return since - GRACE <= at <= (until or since + timedelta(days=1)) + GRACE


def _validated(line: list[Any], answers: list[Any], lists: list[Any], at: datetime, *, complete: bool) -> list[str]:
    """The path from the chain's own top, with the answers' signatures."""
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import PathBuildingError, RevokedError, ValidationError

    context = ValidationContext(
        trust_roots=[line[-1]],
        other_certs=line[1:-1],
        moment=at,
        ocsps=answers,
        crls=lists,
        allow_fetching=False,
        revocation_mode="hard-fail" if complete else "soft-fail",
        time_tolerance=GRACE,
    )
    try:
        asyncio.run(CertificateValidator(line[0], validation_context=context).async_validate_path())
    except RevokedError:
        return [REVOKED]
    except PathBuildingError:
        return [BROKEN_CHAIN]
    except ValidationError as error:
        return [f"Chuỗi chứng thư trong gói không đạt vào lúc ký: {error}"]
    return []


def _signed_by(pdf: bytes, certificate: Any) -> bool:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        first = next(iter(PdfFileReader(io.BytesIO(pdf)).embedded_signatures), None)
    except PdfError:
        return False
    return first is not None and first.signer_cert.dump() == certificate.dump()
