"""A simulated device in a process of its own, for training, the demonstration and tests."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from agent.errors import DeviceUnavailable


def tell(control: str, do: str, **more: Any) -> dict[str, Any]:
    """Give one order to the control socket at host:port and return the answer; DeviceUnavailable when it is gone."""
    host, _, port = control.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=5.0) as wire, wire.makefile("rwb") as lines:
            lines.write(json.dumps({"do": do, **more}).encode() + b"\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(lines.readline() or b"{}")
            return answer
    except (OSError, ValueError) as error:
        raise DeviceUnavailable(f"Thiết bị giả lập ở {control} không trả lời ({error}). Khởi động lại nó.") from error


class SimulatorProcess:
    """Started at once; `with` ends it, and so does the end of the process that started it (its pipe closes)."""

    def __init__(self, kind: str, *, folder: Path, port: int = 0) -> None:
        command = [sys.executable, "-m", "agent.devices.simulators", kind, "--folder", str(folder), "--port", str(port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise DeviceUnavailable(f"Không khởi động được thiết bị giả lập “{kind}”. Xem dòng lỗi phía trên.")
        said = json.loads(line)
        self.folder, self.address, self.control = folder, str(said["address"]), str(said["control"])

    @property
    def labels(self) -> list[bytes]:
        """What came out so far, oldest first."""
        found = sorted(self.folder.glob("label-*"))
        return [path.read_bytes() for path in found if path.suffix not in {".png", ".part"}]

    @property
    def pictures(self) -> list[Path]:
        """The PNGs of what came out so far, oldest first; waits at most 10 seconds for those being drawn."""
        deadline = time.monotonic() + 10.0
        while self.tell("status")["drawing"] and time.monotonic() < deadline:
            time.sleep(0.01)
        return sorted(self.folder.glob("label-*.png"))

    def tell(self, do: str, **more: Any) -> dict[str, Any]:
        """Make it misbehave or mend: paper-out, head-open, pause, stall, garble, silence, slow, vanish, ok, status."""
        return tell(self.control, do, **more)

    def stop(self) -> None:
        """Close its pipe and wait for it to end."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
