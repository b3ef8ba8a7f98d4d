"""Signers whose keys a remote service keeps: only a hash goes there, and the clerk confirms on the phone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NoReturn

from agent.clock import Clock
from agent.documents import signing_engines, signing_rules
from agent.documents.signing import Checks, DemoSigners, FileSigners
from agent.documents.signing_key import KeySigner, Tools
from agent.documents.signing_rules import Rules
from agent.errors import SigningError
from agent.ports_signing import RemoteSigner, Signer, Standing

WAITS = "Ký số từ xa: mỗi lần ký, xác nhận trên điện thoại."


class NoRemoteService:
    """No remote signing service: every call says that none is set up, and what to do instead."""

    def certificates(self, username: str) -> list[bytes]:
        """SigningError."""
        self._say()

    def sign(self, username: str, digest: bytes) -> bytes:
        """SigningError."""
        self._say()

    def _say(self) -> NoReturn:
        raise SigningError(
            'Ký số từ xa chưa được cài đặt ở bưu cục này. Dùng USB token ([signing] kind = "pkcs11"), '
            "hoặc nhờ quản trị viên nối dịch vụ ký số từ xa.",
            code="signing-remote",
        )


class RemoteSigners(Checks):
    """Signers by a remote `service`; the office's own key is `own`'s."""

    def __init__(
        self,
        service: RemoteSigner,
        own: DemoSigners | FileSigners,
        clock: Clock,
        *,
        roots: Sequence[bytes] = (),
        rules: Rules,
    ) -> None:
        super().__init__(clock, roots, own._training_roots)
        self._service, self._own, self._tools = service, own, Tools(clock, rules, self.roots())

    def of(self, username: str, full_name: str, *, pin: str = "") -> KeySigner:
        """The clerk's signer, without a PIN; SigningError when the service has none or it is another person's."""
        from asn1crypto import x509

        chain = [x509.Certificate.load(der) for der in self._service.certificates(username)]
        rules = self._tools.rules
        if not chain:
            raise SigningError(_NONE, code="signing-remote")
        if not signing_rules.belongs(chain[0], rules, username, full_name):
            raise signing_rules.not_yours(chain[0], rules, username, full_name)

        def sign(data: bytes) -> bytes:
            return self._service.sign(username, hashlib.sha256(data).digest())

        return KeySigner(signing_engines.elsewhere(chain[0], chain[1:], sign), self._tools)

    def ready(self, username: str, full_name: str) -> Standing:
        """What is known of the clerk's key now."""
        try:
            known = self.of(username, full_name).standing(self._clock.now())
        except SigningError as error:
            return Standing("", False, (error.message,))
        return Standing(known.subject, False, known.problems, (*known.remarks, WAITS), False, known.evidence)

    def office(self, name: str) -> Signer:
        """The office's own signer, which seals what it exports."""
        return self._own.office(name)


_NONE = "Dịch vụ ký số từ xa không có chứng thư nào của bạn. Đăng ký với nhà cung cấp, hoặc báo quản trị viên."
