"""The web server: cheroot, with TLS of its own or behind a proxy."""

from __future__ import annotations

from typing import Any

from agent.errors import ConfigError
from agent.settings import Web
from agent.web.security import is_loopback

THREADS = 24
LARGEST_BODY = 80 << 20  # bytes; cheroot reads what a view left unread, so even refused bodies have an end


def make_server(app: Any, web: Web) -> Any:
    """A cheroot server, bound and ready for `serve()`; `bind_addr` tells the port that port 0 became.

    Raises ConfigError for an address that others can reach without TLS or a proxy, for a certificate that cannot be
    used and for a port that is taken.
    """
    if not is_loopback(web.host) and not (web.tls_cert or web.behind_proxy):
        raise ConfigError(
            f"Không mở {web.host} khi chưa có TLS: mật khẩu và giấy tờ sẽ đi qua mạng không mã hóa. "
            "Thêm --tls-cert và --tls-key, hoặc --behind-proxy khi có máy chủ trung gian lo TLS."
        )
    from cheroot import wsgi

    server = wsgi.Server(
        (web.host, web.port), app, numthreads=THREADS, server_name="postal-agent", request_queue_size=64, timeout=30
    )
    server.max_request_header_size, server.max_request_body_size = 64 << 10, LARGEST_BODY
    if web.tls_cert:
        server.ssl_adapter = _tls(web)
    try:
        server.prepare()
    except OSError as error:
        raise ConfigError(
            f"Không mở được cổng {web.port} ở {web.host}: {error}. Chọn cổng khác bằng --port, "
            "hoặc dừng chương trình đang giữ cổng."
        ) from error
    return server


def run(server: Any) -> None:
    """Serve until `stop` is called from another thread."""
    server.serve()


def stop(server: Any, app: Any) -> None:
    """End the live streams, finish the requests under way, close the port."""
    app.extensions["live"].stopping.set()
    server.stop()


def _tls(web: Web) -> Any:
    import ssl

    from cheroot.ssl.builtin import BuiltinSSLAdapter

    try:
        adapter = BuiltinSSLAdapter(web.tls_cert, web.tls_key or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"Không dùng được chứng thư TLS {web.tls_cert}: {error}. Kiểm tra hai tệp PEM của --tls-cert và --tls-key."
        ) from error
    adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    return adapter
