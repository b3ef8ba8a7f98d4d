"""What an ended dossier need not keep goes by itself when its time is over, never before; kill -9 leaves no mess."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.cli.checkup_vault import examine_vault
from agent.clock import SystemClock
from agent.documents.vault import FileVault
from agent.errors import ConfigError, DocumentError, RuleViolation
from agent.intake.erase import erase_dossier, erase_person
from agent.intake.paper_retention import finish_erasing, hold, plan, release, retire_step
from agent.intake.void import void
from agent.processes import main
from agent.reconcile.bundle import make_bundle
from agent.reconcile.compare import compare
from agent.reconcile.verify import verify
from agent.settings import Retention, Settings
from agent.store import journal
from agent.store.dossiers import Dossier
from agent.store.papers import Page, Paper
from agent.store.readings import PageReading, PaperText
from agent.store.reconciliation import Difference, Run
from agent.store.values import CONFIRMED, Value
from agent.tracking.deliver import deliver
from agent.wiring import build_site, offline_checker
from tests.builders import CHIEF, CLERK, COURIER, OFFICE
from tests.flow.counter import PROOF, Counter

ROOT = Path(__file__).resolve().parents[2]
DAYS = Retention(masters_days=30, copies_days=365, texts_days=60, values_days=90)


def keeping(desk: Counter, days: Retention = DAYS) -> Counter:
    return replace(desk, site=replace(desk.site, settings=desk.site.settings.with_(retention=days)))


def delivered(desk: Counter, **changes: Any) -> Dossier:
    dossier = desk.with_result(**changes)
    deliver(desk.site, desk.out(dossier), PROOF, by=COURIER)
    desk.send()
    return desk.now(dossier)


def retire(desk: Counter) -> None:
    while retire_step(desk.site):
        pass


def masters(dossier: Dossier) -> list[str]:
    return [page.sha256 for page in Page.select().where(Page.dossier == dossier)]


def copies(dossier: Dossier) -> list[str]:
    return [paper.signed_sha256 or "" for paper in Paper.select().where(Paper.dossier == dossier)]


def there(desk: Counter, files: list[str]) -> list[bool]:
    return [desk.site.vault.has(sha256) for sha256 in files]


def sound(desk: Counter) -> None:
    """No row points to nothing, and nothing that is over can be read."""
    lines = {line.name: line for line in examine_vault(desk.site, repair=False)}
    assert all(lines[name].fine for name in ("kho tài liệu", "giấy tờ", "tệp vô chủ")), lines


def test_raw_pages_go_before_copies_and_each_is_in_the_journal(desk: Counter) -> None:
    desk = keeping(desk)
    dossier = delivered(desk)
    compare(desk.site, office=OFFICE)
    raw, signed = masters(dossier), copies(dossier)
    retire(desk)
    assert all(there(desk, raw + signed)), "nothing goes before its time"

    desk.later(days=31)
    assert [(one.number, one.kind.value, one.why) for one in plan(desk.site)] == [(dossier.provisional, "masters", ())]
    assert all(there(desk, raw)), "a plan changes nothing"
    retire(desk)
    assert not any(there(desk, raw)) and all(there(desk, signed))
    (entry,) = [one for one in journal.entries("dossier", dossier_id=dossier.id) if one.kind == "retired"]
    assert entry.body["what"] == "masters" and set(raw) <= set(entry.body["objects"]) and entry.actor == "system"
    with pytest.raises(DocumentError):
        desk.site.vault.get(raw[0])
    sound(desk)

    desk.later(days=400)
    retire(desk)
    assert not any(there(desk, signed))
    kinds = [one.body["what"] for one in journal.entries("dossier", dossier_id=dossier.id) if one.kind == "retired"]
    assert sorted(kinds) == ["copies", "masters", "texts", "values"]
    assert plan(desk.site) == [] and journal.verify() == []
    sound(desk)
    bundle = make_bundle(desk.site, dossier.uid)
    assert verify(bundle, checker=offline_checker(SystemClock())).consistent, "the proof stands without the papers"


def test_nothing_goes_before_the_books_were_compared_since(either: Counter) -> None:
    desk = keeping(either)
    dossier = delivered(desk)
    desk.later(days=500)
    retire(desk)
    assert all(there(desk, masters(dossier) + copies(dossier)))
    assert {why for one in plan(desk.site) for why in one.why} == {"chưa đối soát với tỉnh từ lần thay đổi cuối"}
    compare(desk.site, office=OFFICE)
    retire(desk)
    assert not any(there(desk, masters(dossier)))


def test_a_difference_a_hold_and_an_open_dossier_keep_everything(desk: Counter) -> None:
    desk = keeping(desk)
    dossier, open_ = delivered(desk), desk.handed_off()
    compare(desk.site, office=OFFICE)
    desk.later(days=500)
    with desk.site.store.writing():
        run = Run.select().order_by(Run.id.desc()).first()
        found = Difference.create(
            uid=desk.site.ids.uid(), run=run, office_id=OFFICE, bucket="b", key=dossier.provisional, kind="fee",
            owner="office", ours={}, theirs={}, explanation="", found_at=desk.site.clock.now(),
        )  # fmt: skip
    retire(desk)
    assert all(there(desk, masters(dossier)))
    with desk.site.store.writing():
        Difference.update(closed_at=desk.site.clock.now()).where(Difference.id == found.id).execute()
    hold(desk.site, dossier.uid, reason="KN-17/2026", by=CHIEF)
    retire(desk)
    assert all(there(desk, masters(dossier)))
    assert plan(desk.site)[0].why == ("đang bị giữ theo yêu cầu",)
    with pytest.raises(RuleViolation, match="đang bị giữ"):
        erase_dossier(desk.site, dossier.uid, basis="yeu-cau", by=CHIEF)
    release(desk.site, dossier.uid, by=CHIEF)
    retire(desk)
    assert not any(there(desk, masters(dossier))) and all(there(desk, masters(open_)))
    with pytest.raises(RuleViolation, match="không bị giữ"):
        release(desk.site, dossier.uid, by=CHIEF)


def test_what_another_dossier_needs_stays_until_nobody_needs_it(desk: Counter) -> None:
    desk = keeping(desk)
    first = desk.signed()
    second = desk.signed()
    with desk.site.store.writing():  # the same page of paper, filed twice
        shared = masters(first)[0]
        Page.update(sha256=shared).where(Page.dossier == second).execute()
    void(desk.site, first.uid, by=CLERK, reason="nhập nhầm")
    desk.later(days=31)
    retire(desk)
    assert desk.site.vault.has(shared), "the second dossier is still open"
    void(desk.site, second.uid, by=CLERK, reason="nhập nhầm")
    desk.later(days=31)
    retire(desk)
    assert not desk.site.vault.has(shared)


def test_bytes_that_were_put_just_now_are_not_taken_from_who_put_them(desk: Counter) -> None:
    desk = keeping(desk)
    dossier = desk.signed()
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    raw = masters(dossier)[0]
    data = desk.site.vault.get(raw)
    desk.later(days=31)
    held = desk.site.vault
    assert isinstance(held, FileVault)
    os.utime(held._path(held._name(bytes.fromhex(raw))), (desk.clock.now().timestamp(),) * 2)
    retire(desk)
    assert desk.site.vault.get(raw) == data, "its row may be about to be written"
    desk.later(hours=2)
    retire(desk)
    assert not desk.site.vault.has(raw)


def with_text_and_values(desk: Counter) -> tuple[Dossier, list[str]]:
    """A voided dossier with words that were read, a text file beside its paper and a value; the texts' objects."""
    dossier = desk.signed()
    page, paper = Page.get(Page.dossier == dossier), Paper.get(Paper.dossier == dossier)
    words, beside = desk.site.vault.put(b"words of the page"), desk.site.vault.put(b"text beside the paper")
    at = desk.clock.now()
    with desk.site.store.writing():
        PageReading.delete().where(PageReading.sha256 == page.sha256).execute()
        PageReading.create(
            terminal_id="T1", sha256=page.sha256, turn=0, state="read", words_sha256=words, created_at=at, read_at=at
        )
        PaperText.delete().where(PaperText.paper == paper).execute()
        PaperText.create(paper=paper, dossier=dossier, terminal_id="T1", sha256=beside, size=21, made_at=at)
        Value.create(dossier=dossier, component=paper.component, field="number", value="12", state=CONFIRMED, at=at)
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    return dossier, [words, beside]


