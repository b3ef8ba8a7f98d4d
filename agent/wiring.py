"""Build the Site from settings: the only place that knows which adapter stands behind which port."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from agent.clock import Clock, Ids, RandomIds, SystemClock
from agent.errors import ConfigError
from agent.ports import Devices, Digitiser, ProvinceGateway, Signers
from agent.reconcile.verify import Checker
from agent.settings import Device, Settings
from agent.site import Site
from agent.store.database import Store
from agent.store.keys import load_or_make_keys

T = TypeVar("T")


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
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = load_or_make_keys(settings.data)
    store = Store.open(data=settings.data, url=settings.database.url, key=keys.database)
    store.migrate()
    return Site(
        settings=settings,
        clock=clock,
        ids=ids,
        store=store,
        vault=FileVault(settings.data / "vault", keys.vault),
        digitiser=once(lambda: digitiser(helpers=helpers)),
        signers=once(lambda: signers(settings, clock, helpers=helpers)),
        province=once(lambda: province(settings)),
        devices=devices(settings, clock),
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
    if settings.province.profile == "sandbox":
        raise ConfigError("Cấu hình chính thức (training = false) không dùng tỉnh giả lập. Đặt hồ sơ kết nối tỉnh.")
    if settings.signing.kind == "p12" and not settings.signing.path:
        raise ConfigError("Cấu hình chính thức cần khóa ký thật: đặt [signing] path tới tệp P12 của đơn vị.")


def digitiser(*, helpers: bool = False) -> Digitiser:
    """Pages to PDF/A copies."""
    if helpers:
        from agent.documents.helper import HelperDigitiser

        return HelperDigitiser()
    from agent.documents.digitiser import PageDigitiser

    return PageDigitiser()


def signers(settings: Settings, clock: Clock, *, helpers: bool = False) -> Signers:
    """Clerks' keys: from the demonstration CA in training, else from the office's P12 files."""
    from agent.documents.signing import KeySource

    if settings.training and not settings.signing.path:
        source = KeySource(authority=authority_folder(settings))
    else:
        source = KeySource(files=Path(settings.signing.path), roots=tuple(trusted(settings)))
    if helpers:
        from agent.documents.helper import HelperSigners

        return HelperSigners(source, clock)
    return source.open(clock)


def trusted(settings: Settings) -> list[bytes]:
    """PEM of the roots that the settings name."""
    return [Path(settings.province.trust).read_bytes()] if settings.province.trust else []


def authority_folder(settings: Settings) -> Path:
    """Where the demonstration CA lives."""
    return settings.data / "demonstration-ca"


def province(settings: Settings) -> ProvinceGateway:
    """The receiving system that the settings name."""
    from agent.soap.gateway import SoapGateway

    asked = settings.province
    return SoapGateway(
        asked.endpoint, connect_timeout=asked.connect_timeout, read_timeout=asked.read_timeout, cafile=asked.tls_roots
    )


def devices(settings: Settings, clock: Clock) -> Devices:
    """The terminal's devices by role; what each was learnt to answer and the heads of what passed are kept on disk."""
    from agent.devices.drivers.learnt import LearntFile
    from agent.devices.link import Link
    from agent.devices.recorder import RecordingLink, Ring
    from agent.devices.registry import ConfiguredDevices

    folder = settings.data / "devices"

    def recorded(name: str, link: Link) -> Link:
        return RecordingLink(link, Ring(folder / f"{name}.ring"), clock)

    memory = LearntFile(folder / "learnt.json")
    return ConfiguredDevices(settings.devices, clock=clock, memory=memory, wrap=recorded)


def learn_device(settings: Settings, device: Device) -> dict[str, Any]:
    """Find out what a printer speaks and answers, and keep it; somebody vouches that it is on, closed, with paper."""
    from agent.devices.drivers.learnt import LearntFile
    from agent.devices.registry import learn

    learnt = learn(device, LearntFile(settings.data / "devices" / "learnt.json"))
    return {"name": device.name, **learnt.as_json()}


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
