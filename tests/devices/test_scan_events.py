"""Scans from the reader's wire to the database and to the one screen that acts on them."""

from __future__ import annotations

import sys
import threading
from collections import Counter as Counted
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agent.devices.simulators.process import SimulatorProcess
from agent.errors import NotFound, RuleViolation
from agent.intake.scans import KEPT, take_scan, wipe_scans
from agent.settings import Device
from agent.store.scans import ScanEvent
from tests import postgres
from tests.devices.printers import eventually
from tests.devices.readers import CARD, KINDS
from tests.devices.running import CLERK, AgentProcess, Counter, counter
from tests.webdesk import HandClock

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on Windows are there no ptys and FIFOs")
LONG = 60.0  # seconds for what takes a few on an idle machine


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "sqlite":
        yield ""
        return
    with postgres.migrated(request.getfixturevalue("postgres_server")) as made:
        yield made


def reader(simulator: SimulatorProcess, kind: str = "reader-tcp", name: str = "doc", **more: object) -> Device:
    return Device(name, "reader", KINDS[kind], simulator.address, **more)  # type: ignore[arg-type]


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("reader-tcp", folder=tmp_path / "doc") as running:
        yield running


@pytest.fixture
def at(tmp_path: Path, simulated: SimulatorProcess, url: str) -> Iterator[Counter]:
    with counter(tmp_path / "data", reader(simulated), url=url, clock=HandClock()) as made:
        made.until_ready("doc")
        yield made


def scanned(at: Counter, count: int = 1) -> list[ScanEvent]:
    try:
        eventually(lambda: len(at.scans()) >= count, LONG)
    except AssertionError:
        came = Counted((one.device, one.torn) for one in at.scans())
        raise AssertionError(f"of {count} scans came {dict(came)}") from None
    found = at.scans()
    assert len(found) == count
    return found


def told(events: list[ScanEvent], device: str) -> list[str]:
    """The whole frames of one reader, in the order in which they were kept."""
    return [bytes(one.raw or b"").decode() for one in events if one.device == device and not one.torn]


def numbered(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number:06}" for number in range(1, count + 1)]


# --- bursts -----------------------------------------------------------------------------------------
@posix
def test_two_thousand_scans_at_full_speed_one_reader_pulled_out_between_come_once_and_in_order(
    url: str, tmp_path: Path
) -> None:
    with (
        SimulatorProcess("reader", folder=tmp_path / "one") as one,
        SimulatorProcess("reader", folder=tmp_path / "two") as two,
        counter(tmp_path / "data", reader(one, "reader", "mot"), reader(two, "reader", "hai"), url=url) as at,
    ):
        at.until_ready("mot", "hai")
        two.tell("burst", prefix="B", count=500)
        scanned(at, 500)  # a simulated cable that is pulled out loses what the kernel holds
        one.tell("burst", prefix="A", count=1_000)
        two.tell("scan", text="RR473124829VN", tear=7, pause=0.2)  # time to be heard, not to end
        two.tell("vanish")
        at.until_said("Kiểm tra nguồn điện", "hai", LONG)
        two.tell("ok")
        at.until_ready("hai")
        two.tell("burst", prefix="B", first=501, count=500)
        events = scanned(at, 2_001)
        assert told(events, "mot") == numbered("A", 1_000)
        assert told(events, "hai") == numbered("B", 1_000)
        (torn,) = [one for one in events if one.torn]
        assert (torn.device, bytes(torn.raw or b""), "mất kết nối" in torn.note) == ("hai", b"RR47312", True)
        assert not any(one.repeat for one in events)


@posix
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="prlimit: many systems have none, only on Windows too")
def test_no_scan_is_lost_while_the_disk_is_full_and_the_reader_comes_and_goes(tmp_path: Path) -> None:
    import resource

    with SimulatorProcess("reader", folder=tmp_path / "one") as one:
        lines = [reader(one, "reader")]
        with (
            counter(tmp_path / "data", *lines, start=False) as at,
            AgentProcess(tmp_path / "data", lines) as agent,
        ):
            at.until_ready("doc")
            limits = resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, (0, limits[1]))  # not a byte more
            one.tell("burst", prefix="A", count=300)
            one.tell("vanish")
            eventually(lambda: not one.tell("status")["connected"], LONG)
            one.tell("ok")
            threading.Event().wait(3.0)  # it is opened again, though nobody can be told
            one.tell("burst", prefix="A", first=301, count=100)
            eventually(lambda: one.tell("status")["waiting"] == 0, LONG)
            assert at.scans() == []
            resource.prlimit(agent.process.pid, resource.RLIMIT_FSIZE, limits)
            assert told(scanned(at, 400), "doc") == numbered("A", 400)
            at.until_ready("doc")


@posix
def test_what_was_read_when_the_agent_ends_is_committed_before_it_ends(tmp_path: Path) -> None:
    with (
        SimulatorProcess("reader", folder=tmp_path / "one") as one,
        counter(tmp_path / "data", reader(one, "reader")) as at,
        ThreadPoolExecutor(1) as pool,
    ):
        at.until_ready("doc")
        at.site.store._patience = 0.2  # seconds for which a writer waits for another
        with at.site.store.writing():
            one.tell("burst", prefix="A", count=700)
            eventually(lambda: one.tell("status")["waiting"] == 0, LONG)
            threading.Event().wait(0.5)  # what lies in the pty is read
            ending = pool.submit(at.stop)
            threading.Event().wait(1.5)  # the reader's thread has ended, the store is still locked
        ending.result(30)
        assert told(at.scans(), "doc") == numbered("A", 700)


