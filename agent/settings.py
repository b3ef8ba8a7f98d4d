"""Settings: one TOML file and the environment become frozen dataclasses; the only reader of the environment."""

from __future__ import annotations

import os
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from agent.errors import ConfigError
from agent.settings_citizen import Citizen, Notices, Promise
from agent.settings_copies import Copying, Extraction
from agent.settings_office import Office

T = TypeVar("T")
NATIONAL = "national"
RESERVED = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}


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
    proxies: tuple[str, ...] = ("127.0.0.0/8", "::1")  # whose word about the asker's address is believed
    idle_minutes: int = 15
    public_url: str = "http://127.0.0.1:8080"
    allowed_hosts: tuple[str, ...] = ()
    phone_url: str = ""  # https address under which couriers' phones reach us; empty: the office CA's first name
    hsts: bool = True  # with TLS: browsers are told to come by https alone, on every port, for a year
    trust_port: int = 0  # plain http on which phones fetch the office's CA and nothing else; 0: none


@dataclass(frozen=True)
class Province:
    """The receiving system: its profile, address and patience (seconds)."""

    profile: str = "sandbox"  # tthc (our contract), another that is shipped, or a file; sandbox: tthc for training
    endpoint: str = ""  # address of the port; empty: the profile's own
    connect_timeout: float = 3.0
    read_timeout: float = 20.0
    chunk_bytes: int = 262_144
    every_office: bool = False  # this database holds all offices of the province: they are compared at once
    line_kbit: int = 0  # kbit/s that files may take of the line; 0: no limit
    trust: str = ""  # PEM of the roots that may sign receipts and papers; empty: the profile's own
    tls_roots: str = ""  # PEM of the private CA of an https endpoint; empty: the platform's roots
    tls_certificate: str = ""  # PEM of the certificate by which the office shows itself
    tls_key: str = ""  # PEM of its key; empty: in the same file
    tls_key_password_file: str = ""  # its first line opens the key
    username: str = ""  # of a UsernameToken with password digest; empty: none
    password_file: str = ""  # its first line is the password
    sign_certificate: str = ""  # PEM of the certificate that messages are signed with (X.509); empty: unsigned
    sign_key: str = ""
    sign_key_password_file: str = ""
    peer_certificate: str = ""  # PEM of the certificate that the province's answers are signed with
    peer_roots: str = ""  # or PEM of the authorities that issue it
    peer_name: str = ""  # and the common name that it carries
    xroad_client: str = ""  # the office on X-Road: "INSTANCE/CLASS/CODE/SUBSYSTEM"; empty: no X-Road headers
    xroad_service: str = ""  # the province's service there
    xroad_version: str = ""
    xroad_user: str = ""
    gzip: bool = False  # requests go out compressed


@dataclass(frozen=True)
class Sandbox:
    """What the sandbox province demands of those who call it; files are PEM, empty demands nothing."""

    username: str = ""
    password_file: str = ""
    sign_certificate: str = ""  # with its key: answers are signed, and requests must be
    sign_key: str = ""
    peer_certificate: str = ""
    peer_roots: str = ""
    xroad: bool = False
    tls_certificate: str = ""
    tls_key: str = ""
    tls_client_roots: str = ""
    training_seconds: float = 0  # about how long its clerks take for one act by themselves; 0: they wait for people
    training_seed: int = 1  # the same seed gives the same acts


@dataclass(frozen=True)
class Device:
    """One device line: `[[device]] name="nhan" role="label" kind="tcp" address="127.0.0.1:9100"`."""

    name: str
    role: str  # label, receipt: printers; reader; pages: a page scanner or a watched folder
    kind: str
    address: str
    language: str = "zpl"
    dpi: int = 203  # of a printer
    media: str = ""  # what lies in a printer, width x height in mm: "100x60", "72x0" for a roll; empty: not known
    baud: int = 9600
    flow: str = "none"  # of a serial port: none, rtscts, xonxoff
    shared: bool = False  # tcp: let go of the connection between jobs, for a printer that several counters use
    end: str = ""  # what ends a reader's scan: cr, lf, crlf, etx, tab; empty: learnt from what it sends
    hexdump: bool = False  # a reader that sends two hex digits a byte
    source: str = ""  # of a page scanner, as SANE names it; empty: its own
    mode: str = "Color"  # of a page scanner: Color, Gray, Lineart
    scan_dpi: int = 300


@dataclass(frozen=True)
class Signing:
    """The clerk's key, how certificates are checked, how signatures are dated, and whether the office seals."""

    kind: str = "p12"  # p12 files, a pkcs11 token, remote
    path: str = ""  # of P12 files: a folder with <username>.p12 and office.p12, or one file
    module: str = ""  # pkcs11: the maker's library (.dll, .so)
    token: str = ""  # pkcs11: label or serial number; empty: the only token that is plugged in
    match: str = (
        "common_name"  # the part of the certificate that names the clerk: or serial_number, user_id, email_address
    )
    subjects: tuple[str, ...] = ()  # "username=value" where that part is not the clerk's full name
    trust: str = ""  # PEM of the roots of clerks' certificates and of the time-stamp authority
    chain: str = ""  # PEM of the authorities below the roots, where the token does not hold them
    idle_minutes: float = 15.0  # an opened key is closed after so long without use
    revocation: str = "soft"  # off, soft (signs when nobody answers, and says so), hard (does not sign then)
    tsa: str = ""  # address of an RFC 3161 time-stamp authority; empty: PAdES B-B
    tsa_required: bool = False  # without a time-stamp no signature, instead of B-B with the reason
    patience: float = 5.0  # seconds for one answer of a time-stamp, OCSP or CRL server
    seal: bool = False  # the office's key signs after the clerk's


