"""`doctor`: examine the machine, the database, the journals, the vault, the keys and the peers, whatever is broken."""

from __future__ import annotations

import dataclasses
import json
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agent.cli import checkup_peers, checkup_store, checkup_vault
from agent.cli.checkup_line import Line
from agent.errors import AgentError, ConfigError

if TYPE_CHECKING:
    from agent.cli.program import Program
    from agent.settings import Settings
    from agent.site import Site

GIGABYTE = 1 << 30


def examine(program: Program, *, vault: bool = False, repair: bool = False) -> list[Line]:
    """Everything that can be examined, each apart: what cannot be read is a line, never a crash.

    `vault`: read every object again, else a sample; `repair`: remove what interrupted writes left in the vault. Nothing
    else is repaired and no migration is applied.
    """
    settings = program.settings
    lines = [*_guarded("máy", lambda: _machine(settings))]
    if not settings.data.exists():
        return [*lines, Line("dữ liệu", False, f"Chưa có {settings.data}. Chạy `demo` hoặc `migrate`.", advice=True)]
    if not settings.database.url and not (settings.data / "agent.db").exists():
        return [*lines, Line("cơ sở dữ liệu", False, "Chưa có cơ sở dữ liệu. Chạy `migrate`.", advice=True)]
    lines += _guarded("khóa", lambda: _keys(settings.data))
    lines += _guarded("CA của bưu cục", lambda: _office_ca(settings.data))
    site = None
    try:
        pending = program.pending()
        if pending:
            lines.append(Line("nâng cấp", False, f"Còn bước nâng cấp: {', '.join(pending)}. Chạy `migrate`."))
        else:
            site = program.site()
    except (AgentError, OSError) as error:
        lines.append(Line("cơ sở dữ liệu", False, _said(error)))
    return [*lines, *(_site(site, program, vault=vault, repair=repair) if site else [])]


def _site(site: Site, program: Program, *, vault: bool, repair: bool) -> Iterator[Line]:
    for name, check in checkup_store.CHECKS.items():
        yield from _guarded(name, lambda check=check: check(site))  # type: ignore[misc]
    if vault:
        yield from _guarded("kho tài liệu", lambda: checkup_vault.examine_vault(site, repair=repair))
    else:
        yield from _guarded("kho tài liệu", lambda: checkup_store.vault(site))
    for name, ask in checkup_peers.CHECKS.items():
        yield from _guarded(name, lambda ask=ask: ask(site, program))  # type: ignore[misc]


def _guarded(name: str, check: Callable[[], Iterator[Line]]) -> list[Line]:
    """The lines of one check; one that cannot be done is a line itself."""
    import apsw
    import peewee

    done: list[Line] = []
    try:
        done.extend(check())
    except (AgentError, OSError, ValueError, LookupError, TypeError, peewee.PeeweeException, apsw.Error) as error:
        done.append(Line(name, False, f"Không kiểm tra được: {_said(error)}"))
    return done


def _said(error: Exception) -> str:
    return error.message if isinstance(error, AgentError) else f"{type(error).__name__}"


def _machine(settings: Settings) -> Iterator[Line]:
    import apsw

    from agent.store.dialects import refuse_affected

    yield Line("Python", sys.version_info >= (3, 11), platform.python_version())
    version = apsw.sqlite_lib_version()
    try:
        refuse_affected(version)
        yield Line("SQLite", True, version)
    except ConfigError as error:
        yield Line("SQLite", False, error.message)
    folder = settings.data if settings.data.exists() else settings.data.parent
    with suppress(FileNotFoundError):
        free = shutil.disk_usage(folder).free
        words = f"còn {free / GIGABYTE:.1f} GB" + (". Giải phóng ổ đĩa." if free < 5 * GIGABYTE else "")
        yield Line("ổ đĩa", free >= 5 * GIGABYTE, words, advice=free >= GIGABYTE)
    if settings.data.exists() and sys.platform != "win32":
        open_to = settings.data.stat().st_mode & 0o077
        words = f"Người khác vào được {settings.data}. Chạy: chmod 700 {settings.data}"
        yield Line("thư mục dữ liệu", not open_to, words if open_to else str(settings.data), advice=True)


def _keys(data: Path) -> Iterator[Line]:
    from agent.store.keys import describe

    warnings = describe(data)
    yield from (Line("khóa", False, words, advice=True) for words in warnings)
    if not warnings:
        yield Line("khóa", True, "giữ trong kho khóa của máy, có khóa cứu hộ")


def _office_ca(data: Path) -> Iterator[Line]:
    from agent.clock import SystemClock
    from agent.store.office_ca import describe

    for fine, words in describe(data, SystemClock().now()):
        yield Line("CA của bưu cục", fine, words, advice=True)


# --- the diagnostics bundle ----------------------------------------------------------------------
def write_bundle(program: Program, report: list[Line], file: Path) -> None:
    """A ZIP for who helps from afar: the report, versions, settings without secrets, counts; no personal data."""
    from agent.domain.canonical_zip import pack

    versions = {"python": platform.python_version(), "platform": platform.platform(), **_packages()}
    members = {
        "report.json": [line.plain() for line in report],
        "settings.json": redacted(program.settings),
        "versions.json": versions,
        "counts.json": _counts(program),
    }
    text = {
        name: json.dumps(body, ensure_ascii=False, indent=1, default=str).encode() for name, body in members.items()
    }
    try:
        file.write_bytes(pack(text))
    except OSError as error:
        raise ConfigError(f"Không ghi được {file}: {error.strerror}. Chọn chỗ khác rồi làm lại.") from error


def redacted(settings: Settings) -> dict[str, Any]:
    """The settings without passwords, keys' places and names in addresses."""
    plain = dataclasses.asdict(settings)
    plain["database"] = {"kind": "postgresql" if settings.database.url else "sqlite"}
    plain["signing"] = {"kind": settings.signing.kind, "path": bool(settings.signing.path)}
    at = urlsplit(settings.province.endpoint)
    plain["province"]["endpoint"] = f"{at.scheme}://{at.hostname or ''}{f':{at.port}' if at.port else ''}{at.path}"
    for section, name in (("province", "trust"), ("province", "tls_roots"), ("web", "tls_cert"), ("web", "tls_key")):
        plain[section][name] = bool(plain[section].get(name))
    plain["ocr"]["language_data"] = bool(settings.ocr.language_data)
    plain["data"] = settings.data.name
    return plain


def _packages() -> dict[str, str]:
    from importlib import metadata

    import agent

    names = ("apsw-sqlite3mc", "peewee", "flask", "pyhanko", "pikepdf", "cryptography", "lxml")
    found = {"postal-agent": agent.__version__}
    for name in names:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _counts(program: Program) -> dict[str, Any]:
    """How many rows there are, by kind; what cannot be read says so."""
    from agent.store import outbox
    from agent.store.models import MODELS

    try:
        site = program.site()
        with site.store.reading():
            rows = {model._meta.table_name: model.select().count() for model in MODELS}
            jobs = {f"{lane}.{state.value}": count for (lane, state), count in outbox.counts().items()}
    except (AgentError, OSError) as error:
        return {"unreadable": _said(error)}
    return {"rows": rows, "jobs": jobs}
