"""`queue`: what waits for the province or a printer, and the levers on it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from agent.domain.jobs import JobState
from agent.store import outbox

if TYPE_CHECKING:
    from agent.cli.program import Program


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    queue = add("queue", _queue, help="hàng chờ gửi tỉnh và in")
    verbs = queue.add_subparsers(dest="verb", required=True, metavar="VERB")
    ls = verbs.add_parser("ls", help="các việc đang chờ")
    ls.add_argument("--state", choices=[state.value for state in JobState])
    ls.add_argument("--all", action="store_true", help="kể cả việc đã xong")
    for verb, words in (("show", "xem một việc"), ("retry", "gửi lại ngay"), ("release", "thả việc đang giữ")):
        verbs.add_parser(verb, help=words).add_argument("key", metavar="KEY")
    hold = verbs.add_parser("hold", help="giữ lại, chưa gửi")
    hold.add_argument("key", metavar="KEY")
    hold.add_argument("--reason", required=True)


def _queue(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    site = program.site()
    if args.verb == "ls":
        waiting = [state for state in JobState if args.all or state not in (JobState.ACKED, JobState.CANCELLED)]
        with site.store.reading():
            jobs = outbox.ls(states=[JobState(args.state)] if args.state else waiting)
        lines = [describe(job) for job in jobs]
        words = "\n".join(f"{j['key']:<24} {j['state']:<12} {j['attempts']:>3}  {j['error']}" for j in lines)
        answer(args, lines, words or "Không có việc nào đang chờ.")
        return 0
    if args.verb == "show":
        with site.store.reading():
            job = outbox.show(args.key)
    elif args.verb == "hold":
        job = outbox.hold(args.key, args.reason)
    else:
        job = {"retry": outbox.retry, "release": outbox.release}[args.verb](args.key)
    shown = describe(job)
    answer(args, shown, "\n".join(f"{name}: {value}" for name, value in shown.items()))
    return 0


def describe(job: outbox.Job) -> dict[str, Any]:
    """A job without its payload: ids, state and reasons only."""
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
    }
