"""The line to the province and what waits on it, in the words of whoever looks."""

from __future__ import annotations

from datetime import timedelta

from agent.tracking.sending import LineOutlook, Outlook
from agent.web.filters import clock_time, number
from agent.web.i18n import gettext


def span(left: timedelta) -> str:
    """How long that is."""
    minutes = round(left.total_seconds() / 60)
    if not minutes:
        return gettext("dưới 1 phút")
    if minutes < 60:
        return gettext("khoảng %(minutes)s phút") % {"minutes": minutes}
    return gettext("khoảng %(hours)s giờ %(minutes)s phút") % {"hours": minutes // 60, "minutes": minutes % 60}


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{number(round(count / 1000))} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB".replace(".", ",")


def outlook_words(seen: Outlook) -> str:
    """What stands before a message, and how long it is likely to take."""
    if seen.paused:
        return seen.paused
    said = [gettext("Còn %(size)s tệp phải gửi trước.") % {"size": size(seen.bytes_left)}] if seen.bytes_left else []
    if seen.offline:
        said.append(gettext("Đang mất kết nối với tỉnh; tự gửi khi có mạng."))
    if seen.left is None:
        said.append(gettext("Chưa đo được tốc độ đường truyền."))
    elif seen.offline:
        said.append(gettext("Cần %(span)s sau khi có mạng.") % {"span": span(seen.left)})
    else:
        said.append(gettext("Cần %(span)s.") % {"span": span(seen.left)})
    return " ".join(said)


def eta(seen: Outlook | None) -> str:
    """The same in one cell of a table."""
    if seen is None or seen.left is None:
        return ""
    return gettext("%(span)s sau khi có mạng") % {"span": span(seen.left)} if seen.offline else span(seen.left)


def line_words(seen: LineOutlook) -> tuple[str, str, str]:
    """A sign, how the line is, and what waits on it."""
    line, waiting = seen.line, seen.waiting
    if not seen.offline:
        head = gettext("Đường truyền tới tỉnh của quầy %(terminal)s đang thông.")
    else:
        head = gettext("Quầy %(terminal)s mất kết nối với tỉnh từ %(since)s; tự thử lại lúc %(next)s.")
    facts = {"terminal": line.terminal_id, "since": clock_time(line.since), "next": clock_time(line.next_try)}
    rate = gettext("%(rate)s mỗi giây") % {"rate": size(line.bytes_per_second)} if line.bytes_per_second else ""
    said = gettext("%(count)s việc chờ, còn %(size)s tệp") % {
        "count": number(waiting.jobs), "size": size(waiting.bytes_left),
    }  # fmt: skip
    left = gettext("chưa đo được tốc độ") if seen.left is None else span(seen.left) if waiting.jobs else ""
    if seen.offline and seen.left is not None and waiting.jobs:
        left = gettext("%(span)s sau khi có mạng") % {"span": span(seen.left)}
    told = ", ".join(one for one in (said, rate, left) if one)
    return ("refused" if seen.offline else "complete"), head % facts, f"{told}."
