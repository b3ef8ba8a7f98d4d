"""Start and end our processes and threads: web with the device thread, the `work` child, the peers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent import log
from agent.clock import SystemClock
from agent.domain.jobs import PRINTER_ROLES
from agent.errors import AgentError, ConfigError, StoreFull, StoreLocked
from agent.jobs import working
from agent.jobs.device_desk import print_worker
from agent.jobs.working import send_worker
from agent.reconcile.verify import Checker
from agent.settings import Device, Settings, Web
from agent.site import Site
from agent.store.locking import FolderLock
from agent.wiring import (
    build_site,
    learn_device,
    newest_trace,
    offline_checker,
    own_devices,
    page_readers,
    pending_migrations,
    receipt_signer,
    run_devices,
)
from agent.wiring_keys import trusted
from agent.wiring_province import Profiles

logger = log.get(__name__)
HANDOFF = working.HANDOFF


@dataclass
class PeerProcess:
    """A process of this program; it ends by itself when our end of its standard input closes."""

    process: subprocess.Popen[bytes]
    said: dict[str, Any]

    def stop(self) -> None:
        """End it and wait."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Program:
    """What the commands run on: `agent.cli.program.Program`."""

    def __init__(self, settings: Settings, *, config: Path | None = None) -> None:
        self.settings, self._config = settings, config

    def site(self, settings: Settings | None = None) -> Site:
        """An open site; migrations applied."""
        return build_site(settings or self.settings)

    def pending(self) -> list[str]:
        """Names of the migrations that the database lacks; nothing is applied."""
        return pending_migrations(self.settings)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """This process is the folder's agent while the block runs; StoreLocked when another one is."""
        with _lock(self.settings.data, "agent"):
            yield

    @contextmanager
    def reading(self, site: Site) -> Iterator[None]:
        """Pages are read in the background while the block runs."""
        stop = threading.Event()
        thread = _thread("reading", lambda: page_readers(site, helpers=True).run(stop))
        try:
            yield
        finally:
            stop.set()
            thread.join(10)

    def serve(self, *, web: Web, single: bool) -> int:
        """Web, the device thread and the `work` child, until SIGTERM or Ctrl-C."""
        from agent.web import server as http
        from agent.web.app import create_app
        from agent.web.tls import keep_certificate, office_web

        web = office_web(web, self.settings.data, SystemClock().now())
        settings = self.settings.with_(web=web)
        with _lock(settings.data, "agent"):
            site = build_site(settings, helpers=not single)
            own_devices(site)
            app = create_app(site)
            server = http.make_server(app, web)
            trust = http.make_trust_server(app, web)
            stop = threading.Event()
            beside: dict[str, Any] = {
                "devices": lambda: run_devices(site, stop),
                "work": lambda: self._keep_working(site, stop, single),
                "certificate": lambda: keep_certificate(server, settings, site.clock.now, stop),
                "trust": lambda: http.run(trust),
            }
            threads = [_thread(name, act) for name, act in beside.items()]
            _on_end(lambda: http.stop(server, app, trust))
            shown = f"http{'s' if web.tls_cert else ''}://{web.host}:{server.bind_addr[1]}"
            logger.info("serving %s", shown)
            print(json.dumps({"serving": shown, "pid": os.getpid()}), flush=True)  # noqa: T201
            try:
                http.run(server)
            except KeyboardInterrupt:
                http.stop(server, app, trust)
            finally:
                stop.set()
                for thread in threads:
                    thread.join(10)
        return 0

    def _keep_working(self, site: Site, stop: threading.Event, single: bool) -> None:
        """Run the background work in a child, and start it again when it ends unasked."""
        if single:
            run_work(site, stop, helpers=False)
            return
        while not stop.is_set():
            child = subprocess.Popen(
                self._command("work", "--parent"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            while child.poll() is None and not stop.wait(0.5):
                pass
            if child.poll() is None:
                PeerProcess(child, {}).stop()
                return
            logger.warning("the work process ended with %s; starting it again", child.returncode)
            stop.wait(1.0)

    def work(self, *, parent: bool) -> int:
        """The background worker; with `parent` it ends when its standard input closes."""
        stop = threading.Event()
        if parent:
            _thread("parent", lambda: _until_closed(stop))
        _on_end(stop.set)
        with _patient_lock(self.settings.data, "work"):
            run_work(self.site(), stop)
        return 0

    def sandbox(
        self, *, port: int, faults: str, folder: Path, parent: bool, training: float | None, seed: int | None
    ) -> int:
        """The sandbox province, until stopped; with `parent` also when its standard input closes."""
        import apsw

        from agent.soap.province.server import serve_sandbox

        clock, asked = SystemClock(), self.settings.sandbox
        asked = replace(
            asked,
            training_seconds=asked.training_seconds if training is None else training,
            training_seed=asked.training_seed if seed is None else seed,
        )
        if parent:
            _end_with_parent()
        try:
            serve_sandbox(
                folder=folder,
                sign_bytes=receipt_signer(self.settings, clock),
                now=clock.now,
                port=port,
                faults=faults,
                asked=asked,
                announce=lambda address: print(json.dumps({"address": address, "pid": os.getpid()}), flush=True),  # noqa: T201
            )
        except apsw.Error as error:
            raise StoreFull(
                f"Tỉnh giả lập không ghi được sổ của nó vào {folder} ({type(error).__name__}): đĩa đầy hoặc hỏng. "
                "Giải phóng đĩa rồi chạy lại."
            ) from error
        return 0

    def act(self, folder: Path, number: str, action: str, options: dict[str, Any]) -> dict[str, Any]:
        """One act of the sandbox province's clerk."""
        from agent.soap.province.clerk import act

        return act(folder, number, action, now=SystemClock().now(), **options)

    @property
    def profiles(self) -> Profiles:
        """Lints, compares and serves profiles of provinces."""
        return Profiles(
            self.settings,
            _end_with_parent,
            lambda address: print(json.dumps({"address": address, "pid": os.getpid()}), flush=True),  # noqa: T201
        )

    def learn(self, site: Site, device: Device) -> dict[str, Any]:
        """Find out what a printer speaks and answers, and keep it."""
        return learn_device(site, device)

    def scanners(self) -> list[dict[str, str]]:
        """Page scanners that SANE finds now."""
        from agent.devices.pages.sane import sane_devices

        found = sane_devices()
        return [{"address": one.name, "maker": one.maker, "model": one.model, "kind": one.kind} for one in found]

    def trace_of(self, name: str) -> list[dict[str, Any]]:
        """The newest diagnosis of a device."""
        return newest_trace(self.settings, name)

    def simulate(self, kind: str, *, folder: Path, port: int, parent: bool) -> int:
        """A simulated device, until stopped; with `parent` also when its standard input closes."""
        from agent.devices.simulators.simulate import simulate

        simulate(kind, folder=folder, port=port, while_open=sys.stdin.buffer if parent else None)
        return 0

    def start(self, *words: str) -> PeerProcess:
        """Run a command as a process of its own and wait for the JSON line that it prints when ready."""
        command = self._command(*words, "--parent", "--json")
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            said = json.loads(line)
        except ValueError:
            process.kill()
            raise ConfigError(f"Không khởi động được “{' '.join(words)}”. Xem nhật ký phía trên.") from None
        if "error" in said:  # what kept the peer from starting keeps us too
            process.wait(10)
            raise AgentError(said["error"]["message"], code=said["error"]["code"])
        return PeerProcess(process, said)

    def _command(self, *words: str) -> list[str]:
        config = ["--config", str(self._config)] if self._config else []
        return [sys.executable, "-m", "agent", *words, "--data", str(self.settings.data), *config]

    def checker(self) -> Checker:
        """Checks signatures offline."""
        return offline_checker(SystemClock())

    def installed_roots(self) -> list[bytes]:
        """PEM of the roots that the installed profile trusts."""
        return trusted(self.settings)

    def print_once(self, site: Site) -> int:
        """Do the waiting jobs of this terminal's printers; how many."""
        return sum(print_worker(site, role).run_once() for role in PRINTER_ROLES)

    def print_job(self, site: Site, key: str, role: str) -> int:
        """Do this one job of a role's printer if it is due; how many."""
        return print_worker(site, role).run_once(only=key)

    def send_once(self, site: Site) -> int:
        """Do the waiting jobs of the hand-off; how many."""
        return send_worker(site).run_once()

    def follow_once(self, site: Site) -> int:
        """Read the province's status feed; how many messages."""
        from agent.tracking.follow import follow

        return follow(site)


def run_work(site: Site, stop: threading.Event, *, helpers: bool = True) -> None:
    """Send, follow, read pages and keep the schedule until `stop`."""
    working.run(site, stop, page_readers(site, helpers=helpers).run)


def _thread(name: str, run: Any) -> threading.Thread:
    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _on_end(act: Any) -> None:
    """Call `act` from a thread when the platform asks this process to end."""

    def handle(*_: object) -> None:
        threading.Thread(target=act, daemon=True).start()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name) and threading.current_thread() is threading.main_thread():
            signal.signal(getattr(signal, name), handle)


def _until_closed(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):  # not the buffered reader: its lock would be missed at the end
        pass
    stop.set()


def _end_with_parent() -> None:
    """End this process when the one that started it closes our standard input, or dies."""
    closed = threading.Event()

    def watch() -> None:
        _until_closed(closed)
        os._exit(0)

    _thread("parent", watch)


@contextmanager
def _patient_lock(data: Path, role: str, *, seconds: float = 10.0) -> Iterator[None]:
    """The folder's lock for a role; a process that is just ending is waited for."""
    waiting = threading.Event()
    for _ in range(int(seconds * 10)):
        try:
            lock = _lock(data, role)
        except StoreLocked:
            waiting.wait(0.1)
            continue
        with lock:
            yield
        return
    with _lock(data, role):
        yield


def _lock(data: Path, role: str) -> FolderLock:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return FolderLock(data, role)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, load the settings, run: the console script's body."""
    from agent import cli
    from agent.errors import AgentError
    from agent.settings import load

    args = cli.parse(argv)
    try:
        settings = load(args.data, args.config)
    except AgentError as error:
        return cli.refuse(args, error)
    log.configure(settings.log_level)
    return cli.run(args, Program(settings, config=args.config))
