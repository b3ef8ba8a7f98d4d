"""`sandbox`: the training province that ships with the product, and its clerk."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.clock import LOCAL

if TYPE_CHECKING:
    from agent.cli.program import Program

ACTS = (
    "take-up", "refuse", "supplement", "extend", "pay", "withdraw", "finish", "result-ready", "stop",
    "plant", "unplant",
)  # fmt: skip

PACE = 20.0
"""Seconds that a clerk of the training mode takes for one act, unless something else is said."""


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    sandbox = add("sandbox", _sandbox, help="tỉnh giả lập để tập huấn: dịch vụ SOAP và cán bộ tỉnh")
    sandbox.add_argument("--port", type=int, default=8090)
    sandbox.add_argument("--faults", default="", metavar="SPEC", help="ví dụ cut-after-commit:p=.1,delay:ms=500;seed=7")
    sandbox.add_argument(
        "--training", nargs="?", type=float, const=PACE, metavar="SECONDS",
        help=f"cán bộ tỉnh tự xử lý hồ sơ, khoảng SECONDS giây một việc ({PACE:g})",
    )  # fmt: skip
    sandbox.add_argument("--seed", type=int, default=None, help="hạt giống của --training: cùng hạt, cùng việc")
    sandbox.add_argument("--parent", action="store_true", help=argparse.SUPPRESS)
    verbs = sandbox.add_subparsers(dest="verb", metavar="act")
    act = verbs.add_parser("act", help="cán bộ tỉnh làm một việc trên hồ sơ")
    act.add_argument("number", metavar="NUMBER")
    act.add_argument("action", choices=ACTS)
    act.add_argument("--note", default="", help="nội dung ghi kèm")
    act.add_argument(
        "--kind", default="status", choices=("status", "drop", "fee", "file"), help="loại sai khác (plant)"
    )
    act.add_argument("--component", action="append", default=[], metavar="CODE", help="giấy tờ cần bổ sung")
    act.add_argument("--due", type=_instant, default=None, metavar="TIME", help="thời hạn, ISO, giờ Việt Nam")
    act.add_argument("--electronic", action="store_true", help="kết quả điện tử, không có bản giấy")
    act.add_argument("--results", type=int, default=1, help="số kết quả")


def folder_of(program: Program) -> Path:
    """Where the sandbox province keeps its ledger: beside the data folder, for its papers are not encrypted."""
    data = program.settings.data
    return data.with_name(f"{data.name}-sandbox")


def _sandbox(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    if args.verb != "act":
        return program.sandbox(
            port=args.port, faults=args.faults, folder=folder_of(program), parent=args.parent, training=args.training,
            seed=args.seed,
        )  # fmt: skip
    done = program.act(folder_of(program), args.number, args.action, act_options(args))
    answer(args, done, f"{args.number}: {args.action} ✓")
    return 0


def _instant(text: str) -> datetime:
    """A time of the act: without a zone it is Vietnamese time."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=LOCAL)


def act_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options of the act as the sandbox's clerk takes them."""
    form = "electronic" if args.electronic else "paper"
    name = "Kết quả giải quyết thủ tục hành chính"
    return {
        "note": args.note,
        "kind": args.kind,
        "due_at": args.due,
        "requests": [{"component": c, "name": c, "reason": args.note or "cần bổ sung"} for c in args.component],
        "results": [{"name": name, "type": "", "form": form, "sha256": ""} for _ in range(args.results)],
    }
