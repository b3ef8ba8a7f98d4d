"""`devices`: what is connected, how it is, a test print, what a printer answers, diagnosis, and simulated devices."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agent.domain.actor import Actor, system
from agent.domain.jobs import PRINTER_ROLES, JobState
from agent.errors import ConfigError, DeviceUnavailable, NotFound, RuleViolation, StoreLocked
from agent.intake.devices import diagnose, published
from agent.intake.prints import request_test
from agent.ports import DeviceState
from agent.settings import Device
from agent.site import Site
from agent.store import outbox
from agent.store.outbox import Job

if TYPE_CHECKING:
    from agent.cli.program import Program

SIMULATED = (
    *("zpl", "zpl-pty", "tspl", "tspl-pty", "escpos", "escpos-pty"),
    *("reader", "reader-tcp", "reader-hid", "reader-wedge"),
)
PATIENCE = 30.0  # seconds for a test print by the running agent


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    devices = add("devices", _devices, help="thiết bị của quầy")
    kinds = devices.add_subparsers(dest="verb", required=True, metavar="VERB")
    listing = kinds.add_parser("list", help="thiết bị đã khai báo, và thiết bị đang cắm mà chưa dùng")
    listing.add_argument("--scanners", action="store_true", help="tìm cả máy quét trang (chậm, đến một phút)")
    probe = kinds.add_parser("probe", help="hỏi tình trạng")
    probe.add_argument("name", nargs="?", metavar="NAME")
    test = kinds.add_parser("test", help="in thử một nhãn")
    test.add_argument("name", metavar="NAME")
    learn = kinds.add_parser("learn", help="dò ngôn ngữ và câu trả lời của máy in (đang bật, đóng nắp, có giấy)")
    learn.add_argument("name", metavar="NAME")
    trace = kinds.add_parser("trace", help="ghi mã hóa mọi byte ra vào máy in để chẩn đoán; tự xóa sau 24 giờ")
    trace.add_argument("name", metavar="NAME")
    trace.add_argument("--minutes", type=int, default=15, help="từ 1 đến 120; 0 để dừng")
    trace.add_argument("--show", action="store_true", help="đọc bản ghi mới nhất thay vì bắt đầu ghi")
    simulate = kinds.add_parser("simulate", help="chạy một thiết bị giả lập")
    simulate.add_argument("kind", metavar="KIND", choices=SIMULATED)
    simulate.add_argument("--port", type=int, default=0)
    simulate.add_argument("--parent", action="store_true", help=argparse.SUPPRESS)


def _devices(args: argparse.Namespace, program: Program) -> int:
    return VERBS[args.verb](args, program)


@contextmanager
def alone(program: Program) -> Iterator[bool]:
    """Whether this process has the devices for itself while the block runs; False beside a running agent."""
    with ExitStack() as held:
        try:
            held.enter_context(program.hold())
        except StoreLocked:
            mine = False
        else:
            mine = True
        yield mine


def states_of(program: Program, site: Site) -> list[DeviceState]:
    """How the devices are: what the running agent published, else asked now."""
    with alone(program) as mine:
        return site.devices.states() if mine else published(site)


def _list(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    site = program.site()
    lines = [asdict(line) for line in site.devices.lines()]
    found = [asdict(one) for one in site.devices.found()]
    words = [f"{d['name']}  {d['role']}  {d['kind']} {d['address']}  {_speaks(d)}".rstrip() for d in lines]
    words += [f"đang cắm, chưa dùng: {one['words']}  {one['kind']} {one['node']}  {one['identity']}" for one in found]
    told: dict[str, Any] = {"devices": lines, "found": found}
    if args.scanners:
        told["scanners"] = program.scanners()
        words += [f"máy quét: {one['maker']} {one['model']}  sane {one['address']}" for one in told["scanners"]]
        words += [] if told["scanners"] else ["Không tìm thấy máy quét nào."]
    answer(args, told, "\n".join(words) or "Chưa khai báo thiết bị nào. Thêm [[device]].")
    return 0


def _speaks(line: dict[str, Any]) -> str:
    return str(line["language"]) if line["role"] in PRINTER_ROLES else ""


def _probe(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    site = program.site()
    states = [state for state in states_of(program, site) if args.name in (None, state.name)]
    if args.name and not states:
        _line(site, args.name)
        states = [DeviceState(args.name, "", False, None, "Chương trình đang chạy chưa nghe thấy thiết bị này.", None)]
    answer(args, [asdict(state) for state in states], "\n".join(f"{state.name}: {state.words}" for state in states))
    return 0 if all(state.connected for state in states) else 4


def _learn(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    site = program.site()
    line = _line(site, args.name)
    if line.role not in PRINTER_ROLES:
        raise RuleViolation(f"Chỉ dò được máy in; “{args.name}” thì không.")
    with alone(program) as mine:
        if not mine:
            raise DeviceUnavailable("postal-agent đang chạy và giữ máy in này. Dừng chương trình rồi dò lại.")
        learnt = program.learn(site, line)
    answer(args, learnt, "\n".join(f"{name}: {value}" for name, value in learnt.items()))
    return 0


def _test(args: argparse.Namespace, program: Program) -> int:
    """Queue a test and see what becomes of it: the running agent prints it, or else this process does."""
    from agent.cli import answer

    site = program.site()
    line = _line(site, args.name)
    serving = site.devices.line(line.role)
    if line.role not in PRINTER_ROLES or serving is None or serving.name != line.name:
        raise RuleViolation(f"Thiết bị “{args.name}” không phải máy in đang dùng cho việc nào. Xem `devices list`.")
    with alone(program) as mine:
        job = request_test(site, line.role, by=_by(site))
        job = _done_here(program, site, job, line.role) if mine else _waited(job)
    words = {JobState.ACKED: "printed", JobState.NEEDS_CLERK: "uncertain"}.get(job.state, "not_printed")
    reason = job.error or ("" if words == "printed" else "Máy in chưa nhận bản in thử; nó còn chờ trong hàng.")
    answer(args, {"result": words, "reason": reason, "evidence": job.result, "key": job.key}, f"{words}: {reason}")
    return {"printed": 0, "uncertain": 5}.get(words, 4)


def _waited(job: Job) -> Job:
    """The job when it ended, or waits with a reason, or `PATIENCE` is over."""
    pause, waited = threading.Event(), 0.0
    while job.state in (JobState.READY, JobState.SENDING) and not job.error and waited < PATIENCE:
        pause.wait(0.1)
        waited += 0.1
        job = outbox.show(job.key)
    return job


def _done_here(program: Program, site: Site, job: Job, role: str) -> Job:
    """Printed by this process, and nothing else that waits; what could not be printed now is not left behind."""
    program.print_job(site, job.key, role)
    job = outbox.show(job.key)
    if job.state is JobState.READY:
        outbox.hold(job.key, job.error)
        outbox.cancel(job.key, job.error)
    return job


def _trace(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    site = program.site()
    line = _line(site, args.name)
    if args.show:
        pieces = program.trace_of(line.name)
        words = [f"{p['at']} {p['direction']:>3} {p['length']:>6}  {p['hex']}" for p in pieces]
        answer(args, pieces, "\n".join(words) or "Chưa có bản ghi nào.")
        return 0
    until = diagnose(
        site, line.name, minutes=args.minutes, by=system(site.settings.office.id, site.settings.terminal.id)
    )
    said = f"Ghi đến {until:%H:%M:%S} UTC; mã hóa, tự xóa sau 24 giờ." if until else "Đã dừng ghi."
    answer(args, {"name": line.name, "until": until}, said)
    return 0


def _by(site: Site) -> Actor:
    return system(site.settings.office.id, site.settings.terminal.id)


def _simulate(args: argparse.Namespace, program: Program) -> int:
    if not program.settings.training:
        raise ConfigError("Cấu hình chính thức (training = false) không chạy thiết bị giả lập.")
    folder = program.settings.data / "simulated" / args.kind
    return program.simulate(args.kind, folder=folder, port=args.port, parent=args.parent)


def _line(site: Site, name: str) -> Device:
    """The device line of that name, or NotFound with the names there are."""
    lines = site.devices.lines()
    found = next((line for line in lines if line.name == name), None)
    if found is None:
        known = ", ".join(line.name for line in lines) or "chưa khai báo thiết bị nào"
        raise NotFound(f"Không có thiết bị tên “{name}”. Tên có: {known}.")
    return found


VERBS: dict[str, Callable[[argparse.Namespace, Any], int]] = {
    "list": _list,
    "probe": _probe,
    "test": _test,
    "learn": _learn,
    "trace": _trace,
    "simulate": _simulate,
}
