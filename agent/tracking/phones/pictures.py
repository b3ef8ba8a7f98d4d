"""Pictures that phones send: checked to be what they say, kept once under their hash, swept when nothing needs them."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from agent.errors import DocumentError, RuleViolation
from agent.site import Site
from agent.store import rows
from agent.store.custody_events import DeviceEvent
from agent.store.phones import Phone, PhoneBlob
from agent.tracking.phones.picture_room import room, weight_of

LARGEST: Final = 5 << 20  # bytes
MOST_PIXELS: Final = 50_000_000
KINDS: Final = ("image/png", "image/jpeg")
_SHA = re.compile(r"[0-9a-f]{64}")


class NotAPicture(DocumentError):
    """The bytes are no PNG or JPEG, or are not those that were promised."""

    code = "not-a-picture"


def keep(site: Site, phone: Phone, sha256: str, data: bytes) -> int:
    """Keep a picture durably under its hash and return its size in bytes; the same again changes nothing.

    NotAPicture for another hash, for what is no PNG or JPEG, and for one too large to open. PicturesBusy, and StoreFull
    when the disk is full: the phone keeps the picture and sends it again.
    """
    if not _SHA.fullmatch(sha256):
        raise RuleViolation("Địa chỉ ảnh phải là SHA-256 của ảnh (64 chữ số thập lục phân). Cập nhật ứng dụng.")
    if hashlib.sha256(data).hexdigest() != sha256:
        raise NotAPicture("Ảnh đến nơi không nguyên vẹn. Ứng dụng sẽ tự gửi lại; nếu vẫn lỗi, chụp lại ảnh.")
    terminal = site.settings.terminal.id
    with site.store.reading():
        known = rows.first(PhoneBlob, sha256=sha256, terminal_id=terminal)
    if known is not None and site.vault.has(sha256):
        return int(known.size)
    media = kind_of(data)
    site.vault.put_as(sha256, data)
    with site.store.writing():
        rows.create_unless_there(
            PhoneBlob, sha256=sha256, terminal_id=terminal, phone_uid=phone.uid, media=media, size=len(data),
            received_at=site.clock.now(),
        )  # fmt: skip
    return len(data)


def is_awaited(site: Site, sha256: str) -> bool:
    """Whether an event waits for this picture."""
    with site.store.reading():
        return bool(DeviceEvent.select(DeviceEvent.id).where(DeviceEvent.awaits == f"blob:{sha256}").exists())


def kind_of(data: bytes) -> str:
    """The media type of a PNG or JPEG that opens to its last pixel; NotAPicture otherwise.

    Pixels are counted before any is decoded, and pictures that come at the same time share one budget of memory:
    PicturesBusy when it is not free in time.
    """
    import io

    from PIL import Image

    try:  # warnings are left alone: their filters are the whole process's, and pictures come at the same time
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as seen:
            media = Image.MIME[seen.format or ""]
            if seen.width * seen.height > MOST_PIXELS:
                raise NotAPicture("Ảnh quá nhiều điểm ảnh. Giảm cỡ ảnh trong máy ảnh rồi chụp lại.")
            weight = weight_of(seen)
            seen.verify()
        with room.taken(weight), Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as seen:
            seen.draft("L", (64, 64))  # a JPEG is read at an eighth of its size: enough to see that it ends well
            seen.load()
    except NotAPicture:
        raise
    except (OSError, ValueError, SyntaxError, KeyError, Warning, Image.DecompressionBombError) as error:
        raise NotAPicture(
            f"Tệp gửi lên không phải ảnh PNG hay JPEG đọc được ({type(error).__name__}). Chụp lại ảnh rồi gửi lại."
        ) from None
    return str(media)
