"""Signers: the key of the signed-in clerk, from P12 files or the demonstration CA."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.clock import Clock
from agent.documents import checking, stamp
from agent.errors import SigningError
from agent.ports import SignatureReport

if TYPE_CHECKING:
    from agent.documents.demo_ca import DemoAuthority, Kind

TRAINING_LINE = "TRAINING / TẬP HUẤN – không có giá trị pháp lý"


class P12Signer:
    """A signing key (khóa ký số) from PKCS#12 bytes; SigningError for a wrong password or no key inside.

    The key is parsed here once; calls may come from several threads.
    """

    def __init__(self, p12: bytes, password: str, *, clock: Clock, training: bool = False) -> None:
        from agent.documents import pades

        self._signer: Any = pades.load(p12, password)
        self._clock, self._training = clock, training

    @property
    def subject(self) -> str:
        """Common name of the certificate."""
        return checking.common_name(self._signer.signing_cert)

    @property
    def training(self) -> bool:
        """Whether the certificate comes from the demonstration CA."""
        return self._training

    @property
    def certificate(self) -> bytes:
        """The signing certificate, DER."""
        der: bytes = self._signer.signing_cert.dump()
        return der

    def usable(self, at: datetime) -> list[str]:
        """Why a signature made at `at` would not stand, in Vietnamese: empty when fine."""
        certificate, problems = self._signer.signing_cert, []
        if at < certificate.not_valid_before:
            problems.append(
                f"Chứng thư chỉ có hiệu lực từ {certificate.not_valid_before:%d/%m/%Y}. Kiểm tra đồng hồ máy."
            )
        if at > certificate.not_valid_after:
            problems.append(f"Chứng thư đã hết hạn ngày {certificate.not_valid_after:%d/%m/%Y}. Xin cấp lại.")
        usage = certificate.key_usage_value
        if certificate.ca or (usage is not None and not usage.native & {"digital_signature", "non_repudiation"}):
            problems.append("Chứng thư không được cấp để ký. Dùng chứng thư ký số cá nhân hoặc của đơn vị.")
        return problems

    def sign_pdf(self, pdf: bytes, *, at: datetime, reason: str, stamp: Sequence[str]) -> bytes:
        """The PDF with a PAdES B-B signature and a visible stamp in clear space top right of page 1.

        A training key adds the TRAINING line to the stamp. SigningError when the PDF is signed already, cannot be read,
        or the certificate is not usable at `at`.
        """
        from agent.documents import pades

        self._require_usable(at)
        lines = list(stamp)
        if self._training and not any("TRAINING" in line for line in lines):
            lines.append(TRAINING_LINE)
        return pades.sign_pdf(pdf, self._signer, at=at, reason=reason, lines=lines)

    def sign_bytes(self, data: bytes) -> bytes:
        """A detached CMS signature (DER, SHA-256) over `data` with the clock's time, certificates included."""
        from agent.documents import pades

        at = self._clock.now()
        self._require_usable(at)
        return pades.sign_bytes(data, self._signer, at=at)

    def _require_usable(self, at: datetime) -> None:
        problems = self.usable(at)
        if problems:
            raise SigningError(" ".join(problems), code="signing-certificate")


