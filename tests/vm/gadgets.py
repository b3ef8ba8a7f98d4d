"""USB devices of software on the kernel's own loop from device to host (dummy_hcd), set up through configfs."""

from __future__ import annotations

import os
import select
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.devices.printers import eventually

CONFIGFS = Path("/sys/kernel/config/usb_gadget")
PORTS = Path("/sys/class/udc")
USB = Path("/sys/bus/usb/devices")
LIMIT = 10.0  # seconds for a node to come or go: the kernel here is emulated


class Gadget:
    """One device with one function; `plug` puts its cable in, `pull` takes it out at the host's port.

    Its own side stays as it is: Linux 6.1 crashed when its printer function was bound a second time, bytes unread.

    `kind` is printer, acm or hid; `serial` its serial number; `options` go to the function's folder.
    """

    def __init__(self, kind: str, serial: str, *, product: int = 0x0104, **options: str | bytes) -> None:
        self.serial, self.port = serial, _free_port()
        self._socket: Path | None = None
        self._place = CONFIGFS / f"g-{serial}"
        self._function = self._place / "functions" / f"{kind}.{serial}"
        self._config = self._place / "configs" / "c.1"
        self._place.mkdir()
        _put(self._place / "idVendor", "0x1d6b")
        _put(self._place / "idProduct", f"0x{product:04x}")
        words = self._place / "strings" / "0x409"
        words.mkdir()
        _put(words / "serialnumber", serial)
        _put(words / "manufacturer", "Simulated")
        _put(words / "product", f"{kind} of software")
        self._function.mkdir()
        for name, value in options.items():
            _put(self._function / name, value)
        self._config.mkdir()
        (self._config / self._function.name).symlink_to(self._function)

    def option(self, name: str) -> str:
        """What the kernel says of the function: `port_num` of an ACM, `dev` of a HID function."""
        return (self._function / name).read_text().strip()

    def plug(self) -> None:
        """Put the cable in; the first time its firmware starts too."""
        if self._socket is None:
            _put(self._place / "UDC", self.port)
            eventually(lambda: self.device is not None, LIMIT)
            assert self.device is not None
            self._socket = (self.device / "port").resolve()
        else:
            _put(self._socket / "disable", "0")

    def pull(self) -> None:
        """Take the cable out: the host's port loses its power."""
        if self._socket is not None:
            _put(self._socket / "disable", "1")

    def move(self) -> None:
        """Put it at another port, still out; not for printers, see above."""
        self.remove_from_port()
        taken, self.port = self.port, ""
        self.port, self._socket = _free_port(but=taken), None

    def remove_from_port(self) -> None:
        """End its firmware and leave the host's port usable."""
        with suppress(OSError):
            _put(self._place / "UDC", "\n")
        if self._socket is not None:
            _put(self._socket / "disable", "0")

    @property
    def device(self) -> Path | None:
        """The host's folder of the device, None while it is not plugged in."""
        for path in USB.iterdir():
            with suppress(OSError):
                if (path / "serial").read_text().strip() == self.serial:
                    return path
        return None

    def node(self, kind: str, prefix: str) -> str:
        """The host's node of the device, waited for: `kind` is usbmisc, tty or hidraw; "" when it does not come."""
        found: list[str] = []

        def came() -> bool:
            device = self.device
            places = device.rglob(f"{kind}/{prefix}*") if device else ()
            found[:] = [path.name for path in places if path.parent.name == kind]
            return bool(found)

        eventually(came, LIMIT)
        folder = Path("/dev/usb") if kind == "usbmisc" else Path("/dev")
        eventually((folder / found[0]).exists, LIMIT)
        return str(folder / found[0])

    def remove(self) -> None:
        """Take it apart and leave the host's port usable; what the kernel still holds stays."""
        self.remove_from_port()
        with suppress(OSError):
            (self._config / self._function.name).unlink()
            self._config.rmdir()
            self._function.rmdir()
            (self._place / "strings" / "0x409").rmdir()
            self._place.rmdir()


class GadgetWire:
    """The device's end as a simulator's wire; `node` says which file it is, once it is there."""

    def __init__(self, gadget: Gadget, node: Callable[[], str]) -> None:
        self.gadget, self._node = gadget, node
        self._end: int | None = None
        self.address = ""
        self.plug()

    def plug(self) -> None:
        """Cable in; its own end is opened when the host has set the device up, and what lay there is forgotten."""
        self.gadget.plug()
        eventually(self._opened, LIMIT)
        while self.read(65_536, 0.3):
            pass

    def unplug(self) -> None:
        self.shut()
        self.gadget.pull()

    def shut(self) -> None:
        """Its own end let go with the cable in: a serial line's DSR and DCD fall."""
        end, self._end = self._end, None
        if end is not None:
            os.close(end)

    def reopen(self) -> None:
        eventually(self._opened, LIMIT)

    def wait(self, timeout: float) -> bool:
        """Whether something came; a cable that is out is silence."""
        end = self._end
        try:
            return end is not None and bool(select.select([end], [], [], timeout)[0])
        except (OSError, ValueError):
            return False

    def read(self, most: int, timeout: float) -> bytes:
        end = self._end
        if end is None or not self.wait(timeout):
            return b""
        try:
            return os.read(end, most)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        end = self._end
        try:
            while data and end is not None and select.select([], [end], [], 2.0)[1]:
                data = data[os.write(end, data) :]
        except OSError:
            return  # nobody listens any more

    def _opened(self) -> bool:
        try:
            end = os.open(self._node(), os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError:
            return False
        with suppress(termios.error):
            tty.setraw(end)
            termios.tcflush(end, termios.TCIOFLUSH)  # what the kernel kept of before the cable was out
        self._end = end
        return True


@contextmanager
def gadget(kind: str, serial: str, *, product: int = 0x0104, **options: str | bytes) -> Iterator[Gadget]:
    """A device that is taken apart in the end."""
    made = Gadget(kind, serial, product=product, **options)
    try:
        yield made
    finally:
        made.remove()


def _put(path: Path, value: str | bytes) -> None:
    path.write_bytes(value if isinstance(value, bytes) else value.encode())


def _free_port(but: str = "") -> str:
    """The first port of the loop that no device holds."""
    taken = {but, *(path.read_text().strip() for path in CONFIGFS.glob("*/UDC"))}
    return sorted(port.name for port in PORTS.iterdir() if port.name not in taken)[0]
