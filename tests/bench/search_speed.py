"""How long a search takes among many dossiers: `python -m tests.bench.search_speed --size 100000`."""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from agent.store import search
from agent.store.database import Store
from tests import postgres

SURNAMES = "Nguyễn:38 Trần:11 Lê:10 Phạm:7 Hoàng:5 Phan:5 Vũ:4 Đặng:2 Bùi:2 Đỗ:2 Hồ:1 Ngô:1 Dương:1 Lý:1 Nghiêm:1"
MIDDLE = "Văn Thị Đức Minh Ngọc Hữu Xuân Thanh Quốc Thu Kim Hồng Anh Đình Công Quang Bích Diệu Mỹ Bá"
GIVEN = (
    "An Anh Ánh Bình Châu Chi Cường Dung Dũng Duy Đạt Đức Giang Hà Hải Hạnh Hiền Hiếu Hoa Hòa Hùng Huy Hương Khánh "
    "Khoa Lan Linh Long Mai Minh Nam Nga Ngân Nghĩa Ngọc Nhung Oanh Phong Phúc Phương Quân Quang Quỳnh Sơn Tài Tâm "
    "Thảo Thắng Thành Thủy Tiến Trang Trung Tú Tuấn Tùng Uyên Vân Việt Vy Xuyến Yến Thuần Khuê Nhiên Diễm"
)
QUERIES = """
nguyen, ng, nguyen van, nguyen thi anh, tran, nghiem, nghiem xuyen, khue, van a, nguyen v, vu, th, thanh thanh
nguyen thi dieu khue, ly my xuyen, dang ba nhien, zz, nguyen zz, nguyen nguyen, ly my, ba nhien
345, 4821, 345678, 0912345678, H26.019, H26.019.02-2611, H26.019.02-260121-0007
"""


def person(rng: random.Random) -> str:
    """A name as frequent as in life."""
    surnames = dict(text.split(":") for text in SURNAMES.split())
    surname = rng.choices(list(surnames), [int(share) for share in surnames.values()])[0]
    middle = rng.choice(MIDDLE.split()[:2] if rng.random() < 0.6 else MIDDLE.split())
    return f"{surname} {middle} {rng.choice(GIVEN.split())}"


def fill(store: Store, size: int) -> float:
    """Index `size` dossiers in batches by the module's own SQL and return the seconds."""
    rng = random.Random(20261121)
    began = time.perf_counter()
    if store.dialect == "postgresql":
        store.database.execute_sql("DROP INDEX search_name_words")  # made again at the end, as a bulk load does
    for start in range(1, size + 1, 10_000):
        names, keys = [], []
        for number in range(start, min(start + 10_000, size + 1)):
            words = sorted(set(search._words(person(rng) + " " + person(rng))))
            office = "BC-TAYHO"
            if store.dialect == "sqlite":
                names.append((number, " ".join(words), office))
            else:
                lexemes = [search._office(office), *search._prefixes(words)]
                names.append((number, office, " ".join(f"'{lexeme}'" for lexeme in lexemes)))
            day = 260101 + number // 700
            codes = [f"H26.019.02-{day}-{number % 10_000:04}", f"T1{number:07}K"]
            keys += [("c" + search._compact(code), number, office) for code in codes]
            keys.append(("p" + f"09{rng.randrange(10**8):08}"[::-1], number, office))
        _write(store, names, keys)
    if store.dialect == "postgresql":
        store.database.execute_sql("CREATE INDEX search_name_words ON search_name USING gin (words)")
        store.database.execute_sql("VACUUM ANALYZE search_name")
        store.database.execute_sql("VACUUM ANALYZE search_key")
    return time.perf_counter() - began


def _write(store: Store, names: list[tuple[object, ...]], keys: list[tuple[object, ...]]) -> None:
    with store.writing():
        cursor = store.database.cursor()
        if store.dialect == "sqlite":
            cursor.executemany("INSERT INTO search_name (rowid, words, office_id) VALUES (?, ?, ?)", names)
            cursor.executemany("INSERT INTO search_key VALUES (?, ?, ?)", keys)
            return
        for table, rows in (("search_name", names), ("search_key", keys)):
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)


def measure(store: Store, office: str | None) -> list[tuple[float, str, int]]:
    """Seconds, query and hits of each search, the middle of seven."""
    figures = []
    for query in re.split(r"[,\n]\s*", QUERIES.strip()):
        times = []
        for _ in range(7):
            began = time.perf_counter()
            with store.reading():
                hits = len(search.find(query, office_id=office))
            times.append(time.perf_counter() - began)
        figures.append((sorted(times)[3], query, hits))
    return sorted(figures)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--dialect", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    for dialect in options.dialect or ["sqlite", "postgresql"]:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(postgres.server()) if dialect == "postgresql" else ""
            store = Store.open(data=folder, url=url, key=None if url else bytes(32))
            store.migrate()
            print(f"{dialect}: {options.size} dossiers indexed in {fill(store, options.size):.0f} s")
            for office in ("BC-TAYHO", None):
                figures = measure(store, office)
                print(f"  office {office}: median {figures[len(figures) // 2][0] * 1e3:.1f} ms; slowest:")
                for seconds, query, hits in figures[-5:]:
                    print(f"    {seconds * 1e3:7.1f} ms  {query!r} ({hits})")
            store.close()


if __name__ == "__main__":
    main()
