"""One file of the vault to the province in parts: resumed where the province stands, never whole in memory."""

from __future__ import annotations

import json
from collections.abc import Callable

from agent.errors import HandoffOutcomeUnknown, IntegrityError
from agent.site import Site


def file_names(payload: bytes) -> list[str]:
    """The sorted, distinct SHA-256 of the files that a frozen message names."""
    components = json.loads(payload).get("components") or []
    return sorted({file["sha256"] for component in components for file in component["files"]})


def send_file(
    site: Site,
    sha256: str,
    *,
    part_bytes: int = 0,
    before: Callable[[int], bool] = lambda _count: True,
    after: Callable[[int], None] = lambda _count: None,
) -> bool:
    """Send what the province lacks of a file; one that it has costs one small call. False when `before` said stop.

    `before` is asked, and may wait, before each part of so many bytes; `after` hears what went. `part_bytes`: the most
    of one part, 0: as configured. IntegrityError when the province holds more than there is, HandoffOutcomeUnknown when
    it takes parts and its file does not grow.
    """
    province = site.province()
    state = province.upload_state(sha256)
    if state.complete:
        return True  # a paper that serves again may lie at another terminal, or here no more
    total, size = site.vault.size(sha256), part_bytes or site.settings.province.chunk_bytes
    while not state.complete:
        if state.received > total:
            raise IntegrityError(f"Tỉnh giữ {state.received} byte của tệp dài {total} byte. Báo tỉnh xóa tệp dở.")
        count, held = min(size, total - state.received), state.received
        if not before(count):
            return False
        state = province.put_chunk(sha256, offset=held, total=total, data=site.vault.read(sha256, held, count))
        if not state.complete and state.received <= held:
            raise HandoffOutcomeUnknown("Tỉnh nhận tệp mà không ghi thêm byte nào. Sẽ tự hỏi lại.")
        after(count)
    return True
