"""Which language a printer speaks: its IEEE-1284 id first, then questions that print nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from agent.devices.languages import escpos, tspl, zpl
from agent.devices.link import Link
from agent.errors import DeviceOutcomeUnknown, DeviceProtocol, DeviceUnavailable

IN_SAFE_ORDER = ("escpos", "tspl", "zpl")  # control characters first: ~HS would print as text elsewhere
COMMAND_SETS = (("TSPL", "tspl"), ("ZPL", "zpl"), ("ESC/POS", "escpos"), ("ESCPOS", "escpos"), ("EPSON", "escpos"))
MAKERS = (("ZEBRA", "zpl"), ("TSC", "tspl"), ("EPSON", "escpos"))
ID_FOLDER = Path("/sys/class/usbmisc")


class Confidence(StrEnum):
    """How a language was found."""

    CERTAIN = "certain"  # the printer answered in a form that no other language has
    LIKELY = "likely"  # its id says so, or it answered with a bare byte
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class DeviceId:
    """An IEEE-1284 device id: `MFG:Zebra;MDL:ZD220;CMD:ZPL,EPL;`."""

    manufacturer: str = ""
    model: str = ""
    commands: tuple[str, ...] = ()
    serial: str = ""

    @property
    def language(self) -> str:
        """The language it suggests; empty when none that we speak."""
        for name, language in COMMAND_SETS:
            if any(command.startswith(name) for command in self.commands):
                return language
        return next((language for maker, language in MAKERS if self.manufacturer.upper().startswith(maker)), "")


@dataclass(frozen=True)
class Detected:
    """What was found of a printer; `language` is empty when nothing was."""

    language: str = ""
    model: str = ""
    confidence: Confidence = Confidence.UNKNOWN
    asked: tuple[str, ...] = field(default=())  # languages tried, in order


def languages_of(commands: Iterable[str]) -> set[str]:
    """The languages that the command sets of a device id stand for.

    >>> languages_of(("ZPL", "EPL2", "PJL")), languages_of(("PCL",))
    ({'zpl'}, set())
    """
    return {language for name, language in COMMAND_SETS for command in commands if command.startswith(name)}


def parse_device_id(raw: bytes) -> DeviceId:
    """Read a device id, with or without its two length bytes; what is damaged is left out.

    >>> parse_device_id(b"MFG:TSC;MDL:TE210;CMD:TSPL2;SN:A1;").language
    'tspl'
    """
    text = (raw[2:] if raw[:1] in {b"\0", b"\1", b"\2", b"\3"} else raw).decode("latin-1")
    known: dict[str, str] = {}
    for part in text.split(";"):
        key, colon, value = part.partition(":")
        if colon:
            known.setdefault(key.strip().upper(), value.strip())

    def first(*keys: str) -> str:
        return next((known[key] for key in keys if known.get(key)), "")

    sets = first("CMD", "COMMAND SET").upper().split(",")
    return DeviceId(
        manufacturer=first("MFG", "MANUFACTURER"),
        model=first("MDL", "MODEL"),
        commands=tuple(part.strip() for part in sets if part.strip()),
        serial=first("SN", "SERN", "SERIALNUMBER"),
    )


def device_id_of(node: str, *, folder: Path = ID_FOLDER) -> DeviceId:
    """The id of a printer node such as /dev/usb/lp0, as Linux keeps it; an empty one where there is none."""
    try:
        return parse_device_id((folder / Path(node).name / "device" / "ieee1284_id").read_bytes())
    except OSError:
        return DeviceId()


def detect(link: Link, device_id: DeviceId | None = None, *, timeout: float = 0.5) -> Detected:
    """Ask in each language until one is answered, the one that the id suggests first; about 2 x `timeout` each.

    Raises DeviceUnavailable when the device cannot be reached.
    """
    known = device_id or DeviceId()
    order = sorted(IN_SAFE_ORDER, key=lambda language: language != known.language)
    with link:
        for index, language in enumerate(order):
            confidence = PROBES[language](link, timeout)
            if confidence is not Confidence.UNKNOWN:
                model = known.model or _model(link, language, timeout)
                return Detected(language, model, confidence, tuple(order[: index + 1]))
    if known.language:
        return Detected(known.language, known.model, Confidence.LIKELY, tuple(order))
    return Detected("", known.model, Confidence.UNKNOWN, tuple(order))


def _say(link: Link, question: bytes) -> None:
    link.drain()
    try:
        link.write(question)
    except DeviceOutcomeUnknown as error:
        raise DeviceUnavailable(error.message) from error


def _escpos(link: Link, timeout: float) -> Confidence:
    _say(link, escpos.ask(1))
    replies, _ = escpos.split(link.read(1, timeout=timeout))
    return Confidence.CERTAIN if any(reply.kind == "status" for reply in replies) else Confidence.UNKNOWN


def _tspl(link: Link, timeout: float) -> Confidence:
    _say(link, tspl.STATUS_FRAME)
    if reply := link.read_until(tspl.END, timeout=timeout):
        try:
            tspl.parse_status_frame(reply)
        except DeviceProtocol:
            return Confidence.UNKNOWN
        return Confidence.CERTAIN
    _say(link, tspl.STATUS_BYTE)
    return Confidence.LIKELY if len(link.read(8, timeout=timeout)) == 1 else Confidence.UNKNOWN


def _zpl(link: Link, timeout: float) -> Confidence:
    _say(link, zpl.HOST_STATUS)
    reply = b""
    for _ in range(3):
        reply += link.read_until(zpl.END, timeout=timeout)
        if not reply:
            break
    try:
        if reply:
            zpl.parse_host_status(reply)
        else:
            _say(link, zpl.ERROR_STATUS)
            zpl.parse_error_status(link.read_until(zpl.END, timeout=timeout))
    except DeviceProtocol:
        return Confidence.UNKNOWN
    return Confidence.CERTAIN


def _model(link: Link, language: str, timeout: float) -> str:
    """What the printer calls itself; empty when it does not say."""
    question, end = {"escpos": (escpos.MODEL, b"\0"), "tspl": (tspl.MODEL, b"\r"), "zpl": (b"~HI", zpl.END)}[language]
    _say(link, question)
    said = link.read_until(end, timeout=timeout).removesuffix(end).lstrip(b"_\x02").split(b",")[0]
    return tspl.parse_model(said)


PROBES: dict[str, Callable[[Link, float], Confidence]] = {"escpos": _escpos, "tspl": _tspl, "zpl": _zpl}
