"""A TCP proxy that spoils exchanges between agent and province as its seed draws it: the same seed, the same faults."""

from __future__ import annotations

import random
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

WIRE_FAULTS: Mapping[str, str] = {
    "cut-before": "hang up before anything is forwarded",
    "cut-after": "forward, let the province answer, hang up without the answer",
    "delay": "hold the request back for a while",
    "duplicate": "forward the request twice, answer with the second answer",
    "truncate": "pass on a part of the answer, then hang up",
    "corrupt-request": "change one byte of the request's body",
    "corrupt-reply": "change one byte of the answer's body",
    "502": "forward, then answer 502 with HTML",
    "black-hole": "forward, then keep silent until the sender gives up",
}
"""Every fault of the line and what it does."""
PATIENCE = 30.0  # seconds a silent peer is waited for
BAD_GATEWAY = b"<html><body>502 Bad Gateway</body></html>"


OFTEN = {"SubmitDossier": 6, "PutDocumentChunk": 2, "AllocateNumber": 1, "GetUploadState": 1}
"""How the blows are shared out among operations."""


@dataclass(frozen=True)
class Draw:
    """What happens to one exchange: a fault of the line or none, where in it (0..1), or a blow beside it."""

    fault: str = ""
    where: float = 0.0
    blow: str = ""  # kill-worker | kill-province | full-worker | full-province
    answered: bool = False  # the blow falls when the answer is back, else when the request is forwarded
    after: float = 0.0  # … so many seconds later
    placed: bool = False  # asked for, not drawn: calm does not end it


@dataclass(frozen=True)
class Plan:
    """What each exchange suffers: a function of the seed, its number, and its number among those of its operation.

    `odds`: the probability of each fault of the line; `blows`: (operation, number of its exchange) -> the blow;
    `placed`: likewise a fault that an exchange suffers whatever is drawn.
    """

    seed: int
    odds: Mapping[str, float]
    blows: Mapping[tuple[str, int], str] = field(default_factory=dict)
    reach: float = 0.06  # seconds within which a blow falls
    late: float = 0.4  # the part of the blows that falls after the answer came
    placed: Mapping[tuple[str, int], str] = field(default_factory=dict)

    def draw(self, number: int, operation: str = "", nth: int = 0) -> Draw:
        """The fate of exchange `number`, the `nth` of its operation, both from 0; beside a blow the line is calm."""
        blow = self.blows.get((operation, nth), "")
        if blow:
            chance = random.Random(f"{self.seed}:{operation}:{nth}")
            return Draw(blow=blow, answered=chance.random() < self.late, after=chance.uniform(0, self.reach))
        chance = random.Random(f"{self.seed}:{number}")
        left, where = chance.random(), chance.random()
        if (operation, nth) in self.placed:
            return Draw(self.placed[operation, nth], where, placed=True)
        for name, odds in self.odds.items():
            left -= odds
            if left < 0:
                return Draw(name, where)
        return Draw()


