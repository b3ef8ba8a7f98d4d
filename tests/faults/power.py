"""A disk that forgets what was not synced when the power goes: records a process's writes and replays each crash."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["write", "truncate", "sync", "delete", "mark"]
KEPT = (0.0, 0.5, 1.0)  # which part of what was not synced the disk kept all the same


@dataclass(frozen=True)
class Act:
    """One thing that a process did to a file, or a `mark` between: what was promised by then."""

    kind: Kind
    file: str = ""
    offset: int = 0
    data: bytes = b""
    promised: object = None


@dataclass
class Recording:
    """All acts in their order."""

    acts: list[Act] = field(default_factory=list)

    def mark(self, promised: object) -> None:
        """From here on this was told to somebody as done."""
        self.acts.append(Act("mark", promised=promised))


@contextmanager
def recorded(below: str = "multipleciphers-unix") -> Iterator[Recording]:
    """Record what databases opened in the block do to their files; `below`: the VFS that does the work."""
    import apsw

    recording = Recording()

    class File(apsw.VFSFile):
        def __init__(self, name: Any, flags: list[int]) -> None:
            path = name.filename() if isinstance(name, apsw.URIFilename) else name
            self._name = Path(path).name if path else ""
            super().__init__(below, name, flags)

        def xWrite(self, data: bytes, offset: int) -> None:
            super().xWrite(data, offset)
            recording.acts.append(Act("write", self._name, offset, bytes(data)))

        def xTruncate(self, size: int) -> None:
            super().xTruncate(size)
            recording.acts.append(Act("truncate", self._name, size))

        def xSync(self, flags: int) -> None:
            super().xSync(flags)
            recording.acts.append(Act("sync", self._name))

    class Disk(apsw.VFS):
        def __init__(self) -> None:
            super().__init__("recording", base=below, makedefault=True)

        def xOpen(self, name: Any, flags: list[int]) -> File:
            return File(name, flags)

        def xDelete(self, name: str, sync: bool) -> None:
            super().xDelete(name, sync)
            recording.acts.append(Act("delete", Path(name).name))

    disk = Disk()
    try:
        yield recording
    finally:
        disk.unregister()


@dataclass
class Crash:
    """What the disk holds after a power cut, and what had been promised before it."""

    at: int
    kept: float
    files: dict[str, bytes]
    promised: object


def crashes(start: dict[str, bytes], recording: Recording, *, seed: int = 1) -> Iterator[Crash]:
    """A power cut after each write, sync, truncation and deletion, with none, a part or all of what was not synced.

    `start`: the files before the first act. Each file's unsynced writes are kept or lost one by one.
    """
    chance = random.Random(seed)
    synced = {name: bytearray(data) for name, data in start.items()}
    pending: dict[str, list[Act]] = {}
    promised: object = None
    for at, act in enumerate(recording.acts):
        if act.kind == "mark":
            promised = act.promised
        elif act.kind == "delete":
            synced.pop(act.file, None)
            pending.pop(act.file, None)
        elif act.kind == "sync":
            for one in pending.pop(act.file, []):
                _apply(synced, one)
        else:
            pending.setdefault(act.file, []).append(act)
        for kept in KEPT if act.kind in ("write", "truncate") else KEPT[:1]:
            disk = {name: bytearray(data) for name, data in synced.items()}
            for one in (one for acts in pending.values() for one in acts if chance.random() < kept):
                _apply(disk, one)
            yield Crash(at, kept, {name: bytes(data) for name, data in disk.items()}, promised)


def _apply(disk: dict[str, bytearray], act: Act) -> None:
    held = disk.setdefault(act.file, bytearray())
    if act.kind == "truncate":
        del held[act.offset :]
        return
    held.extend(bytes(max(0, act.offset - len(held))))
    held[act.offset : act.offset + len(act.data)] = act.data
