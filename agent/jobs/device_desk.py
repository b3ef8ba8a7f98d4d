"""What the device threads tell and ask, over the store: states, scans, pages, and the jobs that are due."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

from agent import log
from agent.domain.jobs import PRINTER_ROLES, print_lane
from agent.errors import StoreError
from agent.intake.devices import keep_unit
from agent.intake.inbox import deliver
from agent.jobs import print_label
from agent.jobs.notebook import Note, Notebook
from agent.jobs.runner import Worker
from agent.ports import DeviceState, Scan
from agent.ports_pages import PageFile
from agent.settings import Device
from agent.site import Site
from agent.store import claiming, print_queue
from agent.store import devices as rows
from agent.store.changes import Mark

logger = log.get(__name__)
AGAIN = 0.5  # seconds before another try at a store that refuses
NOBODY = (
    "Chưa khai báo máy in cho vai trò “{}”. Thêm mục [[device]] vào tệp cấu hình, hoặc chọn máy in ở trang Thiết bị."
)


class DeviceDesk:
    """The Desk of this terminal's stations; what they tell goes into the notebook."""

    def __init__(self, site: Site, notebook: Notebook) -> None:
        self._site, self._notebook = site, notebook
        self._workers: dict[str, Worker] = {}

    def recover(self, stop: threading.Event) -> None:
        """At the start: what a dead process left half printed goes to the clerk, old states of devices go.

        A store that refuses is asked again until `stop`: no job may be claimed before.
        """
        site = self._site
        while not stop.is_set():
            try:
                for role in PRINTER_ROLES:
                    name = print_worker(site, role).name
                    claiming.recover(at=site.clock.now(), lanes=(print_lane(role),), dead=name)
                self._drop()
                return
            except StoreError as error:
                logger.warning("the devices wait for the store: %s", error.code)
                stop.wait(AGAIN)

    def said(self, line: Device, state: DeviceState, identity: str) -> None:
        """Have the state published, so that screens and other processes see it."""
        at = self._site.clock.now()
        self._notebook.put(Note(("said", line.name), lambda: self._publish(line, state, identity, at)))

    def met(self, line: Device, identity: str, port: str) -> None:
        """Have the unit remembered."""
        self._notebook.put(Note(("met", line.name), lambda: self._remember(line.name, identity, port)))

    def gone(self, name: str) -> None:
        """Have what the device last said dropped."""
        self._notebook.put(Note(("said", name), self._drop))

    def unserved(self) -> None:
        """Say on the jobs of roles that no printer has why they wait."""
        for role in PRINTER_ROLES:
            if self._site.devices.line(role) is None:
                terminal = self._site.settings.terminal.id
                print_queue.hinder(lane=print_lane(role), terminal_id=terminal, words=NOBODY.format(role))

    def work(self, line: Device) -> int:
        """One round of the role's lane, if this printer is the one that has the role."""
        if not self._serves(line):
            return 0
        if line.role not in self._workers:
            self._workers[line.role] = print_worker(self._site, line.role)
        return self._workers[line.role].run_once()

    def hindered(self, line: Device, words: str) -> None:
        """Say on the waiting jobs why they wait, if this printer is the one that they wait for."""
        if self._serves(line):
            print_queue.hinder(lane=print_lane(line.role), terminal_id=self._site.settings.terminal.id, words=words)

    def cleared(self, line: Device) -> None:
        """Make the waiting jobs due."""
        here = self._site
        if self._serves(line):
            print_queue.hurry(lane=print_lane(line.role), terminal_id=here.settings.terminal.id, at=here.clock.now())

    def scanned(self, line: Device, scans: Sequence[Scan]) -> None:
        """Queue scans for the thread that commits them."""
        at = self._site.clock.now()
        for scan in scans:
            self._notebook.put((at, scan))

    def fed(self, line: Device, file: PageFile) -> None:
        """Take a page file into the inbox."""
        deliver(self._site, file)

    def mark(self) -> Mark:
        """The store's mark of now."""
        return self._site.store.changes.mark()

    def wait(self, mark: Mark, timeout: float) -> Mark:
        """Until the store changes."""
        return self._site.store.changes.wait(mark, timeout)

    def _serves(self, line: Device) -> bool:
        mine = self._site.devices.line(line.role)
        return mine is not None and mine.name == line.name

    def _publish(self, line: Device, state: DeviceState, identity: str, at: datetime) -> None:
        here = self._site.settings
        said = {"said_at": state.at} if state.connected else {}  # what did not answer last answered when it did
        with self._site.store.writing():
            rows.publish(
                office_id=here.office.id,
                terminal_id=here.terminal.id,
                name=line.name,
                role=line.role,
                kind=line.kind,
                address=line.address,
                language=line.language,
                identity=identity,
                connected=state.connected,
                ready=state.ready,
                words=state.words,
                changed_at=at,
                **said,
            )

    def _remember(self, name: str, identity: str, port: str) -> None:
        keep_unit(self._site, name, identity, port)
        self._site.devices.reload()

    def _drop(self) -> None:
        with self._site.store.writing():
            rows.keep_only(self._site.settings.terminal.id, [line.name for line in self._site.devices.lines()])


def print_worker(site: Site, role: str = "label") -> Worker:
    """The worker of one printing role; only the thread that owns its printer runs it."""
    name = f"{site.settings.terminal.id}:{print_lane(role)}"
    return Worker(site, print_label.HANDLERS, (print_lane(role),), name, batch=1)
