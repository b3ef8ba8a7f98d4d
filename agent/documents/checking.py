"""Check signatures of PDFs and bytes against given roots, offline."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.clock import LOCAL
from agent.ports_signing import SignatureReport

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko_certvalidator import ValidationContext

CHANGED = "Nội dung đã bị sửa sau khi ký."
NOT_WHOLE = "Chữ ký không bao trùm toàn bộ tệp: có phần được thêm sau khi ký."
UNTRUSTED = "Chứng thư của người ký không thuộc các CA được tin cậy."
UNSIGNED = "Tài liệu không có chữ ký số."
BROKEN = "Tệp hỏng hoặc không đọc được chữ ký."
WRONG_TIME = "Dấu thời gian không khớp với chữ ký."
UNTRUSTED_TIME = "Dấu thời gian không thuộc máy chủ được tin cậy."
UNREADABLE = (  # what the libraries raise over files and certificates that were made to break them
    ValueError, TypeError, LookupError, AttributeError, OSError, RecursionError, AssertionError, NotImplementedError,
    ArithmeticError,
)  # fmt: skip


def check_pdf(pdf: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes], now: datetime) -> SignatureReport:
    """Check every signature of a PDF; the last must cover the whole file, earlier ones allow only further signatures.

    `roots` and `training_roots` are PEM; certificates are judged at the signing time the signer states (`now` if none).
    """
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        signatures = list(reader.embedded_signatures)
        if not signatures:
            return _report([UNSIGNED], [], None)
        reports = [_check_embedded(each, roots, now, last=each is signatures[-1]) for each in signatures]
    except (PdfError, *UNREADABLE):
        return _report([BROKEN], [], None)
    return _gather(reports, training_roots)


def check_bytes(
    data: bytes, cms: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes], now: datetime
) -> SignatureReport:
    """Check a detached CMS signature (DER) over `data`."""
    import asyncio

    from asn1crypto import cms as asn1
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import async_validate_detached_cms, extract_self_reported_ts

    try:
        content = asn1.ContentInfo.load(cms, strict=True)
        signed = content["content"]
        stated = zoned(extract_self_reported_ts(signed["signer_infos"][0]))
        judging = context(roots, stated or now)
        status = asyncio.run(async_validate_detached_cms(data, signed, signer_validation_context=judging))
        exact = _is_exact(signed, status.signing_cert)
    except (SignatureValidationError, *UNREADABLE):
        return _report([BROKEN], [], None)
    return _gather([_judge(status, stated, whole=True, exact=exact)], training_roots)


def fingerprints(pems: Iterable[bytes]) -> set[str]:
    """SHA-256 of each PEM certificate's DER."""
    return {hashlib.sha256(certificate.dump()).hexdigest() for certificate in certificates(pems)}


def certificates(pems: Iterable[bytes]) -> list[x509.Certificate]:
    """The certificates of PEM files that may hold several each; ValueError for what is no certificate."""
    from asn1crypto import pem
    from asn1crypto import x509 as asn1

    return [asn1.Certificate.load(der) for text in pems for _, _, der in pem.unarmor(text, multiple=True)]


def _check_embedded(signature: Any, roots: Sequence[bytes], now: datetime, *, last: bool) -> dict[str, Any]:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    stated = zoned(signature.self_reported_timestamp)
    status = validate_pdf_signature(signature, context(roots, stated or now))
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    if not last:
        level = status.modification_level
        whole = level is not None and level <= ModificationLevel.FORM_FILLING
    exact = _is_exact(signature.signed_data, status.signing_cert)
    return _judge(status, stated, whole=whole, exact=exact) | _stamped(signature, status)


