"""One process per role holds a data folder, and lets go when it dies."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agent.errors import StoreLocked
from agent.store.locking import FolderLock, WriteLock
from tests.store.build import end, said

HOLD = """
import sys
from pathlib import Path
from agent.store.locking import FolderLock
lock = FolderLock(Path(sys.argv[1]), "serve")
print("held", flush=True)
sys.stdin.readline()
"""


def holder(folder):
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def test_a_second_server_on_the_same_folder_is_told_who_has_it(tmp_path):
    other = holder(tmp_path)
    try:
        assert said(other) == "held"
        with pytest.raises(StoreLocked, match=rf"{other.pid}.*serve.*--data"):
            FolderLock(tmp_path, "serve")
        with FolderLock(tmp_path, "work"):  # another role
            pass
    finally:
        end(other)
    with FolderLock(tmp_path, "serve"):  # the dead one holds nothing
        pass


def test_a_folder_is_free_again_after_release(tmp_path):
    lock = FolderLock(tmp_path, "serve")
    with pytest.raises(StoreLocked, match=str(os.getpid())):
        FolderLock(tmp_path, "serve")
    lock.release()
    lock.release()
    FolderLock(tmp_path, "serve").release()


def test_threads_get_the_write_lock_in_the_order_they_came(tmp_path):
    lock = WriteLock(tmp_path / "agent.db")
    lock.acquire(1)
    order, threads = [], []

    def take(number):
        lock.acquire(20)
        order.append(number)
        lock.release()

    for number in range(5):
        thread = threading.Thread(target=take, args=(number,))
        thread.start()
        while len(lock._threads._waiting) <= number:
            pass
        threads.append(thread)
    lock.release()
    for thread in threads:
        thread.join(20)
    assert order == [0, 1, 2, 3, 4]


def test_who_waits_too_long_gives_up_and_blocks_nobody(tmp_path):
    lock = WriteLock(tmp_path / "agent.db")
    lock.acquire(1)
    failed = []

    def hurry():
        try:
            lock.acquire(0.05)
        except StoreLocked as error:
            failed.append(error)

    thread = threading.Thread(target=hurry)
    thread.start()
    thread.join(20)
    assert failed and failed[0].retryable
    lock.release()
    lock.acquire(1)
    lock.release()
    lock.close()
