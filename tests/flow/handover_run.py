"""A counter's process that hands papers over: says each number once it is kept. `python -m tests.flow.handover_run`."""

from __future__ import annotations

import sys
from pathlib import Path

from agent.settings import Settings
from agent.tracking.forward.handover import scan_handover
from agent.tracking.forward.signing import Signed, close_count, sign_handover
from agent.wiring import build_site
from tests.builders import CLERK


def main(folder: str, minutes: str, *labels: str) -> None:
    """Scan each label, then close and sign; a line on stdout after each commit."""
    site = build_site(Settings(data=Path(folder)))
    for label in labels:
        scan_handover(site, minutes, label, by=CLERK)
        print(label, flush=True)
    close_count(site, minutes, by=CLERK)
    print("closed", flush=True)
    sign_handover(site, minutes, Signed("Nguyễn Văn Bình", "paper"), by=CLERK)
    print("signed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
