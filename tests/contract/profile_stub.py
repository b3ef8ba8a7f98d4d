"""Starts the stub of a profile as a real process, and looks into what it took."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class StubProcess:
    """`profile sandbox NAME` over `folder`; use as a context manager."""

    def __init__(self, folder: Path, name: str = "dongbohosomc", *, faults: str = "") -> None:
        self.folder = folder
        command = [sys.executable, "-m", "agent", "profile", "sandbox", name, "--port", "0", "--parent"]
        command += ["--data", str(folder), "--faults", faults]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stdout
        self.endpoint: str = json.loads(self.process.stdout.readline())["address"]

    @property
    def base(self) -> str:
        return f"http://{urllib.parse.urlsplit(self.endpoint).netloc}"

    def held(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.base}/held", timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found

    def act(self, number: str, status: int, **form: Any) -> None:
        data = urllib.parse.urlencode({"number": number, "status": status, **form}, doseq=True).encode()
        urllib.request.urlopen(f"{self.base}/act", data, timeout=10).close()

    def calls(self, operation: str) -> int:
        """How many answers to an operation were made."""
        return sum(one["operation"] == operation for one in self.held()["log"])

    def __enter__(self) -> StubProcess:
        return self

    def __exit__(self, *_given: object) -> None:
        self.process.terminate()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
