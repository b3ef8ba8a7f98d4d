"""Values of pages at another terminal, or not read yet: a look wipes nothing, the gate waits, but not for ever."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from agent.documents.vault import FileVault
from agent.errors import RuleViolation
from agent.intake.digitise import make_copies
from agent.intake.extraction import extract_all
from agent.intake.extraction_confirm import require_settled
from agent.intake.filing import wants_copy
from agent.intake.label import confirm_label
from agent.intake.sign import sign_copies
from agent.reconcile.paper_evidence import gather
from agent.site import Site
from agent.store.dossiers import Component, Dossier
from agent.store.lookup import components_of
from agent.store.papers import Page, Paper
from agent.store.readings import PageReading
from agent.store.values import CONFIRMED, PROPOSED, ExtractionRun, Value, forget_values, keep_run
from tests.builders import CLERK
from tests.flow.counter import Counter
from tests.flow.test_values_forms import Browser
from tests.webdesk import add_people


def strict(site: Site) -> Site:
    return replace(
        site, settings=site.settings.with_(extraction=replace(site.settings.extraction, required=True))
    )  # fmt: skip


def second(desk: Counter, folder: Path) -> Site:
    """The site of another terminal at the same database: with a vault of its own."""
    terminal = replace(desk.site.settings.terminal, id="T2")
    return replace(desk.site, vault=FileVault(folder, b"x" * 32), settings=desk.site.settings.with_(terminal=terminal))


def kept(component: Component) -> list[tuple[str, str, str, str, UUID | None]]:
    rows = Value.select().where(Value.component == component, Value.value != "").order_by(Value.field)
    return [(row.field, row.state, row.value, row.read, row.page) for row in rows]


@pytest.fixture
def digitised(desk: Counter) -> Dossier:
    """Pages of it wait to be read; its copies were made all the same."""
    add_people(desk.site)
    dossier = desk.receive()
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    desk.digitise(dossier)
    return dossier


@pytest.fixture
def taken(desk: Counter, digitised: Dossier) -> Component:
    """A component with a value that is proposed and one that is confirmed, its page read."""
    extract_all(desk.site, digitised.uid)
    with desk.site.store.writing():
        PageReading.update(state="blank").execute()
        component = next(one for one in components_of(digitised) if wants_copy(one))
        page, at = Page.get(Page.component == component).uid, desk.site.clock.now()
        forget_values(component, ["holder_name", "title"])
        for field, value, state in (("holder_name", "Trần Gia Bảo", PROPOSED), ("title", "TỜ KHAI", CONFIRMED)):
            Value.create(
                dossier=digitised, component=component, field=field, value=value, read=value, confidence=95,
                page=page, box=[1, 1, 2, 2, 0, 9, 9], source="text", state=state, at=at,
            )  # fmt: skip
        ExtractionRun.update(unread=0).execute()
        run = ExtractionRun.get(ExtractionRun.component == component)
        keep_run(
            ExtractionRun(dossier=digitised, component=component, mark="T1's", kind=run.kind, unread=0, at=at)
        )  # fmt: skip
    return component


def test_another_terminal_s_look_at_values_wipes_none_and_says_where_the_pages_are(
    desk: Counter, digitised: Dossier, taken: Component, tmp_path: Path
) -> None:  # fmt: skip
    there = second(desk, tmp_path / "other")
    before = kept(taken)
    assert [one[:3] for one in before] == [
        ("holder_name", PROPOSED, "Trần Gia Bảo"), ("title", CONFIRMED, "TỜ KHAI"),
    ]  # fmt: skip
    browser = Browser(replace(desk, site=there), "lananh")
    seen = browser.get(f"/counter/dossiers/{digitised.uid}/values")
    assert seen.status_code == 200 and "Có trang nằm ở máy T1" in seen.text and 'value="Trần Gia Bảo"' in seen.text
    assert "<image" not in seen.text, "no picture is asked for that is not here"
    assert kept(taken) == before
    with desk.site.store.reading(), pytest.raises(RuleViolation, match="Chưa xác nhận dữ liệu"):
        require_settled(strict(there), digitised)
    extract_all(desk.site, digitised.uid)
    assert kept(taken) != before, "where the pages are, they are taken anew"


def test_a_terminal_without_the_pages_is_told_where_values_are_to_be_taken(
    desk: Counter, digitised: Dossier, tmp_path: Path
) -> None:  # fmt: skip
    there = second(desk, tmp_path / "other")
    extract_all(there, digitised.uid)
    with desk.site.store.reading(), pytest.raises(RuleViolation, match="Trang nằm ở máy T1"):
        require_settled(strict(there), digitised)


def test_required_values_wait_for_pages_that_are_being_read_but_not_for_those_that_cannot_be(
    desk: Counter, digitised: Dossier
) -> None:  # fmt: skip
    with pytest.raises(RuleViolation, match="Chưa đọc xong chữ của"):
        sign_copies(strict(desk.site), digitised.uid, by=CLERK)
    with desk.site.store.writing():
        PageReading.update(state="failed", reason="mờ").execute()
    assert sign_copies(strict(desk.site), digitised.uid, by=CLERK)


def test_required_values_do_not_wait_where_reading_was_switched_off_since(desk: Counter, digitised: Dossier) -> None:
    site = strict(desk.site)
    off = replace(site, settings=site.settings.with_(ocr=replace(site.settings.ocr, enabled=False)))
    assert sign_copies(off, digitised.uid, by=CLERK)


def test_a_paper_s_evidence_names_the_reading_of_where_its_copy_was_made(desk: Counter, digitised: Dossier) -> None:
    make_copies(desk.site, digitised.uid, by=CLERK)
    with desk.site.store.writing():
        mine = PageReading.get()
        told = {"sha256": mine.sha256, "turn": mine.turn, "created_at": mine.created_at}
        PageReading.delete().execute()
        PageReading.create(terminal_id="T2", state="failed", **told)
        PageReading.create(terminal_id="T1", state="read", facts={"words": 7}, **told)
    with desk.site.store.reading():
        facts = gather(digitised, Paper.get(Paper.dossier == digitised))
    assert facts["pages"][0]["reading"] == {"state": "read", "words": 7}
