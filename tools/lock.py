"""Lock the dependencies with hashes for every platform, naming no index; or check that Windows has a wheel of each."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEV = "requirements.lock", "requirements-dev.lock"
LOCK = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links",
        "--no-header", "--no-annotate", "--quiet", "--only-binary", ":all:")  # fmt: skip
LEAK = re.compile(r"://|@ ?file:|--(index|extra-index|find-links|trusted-host)")


def uv(*arguments: str) -> int:
    """Run uv from this environment, installing it there first when it is missing."""
    tool = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    if not tool.exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"], check=True
        )
    return subprocess.run([tool, "pip", *arguments, "--system-certs"], cwd=ROOT, check=False).returncode


def lock(extra: list[str]) -> int:
    """Resolve both lock files and refuse one that names an address."""
    code = uv("compile", "pyproject.toml", "tools/build.in", "-o", RUNTIME, *LOCK, *extra)
    code = code or uv("compile", "pyproject.toml", "tools/build.in", "--group", "dev", "-c", RUNTIME, "-o", DEV, *LOCK,
                      *extra)  # fmt: skip
    for name in (RUNTIME, DEV):
        leaks = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if LEAK.search(line)]
        if leaks:
            sys.stderr.write(f"{name} names an address: {leaks[0]}\n")
            return 1
    return code


def check_windows() -> int:
    """Resolve both locks for 64-bit Windows from wheels alone, installing nothing."""
    with tempfile.TemporaryDirectory() as folder:
        code = uv("install", "--dry-run", "--quiet", "--target", folder, "--python-platform", "x86_64-pc-windows-msvc",
                  "--only-binary", ":all:", "--require-hashes", "-r", RUNTIME)  # fmt: skip
    sys.stderr.write(
        "every locked package has a Windows wheel\n" if code == 0 else "some package has no Windows wheel\n"
    )
    return code


if __name__ == "__main__":
    sys.exit(check_windows() if "--check-windows" in sys.argv else lock(sys.argv[1:]))
