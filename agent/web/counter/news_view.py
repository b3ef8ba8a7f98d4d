"""What the citizen is to be told, and what stands against sending, as the dossier's page says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agent.domain.citizen_news import FOR_THE_CLERK, News, Way
from agent.store.citizen_tasks import CitizenTask
from agent.store.handoffs import StatusMessage
from agent.web.filters import clock_time, weekday
from agent.web.i18n import gettext


def _(words: str) -> str:
    return words  # marks for translation; spoken through gettext


HEADS = {
    News.SUPPLEMENT: _("Tỉnh yêu cầu bổ sung giấy tờ"),
    News.EXTENSION: _("Tỉnh xin lỗi và hẹn lại ngày trả"),
    News.PAYMENT: _("Công dân phải thực hiện nghĩa vụ tài chính"),
    News.WITHDRAWAL: _("Tỉnh ghi nhận công dân yêu cầu rút hồ sơ"),
    News.GOES_ON: _("Tỉnh không cho rút, vẫn giải quyết hồ sơ"),
    News.REFUSAL: _("Tỉnh không tiếp nhận hồ sơ"),
    News.STOP: _("Tỉnh dừng giải quyết hồ sơ"),
    News.RESULT: _("Đã có kết quả, công dân đến nhận"),
    News.UNKNOWN_STATUS: _("Tỉnh báo trạng thái mà phần mềm không biết: mã %(status)s"),
    News.UNREADABLE: _("Một thông báo của tỉnh không dùng được (trạng thái %(status)s)"),
}
ACTS = {
    News.SUPPLEMENT: _("Báo công dân mang giấy tờ đến một lần cho đủ."),
    News.EXTENSION: _("Báo ngày hẹn mới trước ngày cũ, đưa phiếu xin lỗi của cơ quan."),
    News.PAYMENT: _("Báo công dân nộp, giữ chứng từ; tỉnh giải quyết tiếp khi đã nộp."),
    News.WITHDRAWAL: _("Hỏi lại công dân có đúng là muốn rút không."),
    News.GOES_ON: _("Báo công dân hồ sơ chưa rút được và vẫn được giải quyết."),
    News.REFUSAL: _("Báo lý do, hẹn trả lại giấy tờ và văn bản trả lời."),
    News.STOP: _("Báo lý do, hẹn trả lại giấy tờ."),
    News.RESULT: _("Báo công dân mang giấy tiếp nhận và giấy tờ tùy thân đến quầy."),
    News.UNKNOWN_STATUS: _("Gọi tỉnh hỏi mã này nghĩa là gì. Hồ sơ giữ nguyên; các thông báo khác vẫn được đọc."),
    News.UNREADABLE: _("Gọi tỉnh gửi lại thông báo. Hồ sơ giữ nguyên; các thông báo khác vẫn được đọc."),
}
WAYS = {
    Way.PHONE: _("gọi điện"),
    Way.COUNTER: _("tại quầy"),
    Way.MESSAGE: _("tin nhắn"),
}


@dataclass(frozen=True)
class NewsLine:
    """One task in words; `lines` are what is asked for, one each."""

    uid: Any
    head: str
    act: str
    note: str
    lines: tuple[str, ...]
    until: datetime | None
    citizen: bool  # False: the clerk asks the province


def news_of(tasks: Sequence[CitizenTask], messages: Iterable[StatusMessage]) -> list[NewsLine]:
    """The open tasks with what the province wrote, in the user's language; inside reading()."""
    said = {message.version: message for message in messages}
    return [_line(task, said.get(task.version)) for task in tasks]


def messages_of(tasks: Sequence[CitizenTask]) -> list[StatusMessage]:
    """The messages that raised these tasks, which are one dossier's."""
    if not tasks:
        return []
    versions = [task.version for task in tasks]
    mine = (StatusMessage.dossier == tasks[0].dossier) & StatusMessage.version.in_(versions)
    return list(StatusMessage.select().where(mine))


def _line(task: CitizenTask, message: StatusMessage | None) -> NewsLine:
    asked = [dict(one) for one in (message.detail.get("requests") or ())] if message else []
    lines = [f"{one.get('name') or one.get('component')}: {one.get('reason', '')}".strip(": ") for one in asked]
    if task.kind is News.EXTENSION:
        lines = [*_extension(task.facts), *lines]
    return NewsLine(
        task.uid,
        gettext(HEADS[task.kind]) % task.facts if task.kind in FOR_THE_CLERK else gettext(HEADS[task.kind]),
        gettext(ACTS[task.kind]),
        message.note if message else "",
        tuple(lines),
        task.until,
        task.kind not in FOR_THE_CLERK,
    )


def _extension(facts: dict[str, Any]) -> list[str]:
    was, now = (datetime.fromisoformat(facts[name]) for name in ("was", "now"))
    words = [f"{weekday(was)} {clock_time(was)} → {weekday(now)} {clock_time(now)}"]
    if facts["times"] > 1:
        words.append(gettext("hẹn lại lần %(times)s; quy định chỉ một lần, hỏi tỉnh") % facts)
    if facts["late"]:
        words.append(gettext("tỉnh báo khi còn chưa đầy một ngày đến hẹn"))
    return words
