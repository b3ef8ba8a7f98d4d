"""The devices of this terminal: the settings' lines, what people decided about them, and a station for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from agent.clock import Clock, Ids, RandomIds
from agent.devices.drivers.learnt import Memory
from agent.devices.found import Found
from agent.devices.identity import resolve, usb_id
from agent.devices.place import Place
from agent.devices.stations.base import Record, Station
from agent.devices.stations.pages import PagesStation
from agent.devices.stations.printer import PrinterStation
from agent.devices.stations.reader import ReaderStation
from agent.devices.trace import Trace
from agent.domain.jobs import PRINTER_ROLES
from agent.errors import ConfigError, DeviceUnavailable, NotFound
from agent.ports import DeviceState, FoundDevice, Printer
from agent.settings import Device

READER, PAGES = "reader", "pages"
ROLES = (*PRINTER_ROLES, READER, PAGES)
NEVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Decided:
    """What people decided about one device name: its role, its line when no settings file names it, its unit."""

    role: str | None = None
    line: Device | None = None
    known_as: str = ""
    known_at: str = ""
    trace_until: datetime | None = None
    since: datetime | None = None  # when its role or line was decided: of several printers of a role the newest serves


Decisions = Callable[[], Mapping[str, Decided]]


@dataclass(frozen=True)
class Tools:
    """What stations are made with; `trace` begins a diagnosis of a device until an instant."""

    clock: Clock | None = None
    ids: Ids = field(default_factory=RandomIds)
    folder: Path = Path("devices")  # what scanners lay down until the inbox has it
    timeout: float = 2.0
    memory: Memory | None = None
    record: Record | None = None
    trace: Callable[[str, datetime], Trace] | None = None
    inventory: Callable[[], Sequence[Found]] = tuple
    decisions: Decisions = dict


class TerminalDevices:
    """Every device by name and by role; a station is made anew when its line changes, but keeps with its role."""

    def __init__(self, lines: Sequence[Device], tools: Tools | None = None) -> None:
        self._settings, self._tools = tuple(lines), tools or Tools()
        self._lock = Lock()
        self._decided: Mapping[str, Decided] = {}
        self._stations: dict[str, Station] = {}
        self._owned = False
        _check(self._settings)
        self.reload()

    # --- the Devices port ----------------------------------------------------------------------
    def printer(self, role: str) -> Printer:
        """The printer that serves this role; DeviceUnavailable when none is set up."""
        station = self._serving(role)
        if isinstance(station, PrinterStation):
            return station
        raise DeviceUnavailable(
            f"Chưa khai báo máy in cho vai trò “{role}”. Thêm mục [[device]] vào tệp cấu hình, hoặc chọn máy in ở "
            "trang Thiết bị."
        )

    def named(self, name: str) -> Printer:
        """The printer of this name; ConfigError, with the names there are, when there is none."""
        station = self._stations.get(name)
        if not isinstance(station, PrinterStation):
            known = ", ".join(n for n, s in self._stations.items() if isinstance(s, PrinterStation))
            raise ConfigError(f"Không có máy in tên “{name}”. Tên có: {known or 'chưa khai báo máy in nào'}.")
        return station

    def line(self, role: str) -> Device | None:
        """How the device that serves this role now is set up; None when none has it."""
        station = self._serving(role)
        return station.line if station else None

    def lines(self) -> list[Device]:
        """Every device as it is set up now."""
        return [station.line for station in self.stations()]

    def states(self) -> list[DeviceState]:
        """What each device last said; one that was never asked is asked now, unless its own thread is about to."""
        return [station.last or (_unheard(station) if self._owned else station.state()) for station in self.stations()]

    def own(self) -> None:
        """From now on the stations' threads alone speak with the devices."""
        self._owned = True

    def unit(self, name: str) -> tuple[str, str]:
        """Identity and port of the unit that is plugged in for a device; empty when none is, or it is not known."""
        station = self._stations.get(name)
        return station.place.unit() if station else ("", "")

    def found(self) -> list[FoundDevice]:
        """What is plugged in now and stands in no line."""
        here = self._tools.inventory()
        used = {(station.line.kind, *station.place.unit()) for station in self.stations()}
        meant = [_meant(line, here) for line in self.lines()]
        return [
            FoundDevice(one.kind, one.node, one.identity, one.path, one.words, one.place, usb_id(one, here))
            for one in here
            if (one.kind, one.identity, one.place) not in used and one not in meant
        ]

    def scan_pages(self, name: str) -> None:
        """Ask the device's own thread to scan what lies in its feeder."""
        self._pages(name).order()

    def stop_scan(self, name: str) -> None:
        """End the feed that a scanner is at; what came stays."""
        self._pages(name).halt()

    def reload(self) -> None:
        """Take over what people decided since: roles, devices taken in use or given up, diagnoses."""
        decided = self._tools.decisions()
        with self._lock:
            if decided == self._decided and self._stations:
                return
            self._decided = decided
            self._stations = {line.name: self._station(line) for line in self._lines(decided)}
            self._diagnose()
        self.poke()

    # --- for the supervisor --------------------------------------------------------------------
    def stations(self) -> list[Station]:
        """All stations, in the order of their lines."""
        return list(self._stations.values())

    def poke(self) -> None:
        """Have every station look again."""
        for station in self.stations():
            station.poke()

    # --- inside --------------------------------------------------------------------------------
    def _serving(self, role: str) -> Station | None:
        """Of several that have a role the one that people decided upon last, else the first in the list."""
        having = [station for station in self.stations() if station.line.role == role]
        return max(having, key=lambda one: self._decided.get(one.line.name, Decided()).since or NEVER, default=None)

    def _lines(self, decided: Mapping[str, Decided]) -> list[Device]:
        adopted = [one.line for one in decided.values() if one.line is not None]
        taken = {(line.kind, line.address) for line in self._settings}
        named = {line.name for line in self._settings}
        free = [line for line in adopted if line.name not in named and (line.kind, line.address) not in taken]
        lines = [*self._settings, *free]
        return [replace(line, role=decided.get(line.name, Decided()).role or line.role) for line in lines]

    def _station(self, line: Device) -> Station:
        there = self._stations.get(line.name)
        same_work = there is not None and (there.line.role in PRINTER_ROLES) == (line.role in PRINTER_ROLES)
        if there is not None and same_work and replace(there.line, role="") == replace(line, role=""):
            there.line = line  # what it says next is published under its role of now
            return there
        place = Place(line, find=lambda: self._free(line.name), known=lambda: self._known(line.name))
        return _made(line, self._tools, place)

    def _free(self, name: str) -> list[Found]:
        """What is plugged in and serves no other line: units without serial numbers look alike."""
        others = {station.place.unit() for other, station in self._stations.items() if other != name} - {("", "")}
        return [one for one in self._tools.inventory() if (one.identity, one.place) not in others]

    def _pages(self, name: str) -> PagesStation:
        station = self._stations.get(name)
        if not isinstance(station, PagesStation):
            raise NotFound(f"Không có máy quét trang tên “{name}”. Xem trang Thiết bị.")
        return station

    def _known(self, name: str) -> tuple[str, str]:
        one = self._decided.get(name, Decided())
        return one.known_as, one.known_at

    def _diagnose(self) -> None:
        """Begin and end the full traces that people asked for."""
        for name, station in self._stations.items():
            recording = station.recording if isinstance(station, PrinterStation) else None
            if recording is None or self._tools.trace is None:
                continue
            until = self._decided.get(name, Decided()).trace_until
            if until is None or (self._tools.clock is not None and until <= self._tools.clock.now()):
                recording.trace = None
            elif recording.trace is None or recording.trace.until != until:
                recording.trace = self._tools.trace(name, until)