def test_texts_and_values_go_by_their_own_days(desk: Counter) -> None:
    desk = keeping(desk)
    _, texts = with_text_and_values(desk)
    desk.later(days=45)
    retire(desk)
    assert all(there(desk, texts)) and Value.select().count() == 1
    desk.later(days=20)
    retire(desk)
    assert not any(there(desk, texts)) and Value.select().count() == 1
    desk.later(days=30)
    retire(desk)
    assert Value.select().count() == 0
    sound(desk)


def test_texts_and_values_go_with_the_person(desk: Counter) -> None:
    _, texts = with_text_and_values(desk)
    erase_person(desk.site, "001188012345", basis="x", by=CHIEF)
    assert not any(there(desk, texts))
    assert Value.select().count() == 0
    assert not PageReading.select().where(PageReading.state == "read").exists()
    sound(desk)


CUT = """
import os, sys
from dataclasses import replace
from pathlib import Path
from agent.intake.erase import erase_person
from agent.settings import Settings
from agent.wiring import build_site
from tests.builders import CHIEF
site = build_site(Settings(data=Path(sys.argv[1])))
class Cut:
    def __getattr__(self, name):
        return getattr(site.vault, name)
    def erase(self, sha256):
        os.kill(os.getpid(), 9)
erase_person(replace(site, vault=Cut()), "001188012345", basis="x", by=CHIEF)
"""


