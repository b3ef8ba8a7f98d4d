"""One run of the virtual machine: QEMU without KVM, this machine's files read-only, results by a serial line."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.vm import kernel

LIMIT = 600.0  # seconds for all the checks
TROUBLE = re.compile(r"\b(BUG|Oops|WARNING|Call Trace|general protection|hung task|refcount_t)\b")


@dataclass
class Ran:
    """What came of it: the checks' lines in order, the kernel's own words where it was in trouble."""

    release: str = "unknown"
    checks: list[dict[str, object]] = field(default_factory=list)
    ended: bool = False
    seconds: float = 0.0
    booted: float = 0.0  # seconds from the start to the first check
    trouble: list[str] = field(default_factory=list)


def run(folder: Path, checks: str = "", *, limit: float = LIMIT) -> Ran:
    """Boot, do the checks whose name has `checks` in it, and switch off; the console stays in `folder`/console."""
    place = kernel.kernel()
    results, console = folder / "results", folder / "console"
    python = Path(sys.executable)
    words = f"console=ttyS0 quiet panic=-1 project={kernel.ROOT} python={python} checks={checks or 'all'} end"
    command = [
        *("qemu-system-x86_64", "-M", "pc,accel=tcg", "-cpu", "max", "-smp", "2", "-m", "1024"),
        *("-nodefaults", "-no-reboot", "-display", "none", "-nic", "none"),
        *("-kernel", str(kernel.image(place)), "-initrd", str(kernel.first_files(place)), "-append", words),
        *("-serial", f"file:{console}", "-serial", f"file:{results}"),
        *("-virtfs", "local,path=/,mount_tag=host,readonly=on,security_model=none,multidevs=remap"),
    ]
    ran, began, shown = Ran(), time.monotonic(), 0
    with (folder / "qemu").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        while process.poll() is None and time.monotonic() - began < limit:
            time.sleep(0.2)
            shown = _follow(results, ran, shown, began)
    finally:
        process.kill()
        process.wait()
    _follow(results, ran, shown, began)
    ran.seconds = time.monotonic() - began
    said = console.read_text(errors="replace") if console.exists() else ""
    ran.trouble = [line.strip() for line in said.splitlines() if TROUBLE.search(line)]
    if not ran.checks:
        raise kernel.CannotBeHad(f"the machine did not start: {(folder / 'qemu').read_text()}\n{said[-2000:]}")
    return ran


def _follow(results: Path, ran: Ran, shown: int, began: float) -> int:
    """Take the whole lines that came since, and say them."""
    lines = results.read_bytes().split(b"\n")[:-1] if results.exists() else []
    for line in lines[shown:]:
        try:
            said = json.loads(line)
        except ValueError:
            sys.stderr.write(f"{line.decode(errors='replace')}\n")
            continue
        if "release" in said:
            ran.release, ran.booted = said["release"], time.monotonic() - began
            print(f"Linux {ran.release}, up after {ran.booted:.1f} s", flush=True)
        elif "ended" in said:
            ran.ended = True
        else:
            ran.checks.append(said)
            print(f"{said['outcome']} {said['seconds']:6.1f} s  {said['name']}  {said['words']}", flush=True)
    return len(lines)
