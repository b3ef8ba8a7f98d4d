"""The bytes that one dossier puts on the line to the province: the demonstration's, counted by a proxy between them."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from tests.bench.figures import Figure


class CountingProxy:
    """Passes TCP connections on to a port and counts the bytes of both directions."""

    def __init__(self, port: int) -> None:
        self.sent = self.received = self.connections = 0
        self._target, self._lock = port, threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                inner, _ = self._listener.accept()
                outer = socket.create_connection(("127.0.0.1", self._target))
                self.connections += 1
                for source, sink, direction in ((inner, outer, "sent"), (outer, inner, "received")):
                    threading.Thread(target=self._pass_on, args=(source, sink, direction), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, direction: str) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                with self._lock:
                    setattr(self, direction, getattr(self, direction) + len(data))
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._listener.close()


def measure(folder: Path, pages: Path | None = None) -> list[Figure]:
    """Carry the demonstration's dossier all the way with the proxy on the line."""
    from agent.cli.demo import with_peers
    from agent.cli.demo_steps import Stations
    from agent.cli.demo_story import Story
    from agent.processes import PeerProcess, Program
    from agent.settings import Settings

    program = Program(Settings(data=folder))
    province, printer = program.start("sandbox", "--port", "0"), program.start("devices", "simulate", "zpl")
    address = urlsplit(province.said["address"])
    proxy = CountingProxy(int(address.port or 0))
    through = address._replace(netloc=f"127.0.0.1:{proxy.port}").geturl()
    try:
        site = program.site(with_peers(program.settings, PeerProcess(province.process, {"address": through}), printer))
        story, artefacts = Story(), folder.with_name(folder.name + "-artefacts")
        Stations(program, site, story, artefacts).walk(pages)
        site.store.close()
    finally:
        for peer in (printer, province):
            peer.stop()
        proxy.close()
    files = sum(Path(path).stat().st_size for path in story.body["artefacts"]["signed_pdfs"])
    assert proxy.sent > files, "the hand-off did not go through the proxy"
    return [
        Figure("bytes sent for one dossier", f"{proxy.sent / 1000:.0f} kB", note=_share(proxy.sent, files)),
        Figure("bytes received for it", f"{proxy.received / 1000:.0f} kB", note=f"{proxy.connections} connections"),
    ]


def _share(sent: int, files: int) -> str:
    return f"{files / 1000:.0f} kB of signed PDF/A, times {sent / files:.2f} by SOAP, base64 and the reconciliation"
