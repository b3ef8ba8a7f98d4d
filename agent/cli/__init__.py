"""The commands: parse, call one use case, answer; exit codes are mapped here."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import (
    AgentError,
    ConfigError,
    DeviceOutcomeUnknown,
    DeviceUnavailable,
    HandoffOutcomeUnknown,
    HandoffUnavailable,
)

if TYPE_CHECKING:
    from agent.cli.program import Program

EXIT_DONE, EXIT_DIFFERENCE, EXIT_USAGE, EXIT_CONFIG, EXIT_UNAVAILABLE, EXIT_UNKNOWN = range(6)
Run = Callable[[argparse.Namespace, "Program"], int]


class _Parser(argparse.ArgumentParser):
    """A parser that knows --data, --config and --json at every level, so that they may stand anywhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        absent = argparse.SUPPRESS
        self.add_argument("--data", type=Path, default=absent, metavar="DIR", help="thư mục dữ liệu")
        self.add_argument("--config", type=Path, default=absent, metavar="FILE", help="tệp cấu hình TOML")
        self.add_argument("--json", action="store_true", default=absent, help="một dòng JSON trên stdout")


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The parsed command line; exits with 2 when it is not usable."""
    from agent.cli import administer, devices, differences, line, office, peers, profiles, retention, start, users

    parser = _Parser(
        prog="postal-agent",
        description="Quầy bưu điện nhận hồ sơ hành chính, số hóa, ký, gửi tỉnh và trả kết quả.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, run: Run, *, help: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=help)
        made.set_defaults(run=run)
        return made

    for module in (start, office, peers, profiles, devices, line, differences, administer, retention):
        module.add_parsers(add)
    users.add_parser(commands)
    commands.choices["users"].set_defaults(run=lambda args, program: users.run(args, program.site()))
    args = parser.parse_args(argv)
    for name, value in (("data", None), ("config", None), ("json", False)):
        if not hasattr(args, name):
            setattr(args, name, value)
    return args


def run(args: argparse.Namespace, program: Program) -> int:
    """Run the parsed command and return its exit code; a refusal is said in words on stderr."""
    try:
        code: int = args.run(args, program)
        return code
    except AgentError as error:
        return refuse(args, error)
    except KeyboardInterrupt:
        return EXIT_DONE


def refuse(args: argparse.Namespace, error: AgentError) -> int:
    """Say the error, as JSON on stdout when asked, and choose the exit code."""
    if getattr(args, "json", False):
        answer(args, {"error": {"code": error.code, "message": error.message, "retryable": error.retryable}}, "")
    print(f"{error.message} [{error.code}]", file=sys.stderr)
    return exit_code(error)


def exit_code(error: AgentError) -> int:
    """The exit code of an error: 3 configuration, 4 a peer or device is unavailable, 5 unknown, else 1."""
    if isinstance(error, ConfigError):
        return EXIT_CONFIG
    if isinstance(error, DeviceUnavailable | HandoffUnavailable):
        return EXIT_UNAVAILABLE
    if isinstance(error, DeviceOutcomeUnknown | HandoffOutcomeUnknown):
        return EXIT_UNKNOWN
    return EXIT_DIFFERENCE


def answer(args: argparse.Namespace, body: Any, words: str) -> None:
    """Print the answer: with --json exactly one line, else the words."""
    if args.json:
        print(json.dumps(body, ensure_ascii=False, default=str), flush=True)
    elif words:
        print(words, flush=True)


def progress(words: str) -> None:
    """Say on stderr what is going on."""
    print(words, file=sys.stderr, flush=True)
