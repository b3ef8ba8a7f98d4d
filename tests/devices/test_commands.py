"""`devices …` on the command line as processes, beside a running `serve` and without one: words and exit codes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.devices.drivers.zpl import ZplPrinter
from agent.devices.simulators.process import SimulatorProcess, tell
from agent.devices.trace import SUFFIX, Piece, ReplayLink, read, sweep
from agent.domain.jobs import JobState
from agent.errors import StoreLocked
from agent.intake.devices import diagnose
from agent.intake.prints import request_test
from agent.ports import PrintResult
from agent.settings import Device, Settings
from agent.store import outbox
from agent.store.keys import load_or_make_keys
from agent.store.locking import FolderLock
from agent.wiring import build_site, device_folder, trace_key
from tests.devices.printers import eventually
from tests.devices.running import CLERK, LIMIT, ROOT, counter, line
from tests.webdesk import HandClock

posix = pytest.mark.skipif(sys.platform == "win32", reason="only on Windows are there no ptys")


class Shop:
    """A data folder with its settings file, and commands run over it."""

    def __init__(self, folder: Path, *lines: Device) -> None:
        self.folder = folder
        folder.mkdir()
        told = []
        for one in lines:
            fields = {"name": one.name, "role": one.role, "kind": one.kind, "address": one.address}
            fields |= {"language": one.language, "media": one.media}
            told.append("[[device]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items()))
        (folder / "agent.toml").write_text("".join(told), encoding="utf-8")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "agent", *words, "--data", str(self.folder)]

    def run(self, *words: str, code: int = 0) -> str:
        """What `devices …` says to a person; its exit code is `code`."""
        done = subprocess.run(
            self.command("devices", *words), capture_output=True, text=True, cwd=ROOT, check=False, timeout=120
        )
        assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr[-2000:]}"
        return done.stdout + done.stderr

    def json(self, *words: str, code: int = 0) -> Any:
        """The one line that `devices … --json` prints."""
        done = subprocess.run(
            self.command("devices", *words, "--json"),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, f"{done.returncode}: {done.stdout}{done.stderr[-2000:]}"
        (only,) = done.stdout.splitlines()
        return json.loads(only)


@contextlib.contextmanager
def serving(shop: Shop) -> Iterator[subprocess.Popen[bytes]]:
    """A running `serve` over the folder, its devices heard."""
    process = subprocess.Popen(
        shop.command("serve", "--port", "0"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    assert process.stdout
    try:
        assert json.loads(process.stdout.readline())["serving"]
        yield process
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.fixture
def zpl(tmp_path: Path) -> Iterator[SimulatorProcess]:
    with SimulatorProcess("zpl", folder=tmp_path / "zpl") as simulator:
        yield simulator


@pytest.fixture
def shop(tmp_path: Path, zpl: SimulatorProcess) -> Shop:
    return Shop(tmp_path / "data", line(zpl))


# --- without a running agent --------------------------------------------------------------------------
def test_alone_each_command_asks_the_printer_itself(shop: Shop, zpl: SimulatorProcess) -> None:
    listed = shop.json("list")
    assert [one["name"] for one in listed["devices"]] == ["nhan"]
    (state,) = shop.json("probe")
    assert (state["connected"], state["ready"], state["words"]) == (True, True, "Máy in sẵn sàng.")
    assert "Máy in sẵn sàng" in shop.run("probe", "nhan")
    printed = shop.json("test", "nhan")
    assert (printed["result"], len(zpl.labels)) == ("printed", 1)
    learnt = shop.json("learn", "nhan")
    assert (learnt["language"], learnt["answers"]["status"]) == ("zpl", True)
    zpl.tell("paper-out")
    refused = shop.json("test", "nhan", code=4)
    assert (refused["result"], "hết giấy" in refused["reason"]) == ("not_printed", True)
    zpl.tell("ok")
    shop.json("test", "nhan")
    assert len(zpl.labels) == 2, "what could not be printed was left behind for another day"
    zpl.tell("vanish")
    (gone,) = shop.json("probe", code=4)
    assert "Không liên lạc được" in gone["words"]
    assert "Không liên lạc được" in shop.run("test", "nhan", code=4)
    assert "Không liên lạc được" in shop.run("learn", "nhan", code=4)


def test_a_test_label_whose_end_nobody_knows_exits_with_5_and_is_asked_about(shop: Shop, zpl: SimulatorProcess) -> None:
    shop.json("test", "nhan")
    zpl.tell("vanish", after=200)
    told = shop.json("test", "nhan", code=5)
    assert (told["result"], "rồi mới in lại" in told["reason"]) == ("uncertain", True)


def test_an_unknown_name_is_answered_with_the_names_there_are(shop: Shop) -> None:
    for words in (("probe", "in"), ("test", "in"), ("learn", "in"), ("trace", "in")):
        assert "Không có thiết bị tên “in”. Tên có: nhan." in shop.run(*words, code=1)
    refused = shop.json("test", "in", code=1)
    assert refused["error"]["code"] == "not-found"
    assert "invalid choice" in shop.run("simulate", "laser", code=2)
    assert "usage" in shop.run("test", code=2)


def test_a_printer_that_speaks_another_language_than_the_settings_say_is_told(
    tmp_path: Path, zpl: SimulatorProcess
) -> None:
    shop = Shop(tmp_path / "data", line(zpl, "tspl"))
    assert 'Sửa thành language = "zpl"' in shop.run("learn", "nhan", code=3)
    shop = Shop(tmp_path / "unknown", replace(line(zpl), language="pcl"))
    assert "không biết ngôn ngữ “pcl”" in shop.run("probe", code=3)


def test_a_label_larger_than_what_lies_in_the_printer_is_refused(tmp_path: Path, zpl: SimulatorProcess) -> None:
    shop = Shop(tmp_path / "data", replace(line(zpl), media="20x10"))
    told = shop.run("test", "nhan", code=1)
    assert "Không in được" in told
    assert zpl.labels == []
    shop = Shop(tmp_path / "typo", replace(line(zpl), media="to"))
    assert "nhan" in shop.run("test", "nhan", code=3)


@posix
def test_a_port_without_permission_names_the_group(tmp_path: Path) -> None:
    """Root may all, but for a process that was started without that privilege."""
    bound = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if bound and shutil.which(bound[0]) is None:
        pytest.skip("util-linux's setpriv is not installed")
    with SimulatorProcess("zpl-pty", folder=tmp_path / "sim") as printer:
        shop = Shop(tmp_path / "data", line(printer))
        Path(printer.address).resolve().chmod(0o000)
        command = [*bound, *shop.command("devices", "probe")]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)
        assert done.returncode == 4, done.stderr
        assert "Không có quyền dùng cổng" in done.stdout
        assert "nhóm “dialout”" in done.stdout


def test_a_test_alone_prints_the_test_and_no_label_that_waits(shop: Shop, zpl: SimulatorProcess) -> None:
    site = build_site(Settings(shop.folder, devices=(line(zpl),)))
    waits = request_test(site, "label", by=CLERK)  # as good as a dossier's label: it came first
    site.store.close()
    assert shop.json("test", "nhan")["result"] == "printed"
    assert len(zpl.labels) == 1
    with serving(shop):
        eventually(lambda: len(zpl.labels) == 2, LIMIT)
    assert waits.key


def test_who_asks_a_device_holds_it_for_as_long(shop: Shop, zpl: SimulatorProcess) -> None:
    zpl.tell("silence")
    asking = subprocess.Popen(shop.command("devices", "probe"), stdout=subprocess.DEVNULL, cwd=ROOT)
    try:
        holder = shop.folder / "agent.pid"
        eventually(lambda: holder.exists() and holder.read_text() == str(asking.pid), LIMIT)
        with pytest.raises(StoreLocked, match="vai trò “agent”"), FolderLock(shop.folder, "agent"):
            pass
    finally:
        asking.wait(60)
    with FolderLock(shop.folder, "agent"):  # and no longer
        assert "chưa nghe thấy" in shop.run("probe", "nhan", code=4)
        assert "đang chạy và giữ máy in này" in shop.run("learn", "nhan", code=4)


def test_a_reader_is_not_learnt(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data", Device("doc", "reader", "tcp", "127.0.0.1:9"))
    assert "Chỉ dò được máy in" in shop.run("learn", "doc", code=1)


def test_a_production_profile_simulates_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    (shop.folder / "agent.toml").write_text("training = false\n", encoding="utf-8")
    assert "không chạy thiết bị giả lập" in shop.run("simulate", "zpl", code=3)


@pytest.mark.skipif(shutil.which("scanimage") is None, reason="SANE's scanimage is not installed")
def test_page_scanners_are_listed_when_they_are_asked_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    config = shop.folder / "sane"
    config.mkdir()
    (config / "dll.conf").write_text("test\n", encoding="utf-8")
    (config / "test.conf").write_text("number_of_devices 1\n", encoding="utf-8")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(config))
    assert "scanners" not in shop.json("list")
    (scanner,) = shop.json("list", "--scanners")["scanners"]
    assert scanner["address"].startswith("test")
    assert f"sane {scanner['address']}" in shop.run("list", "--scanners")


# --- beside a running agent -----------------------------------------------------------------------------
def test_beside_serve_the_commands_go_through_it_and_take_no_printer_from_it(shop: Shop, zpl: SimulatorProcess) -> None:
    with serving(shop):
        eventually(lambda: "Máy in sẵn sàng" in shop.run("probe", code=0), 60)
        printed = shop.json("test", "nhan")
        assert (printed["result"], len(zpl.labels)) == ("printed", 1)
        assert [one["name"] for one in shop.json("list")["devices"]] == ["nhan"]
        assert "đang chạy và giữ máy in này" in shop.run("learn", "nhan", code=4)
        refused = subprocess.run(
            shop.command("serve", "--port", "0", "--json"), capture_output=True, text=True, cwd=ROOT, check=False,
            timeout=60,
        )  # fmt: skip
        assert (refused.returncode, json.loads(refused.stdout)["error"]["code"]) == (1, "store-locked")
        zpl.tell("vanish", after=200)
        told = shop.json("test", "nhan", code=5)
        assert "rồi mới" in told["reason"]
        waits = shop.json("test", "nhan", code=4)
        assert (waits["result"], "Không liên lạc được" in waits["reason"]) == ("not_printed", True)
        (gone,) = shop.json("probe", code=4)
        assert gone["connected"] is False
        zpl.tell("ok")
        eventually(lambda: len(zpl.labels) == 2, LIMIT)  # the one that waited, never the one that is asked about


def test_diagnosis_begins_in_the_running_agent_is_sealed_and_readable_by_its_command(
    shop: Shop, zpl: SimulatorProcess
) -> None:
    with serving(shop):
        eventually(lambda: "Máy in sẵn sàng" in shop.run("probe", code=0), 60)
        assert "mã hóa" in shop.run("trace", "nhan", "--minutes", "5")
        eventually(lambda: bool(list((shop.folder / "devices").glob(f"*{SUFFIX}"))), LIMIT)
        assert shop.json("test", "nhan")["result"] == "printed"
        shown = shop.json("trace", "nhan", "--show")
        sent = b"".join(bytes.fromhex(one["hex"]) for one in shown if one["direction"] == "out")
        assert zpl.labels[0] in sent
        assert "120 phút" in shop.run("trace", "nhan", "--minutes", "121", code=1)
        assert "Đã dừng ghi" in shop.run("trace", "nhan", "--minutes", "0")
    head = zpl.labels[0][:24]
    files = [path for path in shop.folder.rglob("*") if path.is_file()]
    assert any(path.suffix == SUFFIX for path in files)
    assert not [path for path in files if head in path.read_bytes() or b"~HS" in path.read_bytes()]
    shown = shop.json("trace", "nhan", "--show")
    with serving(shop):  # what was asked for then is over: no empty record hides the full one
        eventually(lambda: "Máy in sẵn sàng" in shop.run("probe", code=0), 60)
    assert shop.json("trace", "nhan", "--show") == shown


def test_a_reader_cannot_be_diagnosed_and_a_name_without_a_record_says_so(tmp_path: Path) -> None:
    with SimulatorProcess("reader-tcp", folder=tmp_path / "doc") as reader:
        shop = Shop(tmp_path / "data", Device("doc", "reader", "tcp", reader.address))
        assert "Chỉ chẩn đoán được máy in" in shop.run("trace", "doc", code=1)
        assert "Chưa có bản ghi nào" in shop.run("trace", "doc", "--show")
        assert "không phải máy in" in shop.run("test", "doc", code=1)


@posix
def test_a_record_is_replayed_to_the_driver_and_gone_after_a_day(tmp_path: Path) -> None:
    clock = HandClock()
    with (
        SimulatorProcess("zpl-pty", folder=tmp_path / "zpl") as zpl,
        counter(tmp_path / "data", line(zpl), clock=clock) as at,
    ):
        at.until_ready()
        diagnose(at.site, "nhan", minutes=30, by=CLERK)
        job = at.prints()
        diagnose(at.site, "nhan", minutes=0, by=CLERK)
        at.stop()
        folder = device_folder(at.site.settings)
        (record,) = folder.glob(f"*{SUFFIX}")
        pieces = list(read(record, trace_key(load_or_make_keys(at.site.settings.data))))
        with at.site.store.reading():
            payload = outbox.show(job.key).payload
        replay = ReplayLink(about(pieces, payload))
        again = ZplPrinter(replay).print(payload)
        assert (again.result, replay.exhausted) == (PrintResult.PRINTED, True)
        clock.forward(hours=24)
        assert sweep(folder, clock.now()) == []
        clock.at += timedelta(seconds=1)
        at.start()  # an agent that starts looks for old ones first
        eventually(lambda: not record.exists(), LIMIT)
        assert at.job(job).state is JobState.ACKED


def about(pieces: list[Piece], payload: bytes) -> list[Piece]:
    """What passed on the wire from the question before the label to the last answer before somebody asked again."""
    out = [at for at, piece in enumerate(pieces) if piece.direction == "out"]
    sent = next(at for at in out if pieces[at].data == payload)
    asked = [at for at in out if at > sent]
    first = max(at for at in out if at < sent)
    return pieces[first : asked[2] if len(asked) > 2 else len(pieces)]


# --- simulated devices ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["zpl", "tspl", "escpos", "reader-tcp"])
def test_a_simulated_device_says_where_it_is_in_one_line_and_ends_when_it_is_told(kind: str, tmp_path: Path) -> None:
    shop = Shop(tmp_path / "data")
    process = subprocess.Popen(shop.command("devices", "simulate", kind), stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout
    try:
        said = json.loads(process.stdout.readline())
        assert said["address"].startswith("tcp://127.0.0.1:")
        assert tell(said["control"], "status")["connected"] is True
        began = time.monotonic()
        tell(said["control"], "stop")
        assert process.wait(20) == 0
        assert time.monotonic() - began < 20
    finally:
        process.kill()
        process.stdout.close()
