"""`queue`: what waits for the province or a printer, and the levers on it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from agent.clock import local
from agent.domain.jobs import STATE_WORDS, JobState
from agent.domain.pace import span_words
from agent.errors import RuleViolation
from agent.site import Site
from agent.store import outbox
from agent.store.province_line import nudge
from agent.tracking.sending import LineOutlook, Outlook, line_outlooks, outlooks

if TYPE_CHECKING:
    from agent.cli.program import Program


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    queue = add("queue", _queue, help="hàng chờ gửi tỉnh và in")
    verbs = queue.add_subparsers(dest="verb", required=True, metavar="VERB")
    ls = verbs.add_parser("ls", help="các việc đang chờ")
    ls.add_argument("--state", choices=[state.value for state in JobState])
    ls.add_argument("--all", action="store_true", help="kể cả việc đã xong")
    ls.add_argument("--limit", type=int, default=100, metavar="N", help="nhiều nhất N việc, mới nhất trước")
    ls.add_argument("--line", action="store_true", help="chỉ xem đường truyền tới tỉnh")
    for verb, words in (("show", "xem một việc"), ("retry", "gửi lại ngay"), ("release", "thả việc đang giữ")):
        verbs.add_parser(verb, help=words).add_argument("key", metavar="KEY")
    hold = verbs.add_parser("hold", help="giữ lại, chưa gửi")
    hold.add_argument("key", metavar="KEY")
    hold.add_argument("--reason", required=True)


def _queue(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    site = program.site()
    if args.verb == "ls":
        return _list(args, site)
    if args.verb == "hold":
        if not args.reason.strip():
            raise RuleViolation(f"Giữ việc {args.key} thì phải ghi lý do: --reason “…”. Việc chưa thay đổi.")
        job = outbox.hold(args.key, args.reason.strip())
    elif args.verb == "show":
        with site.store.reading():
            job = outbox.show(args.key)
    else:
        with site.store.writing():
            job = {"retry": outbox.retry, "release": outbox.release}[args.verb](args.key)
            nudge(job.office_id, at=site.clock.now())
    with site.store.reading():
        shown = describe(job, outlooks(site, [job]).get(job.id))
    answer(args, shown, "\n".join(f"{name}: {value}" for name, value in shown.items()))
    return 0


def _list(args: argparse.Namespace, site: Site) -> int:
    """What waits, the most urgent first where only what goes to the province is asked for, and the line itself."""
    from agent.cli import answer

    if args.limit < 1:
        raise RuleViolation(f"--limit {args.limit}: ghi số dòng từ 1 trở lên.")
    waiting = [state for state in JobState if args.all or state not in (JobState.ACKED, JobState.CANCELLED)]
    with site.store.reading():
        jobs = outbox.ls(states=[JobState(args.state)] if args.state else waiting, limit=args.limit)
        known = outlooks(site, jobs)
        lines = [describe_line(one) for one in line_outlooks(site, None)]
    shown = [describe(job, known.get(job.id)) for job in jobs]
    if args.line:
        answer(args, lines, "\n".join(one["words"] for one in lines) or "Chưa có đường truyền nào được dùng.")
        return 0
    words = [f"{j['key']:<24} {j['words']:<28} {j['eta_words']:<16} {j['attempts']:>3}  {j['error']}" for j in shown]
    told = [one["words"] for one in lines]
    answer(args, shown, "\n".join([*told, *words] if words else [*told, "Không có việc nào đang chờ."]))
    return 0


def describe_line(seen: LineOutlook) -> dict[str, Any]:
    """One terminal's line to the province: its state, what waits for it and how long that takes."""
    line = seen.line
    state = f"mất kết nối từ {local(line.since):%H:%M %d/%m}" if seen.offline else "đang thông"
    left = span_words(seen.left, offline=seen.offline) if seen.left is not None else "chưa đo được tốc độ"
    words = (
        f"Quầy {line.terminal_id}: {state}; {seen.waiting.jobs} việc chờ, {seen.waiting.bytes_left} byte tệp; {left}"
    )
    words += "".join(f"; {name} tạm dừng: {one['words']}" for name, one in line.paused.items())
    return {
        "terminal": line.terminal_id,
        "office": line.office_id,
        "state": line.state,
        "since": line.since.isoformat(),
        "next_try": line.next_try.isoformat() if line.next_try else None,
        "error": line.words,
        "paused": line.paused,
        "bytes_per_second": line.bytes_per_second,
        "measured_at": line.measured_at.isoformat() if line.measured_at else None,
        "waiting": seen.waiting.jobs,
        "bytes_left": seen.waiting.bytes_left,
        "eta_seconds": _seconds(seen.left),
        "words": words,
    }


def _seconds(left: timedelta | None) -> int | None:
    return None if left is None else round(left.total_seconds())


def describe(job: outbox.Job, seen: Outlook | None = None) -> dict[str, Any]:
    """A job without its payload: ids, state, reasons, and how long it is likely to take.

    `eta_seconds` is null where that is not known; with `offline` it counts from when the line is back.
    """
    left = seen.left if seen is not None else None
    return {
        "key": job.key,
        "lane": job.lane,
        "kind": job.kind,
        "state": job.state.value,
        "attempts": job.attempts,
        "digest": job.digest,
        "created_at": job.created_at.isoformat(),
        "not_before": job.not_before.isoformat(),
        "error": job.error,
        "result": job.result,
        "dossier": job.dossier_id,
        "priority": job.priority,
        "file_bytes": job.file_bytes,
        "sent_bytes": job.sent_bytes,
        "eta_seconds": _seconds(left),
        "eta_words": span_words(left, offline=seen.offline) if seen is not None and left is not None else "",
        "offline": seen.offline if seen is not None else False,
        "paused": seen.paused if seen is not None else "",
        "words": STATE_WORDS[job.state],
    }
