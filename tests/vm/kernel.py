"""Debian's kernel and the small first file system that starts the agent's own Python on it."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STORE = ROOT / ".make" / "vm"
INIT = Path(__file__).with_name("init.sh")
PACKAGES = {"qemu-system-x86_64": "qemu-system-x86"}
WANTED = (
    *("virtio_pci", "9pnet_virtio", "9p"),  # the machine's own files, read-only
    *("dummy_hcd", "libcomposite", "usb_f_printer", "usb_f_acm", "usb_f_hid"),  # the devices' ends
    *("usblp", "cdc-acm", "hid-generic", "usbhid", "evdev", "uinput"),  # the computer's ends
)
DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")


class CannotBeHad(Exception):
    """This machine cannot run the virtual one; the message says what to install."""


def programs() -> None:
    """QEMU, by apt where it is missing; CannotBeHad when it stays so."""
    sys.path.insert(0, str(ROOT / "tools"))
    from setup import apt

    missing = [package for program, package in PACKAGES.items() if shutil.which(program) is None]
    if missing:
        apt(missing)
    if absent := [package for program, package in PACKAGES.items() if shutil.which(program) is None]:
        raise CannotBeHad(f"install {', '.join(absent)} (Debian: apt-get install {' '.join(absent)}) and run again")
    for program in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(program) is None:
            raise CannotBeHad(f"{program} is not here: this suite takes its kernel from Debian's packages")


def kernel() -> Path:
    """The folder with Debian's newest kernel for this release, unpacked; nothing is installed."""
    name = _dependency("linux-image-amd64", "linux-image-")
    place = STORE / name
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        for package in (name, "busybox-static"):
            _unpack(package, place)
        (place / "complete").touch()
    return place


def first_files(place: Path) -> Path:
    """An initramfs: busybox, the modules in the order of their loading, and init.sh."""
    modules = _in_order(place)
    members = [("init", INIT.read_bytes(), 0o755), ("bin/busybox", (place / "bin/busybox").read_bytes(), 0o755)]
    members += [(f"modules/{module.name}", module.read_bytes(), 0o644) for module in modules]
    members += [("modules/order", "".join(f"{module.name}\n" for module in modules).encode(), 0o644)]
    folders = ("bin", "modules", "proc", "sys", "dev", "new")
    packed = b"".join(_member(name, b"", 0o040755) for name in folders)
    packed += b"".join(_member(name, data, 0o100000 | mode) for name, data, mode in members)
    made = place / "first.cpio.gz"
    made.write_bytes(gzip.compress(packed + _member("TRAILER!!!", b"", 0), 1))
    return made


def image(place: Path) -> Path:
    """The kernel itself."""
    return next((place / "boot").glob("vmlinuz-*"))


def _dependency(package: str, prefix: str) -> str:
    for again in (False, True):
        if again:
            _update()
        said = subprocess.run(["apt-cache", "depends", package], capture_output=True, text=True, check=False).stdout
        if found := re.search(rf"Depends: ({re.escape(prefix)}\S+)", said):
            return found[1]
    raise CannotBeHad(f"apt knows no {package}: this suite takes its kernel from Debian's packages for 64-bit PCs")


def _update() -> None:
    subprocess.run([*_sudo(), "apt-get", "update", "-qq"], capture_output=True, check=False, timeout=300)


def _sudo() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]


def _unpack(package: str, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for again in (False, True):
        if again:  # the lists may be older than what the mirror still has
            _update()
        got = subprocess.run(
            ["apt-get", "download", "-qq", package], cwd=place, capture_output=True, text=True, check=False, timeout=300
        )
        for file in place.glob("*.deb"):
            subprocess.run(["dpkg-deb", "-x", file, place], check=True, timeout=300)
            file.unlink()
            return
    raise CannotBeHad(f"{package} could not be downloaded: {got.stderr.strip()[-300:]}")


def _in_order(place: Path) -> list[Path]:
    """The wanted modules and what they need, each after what it needs."""
    by_name = {path.stem.replace("-", "_"): path for path in place.glob("lib/modules/*/kernel/**/*.ko")}
    order: list[Path] = []

    def take(name: str) -> None:
        path = by_name.get(name.replace("-", "_"))
        if path is None:
            raise CannotBeHad(f"this kernel has no module {name}: Debian's standard kernel is needed")
        if path in order:
            return
        if found := DEPENDS.search(b"\0" + path.read_bytes()):
            for needed in filter(None, found[1].decode().split(",")):
                take(needed)
        order.append(path)

    for name in WANTED:
        take(name)
    return order


def _member(name: str, data: bytes, mode: int) -> bytes:
    """One file of a cpio archive in the newc form: a header of hexadecimal fields, its name, its bytes."""
    fields = (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return _padded(head) + _padded(data)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
