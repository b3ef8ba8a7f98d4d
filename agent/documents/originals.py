"""Check the signatures that a stranger's PDF brings with it: who signed, when, what it covers, and what came after."""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from agent.documents import checking
from agent.domain.originals import Standing, signers, worst
from agent.ports_signing import SignatureReport

MOST_SIGNATURES = 50
ADDED = "Sau khi ký, tệp có phần thêm mà người ký cho phép."


@dataclass(frozen=True)
class Trust:
    """Whose signatures are known: PEM of roots, and the file of the demonstration root, which may be made later."""

    roots: tuple[bytes, ...] = ()
    training: Path | None = None

    def training_roots(self) -> list[bytes]:
        """The demonstration root as it is now; none where there is no demonstration."""
        try:
            return [self.training.read_bytes()] if self.training else []
        except OSError:
            return []


@dataclass
class _Trial:
    roots: list[bytes]
    training: set[str]
    found: list[dict[str, Any]] = field(default_factory=list)


def check(data: bytes, trust: Trust) -> dict[str, Any]:
    """What is known of a signed PDF, as plain values: `state` (a Standing), and one entry each of `signatures`.

    An entry has `state`, `signer`, `issuer`, `at` and `stamped_at` (ISO 8601 or empty), `covers` (whole, revision,
    part), `field`, `training` and `why` (Vietnamese). Certificates are judged at the trusted time-stamp, else at the
    time that the signer states; nobody is asked over the line. Never raises for a bad file.
    """
    training = trust.training_roots()
    return _checked(data, [*trust.roots, *training], training)


def report(data: bytes, *, roots: Sequence[bytes], training_roots: Sequence[bytes]) -> SignatureReport:
    """The same check as a report: `valid` with what the signers allow added later, which is said in `problems`."""
    said = _checked(data, roots, training_roots)
    state, found = Standing(said["state"]), said["signatures"]
    allowed = [ADDED] if state is Standing.EXTENDED else []
    unread = [checking.UNSIGNED if state is Standing.NONE else checking.BROKEN] if not found else []
    last = found[-1] if found else {"at": "", "stamped_at": ""}
    return SignatureReport(
        valid=state in (Standing.TRUSTED, Standing.EXTENDED, Standing.UNKNOWN),
        trusted=state in (Standing.TRUSTED, Standing.EXTENDED),
        training=any(one["training"] for one in found),
        signer=signers(found),
        signed_at=_instant(last["at"]),
        problems=tuple(dict.fromkeys([*(one["why"] for one in found if one["why"]), *allowed, *unread])),
        stamped_at=_instant(last["stamped_at"]),
    )


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _checked(data: bytes, roots: Sequence[bytes], training: Sequence[bytes]) -> dict[str, Any]:
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # its warnings name people
    trial = _Trial(list(roots), checking.fingerprints(training))
    signatures = _signatures(data)
    if signatures is None or len(signatures) > MOST_SIGNATURES:
        return {"state": Standing.BROKEN.value, "signatures": []}
    for signature in signatures:
        trial.found.append(_judged(signature, trial))
    if trial.found and trial.found[-1]["covers"] == "whole":  # what came after an earlier one, a later signer signed
        for one in trial.found:
            one["state"] = Standing.TRUSTED.value if one["state"] == Standing.EXTENDED else one["state"]
    state = worst(Standing(one["state"]) for one in trial.found)
    return {"state": state.value, "signatures": trial.found}


def _signatures(data: bytes) -> list[Any] | None:
    """The document's signatures by people and bodies, in order; None when it cannot be read so far."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader

    for strict in (True, False):
        try:
            reader = PdfFileReader(io.BytesIO(data), strict=strict)
            if reader.encrypted:
                reader.decrypt(b"")
            return list(reader.embedded_regular_signatures)
        except (PdfError, *checking.UNREADABLE):
            continue
    return None


def _judged(signature: Any, trial: _Trial) -> dict[str, Any]:
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    said: dict[str, Any] = {
        "state": Standing.BROKEN.value, "signer": "", "issuer": "", "at": "", "stamped_at": "", "covers": "part",
        "field": "", "training": False, "why": "",
    }  # fmt: skip
    try:
        said["field"] = str(signature.field_name)
        certificate = signature.signer_cert
        said["signer"] = checking.common_name(certificate)
        said["issuer"] = str(certificate.issuer.native.get("common_name") or certificate.issuer.human_friendly)
        stated = checking.zoned(signature.self_reported_timestamp)
        said["at"] = stated.isoformat() if stated else ""
        moment = stated or certificate.not_valid_before
        status = validate_pdf_signature(
            signature,
            checking.context(trial.roots, moment),
            key_usage_settings=KeyUsageConstraints(
                key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
            ),
        )
    except (PdfError, SigningError, SignatureValidationError, *checking.UNREADABLE):
        return said | {"why": "Không đọc được chữ ký."}
    return said | _standing(status, trial)


def _standing(status: Any, trial: _Trial) -> dict[str, Any]:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    path = status.validation_path
    anchor = path.first if path is not None else None
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.valid and stamp.intact and stamp.trusted
    more = {
        "training": anchor is not None and hashlib.sha256(anchor.dump()).hexdigest() in trial.training,
        "stamped_at": stamp.timestamp.isoformat() if stamped else "",
    }
    level, coverage = status.modification_level, status.coverage
    if not (status.intact and status.valid):
        return more | {"state": Standing.BROKEN.value, "why": "Phần đã ký không còn như lúc ký."}
    if coverage == SignatureCoverageLevel.ENTIRE_FILE:
        covers, added = "whole", False
    elif coverage == SignatureCoverageLevel.ENTIRE_REVISION:
        covers, added = "revision", level is None or level > ModificationLevel.LTA_UPDATES
    else:
        return more | {"state": Standing.CHANGED.value, "why": "Chữ ký không bao trùm toàn bộ tệp lúc ký."}
    if level is not None and (level == ModificationLevel.OTHER or not status.docmdp_ok):
        why = "Sau khi ký, tệp bị sửa theo cách mà người ký không cho phép."
        return more | {"state": Standing.CHANGED.value, "covers": covers, "why": why}
    if not status.trusted:
        why = "Chứng thư đã bị thu hồi." if status.revoked else "Nơi cấp chứng thư không có trong danh sách tin cậy."
        state = Standing.BROKEN if status.revoked else Standing.UNKNOWN
        return more | {"state": state.value, "covers": covers, "why": why}
    return more | {"state": (Standing.EXTENDED if added else Standing.TRUSTED).value, "covers": covers}