@dataclass(frozen=True)
class Ocr:
    """How the text of pages is read (nhận dạng chữ), in the background from their filing on."""

    enabled: bool = True
    before_sign: float = 20.0  # seconds that a copy waits for its pages' text; 0: never, it comes as a file beside it
    language_data: str = ""  # folder of vie.traineddata; empty: the program's own, then the system's
    helpers: int = 0  # pages read at the same time; 0: as many as the machine has cores, at most 4


@dataclass(frozen=True)
class Papers:
    """How digitised papers are coded and their files named (agent.domain.paper_codes)."""

    code: str = NATIONAL  # or a pattern: "{agency}_{kind}_{number:6}_V{version}"
    agency: str = ""  # {agency}; empty: the office's authority
    kinds: tuple[str, ...] = ()  # "GKS=KS": how a document type is written as {kind}
    file: str = "{code}_{date}_{desc}"


@dataclass(frozen=True)
class LookUps:
    """Questions about persons to the province's registers (tra cứu), each from an open intake."""

    per_hour: int = 60  # of one clerk; 0: none are asked


@dataclass(frozen=True)
class Money:
    """Cash and transfers (tiền): limits in đồng, days to remit, how bank statements are read, official receipts."""

    require_shift: bool = False  # a clerk takes cash only while a till's shift is open
    courier_limit: int = 5_000_000  # a courier with more in hand takes no further items to collect on; 0: no limit
    remit_days: int = 1  # working days after the day of collection until the authority has its money
    remit_ledgers: tuple[str, ...] = ("state", "collected")
    purpose: str = "HS"  # what a transfer's purpose begins with, 2 to 6 letters
    statement_columns: tuple[str, ...] = ()  # "on=Ngày giao dịch": how the bank heads its columns
    statement_dates: tuple[str, ...] = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "%Y-%m-%d")
    receipts: str = "none"  # official receipts: none (another system's, by hand), file
    receipts_folder: str = ""  # file: where asked receipts are laid and answers are found


@dataclass(frozen=True)
class BankAccount:
    """One `[[account]]` that transfers go to: of the operator, or of an authority that is paid straight."""

    name: str  # what entries call it: never changed
    bin: str  # 6 digits of the bank at Napas
    number: str
    owner: str  # as the bank writes it
    bank: str = ""
    ledger: str = ""  # state, freight, collected; empty: all
    authority: str = ""  # agency code; empty: all
    direct: bool = False  # the authority's own: nothing is left to remit


@dataclass(frozen=True)
class Retention:
    """Days that things are kept after a dossier's end; 0: for ever (until a person is erased)."""

    masters_days: int = 0  # raw page images
    copies_days: int = 0  # signed and unsigned copies
    texts_days: int = 0  # text that was read on pages
    values_days: int = 0  # values taken from papers, and what the index for reuse says of them


@dataclass(frozen=True)
class Settings:
    """All settings of one agent."""

    data: Path
    training: bool = True
    log_level: str = "info"
    office: Office = field(default_factory=Office)
    terminal: Terminal = field(default_factory=Terminal)
    database: Database = field(default_factory=Database)
    web: Web = field(default_factory=Web)
    province: Province = field(default_factory=Province)
    sandbox: Sandbox = field(default_factory=Sandbox)
    signing: Signing = field(default_factory=Signing)
    copy: Copying = field(default_factory=Copying)
    ocr: Ocr = field(default_factory=Ocr)
    papers: Papers = field(default_factory=Papers)
    retention: Retention = field(default_factory=Retention)
    look_up: LookUps = field(default_factory=LookUps)
    extraction: Extraction = field(default_factory=Extraction)
    notices: Notices = field(default_factory=Notices)
    promise: Promise = field(default_factory=Promise)
    citizen: Citizen = field(default_factory=Citizen)
    money: Money = field(default_factory=Money)
    devices: tuple[Device, ...] = ()
    accounts: tuple[BankAccount, ...] = ()

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
    for device in devices:
        _check_name(device.name)
    accounts = tuple(
        _build(BankAccount, line, f"account {n + 1}") for n, line in enumerate(document.pop("account", []))
    )
    document["data"] = folder
    return replace(_build(Settings, document, path.name), devices=devices, accounts=accounts)


def _check_name(name: str) -> None:
    """A device's name becomes the names of its files and a part of addresses."""
    fits = all(c in " -_." or unicodedata.category(c)[0] in "LM" or c.isdecimal() for c in name)
    reserved = name.partition(".")[0].strip().upper() in RESERVED
    if not fits or not 0 < len(name) <= 40 or name[0] in " ." or name[-1] in " ." or reserved:
        raise ConfigError(
            f"[[device]] name = {name!r}: tên thiết bị gồm chữ, số, dấu cách, “-”, “_”, “.”; dài 1 đến 40 ký tự; không "
            "bắt đầu hay kết thúc bằng dấu chấm hoặc dấu cách; không phải tên mà Windows giữ riêng (CON, COM1 …)."
        )


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
