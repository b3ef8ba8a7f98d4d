"""`profile`: which provinces the program can speak to, whether a profile is right, and a stub to try it on."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.cli.program import Program


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    profile = add("profile", _profile, help="hồ sơ kết nối: mỗi tỉnh một WSDL và một tệp khai báo")
    verbs = profile.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="các hồ sơ kết nối có sẵn")
    lint = verbs.add_parser("lint", help="kiểm tra một hồ sơ kết nối với WSDL của nó: mọi lỗi một lần")
    lint.add_argument("file", metavar="FILE", help="tệp .toml, hoặc tên có sẵn")
    lint.add_argument("--against", default="", metavar="URL", help="so với WSDL mà tỉnh đang cung cấp (hoặc một tệp)")
    sandbox = verbs.add_parser("sandbox", help="tỉnh giả lập nói theo hồ sơ kết nối này, trên máy này")
    sandbox.add_argument("file", metavar="FILE")
    sandbox.add_argument("--port", type=int, default=8091)
    sandbox.add_argument("--faults", default="", metavar="SPEC", help="ví dụ cut-after-commit:op=DongBoHoSoMC:times=1")
    sandbox.add_argument("--parent", action="store_true", help=argparse.SUPPRESS)


def _profile(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    profiles = program.profiles
    if args.verb == "list":
        known = profiles.known()
        lines = [f"{one['name']:<16} {one['title']}\n{'':<16} {one['endpoint']}" for one in known]
        answer(args, known, "\n".join(lines))
        return 0
    if args.verb == "sandbox":
        data = program.settings.data
        folder = data.with_name(f"{data.name}-{Path(args.file).stem}")
        return profiles.serve(args.file, folder=folder, port=args.port, faults=args.faults, parent=args.parent)
    report = profiles.lint(args.file, args.against)
    answer(args, report, "\n".join(_lines(report)))
    return 0 if report["ok"] and report.get("drift", {}).get("same", True) else 1


def _lines(report: dict[str, Any]) -> list[str]:
    lines = [f"dòng {one['line']}: {one['key']}: {one['what']}. {one['fix']}" for one in report["faults"]]
    lines += [f"lưu ý: {text}" for text in report["remarks"]]
    lines += drift_lines(report.get("drift", {}))
    count = len(report["faults"])
    return [*lines, f"{report['profile']}: {f'{count} lỗi' if count else 'đúng'}"]


def drift_lines(drift: dict[str, Any]) -> list[str]:
    """A drift in words: each operation that is touched, with the places; then what is new."""
    lines = []
    for one in drift.get("touched", ()):
        ours = f" (dùng cho {', '.join(one['ours'])})" if one["ours"] else ""
        lines.append(f"tỉnh đổi {one['operation']}{ours}: {'; '.join(one['what'])}")
    if drift.get("new"):
        lines.append(f"tỉnh có thêm: {', '.join(drift['new'])}")
    return lines
