"""What a province's choices make of a request, and of the answer that may be believed."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.clock import Clock, Ids
from agent.soap.contract import ENVELOPE, NAMESPACE
from agent.soap.contract.chunk import laid_in
from agent.soap.judge import Trust, Untrusted, only_child
from agent.soap.security import signing, tokens, verifying, xroad
from agent.soap.security.choices import Signature, WireChoices
from agent.soap.security.keys import Peer, SigningKey, peer_of, signing_key
from agent.soap.security.names import WSSE, WSU, XROAD, XROAD_IDS, Invalid, ds, wsse
from agent.soap.tls import blocked, first_line

if TYPE_CHECKING:
    from lxml.etree import _Element

NONCE_BYTES = 16


@dataclass(frozen=True)
class Sent:
    """A request as it leaves: its bytes, the X-Road fields that the answer must copy, and who must have signed it."""

    content: bytes
    fields: tuple[tuple[str, ...], ...] = ()
    peer: Peer | None = None


class Protection:
    """Dresses requests and judges answers by the choices; safe to share between threads.

    Keys are read at the first use, and again after forget().
    """

    def __init__(self, choices: WireChoices, clock: Clock, ids: Ids) -> None:
        self._choices, self._clock, self._ids = choices, clock, ids
        self._lock = threading.Lock()
        self._keys: tuple[SigningKey, Peer] | None = None

    @property
    def signs(self) -> bool:
        """Whether the body is signed, so that it must be whole before it is dressed."""
        return self._choices.signature is not None

    def dress(self, request: _Element, operation: str, issue: str = "", part: bytes = b"") -> Sent:
        """The envelope around a request; HandoffBlocked when a key cannot be used.

        `issue` is the dossier's code; `part` is laid where an unsigned request says one byte for it.
        """
        from lxml import etree

        choices = self._choices
        root = etree.Element(f"{{{ENVELOPE}}}Envelope", nsmap={"s": ENVELOPE, "t": NAMESPACE})
        fields: tuple[tuple[str, ...], ...] = ()
        if choices.xroad or choices.secured:
            header = etree.SubElement(root, f"{{{ENVELOPE}}}Header", nsmap=_prefixes(choices))
            if choices.xroad:
                uid = str(self._ids.uid())
                xroad.add_headers(header, choices.xroad, operation, id=uid, issue=issue)
                fields = tuple(xroad.fields_of(root))
        body = etree.SubElement(root, f"{{{ENVELOPE}}}Body")
        body.append(request)
        peer = self._secure(header, body) if choices.secured else None
        content = etree.tostring(root, encoding="utf-8", xml_declaration=True)
        return Sent(laid_in(content, part) if part else content, fields, peer)

    def trust(self, sent: Sent) -> Trust:
        """How the answer to a request is believed: Untrusted says what is missing."""
        choices = self._choices
        if choices.xroad is None and sent.peer is None:
            return only_child

        def trusted(root: _Element) -> _Element | None:
            try:
                found = only_child(root)
                if _is_fault(found) and sent.peer is not None and not _claims(root):
                    raise Untrusted("là một lỗi không có chữ ký")
                if sent.peer is not None:
                    verified = verifying.verify(root, sent.peer, self._clock.now())
                    found = verified.body[0] if len(verified.body) == 1 else None
                if choices.xroad is not None and not _is_fault(found):
                    xroad.check_answer(root, sent.fields, sent.content)
            except Invalid as wrong:
                raise Untrusted(wrong.words) from None
            return found

        return trusted

    def forget(self) -> None:
        """Read the keys again at the next use: after a fault somebody may have mended the files."""
        with self._lock:
            self._keys = None

    def _secure(self, header: _Element, body: _Element) -> Peer | None:
        """Add the Security header; whom the answer must come from, None where nothing is signed."""
        from lxml import etree

        now, asked = self._clock.now(), self._choices.signature
        signer, peer = self._opened(asked) if asked is not None else (None, None)
        security = etree.SubElement(header, wsse("Security"))
        security.set(f"{{{ENVELOPE}}}mustUnderstand", "1")
        parts = [body]
        if signer is not None:
            parts.append(signing.add_timestamp(security, now))
        if self._choices.username_token is not None:
            name, file = self._choices.username_token.username, self._choices.username_token.password_file
            nonce = secrets.token_bytes(NONCE_BYTES)
            parts.append(tokens.add_token(security, name, _password(file), nonce=nonce, now=now))
        if signer is not None:
            signing.sign(security, parts, signer)
        return peer

    def _opened(self, asked: Signature) -> tuple[SigningKey, Peer]:
        with self._lock:
            now = self._clock.now()
            if self._keys is None or self._keys[0].certificate.not_valid_after_utc < now:
                self._keys = signing_key(asked, now), peer_of(asked)
            return self._keys


def _prefixes(choices: WireChoices) -> dict[str, str]:
    secured = {"wsse": WSSE, "wsu": WSU} if choices.secured else {}
    return {**secured, **({"xro": XROAD, "iden": XROAD_IDS} if choices.xroad else {})}


def _password(path: str) -> str:
    try:
        return first_line(path)
    except (OSError, UnicodeDecodeError):
        raise blocked(f"Không đọc được tệp mật khẩu kết nối tỉnh “{path}” ([province] password_file).") from None


def _claims(root: _Element) -> bool:
    return next(root.iter(ds("Signature")), None) is not None


def _is_fault(element: _Element | None) -> bool:
    """X-Road lets a fault come without its headers (PR-MESS 2.5)."""
    return element is not None and element.tag == f"{{{ENVELOPE}}}Fault"
