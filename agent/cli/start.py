"""`serve`, `work` and `demo`: the program itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cli.program import Program


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    serve = add("serve", _serve, help="chạy màn hình quầy, API và các việc nền")
    serve.add_argument("--host", default=None)
    serve.add_argument("--port", type=int, default=None)
    serve.add_argument("--tls-cert", default=None, metavar="PEM")
    serve.add_argument("--tls-key", default=None, metavar="PEM")
    serve.add_argument("--behind-proxy", action="store_true")
    serve.add_argument(
        "--trust-port", type=int, default=None, metavar="PORT", help="cổng http chỉ để điện thoại tải CA của bưu cục"
    )
    serve.add_argument("--single", action="store_true", help="một tiến trình, để gỡ lỗi")
    work = add("work", _work, help="chỉ chạy các việc nền: gửi tỉnh, theo dõi, lịch")
    work.add_argument("--parent", action="store_true", help=argparse.SUPPRESS)
    demo = add("demo", _demo, help="đưa một hồ sơ đi hết đường, từ trang giấy đến trả kết quả")
    demo.add_argument("--pages", type=Path, default=None, metavar="FOLDER", help="thư mục ảnh trang giấy")


def _serve(args: argparse.Namespace, program: Program) -> int:
    web = program.settings.web
    chosen = {
        "host": args.host, "port": args.port, "tls_cert": args.tls_cert, "tls_key": args.tls_key,
        "trust_port": args.trust_port,
    }  # fmt: skip
    web = replace(web, **{name: value for name, value in chosen.items() if value is not None})
    if args.behind_proxy:
        web = replace(web, behind_proxy=True)
    return program.serve(web=web, single=args.single)


def _work(args: argparse.Namespace, program: Program) -> int:
    return program.work(parent=args.parent)


def _demo(args: argparse.Namespace, program: Program) -> int:
    from agent.cli.demo import run_demo

    return run_demo(args, program)
