"""The web server: cheroot, with TLS of its own or behind a proxy."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.errors import ConfigError
from agent.settings import Web
from agent.web.proxies import networks
from agent.web.security import is_loopback

THREADS = 24
LARGEST_BODY = 80 << 20  # bytes; cheroot reads what a view left unread, so even refused bodies have an end


def make_server(app: Any, web: Web) -> Any:
    """A cheroot server, bound and ready for `serve()`; `bind_addr` tells the port that port 0 became.

    Raises ConfigError for an address that others can reach without TLS or a proxy, for a certificate that cannot be
    used and for a port that is taken.
    """
    _refuse_open(web)
    return _bound(app, web)


def _refuse_open(web: Web) -> None:
    """ConfigError for an address that others can reach without protection, or past the proxy's word about who asks."""
    if is_loopback(web.host):
        return
    if not (web.tls_cert or web.behind_proxy):
        raise ConfigError(
            f"Không mở {web.host} khi chưa có TLS: mật khẩu và giấy tờ sẽ đi qua mạng không mã hóa. "
            "Lập CA riêng bằng `postal-agent office-ca init --host TÊN --ip ĐỊA_CHỈ`, hoặc thêm --tls-cert và "
            "--tls-key, hoặc --behind-proxy khi có máy chủ trung gian lo TLS."
        )
    if web.behind_proxy and all(network.is_loopback for network in networks(web.proxies)):
        raise ConfigError(
            f"Mở {web.host} sau máy chủ trung gian nhưng [web] proxies chưa ghi địa chỉ của máy ấy: mọi người dân "
            "sẽ bị đếm chung một địa chỉ. Ghi địa chỉ máy chủ trung gian vào [web] proxies rồi chạy lại."
        )


def _bound(app: Any, web: Web) -> Any:
    from cheroot import wsgi

    from agent.web.connection import Connection

    server = wsgi.Server(
        (web.host, web.port), app, numthreads=THREADS, server_name="postal-agent", request_queue_size=64, timeout=30
    )
    server.ConnectionClass = Connection
    server.max_request_header_size, server.max_request_body_size = 64 << 10, LARGEST_BODY
    if web.tls_cert:
        from agent.web.tls import adapter

        server.ssl_adapter = adapter(web)
    try:
        server.prepare()
    except OSError as error:
        raise ConfigError(
            f"Không mở được cổng {web.port} ở {web.host}: {error}. Chọn cổng khác bằng --port, "
            "hoặc dừng chương trình đang giữ cổng."
        ) from error
    return server


def make_trust_server(app: Any, web: Web) -> Any:
    """A plain http server, bound, for `web.trust_port`: how to trust the office's CA and nothing else; None for 0."""
    if not web.trust_port:
        return None
    return _bound(TrustOnly(app), replace(web, port=web.trust_port, tls_cert=""))  # nothing secret passes


class TrustOnly:
    """Of an application only the pages that a phone needs before it trusts us: they show nothing of anybody."""

    PAGES = ("/trust", "/ca.crt", "/static/", "/font/")

    def __init__(self, app: Any) -> None:
        self._app = app

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer a request for one of PAGES; lead every other one to them."""
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") and path.startswith(self.PAGES):
            return self._app({**environ, "HTTP_COOKIE": "", "HTTP_AUTHORIZATION": ""}, start_response)
        start_response("303 See Other", [("Location", "/trust"), ("Content-Length", "0")])
        return [b""]


def run(server: Any) -> None:
    """Serve until `stop` is called from another thread; without a server there is nothing to do."""
    if server is not None:
        server.serve()


def stop(server: Any, app: Any, trust: Any = None) -> None:
    """End the live streams, finish the requests under way, close the ports."""
    app.extensions["live"].stopping.set()
    if trust is not None:
        trust.stop()
    server.stop()
