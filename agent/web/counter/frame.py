"""The frame of every counter page: queues with counts, the printer, the line to the province; live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import g
from flask.blueprints import BlueprintSetupState

from agent.accounts.principal import Principal
from agent.domain.jobs import JobState
from agent.domain.roles import Action
from agent.store import desk as rows
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
    "due": (_("Đến hạn hôm nay"), "amber"),
    "handled": (_("Tỉnh đang giải quyết"), ""),
    "result": (_("Có kết quả"), ""),
    "labels": (_("Nhãn cần xác nhận"), "amber"),
}


@dataclass(frozen=True)
class Frame:
    """What stands around the work of every page."""

    counts: dict[str, int]
    received: int
    waiting: int
    trouble: str
    printer: str
    printer_sign: str


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
        last = rows.last_print(user.terminal_id)
    configured = any(device.role == "label" for device in here.settings.devices)
    sign, words = _printer(configured, last)
    return Frame(counts, received, waiting, trouble, words, sign)


def _printer(configured: bool, last: Job | None) -> tuple[str, str]:
    if not configured:
        return "untouched", gettext("chưa có máy in nhãn")
    if last is None or last.state is JobState.ACKED:
        return "complete", gettext("máy in nhãn")
    if last.state is JobState.NEEDS_CLERK:
        return "unknown", gettext("máy in nhãn: nhãn đã ra chưa?")
    if last.state is JobState.SENDING or not last.error:
        return "partial", gettext("máy in nhãn: đang in")
    return "decide", gettext("máy in nhãn: có việc chưa in được")


def live(user: Principal) -> dict[str, Any]:
    """The counts for open screens; no personal data."""
    if not user.may(Action.RECEIVE):
        return {}
    with site().store.reading():
        return {
            "queues": rows.queue_counts(user.office_id, user.username, today()),
            "received": rows.received_today(user.office_id, today()),
            "waiting": rows.line_to_province(user.office_id)[0],
        }


@counter.context_processor
def _frame_for_templates() -> dict[str, Any]:
    return {"frame": frame, "queue_names": QUEUES}


@counter.record
def _provide(state: BlueprintSetupState) -> None:
    state.app.extensions["live"].provide("counter", live)
