"""`retention`: what would be let go of and why something is kept, holds, and the steps that the schedule takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cli.program import Program


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command of this module."""
    retention = add("retention", _retention, help="thời hạn lưu giữ giấy tờ số hóa sau khi hồ sơ kết thúc")
    verbs = retention.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("plan", help="xem trước những gì sẽ xóa, không xóa gì")
    verbs.add_parser("run", help="xóa ngay những gì đã hết hạn, thay cho lịch nền")
    hold = verbs.add_parser("hold", help="giữ hồ sơ đang tranh chấp: không xóa gì của nó")
    release = verbs.add_parser("release", help="thôi giữ")
    for verb in (hold, release):
        verb.add_argument("number", metavar="NUMBER", help="số tạm hoặc số chính thức")
        verb.add_argument("--by", required=True, metavar="USER", help="người quyết định")
    hold.add_argument("--reason", required=True, help="số văn bản hoặc mã vụ việc, không ghi tên người")


def _retention(args: argparse.Namespace, program: Program) -> int:
    return {"plan": _plan, "run": _run, "hold": _hold, "release": _hold}[args.verb](args, program)


def _plan(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer
    from agent.domain.retention import WORDS
    from agent.intake.paper_retention import plan

    found = plan(program.site())
    lines = [
        f"{one.number}  {WORDS[one.kind]}: "
        + (f"giữ, {'; '.join(one.why)}" if one.why else f"sẽ xóa {one.files} tệp, {one.size >> 10} KB")
        for one in found
    ]
    body = [
        {"dossier": one.number, "kind": one.kind.value, "files": one.files, "bytes": one.size, "kept": list(one.why)}
        for one in found
    ]
    days = program.settings.retention
    none = "Chưa đặt thời hạn nào trong [retention]: giữ mãi." if not _asked(days) else "Chưa có gì hết hạn."
    answer(args, body, "\n".join(lines) or none)
    return 0


def _asked(days: object) -> bool:
    return any(vars(days).values())


def _run(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer, progress
    from agent.intake.paper_retention import retire_step

    site, done = program.site(), 0
    while count := retire_step(site):
        done += count
        progress(f"… {done}")
    answer(args, {"done": done}, f"Xong: {done} việc.")
    return 0


def _hold(args: argparse.Namespace, program: Program) -> int:
    from agent.accounts.acting import actor_of
    from agent.cli import answer
    from agent.domain.retention import WORDS
    from agent.intake.paper_retention import hold, release
    from agent.store.lookup import dossier_by_number

    site = program.site()
    by = actor_of(site, args.by)
    with site.store.reading():
        dossier = dossier_by_number(args.number)
    if args.verb == "hold":
        over = sorted(hold(site, dossier.uid, reason=args.reason, by=by))
        words = f"Đã giữ hồ sơ {dossier.provisional}: từ giờ không xóa gì của nó."
        if over:
            what = ", ".join(WORDS[kind] for kind in over)
            words += f" Trước đó đã hết hạn và xóa hoặc đang xóa dở: {what}; tệp nào còn trong kho thì được giữ."
        answer(args, {"held": dossier.provisional, "over": [kind.value for kind in over]}, words)
    else:
        release(site, dossier.uid, by=by)
        answer(args, {"released": dossier.provisional}, f"Đã thôi giữ hồ sơ {dossier.provisional}.")
    return 0
