"""Settings: one TOML file and the environment become frozen dataclasses; the only reader of the environment."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from agent.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True)
class Office:
    """The post office (bưu cục) that this agent works for."""

    id: str = "BC-TAYHO"
    name: str = "Bưu cục Tây Hồ"
    address: str = "12 Lạc Long Quân, Tây Hồ, Hà Nội"
    phone: str = "024 3829 0000"
    area: str = "01"
    return_freight: int = 26_000  # đồng for an item back to the citizen; the tariff is data of the operator
    authority: str = "H26.019.02"
    authority_name: str = "UBND phường Tây Hồ"
    filing: str = "intake"  # legal filing time: "intake" (outsourced desk) or "minutes" (hand-over minutes)


@dataclass(frozen=True)
class Terminal:
    """One counter's machine; its code is part of every number minted here."""

    id: str = "T1"
    name: str = "Quầy 1"


@dataclass(frozen=True)
class Database:
    """Empty `url`: encrypted SQLite in the data folder; else postgresql://…"""

    url: str = ""


@dataclass(frozen=True)
class Web:
    """Where `serve` listens and how it is protected."""

    host: str = "127.0.0.1"
    port: int = 8080
    tls_cert: str = ""
    tls_key: str = ""
    behind_proxy: bool = False
    idle_minutes: int = 15
    public_url: str = "http://127.0.0.1:8080"
    allowed_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Province:
    """The receiving system: its profile, address and patience (seconds)."""

    profile: str = "sandbox"
    endpoint: str = "http://127.0.0.1:8090/soap/tthc"
    connect_timeout: float = 3.0
    read_timeout: float = 20.0
    chunk_bytes: int = 262_144
    trust: str = ""  # PEM of the roots that may sign receipts and papers; empty: the profile's own
    tls_roots: str = ""  # PEM of the private CA of an https endpoint; empty: the platform's roots


@dataclass(frozen=True)
class Device:
    """One device line: `[[device]] name="nhan" role="label" kind="tcp" address="127.0.0.1:9100"`."""

    name: str
    role: str
    kind: str
    address: str
    language: str = "zpl"
    dpi: int = 203
    baud: int = 9600
    flow: str = "none"  # of a serial port: none, rtscts, xonxoff


@dataclass(frozen=True)
class Signing:
    """The clerk's key: `p12` file (training) or a PKCS#11 token."""

    kind: str = "p12"
    path: str = ""


@dataclass(frozen=True)
class Settings:
    """All settings of one agent."""

    data: Path
    training: bool = True
    log_level: str = "info"
    locale: str = "vi"
    office: Office = field(default_factory=Office)
    terminal: Terminal = field(default_factory=Terminal)
    database: Database = field(default_factory=Database)
    web: Web = field(default_factory=Web)
    province: Province = field(default_factory=Province)
    signing: Signing = field(default_factory=Signing)
    devices: tuple[Device, ...] = ()

    def with_(self, **changes: Any) -> Settings:
        """A copy with top-level fields replaced."""
        return replace(self, **changes)


def default_data() -> Path:
    """The platform's folder for this product's data."""
    import platformdirs

    return Path(platformdirs.user_data_dir("postal-agent", appauthor=False))


def load(data: Path | None = None, config: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read settings: defaults < `config` (or `<data>/agent.toml`) < environment `POSTAL_AGENT_<SECTION>_<FIELD>`.

    Raises ConfigError for a file that cannot be read, an unknown name or a value of the wrong kind.
    """
    environ = os.environ if environ is None else environ
    folder = data or Path(environ.get("POSTAL_AGENT_DATA", "") or default_data())
    path = config or folder / "agent.toml"
    document: dict[str, Any] = {}
    if path.exists():
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"Không đọc được tệp cấu hình {path}: {error}. Sửa tệp rồi chạy lại.") from error
    elif config is not None:
        raise ConfigError(f"Không có tệp cấu hình {path}. Kiểm tra lại đường dẫn sau --config.")
    _overlay(document, environ)
    devices = tuple(_build(Device, line, f"device {n + 1}") for n, line in enumerate(document.pop("device", [])))
    document["data"] = folder
    return replace(_build(Settings, document, path.name), devices=devices)


def _overlay(document: dict[str, Any], environ: Mapping[str, str]) -> None:
    hints = get_type_hints(Settings)
    for section, kind in hints.items():
        if not is_dataclass(kind):
            continue
        for item in fields(kind):
            text = environ.get(f"POSTAL_AGENT_{section}_{item.name}".upper())
            if text is not None:
                document.setdefault(section, {})[item.name] = text


def _build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    hints = get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise ConfigError(f"{where}: không có mục cấu hình “{unknown[0]}”. Các mục có: {', '.join(sorted(hints))}.")
    made = {name: _convert(hints[name], value, f"{where}: {name}") for name, value in values.items()}
    try:
        return kind(**made)
    except TypeError as error:
        raise ConfigError(f"{where}: thiếu mục bắt buộc ({error}).") from error


def _convert(kind: Any, value: Any, where: str) -> Any:
    if is_dataclass(kind) and isinstance(value, Mapping):
        return _build(kind, value, where)  # type: ignore[arg-type]
    if kind is bool and isinstance(value, str) and value.lower() in ("1", "true", "yes", "0", "false", "no"):
        return value.lower() in ("1", "true", "yes")
    if kind in (int, float) and isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return kind(value)
        except ValueError:
            pass
    if (kind is str and isinstance(value, str)) or (kind is bool and isinstance(value, bool)):
        return value
    if kind is Path and isinstance(value, str | Path):
        return Path(value)
    if kind == tuple[str, ...]:
        return tuple(value.split(",")) if isinstance(value, str) else tuple(value)
    raise ConfigError(f"{where}: giá trị “{value}” không đúng kiểu {getattr(kind, '__name__', kind)}.")
