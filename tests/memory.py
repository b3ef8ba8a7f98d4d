"""A folder in memory for the tests' own files: commits there wait for no disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ROOM = 3 << 30  # bytes free: a run's stations and databases take one gigabyte


def roomy_memory() -> str | None:
    """The folder's path, or None where there is none with room from which programs may be started."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK) or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        return None
    return str(memory) if shutil.disk_usage(memory).free > ROOM else None
