"""TLS of the web server: the office's own CA or a given certificate, and its renewal while it is in use."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cheroot.ssl.builtin import BuiltinSSLAdapter

from agent import log
from agent.errors import AgentError, ConfigError
from agent.settings import Settings, Web
from agent.store import office_ca

LOOK_EVERY = 3600.0  # seconds between looks at the certificate's end
logger = log.get(__name__)


def office_web(web: Web, data: Path, now: datetime) -> Web:
    """`web` with the office's own CA where the data folder has one and nothing else was given.

    A server certificate that is about to end is made anew first.
    """
    if web.tls_cert or web.behind_proxy:
        return web
    ca = office_ca.find(data)
    if ca is None:
        return web
    try:
        office_ca.renew(data, now=now, only_when_due=True)
    except ConfigError as error:  # its key is kept elsewhere: what is there serves as long as it lasts
        logger.warning("the server certificate was not renewed: %s", error.message)
    hosts, ips = ca.names()
    first = hosts[0] if hosts else f"[{ips[0]}]" if ":" in ips[0] else ips[0]
    return replace(
        web,
        tls_cert=str(ca.pair),
        tls_key="",
        hsts=False,  # it would shut the plain port on which a phone learns to trust the next CA, and a counter's own
        allowed_hosts=(*web.allowed_hosts, *hosts, *ips),
        phone_url=web.phone_url or f"https://{first}:{web.port}",
    )


class Adapter(BuiltinSSLAdapter):
    """Wraps accepted sockets without waiting for their handshake: that is the worker's, not the door's."""

    def wrap(self, sock: Any) -> tuple[Any, dict[str, Any]]:
        """The socket, TLS still to be agreed on, and what WSGI is told."""
        wrapped = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return wrapped, {"wsgi.url_scheme": "https", "HTTPS": "on"}


def adapter(web: Web) -> Adapter:
    """The adapter of the certificate that is set; ConfigError when it cannot be used."""
    try:
        made = Adapter(web.tls_cert, web.tls_key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"Không dùng được chứng thư TLS {web.tls_cert}: {error}. Kiểm tra hai tệp PEM của --tls-cert và --tls-key."
        ) from error
    made.context.minimum_version = ssl.TLSVersion.TLSv1_2
    return made


def keep_certificate(server: Any, settings: Settings, now: Callable[[], datetime], stop: threading.Event) -> None:
    """Until `stop`, make the office's certificate anew before its end and take up files that were replaced."""
    seen = _written(Path(settings.web.tls_cert))
    while settings.web.tls_cert and not stop.wait(LOOK_EVERY):
        seen = look_after(server, settings.web, settings.data, now(), seen)


def look_after(server: Any, web: Web, data: Path, now: datetime, seen: float) -> float:
    """One look: renew when due, load the file when it was written after `seen`; when it was written now."""
    try:
        if office_ca.find(data) is not None and Path(web.tls_cert).parent == data / "office-ca":
            office_ca.renew(data, now=now, only_when_due=True)
        written = _written(Path(web.tls_cert))
        if written != seen:
            server.ssl_adapter.context.load_cert_chain(web.tls_cert, web.tls_key or None)
            logger.info("the server certificate was taken up anew")
        return written
    except (AgentError, OSError, ssl.SSLError) as error:
        logger.warning("the server certificate stays as it is: %s", getattr(error, "message", type(error).__name__))
        return seen


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
