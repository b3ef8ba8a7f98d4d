"""`python -m agent` and the console script `postal-agent`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with its code."""
    from agent.processes import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
