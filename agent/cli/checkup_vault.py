"""`doctor --vault`: every object of the vault read again and held against the rows that name it, in little memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from agent.cli.checkup_line import Line, listed

if TYPE_CHECKING:
    import apsw

    from agent.ports import Inspected
    from agent.site import Site

EVERY: Final = timedelta(seconds=2)  # between two words on stderr
YOUNG: Final = timedelta(hours=1)  # what is younger may be at work: bytes come before their row
RESTORE: Final = (
    "Chép lại {place}.key và {place}-*.bin từ vault/ của bản sao lưu vào kho, rồi chạy lại `doctor --vault`."
)
WORDS: Final = {
    "key": "tệp khóa (.key) hỏng",
    "missing": "có khóa nhưng mất tệp nội dung (.bin)",
    "short": "tệp nội dung (.bin) bị cụt hoặc thừa",
    "changed": "nội dung đã hỏng, không còn đúng mã SHA-256",
}
_TABLES: Final = """
    CREATE TABLE named (sha256 BLOB PRIMARY KEY, must INTEGER, what TEXT, found TEXT) WITHOUT ROWID;
    CREATE TABLE leftover (place TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE keyless (place TEXT PRIMARY KEY) WITHOUT ROWID;
"""


class _Progress:
    """A word on stderr now and then, by the site's clock."""

    def __init__(self, site: Site) -> None:
        self._clock, self._last = site.clock, site.clock.now()

    def __call__(self, words: str) -> None:
        from agent.cli import progress

        if (now := self._clock.now()) - self._last >= EVERY:
            self._last = now
            progress(words)


def examine_vault(site: Site, *, repair: bool) -> Iterator[Line]:
    """What `doctor` says of the vault; `repair` removes what interrupted writes left, and nothing else."""
    import apsw

    with closing(apsw.Connection("")) as notes:  # on the disk, and gone with this process
        notes.execute("PRAGMA journal_mode = OFF; PRAGMA cache_size = -8000")
        notes.execute(_TABLES)
        tell, now = _Progress(site), site.clock.now()
        _note_rows(site, notes, tell)
        yield from _objects(site, notes, tell, now)
        yield _missing(site, notes)
        yield _leftovers(site, notes, now, repair=repair)


def _note_rows(site: Site, notes: apsw.Connection, tell: _Progress) -> None:
    from agent.store.objects import named

    sql = (
        "INSERT INTO named VALUES (?, ?, ?, '') ON CONFLICT (sha256) DO UPDATE SET"
        " what = CASE WHEN excluded.must > must THEN excluded.what ELSE what END, must = max(must, excluded.must)"
    )
    with site.store.reading(), notes:
        for count, one in enumerate(named(site.settings.terminal.id), start=1):
            notes.execute(sql, (bytes.fromhex(one.sha256), int(one.must), one.what))
            tell(f"Đọc sổ: {count} tệp được nêu …")


def _objects(site: Site, notes: apsw.Connection, tell: _Progress, now: datetime) -> Iterator[Line]:
    """Read everything; what is damaged, and what no row names, with its age."""
    from agent.cli import progress

    problems, sound, size = list[str](), 0, 0
    orphans, oldest, weight = 0, now, 0
    with notes:
        for one in site.vault.inspect():
            if one.problem == "leftover":
                notes.execute("INSERT OR IGNORE INTO leftover VALUES (?)", (one.place,))
                continue
            row = _row_of(notes, one)
            if one.problem == "key":
                notes.execute("INSERT OR IGNORE INTO keyless VALUES (?)", (one.place,))
            if one.problem:
                problems.append(_said(one, row))
                progress(f"⚠ {problems[-1]}")
                continue
            sound, size = sound + 1, size + one.size
            if row is None and now - one.at >= YOUNG:
                orphans, oldest, weight = orphans + 1, min(oldest, one.at), weight + one.size
                progress(f"⚠ {one.place}: không dòng nào nêu, ghi từ {one.at:%d/%m/%Y %H:%M} UTC, {one.size} byte")
            tell(f"Đọc kho: {sound} tệp, {size >> 20} MB …")
    yield listed("kho tài liệu", problems, f"đã đọc lại toàn bộ {sound} tệp, {size >> 20} MB, nguyên vẹn")
    words = f"mọi tệp đều có dòng nêu tên ({sound} tệp)"
    if orphans:
        words = (
            f"{orphans} tệp ({weight >> 10} KB) không dòng nào nêu, cũ nhất {(now - oldest).days} ngày. Không tự xóa: "
            "nếu vừa khôi phục cơ sở dữ liệu cũ, hãy khôi phục bản mới hơn; nếu không, báo quản trị viên."
        )
    yield Line("tệp vô chủ", not orphans, words, advice=True)


def _row_of(notes: apsw.Connection, one: Inspected) -> tuple[int, str] | None:
    """Mark the rows' object as found; whether it must be there, and what it is. None when no row names it."""
    if not one.sha256:
        return None
    key = bytes.fromhex(one.sha256)
    row: tuple[int, str] | None = notes.execute("SELECT must, what FROM named WHERE sha256 = ?", (key,)).fetchone()
    if row is not None:
        notes.execute("UPDATE named SET found = ? WHERE sha256 = ?", (one.problem or "sound", key))
    return row


def _said(one: Inspected, row: tuple[int, str] | None) -> str:
    whose = f" ({row[1]})" if row else ""
    return f"{one.place}{whose}: {WORDS[one.problem]}. {RESTORE.format(place=one.place)}"


def _missing(site: Site, notes: apsw.Connection) -> Line:
    """Objects that must be here and are not; a key that is lost while its contents lie there is told apart."""
    from agent.cli import progress

    problems = []
    for key, what in notes.execute("SELECT sha256, what FROM named WHERE must AND found = '' ORDER BY sha256"):
        place = site.vault.place(key.hex())
        if notes.execute("SELECT 1 FROM keyless WHERE place = ?", (place,)).fetchone():
            continue  # told with the objects
        kept = notes.execute("DELETE FROM leftover WHERE place = ? RETURNING place", (place,)).fetchone()
        words = "mất tệp khóa (.key), nội dung (.bin) còn" if kept else "không có trong kho"
        problems.append(f"{place} ({what}): {words}. {RESTORE.format(place=place)}")
        progress(f"⚠ {problems[-1]}")
    count = notes.execute("SELECT count(*) FROM named WHERE must").fetchone()
    return listed("giấy tờ", problems, f"{count[0] if count else 0} tệp mà sổ của quầy này nêu đều có trong kho")


def _leftovers(site: Site, notes: apsw.Connection, now: datetime, *, repair: bool) -> Line:
    """What interrupted writes and erasures left: the only thing that may be removed without a backup."""
    row = notes.execute("SELECT count(*) FROM leftover").fetchone()
    count, lost = (row[0] if row else 0), _lost_keys(notes)
    if not count:
        return Line("tệp tạm", True, "không có tệp tạm sót lại")
    if repair and not lost:
        gone = site.vault.sweep(now - YOUNG)
        young = "; còn tệp mới ghi trong một giờ qua" if gone < count else ""
        return Line("tệp tạm", True, f"đã xóa {gone} tệp tạm sót lại{young}")
    words = f"{count} tệp tạm sót lại sau lần ghi hoặc xóa bị ngắt, không đọc được. Xóa bằng `doctor --vault --repair`."
    if lost:
        words = f"{count} tệp tạm; chưa xóa được gì khi còn khóa bị mất: khôi phục các tệp khóa nêu trên trước."
    return Line("tệp tạm", False, words, advice=True)


def _lost_keys(notes: apsw.Connection) -> int:
    row = notes.execute("SELECT count(*) FROM named WHERE must AND found IN ('', 'key')").fetchone()
    return int(row[0]) if row else 0
