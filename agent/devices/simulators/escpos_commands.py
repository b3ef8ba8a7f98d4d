"""Where one ESC/POS command ends and the next begins, by the maker's table of lengths."""

from __future__ import annotations

from dataclasses import dataclass

# Parameters that follow the two bytes of a command; what is not listed has none.
ESC = {
    **dict.fromkeys(b" !%-3=?ACEGJKMRSTUVacdefirt{", 1),
    **dict.fromkeys(b"$\\", 2),
    ord("p"): 3,
    ord("W"): 8,
}
for _none in b"2@LSi":
    ESC[_none] = 0
ESC[ord("c")] = 2
GS = {**dict.fromkeys(b"!/:BEHITabcefhrwz", 1), **dict.fromkeys(b"$LPWX\\", 2), ord("^"): 3}
GS[ord(":")] = GS[ord("c")] = 0
FS = {**dict.fromkeys(b"!-CW", 1), ord("S"): 2, ord("p"): 2}
DLE = {0x04: 1, 0x05: 1}
LEADS = b"\x10\x1b\x1c\x1d"


@dataclass(frozen=True)
class Command:
    """One command with its parameters, or a run of characters (`name` is b"text")."""

    name: bytes  # "\x1dv0", "\x1d(k", …: lead and letters
    body: bytes  # all that follows the name


def next_command(data: bytes) -> tuple[Command, int] | None:
    """The first command in `data` and its length; None when more bytes are needed."""
    if not data:
        return None
    if data[0] not in LEADS:
        end = next((at for at, byte in enumerate(data) if byte in LEADS or byte == 0x0A), len(data))
        if end == 0:
            return Command(b"\n", b""), 1
        return Command(b"text", data[:end]), end
    if len(data) < 2:
        return None
    size = _length(data)
    if size is None or len(data) < size:
        return None
    cut = 3 if data[:2] in {b"\x1d(", b"\x1d8", b"\x1dv"} else 2
    return Command(data[:cut], data[cut:size]), size


def _length(data: bytes) -> int | None:
    lead, letter = data[0], data[1]
    if lead == 0x1D:
        return _length_gs(data)
    if lead == 0x1B:
        if letter == ord("*"):
            return None if len(data) < 5 else 5 + (3 if data[2] > 1 else 1) * int.from_bytes(data[3:5], "little")
        if letter == ord("D"):
            end = data.find(0, 2)
            return None if end < 0 and len(data) < 40 else end + 1 if end >= 0 else 2
        return 2 + ESC.get(letter, 0)
    if lead == 0x10:
        if letter == 0x14:
            return None if len(data) < 3 else {1: 5, 2: 5, 8: 10}.get(data[2], 3)
        return 2 + DLE.get(letter, 0)
    return 2 + FS.get(letter, 0)


def _length_gs(data: bytes) -> int | None:
    letter = data[1:2]
    if letter == b"(":
        return None if len(data) < 5 else 5 + int.from_bytes(data[3:5], "little")
    if letter == b"8":
        return None if len(data) < 7 else 7 + int.from_bytes(data[3:7], "little")
    if letter == b"v":
        if len(data) < 8:
            return None
        return 8 + int.from_bytes(data[4:6], "little") * int.from_bytes(data[6:8], "little")
    if letter == b"V":
        return None if len(data) < 3 else 4 if data[2] in {65, 66, 97, 98, 103, 104} else 3
    if letter == b"k":
        if len(data) < 4:
            return None
        if data[2] >= 65:
            return 4 + data[3]
        end = data.find(0, 3)
        return None if end < 0 else end + 1
    if letter == b"*":
        return None if len(data) < 4 else 4 + data[2] * data[3] * 8
    return 2 + GS.get(data[1], 0)
