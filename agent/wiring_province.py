"""Chooses the gateway to the province: our own contract, or a profile of a province that differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from agent.clock import Clock, Ids, SystemClock
from agent.errors import ConfigError, NotFound
from agent.ports import LedgerRow as Facts
from agent.ports import ProvinceGateway, Vault
from agent.settings import Settings
from agent.store import outbox
from agent.store.database import Store
from agent.store.dossiers import LedgerRow
from agent.store.ledger import facts

if TYPE_CHECKING:
    from agent.soap.profiles.profile import Profile

SANDBOX: Final = "sandbox"
OWN: Final = "tthc"
LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def profile_of(settings: Settings) -> Profile:
    """The profile that the settings name: a shipped one, or a file beside the configuration."""
    from agent.soap.profiles.profile import find_profile, load_profile

    name = settings.province.profile
    return load_profile(find_profile(OWN if name == SANDBOX else name, beside=settings.data))


def open_province(settings: Settings, store: Store, vault: Vault, clock: Clock, ids: Ids) -> ProvinceGateway:
    """The receiving system that the settings name; nothing is opened before the first call."""
    from agent.soap.gateway import SoapGateway
    from agent.soap.profiles.gateway import Office, ProfileGateway
    from agent.soap.profiles.unoffered import Limited
    from agent.soap.security.choices import choices_of
    from agent.soap.tls import Tls
    from agent.soap.wire import open_wire

    asked, profile = settings.province, profile_of(settings)
    wire: dict[str, Any] = {
        "connect_timeout": asked.connect_timeout,
        "read_timeout": asked.read_timeout,
        "tls": Tls(asked.tls_roots, asked.tls_certificate, asked.tls_key, asked.tls_key_password_file),
        "choices": choices_of(asked).over(profile.wire),
        "clock": clock,
        "ids": ids,
    }
    endpoint = asked.endpoint or profile.endpoint
    if not profile.signed and not settings.training and urlsplit(endpoint).hostname in LOOPBACK:
        raise ConfigError(
            f"Cấu hình chính thức không gửi cho tỉnh giả lập ở {endpoint}: đặt [province] endpoint là địa chỉ của tỉnh."
        )
    if profile.speaks == "contract":
        gateway = SoapGateway(endpoint, **wire)
        return cast("ProvinceGateway", Limited(gateway, profile.without)) if profile.without else gateway

    def sent(key: str) -> bytes | None:
        with store.reading():
            job = outbox.find(key)
            try:
                return job.payload if job is not None else None
            except NotFound:
                return None

    def rows(office: str, first: str, last: str) -> dict[str, Facts]:
        with store.reading():
            mine = LedgerRow.bucket.between(f"{office}|{first}", f"{office}|{last}")
            return {row.key: facts(row.row) for row in LedgerRow.select().where(mine)}

    office = Office(settings.office.id, vault.size, vault.read, sent, rows, clock.now)
    return ProfileGateway(profile, open_wire(endpoint, **wire), office)


@dataclass(frozen=True)
class Profiles:
    """What the commands `profile …` do; a relative path is also looked for in the data folder."""

    settings: Settings
    end_with_parent: Callable[[], None]
    announce: Callable[[str], None]

    def known(self) -> list[dict[str, Any]]:
        """The shipped profiles: name, title, address, what each offers."""
        from agent.soap.profiles.profile import find_profile, load_profile, shipped

        made = [load_profile(find_profile(name)) for name in shipped()]
        return [
            {
                "name": one.name,
                "title": one.title,
                "endpoint": one.endpoint,
                "offers": sorted(one.operations) or ["contract"],
                "signed": one.signed,
            }
            for one in made
        ]

    def lint(self, name: str, against: str = "") -> dict[str, Any]:
        """Every fault of a profile and, with `against`, how the WSDL at that address or file differs."""
        from agent.soap.profiles.drift import compare
        from agent.soap.profiles.lint import lint

        report = lint(self._find(name))
        plain = report.plain()
        return {**plain, "drift": compare(report.profile, against).plain()} if against else plain

    def drift(self) -> dict[str, Any]:
        """How the WSDL at the configured address differs from the configured profile's."""
        from agent.soap.profiles.drift import compare

        profile = profile_of(self.settings)
        return compare(profile, self.settings.province.endpoint or profile.endpoint).plain()

    def serve(self, name: str, *, folder: Path, port: int, faults: str, parent: bool) -> int:
        """A stub of the profile's province, until stopped; ConfigError for one with faults, or our contract."""
        from agent.soap.profiles.lint import lint
        from agent.soap.profiles.stub_server import serve_stub

        report = lint(self._find(name))
        if report.faults:
            one = report.faults[0]
            place = f"{name}, dòng {one.line}, “{one.key}”"
            raise ConfigError(f"{place}: {one.what}. {one.fix} Chạy “profile lint {name}”.")
        if report.profile.speaks == "contract":
            raise ConfigError(f"{name} nói hợp đồng của chính chương trình: chạy “postal-agent sandbox”.")
        if parent:
            self.end_with_parent()
        serve_stub(
            report.profile, folder=folder, now=SystemClock().now, port=port, faults=faults, announce=self.announce
        )
        return 0

    def _find(self, name: str) -> Path:
        from agent.soap.profiles.profile import find_profile

        path = Path(name)
        return path if path.suffix == ".toml" and path.is_file() else find_profile(name, beside=self.settings.data)
