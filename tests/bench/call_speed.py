"""Small calls to a province: our gateway with both directions checked, beside zeep's default, node's soap and PHP."""

from __future__ import annotations

import hashlib
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.bench.figures import ROOT, Figure, at_least, at_most

SHA = hashlib.sha256(b"x").hexdigest()
CALLS, ROUNDS = 400, 5
START = """
import time
began, busy = time.perf_counter(), time.process_time()
from agent.soap.gateway import SoapGateway
SoapGateway({endpoint!r}).upload_state({sha!r})
print((time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000)
"""


def serve() -> None:
    """Answer GetUploadState with the same bytes for ever: a peer that costs so little that the client is measured."""
    from agent.soap.messages import element_of
    from agent.soap.province.endpoint import envelope

    body = envelope(element_of("GetUploadStateResponse", {"sha256": SHA, "received": 0, "complete": False}))
    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    )
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=_answer, args=(listener.accept()[0], answer), daemon=True).start()


def _answer(peer: socket.socket, answer: bytes) -> None:
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with peer, suppress(OSError):
        while data := peer.recv(65_536):
            head, _, body = data.partition(b"\r\n\r\n")
            missing = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]) - len(body)
            while missing > 0:
                missing -= len(peer.recv(65_536))
            peer.sendall(answer)


@contextmanager
def _peer() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.call_speed"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/soap/tthc"
        finally:
            process.kill()


def measure() -> list[Figure]:
    """Calls a second of one sender, each beside the others in the same rounds; and how soon a gateway is ready."""
    from agent.soap.contract import WSDL

    with _peer() as endpoint:
        ways: dict[str, Callable[[], float]] = {"ours": _ours(endpoint), "zeep": _zeep(endpoint)}
        for name, program, script in (("node", "node", "calls.mjs"), ("php", "php", "calls.php")):
            if shutil.which(program):
                ways[name] = _outside(program, script, endpoint, str(WSDL))
        rates = {name: list[float]() for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                rates[name].append(way())
        clock, busy = min(_start(endpoint) for _ in range(5))
    rate = {name: statistics.median(found) for name, found in rates.items()}
    others = [
        Figure(f"small calls, {name}", f"{rate[name]:.0f} /s") for name in ("zeep", "node", "php") if rate.get(name)
    ]
    return [
        Figure("small calls, our gateway", f"{rate['ours']:.0f} /s", note="checked against the XSD both ways"),
        *others,
        at_least("our calls to zeep's default transport", rate["ours"] / rate["zeep"], 2.0),
        at_most("gateway: import, start and first answer", clock, 150, "ms", f"of the processor {busy:.0f} ms"),
    ]


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (time.perf_counter() - began)


def _ours(endpoint: str) -> Callable[[], float]:
    from agent.soap.gateway import SoapGateway

    gateway = SoapGateway(endpoint)
    return lambda: _timed(lambda: gateway.upload_state(SHA))


def _zeep(endpoint: str) -> Callable[[], float]:
    import zeep

    from agent.soap.contract import NAMESPACE, WSDL

    service = zeep.Client(str(WSDL)).create_service(f"{{{NAMESPACE}}}TthcBinding", endpoint)
    return lambda: _timed(lambda: service.GetUploadState(sha256=SHA))


def _outside(program: str, script: str, endpoint: str, wsdl: str) -> Callable[[], float]:
    """Another stack, timed by itself around its own loop; 0 when it cannot run here."""
    words = [program, str(Path(__file__).with_name(script)), wsdl, endpoint, SHA, str(CALLS)]

    def once() -> float:
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)
        return float(done.stdout.strip()) if done.returncode == 0 else 0.0

    return once


def _start(endpoint: str) -> tuple[float, float]:
    """Milliseconds by the wall and of the processor."""
    code = START.format(endpoint=endpoint, sha=SHA)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    wall, busy = done.stdout.split()
    return float(wall), float(busy)


if __name__ == "__main__":
    serve()
