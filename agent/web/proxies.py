"""What a proxy says of the citizen's address, believed from the proxies that the settings name alone."""

from __future__ import annotations

import ipaddress
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

from agent.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """Take `X-Forwarded-For`, `-Proto` and `-Host` of one proxy when the request came from a named one.

    From anybody else these headers are what he wrote himself: whoever reaches the port past the proxy would choose the
    address that limits and the access log count.
    """

    def __init__(self, app: Any, named: tuple[str, ...]) -> None:
        self._app, self._behind = app, ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self._named = networks(named)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer a request as the proxy describes it, or as it came."""
        inner = self._behind if self._trusts(environ.get("REMOTE_ADDR", "")) else self._app
        return inner(environ, start_response)

    def _trusts(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self._named)


def networks(named: tuple[str, ...]) -> list[Network]:
    """The addresses and networks of `[web] proxies`; ConfigError for one that is neither."""
    try:
        return [ipaddress.ip_network(one, strict=False) for one in named]
    except ValueError as error:
        raise ConfigError(
            f"[web] proxies có địa chỉ không đúng: {error}. Ghi địa chỉ hoặc dải mạng, ví dụ 10.0.0.5 hay 10.0.0.0/28."
        ) from error
