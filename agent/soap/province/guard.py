"""What the sandbox demands of a message's protection, and how it protects its answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agent.errors import ConfigError
from agent.settings import Sandbox
from agent.soap.contract import ENVELOPE, NAMESPACE
from agent.soap.messages import local_name
from agent.soap.province.front import only_body
from agent.soap.province.ledger import Ledger
from agent.soap.province.refusal import Refusal
from agent.soap.security import signing, tokens, verifying, xroad
from agent.soap.security.choices import Signature
from agent.soap.security.keys import Peer, SigningKey, peer_of, signing_key
from agent.soap.security.names import WINDOW, WSSE, WSU, XROAD, Invalid, stamp, wsse
from agent.soap.tls import first_line

if TYPE_CHECKING:
    from lxml.etree import _Element

TABLE = "CREATE TABLE IF NOT EXISTS nonces (value TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID"


@dataclass(frozen=True)
class Demands:
    """What must be there; the default demands nothing and protects nothing."""

    username: str = ""
    password: str = ""
    signer: SigningKey | None = None
    peer: Peer | None = None
    xroad: bool = False

    @classmethod
    def of(cls, asked: Sandbox, now: datetime) -> Demands:
        """From settings `[sandbox]`; ConfigError when a file cannot be used."""
        try:
            password = first_line(asked.password_file) if asked.username else ""
        except OSError:
            raise ConfigError(f"[sandbox] password_file: không đọc được “{asked.password_file}”.") from None
        if not asked.sign_certificate:
            return cls(asked.username, password, xroad=asked.xroad)
        choice = Signature(
            certificate=asked.sign_certificate,
            key=asked.sign_key,
            peer_certificate=asked.peer_certificate,
            peer_roots=asked.peer_roots,
        )
        return cls(asked.username, password, signing_key(choice, now), peer_of(choice), asked.xroad)


class Guard:
    """Admits requests and seals answers by the demands; every nonce and signature counts once."""

    def __init__(self, demands: Demands, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._demands, self._ledger, self._now = demands, ledger, now
        if demands.username or demands.peer:
            with ledger.writing():
                ledger.run(TABLE)

    @property
    def understood(self) -> tuple[str, ...]:
        """Namespaces of header blocks that may say mustUnderstand."""
        secured = (WSSE,) if self._demands.username or self._demands.peer else ()
        return (*secured, *((XROAD,) if self._demands.xroad else ()))

    def admit(self, root: _Element) -> _Element:
        """The request that may be believed: the only child of the only Body; Refusal otherwise."""
        request, demands = only_body(root), self._demands
        try:
            if demands.peer is not None:
                verified = verifying.verify(root, demands.peer, self._now())
                request = verified.body[0]
                self._once(hashlib.sha256(verified.signature).hexdigest())
            if demands.username:
                security = root.find(f"{{{ENVELOPE}}}Header/{wsse('Security')}")
                if security is None:
                    raise Invalid(tokens.FAILED, "thiếu tên và mật khẩu kết nối", "UsernameToken")
                shown = tokens.check_token(security, demands.username, demands.password, self._now())
                self._once(f"{shown.username}/{shown.nonce.hex()}")
            if demands.xroad:
                xroad.check_request(root, local_name(request))
        except Invalid as wrong:
            raise Refusal(wrong.code, f"Thông điệp {wrong.words}.", field=wrong.field) from None
        return request

    def seal(self, child: _Element, root: _Element | None, data: bytes) -> bytes:
        """The answer's envelope around `child`, for the request `root` that came as `data`."""
        from lxml import etree

        demands = self._demands
        answer = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE, "t": NAMESPACE})
        if demands.signer or (demands.xroad and root is not None):
            header = etree.SubElement(answer, f"{{{ENVELOPE}}}Header")
            if demands.xroad and root is not None:
                xroad.copy_headers(header, root, data)
        body = etree.SubElement(answer, f"{{{ENVELOPE}}}Body")
        body.append(child)
        if demands.signer is not None:
            security = etree.SubElement(header, wsse("Security"), nsmap={"wsse": WSSE, "wsu": WSU})
            signing.sign(security, [body, signing.add_timestamp(security, self._now())], demands.signer)
        return bytes(etree.tostring(answer, encoding="utf-8", xml_declaration=True))

    def _once(self, value: str) -> None:
        """Write down what may come only once; Refusal MESSAGE_REPLAYED the second time."""
        with self._ledger.writing():
            now = self._now()
            self._ledger.run("DELETE FROM nonces WHERE at < :old", old=stamp(now - 2 * WINDOW))
            if self._ledger.row("SELECT value FROM nonces WHERE value = :value", value=value):
                raise Refusal("MESSAGE_REPLAYED", "Thông điệp đã được gửi trước đó.", field="Security")
            self._ledger.run("INSERT INTO nonces (value, at) VALUES (:value, :at)", value=value, at=stamp(now))