# --- what a scan says -------------------------------------------------------------------------------
@posix
@pytest.mark.parametrize(
    ("kind", "more", "settings"),
    [
        ("reader", {}, {"end": "\r", "aim": "]Q1"}),
        ("reader", {}, {"start": "\x02", "end": "\x03"}),
        ("reader-hid", {}, {"aim": "]Q1"}),
        ("reader-wedge", {"hexdump": True}, {"hexdump": True}),
    ],
    ids=["serial with AIM", "serial between STX and ETX", "HID POS", "hex-dump wedge"],
)
def test_a_chip_card_with_vietnamese_text_reaches_the_screen_byte_for_byte(
    kind: str, more: dict[str, object], settings: dict[str, object], tmp_path: Path
) -> None:
    with (
        SimulatorProcess(kind, folder=tmp_path / "one") as one,
        counter(tmp_path / "data", reader(one, kind, **more), clock=HandClock()) as at,
    ):
        at.until_ready("doc")
        one.tell("set", **settings)
        one.tell("scan", text=CARD)
        (event,) = scanned(at)
        assert (event.kind, bytes(event.raw or b""), event.length) == ("chip-card", CARD.encode(), len(CARD.encode()))
        assert take_scan(at.site, event.uid, by=CLERK) == CARD


def now(at: Counter, event: ScanEvent) -> ScanEvent:
    with at.site.store.reading():
        found = ScanEvent.get_by_id(event.id)
    assert isinstance(found, ScanEvent)
    return found


def test_many_windows_take_a_scan_at_once_and_one_gets_it(at: Counter, simulated: SimulatorProcess) -> None:
    simulated.tell("burst", prefix="A", count=5)
    for event in scanned(at, 5):
        gate = threading.Barrier(12)

        def take(event: ScanEvent = event, gate: threading.Barrier = gate) -> str:
            gate.wait(20)
            try:
                return take_scan(at.site, event.uid, by=CLERK)
            except RuleViolation as refused:
                assert "đã được dùng" in refused.message
                return ""
            finally:
                at.site.store.database.close()

        with ThreadPoolExecutor(12) as pool:
            answers = [one.result(60) for one in [pool.submit(take) for _ in range(12)]]
        assert [answer for answer in answers if answer] == [bytes(event.raw or b"").decode()]
        taken = now(at, event)
        assert (taken.raw, taken.length, taken.taken_by) == (None, 7, "lananh")


def test_what_a_scan_said_is_erased_when_it_is_taken_and_after_ten_minutes_at_the_latest(
    at: Counter, simulated: SimulatorProcess
) -> None:
    simulated.tell("scan", text=CARD)
    simulated.tell("scan", text="RR473124829VN")
    card, item = scanned(at, 2)
    take_scan(at.site, card.uid, by=CLERK)
    assert (now(at, card).raw, now(at, item).raw) == (None, b"RR473124829VN")
    clock = at.site.clock
    assert isinstance(clock, HandClock)
    clock.forward(seconds=KEPT.total_seconds() + 1)
    assert wipe_scans(at.site) == 1
    left = now(at, item)
    assert (left.raw, left.length, left.kind, left.taken_at) == (None, 13, "item", None)
    with pytest.raises(RuleViolation, match="đã cũ"):
        take_scan(at.site, item.uid, by=CLERK)


def test_a_repeat_is_kept_and_marked_and_the_torn_one_cannot_be_taken(at: Counter, simulated: SimulatorProcess) -> None:
    simulated.tell("scan", text="RR473124829VN", end="\r")
    simulated.tell("scan", text="RR473124829VN", end="\r")
    simulated.tell("scan", text="PA1K|next", end="\r", tear=4)
    first, again, torn = scanned(at, 3)
    assert [(one.repeat, one.torn) for one in (first, again, torn)] == [(False, False), (True, False), (False, True)]
    assert (first.kind, torn.kind) == ("item", "")
    with pytest.raises(RuleViolation, match="không trọn vẹn"):
        take_scan(at.site, torn.uid, by=CLERK)


def test_a_scan_of_another_terminal_is_refused_and_stays(at: Counter, simulated: SimulatorProcess) -> None:
    simulated.tell("scan", text="RR473124829VN")
    (event,) = scanned(at)
    with pytest.raises(NotFound, match="không phải của quầy này"):
        take_scan(at.site, event.uid, by=replace(CLERK, terminal_id="T2"))
    assert take_scan(at.site, event.uid, by=CLERK) == "RR473124829VN"


def test_scans_of_two_terminals_on_one_database_reach_each_only_their_own(
    postgres_server: str, simulated: SimulatorProcess, tmp_path: Path
) -> None:
    with (
        postgres.migrated(postgres_server) as url,
        SimulatorProcess("reader-tcp", folder=tmp_path / "two") as two,
        counter(tmp_path / "t1", reader(simulated), url=url) as at,
        AgentProcess(tmp_path / "t2", [reader(two)], url=url, terminal="T2"),
    ):
        at.until_ready("doc")
        simulated.tell("burst", prefix="A", count=50)
        two.tell("burst", prefix="B", count=50)
        assert told(scanned(at, 50), "doc") == numbered("A", 50)
        there = replace(at, by=replace(CLERK, terminal_id="T2"))
        assert told(scanned(there, 50), "doc") == numbered("B", 50)
