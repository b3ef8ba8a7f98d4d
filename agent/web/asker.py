"""Who asks, as limits count it: an address, and the network it lies in."""

from __future__ import annotations

import ipaddress


def address_of(remote: str | None) -> str:
    """An IPv4 address, or the /64 of an IPv6 one, for a home has that many.

    >>> address_of("192.0.2.7"), address_of("2001:db8:1:2:3:4:5:6"), address_of("::ffff:192.0.2.7"), address_of(None)
    ('192.0.2.7', '2001:db8:1:2::/64', '192.0.2.7', '')
    """
    found = _parsed(remote)
    if found is None:
        return ""
    return str(found) if isinstance(found, ipaddress.IPv4Address) else str(ipaddress.ip_network((found, 64), False))


def network_of(remote: str | None) -> str:
    """The /48 of an IPv6 address, as one subscriber may have; of IPv4 there is none: thousands share an address.

    >>> network_of("2001:db8:1:2:3:4:5:6"), network_of("192.0.2.7")
    ('2001:db8:1::/48', '')
    """
    found = _parsed(remote)
    return str(ipaddress.ip_network((found, 48), False)) if isinstance(found, ipaddress.IPv6Address) else ""


def _parsed(remote: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(remote or "")
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
