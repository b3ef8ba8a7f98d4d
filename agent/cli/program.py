"""What commands need of the running program; wiring provides it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from agent.reconcile.verify import Checker
from agent.settings import Device, Settings, Web
from agent.site import Site


class Peer(Protocol):
    """A process of ours that was started: a sandbox province or a simulated device."""

    @property
    def said(self) -> dict[str, Any]:
        """The JSON line that it printed when it was ready."""

    def stop(self) -> None: ...


class Profiles(Protocol):
    """Lints, compares and serves the profiles of provinces."""

    def known(self) -> list[dict[str, Any]]:
        """The shipped profiles: name, title, address, what each offers."""

    def lint(self, name: str, against: str = "") -> dict[str, Any]:
        """Every fault of a profile and, with `against`, how the WSDL at that address or file differs."""

    def drift(self) -> dict[str, Any]:
        """How the WSDL at the configured address differs from the configured profile's."""

    def serve(self, name: str, *, folder: Path, port: int, faults: str, parent: bool) -> int:
        """A stub of the profile's province, until stopped."""


class Program(Protocol):
    """Builds sites, starts processes and serves."""

    @property
    def settings(self) -> Settings: ...

    def site(self, settings: Settings | None = None) -> Site:
        """An open site; migrations applied."""

    def pending(self) -> list[str]:
        """Names of the migrations that the database lacks; nothing is applied."""

    def hold(self) -> Any:
        """Context manager: this process is the folder's agent; StoreLocked when another is."""

    def reading(self, site: Site) -> Any:
        """Context manager: pages are read in the background while the block runs."""

    def serve(self, *, web: Web, single: bool) -> int:
        """Web, device threads and the `work` child, until stopped."""

    def work(self, *, parent: bool) -> int:
        """The background worker; with `parent` it ends when its standard input closes."""

    def sandbox(
        self, *, port: int, faults: str, folder: Path, parent: bool, training: float | None, seed: int | None
    ) -> int:
        """The sandbox province, until stopped; `training` seconds and `seed` go before the settings'."""

    def act(self, folder: Path, number: str, action: str, options: dict[str, Any]) -> dict[str, Any]:
        """One act of the sandbox province's clerk."""

    @property
    def profiles(self) -> Profiles:
        """Lints, compares and serves profiles of provinces."""

    def learn(self, site: Site, device: Device) -> dict[str, Any]:
        """Find out what a printer speaks and answers, and keep it."""

    def scanners(self) -> list[dict[str, str]]:
        """Page scanners that SANE finds now: address, maker, model and kind of each; DeviceUnavailable without SANE."""

    def trace_of(self, name: str) -> list[dict[str, Any]]:
        """The newest diagnosis of a device: instant, direction, length and bytes in hex of each transfer."""

    def simulate(self, kind: str, *, folder: Path, port: int, parent: bool) -> int:
        """A simulated device, until stopped."""

    def start(self, *words: str) -> Peer:
        """Run a command of this program as a process of its own and wait for the line it prints when ready."""

    def checker(self) -> Checker:
        """Checks signatures offline."""

    def installed_roots(self) -> list[bytes]:
        """PEM of the roots that the installed profile trusts."""

    def print_once(self, site: Site) -> int:
        """Do the waiting jobs of this terminal's devices; how many."""

    def print_job(self, site: Site, key: str, role: str) -> int:
        """Do this one job of a role's printer if it is due; how many."""

    def send_once(self, site: Site) -> int:
        """Do the waiting jobs of the hand-off; how many."""

    def follow_once(self, site: Site) -> int:
        """Read the province's status feed; how many messages."""
