"""`python -m tests.devices.device_agent FOLDER`: a terminal's device threads alone, until its standard input closes."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from agent import log
from agent.settings import load
from agent.wiring import build_site, run_devices


def main() -> None:
    """Own the devices of the folder's settings."""
    settings = load(Path(sys.argv[1]), environ={})
    log.configure("info")
    site, stop = build_site(settings), threading.Event()
    owner = threading.Thread(target=run_devices, args=(site, stop))
    owner.start()
    print("ready", flush=True)
    sys.stdin.buffer.read()
    stop.set()
    owner.join()


if __name__ == "__main__":
    main()
