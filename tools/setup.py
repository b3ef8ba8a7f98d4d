"""Set up this checkout: `setup.py runtime` for the product, `setup.py dev` for its tests too.

Only the standard library is used. What was done is remembered in .make/ by the hash of what it was done
from, so a second run is quick.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMPS = ROOT / ".make"


class SetupError(Exception):
    """Set-up cannot go on; the message says what to do."""


def say(words: str) -> None:
    """Tell the person what happens, on standard error."""
    sys.stderr.write(f"set-up: {words}\n")
    sys.stderr.flush()


def digest(*parts: Path | str) -> str:
    """One hash over files' bytes and texts."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part.read_bytes() if part.exists() else b""
        whole.update(hashlib.sha256(data).digest())
    return whole.hexdigest()


def is_done(name: str, value: str) -> bool:
    """Whether step `name` was already done from the same input."""
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text(encoding="utf-8") == value


def mark_done(name: str, value: str) -> None:
    """Remember that step `name` was done from this input."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(value, encoding="utf-8")


def run(*command: str | Path, env: dict[str, str] | None = None, limit: float = 900) -> bool:
    """Run a command quietly; show what it said when it fails."""
    try:
        done = subprocess.run([str(c) for c in command], cwd=ROOT, env=env, capture_output=True, text=True,
                              errors="replace", stdin=subprocess.DEVNULL, timeout=limit, check=False)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        say(str(error))
        return False
    if done.returncode:
        say(f"`{' '.join(str(c) for c in command)}` failed ({done.returncode}):")
        sys.stderr.write("\n".join((done.stdout + done.stderr).strip().splitlines()[-25:]) + "\n")
    return done.returncode == 0


# --- Python ------------------------------------------------------------------------------------
def environment() -> None:
    """Make .venv with pip, asking the system's package manager for venv where Debian left it out."""
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", check], capture_output=True, check=False).returncode == 0:
        return
    for stamp in ("python-runtime", "python-dev"):
        (STAMPS / stamp).unlink(missing_ok=True)
    say(f"making .venv with Python {sys.version.split()[0]}")
    base = Path(sys.executable)
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        major, minor = sys.version_info[:2]
        apt(["python3-venv", f"python{major}.{minor}-venv"])
    if not run(base, "-m", "venv", "--clear", VENV):
        raise SetupError("The Python environment could not be made. Debian: `apt-get install python3-venv`; run again.")


def python_packages(kind: str) -> None:
    """Install the locked packages, each checked against its hash, then the project itself in place."""
    lock = ROOT / ("requirements-dev.lock" if kind == "dev" else "requirements.lock")
    project = ROOT / "pyproject.toml"
    wanted = digest(lock, project, str(ROOT))
    if is_done(f"python-{kind}", wanted):
        return
    say(f"installing the packages of {lock.name}")
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
    if not run(*pip, "--only-binary", ":all:", "--require-hashes", "--requirement", lock):
        raise SetupError("The Python packages could not be installed. Check the network or package mirror; run again.")
    if not run(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT):
        raise SetupError("The project could not be installed in its environment; the lines above say why.")
    mark_done(f"python-{kind}", wanted)
    if kind == "dev":  # it holds every runtime package in the same version
        mark_done("python-runtime", digest(ROOT / "requirements.lock", project, str(ROOT)))


# --- browser files -----------------------------------------------------------------------------
def browser_files(kind: str) -> None:
    """Install the npm packages and copy what browsers load; without npm the screens work, less fluently."""
    manifest, lock = ROOT / "package.json", ROOT / "package-lock.json"
    if not lock.exists():
        return
    wanted = digest(manifest, lock)
    enough = ("npm-dev",) if kind == "dev" else ("npm-dev", "npm-runtime")
    if not ((ROOT / "node_modules").is_dir() and any(is_done(name, wanted) for name in enough)):
        npm = shutil.which("npm")
        if npm is None:
            say("npm was not found: the screens go without htmx, and tests that need Node.js are skipped")
            return
        say("installing the browser files")
        omit = () if kind == "dev" else ("--omit=dev",)
        if not run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *omit, limit=300):
            say("npm could not fetch them: the screens go without htmx, and tests that need Node.js are skipped")
            return
        mark_done(f"npm-{kind}", wanted)
        if kind == "runtime":
            (STAMPS / "npm-dev").unlink(missing_ok=True)
    run(sys.executable, HERE / "vendor_assets.py")


# --- system packages ---------------------------------------------------------------------------
def found(program: str) -> bool:
    """Whether a program is there (on the PATH, or where PostgreSQL keeps its own), or a shared data file by pattern."""
    if "/" in program:
        return any(Path("/usr/share").glob(program))
    return shutil.which(program) is not None or any(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))


def system_packages() -> None:
    """Install what tools/system-packages.txt lists and this machine lacks."""
    lines = (HERE / "system-packages.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("#")[0].split() for line in lines]
    missing = {program: package for program, package in (pair for pair in pairs if pair) if not found(program)}
    if not missing:
        return
    apt(sorted(set(missing.values())))
    still = sorted(program for program in missing if not found(program))
    if still:
        say(f"not to be had here: {', '.join(still)}; the tests that need them are skipped, each with its reason")


def apt(packages: list[str]) -> None:
    """Install Debian packages, through sudo where this is not root; say so where it cannot be done."""
    tool = shutil.which("apt-get")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    sudo = [] if root else [shutil.which("sudo") or "", "--non-interactive"]
    if tool is None or (sudo and not sudo[0]):
        say(f"please install by hand what brings these Debian packages' programs: {', '.join(packages)}")
        return
    say(f"installing system packages: {', '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    env["PATH"] = os.pathsep.join([env.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    keep = [] if root else ["env", "DEBIAN_FRONTEND=noninteractive"]
    run(*sudo, *keep, tool, "update", "-qq", env=env)
    if not run(*sudo, *keep, tool, "install", "-y", "-qq", "--no-install-recommends", *packages, env=env):
        for package in packages if len(packages) > 1 else []:  # one that is not to be had must not cost the others
            run(*sudo, *keep, tool, "install", "-y", "-qq", "--no-install-recommends", package, env=env)


def main(arguments: list[str]) -> int:
    """Do the steps that are not done yet; 0 when all went well."""
    kind = arguments[0] if arguments else "runtime"
    if kind not in ("runtime", "dev"):
        say("usage: setup.py [runtime|dev]")
        return 2
    began = time.monotonic()
    STAMPS.mkdir(exist_ok=True)
    try:
        environment()
        python_packages(kind)
        if kind == "dev":
            system_packages()
        browser_files(kind)
    except SetupError as error:
        say(str(error))
        return 3
    if time.monotonic() - began > 5:
        say(f"done in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
