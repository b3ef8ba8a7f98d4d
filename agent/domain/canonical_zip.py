"""One ZIP for one set of members: stored, sorted, with fixed times and attributes, so that every bit counts."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping

from agent.errors import DocumentError

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._\-]*(/[0-9A-Za-z][0-9A-Za-z._\-]*)?")
_UNREADABLE = (zipfile.BadZipFile, ValueError, LookupError, struct.error, OverflowError, NotImplementedError, EOFError)


def pack(members: Mapping[str, bytes]) -> bytes:
    """The canonical ZIP of these members; ValueError for a name that is not plain `folder/name.ext`.

    Names that differ in case only are refused too: some systems would unpack one over the other.
    """
    out = io.BytesIO()
    if len({name.lower() for name in members}) != len(members):
        raise ValueError("names that differ in case only")
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            if not _NAME.fullmatch(name):
                raise ValueError(f"not a member name of a bundle: {name!r}")
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3  # the same on every platform
            info.external_attr = 0o100644 << 16
            archive.writestr(info, members[name])
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The members of a canonical ZIP; DocumentError unless packing them again gives `data` byte for byte."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {info.filename: _stored(data, info) for info in archive.infolist()}
        whole = pack(members) == data
    except _UNREADABLE:
        whole = False
    if not whole:
        raise DocumentError("Gói chứng cứ bị hỏng hoặc bị sửa: không phải gói chuẩn. Xin lại gói từ nơi phát hành.")
    return members


def _stored(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """The member's bytes, cut out of the file without trusting what else its headers say."""
    start = info.header_offset + 30 + len(info.filename)
    if info.file_size < 0 or start + info.file_size > len(data):
        raise ValueError("a member that does not fit")
    return data[start : start + info.file_size]
