"""What runs inside the virtual machine: every check, one JSON line each."""

from __future__ import annotations

import importlib
import os
import platform
import sys

from tests.vm.checking import Check, run, tell

PARTS = ("printers", "serial_lines", "readers", "hot_plug")


def checks() -> list[Check]:
    """All there are, in order."""
    found: list[Check] = []
    for part in PARTS:
        module = importlib.import_module(f"tests.vm.{part}")
        found += [Check(part.replace("_", " "), name, act) for name, act in module.CHECKS.items()]
    return found


def main(wanted: str) -> int:
    """Do the checks whose part or name has `wanted` in it; 1 when one failed."""
    tell({"release": platform.release()})
    failed = 0
    for check in checks():
        if wanted == "all" or wanted in f"{check.part} {check.name}".replace(" ", "-"):
            said = run(check)
            failed += said["outcome"] == "FAIL"
            tell(said)
    tell({"ended": True})
    return int(failed > 0)


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)  # a check that hangs must not hold the end up
