"""Whether a certificate leads to a trusted root and was not revoked: asked by OCSP and CRL, kept as evidence."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from agent.documents import checking
from agent.documents.signing_rules import Rules

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko_certvalidator import ValidationContext
    from pyhanko_certvalidator.path import ValidationPath

KEPT = timedelta(hours=1)  # a good answer serves a shift's batches, not a day
RETRY = timedelta(minutes=1)  # a server that did not answer is not asked for each paper of a batch
NO_ROOT = "Chưa đặt gốc tin cậy (trust), nên không xét được chứng thư thuộc CA nào."
UNTRUSTED = "Chứng thư không thuộc CA được tin cậy. Dùng chứng thư của CA được công nhận, hoặc báo quản trị viên."
UNKNOWN = "Không hỏi được tình trạng thu hồi của chứng thư (máy chủ CA không trả lời)."
SIGNED_ANYWAY = f"{UNKNOWN} Vẫn ký theo quy định của bưu cục; cần kiểm tra lại khi có mạng."
REFUSED = f"{UNKNOWN} Quy định của bưu cục không cho ký khi chưa rõ. Kiểm tra đường mạng rồi làm lại."


@dataclass(frozen=True)
class Looked:
    """What is known of a certificate: problems stop a signature, remarks are only said; DER as evidence."""

    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    chain: tuple[bytes, ...] = ()  # leaf first, root last
    ocsp: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()


class Revocation:
    """Looks certificates up by the rules, from `roots` (PEM), and remembers answers for an hour."""

    def __init__(self, rules: Rules, roots: Sequence[bytes]) -> None:
        self._rules, self._roots = rules, list(roots)
        self._known: dict[tuple[str, bool], tuple[datetime, datetime, Looked]] = {}

    def look(self, certificate: x509.Certificate, others: Iterable[Any], at: datetime, *, ask: bool = True) -> Looked:
        """What a signature at `at` would rest on; without `ask` nobody is asked."""
        ask = ask and self._rules.revocation != "off"
        key = (hashlib.sha256(certificate.dump()).hexdigest(), ask)
        since, until, kept = self._known.get(key, (at, at, Looked()))
        if since <= at < until:
            return kept
        known = asyncio.run(self._looked(certificate, list(others), at, ask=ask))
        patience = RETRY if known.problems or known.remarks else KEPT
        self._known[key] = (at, at + patience, known)
        return known

    async def _looked(self, certificate: Any, others: list[Any], at: datetime, *, ask: bool) -> Looked:
        from pyhanko_certvalidator import CertificateValidator
        from pyhanko_certvalidator.errors import PathBuildingError, ValidationError

        if not self._roots:
            return Looked(remarks=(NO_ROOT,), chain=(certificate.dump(),))
        others = [*others, *checking.certificates(self._rules.chain)]
        try:
            context = self._context(others, at)
            path = await CertificateValidator(certificate, validation_context=context).async_validate_path()
        except PathBuildingError:
            return Looked(problems=(UNTRUSTED,), chain=(certificate.dump(),))
        except ValidationError as error:
            words = f"Chuỗi chứng thư không đạt ({error}). Xin cấp lại chứng thư, hoặc báo quản trị viên."
            return Looked(problems=(words,), chain=(certificate.dump(),))
        chain = tuple(one.dump() for one in reversed(list(path)))
        plain = Looked(chain=chain)
        return await self._asked(path, others, at, plain) if ask else plain

    async def _asked(self, path: ValidationPath, others: list[Any], at: datetime, plain: Looked) -> Looked:
        from pyhanko_certvalidator import CertificateValidator
        from pyhanko_certvalidator.errors import PathValidationError, RevokedError

        leaf = path.leaf
        ocsps, crls = await self._fetch(path)
        found = replace(plain, ocsp=tuple(one.dump() for one in ocsps), crls=tuple(one.dump() for one in crls))
        context = self._context(others, at, ocsps=ocsps, crls=crls, revocation_mode="hard-fail")
        try:
            await CertificateValidator(leaf, validation_context=context).async_validate_path()
        except RevokedError as error:
            words = f"Chứng thư đã bị thu hồi ngày {error.revocation_dt:%d/%m/%Y}. Xin cấp chứng thư mới."
            return replace(found, problems=(words,))
        except PathValidationError:
            if self._rules.revocation == "hard":
                return replace(found, problems=(REFUSED,))
            return replace(found, remarks=(SIGNED_ANYWAY,))
        return found

    async def _fetch(self, path: ValidationPath) -> tuple[list[Any], list[Any]]:
        """An OCSP answer for each certificate of the path that names a responder, else its CRLs; what could be had."""
        from pyhanko_certvalidator.authority import AuthorityWithCert
        from pyhanko_certvalidator.errors import CRLFetchError, OCSPFetchError
        from pyhanko_certvalidator.fetchers.api import FetchLimits
        from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend

        backend = RequestsFetcherBackend(self._rules.patience, limits=FetchLimits(max_requests=20))
        fetchers = backend.get_fetchers()
        line, ocsps, crls = list(path), list[Any](), list[Any]()
        for issuer, certificate in itertools.pairwise(line):
            if certificate.ocsp_urls:
                try:
                    ocsps.append(await fetchers.ocsp_fetcher.fetch(certificate, AuthorityWithCert(issuer)))
                    continue
                except OCSPFetchError:
                    pass
            try:
                crls += await fetchers.crl_fetcher.fetch(certificate, use_deltas=False)
            except CRLFetchError:
                continue
        return ocsps, crls

    def _context(self, others: list[Any], at: datetime, **more: Any) -> ValidationContext:
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(
            trust_roots=checking.certificates(self._roots), other_certs=others, moment=at, allow_fetching=False, **more
        )
