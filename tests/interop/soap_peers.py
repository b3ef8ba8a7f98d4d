"""SOAP stacks that somebody else wrote, as processes: clients of the contract, and servers made from its WSDL."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.domain.canonical import canonical_json
from agent.soap.contract import WSDL
from agent.soap.messages import soap_value
from tests.flow.counter_desk import free_port

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CLIENTS: Mapping[str, list[str]] = {
    "node": ["node", str(HERE / "soap_client.mjs")],
    "php": ["php", str(HERE / "soap_client.php")],
}


def missing(stack: str) -> str:
    """Why this stack cannot be had here; empty when it can."""
    if shutil.which(stack) is None:
        return f"{stack} is not installed"
    if stack == "node" and not (ROOT / "node_modules" / "soap").is_dir():
        return "node's soap is not installed: npm ci"
    if stack == "php":
        modules = subprocess.run([stack, "-m"], capture_output=True, text=True, check=True).stdout.split()
        return "" if "soap" in modules else "PHP has no SOAP: apt-get install php-soap"
    return ""


class Client:
    """A foreign client that makes one call after the other; use as a context manager."""

    def __init__(self, stack: str, wsdl: str) -> None:
        command = [*CLIENTS[stack], wsdl]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self.called: list[str] = []
        self.operations: list[str] = self._heard()["operations"]

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_given: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def ask(self, operation: str, *, signed: Any = None, **values: Any) -> dict[str, Any]:
        """The answer's values, or {"fault": …}; `signed` is what the client computes `payloadDigest` of."""
        command: dict[str, Any] = {"operation": operation, "values": soap_value(values)}
        if signed is not None:
            command["canonical"] = json.loads(canonical_json(signed))
        said = self._said(operation, command)
        return said["answer"] if "answer" in said else {"fault": said["fault"]}

    def upload(self, data: bytes, *, chunk: int) -> dict[str, Any]:
        """Ask how much is there, send the rest in chunks; the last answer, with the number of chunks."""
        said = self._said("upload", {"file": base64.b64encode(data).decode(), "chunk": chunk})
        self.called += ["GetUploadState", "PutDocumentChunk"]
        return dict(said["answer"])

    def rate(self, operation: str, times: int, **values: Any) -> float:
        """Calls in a second, one after the other."""
        said = self._said(operation, {"values": soap_value(values), "repeat": times})
        return times / float(said["answer"]["seconds"])

    def _said(self, operation: str, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        self.called.append(operation)
        self._process.stdin.write(json.dumps({"operation": operation, **command}) + "\n")
        self._process.stdin.flush()
        said = self._heard()
        assert "broken" not in said, f"{operation}: {said['broken']}"
        return said

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the client ended with {self._process.poll()}"
        return dict(json.loads(line))


def listed(answer: Mapping[str, Any], wrapper: str, item: str) -> list[Any]:
    """The items of a list as either stack shows it: absent, one value or many."""
    held = answer.get(wrapper) or {}
    inner = held if isinstance(held, list) else held.get(item, [])
    return inner if isinstance(inner, list) else [inner]


@contextmanager
def server(stack: str, folder: Path) -> Iterator[str]:
    """A province in a foreign stack, made from our WSDL; its SOAP address. What it holds lies in `folder`."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}/soap/tthc"
    wsdl = _with_address(folder, endpoint)
    command = {
        "node": ["node", str(HERE / "soap_province.mjs"), str(wsdl), str(port)],
        "php": ["php", "-d", f"tthc.folder={folder}", "-S", f"127.0.0.1:{port}", str(HERE / "soap_province.php")],
    }[stack]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
    try:
        _until_there(f"http://127.0.0.1:{port}/soap/tthc?wsdl", process)
        yield endpoint
    finally:
        process.terminate()
        process.wait(10)


def _with_address(folder: Path, endpoint: str) -> Path:
    """Our WSDL and schemas in a folder, with the server's address in place of the sandbox's."""
    for path in WSDL.parent.glob("*.xsd"):
        shutil.copy(path, folder)
    text = WSDL.read_text(encoding="utf-8")
    address = text.partition('address location="')[2].partition('"')[0]
    (folder / WSDL.name).write_text(text.replace(address, endpoint), encoding="utf-8")
    return folder / WSDL.name


def _until_there(url: str, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < limit:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the foreign server did not start")
