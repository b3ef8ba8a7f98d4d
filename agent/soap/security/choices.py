"""What a province asks of the wire: tokens, signatures, headers and encodings, as plain choices."""

from __future__ import annotations

from dataclasses import dataclass

from agent.errors import ConfigError
from agent.settings import Province


@dataclass(frozen=True)
class XRoadMember:
    """Who calls or is called on X-Road: instance, member class, member code and subsystem code."""

    instance: str
    member_class: str
    member_code: str
    subsystem: str = ""

    @classmethod
    def parse(cls, text: str, where: str) -> XRoadMember:
        """Read `INSTANCE/CLASS/CODE` or `INSTANCE/CLASS/CODE/SUBSYSTEM`; ConfigError names the setting `where`."""
        parts = [part.strip() for part in text.split("/")]
        if len(parts) not in (3, 4) or not all(parts):
            raise ConfigError(f"{where}: “{text}” không phải mã thành viên X-Road. Ghi dạng VN/GOV/mã/phân-hệ.")
        return cls(*parts)


@dataclass(frozen=True)
class XRoad:
    """X-Road 4.0 headers; the service code is the operation's name."""

    client: XRoadMember
    service: XRoadMember
    service_version: str = ""
    user_id: str = ""


@dataclass(frozen=True)
class UsernameToken:
    """WS-Security UsernameToken with password digest; the password is the first line of a file."""

    username: str
    password_file: str


@dataclass(frozen=True)
class Signature:
    """X.509 signature over Body and Timestamp, and whom the answers must be signed by.

    Files are PEM. `peer_certificate` pins the province's certificate, `peer_roots` names the CA that issues it:
    at least one of the two, for both sides sign.
    """

    certificate: str
    key: str
    key_password_file: str = ""
    peer_certificate: str = ""
    peer_roots: str = ""
    peer_name: str = ""  # with roots: the common name that the certificate must carry; empty: any that they issued


@dataclass(frozen=True)
class WireChoices:
    """Everything that may differ on the wire from one province to the next; the default is bare SOAP 1.1."""

    username_token: UsernameToken | None = None
    signature: Signature | None = None
    xroad: XRoad | None = None
    gzip: bool = False  # requests go out gzip-compressed; compressed answers are always understood
    inline_files: bool = False  # files travel as base64 inside the submission, not ahead of it in chunks

    @property
    def secured(self) -> bool:
        """Whether messages carry a WS-Security header."""
        return self.username_token is not None or self.signature is not None

    def over(self, base: WireChoices) -> WireChoices:
        """These choices where they are made, else those of `base`: settings stand over a profile."""
        return WireChoices(
            self.username_token or base.username_token,
            self.signature or base.signature,
            self.xroad or base.xroad,
            self.gzip or base.gzip,
            self.inline_files or base.inline_files,
        )


def choices_of(asked: Province) -> WireChoices:
    """The choices that settings `[province]` make; ConfigError when they are half made."""
    token = signature = xroad = None
    if asked.username:
        _needs(asked.password_file, "username", "password_file")
        token = UsernameToken(asked.username, asked.password_file)
    if asked.sign_certificate:
        _needs(asked.sign_key, "sign_certificate", "sign_key")
        _needs(asked.peer_certificate or asked.peer_roots, "sign_certificate", "peer_certificate")
        signature = Signature(
            certificate=asked.sign_certificate,
            key=asked.sign_key,
            key_password_file=asked.sign_key_password_file,
            peer_certificate=asked.peer_certificate,
            peer_roots=asked.peer_roots,
            peer_name=asked.peer_name,
        )
    if asked.xroad_client:
        _needs(asked.xroad_service, "xroad_client", "xroad_service")
        client = XRoadMember.parse(asked.xroad_client, "[province] xroad_client")
        service = XRoadMember.parse(asked.xroad_service, "[province] xroad_service")
        xroad = XRoad(client, service, asked.xroad_version, asked.xroad_user)
    return WireChoices(token, signature, xroad, asked.gzip)


def _needs(value: str, given: str, missing: str) -> None:
    if not value:
        raise ConfigError(f"[province] {given} cần thêm {missing}. Ghi mục đó rồi chạy lại.")
