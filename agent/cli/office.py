"""`office-ca`: the private CA of an office's server, made, shown and renewed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.cli.program import Program


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    office = add("office-ca", _office_ca, help="CA riêng của máy chủ bưu cục: init, renew, show")
    office.add_argument("act", choices=("init", "renew", "show"))
    office.add_argument("--host", action="append", default=[], metavar="NAME", help="tên máy mà điện thoại gọi tới")
    office.add_argument("--ip", action="append", default=[], metavar="ADDR", help="địa chỉ mà điện thoại gọi tới")


def _office_ca(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer
    from agent.clock import SystemClock
    from agent.errors import ConfigError
    from agent.store import office_ca

    settings, now = program.settings, SystemClock().now()
    if args.act == "init":
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        office_ca.init(settings.data, name=settings.office.name, hosts=args.host, ips=args.ip, now=now)
    elif args.act == "renew":
        office_ca.renew(settings.data, now=now, hosts=args.host, ips=args.ip)
    found = office_ca.find(settings.data)
    if found is None:
        raise ConfigError("Bưu cục chưa có CA riêng. Chạy: postal-agent office-ca init --host TÊN --ip ĐỊA_CHỈ")
    hosts, ips = found.names()
    body: dict[str, Any] = {
        "ca": str(found.ca_cert), "fingerprint": found.fingerprint(), "server": str(found.pair), "hosts": hosts,
        "ips": ips, "server_days": office_ca.days_left(found.server(), now),
        "ca_days": office_ca.days_left(found.ca(), now),
    }  # fmt: skip
    words = (
        f"CA của bưu cục: {body['ca']} (còn {body['ca_days']} ngày)\n"
        f"Dấu vân tay SHA-256: {spaced(body['fingerprint'])}\n"
        f"Máy chủ: {', '.join((*hosts, *ips))} (chứng thư còn {body['server_days']} ngày)\n"
        f"Giữ kín {found.ca_key}: ai có tệp này giả được máy chủ của bưu cục."
    )
    answer(args, body, words)
    return 0


def spaced(fingerprint: str) -> str:
    """A fingerprint as phones show it: pairs of capitals.

    >>> spaced("0a1b2c")
    '0A 1B 2C'
    """
    return " ".join(fingerprint[at : at + 2].upper() for at in range(0, len(fingerprint), 2))
