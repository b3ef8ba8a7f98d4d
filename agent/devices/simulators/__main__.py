"""`python -m agent.devices.simulators zpl --folder F`: one simulated device that ends with its starter."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.devices.simulators.simulate import KINDS, simulate


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="simulators", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    simulate(given.kind, folder=given.folder, port=given.port, while_open=sys.stdin.buffer)


if __name__ == "__main__":
    main()
