"""Build the Site from settings: the only place that knows which adapter stands behind which port."""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from agent.clock import Clock, Ids, RandomIds, SystemClock
from agent.errors import ConfigError, DeviceUnavailable
from agent.ports import Digitiser
from agent.ports_fee_receipts import NoReceipts, ReceiptIssuer
from agent.ports_signing import Signers
from agent.reconcile.verify import Checker
from agent.settings import Device, Settings
from agent.site import Site
from agent.store.database import Store
from agent.store.keys import Keys, load_or_make_keys
from agent.wiring_capture import capture_rules
from agent.wiring_citizen import open_notifier, open_receipt_key
from agent.wiring_keys import authority_folder, key_source
from agent.wiring_province import SANDBOX, open_province, profile_of

if TYPE_CHECKING:
    from agent.devices.terminal import TerminalDevices
    from agent.jobs.read_pages import PageReaders
    from agent.store.devices import DeviceSetup

T = TypeVar("T")
MOST_READERS = 4  # pages that are read at the same time, unless the settings say more: each takes 150 MB


def build_site(
    settings: Settings, *, clock: Clock | None = None, ids: Ids | None = None, helpers: bool = False
) -> Site:
    """An open site with its database migrated; heavy adapters are made when first asked for.

    With `helpers` page work and signing run in child processes (for a program that stays), else in this process (for
    commands that do one thing and end).
    """
    from agent.documents.vault import FileVault

    clock, ids = clock or SystemClock(), ids or RandomIds()
    check_profile(settings)
    profile_of(settings)
    check_papers(settings)
    notifier = open_notifier(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = load_or_make_keys(settings.data)
    store = Store.open(data=settings.data, url=settings.database.url, key=keys.database)
    store.migrate()
    vault = FileVault(settings.data / "vault", keys.vault)
    return Site(
        settings=settings,
        clock=clock,
        ids=ids,
        store=store,
        vault=vault,
        digitiser=once(lambda: digitiser(settings, helpers=helpers)),
        signers=once(lambda: signers(settings, clock, helpers=helpers)),
        province=once(lambda: open_province(settings, store, vault, clock, ids)),
        devices=devices(settings, clock, ids, store, trace_key(keys)),
        fee_receipts=fee_receipts(settings),
        notifier=lambda: notifier,
        receipt_key=once(lambda: open_receipt_key(settings, keys)),
    )


def pending_migrations(settings: Settings) -> list[str]:
    """Names of the migrations that the database lacks; nothing is applied."""
    store = Store.open(data=settings.data, url=settings.database.url, key=load_or_make_keys(settings.data).database)
    try:
        return store.pending()
    finally:
        store.close()


def check_profile(settings: Settings) -> None:
    """ConfigError when a production agent is wired to training parts, so that nobody files with them by mistake."""
    if settings.training:
        return
    if settings.province.profile == SANDBOX:
        raise ConfigError("Cấu hình chính thức (training = false) không dùng tỉnh giả lập. Đặt hồ sơ kết nối tỉnh.")
    if settings.signing.kind == "p12" and not settings.signing.path:
        raise ConfigError("Cấu hình chính thức cần khóa ký thật: đặt [signing] path tới tệp P12 của đơn vị.")
    if simulated := next((one for one in settings.devices if is_simulated(one, settings.data)), None):
        raise ConfigError(
            f"Cấu hình chính thức (training = false) không dùng thiết bị giả lập: “{simulated.name}” ở "
            f"{simulated.address}. Ghi địa chỉ của thiết bị thật, hoặc bỏ mục [[device]] đó."
        )


def check_papers(settings: Settings) -> None:
    """ConfigError for a scheme of codes or file names, or a time of keeping, that cannot be meant."""
    from agent.domain.paper_codes import check_settings
    from agent.domain.retention import check_days

    check_settings(settings.papers, settings.office, settings.terminal.id)
    check_days(settings.retention)


def is_simulated(device: Device, data: Path) -> bool:
    """Whether a line's address can only be a simulator's: this machine itself, or a file in the data folder.

    >>> here = Path("data")
    >>> [is_simulated(Device("a", "label", "tcp", a), here) for a in ("tcp://127.0.0.1:1", "localhost", "192.0.2.7")]
    [True, True, False]
    """
    if device.kind == "tcp" or "://" in device.address:
        host = urlsplit(device.address if "://" in device.address else f"//{device.address}").hostname or ""
        return host in {"localhost", "::1"} or host.startswith("127.")
    return Path(device.address).is_relative_to(data / "simulated")


def digitiser(settings: Settings, *, helpers: bool = False, readers: int = 0) -> Digitiser:
    """Pages to PDF/A copies; with `helpers` in child processes, of which `readers` read text."""
    data = Path(settings.ocr.language_data) if settings.ocr.language_data else None
    if helpers:
        from agent.documents.helper import HelperDigitiser

        return HelperDigitiser(readers=readers, language_data=data, rules=capture_rules(settings))
    from agent.documents.digitiser import PageDigitiser

    return PageDigitiser(language_data=data, rules=capture_rules(settings))


def page_readers(site: Site, *, helpers: bool) -> PageReaders:
    """Who reads this folder's pages: processes of the lowest priority, or without `helpers` one thread of this one."""
    from agent.documents.helper import HelperDigitiser
    from agent.jobs.read_pages import SECONDS, PageReaders

    crew = site.settings.ocr.helpers or min(MOST_READERS, os.cpu_count() or 1)
    found = digitiser(site.settings, helpers=True, readers=crew) if helpers else site.digitiser()
    end = found.close if isinstance(found, HelperDigitiser) and helpers else lambda: None
    return PageReaders(
        site, lambda page: found.read_text(page, seconds=SECONDS), crew if helpers else 1, found.language_data, end
    )


def signers(settings: Settings, clock: Clock, *, helpers: bool = False) -> Signers:
    """Clerks' keys: on a token, far away, in P12 files, or from the demonstration CA in training."""
    source = key_source(settings)
    if helpers:
        from agent.documents.helper import HelperSigners

        return HelperSigners(source, clock)
    return source.open(clock)


def fee_receipts(settings: Settings) -> ReceiptIssuer:
    """Who issues official receipts: nobody here, or another system through a folder."""
    if settings.money.receipts == "none":
        return NoReceipts()
    if settings.money.receipts != "file":
        raise ConfigError(f"money.receipts = {settings.money.receipts!r}: dùng “none” hoặc “file”.")
    from agent.fee_receipts.files import FileReceipts

    return FileReceipts(Path(settings.money.receipts_folder))


def devices(settings: Settings, clock: Clock, ids: Ids, store: Store, sealing: bytes) -> TerminalDevices:
    """The terminal's devices; what each was learnt to answer and the heads of what passed are kept on disk."""
    from agent.devices.drivers.learnt import LearntFile
    from agent.devices.inventory import inventory
    from agent.devices.link import Link
    from agent.devices.recorder import RecordingLink, Ring
    from agent.devices.registry import can_be
    from agent.devices.terminal import Decided, TerminalDevices, Tools
    from agent.devices.trace import Trace
    from agent.intake.devices import lines_of, role_from
    from agent.store.devices import setups

    folder, told = device_folder(settings), set[int]()
    named = {line.name: line for line in settings.devices}

    def recorded(name: str, link: Link, secretive: bool) -> RecordingLink:
        return RecordingLink(link, Ring(folder / f"{name}.ring"), clock, key=sealing, secretive=secretive)

    def traced(name: str, until: datetime) -> Trace:
        return Trace(folder, name, key=sealing, start=clock.now(), until=until)

    def decided() -> dict[str, Decided]:
        with store.reading():
            rows = setups(settings.terminal.id)
        lines = lines_of(rows, at=clock.now(), works=can_be, told=told)
        return {row.name: decision(row, lines.get(row.name)) for row in rows}

    def decision(row: DeviceSetup, line: Device | None) -> Decided:
        role = role_from(row, named.get(row.name, line))
        since = row.changed_at if role or line else None
        return Decided(role, line, row.known_as, row.known_at, row.trace_until, since)

    tools = Tools(
        clock=clock,
        ids=ids,
        folder=folder,
        memory=LearntFile(folder / "learnt.json"),
        record=recorded,
        trace=traced,
        inventory=inventory,
        decisions=decided,
    )
    return TerminalDevices(settings.devices, tools)


def own_devices(site: Site) -> None:
    """This process is about to run the devices' threads: nobody else may speak with a device from now on."""
    cast("TerminalDevices", site.devices).own()


def run_devices(site: Site, stop: threading.Event) -> None:
    """Own this terminal's devices, a thread for each, until `stop`.

    What an earlier, dead process left half printed goes to the clerk first.
    """
    from agent.devices.hotplug import best_hotplug
    from agent.devices.supervisor import Supervisor
    from agent.devices.trace import sweep
    from agent.intake.scans import wipe_scans
    from agent.jobs.device_desk import DeviceDesk
    from agent.jobs.notebook import Notebook

    notebook = Notebook(site)
    desk = DeviceDesk(site, notebook)
    desk.recover(stop)
    keeping = threading.Event()
    keeper = threading.Thread(target=notebook.keep, args=(keeping,), name="scans", daemon=True)
    keeper.start()

    def tidy() -> None:
        sweep(device_folder(site.settings), site.clock.now())
        wipe_scans(site)

    Supervisor(cast("TerminalDevices", site.devices), desk, best_hotplug, tidy).run(stop)
    keeping.set()  # after the readers' threads have ended: what they read is committed
    keeper.join(10)


def newest_trace(settings: Settings, name: str) -> list[dict[str, Any]]:
    """The transfers of a device's newest diagnosis, those older than a day being gone."""
    from agent.devices.trace import SUFFIX, read, sweep

    sweep(device_folder(settings), SystemClock().now())
    found = sorted(device_folder(settings).glob(f"{name}-????????T??????{SUFFIX}"))
    pieces = read(found[-1], trace_key(load_or_make_keys(settings.data))) if found else iter(())
    return [
        {"at": p.at.isoformat(), "direction": p.direction, "length": len(p.data), "hex": p.data.hex(" ")}
        for p in pieces
    ]


def trace_key(keys: Keys) -> bytes:
    """The key of diagnoses: it opens nothing else."""
    return hmac.digest(keys.vault, b"device trace", "sha256")


def device_folder(settings: Settings) -> Path:
    """Where the flight recorder and what printers were learnt to answer are kept."""
    return settings.data / "devices"


def learn_device(site: Site, device: Device) -> dict[str, Any]:
    """Find out what a printer speaks and answers, and keep it; somebody vouches that it is on, closed, with paper."""
    from agent.devices.drivers.learnt import LearntFile
    from agent.devices.registry import learn

    place = next(one.place for one in cast("TerminalDevices", site.devices).stations() if one.line.name == device.name)
    place.look_again()
    here = replace(device, address=place.node())
    if words := place.stranger():
        raise DeviceUnavailable(words)
    memory = LearntFile(device_folder(site.settings) / "learnt.json")
    return {"name": device.name, **learn(here, memory, identity=place.identity).as_json()}


def receipt_signer(settings: Settings, clock: Clock) -> Callable[[bytes], bytes]:
    """How the sandbox province signs its receipts: with a key of the demonstration CA."""
    from agent.documents.demo_ca import DemoAuthority
    from agent.documents.signing import P12Signer

    authority = DemoAuthority.open(authority_folder(settings), at=clock.now())
    p12, password = authority.p12("Trung tâm Phục vụ hành chính công (tập huấn)", "province")
    return P12Signer(p12, password, clock=clock, training=True).sign_bytes


def offline_checker(clock: Clock) -> Checker:
    """Checks signatures without keys, data folder or network."""
    from agent.documents.offline import OfflineChecker

    return OfflineChecker(clock)


def once(make: Callable[[], T]) -> Callable[[], T]:
    """A function that makes its value at the first call and returns the same one ever after; thread-safe."""
    lock, made = threading.Lock(), list[T]()

    def get() -> T:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return get
