"""`sandbox` and `devices`: the peers that ship with the product."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import DeviceUnavailable, NotFound
from agent.settings import Device

if TYPE_CHECKING:
    from agent.cli.program import Program

SIMULATED = ("zpl", "zpl-pty", "tspl", "tspl-pty", "escpos", "escpos-pty")
ACTS = ("take-up", "supplement", "finish", "result-ready", "stop", "plant", "unplant")


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    sandbox = add("sandbox", _sandbox, help="tỉnh giả lập để tập huấn: dịch vụ SOAP và cán bộ tỉnh")
    sandbox.add_argument("--port", type=int, default=8090)
    sandbox.add_argument("--faults", default="", metavar="SPEC", help="ví dụ cut-after-commit:p=.1,delay:ms=500;seed=7")
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
    act.add_argument("--electronic", action="store_true", help="kết quả điện tử, không có bản giấy")
    act.add_argument("--results", type=int, default=1, help="số kết quả")
    devices = add("devices", _devices, help="thiết bị của quầy")
    kinds = devices.add_subparsers(dest="verb", required=True, metavar="VERB")
    kinds.add_parser("list", help="thiết bị đã khai báo")
    probe = kinds.add_parser("probe", help="hỏi tình trạng")
    probe.add_argument("name", nargs="?", metavar="NAME")
    test = kinds.add_parser("test", help="in thử một nhãn")
    test.add_argument("name", metavar="NAME")
    learn = kinds.add_parser("learn", help="dò ngôn ngữ và câu trả lời của máy in (đang bật, đóng nắp, có giấy)")
    learn.add_argument("name", metavar="NAME")
    simulate = kinds.add_parser("simulate", help="chạy một thiết bị giả lập")
    simulate.add_argument("kind", metavar="KIND", choices=SIMULATED)
    simulate.add_argument("--port", type=int, default=0)
    simulate.add_argument("--parent", action="store_true", help=argparse.SUPPRESS)


def folder_of(program: Program) -> Path:
    """Where the sandbox province keeps its ledger: beside the data folder, for its papers are not encrypted."""
    data = program.settings.data
    return data.with_name(f"{data.name}-sandbox")


def _sandbox(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    if args.verb != "act":
        return program.sandbox(port=args.port, faults=args.faults, folder=folder_of(program), parent=args.parent)
    done = program.act(folder_of(program), args.number, args.action, act_options(args))
    answer(args, done, f"{args.number}: {args.action} ✓")
    return 0


def act_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options of the act as the sandbox's clerk takes them."""
    form = "electronic" if args.electronic else "paper"
    name = "Kết quả giải quyết thủ tục hành chính"
    return {
        "note": args.note,
        "kind": args.kind,
        "requests": [{"component": c, "name": c, "reason": args.note or "cần bổ sung"} for c in args.component],
        "results": [{"name": name, "type": "", "form": form, "sha256": ""} for _ in range(args.results)],
    }


def _devices(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    if args.verb == "simulate":
        folder = program.settings.data / "simulated" / args.kind
        return program.simulate(args.kind, folder=folder, port=args.port, parent=args.parent)
    if args.verb == "list":
        lines = [asdict(device) for device in program.settings.devices]
        words = "\n".join(f"{d['name']}  {d['role']}  {d['kind']} {d['address']}  {d['language']}" for d in lines)
        answer(args, lines, words or "Chưa khai báo thiết bị nào. Thêm [[device]] vào agent.toml.")
        return 0
    if args.verb == "learn":
        learnt = program.learn(_named(args, program))
        answer(args, learnt, "\n".join(f"{name}: {value}" for name, value in learnt.items()))
        return 0
    states = [s for s in program.site().devices.states() if args.name in (None, s.name)]
    if args.name and not states:
        raise NotFound(f"Không có thiết bị tên “{args.name}”. Xem `devices list`.")
    if args.verb == "test":
        return _test(args, program)
    answer(args, [asdict(s) for s in states], "\n".join(f"{s.name}: {s.words}" for s in states))
    return 0 if all(s.connected for s in states) else 4


def _named(args: argparse.Namespace, program: Program) -> Device:
    """The device line of that name, or NotFound."""
    found = next((device for device in program.settings.devices if device.name == args.name), None)
    if found is None:
        raise NotFound(f"Không có thiết bị tên “{args.name}”. Xem `devices list`.")
    return found


def _test(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer
    from agent.intake.label import test_label

    site = program.site()
    role = next(d.role for d in site.settings.devices if d.name == args.name)
    outcome = site.devices.printer(role).print(test_label(site))
    answer(args, asdict(outcome), f"{outcome.result.value}: {outcome.reason}")
    if outcome.result.value == "not_printed":
        raise DeviceUnavailable(outcome.reason)
    return 0 if outcome.result.value == "printed" else 5