def _stamped(signature: Any, status: Any) -> dict[str, Any]:
    """What the signature's time-stamp says: nothing when there is none."""
    attributes = signature.signer_info["unsigned_attrs"] or ()
    tokens = [value["content"] for attribute in attributes for value in attribute["values"]]
    if not tokens:
        return {}
    stamped = status.timestamp_validity
    sound = stamped is not None and stamped.valid and stamped.intact and len(tokens) == 1
    sound = sound and _is_exact(tokens[0], stamped.signing_cert)
    if not sound:
        return {"valid": False, "time": WRONG_TIME}
    return {"stamped": stamped.timestamp} if stamped.trusted else {"time": UNTRUSTED_TIME}


def _is_exact(signed: Any, certificate: Any) -> bool:
    """Whether the parts of a CMS object that no signature covers say what the covered ones say."""
    info = signed["signer_infos"][0]
    named = info["sid"].chosen
    by_name = info["sid"].name == "issuer_and_serial_number"
    same_issuer = not by_name or named["issuer"].dump() == certificate.issuer.dump()
    digests = {algorithm["algorithm"].native for algorithm in signed["digest_algorithms"]}
    dated = signed["encap_content_info"]["content_type"].native == "tst_info"
    expected = ("v3" if dated or not by_name else "v1", "v1" if by_name else "v3")
    versions = (signed["version"].native, info["version"].native) == expected
    unsigned = {attribute["type"].native for attribute in info["unsigned_attrs"] or ()}
    return (
        len(signed["signer_infos"]) == 1
        and same_issuer
        and versions
        and digests == {info["digest_algorithm"]["algorithm"].native}
        and unsigned <= {"signature_time_stamp_token"}
    )


def _judge(status: Any, stated: datetime | None, *, whole: bool, exact: bool) -> dict[str, Any]:
    problems = []
    if not (status.intact and status.valid and exact):
        problems.append(CHANGED)
    if not whole:
        problems.append(NOT_WHOLE)
    if not status.trusted:
        problems.append(UNTRUSTED)
    path = status.validation_path
    anchor = path.first if path is not None else None
    return {
        "valid": bool(status.intact and status.valid and whole and exact),
        "trusted": bool(status.trusted),
        "anchor": hashlib.sha256(anchor.dump()).hexdigest() if anchor is not None else "",
        "signer": common_name(status.signing_cert),
        "at": stated,
        "problems": problems,
    }


def _gather(reports: list[dict[str, Any]], training_roots: Sequence[bytes]) -> SignatureReport:
    training = fingerprints(training_roots)
    return SignatureReport(
        valid=all(report["valid"] for report in reports),
        trusted=all(report["trusted"] for report in reports),
        training=any(report["anchor"] in training for report in reports),
        signer="; ".join(report["signer"] for report in reports),
        signed_at=reports[-1]["at"],
        problems=tuple(dict.fromkeys(problem for report in reports for problem in _problems(report))),
        stamped_at=reports[-1].get("stamped"),
    )


def _problems(report: dict[str, Any]) -> list[str]:
    return [*report["problems"], *([report["time"]] if "time" in report else [])]


def _report(problems: list[str], signers: list[str], at: datetime | None) -> SignatureReport:
    return SignatureReport(False, False, False, "; ".join(signers), at, tuple(problems))


def zoned(stated: datetime | None) -> datetime | None:
    """The time that a signer states; one without a zone is of Vietnam.

    >>> zoned(datetime(2026, 11, 20, 10, 0)).isoformat()
    '2026-11-20T10:00:00+07:00'
    """
    return stated.replace(tzinfo=LOCAL) if stated is not None and stated.tzinfo is None else stated


def context(roots: Sequence[bytes], moment: datetime) -> ValidationContext:
    """How certificates are judged: against `roots` (PEM) as of `moment`, asking nobody over the line."""
    from pyhanko_certvalidator import ValidationContext

    logging.getLogger("pyhanko.sign.validation").setLevel(logging.CRITICAL)  # its warnings name the signer
    return ValidationContext(
        trust_roots=certificates(roots), moment=moment, allow_fetching=False, revocation_mode="soft-fail"
    )


def common_name(certificate: x509.Certificate) -> str:
    """The subject's common name, or the whole subject when it has none."""
    return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)
