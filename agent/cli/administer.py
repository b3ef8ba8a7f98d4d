"""`doctor`, `backup`, `restore` and `migrate`: what an administrator needs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.cli.program import Program


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    doctor = add("doctor", _doctor, help="kiểm tra máy, cơ sở dữ liệu, sổ, kho và khóa")
    doctor.add_argument("--bundle", type=Path, default=None, metavar="FILE", help="gói chẩn đoán đã che dữ liệu")
    doctor.add_argument("--vault", action="store_true", help="đọc lại từng tệp trong kho, đối chiếu với sổ")
    doctor.add_argument("--repair", action="store_true", help="cùng --vault: xóa tệp tạm sót lại, không xóa gì khác")
    backup = add("backup", _backup, help="sao lưu cơ sở dữ liệu và kho, đang chạy vẫn sao được")
    backup.add_argument("target", type=Path, metavar="FOLDER")
    restore = add("restore", _restore, help="phục hồi bản sao lưu vào thư mục dữ liệu trống")
    restore.add_argument("source", type=Path, metavar="FOLDER")
    restore.add_argument(
        "--recovery-key", type=Path, required=True, metavar="PEM", help="khóa cứu hộ riêng của bưu cục"
    )
    restore.add_argument("--password-stdin", action="store_true", help="mật khẩu của khóa cứu hộ, ở dòng đầu của stdin")
    erase = add("erase", _erase, help="xóa dữ liệu cá nhân của một người trong các hồ sơ đã kết thúc")
    erase.add_argument("id_number", metavar="ID", help="số định danh hoặc mã số thuế")
    erase.add_argument("--basis", required=True, help="căn cứ, ví dụ số công văn hoặc yêu cầu của công dân")
    erase.add_argument("--by", required=True, metavar="USER", help="người quyết định")
    add("migrate", _migrate, help="nâng cấp cơ sở dữ liệu")


def _doctor(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer
    from agent.cli.checkup import examine, write_bundle

    report = examine(program, vault=args.vault or args.repair, repair=args.repair)
    if args.bundle:
        write_bundle(program, report, args.bundle)
    words = "\n".join(f"{'✓' if line.fine else '⚠'} {line.name}: {line.words}" for line in report)
    answer(args, [line.plain() for line in report], words)
    return 0 if all(line.fine or line.advice for line in report) else 1


def _backup(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer
    from agent.cli.backing_up import back_up

    done = back_up(program, args.target)
    answer(args, done, f"Đã sao lưu {done['objects']} tệp và cơ sở dữ liệu vào {args.target}.")
    return 0


def _restore(args: argparse.Namespace, program: Program) -> int:
    import sys

    from agent.cli import answer, progress
    from agent.cli.restoring import restore

    password = sys.stdin.readline().rstrip("\n").encode() if args.password_stdin else None
    done = restore(program.settings, args.source, args.recovery_key, password)
    for words in done["warnings"]:
        progress(f"⚠ {words}")
    answer(args, done, f"Đã phục hồi {done['objects']} tệp vào {done['data']}. Chạy `doctor` rồi `serve`.")
    return 0


def _erase(args: argparse.Namespace, program: Program) -> int:
    from agent.accounts.acting import actor_of
    from agent.cli import answer
    from agent.intake.erase import erase_person

    site = program.site()
    numbers = erase_person(site, args.id_number, basis=args.basis, by=actor_of(site, args.by))
    answer(args, {"erased": numbers}, f"Đã xóa dữ liệu cá nhân trong {len(numbers)} hồ sơ: {', '.join(numbers)}")
    return 0


def _migrate(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer

    site = program.site()
    answer(args, {"pending": site.store.pending()}, "Cơ sở dữ liệu đã ở phiên bản mới nhất.")
    return 0
