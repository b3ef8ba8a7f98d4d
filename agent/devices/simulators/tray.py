"""Where a simulated printer's labels fall: each byte for byte in a file, and its picture beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread

Draw = Callable[[bytes], bytes]  # a label's bytes to its PNG


class Tray:
    """`folder` receives label-0001.zpl, … and label-0001.png, drawn by a thread so that the printer can answer."""

    def __init__(self, folder: Path, suffix: str, draw: Draw | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._suffix, self._draw = folder, suffix, draw
        self.count = sum(1 for _ in folder.glob(f"label-*.{suffix}"))
        self._waiting: SimpleQueue[tuple[Path, bytes]] = SimpleQueue()
        self._drawing, self._lock = 0, Lock()
        self._thread: Thread | None = None

    @property
    def drawing(self) -> int:
        """Pictures that are not finished yet."""
        return self._drawing

    def put(self, label: bytes) -> None:
        """One label has come out."""
        self.count += 1
        path = self._folder / f"label-{self.count:04}.{self._suffix}"
        if self._draw is not None:
            with self._lock:
                self._drawing += 1
            self._waiting.put((path, label))
        _write(path, label)
        if self._draw is not None and self._thread is None:
            self._thread = Thread(target=self._work, args=(self._draw,), daemon=True)
            self._thread.start()

    def _work(self, draw: Draw) -> None:
        while True:
            path, label = self._waiting.get()
            try:
                _write(path.with_suffix(".png"), draw(label))
            finally:
                with self._lock:
                    self._drawing -= 1


def _write(path: Path, data: bytes) -> None:
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_bytes(data)
    draft.replace(path)
