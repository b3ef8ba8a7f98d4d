"""Signers whose keys are P12 files or come from the demonstration CA."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.clock import Clock
from agent.documents import checking, originals, stamp, token_errors
from agent.documents.signing_kept import Kept
from agent.documents.signing_key import TRAINING_LINE, KeySigner, P12Signer, Tools
from agent.documents.signing_rules import Rules
from agent.errors import SigningError
from agent.ports_signing import SignatureReport, Standing

if TYPE_CHECKING:
    from agent.documents.demo_ca import DemoAuthority, Kind

__all__ = ["TRAINING_LINE", "DemoSigners", "FileSigners", "P12Signer", "stamp_lines"]


class Checks:
    """What every source of signers shares: checking against its roots."""

    def __init__(self, clock: Clock, roots: Sequence[bytes], training_roots: Sequence[bytes]) -> None:
        self._clock, self._roots, self._training_roots = clock, list(roots), list(training_roots)

    def warm(self) -> None:
        """Nothing to prepare: the libraries are loaded by the work that needs them."""

    def forget(self, username: str) -> None:
        """Nothing to close: no PIN was given."""

    def roots(self) -> list[bytes]:
        """PEM certificates that are trusted by default."""
        return [*self._roots, *self._training_roots]

    def check_pdf(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check every signature of a PDF against `roots` (PEM; default: roots()); never raises for a bad file."""
        given = list(roots) or self.roots()
        return checking.check_pdf(pdf, roots=given, training_roots=self._training_roots, now=self._clock.now())

    def check_original(self, pdf: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check what others signed and may have allowed to be added to; never raises for a bad file."""
        return originals.report(pdf, roots=list(roots) or self.roots(), training_roots=self._training_roots)

    def check_bytes(self, data: bytes, cms: bytes, roots: Sequence[bytes] = ()) -> SignatureReport:
        """Check a detached CMS signature (DER) over `data`; never raises for a bad signature."""
        given = list(roots) or self.roots()
        return checking.check_bytes(data, cms, roots=given, training_roots=self._training_roots, now=self._clock.now())


class DemoSigners(Checks):
    """Signers (khóa ký tập huấn) that the demonstration CA issues to whoever signs in; no PIN."""

    def __init__(
        self, authority: DemoAuthority, clock: Clock, *, roots: Sequence[bytes] = (), rules: Rules | None = None
    ) -> None:
        super().__init__(clock, roots, [authority.root_pem])
        self._authority, self._lock = authority, threading.Lock()
        self._tools = Tools(clock, rules or Rules(), self.roots())
        self._kept: dict[tuple[str, str, str], P12Signer] = {}

    def of(self, username: str, full_name: str, *, pin: str = "") -> P12Signer:
        """The clerk's training signer, issued at the first call."""
        return self.issue(full_name, "clerk", username=username)

    def ready(self, username: str, full_name: str) -> Standing:
        """What is known of the clerk's key now."""
        return self.of(username, full_name).standing(self._clock.now())

    def office(self, name: str) -> P12Signer:
        """The office's own training signer, which seals what it exports."""
        return self.issue(name, "office")

    def issue(self, name: str, kind: Kind, *, username: str = "") -> P12Signer:
        """A training signer for a clerk, the office (bundles) or the province (receipts); parsed once and kept."""
        with self._lock:
            kept, at = self._kept.get((kind, username, name)), self._clock.now()
            if kept is None or kept.usable(at):
                p12, password = self._authority.p12(name, kind, username=username, at=at)
                kept = P12Signer(p12, password, clock=self._clock, training=True, tools=self._tools)
                self._kept[kind, username, name] = kept
            return kept


class FileSigners(Checks):
    """Signers from P12 files: `<username>.p12` in a folder, or one file for the terminal; the PIN is its password.

    An opened key stays open until it is forgotten or idle too long, so that the PIN is asked once a shift.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        roots: Sequence[bytes] = (),
        training_roots: Sequence[bytes] = (),
        rules: Rules | None = None,
    ) -> None:
        super().__init__(clock, roots, training_roots)
        self._path, self._tools = path, Tools(clock, rules or Rules(), self.roots())
        self._open: Kept[KeySigner] = Kept(self._tools.rules.idle_seconds)
        self._office: KeySigner | None = None

    def of(self, username: str, full_name: str, *, pin: str = "") -> KeySigner:
        """The clerk's signer; SigningError when there is no file for `username` or the PIN is wrong."""
        content = _content(self._file(username), full_name)
        kept = None if pin else self._open.get(username)
        if kept is not None:
            return kept
        try:
            signer = P12Signer(content, pin, clock=self._clock, tools=self._tools)
        except SigningError as error:
            raise error if pin else token_errors.pin_needed("Nhập mã PIN (mật khẩu) của khóa ký số.") from error
        self._open.put(username, signer)
        return signer

    def ready(self, username: str, full_name: str) -> Standing:
        """What is known of the clerk's key now; a P12 file shows its certificate only with its PIN."""
        try:
            return self.of(username, full_name).standing(self._clock.now())
        except SigningError as error:
            needs = error.code == "signing-pin-needed"
            return Standing("", False, () if needs else (error.message,), needs_pin=needs)

    def forget(self, username: str) -> None:
        """Close the clerk's key: he left, or the screen is locked."""
        self._open.drop(username)

    def office(self, name: str) -> KeySigner:
        """The office's own signer: `office.p12` with its password in `office.password`, beside the clerks' keys."""
        if self._office is None:
            folder = self._path if self._path.is_dir() else self._path.parent
            password = _content(folder / "office.password", name).decode().strip()
            p12 = _content(folder / "office.p12", name)
            self._office = P12Signer(p12, password, clock=self._clock, tools=self._tools)
        return self._office

    def _file(self, username: str) -> Path:
        return self._path / f"{Path(username).name}.p12" if self._path.is_dir() else self._path


def _content(path: Path, owner: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SigningError(f"Không có khóa ký của {owner} ({path.name}). Nhờ quản trị viên cấp khóa.") from error


def stamp_lines(form: str, signer: str, office: str, at: datetime) -> list[str]:
    """The stamp's lines: form of copy, signing body, signer, time in ISO 8601 with zone."""
    return stamp.lines(form, signer, office, at)
