"""A profile as it was written: one TOML file read into plain values, with every fault of its form by line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints

from agent.errors import ConfigError
from agent.soap.profiles.convert import Conversion, ValueMap, problem_of
from agent.soap.profiles.ours import OPERATIONS
from agent.soap.security.choices import WireChoices, XRoadMember

FOLDER: Final = Path(__file__).parent
MEANINGS: Final = ("done", "exists", "retry", "reject", "absent", "unknown")
SPEAKS: Final = ("mapped", "contract")
_SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "profile": ("name", "title", "revision", "speaks", "wsdl", "endpoint"),
    "attachments": ("way", "gzip", "limit"),
    "receipts": ("signed",),
    "capabilities": ("without",),
    "errors": ("code", "other", "means", "words", "documented"),
}


@dataclass(frozen=True)
class Fault:
    """One fault of a profile: where, what is wrong, how it is mended (Vietnamese)."""

    line: int
    key: str
    what: str
    fix: str


@dataclass(frozen=True)
class Part:
    """One source of a value: a canonical path, a word with @, or a constant."""

    text: str
    constant: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of a mapping: `each PATH`, or parts and the conversions that they go through."""

    parts: tuple[Part, ...] = ()
    steps: tuple[Conversion, ...] = ()
    each: str = ""

    @property
    def source(self) -> str:
        """The only path that it reads, empty when it reads none or several."""
        return self.parts[0].text if len(self.parts) == 1 and not self.parts[0].constant else ""


@dataclass(frozen=True)
class MappedOperation:
    """How one operation of ours is said: their operation, what goes where, what is read from where."""

    name: str
    calls: str
    send: Mapping[str, Entry]
    answer: Mapping[str, Entry]
    leaves_out: tuple[str, ...] = ()
    repeatable: bool = False


@dataclass(frozen=True)
class Errors:
    """What their codes mean: `code` is the path of the code in every answer."""

    code: str = ""
    means: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    other: str = "unknown"
    documented: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """One province's way of speaking (hồ sơ kết nối); `wsdl` is absolute, `limit` bytes of a message's files."""

    path: Path
    name: str
    title: str = ""
    revision: int = 1
    speaks: str = "mapped"
    wsdl: Path = Path()
    endpoint: str = ""
    inline: bool = False
    gzip_files: bool = False
    limit: int = 20_000_000
    signed: bool = True
    without: tuple[str, ...] = ()
    wire: WireChoices = field(default_factory=WireChoices)
    maps: Mapping[str, ValueMap] = field(default_factory=dict)
    errors: Errors = Errors()
    operations: Mapping[str, MappedOperation] = field(default_factory=dict)


def shipped() -> list[str]:
    """Names of the profiles that come with the program."""
    return sorted(one.stem for one in FOLDER.glob("*.toml"))


def find_profile(name: str, *, beside: Path | None = None) -> Path:
    """The file of a profile: a shipped name, or a path (relative to `beside`); ConfigError names what there is."""
    if name in shipped():
        return FOLDER / f"{name}.toml"
    path = (beside or Path()) / name
    if path.suffix == ".toml" and path.is_file():
        return path
    raise ConfigError(
        f"[province] profile = “{name}”: không có hồ sơ kết nối này. Ghi một tên có sẵn ({', '.join(shipped())}) "
        "hoặc đường dẫn tới tệp .toml."
    )


def load_profile(path: Path) -> Profile:
    """A profile without faults of form; ConfigError with the first one otherwise."""
    profile, faults = read_profile(path)
    if faults:
        one = faults[0]
        raise ConfigError(f"{path.name}, dòng {one.line}, “{one.key}”: {one.what}. {one.fix} Chạy “profile lint”.")
    return profile


def read_profile(path: Path) -> tuple[Profile, list[Fault]]:
    """A profile and all faults of its form; ConfigError when it is no TOML at all."""
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError:
        raise ConfigError(f"Không đọc được {path}. Kiểm tra đường dẫn.") from None
    except ValueError as error:
        raise ConfigError(f"{path.name} không phải TOML hợp lệ: {error}. Sửa tệp rồi kiểm tra lại.") from None
    return _Reader(path, document, Lines(text)).read()