def test_an_erasure_that_was_cut_off_is_finished_by_the_schedule(desk: Counter) -> None:
    dossier = desk.signed()
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    files = masters(dossier) + copies(dossier)
    ended = subprocess.run([sys.executable, "-c", CUT, str(desk.folder)], cwd=ROOT, timeout=60, check=False)
    assert ended.returncode == -9
    assert not desk.now(dossier).salt and all(there(desk, files)), "rows first, keys after"
    with pytest.raises(RuleViolation):
        erase_person(desk.site, "001188012345", basis="x", by=CHIEF)  # by its rows the person is gone
    desk.later(hours=2)
    retire_step(desk.site)
    assert not any(there(desk, files))
    sound(desk)


STEPS = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from agent.intake.paper_retention import retire_step
from agent.settings import Retention, Settings
from agent.wiring import build_site
class Later:
    def now(self):
        return datetime.now(UTC) + timedelta(days=500)
days = Retention(masters_days=30, copies_days=365, texts_days=60, values_days=90)
site = build_site(Settings(data=Path(sys.argv[1]), retention=days), clock=Later())
print("ready", flush=True)
while retire_step(site):
    pass
print("done", flush=True)
"""


def test_kill_9_at_any_moment_leaves_no_readable_orphan_and_no_row_that_points_to_nothing(desk: Counter) -> None:
    ended = [desk.signed() for _ in range(6)]
    for dossier in ended:
        void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    files = [sha256 for dossier in ended for sha256 in masters(dossier) + copies(dossier)]
    rng, kills = random.Random(5), 0
    for _ in range(12):
        process = subprocess.Popen(
            [sys.executable, "-c", STEPS, str(desk.folder)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        until = time.monotonic() + rng.uniform(0.0, 0.05)
        while time.monotonic() < until and process.poll() is None:
            pass
        process.kill()
        said = process.communicate(timeout=30)[0]
        kills += not said
        sound(keeping(desk))
        if said:
            break
    assert kills >= 2, "it was cut off in the middle"
    finished = subprocess.run([sys.executable, "-c", STEPS, str(desk.folder)], cwd=ROOT, timeout=120, check=True)
    assert finished.returncode == 0 and not any(there(desk, files))
    assert journal.verify() == []
    kinds = [one.body["what"] for one in journal.entries("dossier") if one.kind == "retired"]
    assert len(kinds) == len(ended) * 4, "each kind of each dossier once, however often it was cut off"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (Retention(masters_days=-1), "từ 0"),
        (Retention(copies_days=10), "ảnh gốc không được"),
        (Retention(masters_days=20, copies_days=10), "ảnh gốc không được"),
    ],
)
def test_days_that_cannot_be_meant_keep_the_agent_from_starting(days: Retention, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words):
        build_site(Settings(data=tmp_path, retention=days))


def test_the_command_shows_before_it_acts(
    desk: Counter, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = desk.signed()
    void(desk.site, dossier.uid, by=CLERK, reason="nhập nhầm")
    with desk.site.store.writing():
        Dossier.update(closed_at=desk.site.clock.now().replace(year=2020)).where(Dossier.id == dossier.id).execute()
    try:
        assert main(["retention", "plan", "--data", str(desk.folder)]) == 0
        assert "giữ mãi" in capsys.readouterr().out
        monkeypatch.setenv("POSTAL_AGENT_RETENTION_MASTERS_DAYS", "30")
        assert main(["retention", "plan", "--json", "--data", str(desk.folder)]) == 0
        (line,) = json.loads(capsys.readouterr().out)
        assert (line["dossier"], line["kind"], line["kept"]) == (dossier.provisional, "masters", [])
        assert line["files"] == 1 and line["bytes"] > 10_000
    finally:
        desk.bind()
    assert all(there(desk, masters(dossier)))
    assert finish_erasing(desk.site) == 0
