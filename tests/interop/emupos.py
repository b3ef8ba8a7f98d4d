"""Somebody else's receipt printer: PyPI's emupos, in an environment and a process of its own, on loopback."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = Path(__file__).with_name("emupos.lock")
NEEDED = (3, 13)
NAME = "front"


def newer_python() -> Path | None:
    """A Python that emupos runs on: this one, one on the PATH, or one that pyenv keeps."""
    names = [f"python3.{minor}" for minor in range(13, 17)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [Path(sys.executable), *(Path(found) for name in names if (found := shutil.which(name)))]
    places += [path for name in names for path in sorted(pyenv.glob(f"*/bin/{name}"))]
    return next((place for place in places if is_new_enough(place)), None)


def is_new_enough(python: Path) -> bool:
    """Ask the program itself: a pyenv shim of this name may stand for no Python at all."""
    ask = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {NEEDED})"
    try:
        return subprocess.run([python, "-c", ask], capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def environment() -> Path:
    """emupos's program, installed once into .make/ from the lock with its hashes; a skip with its reason otherwise."""
    python = newer_python()
    if python is None:
        pytest.skip("emupos needs Python 3.13 or later beside ours: install one (python3.13 on the PATH, or pyenv)")
    mark = hashlib.sha256(LOCK.read_bytes() + str(python).encode()).hexdigest()[:12]
    place = ROOT / ".make" / f"emupos-{mark}"
    folder = place / ("Scripts" if os.name == "nt" else "bin")
    if not (place / "complete").exists():
        run(python, "-m", "venv", "--clear", place)
        pip = (folder / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input")
        run(*pip, "--only-binary", ":all:", "--require-hashes", "--requirement", LOCK)
        (place / "complete").touch()
    return folder / "emupos"


def run(*command: Path | str) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, f"{command[-1]} could not be had:\n{done.stdout}{done.stderr}"


class Emupos:
    """One Epson TM-T20III with a TCP port and, not on Windows, a serial one; `with` ends the process."""

    def __init__(self, program: Path, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
            printing, asking = one.getsockname()[1], other.getsockname()[1]
        wires: list[dict[str, Any]] = [{"tcp": {"port": printing}}]
        wires += [] if os.name == "nt" else [{"serial": {"pty": True}}]
        printer = {"id": NAME, "type": "printer", "profile": "epson-tm-t20iii", "connections": wires}
        config = {"schema": 1, "api": {"port": asking}, "devices": [printer]}
        (folder / "emupos.yaml").write_text(json.dumps(config))  # JSON is YAML
        self._api = f"http://127.0.0.1:{asking}/api/v1/devices/{NAME}"
        self._log = folder / "log"
        env = {**os.environ, "TMPDIR": str(folder), "XDG_RUNTIME_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, "run"], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env
            )
        self._wait()

    def ask(self, path: str = "", method: str = "GET") -> bytes:
        """One request to its operator's side, which stands for the hands of a person at the printer."""
        with urlopen(Request(self._api + path, method=method), timeout=10) as answer:
            return bytes(answer.read())

    def address(self, kind: str) -> str:
        """Where the driver finds it, over `tcp` or `serial`."""
        ends = json.loads(self.ask())["connections"]
        return next(str(end["endpoint"]) for end in ends if end["kind"] == kind)

    def fault(self, fault: str, *, present: bool = True) -> None:
        self.ask(f"/faults/{fault}", "PUT" if present else "DELETE")

    @property
    def receipts(self) -> list[str]:
        """What came out, by number."""
        return [str(receipt["id"]) for receipt in json.loads(self.ask("/receipts"))]

    def picture(self, receipt: str = "latest") -> bytes:
        """A receipt as PNG."""
        return self.ask(f"/receipts/{receipt}/image")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                self.ask()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self._process.kill()
                    raise AssertionError(f"emupos did not start: {self._log.read_text()[-2000:]}") from None
                time.sleep(0.05)