class Lines:
    """Where each key of a TOML text stands."""

    def __init__(self, text: str) -> None:
        self._at: dict[str, int] = {}
        table = ""
        for number, line in enumerate(text.splitlines(), start=1):
            if head := re.match(r"\s*\[([^\[\]]+)\]\s*(#.*)?$", line):
                table = head.group(1).strip()
                self._at[table] = number
            elif key := re.match(r"""\s*("[^"]+"|'[^']+'|[\w.-]+)\s*=""", line):
                name = key.group(1).strip("\"'")
                self._at[f"{table}.{name}" if table else name] = number

    def of(self, key: str) -> int:
        """The line of a key, else of the nearest table above it; 1 when there is none."""
        while key not in self._at and "." in key:
            key = key.rpartition(".")[0]
        return self._at.get(key, 1)


class _Reader:
    def __init__(self, path: Path, document: dict[str, Any], lines: Lines) -> None:
        self._path, self._document, self._lines = path, document, lines
        self.faults: list[Fault] = []

    def read(self) -> tuple[Profile, list[Fault]]:
        known = [*_SECTIONS, "wire", "map", "operation"]
        for name in self._document:
            if name not in known:
                self._wrong(name, "không có mục này", f"Các mục có: {', '.join(known)}.")
        head, files = self._section("profile"), self._section("attachments")
        way = files.get("way", "chunks")
        if way not in ("chunks", "inline"):
            self._wrong("attachments.way", f"“{way}” không phải cách gửi tệp", "Ghi chunks hoặc inline.")
        if (speaks := head.get("speaks", "mapped")) not in SPEAKS:
            self._wrong("profile.speaks", f"“{speaks}” không dùng được", f"Ghi một trong: {', '.join(SPEAKS)}.")
        for name in ("name", "wsdl", "endpoint"):
            if not isinstance(head.get(name), str) or not head[name]:
                self._wrong(f"profile.{name}", "bị thiếu", f'Thêm {name} = "…" vào mục [profile].')
        return self._profile(head, files), self.faults

    def _profile(self, head: Mapping[str, Any], files: Mapping[str, Any]) -> Profile:
        maps, inline = self._maps(), files.get("way") == "inline"
        return Profile(
            path=self._path,
            name=str(head.get("name", self._path.stem)),
            title=str(head.get("title", "")),
            revision=int(head.get("revision", 1)),
            speaks=str(head.get("speaks", "mapped")),
            wsdl=(self._path.parent / str(head.get("wsdl", ""))).resolve(),
            endpoint=str(head.get("endpoint", "")),
            inline=inline,
            gzip_files=bool(files.get("gzip", False)),
            limit=int(files.get("limit", 20_000_000)),
            signed=bool(self._section("receipts").get("signed", True)),
            without=tuple(self._section("capabilities").get("without", ())),
            wire=self._wire(inline),
            maps=maps,
            errors=self._errors(),
            operations=self._operations(maps),
        )

    def _wrong(self, key: str, what: str, fix: str) -> None:
        self.faults.append(Fault(self._lines.of(key), key, what, fix))

    def _section(self, name: str) -> dict[str, Any]:
        found = self._document.get(name, {})
        if not isinstance(found, dict):
            self._wrong(name, "phải là một mục", f"Ghi [{name}] rồi các dòng của nó.")
            return {}
        for key in found:
            if key not in _SECTIONS[name]:
                self._wrong(f"{name}.{key}", "không có khóa này", f"Các khóa có: {', '.join(_SECTIONS[name])}.")
        return found

    def _maps(self) -> dict[str, ValueMap]:
        made = {}
        for name, table in self._document.get("map", {}).items():
            rest = {key: value for key, value in table.items() if key not in ("back", "unused", "documented")}
            for key, value in rest.items():
                if not isinstance(value, str):
                    self._wrong(f"map.{name}.{key}", "mã phải là chữ trong dấu nháy", f'Ghi {key} = "{value}".')
            back = {str(key): str(value) for key, value in table.get("back", {}).items()}
            made[name] = ValueMap(
                name, {key: str(value) for key, value in rest.items()}, back,
                tuple(table.get("unused", ())), tuple(table.get("documented", ())),
            )  # fmt: skip
        return made

    def _errors(self) -> Errors:
        table = self._section("errors")
        means = {str(code): str(meaning) for code, meaning in table.get("means", {}).items()}
        for code, meaning in [*means.items(), ("other", table.get("other", "unknown"))]:
            if meaning not in MEANINGS:
                key = f"errors.means.{code}" if code != "other" else "errors.other"
                self._wrong(key, f"“{meaning}” không phải nghĩa của mã lỗi", f"Ghi một trong: {', '.join(MEANINGS)}.")
        words = {str(code): str(text) for code, text in table.get("words", {}).items()}
        documented = tuple(str(code) for code in table.get("documented", ()))
        return Errors(str(table.get("code", "")), means, words, str(table.get("other", "unknown")), documented)

    def _operations(self, maps: Mapping[str, ValueMap]) -> dict[str, MappedOperation]:
        made = {}
        for name, table in self._document.get("operation", {}).items():
            where = f"operation.{name}"
            if name not in OPERATIONS:
                self._wrong(where, "không có thao tác này", f"Các thao tác có: {', '.join(OPERATIONS)}.")
                continue
            for key in table:
                if key not in ("calls", "send", "answer", "leaves_out", "repeatable"):
                    self._wrong(
                        f"{where}.{key}", "không có khóa này", "Ghi calls, send, answer, leaves_out, repeatable."
                    )
            made[name] = MappedOperation(
                name,
                str(table.get("calls", "")),
                {path: self._entry(f"{where}.send.{path}", text, maps) for path, text in table.get("send", {}).items()},
                {key: self._entry(f"{where}.answer.{key}", t, maps) for key, t in _flat(table.get("answer", {}))},
                tuple(table.get("leaves_out", ())),
                bool(table.get("repeatable", False)),
            )  # fmt: skip
        return made

    def _entry(self, key: str, text: Any, maps: Mapping[str, ValueMap]) -> Entry:
        if not isinstance(text, str) or not text.strip():
            self._wrong(key, "phải là chữ", 'Ghi "đường.dẫn | phép đổi", "each đường.dẫn" hoặc "const:giá trị".')
            return Entry()
        if text.startswith("each "):
            return Entry(each=text.removeprefix("each ").strip())
        head, *steps = [part.strip(" ") if n else part.strip() for n, part in enumerate(text.split("|"))]
        made = []
        for step in steps:
            name, _, argument = step.partition(":")
            problem = problem_of(name, argument, maps)
            if problem:
                self._wrong(key, problem, "Sửa phép đổi sau dấu “|”.")
            else:
                made.append(Conversion(name, argument, maps.get(argument) if name == "map" else None))
        return Entry(tuple(_part(one.strip()) for one in head.split(" + ")), tuple(made))

    def _wire(self, inline: bool) -> WireChoices:
        try:
            made: WireChoices = self._build(
                WireChoices, {**self._document.get("wire", {}), "inline_files": inline}, "wire"
            )
            return made
        except ConfigError as error:
            self._wrong("wire", error.message.rstrip("."), "Sửa mục [wire].")
            return WireChoices(inline_files=inline)

    def _build(self, kind: Any, table: Mapping[str, Any], where: str) -> Any:
        hints, made = get_type_hints(kind), {}
        for key, value in table.items():
            if key not in hints:
                self._wrong(f"{where}.{key}", "không có khóa này", f"Các khóa có: {', '.join(hints)}.")
                continue
            choices = [one for one in (*get_args(hints[key]), hints[key]) if is_dataclass(one)]
            if choices and choices[0] is XRoadMember:
                made[key] = XRoadMember.parse(str(value), f"{where}.{key}")
            elif choices:
                made[key] = self._build(choices[0], value, f"{where}.{key}")
            else:
                made[key] = value
        missing = [one.name for one in fields(kind) if one.name not in made and _needed(one)]
        if missing:
            raise ConfigError(f"[{where}] thiếu {', '.join(missing)}.")
        return kind(**made)


def _needed(one: Any) -> bool:
    from dataclasses import MISSING

    return one.default is MISSING and one.default_factory is MISSING


def _flat(table: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The keys of an answer, those of its groups (`results.id`) joined by a dot."""
    made: list[tuple[str, Any]] = []
    for key, value in table.items():
        made += [(f"{key}.{name}", one) for name, one in value.items()] if isinstance(value, dict) else [(key, value)]
    return made


def _part(text: str) -> Part:
    return Part(text.removeprefix("const:"), constant=True) if text.startswith("const:") else Part(text)
