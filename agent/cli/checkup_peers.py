"""What `doctor` examines around the store: the province, certificates and devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from agent.cli.checkup_line import Line
from agent.cli.devices import states_of
from agent.cli.profiles import drift_lines
from agent.errors import ConfigError, HandoffError, SigningError
from agent.store import notices, readings

if TYPE_CHECKING:
    from agent.cli.program import Program
    from agent.site import Site

MANY_UNREAD: Final = 500  # more pages wait only where nobody reads, or the machine cannot keep up
SOON: Final = timedelta(days=30)  # a certificate that ends within is renewed now


def _province(site: Site, program: Program) -> Iterator[Line]:
    from agent.store.handoffs import MATTERS, FeedCursor, clock_offset

    office = site.settings.office.id
    with site.store.reading():
        held = FeedCursor.get_or_none(FeedCursor.office_id == office)
        offset = clock_offset(office)
    where = site.settings.province.profile
    try:
        site.province().status_changes(office=office, cursor=held.cursor if held else 0, maximum=1)
        offset = site.province().clock_ahead or offset
        yield Line("tỉnh", True, f"{where}: kết nối được")
    except HandoffError as error:
        yield Line("tỉnh", False, f"{where}: {error.message}", advice=True)
    yield from _contract(program)
    if abs(offset) > MATTERS:
        way = "chậm" if offset > timedelta(0) else "nhanh"
        words = f"Giờ máy {way} hơn giờ của tỉnh {abs(offset).total_seconds():.0f} giây. Chỉnh lại ngày giờ."
        yield Line("giờ của tỉnh", False, words, advice=True)


def _contract(program: Program) -> Iterator[Line]:
    """Whether the province still offers the contract that its profile was written for."""
    try:
        drift = program.profiles.drift()
    except (ConfigError, HandoffError) as error:
        yield Line("hợp đồng của tỉnh", True, f"không so được: {error.message}", advice=True)
        return
    words = "; ".join(drift_lines(drift)) if drift["touched"] else "như hồ sơ kết nối"
    yield Line("hợp đồng của tỉnh", drift["same"], words, advice=True)


def _certificates(site: Site, _program: Program) -> Iterator[Line]:
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


def _devices(site: Site, program: Program) -> Iterator[Line]:
    states = states_of(program, site)
    for state in states:
        yield Line(f"thiết bị {state.name}", state.connected and state.ready is not False, state.words, advice=True)
    if not states:
        yield Line("thiết bị", False, "Chưa khai báo thiết bị nào. Thêm [[device]] vào agent.toml.", advice=True)


def _reading(site: Site, _program: Program) -> Iterator[Line]:
    """Whether the text of pages is read, and with what."""
    asked = site.settings.ocr
    if not asked.enabled:
        yield Line("đọc chữ", True, "đã tắt trong cấu hình ([ocr] enabled = false); bản sao không có lớp chữ")
        return
    try:
        file = site.digitiser().language_data()
        size = file.stat().st_size
    except ConfigError as error:
        yield Line("đọc chữ", False, error.message, advice=True)
        return
    yield Line("đọc chữ", True, f"tiếng Việt, {file} ({size / 1000:.0f} kB)")
    with site.store.reading():
        waiting, failed = readings.count_open(site.settings.terminal.id)
    if waiting or failed:
        words = f"{waiting} trang chờ đọc, {failed} trang không đọc được"
        yield Line("trang chờ đọc chữ", waiting < MANY_UNREAD, words, advice=True)


def _notices(site: Site, _program: Program) -> Iterator[Line]:
    """Whether messages to citizens have a channel, whether it can be reached, and what has not gone."""
    channel, notifier = site.settings.notices.channel, site.notifier()
    with site.store.reading():
        left = notices.backlog(site.clock.now())
    if notifier is None:
        words = "không có kênh gửi tin ([notices] channel); quầy tự báo công dân"
        yield Line("tin cho công dân", not left.waiting, words + _left(left), advice=True)
        return
    obstacle = notifier.obstacle()
    yield Line("tin cho công dân", not obstacle, f"{channel}: {obstacle or 'gửi được'}", advice=True)
    if left.waiting or left.doubtful:
        fine = not left.late and not left.doubtful
        yield Line("tin chưa gửi", fine, _left(left).removeprefix("; "), advice=True)


def _left(left: notices.Backlog) -> str:
    words = f"; {left.waiting} tin chờ gửi" if left.waiting else ""
    if left.late:
        words += f" ({left.late} tin đã quá giờ gửi: xem `work` có đang chạy không)"
    if left.doubtful:
        words += f"; {left.doubtful} tin chưa rõ đã đi hay chưa: gọi công dân, rồi ghi ở trang Tin đã gửi công dân"
    return words


CHECKS: Final[dict[str, Callable[[Site, Any], Iterator[Line]]]] = {
    "tỉnh": _province,
    "chứng thư": _certificates,
    "thiết bị": _devices,
    "đọc chữ": _reading,
    "tin cho công dân": _notices,
}
