"""One writer at a time, all or nothing, whatever dies or fills up meanwhile."""

from __future__ import annotations

import contextlib
import threading
import time

import peewee
import psycopg
import pytest

from agent.errors import StoreFull, StoreLocked
from agent.store import base, dialects, journal, outbox
from agent.store.database import Store
from agent.store.dialects import StoreUnavailable
from agent.store.journal import JournalHead
from tests import postgres
from tests.store.build import end, note, other_process, queue, said


def until(condition, seconds=20.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"


def test_a_failed_use_case_leaves_nothing(store):
    with pytest.raises(ZeroDivisionError), store.writing():
        queue("K1")
        note()
        1 / 0  # noqa: B018
    assert outbox.ls() == [] and journal.entries("custody") == []
    with store.writing():
        queue("K1")
    assert len(outbox.ls()) == 1


def test_a_use_case_inside_another_is_a_mistake_of_the_programmer(store):
    with store.writing(), pytest.raises(RuntimeError, match="one use case"), store.writing():
        pass
    with store.reading(), pytest.raises(RuntimeError, match="one use case"), store.writing():
        pass
    with store.writing():
        queue("K1")  # the lock was given back


def test_a_change_outside_a_use_case_is_refused(store):
    with store.writing():
        queue("K1")
    for change in (
        lambda: JournalHead.create(ledger="x", chain="", seq=0, hash=journal.GENESIS),
        lambda: outbox.Job.update(error="x").execute(),
        lambda: outbox.Job.delete().execute(),
    ):
        with pytest.raises(RuntimeError, match="outside"):
            change()
    with store.reading(), pytest.raises(RuntimeError, match="outside"):
        outbox.Job.update(error="x").execute()


def test_a_reader_sees_one_moment_while_others_write(store):
    with store.writing():
        queue("K1")

    def write():
        with store.writing():
            queue("K2")
        store.database.close()

    with store.reading():
        assert len(outbox.ls()) == 1
        writer = threading.Thread(target=write)
        writer.start()
        writer.join(20)
        assert len(outbox.ls()) == 1
        with store.reading():  # the same moment
            assert len(outbox.ls()) == 1
    assert len(outbox.ls()) == 2


COUNT = """
from agent.store import base
from agent.store.journal import JournalHead
for _ in range(60):
    with store.writing():
        row = base.locked(JournalHead.select().where(JournalHead.ledger == "count")).get()
        row.seq += 1
        row.save()
say("done")
"""


def test_processes_and_threads_that_count_together_lose_no_count(place, store):
    with store.writing():
        JournalHead.create(ledger="count", chain="", seq=0, hash=journal.GENESIS)
    others = [other_process(place, COUNT) for _ in range(2)]

    def count():
        for _ in range(60):
            with store.writing():
                row = base.locked(JournalHead.select().where(JournalHead.ledger == "count")).get()
                row.seq += 1
                row.save()
        store.database.close()

    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    try:
        assert [said(other) for other in others] == ["done", "done"]
    finally:
        for other in others:
            end(other)
    assert journal.head("count") == (4 * 60, journal.GENESIS)


DRAIN = """
say("draining")
while True:
    with store.writing():
        for _ in range(20):
            queue()
"""


def test_a_clerk_is_served_beside_a_draining_worker(place, store):
    drainer = other_process(place, DRAIN.replace("queue()", 'queue("D-" + str(uuid.uuid4()))'))
    try:
        assert said(drainer) == "draining"
        waits = []
        for number in range(60):
            began = time.perf_counter()
            with store.writing():
                queue(f"CLERK-{number}")
            waits.append(time.perf_counter() - began)
    finally:
        end(drainer)
    waits.sort()
    assert waits[57] < 0.25, waits[-5:]  # SQLite's own handler lets a clerk wait for seconds here


def test_a_writer_that_is_kept_waiting_is_told_so(place, store):
    if store.dialect == "postgresql":
        pytest.skip("PostgreSQL has many writers")
    holder = other_process(place, 'with store.writing():\n    say("holding")\n    sys.stdin.readline()\n')
    try:
        assert said(holder) == "holding"
        hurried = Store.open(**{**place, "patience": 0.2})
        with pytest.raises(StoreLocked, match="bận"), hurried.writing():
            pass
    finally:
        end(holder)
    with hurried.writing():  # the dead holder's lock is free
        queue("K1")
    hurried.close()


WRITE = """
number = 0
while True:
    number += 1
    with store.writing():
        queue(f"A-{number}"); note(n=number); queue(f"B-{number}")
    say(str(number))
"""


def test_a_killed_process_loses_nothing_that_was_acknowledged(place, store):
    writer = other_process(place, WRITE)
    for _ in range(40):
        acknowledged = int(said(writer))
    writer.kill()  # SIGKILL, most likely inside a transaction
    rest = writer.communicate(timeout=20)[0].split()
    acknowledged = int(rest[-1]) if rest else acknowledged
    if store.dialect == "postgresql":  # the server notices the dead client a moment later
        alive = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        until(lambda: store.database.execute_sql(alive).fetchone()[0] == 0)
    found = {job.key for job in outbox.ls(limit=100000)}
    for number in range(1, acknowledged + 1):
        assert {f"A-{number}", f"B-{number}"} <= found
    assert all(key.replace("A", "B") in found for key in found if key.startswith("A"))  # nothing half done
    assert journal.verify() == []
    with store.writing():
        queue("NEXT")


def test_a_full_disk_is_named_and_nothing_is_half_done(sqlite_store):
    with sqlite_store.writing():
        queue("K1")
    pages = sqlite_store.database.pragma("page_count")
    sqlite_store.database.pragma("max_page_count", pages + 4)
    with pytest.raises(StoreFull, match="Đĩa đã đầy"), sqlite_store.writing():
        queue("K2")
        queue("K3", payload=bytes(100_000))
    with pytest.raises(StoreFull), sqlite_store.writing(), sqlite_store.database.atomic():
        queue("K3", payload=bytes(100_000))  # inside a savepoint the library says "no such savepoint"
    assert [job.key for job in outbox.ls()] == ["K1"]
    sqlite_store.database.pragma("max_page_count", pages + 1000)
    with sqlite_store.writing():
        queue("K3", payload=bytes(100_000))


@pytest.mark.parametrize("after", [lambda: queue("K3"), lambda: None], ids=["then goes on", "then ends"])
def test_a_full_disk_that_the_code_ignores_still_undoes_everything(sqlite_store, after):
    sqlite_store.database.pragma("max_page_count", sqlite_store.database.pragma("page_count") + 4)
    with pytest.raises(StoreFull), sqlite_store.writing():
        queue("K1")
        with contextlib.suppress(peewee.OperationalError):
            queue("K2", payload=bytes(100_000))  # SQLite rolls all back by itself
        after()
    assert outbox.ls() == []


FILL = """
import resource, signal
from agent.errors import StoreFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
size = max(path.stat().st_size for path in Path(where["data"]).glob("agent.db*"))
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50_000, size + 50_000))
try:
    with store.writing():
        queue("BIG", payload=bytes(3_000_000))
except StoreFull as error:
    say("full")
"""


def test_a_file_that_cannot_grow_counts_as_a_full_disk(sqlite_store, tmp_path):
    pytest.importorskip("resource")
    filler = other_process({"data": tmp_path / "data", "key": bytes(range(32))}, FILL)
    try:
        assert said(filler) == "full"
    finally:
        end(filler)
    assert outbox.ls() == []
    with sqlite_store.writing():
        queue("SMALL")


def test_a_servers_full_disk_and_deadlock_have_the_same_names(postgres_server, tmp_path):
    store = Store.open(data=tmp_path, url=postgres_server)
    for state, error in (("53100", StoreFull), ("40P01", StoreLocked)):
        with pytest.raises(error), store.writing():
            store.database.execute_sql(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$")
    store.close()


def test_a_restarted_server_costs_no_clerk_a_message(postgres_server, tmp_path):
    with postgres.database(postgres_server) as url:
        store = Store.open(data=tmp_path, url=url)
        store.migrate()
        with psycopg.connect(postgres_server, autocommit=True) as admin:
            cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
            admin.execute(cut, (url.split("?")[0].rsplit("/", 1)[1],))
            with store.writing():
                queue("K1")
            with pytest.raises(StoreUnavailable, match="Không nối được"), store.writing():
                queue("K2")
                admin.execute(cut, (url.split("?")[0].rsplit("/", 1)[1],))
                queue("K3")
        with store.reading():
            assert [job.key for job in outbox.ls()] == ["K1"]
        store.close()


def test_a_restarted_server_is_looked_at_again_by_whoever_only_looks(postgres_server, tmp_path):
    with postgres.database(postgres_server) as url:
        store = Store.open(data=tmp_path, url=url)
        store.migrate()
        seen = store.data_version()
        with psycopg.connect(postgres_server, autocommit=True) as admin:
            cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
            for look in (store.data_version, outbox.ls):
                admin.execute(cut, (url.split("?")[0].rsplit("/", 1)[1],))
                look()
        assert isinstance(seen, int)
        store.close()


def test_screens_notice_every_commit_and_only_commits(place, store):
    first = store.data_version()
    assert store.data_version() == first
    with store.writing():
        queue("K1")
    mine = store.data_version()
    assert mine != first
    other = other_process(place, 'with store.writing():\n    queue("K2")\nsay("done")\n')
    try:
        assert said(other) == "done"
    finally:
        end(other)
    assert store.data_version() != mine


def test_threads_that_are_done_leave_a_server_few_connections(tmp_path, postgres_server):
    """An office's terminals share what a server has: many threads of one web process must not use it up."""
    with postgres.database(postgres_server) as url:
        store = Store.open(data=tmp_path, url=url)
        meeting = threading.Barrier(20)

        def asks() -> None:
            with store.reading():
                store.database.execute_sql("SELECT 1").fetchall()
                meeting.wait(30)
            store.let_go()
            meeting.wait(30)
            meeting.wait(30)  # the thread lives on, as a web server's does

        threads = [threading.Thread(target=asks) for _ in range(19)]
        for thread in threads:
            thread.start()
        meeting.wait(30)
        meeting.wait(30)
        ask = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        end = time.monotonic() + 20  # a server's process ends a moment after its connection
        while (open_now := store.database.execute_sql(ask).fetchone()[0]) > dialects.KEPT + 2:
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        meeting.wait(30)
        for thread in threads:
            thread.join(30)
        store.close()
    assert open_now <= dialects.KEPT + 2
