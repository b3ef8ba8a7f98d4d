"""What `doctor` examines around the store: the province, certificates and devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from agent.cli.checkup_line import Line
from agent.errors import HandoffError, SigningError

if TYPE_CHECKING:
    from agent.site import Site

SOON: Final = timedelta(days=30)  # a certificate that ends within is renewed now


def _province(site: Site) -> Iterator[Line]:
    from agent.store.handoffs import FeedCursor

    office = site.settings.office.id
    with site.store.reading():
        held = FeedCursor.get_or_none(FeedCursor.office_id == office)
    where = site.settings.province.profile
    try:
        site.province().status_changes(office=office, cursor=held.cursor if held else 0, maximum=1)
        yield Line("tỉnh", True, f"{where}: kết nối được")
    except HandoffError as error:
        yield Line("tỉnh", False, f"{where}: {error.message}", advice=True)
    offset = held.clock_offset_ms if held else 0
    if abs(offset) > 60_000:
        words = f"Giờ máy lệch giờ của tỉnh {offset / 1000:.0f} giây. Chỉnh lại ngày giờ."
        yield Line("giờ của tỉnh", False, words, advice=True)


def _certificates(site: Site) -> Iterator[Line]:
    try:
        signer = site.signers().office(site.settings.office.name)
    except SigningError as error:
        yield Line("chứng thư", False, error.message, advice=site.settings.training)
        return
    now = site.clock.now()
    broken, ending = signer.usable(now), signer.usable(now + SOON)
    mark = " (TRAINING)" if signer.training else ""
    words = " ".join(broken or ending) or f"{signer.subject}{mark}, còn hạn"
    yield Line("chứng thư", not (broken or ending), words, advice=not broken)


def _devices(site: Site) -> Iterator[Line]:
    states = site.devices.states()
    for state in states:
        yield Line(f"thiết bị {state.name}", state.connected and state.ready is not False, state.words, advice=True)
    if not states:
        yield Line("thiết bị", False, "Chưa khai báo thiết bị nào. Thêm [[device]] vào agent.toml.", advice=True)


CHECKS: Final[dict[str, Callable[[Site], Iterator[Line]]]] = {
    "tỉnh": _province,
    "chứng thư": _certificates,
    "thiết bị": _devices,
}
