"""A key that signs PDFs and bytes by an office's rules, whatever keeps it: a P12 file, a token, a remote service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from agent.clock import Clock
from agent.documents import checking, signing_engines, signing_rules
from agent.documents.revocation import Revocation
from agent.documents.signing_rules import Rules
from agent.documents.timestamps import TimeStamps
from agent.errors import SigningError
from agent.ports_signing import SignedPdf, Standing

TRAINING_LINE = "TRAINING / TẬP HUẤN – không có giá trị pháp lý"
NEAR = timedelta(days=1)  # servers are asked about now only, not about next month


class Tools:
    """What all keys of one source share: the rules, the clock, and what was learnt about certificates and time."""

    def __init__(self, clock: Clock, rules: Rules, roots: Sequence[bytes] = ()) -> None:
        self.clock, self.rules = clock, rules
        self.revocation = Revocation(rules, roots)
        self.times = TimeStamps(rules.tsa, required=rules.tsa_required, patience=rules.patience)

    def standing(self, certificate: Any, others: Sequence[Any], at: datetime, *, training: bool) -> Standing:
        """What is known of a certificate for a signature at `at`."""
        said = (signing_rules.out_of_date(certificate, at), signing_rules.misuse(certificate))
        problems = tuple(words for words in said if words)
        standing = Standing(checking.common_name(certificate), training, problems)
        if problems:
            return standing
        ask = abs(at - self.clock.now()) < NEAR
        looked = self.revocation.look(certificate, others, at, ask=ask)
        evidence = {"chain": list(looked.chain), "ocsp": list(looked.ocsp), "crls": list(looked.crls)}
        return replace(standing, problems=looked.problems, remarks=looked.remarks, evidence=evidence)


class KeySigner:
    """A signing key (khóa ký số) as pyHanko's `signer` uses it; calls may come from several threads."""

    def __init__(self, signer: Any, tools: Tools, *, training: bool = False) -> None:
        self._signer, self._tools, self._training = signer, tools, training
        self._for_pdf = signing_engines.naming_its_certificate(signer)

    @property
    def subject(self) -> str:
        """Common name of the certificate."""
        return checking.common_name(self._signer.signing_cert)

    @property
    def training(self) -> bool:
        """Whether what it signs has no legal force."""
        return self._training

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""
        der: bytes = self._signer.signing_cert.dump()
        return der

    def standing(self, at: datetime) -> Standing:
        """What a signature made at `at` would rest on; chain, OCSP and CRL are its evidence."""
        signer = self._signer
        return self._tools.standing(signer.signing_cert, list(signer.cert_registry), at, training=self._training)

    def usable(self, at: datetime) -> list[str]:
        """Why a signature made at `at` would not stand, in Vietnamese: empty when fine."""
        return list(self.standing(at).problems)

    def sign_pdf(
        self, pdf: bytes, *, at: datetime, reason: str, stamp: Sequence[str], seal: bool = False, room: bool = False
    ) -> SignedPdf:
        """The PDF with a PAdES signature and a visible stamp in clear space top right of page 1.

        A training key adds the TRAINING line to the stamp. `seal`: the organisation's signature, after the clerk's;
        `room`: leave clear space for it. SigningError when the PDF has such a signature already, cannot be read, or the
        certificate is not usable at `at`; nothing of a signature is left then.
        """
        from agent.documents import pades

        self._require_usable(at)
        lines = list(stamp)
        if self._training and not any("TRAINING" in line for line in lines):
            lines.append(TRAINING_LINE)
        act = pades.Act(at, reason, tuple(lines), field=pades.SEAL if seal else pades.FIELD, room=room)
        with self._in_use():
            return self._tools.times.dated(lambda stamper: pades.sign_pdf(pdf, self._for_pdf, act, stamper))

    def sign_bytes(self, data: bytes) -> bytes:
        """A detached CMS signature (DER, SHA-256) over `data` with the clock's time, certificates included."""
        from agent.documents import pades

        at = self._tools.clock.now()
        self._require_usable(at)
        with self._in_use():
            return pades.sign_bytes(data, self._signer, at=at)

    @contextmanager
    def _in_use(self) -> Iterator[None]:
        """Around each signature; a key that somebody else keeps is reached here."""
        yield

    def _require_usable(self, at: datetime) -> None:
        problems = self.usable(at)
        if problems:
            raise SigningError(" ".join(problems), code="signing-certificate")


class P12Signer(KeySigner):
    """A signing key from PKCS#12 bytes, parsed once; SigningError for a wrong password or no key inside."""

    def __init__(
        self, p12: bytes, password: str, *, clock: Clock, training: bool = False, tools: Tools | None = None
    ) -> None:
        super().__init__(
            signing_engines.from_p12(p12, password), tools or Tools(clock, Rules(revocation="off")), training=training
        )
