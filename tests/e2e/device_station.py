"""A counter with devices for browser tests: printers for labels and for the roll, and a reader, all simulated."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.devices.simulators.process import tell
from tests.e2e.serving import PEOPLE, Station

LINE = '\n[[device]]\nname = "{name}"\nrole = "{role}"\nkind = "{kind}"\naddress = "{address}"\n{more}\n'
WIRE, KIND = ("reader", "serial") if os.name == "posix" else ("reader-tcp", "tcp")


class DeviceStation(Station):
    """`nhan` prints labels in ZPL, `cuon` receipts in ESC/POS, `doc` reads, `hop` is a folder of pages."""

    people = (*PEOPLE, ("quantri", "administrator", "Phạm Hưng"))
    peers = (*Station.peers, ("devices", "simulate", "escpos"), ("devices", "simulate", WIRE))

    def __init__(self, data: Path) -> None:
        super().__init__(data)
        self._controls: dict[str, str] = {}
        self.pages = data / "pages"

    def write_config(self, *said: dict[str, Any]) -> None:
        super().write_config(*said)
        zpl, roll, reader = said[1:]
        self._controls = {"zpl": zpl["control"], "escpos": roll["control"], "reader": reader["control"]}
        with (self.data / "agent.toml").open("a", encoding="utf-8") as settings:
            more = 'language = "escpos"\nmedia = "80x0"'
            settings.write(LINE.format(name="cuon", role="receipt", kind="tcp", address=roll["address"], more=more))
            self.pages.mkdir()
            settings.write(LINE.format(name="hop", role="pages", kind="folder", address=self.pages, more=""))
            settings.write(LINE.format(name="doc", role="reader", kind=KIND, address=reader["address"], more=""))

    def printer(self, do: str, **more: Any) -> None:
        """Order the label printer about."""
        tell(self._controls["zpl"], do, **more)

    def roll(self, do: str, **more: Any) -> None:
        """Order the receipt printer about."""
        tell(self._controls["escpos"], do, **more)

    def reader(self, do: str, **more: Any) -> None:
        """Order the reader about."""
        assert tell(self._controls["reader"], do, **more)["ok"]

    def rolls(self) -> list[Path]:
        """What came out of the receipt printer, oldest first."""
        return sorted((self.data / "simulated" / "escpos").glob("label-*.escpos"))

    def mend(self) -> None:
        """All devices are as they were at the start."""
        for control in self._controls.values():
            tell(control, "ok")


@contextmanager
def device_station(data: Path) -> Iterator[DeviceStation]:
    """An open counter that is closed at the end."""
    made = DeviceStation(data)
    try:
        made.open()
        yield made
    finally:
        made.close()