def spread_blows(
    seed: int, counts: Mapping[str, int], dossiers: int, often: Mapping[str, int] = OFTEN
) -> dict[tuple[str, int], str]:
    """Blows at distinct exchanges of these operations, spread over so many dossiers."""
    chance, places = random.Random(f"{seed}:blows"), dict[tuple[str, int], str]()
    names = [name for name, count in sorted(counts.items()) for _ in range(count)]
    while names:  # every dossier makes at least one exchange of each of these operations
        place = chance.choices([*often], [*often.values()])[0], chance.randrange(dossiers * 9 // 10)
        if place not in places:
            places[place] = names.pop()
    return places


@dataclass
class Proxy:
    """Listens on a free port of the loopback address and forwards HTTP exchanges to `upstream`, spoiled by `plan`.

    `strike(blow)` is called in a thread of its own when a blow falls. `calm` ends the faults of the line.
    """

    upstream: tuple[str, int]
    plan: Plan
    strike: Callable[[str], None] = lambda _blow: None
    calm: bool = False
    happened: list[tuple[int, str]] = field(default_factory=list)
    operations: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """Hang up on everybody."""
        self._stop.set()
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(5)

    def counts(self) -> Counter[str]:
        """How often each fault and blow happened."""
        with self._lock:
            return Counter(name for _, name in self.happened)

    # --- connections
    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        """One connection: exchange after exchange until either side hangs up."""
        province: socket.socket | None = None
        with client, suppress(OSError):
            client.settimeout(0.2)
            while not self._stop.is_set():
                try:
                    first = client.recv(65_536)
                except TimeoutError:
                    continue
                if not first:
                    break
                client.settimeout(PATIENCE)
                province = self._exchange(client, province, first)
                client.settimeout(0.2)
                if province is None:
                    break
        if province is not None:
            province.close()

    def _draw(self, operation: str) -> Draw:
        with self._lock:
            number, nth = self.operations.total(), self.operations[operation]
            self.operations[operation] += 1
            draw = self.plan.draw(number, operation, nth)
            if self.calm and draw.fault and not draw.placed:
                draw = Draw()
            if draw != Draw():
                self.happened.append((number, draw.fault or draw.blow))
        return draw

    # --- one exchange
    def _exchange(self, client: socket.socket, province: socket.socket | None, first: bytes) -> socket.socket | None:
        """Carry one request and its answer; the connection to the province, or None to hang up."""
        request = _message(client, first)
        draw = self._draw(_operation(request))
        if draw.fault == "cut-before":
            if province is not None:
                province.close()
            return None
        if draw.fault == "delay":
            self._stop.wait(0.02 + draw.where * 0.2)
        if draw.fault == "corrupt-request":
            request = _spoiled(request, draw.where)
        province = province or self._connect()
        if province is None:
            self._blow(draw, answered=draw.answered)
            return None
        try:
            if draw.fault == "duplicate":
                province.sendall(request)
                _message(province)
            province.sendall(request)
            self._blow(draw, answered=False)
            answer = _message(province)
        except OSError:  # it was killed, or hung up
            self._blow(draw, answered=True)
            province.close()
            return None
        self._blow(draw, answered=True)
        if self._answer(client, draw, answer):
            return province
        province.close()
        return None

    def _answer(self, client: socket.socket, draw: Draw, answer: bytes) -> bool:
        """Pass the answer on, or what the fault makes of it; whether the connection stays."""
        if draw.fault == "cut-after":
            return False
        if draw.fault == "black-hole":
            with suppress(OSError):
                while not self._stop.is_set() and client.recv(1):
                    pass
            return False
        if draw.fault == "truncate":
            client.sendall(answer[: int(len(answer) * draw.where)])
            return False
        if draw.fault == "502":
            head = f"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: {len(BAD_GATEWAY)}\r\n\r\n"
            answer = head.encode() + BAD_GATEWAY
        if draw.fault == "corrupt-reply":
            answer = _spoiled(answer, draw.where)
        client.sendall(answer)
        return True

    def _blow(self, draw: Draw, *, answered: bool) -> None:
        if draw.blow and draw.answered == answered:
            timer = threading.Timer(draw.after, self.strike, [draw.blow])
            timer.daemon = True
            timer.start()

    def _connect(self) -> socket.socket | None:
        try:
            province = socket.create_connection(self.upstream, timeout=2)
        except OSError:
            return None
        province.settimeout(PATIENCE)
        province.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return province


# --- bytes of HTTP -----------------------------------------------------------------------------
def _message(source: socket.socket, begun: bytes = b"") -> bytes:
    """One whole HTTP message with Content-Length; ConnectionError when its sender hangs up before its end."""
    data = bytearray(begun)
    while b"\r\n\r\n" not in data:
        data += _more(source)
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    length = next(
        (int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    missing = length - len(body)
    while missing > 0:
        piece = _more(source)
        data += piece
        missing -= len(piece)
    return bytes(data)


def _more(source: socket.socket) -> bytes:
    piece = source.recv(262_144)
    if not piece:
        raise ConnectionError
    return piece


def _operation(request: bytes) -> str:
    """The operation that a SOAP request names in its SOAPAction."""
    for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if line.lower().startswith(b"soapaction:"):
            return re.split(r"[/:#]", line.decode(errors="replace").strip().strip('"'))[-1]
    return "?"


def _spoiled(message: bytes, where: float) -> bytes:
    """The message with one byte of its body changed."""
    head, gap, body = message.partition(b"\r\n\r\n")
    if not body:
        return message
    place = min(len(body) - 1, int(len(body) * where))
    return head + gap + body[:place] + bytes([body[place] ^ 0x02]) + body[place + 1 :]
