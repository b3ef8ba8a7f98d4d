"""A folder that others scan to: whole files are handed over, the rest stays or is put aside with the reason."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from agent.clock import Clock
from agent.devices.pages.complete import Whole, wholeness
from agent.errors import DeviceUnavailable
from agent.ports import DeviceState
from agent.ports_pages import PageFile
from agent.settings import Device

ASIDE = "khong-nhan-duoc"
UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", "~")
LITTER = ("thumbs.db", "desktop.ini")  # what file managers leave behind
MOST_BYTES = 200_000_000  # of one file
AT_ONCE = 16  # files of one look
BYTES_AT_ONCE = 64 << 20  # of one look, but for a single larger file
STILL = 2.0  # seconds in which size and time of a file must not change
READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
LATE = 60.0  # seconds after which a file that is not whole is told

FOREIGN = "Không phải trang giấy (nhận JPEG, PNG, TIFF, PDF). Đặt máy quét lưu thành PDF hoặc JPEG."
LINK = "Đây là liên kết, không phải tệp. Chép chính tệp đó vào thư mục."
HUGE = "Tệp lớn hơn {most} MB. Quét lại ở 300 dpi hoặc chia thành nhiều tệp."

GROWS, SHUT, KEPT = "chưa ghi xong", "không mở được", "không xóa được sau khi đã nhận"
UNMOVED = f"không dùng được và không chuyển được sang {ASIDE}"

Seen = tuple[int, int]  # bytes, modification time in ns


@dataclass
class _Look:
    """What is known of a file from looks before."""

    seen: Seen
    since: float  # monotonic: when it was first seen like this
    first: float  # monotonic: when it was first seen at all
    stays: str = ""  # why it is still there: GROWS, SHUT, KEPT or UNMOVED


class WatchedFolder:
    """A folder on this machine or a share; looked at, not notified of: shares tell nothing.

    A file is taken when size and time were still for `still` seconds and it ends as its kind ends. It is removed only
    after `taken`; what cannot be used is moved to the folder's `khong-nhan-duoc` beside a text with the reason.
    """

    def __init__(
        self,
        line: Device,
        *,
        clock: Clock | None = None,
        still: float = STILL,
        late: float = LATE,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._line, self._clock, self._folder = line, clock, Path(line.address)
        self._still, self._late, self._most = still, late, most_bytes
        self._looks: dict[str, _Look] = {}
        self._given: dict[UUID, tuple[str, Seen]] = {}

    def state(self) -> DeviceState:
        """Whether the folder can be used, and which files stay in it and why."""
        try:
            names = {entry.name for entry in self._entries()}
        except DeviceUnavailable as error:
            return self._say(connected=False, ready=False, words=error.message)
        self._forget(names)
        if not os.access(self._folder, os.W_OK):
            words = f"Không được xóa tệp trong {self._folder}. Cho chương trình quyền ghi vào thư mục này."
            return self._say(connected=True, ready=False, words=words)
        stuck = self._stuck()
        return self._say(connected=True, ready=not stuck, words=stuck or "đang chờ tệp")

    def poll(self) -> list[PageFile]:
        """Whole files, the oldest first, a few at a time; DeviceUnavailable when the folder cannot be listed."""
        entries = list(self._entries())
        self._forget({entry.name for entry in entries})
        files: list[PageFile] = []
        for entry in self._ripe(entries):
            if file := self._read(entry):
                files.append(file)
                if len(files) == AT_ONCE or sum(len(one.data) for one in files) > BYTES_AT_ONCE:
                    break
        return files

    def taken(self, file: PageFile) -> None:
        """Remove a file that is safe elsewhere; one that was written anew meanwhile stays and comes again."""
        name, seen = self._given.pop(file.feed, (file.name, (-1, -1)))
        path = self._folder / name
        try:
            if _seen(path.lstat()) == seen:
                path.unlink()
                self._looks.pop(name, None)
        except FileNotFoundError:
            self._looks.pop(name, None)
        except OSError:
            if name in self._looks:
                self._looks[name].stays = KEPT  # told in the state until somebody removes it

    def refuse(self, file: PageFile, why: str) -> None:
        """Put a file aside, with the reason."""
        name, _ = self._given.pop(file.feed, (file.name, (-1, -1)))
        self._put_aside(name, why)

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        """What may become a page: no folders, no hidden or unfinished names."""
        try:
            with os.scandir(self._folder) as found:
                for entry in found:
                    name = entry.name.lower()
                    if name.startswith((".", "~")) or name.endswith(UNFINISHED) or name in LITTER:
                        continue
                    if entry.is_symlink() or not entry.is_dir():
                        yield entry
        except OSError as error:
            raise DeviceUnavailable(
                f"Không mở được thư mục quét {self._folder} ({error.strerror}). "
                "Kiểm tra đường dẫn, kết nối mạng và quyền."
            ) from error

    def _ripe(self, entries: list[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        """Files that were still long enough, the oldest first; symbolic links and huge files are put aside."""
        ripe: list[tuple[Seen, os.DirEntry[str]]] = []
        now = time.monotonic()
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except OSError:  # gone meanwhile
                continue
            seen = _seen(status)
            look = self._looks.setdefault(entry.name, _Look(seen, now, now))
            if look.seen != seen:
                look.seen, look.since, look.stays = seen, now, ""
            elif look.stays in (GROWS, KEPT, UNMOVED) or now - look.since < self._still:
                continue  # it is what it was when it was read
            elif stat.S_ISLNK(status.st_mode):
                self._put_aside(entry.name, LINK)
            elif not stat.S_ISREG(status.st_mode):
                continue  # a pipe or a socket: nobody scans into one
            elif status.st_size > self._most:
                self._put_aside(entry.name, HUGE.format(most=self._most // 1_000_000))
            else:
                ripe.append(((seen[1], seen[0]), entry))
        ripe.sort(key=lambda one: (one[0], one[1].name))
        return (entry for _, entry in ripe)

    def _read(self, entry: os.DirEntry[str]) -> PageFile | None:
        """The file's bytes, when it is whole and was not touched while it was read."""
        look = self._looks[entry.name]
        try:
            with os.fdopen(os.open(entry.path, READING), "rb") as file:
                data = file.read(look.seen[0] + 1)
                after = _seen(os.fstat(file.fileno()))
        except OSError:  # somebody holds it, or we may not: told when it lasts
            look.stays = SHUT
            return None
        look.stays = ""
        if after != look.seen or len(data) != look.seen[0]:
            return None
        match wholeness(data):
            case Whole.FOREIGN:
                self._put_aside(entry.name, FOREIGN)
                return None
            case Whole.GROWING:
                look.stays = GROWS
                return None
        feed = self._feed(entry.name, look.seen, data)
        self._given[feed] = (entry.name, look.seen)
        return PageFile(entry.name, data, {"kind": "folder", "device": self._line.name}, feed)

    def _feed(self, name: str, seen: Seen, data: bytes) -> UUID:
        """The same for the same file however often it is looked at, another one when it is scanned again."""
        told = f"{self._line.name}\0{name}\0{seen}\0{hashlib.sha256(data).hexdigest()}"
        return UUID(bytes=hashlib.sha256(told.encode("utf-8", "surrogateescape")).digest()[:16])

    def _put_aside(self, name: str, why: str) -> None:
        aside = self._folder / ASIDE
        try:
            if aside.is_symlink():
                raise FileExistsError("it would lead out of the folder")
            aside.mkdir(exist_ok=True)
            target, number = aside / name, 1
            while os.path.lexists(target) or os.path.lexists(f"{target}.txt"):
                number += 1
                target = aside / f"{Path(name).stem}-{number}{Path(name).suffix}"
            (self._folder / name).rename(target)
            with Path(f"{target}.txt").open("x", encoding="utf-8", errors="replace") as told:
                told.write(f"{name}\n{why}\n")
        except OSError:
            if name in self._looks:
                self._looks[name].stays = UNMOVED  # told in the state
            return
        self._looks.pop(name, None)

    def _forget(self, names: set[str]) -> None:
        for gone in [name for name in self._looks if name not in names]:
            del self._looks[gone]

    def _stuck(self) -> str:
        """Files that stay though they should have gone by now."""
        now = time.monotonic()
        late = {name: look for name, look in self._looks.items() if now - look.first > self._late}
        told = []
        for why in (KEPT, UNMOVED, SHUT, GROWS):
            names = [name for name, look in late.items() if look.stays == why or (why == GROWS and _moves(look, now))]
            if names:
                told.append(f"{len(names)} tệp {why}: {_some(names)}")
        return "; ".join(told) + f". Kiểm tra máy quét và quyền trong {self._folder}." if told else ""

    def _say(self, *, connected: bool, ready: bool | None, words: str) -> DeviceState:
        at = self._clock.now() if self._clock else None
        return DeviceState(self._line.name, self._line.role, connected, ready, words, at)


def _seen(status: os.stat_result) -> Seen:
    return status.st_size, status.st_mtime_ns


def _moves(look: _Look, now: float) -> bool:
    """Whether a file changed again just now, though it has been there for long."""
    return not look.stays and look.since > look.first and now - look.since < STILL


def _some(names: list[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (" …" if len(names) > 3 else "")
