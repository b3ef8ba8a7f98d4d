"""What a station's thread owns nobody else touches, and what it cannot know it does not claim."""

from __future__ import annotations

import os
import socket
import threading
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from agent.devices.found import Found
from agent.devices.held import HeldLink
from agent.devices.link_tcp import TcpLink
from agent.devices.place import Place
from agent.devices.simulators.process import SimulatorProcess
from agent.devices.terminal import TerminalDevices
from agent.domain.jobs import JobState
from agent.errors import DeviceUnavailable
from agent.jobs import schedule
from agent.settings import Device
from agent.store import claiming
from agent.store.changes import EVERY, Changes
from tests.devices.printers import eventually
from tests.devices.running import counter

KNOWN = Found("/x/lp0", "usb", 0x0A5F, 0x0166, "28J1", "1-1", "Zebra", "ZD220")
OTHER = Found("/x/lp0", "usb", 0x0A5F, 0x0166, "28J9", "1-1", "Zebra", "ZD220")


def test_a_page_that_looks_at_a_reader_never_opens_it_under_the_thread_that_owns_it() -> None:
    master, slave = os.openpty()
    devices = TerminalDevices([Device("doc", "reader", "serial", os.ttyname(slave))])
    assert devices.states()[0].connected, "alone, a command may ask"
    devices.own()
    os.close(slave)
    os.close(master)
    (state,) = devices.states()
    assert (state.connected, state.ready) == (False, None)
    assert state.words.startswith("Chưa hỏi")


def test_a_unit_in_the_place_of_the_known_one_is_not_used_before_it_is_told_who_it_is() -> None:
    here: list[Found] = [KNOWN]
    line = Device("nhan", "label", "usb", "/x/lp0")
    place = Place(line, find=lambda: here, known=lambda: (KNOWN.identity, KNOWN.place))
    assert place.node() == "/x/lp0"
    here.clear()  # pulled, and the one that came is not in sysfs as a whole yet: its node is there already
    place.look_again()
    with pytest.raises(DeviceUnavailable, match="28J1"):
        place.node()
    here.append(OTHER)
    place.look_again()
    assert place.node() == "/x/lp0" and "khác" in place.stranger()


def test_a_network_device_that_hung_up_is_missed_at_the_next_glance() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = HeldLink(TcpLink("127.0.0.1", listener.getsockname()[1]))
        with link:
            peer = listener.accept()[0]
        assert link.alive() is True
        peer.close()
        eventually(lambda: link.alive() is not True)
        assert link.alive() is None, "let go of"


def test_a_network_device_whose_power_went_is_asked_for_by_the_system() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        link = TcpLink("127.0.0.1", listener.getsockname()[1])
        link.open()
        assert link._socket is not None and link._socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        link.close()


def test_a_database_that_does_not_answer_holds_up_one_thread_and_no_commit() -> None:
    asked, answer = threading.Event(), threading.Event()

    def version() -> int:
        asked.set()
        answer.wait(10)
        return 1

    changes = Changes(version)
    stuck = threading.Thread(target=changes.mark, daemon=True)
    stuck.start()
    assert asked.wait(5)
    began = time.monotonic()
    changes.tell()
    mark = changes.mark()
    assert changes.wait(mark, EVERY) == mark
    assert time.monotonic() - began < 5, "nobody waited for the answer"
    answer.set()
    stuck.join(5)


def test_one_of_those_who_wait_looks_for_all_and_another_takes_over_when_it_leaves() -> None:
    version = [0]
    changes = Changes(lambda: version[0])
    before = changes.mark()
    first = threading.Thread(target=changes.wait, args=(before, 3.0))
    first.start()
    seen: list[object] = []
    wait = partial(changes.wait, before, 600.0)
    others = [threading.Thread(target=lambda: seen.append(wait()), daemon=True) for _ in range(3)]
    for other in others:
        other.start()
    first.join(30)
    assert not first.is_alive() and not seen
    version[0] += 1  # another process commits
    for other in others:
        other.join(30)
    assert len(seen) == 3 and before not in seen


def test_a_label_on_a_slow_line_is_not_called_cut_off_while_it_prints(tmp_path: Path) -> None:
    with (
        SimulatorProcess("zpl", folder=tmp_path / "sim") as zpl,
        counter(tmp_path / "data", Device("nhan", "label", "tcp", zpl.address)) as at,
    ):
        at.until_ready()
        zpl.tell("slow", seconds=2.0)
        job = at.test_print()
        eventually(lambda: zpl.tell("status")["formats"] == 1, 10.0)
        late = at.site.clock.now() + timedelta(minutes=10)
        assert claiming.recover(at=late, lanes=("handoff", "print")) == 0
        schedule.free_leases(at.site)
        assert at.job(job).state is JobState.SENDING
        at.until_job(job, JobState.ACKED)


def test_what_the_printer_proved_is_told_once_the_store_listens_again(tmp_path: Path) -> None:
    with (
        SimulatorProcess("zpl", folder=tmp_path / "sim") as zpl,
        counter(tmp_path / "data", Device("nhan", "label", "tcp", zpl.address)) as at,
    ):
        at.until_ready()
        at.site.store._patience = 0.2  # seconds for which a writer waits for another
        zpl.tell("slow", seconds=1.0)
        job = at.test_print()
        eventually(lambda: zpl.tell("status")["formats"] == 1, 10.0)
        with at.site.store.writing():
            eventually(lambda: len(zpl.labels) == 1, 10.0)
            threading.Event().wait(1.5)  # the outcome cannot be written meanwhile
        done = at.until_job(job, JobState.ACKED)
        assert done.result and len(zpl.labels) == 1
        at.prints()