class _Checks:
    """What every source of signers shares: checking against its roots."""

    def __init__(self, clock: Clock, roots: Sequence[bytes], training_roots: Sequence[bytes]) -> None:
        self._clock, self._roots, self._training_roots = clock, list(roots), list(training_roots)

    def warm(self) -> None:
        """Nothing to prepare: the libraries are loaded by the work that needs them."""

    def roots(self) -> list[bytes]:
        """PEM certificates that are trusted by default."""
        return [*self._roots, *self._training_roots]

    def check_pdf(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check every signature of a PDF against `roots` (PEM; default: roots()); never raises for a bad file."""
        given = list(roots) or self.roots()
        return checking.check_pdf(pdf, roots=given, training_roots=self._training_roots, now=self._clock.now())

    def check_bytes(self, data: bytes, cms: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check a detached CMS signature (DER) over `data`; never raises for a bad signature."""
        given = list(roots) or self.roots()
        return checking.check_bytes(data, cms, roots=given, training_roots=self._training_roots, now=self._clock.now())


class DemoSigners(_Checks):
    """Signers (khóa ký tập huấn) that the demonstration CA issues to whoever signs in; no PIN."""

    def __init__(self, authority: DemoAuthority, clock: Clock, *, roots: Sequence[bytes] = ()) -> None:
        super().__init__(clock, roots, [authority.root_pem])
        self._authority, self._lock = authority, threading.Lock()
        self._kept: dict[tuple[str, str, str], P12Signer] = {}

    def of(self, username: str, full_name: str, *, pin: str = "") -> P12Signer:
        """The clerk's training signer, issued at the first call."""
        return self.issue(full_name, "clerk", username=username)

    def office(self, name: str) -> P12Signer:
        """The office's own training signer, which seals what it exports."""
        return self.issue(name, "office")

    def issue(self, name: str, kind: Kind, *, username: str = "") -> P12Signer:
        """A training signer for a clerk, the office (bundles) or the province (receipts); parsed once and kept."""
        with self._lock:
            kept, at = self._kept.get((kind, username, name)), self._clock.now()
            if kept is None or kept.usable(at):
                p12, password = self._authority.p12(name, kind, username=username, at=at)
                kept = P12Signer(p12, password, clock=self._clock, training=True)
                self._kept[kind, username, name] = kept
            return kept


class FileSigners(_Checks):
    """Signers from P12 files: `<username>.p12` in a folder, or one file for the terminal; the PIN is its password."""

    def __init__(
        self, path: Path, clock: Clock, *, roots: Sequence[bytes] = (), training_roots: Sequence[bytes] = ()
    ) -> None:
        super().__init__(clock, roots, training_roots)
        self._path = path

    def of(self, username: str, full_name: str, *, pin: str = "") -> P12Signer:
        """The clerk's signer; SigningError when there is no file for `username` or the PIN is wrong.

        The caller keeps the signer while the clerk's session lasts: the PIN is not kept here.
        """
        path = self._path / f"{Path(username).name}.p12" if self._path.is_dir() else self._path
        return P12Signer(_content(path, full_name), pin, clock=self._clock)

    def office(self, name: str) -> P12Signer:
        """The office's own signer: `office.p12` with its password in `office.password`, beside the clerks' keys."""
        folder = self._path if self._path.is_dir() else self._path.parent
        password = _content(folder / "office.password", name).decode().strip()
        return P12Signer(_content(folder / "office.p12", name), password, clock=self._clock)


@dataclass(frozen=True)
class KeySource:
    """Where keys lie: P12 `files` (a folder or one file) with the PEM `roots`, else a demonstration CA's folder."""

    authority: Path | None = None
    files: Path | None = None
    roots: tuple[bytes, ...] = ()

    def open(self, clock: Clock) -> DemoSigners | FileSigners:
        """The signers that use these keys in this process; ValueError when no place is named."""
        from agent.documents.demo_ca import DemoAuthority

        if self.files is not None:
            return FileSigners(self.files, clock, roots=self.roots)
        if self.authority is None:
            raise ValueError("a key source names P12 files or a demonstration CA")
        return DemoSigners(DemoAuthority.open(self.authority, at=clock.now()), clock, roots=self.roots)

    def absolute(self) -> KeySource:
        """The same places, whatever the current folder."""
        return replace(
            self,
            authority=self.authority and self.authority.absolute(),
            files=self.files and self.files.absolute(),
        )


def _content(path: Path, owner: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(f"Không có khóa ký của {owner} ({path.name}). Nhờ quản trị viên cấp khóa.") from error


def stamp_lines(form: str, signer: str, office: str, at: datetime) -> list[str]:
    """The stamp's lines: form of copy, signing body, signer, time in ISO 8601 with zone."""
    return stamp.lines(form, signer, office, at)
