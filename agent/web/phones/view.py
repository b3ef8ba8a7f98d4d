"""Addresses, QR codes and words of the pages about phones."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from agent.settings import Settings, Web
from agent.store import office_ca
from agent.web.i18n import gettext as _
from agent.web.security import is_loopback


def phone_origin(web: Web) -> str:
    """The address under which phones reach this server; empty when they cannot.

    A loopback server is reached from its own machine only: enough to try the app there.
    """
    if web.phone_url:
        return web.phone_url.rstrip("/")
    if web.public_url.startswith("https:") and (web.tls_cert or web.behind_proxy):
        return web.public_url.rstrip("/")
    return f"http://{web.host}:{web.port}" if is_loopback(web.host) and not web.tls_cert else ""


def ca_fingerprint(settings: Settings) -> str:
    """SHA-256 of the office's own CA when the server uses it, else empty."""
    ca = office_ca.find(settings.data)
    return ca.fingerprint() if ca is not None and settings.web.tls_cert == str(ca.pair) else ""


def pairing_url(settings: Settings, code: str) -> str:
    """What the pairing QR says; code and fingerprint stand behind #, so that no server and no log ever sees them."""
    fingerprint = ca_fingerprint(settings)
    return f"{phone_origin(settings.web)}/courier/app/#pair={code}" + (f"&ca={fingerprint}" if fingerprint else "")


def trust_url(web: Web) -> str:
    """Where a phone that does not trust the office yet learns how to: by plain http where that port is open."""
    origin = phone_origin(web)
    if not web.trust_port:
        return f"{origin}/trust"
    host = urlsplit(origin).hostname or web.host
    return f"http://{f'[{host}]' if ':' in host else host}:{web.trust_port}/trust"


def qr(text: str, title: str) -> str:
    """A QR code as an SVG picture in a data: address."""
    import segno

    symbol = segno.make_qr(text, error="m", boost_error=False)
    return str(symbol.svg_data_uri(scale=4, border=4, title=title, light="#fff", dark="#000"))


def grouped(fingerprint: str) -> list[str]:
    """A fingerprint in eight groups of four pairs of capitals, as phones show its pairs.

    >>> grouped("00ff" * 16)[0]
    '00 FF 00 FF'
    """
    pairs = [fingerprint[at : at + 2].upper() for at in range(0, len(fingerprint), 2)]
    return [" ".join(pairs[at : at + 4]) for at in range(0, len(pairs), 4)]


def offset_words(offset: timedelta | None) -> str:
    """How far a phone's clock is from the office's: right, slow or fast by seconds, minutes or hours."""
    if offset is None:
        return "–"
    seconds = abs(round(offset.total_seconds()))
    if seconds < 5:
        return _("đúng")
    amount = _("%(n)s giây") % {"n": seconds}
    if seconds >= 120:
        amount = _("%(n)s phút") % {"n": seconds // 60}
    if seconds >= 7200:
        amount = _("%(n)s giờ") % {"n": seconds // 3600}
    return (_("chậm %(amount)s") if offset > timedelta() else _("nhanh %(amount)s")) % {"amount": amount}
