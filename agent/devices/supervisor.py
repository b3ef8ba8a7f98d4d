"""One thread for each device: started, ended and woken here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from agent import log
from agent.devices.hotplug import Hotplug
from agent.devices.stations.base import Desk, Mark, Station
from agent.devices.terminal import TerminalDevices
from agent.errors import StoreError

logger = log.get(__name__)
TIDY = 60.0  # seconds
LOOK = 1.0  # seconds between two looks at what people decided
ENDS = 2.0  # seconds in which a station's thread usually ends
AGAIN, LONGEST = 1.0, 60.0  # seconds before a station that failed by a fault of ours is started again


class Supervisor:
    """Keeps a thread on every station of the terminal; a thread that dies of a fault is started again."""

    def __init__(
        self, devices: TerminalDevices, desk: Desk, hotplug: Callable[[], Hotplug], tidy: Callable[[], object]
    ) -> None:
        """`tidy` is called at the start and then now and again: old diagnoses go."""
        self._devices, self._desk, self._hotplug, self._tidy = devices, desk, hotplug, tidy
        self._threads: dict[Station, threading.Thread] = {}

    def run(self, stop: threading.Event) -> None:
        """Own the devices until `stop`."""
        hotplug, tidied = self._hotplug(), float("-inf")
        seen: Mark | None = None
        try:
            while not stop.is_set():
                try:
                    if time.monotonic() - tidied >= TIDY:
                        self._tidy()
                        tidied = time.monotonic()
                    if (mark := self._desk.mark()) != seen:
                        self._devices.reload()
                        self._desk.unserved()
                        seen = mark
                except StoreError as error:
                    logger.warning("what was decided about devices is not known: %s", error.code)
                except Exception:  # one fault here must not end every device of the terminal
                    logger.exception("the devices were not looked through")
                self._match()
                self._listen(hotplug, stop)
        finally:
            hotplug.close()
            self._end(list(self._threads), patience=10.0)

    def _listen(self, hotplug: Hotplug, stop: threading.Event) -> None:
        try:
            changed = hotplug.wait(LOOK)
        except OSError:
            logger.exception("what is plugged in and out is not heard")
            changed = not stop.wait(LOOK)  # the stations look for themselves meanwhile
        if changed:
            self._devices.poke()

    def _match(self) -> None:
        """A thread for each station that there is, none for those that are gone.

        One that has not ended yet (a slow line takes a label to its end) keeps its successor waiting.
        """
        wanted = self._devices.stations()
        names = {station.line.name for station in wanted}
        ended = [station for station in self._threads if station not in wanted]
        self._end(ended)
        busy = {station.line.name for station in self._threads if station not in wanted}
        for name in {station.line.name for station in ended} - names:
            self._desk.gone(name)
        for station in wanted:
            if station not in self._threads and station.line.name not in busy:
                thread = threading.Thread(
                    target=self._own, args=(station,), name=f"device-{station.line.name}", daemon=True
                )
                self._threads[station] = thread
                thread.start()

    def _own(self, station: Station) -> None:
        pause = AGAIN
        while not station.stop.is_set():
            began = time.monotonic()
            try:
                station.run(self._desk)
            except Exception:  # a fault in one device's code must not end the others, nor this one for good
                logger.exception("the station of %s failed", station.line.name)
                pause = AGAIN if time.monotonic() - began > LONGEST else pause
                station.stop.wait(pause)
                pause = min(2 * pause, LONGEST)
            finally:
                station.close()

    def _end(self, stations: list[Station], *, patience: float = ENDS) -> None:
        for station in stations:
            station.stop.set()
            station.poke()
        for station in stations:
            self._threads[station].join(patience)
            if not self._threads[station].is_alive():
                del self._threads[station]
