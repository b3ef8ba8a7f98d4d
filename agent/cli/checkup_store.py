"""What `doctor` examines in the store: the database, the journals, the cached states, the queue and the vault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from agent.cli.checkup_line import Line, listed
from agent.domain.jobs import FINAL, JobState
from agent.errors import DocumentError

if TYPE_CHECKING:
    from agent.site import Site

SAMPLE: Final = 20  # newest papers that are read again without --vault


def _database(site: Site) -> Iterator[Line]:
    if site.store.dialect != "sqlite":
        yield Line("cơ sở dữ liệu", True, "PostgreSQL")
        return
    with site.store.reading():
        said = [str(row[0]) for row in site.store.database.execute_sql("PRAGMA quick_check").fetchall()]
    good = said == ["ok"]
    yield Line("cơ sở dữ liệu", good, "SQLite, mã hóa, nguyên vẹn" if good else f"Hỏng: {'; '.join(said[:3])}")


def _journals(site: Site) -> Iterator[Line]:
    from agent.reconcile.chains import breaks
    from agent.store import journal
    from agent.store.journal import JournalEntry

    problems = journal.verify()
    with site.store.reading():
        signed = [one.words for one in breaks(site.settings.office.id, site.settings.terminal.id)]
        count, newest = JournalEntry.select().count(), JournalEntry.select().order_by(JournalEntry.id.desc()).first()
    yield listed("sổ", problems, f"{count} bút toán nối liền")
    yield listed("chuỗi đã ký", signed, "biên nhận và đầu sổ khớp với những gì hai bên đã ký")
    now = site.clock.now()
    ahead = newest is not None and newest.at > now
    words = (
        "Đồng hồ chạy lùi: bút toán mới nhất muộn hơn giờ máy. Chỉnh lại ngày giờ." if ahead else f"{now:%H:%M:%S} UTC"
    )
    yield Line("đồng hồ", not ahead, words)


def _states(site: Site) -> Iterator[Line]:
    from agent.reconcile import recheck

    with site.store.reading():
        yield listed("trạng thái hồ sơ", recheck.dossier_states(), "khớp với sổ")
        yield listed("trạng thái bưu gửi", recheck.item_states(), "khớp với sự kiện")
        yield listed("trạng thái túi, phong bì", recheck.parcel_states(), "khớp với sự kiện")
        yield listed("sổ đối soát", recheck.ledger_rows(), "khớp mã tóm tắt")


def _money(site: Site) -> Iterator[Line]:
    """Whether every posting balances, stands in the journal as it was, and agrees with the fees."""
    from agent.money import checking

    with site.store.reading():
        yield listed("sổ quỹ", checking.problems(), f"{checking.count()} bút toán cân từng sổ, khớp khoản thu")


def _queue(site: Site) -> Iterator[Line]:
    from agent.reconcile.in_flight import LATE_AFTER
    from agent.store.outbox import Job

    now = site.clock.now()
    with site.store.reading():
        stuck = Job.select().where(Job.state.not_in(list(FINAL)) & (Job.created_at < now - LATE_AFTER))
        late = [f"{job.key} ({job.state.value})" for job in stuck.order_by(Job.id)]
        asking = Job.select().where(Job.state.in_([JobState.NEEDS_CLERK, JobState.REJECTED])).count()
        waiting = Job.select().where(Job.state.not_in(list(FINAL))).count()
    if late:
        more = "…" if len(late) > 3 else ""
        words = f"{len(late)} việc chờ quá 24 giờ: {', '.join(late[:3])}{more}. Xem `queue ls`."
        yield Line("hàng chờ", False, words, advice=True)
    elif asking:
        yield Line("hàng chờ", False, f"{asking} việc cần người xử lý. Xem `queue ls`.", advice=True)
    else:
        yield Line("hàng chờ", True, f"{waiting} việc đang chờ")


def vault(site: Site) -> Iterator[Line]:
    """The newest papers that are not erased, read again."""
    hashes = _needed(site, SAMPLE)
    problems = []
    for sha256 in hashes:
        try:
            site.vault.get(sha256)
        except DocumentError as error:
            problems.append(error.message)
    yield listed("giấy tờ", problems, f"{len(hashes)} bản đã ký có trong kho")


def _rules(site: Site) -> Iterator[Line]:
    """The rules by which values are taken from papers; ConfigError, said as a line, for a file that is wrong."""
    from agent.intake.extraction_rules import rules_of

    kinds = len(rules_of(site).types) - 1
    yield Line("quy tắc bóc tách", True, f"{kinds} loại giấy tờ")


def _needed(site: Site, limit: int | None) -> list[str]:
    from agent.domain.retention import Kind
    from agent.store.erasure import ERASED_CODE
    from agent.store.papers import Paper
    from agent.store.retention import Retired

    with site.store.reading():
        over = Retired.select(Retired.dossier).where(Retired.kind == Kind.COPIES.value)
        kept = Paper.select(Paper.signed_sha256).where(
            Paper.signed_sha256.is_null(False) & ~Paper.code.startswith(ERASED_CODE) & Paper.dossier.not_in(over)
        )
        return [str(paper.signed_sha256) for paper in kept.order_by(Paper.id.desc()).limit(limit)]


CHECKS: Final[dict[str, Callable[[Site], Iterator[Line]]]] = {
    "cơ sở dữ liệu": _database,
    "sổ": _journals,
    "trạng thái": _states,
    "sổ quỹ": _money,
    "hàng chờ": _queue,
    "quy tắc bóc tách": _rules,
}