def _unheard(station: Station) -> DeviceState:
    return DeviceState(station.line.name, station.line.role, False, None, "Chưa hỏi lần nào; chờ giây lát.", None)


def _meant(line: Device, here: Sequence[Found]) -> Found | None:
    """What a line's address means by itself; None when it is not there or the address means several."""
    try:
        return resolve(line.address, line.kind, here)
    except ConfigError:
        return None


def _made(line: Device, tools: Tools, place: Place) -> Station:
    if line.role in PRINTER_ROLES:
        return PrinterStation(
            line, place=place, clock=tools.clock, timeout=tools.timeout, memory=tools.memory, record=tools.record
        )
    if line.role == READER:
        return ReaderStation(line, place=place, clock=tools.clock, record=tools.record)
    if line.role == PAGES:
        return PagesStation(line, place=place, folder=tools.folder / line.name, ids=tools.ids, clock=tools.clock)
    raise ConfigError(f"Thiết bị “{line.name}”: không biết vai trò “{line.role}”. Có: {', '.join(ROLES)}.")


def _check(lines: Sequence[Device]) -> None:
    names = [line.name for line in lines]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"Hai thiết bị trùng tên “{twice}”. Đặt cho mỗi thiết bị một tên riêng trong tệp cấu hình.")
    ports = [(line.kind, line.address) for line in lines]
    if taken := next((port for port in ports if ports.count(port) > 1), None):
        raise ConfigError(f"Hai thiết bị cùng dùng cổng {taken[1]}. Mỗi cổng chỉ khai báo một thiết bị.")
