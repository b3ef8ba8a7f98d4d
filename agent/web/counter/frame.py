"""The frame of every counter page: queues with counts, the printer, the line to the province; live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask import g
from flask.blueprints import BlueprintSetupState

from agent.accounts.principal import Principal
from agent.domain.jobs import JobState
from agent.domain.roles import Action
from agent.store import desk as rows
from agent.store.devices import DeviceStatus, statuses
from agent.store.handoffs import MATTERS, clock_offset
from agent.store.inbox import count_waiting
from agent.store.outbox import Job
from agent.web.context import current_user, site
from agent.web.counter import counter
from agent.web.counter.desk import today
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


QUEUES = {
    "working": (_("Đang làm"), ""),
    "to_sign": (_("Chờ ký"), ""),
    "sending": (_("Chờ tỉnh nhận"), ""),
    "unknown": (_("Chưa rõ, đang hỏi tỉnh"), "amber"),
    "rejected": (_("Tỉnh chưa nhận"), "red"),
    "supplement": (_("Cần bổ sung"), "red"),
    "tell": (_("Báo công dân"), "amber"),
    "due": (_("Đến hạn hôm nay"), "amber"),
    "handled": (_("Tỉnh đang giải quyết"), ""),
    "result": (_("Có kết quả"), ""),
    "labels": (_("Nhãn cần xác nhận"), "amber"),
    "ended": (_("Dừng, từ chối"), ""),
}


@dataclass(frozen=True)
class Frame:
    """What stands around the work of every page."""

    counts: dict[str, int]
    received: int
    waiting: int
    trouble: str
    printer: tuple[str, str]  # a sign and words
    reader: tuple[str, str] | None  # the same of the readers; None where there are none
    pages: int  # that wait in the inbox of this terminal
    clock: str = ""  # what is to be said of this machine's clock


def frame() -> Frame:
    """The figures of the signed-in user's desk, read once for a page."""
    if "frame" not in g:
        g.frame = _read_frame()
    return cast(Frame, g.frame)


def _read_frame() -> Frame:
    here, user = site(), current_user()
    with here.store.reading():
        counts = rows.queue_counts(user.office_id, user.username, today())
        received = rows.received_today(user.office_id, today())
        waiting, trouble = rows.line_to_province(user.office_id)
        printer, reader = _devices(user.terminal_id)
        pages = count_waiting(user.office_id, user.terminal_id)
        clock = _clock(clock_offset(user.office_id))
    return Frame(counts, received, waiting, trouble, printer, reader, pages, clock)


def _clock(offset: timedelta) -> str:
    """That this machine's clock differs from the province's, where that matters."""
    if abs(offset) <= MATTERS:
        return ""
    minutes = {"minutes": max(1, round(abs(offset) / timedelta(minutes=1)))}
    if offset > timedelta(0):
        return gettext("giờ máy chậm hơn tỉnh %(minutes)s phút, chỉnh lại") % minutes
    return gettext("giờ máy nhanh hơn tỉnh %(minutes)s phút, chỉnh lại") % minutes


def _devices(terminal_id: str) -> tuple[tuple[str, str], tuple[str, str] | None]:
    """The label printer and the readers, each as a sign and words."""
    told = statuses(terminal_id)
    line = site().devices.line("label")
    said = next((one for one in told if line is not None and one.name == line.name), None)
    printer = _printer(line is not None, said, rows.last_print(terminal_id))
    return printer, _readers([one for one in told if one.role == "reader"])


def _readers(told: list[DeviceStatus]) -> tuple[str, str] | None:
    """The readers in a word: the one in trouble, when one is."""
    if not told:
        return None
    bad = next((one for one in told if not one.connected or not one.ready), None)
    if bad is None:
        return "complete", gettext("máy đọc mã")
    if not bad.connected:
        return "refused", gettext("máy đọc mã: không kết nối")
    return "decide", gettext("máy đọc mã: cần xem")


def _printer(configured: bool, said: DeviceStatus | None, last: Job | None) -> tuple[str, str]:
    """The label printer in a word: what it said, unless a label of it is asked about."""
    if not configured:
        return "untouched", gettext("chưa có máy in nhãn")
    if last is not None and last.state is JobState.NEEDS_CLERK:
        return "unknown", gettext("máy in nhãn: nhãn đã ra chưa?")
    if said is not None and not said.connected:
        return "refused", gettext("máy in nhãn: không kết nối")
    if said is not None and said.ready is False:
        return "decide", f"{gettext('máy in nhãn')}: {said.words.partition('.')[0]}"
    if said is not None and said.ready is None:
        return "unknown", gettext("máy in nhãn: không rõ")
    if last is None or last.state is JobState.ACKED:
        return "complete", gettext("máy in nhãn")
    if last.state is JobState.SENDING or not last.error:
        return "partial", gettext("máy in nhãn: đang in")
    return "decide", gettext("máy in nhãn: có việc chưa in được")


def live(user: Principal) -> dict[str, Any]:
    """The counts for open screens; no personal data."""
    if not user.may(Action.RECEIVE):
        return {}
    with site().store.reading():
        printer, reader = _devices(user.terminal_id)
        return {
            "queues": rows.queue_counts(user.office_id, user.username, today()),
            "received": rows.received_today(user.office_id, today()),
            "waiting": rows.line_to_province(user.office_id)[0],
            "pages": count_waiting(user.office_id, user.terminal_id),
            "printer": {"sign": printer[0], "words": printer[1]},
            "reader": {"sign": reader[0], "words": reader[1]} if reader else None,
        }


@counter.app_context_processor
def _frame_for_templates() -> dict[str, Any]:
    return {"frame": frame, "queue_names": QUEUES}


@counter.record
def _provide(state: BlueprintSetupState) -> None:
    state.app.extensions["live"].provide("counter", live)
