"""A private PostgreSQL cluster that is durable and stays on disk between runs, unlike the tests' throw-away one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import UNPRIVILEGED, _programs


@contextmanager
def cluster(folder: Path) -> Iterator[str | None]:
    """The URL of the cluster in the folder, made when it is not there; None without PostgreSQL's programs.

    Commits are synchronous and full pages are written, as an office's server does it.
    """
    programs = _programs()
    if programs is None:
        yield None
        return
    user: dict[str, object] = {}
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        user = {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, UNPRIVILEGED, "nogroup")
    data = folder / "data"
    with tempfile.TemporaryDirectory(prefix="pg-") as sockets:  # a short path: a socket's name has 107 bytes
        if user:
            shutil.chown(sockets, UNPRIVILEGED, "nogroup")

        def run(*words: str) -> None:
            subprocess.run(words, capture_output=True, cwd=sockets, check=True, timeout=120, **user)  # type: ignore[call-overload]

        if not (data / "PG_VERSION").exists():
            run(str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={sockets} -c max_connections=60"
        options += " -c shared_buffers=256MB -c max_wal_size=4GB"
        control = (str(programs / "pg_ctl"), "-D", str(data), "-w")
        run(*control, "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql://postgres@/postgres?host={sockets}"
        finally:
            run(*control, "-m", "fast", "stop")
