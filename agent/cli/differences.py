"""`reconcile`, `bundle`, `export` and `verify`: the books compared, and proof that stands by itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.statements import write
from agent.errors import ConfigError

if TYPE_CHECKING:
    from agent.cli.program import Program
    from agent.reconcile.compare import Report

PURPOSES = ("complaint", "follow-up", "reconciliation")  # of agent.accounts.access.Purpose
FEED_PAGE, FEED_PAGES = 100, 1000  # messages of the status feed in one answer; pages read at most before comparing


def add_parsers(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the commands of this module."""
    reconcile = add("reconcile", _reconcile, help="đối soát với tỉnh; mã thoát 1 khi có khác biệt")
    reconcile.add_argument("what", nargs="?", choices=("statement",), help="statement: biên bản đối soát tháng")
    reconcile.add_argument("--month", default="", metavar="YYYY-MM", help="tháng của biên bản")
    reconcile.add_argument("--export", choices=("csv", "xlsx", "pdf"), help="ghi khác biệt hoặc biên bản ra tệp")
    reconcile.add_argument("--out", type=Path, default=None, metavar="FILE", help="tệp để ghi, đi với --export")
    reconcile.add_argument("--day", type=date.fromisoformat, default=None, metavar="YYYY-MM-DD", help="một ngày nhận")
    reconcile.add_argument("--office", default=None, metavar="O", help="mã bưu cục; mặc định bưu cục của máy này")
    reconcile.add_argument("--all", action="store_true", help="mọi bưu cục trong cơ sở dữ liệu, so một lượt")
    bundle = add("bundle", _bundle, help="xuất gói chứng cứ của một hồ sơ")
    bundle.add_argument("number", metavar="NUMBER", help="số tạm hoặc số chính thức")
    bundle.add_argument("--out", type=Path, required=True, metavar="FILE")
    bundle.add_argument(
        "--paper", default="", metavar="CODE", help="chỉ một giấy tờ: mã hoặc uid; chứng cứ số hóa và ký"
    )
    bundle.add_argument("--no-pdf", action="store_true", help="không kèm bản PDF, chỉ với --paper")
    export = add("export", _export, help="xuất bộ tệp của một hồ sơ: bản đã ký, chứng cứ, biên nhận, bảng kê")
    export.add_argument("number", metavar="NUMBER", help="số tạm hoặc số chính thức")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--by", required=True, metavar="USER", help="người xuất")
    export.add_argument("--purpose", required=True, choices=PURPOSES, help="mục đích, ghi vào nhật ký truy cập")
    verify = add("verify", _verify, help="kiểm tra gói chứng cứ hay biên nhận phát, không cần mạng, cơ sở dữ liệu")
    verify.add_argument("bundle", type=Path, metavar="BUNDLE")
    verify.add_argument("--pdf", type=Path, default=None, metavar="FILE", help="bản PDF đã ký mà gói không kèm")
    verify.add_argument(
        "--trust", type=Path, default=None, metavar="PEM", help="chỉ tin các gốc chứng thực (hay khóa biên nhận) này"
    )


def _reconcile(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import EXIT_DIFFERENCE, EXIT_DONE, answer, statements
    from agent.reconcile.compare import compare, compare_all

    if args.what == "statement":
        return statements.statement(args, program)
    site = program.site()
    for _ in range(FEED_PAGES):
        if program.follow_once(site) < FEED_PAGE:
            break
    office = None if args.all else args.office or site.settings.office.id
    reports = [compare(site, office=office, day=args.day)] if office else compare_all(site)
    told: dict[str, object] = plain(reports[0]) if office else {"offices": [plain(one) for one in reports]}
    said = "\n".join(words(one) for one in reports)
    if args.export:
        path = statements.export_differences(args, site, office)
        told, said = {**told, "file": str(path.resolve())}, f"{said}\nĐã ghi {path}."
    answer(args, told, said)
    return EXIT_DIFFERENCE if any(one.differences for one in reports) else EXIT_DONE


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
        "trips": report.trips,
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
    from agent.reconcile.paper_bundle import make_paper_bundle
    from agent.reconcile.paper_evidence import named_paper
    from agent.store.lookup import dossier_by_number

    site = program.site()
    with site.store.reading():
        dossier = dossier_by_number(args.number)
        paper = named_paper(dossier, args.paper) if args.paper else None
    if paper is None:
        data = make_bundle(site, dossier.uid)
    else:
        data = make_paper_bundle(site, dossier.uid, paper.uid, with_pdf=not args.no_pdf)
    write(args.out, data)
    answer(args, {"file": str(args.out.resolve()), "size": len(data)}, f"Đã ghi {args.out} ({len(data)} byte).")
    return 0


def _export(args: argparse.Namespace, program: Program) -> int:
    from agent.accounts.access import Purpose, record_access
    from agent.accounts.acting import principal_of
    from agent.accounts.permissions import require
    from agent.cli import answer
    from agent.domain.roles import Action
    from agent.reconcile.file_set import file_set
    from agent.store.lookup import dossier_by_number

    site = program.site()
    user = principal_of(site, args.by)
    with site.store.reading():
        dossier = dossier_by_number(args.number)
    require(user, Action.EXPORT_FILES, dossier.office_id)
    data = file_set(site, dossier.uid)
    record_access(site, user, dossier=dossier.uid, purpose=Purpose(args.purpose), what="file set")
    write(args.out, data)
    answer(args, {"file": str(args.out.resolve()), "size": len(data)}, f"Đã ghi {args.out} ({len(data)} byte).")
    return 0


def _verify(args: argparse.Namespace, program: Program) -> int:
    from agent.cli import EXIT_DIFFERENCE, EXIT_DONE, answer
    from agent.cli.handover import verify_receipt
    from agent.reconcile.verify import verify

    bundle = _content(args.bundle)
    code = verify_receipt(args, bundle, program.settings)
    if code is not None:
        return code
    roots = [_content(args.trust)] if args.trust else program.installed_roots()
    if args.trust:
        _require_certificates(roots[0], args.trust)
    strict = bool(args.trust) or not program.settings.training
    beside = _content(args.pdf) if args.pdf else None
    verdict = verify(bundle, checker=program.checker(), roots=roots, strict=strict, pdf=beside)
    good = verdict.stands(strict=strict)
    lines = [f"{'✓ Gói đứng vững' if good else '✗ Không chấp nhận gói này'}: {args.bundle}"]
    if verdict.training:
        lines.append("  TRAINING / TẬP HUẤN – không có giá trị pháp lý")
    said = [*verdict.problems, *verdict.remarks]
    answer(args, verdict.plain(), "\n".join([*lines, *(f"  {words}" for words in said)]))
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
