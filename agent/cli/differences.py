"""`reconcile`, `bundle` and `verify`: the books compared, and proof that stands by itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import ConfigError, DocumentError

if TYPE_CHECKING:
    from agent.cli.program import Program
    from agent.reconcile.compare import Report

FEED_PAGE, FEED_PAGES = 100, 1000  # messages of the status feed in one answer; pages read at most before comparing


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    reconcile = add("reconcile", _reconcile, help="đối soát với tỉnh; mã thoát 1 khi có khác biệt")
    reconcile.add_argument("--day", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help="một ngày nhận")
    reconcile.add_argument("--office", default=None, metavar="O", help="mã bưu cục; mặc định bưu cục của máy này")
    bundle = add("bundle", _bundle, help="xuất gói chứng cứ của một hồ sơ")
    bundle.add_argument("number", metavar="NUMBER", help="số tạm hoặc số chính thức")
    bundle.add_argument("--out", type=Path, required=True, metavar="FILE")
    verify = add("verify", _verify, help="kiểm tra gói chứng cứ, không cần mạng và cơ sở dữ liệu")
    verify.add_argument("bundle", type=Path, metavar="BUNDLE")
    verify.add_argument("--trust", type=Path, default=None, metavar="PEM", help="chỉ tin các gốc chứng thực này")


def _reconcile(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import EXIT_DIFFERENCE, EXIT_DONE, answer
    from agent.reconcile.compare import compare

    site = program.site()
    for _ in range(FEED_PAGES):
        if program.follow_once(site) < FEED_PAGE:
            break
    report = compare(site, office=args.office or site.settings.office.id, day=args.day)
    answer(args, plain(report), words(report))
    return EXIT_DIFFERENCE if report.differences else EXIT_DONE


def plain(report: Report) -> dict[str, object]:
    """A report as plain JSON."""
    return {
        "run": str(report.run),
        "office": report.office,
        "day": report.day.isoformat() if report.day else None,
        "at": report.at.isoformat(),
        "compared": report.compared,
        "in_flight": report.in_flight,
        "exchanged": report.exchanged,
        "differences": [one.plain() for one in report.differences],
    }


def words(report: Report) -> str:
    """A report for a person: each difference with whose it is, why, and the next step."""
    from agent.reconcile.explain import NAME, OWNER_NAME

    lines = [
        f"Đối soát {report.office}{f' ngày {report.day:%d/%m/%Y}' if report.day else ''}: "
        f"{report.compared} hồ sơ, {report.in_flight} đang trên đường, {len(report.differences)} khác biệt."
    ]
    for one in report.differences:
        lines += [
            f"⚠ {one.number or one.key} · {NAME[one.kind]} · {OWNER_NAME[one.owner]} · {one.age.days} ngày",
            f"    {one.explanation}",
            f"    → {one.suggestion}",
        ]
    return "\n".join(lines)


def _bundle(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import answer
    from agent.reconcile.bundle import make_bundle
    from agent.store.lookup import dossier_by_number

    site = program.site()
    with site.store.reading():
        uid = dossier_by_number(args.number).uid
    data = make_bundle(site, uid)
    try:
        args.out.write_bytes(data)
    except OSError as error:
        raise DocumentError(f"Không ghi được {args.out}: {error.strerror}. Chọn chỗ khác rồi làm lại.") from error
    answer(args, {"file": str(args.out.resolve()), "size": len(data)}, f"Đã ghi {args.out} ({len(data)} byte).")
    return 0


def _verify(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import EXIT_DIFFERENCE, EXIT_DONE, answer
    from agent.reconcile.verify import verify

    roots = [_content(args.trust)] if args.trust else program.installed_roots()
    if args.trust:
        _require_certificates(roots[0], args.trust)
    strict = bool(args.trust) or not program.settings.training
    verdict = verify(_content(args.bundle), checker=program.checker(), roots=roots, strict=strict)
    good = verdict.stands(strict=strict)
    lines = [f"{'✓ Gói đứng vững' if good else '✗ Không chấp nhận gói này'}: {args.bundle}"]
    if verdict.training:
        lines.append("  TRAINING / TẬP HUẤN – không có giá trị pháp lý")
    answer(args, verdict.plain(), "\n".join([*lines, *(f"  {problem}" for problem in verdict.problems)]))
    return EXIT_DONE if good else EXIT_DIFFERENCE


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"Không đọc được {path}: {error.strerror}. Kiểm tra lại đường dẫn.") from error


def _require_certificates(pem: bytes, path: Path) -> None:
    from cryptography import x509

    try:
        x509.load_pem_x509_certificates(pem)
    except ValueError as error:
        raise ConfigError(f"{path} không có chứng thư PEM nào. Chọn đúng tệp gốc chứng thực.") from error
