"""One thing that is plugged in: who it is, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["serial", "usb", "hidraw", "evdev"]
COUNTED = (
    "0123456789" * 2,
    "0123456789ABCDEF",
    "1234567890ABCDEF",
)  # what makers leave in the serial number of every unit


@dataclass(frozen=True)
class Found:
    """One node of one device; a device with several ports or kinds is found once for each."""

    node: str  # as a link opens it
    kind: Kind  # usb: printer class; hidraw: a barcode reader in HID POS mode; evdev: anything that types
    vid: int | None = None
    pid: int | None = None
    serial: str = ""  # as it says itself, even where every unit of its kind says the same
    path: str = ""  # the USB port, "1-1.4": bus, then the port of each hub
    maker: str = ""
    product: str = ""
    commands: tuple[str, ...] = ()  # of a printer: the command sets of its IEEE-1284 id
    interface: str = ""  # "1.2": which of a device's interfaces the node belongs to

    @property
    def model(self) -> str:
        """`0a5f:0166`; empty when it is not a USB device."""
        return "" if self.vid is None or self.pid is None else f"{self.vid:04x}:{self.pid:04x}"

    @property
    def own_serial(self) -> str:
        """The serial number if it can tell two units apart, else empty."""
        return self.serial if tells_apart(self.serial) else ""

    @property
    def identity(self) -> str:
        """`0a5f:0166:28J1234`; `0a5f:0166@1-1.4` where it has no serial number of its own; else the node."""
        if self.model and self.own_serial:
            return f"{self.model}:{self.own_serial}"
        return f"{self.model}@{self.path}" if self.model and self.path else self.node

    @property
    def place(self) -> str:
        """`1-1.4:1.0`, the port and the interface: one for each port of a device that has several."""
        return f"{self.path}:{self.interface}" if self.interface else self.path

    @property
    def words(self) -> str:
        """Maker and model as a person reads them."""
        return f"{self.maker} {self.product.removeprefix(self.maker).strip()}".strip() or self.model or self.node


def tells_apart(serial: str) -> bool:
    """Whether a serial number can be one unit's own.

    >>> [tells_apart(s) for s in ("28J1234", "", "00000000", "123456789")]
    [True, False, False, False]
    """
    return len(set(serial)) > 1 and not any(serial.upper() in counted for counted in COUNTED)
