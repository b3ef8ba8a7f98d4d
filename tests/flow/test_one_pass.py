"""A whole stack in one pass: every page in its place or asked about, filed once, whatever happens in between."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import random
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from agent.domain.feed import As, Ask, Target
from agent.errors import RuleViolation
from agent.intake.feed_answers import accept, answer, ask_again, count, move, turn
from agent.intake.feed_answers import replace as stand_for
from agent.intake.filing import pages_of, wants_copy
from agent.intake.inbox import deliver, discard, waiting
from agent.intake.label import confirm_label
from agent.intake.one_pass import FeedView, feed, feeds, file_feed, return_feed
from agent.store import journal
from agent.store.dossiers import Component, Dossier
from agent.store.inbox import InboxPage
from agent.store.lookup import components_of
from agent.store.papers import Page
from tests.builders import CLERK
from tests.flow import feeds as made
from tests.flow.counter import Counter
from tests.flow.test_inbox import NEIGHBOUR, ROOT, page

FEED = UUID("0192f3c4-7a1b-7c3d-8e5f-0a1b2c3d4e5f")


def new_feed() -> UUID:
    return UUID(bytes=os.urandom(16))


@cache
def paper(name: str) -> bytes:
    """A page that looks like no other: words in places of its own."""
    chance, image = random.Random(name), Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(image)
    for row in range(300, 2100, 50):
        left = 160
        while left < 1350 and chance.random() < 0.9:
            right = left + chance.randrange(40, 240)
            pen.rectangle((left, row, right, row + 20), fill=(30, 30, 40))
            left = right + chance.randrange(20, 160)
    return made.encoded(image)


def labelled(desk: Counter) -> tuple[Dossier, list[Component]]:
    dossier = desk.receive(procedure="1.001193")  # two papers that are copied, one that is only shown
    confirm_label(desk.site, dossier.uid, dossier.provisional, by=CLERK)
    with desk.site.store.reading():
        return dossier, components_of(dossier)


def place(dossier: Dossier, component: Component) -> Target:
    return Target(dossier.provisional, str(component.uid))


def cover(dossier: Dossier, component: Component) -> bytes:
    return made.encoded(made._cover(made.Part(place(dossier, component), component.code, component.name, 1)))


def put(desk: Counter, stack: UUID, *images: bytes, source: str = "ADF") -> list[InboxPage]:
    """Deliver images as one feed."""
    origin = {"kind": "sane", "device": "máy quét 1", "source": source, "mode": "Color", "asked_dpi": 200}
    for number, data in enumerate(images, start=1):
        deliver(desk.site, replace(page("", stack, number, origin), data=data))
    return list(feed(desk.site, stack, by=CLERK).pages)


def view(desk: Counter, stack: UUID, **options: Any) -> FeedView:
    return feed(desk.site, stack, by=CLERK, **options)


def file(desk: Counter, stack: UUID) -> Any:
    return file_feed(desk.site, stack, mark=view(desk, stack).mark, by=CLERK)


def under(desk: Counter, component: Component) -> list[Page]:
    with desk.site.store.reading():
        return pages_of(component)


def asks(seen: FeedView) -> list[Ask]:
    return [question.ask for question in seen.plan.questions]


# --- the whole ---------------------------------------------------------------------------------
def test_a_stack_of_two_dossiers_is_filed_by_its_covers_in_one_act(either: Counter) -> None:
    desk = either
    (one, ours), (other, theirs) = labelled(desk), labelled(desk)
    a, b = (component for component in ours if wants_copy(component))
    c = next(component for component in theirs if wants_copy(component))
    texts = [paper(f"trang {n}") for n in range(5)]
    put(desk, FEED, cover(one, a), texts[0], texts[1], cover(other, c), texts[2], cover(one, b), texts[3], texts[4])
    count(desk.site, FEED, 5, by=CLERK)
    seen = view(desk, FEED)
    assert (seen.plan.ready, seen.plan.pages, len(seen.plan.separators)) == (True, 5, 3)
    done = file(desk, FEED)
    assert (done.pages, done.components, done.separators) == (5, 3, 3)
    assert set(done.dossiers) == {one.provisional, other.provisional}
    for component, wanted in ((a, texts[:2]), (c, texts[2:3]), (b, texts[3:])):
        pages = under(desk, component)
        assert [desk.site.vault.get(each.sha256) for each in pages] == wanted
        assert pages[0].seen["size"] == "A4" and "codes" not in pages[0].seen
    assert waiting(desk.site, "T1") == []
    with desk.site.store.reading():
        (told,) = [
            entry.body for entry in journal.entries("dossier", dossier_id=other.id) if entry.kind == "feed_filed"
        ]
    assert (told["images"], told["pages"], told["separators"], told["counted"]) == (8, 5, 3, 5)


def test_two_windows_file_a_feed_once_and_a_window_that_saw_less_is_told(either: Counter) -> None:
    desk = either
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    put(desk, FEED, cover(dossier, first), paper("một"))
    early = view(desk, FEED).mark
    deliver(desk.site, replace(page("", FEED, 3), data=paper("hai")))
    with pytest.raises(RuleViolation, match="vừa thay đổi"):
        file_feed(desk.site, FEED, mark=early, by=CLERK)
    mark, begin = view(desk, FEED).mark, threading.Barrier(2)

    def window() -> str:
        begin.wait(10)
        try:
            return str(file_feed(desk.site, FEED, mark=mark, by=CLERK).pages)
        except RuleViolation as error:
            return error.message

    with ThreadPoolExecutor(2) as windows:
        said = sorted(one.result() for one in [windows.submit(window), windows.submit(window)])
    assert said[0] == "2" and "cửa sổ khác" in said[1]
    assert len(under(desk, first)) == 2


def test_a_filed_feed_can_be_taken_back_and_filed_again(either: Counter) -> None:
    desk = either
    dossier, components = labelled(desk)
    a, b = (component for component in components if wants_copy(component))
    put(desk, FEED, cover(dossier, a), paper("một"), cover(dossier, b), paper("hai"))
    file(desk, FEED)
    assert return_feed(desk.site, FEED, by=CLERK) == 2
    assert (under(desk, a), under(desk, b)) == ([], [])
    seen = view(desk, FEED)
    assert (len(seen.pages), seen.plan.ready, len(seen.plan.separators)) == (4, True, 2)
    desk.later(seconds=1)
    file(desk, FEED)
    assert (len(under(desk, a)), len(under(desk, b))) == (1, 1)
    with pytest.raises(RuleViolation, match="cửa sổ khác"):
        view(desk, FEED)


def test_after_a_feed_was_taken_back_pages_that_come_later_are_seen(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    put(desk, FEED, cover(dossier, first), paper("một"))
    file(desk, FEED)
    return_feed(desk.site, FEED, by=CLERK)
    with ThreadPoolExecutor(1) as scanner:
        scanner.submit(deliver, desk.site, replace(page("", new_feed()), data=paper("hai"))).result()
    assert len(waiting(desk.site, "T1")) == 3


def test_pictures_of_covers_are_erased_when_the_feed_can_no_longer_be_taken_back(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    rows = put(desk, FEED, cover(dossier, first), paper("một"))
    file(desk, FEED)
    assert desk.site.vault.has(rows[0].sha256)
    desk.later(hours=2)
    second = next(component for component in components if wants_copy(component) and component.id != first.id)
    put(desk, other := new_feed(), cover(dossier, second), paper("hai"))
    file(desk, other)
    assert not desk.site.vault.has(rows[0].sha256)
    assert desk.site.vault.has(rows[1].sha256)


def test_a_feed_of_another_terminal_is_not_ours(desk: Counter) -> None:
    put(desk, FEED, paper("một"))
    assert feeds(desk.site, by=NEIGHBOUR) == []
    with pytest.raises(RuleViolation, match="cửa sổ khác"):
        file_feed(desk.site, FEED, mark="", by=NEIGHBOUR)


# --- asked -------------------------------------------------------------------------------------
def test_an_unread_cover_stops_the_feed_until_the_clerk_says_what_it_is(desk: Counter) -> None:
    dossier, components = labelled(desk)
    a, b = (component for component in components if wants_copy(component))
    part = made.Part(place(dossier, b), b.code, b.name, 1)
    spoilt = made.encoded(made._spoilt(made._cover(part)))
    rows = put(desk, FEED, cover(dossier, a), paper("một"), spoilt, paper("hai"))
    seen = view(desk, FEED)
    assert [(one.ask, one.keys) for one in seen.plan.questions] == [(Ask.UNREAD, (str(rows[2].uid), str(rows[3].uid)))]
    with pytest.raises(RuleViolation, match="Còn 1 điều"):
        file(desk, FEED)
    answer(desk.site, [rows[2].uid], decided=As.COVER, to=place(dossier, b), by=CLERK)
    file(desk, FEED)
    assert [one.sha256 for one in under(desk, b)] == [rows[3].sha256]


def test_what_may_only_be_shown_is_refused_a_copy(desk: Counter) -> None:
    dossier, components = labelled(desk)
    shown = next(component for component in components if not wants_copy(component))
    rows = put(desk, FEED, cover(dossier, shown), paper("thẻ căn cước"))
    assert asks(view(desk, FEED)) == [Ask.SHOW_ONLY]
    with pytest.raises(RuleViolation):
        file(desk, FEED)
    discard(desk.site, [row.uid for row in rows], why="chỉ xuất trình", by=CLERK)
    assert not any(desk.site.vault.has(row.sha256) for row in rows)


def test_covers_of_unknown_signed_and_other_dossiers_are_asked_about(desk: Counter) -> None:
    signed = desk.signed()
    dossier, components = labelled(desk)
    with desk.site.store.reading():
        old = next(component for component in components_of(signed) if wants_copy(component))
    gone = Component(uid=UUID(int=5), code="GONE", name="Giấy không có")
    first = next(component for component in components if wants_copy(component))
    put(
        desk, FEED, cover(signed, old), paper("một"), cover(dossier, gone), paper("hai"),
        cover(Dossier(provisional="T9-6T21-00CQ"), first), paper("ba"), cover(dossier, first), paper("bốn"),
    )  # fmt: skip
    assert asks(view(desk, FEED)) == [Ask.CLOSED, Ask.UNKNOWN_COMPONENT, Ask.UNKNOWN_DOSSIER]
    assert Ask.OTHER_DOSSIER in asks(view(desk, FEED, only=signed.provisional))


def test_a_count_that_differs_stops_until_its_reason_is_given(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    put(desk, FEED, cover(dossier, first), paper("một"), paper("hai"))
    count(desk.site, FEED, 3, by=CLERK)
    assert asks(view(desk, FEED)) == [Ask.COUNT]
    with pytest.raises(RuleViolation):
        file(desk, FEED)
    count(desk.site, FEED, 3, difference="đếm nhầm bìa hồ sơ", by=CLERK)
    assert file(desk, FEED).pages == 2


def test_a_blank_page_is_kept_and_accepted_with_a_reason_that_stays_with_it(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    blank = made._blank(random.Random(1), 1)
    rows = put(desk, FEED, cover(dossier, first), paper("một"), blank)
    assert asks(view(desk, FEED)) == [Ask.DOUBT]
    with pytest.raises(RuleViolation, match="lý do"):
        accept(desk.site, [rows[2].uid], reason=" ", by=CLERK)
    assert accept(desk.site, [rows[1].uid, rows[2].uid], reason="mặt sau trắng", by=CLERK) == 1
    file(desk, FEED)
    pages = under(desk, first)
    assert [(one.accepted_by, one.accepted_reason) for one in pages] == [("", ""), ("lananh", "mặt sau trắng")]
    assert "page_accepted" in desk.kinds(dossier)


def test_a_refused_page_is_scanned_again_and_the_new_one_stands_in_its_place(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    rows = put(desk, FEED, cover(dossier, first), paper("một")[:9_000], paper("hai"))
    assert asks(view(desk, FEED)) == [Ask.REFUSED]
    with pytest.raises(RuleViolation, match="quét lại"):
        accept(desk.site, [rows[1].uid], reason="thôi được", by=CLERK)
    ask_again(desk.site, rows[1].uid, by=CLERK)
    (new,) = deliver(desk.site, replace(page("", new_feed()), data=paper("một, quét lại")))
    stand_for(desk.site, rows[1].uid, new.uid, by=CLERK)
    assert not desk.site.vault.has(rows[1].sha256)
    assert [one.stack for one in feeds(desk.site, by=CLERK)] == [FEED]
    file(desk, FEED)
    assert [one.sha256 for one in under(desk, first)] == [new.sha256, rows[2].sha256]


def test_two_pictures_of_a_page_are_paired_and_count_once(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    text = made.text_page(4)
    noted = made.encoded(made._noted(text, random.Random(2)))
    rows = put(desk, FEED, cover(dossier, first), made.encoded(text), noted, made.encoded(made.text_page(5)))
    seen = view(desk, FEED)
    assert Ask.PAIR in asks(seen)
    answer(desk.site, [rows[2].uid], decided=As.PAIR, by=CLERK)
    answer(desk.site, [rows[3].uid], decided=As.TWO, by=CLERK)
    count(desk.site, FEED, 2, by=CLERK)
    assert file(desk, FEED).pages == 3
    assert [one.sha256 for one in under(desk, first)] == [row.sha256 for row in rows[1:]]


# --- turned and moved --------------------------------------------------------------------------
def test_a_page_that_lies_wrong_is_turned_and_its_bytes_stay(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    upside = made.encoded(made.text_page(2).rotate(180))
    rows = put(desk, FEED, cover(dossier, first), upside)
    assert asks(view(desk, FEED)) == [Ask.DOUBT]
    turn(desk.site, [rows[1].uid], None, by=CLERK)
    assert view(desk, FEED).plan.ready
    turn(desk.site, [rows[1].uid], 90, by=CLERK)
    assert asks(view(desk, FEED)) == [Ask.DOUBT]
    turn(desk.site, [rows[1].uid], 270, by=CLERK)
    file(desk, FEED)
    (filed,) = under(desk, first)
    assert (filed.turn, filed.verdict, filed.sha256) == (180, "ok", rows[1].sha256)
    assert desk.site.vault.get(filed.sha256) == upside


def test_pages_are_put_in_another_order_and_under_another_component(desk: Counter) -> None:
    dossier, components = labelled(desk)
    a, b = (component for component in components if wants_copy(component))
    rows = put(desk, FEED, cover(dossier, a), paper("một"), paper("hai"), paper("ba"))
    move(desk.site, rows[3].uid, -2, by=CLERK)
    answer(desk.site, [rows[1].uid], decided=None, to=place(dossier, b), by=CLERK)
    file(desk, FEED)
    assert [one.sha256 for one in under(desk, a)] == [rows[3].sha256, rows[2].sha256]
    assert [one.sha256 for one in under(desk, b)] == [rows[1].sha256]


def test_what_a_strangers_code_says_is_a_hint_and_is_not_kept_after_filing(desk: Counter) -> None:
    dossier, components = labelled(desk)
    first = next(component for component in components if wants_copy(component))
    number = "H26.019.02-20261121-0000007"
    with desk.site.store.writing():
        Dossier.update(official=number).where(Dossier.id == dossier.id).execute()
    symbol = zxingcpp.create_barcode(f"{number}|001188012345", zxingcpp.BarcodeFormat.QRCode)
    picture = Image.fromarray(numpy.array(zxingcpp.write_barcode_to_image(symbol, scale=6)))
    image = made.text_page(3).copy()
    image.paste(picture.convert("RGB"), (60, 60))
    rows = put(desk, FEED, made.encoded(image))
    seen = view(desk, FEED)
    assert asks(seen) == [Ask.LEADING], "it is not filed by a hint"
    assert seen.hints == {str(rows[0].uid): dossier.provisional}
    answer(desk.site, [rows[0].uid], decided=None, to=place(dossier, first), by=CLERK)
    file(desk, FEED)
    with desk.site.store.reading():
        kept = [row.seen for row in InboxPage.select()] + [row.seen for row in Page.select()]
    assert "001188012345" not in json.dumps(kept)


# --- the power goes ----------------------------------------------------------------------------
FEEDING = """
import pickle, sys
from functools import cache
from pathlib import Path
from agent.domain.actor import system
from agent.errors import RuleViolation
from agent.intake.inbox import deliver
from agent.intake.one_pass import feeds, file_feed
from agent.settings import Settings
from agent.wiring import build_site

site = build_site(Settings(data=Path(sys.argv[1])))
here = system(site.settings.office.id, site.settings.terminal.id)
print("up", flush=True)
for file in sorted(Path(sys.argv[2]).glob("*.page")):
    deliver(site, pickle.loads(file.read_bytes()))
    print("page", flush=True)
print("all", flush=True)
for one in feeds(site, by=here):
    file_feed(site, one.stack, mark=one.mark, by=here)
    print("filed", flush=True)
print("done", flush=True)
"""


def feeding(data: Path, files: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", FEEDING, str(data), str(files)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )


def after(machine: subprocess.Popen[str], line: str) -> None:
    assert machine.stdout
    for said in machine.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"it ended before it said {line}")


def test_the_plug_pulled_while_a_feed_is_taken_and_filed_loses_and_doubles_no_page(
    desk: Counter, tmp_path: Path
) -> None:  # fmt: skip
    (one, ours), (other, theirs) = labelled(desk), labelled(desk)
    wanted: dict[int, list[bytes]] = {}
    files, number, stack = tmp_path / "files", 0, new_feed()
    files.mkdir()
    for dossier, components in ((one, ours), (other, theirs)):
        for component in (part for part in components if wants_copy(part)):
            texts = [paper(f"{dossier.provisional} {component.code} {n}") for n in range(2)]
            wanted[component.id] = texts
            for data in (cover(dossier, component), *texts):
                number += 1
                sheet = replace(page("", stack, number), data=data)
                (files / f"{number:03}.page").write_bytes(pickle.dumps(sheet))
    data, chance = desk.folder, random.Random(20261129)
    desk.site.store.close()
    kills = int(os.environ.get("DRILL_KILLS", "6"))
    for kill in range(kills):
        machine = feeding(data, files)
        after(machine, ("up", "page", "all")[kill % 3])
        threading.Event().wait(chance.uniform(0, 0.25))
        machine.kill()
        machine.wait(20)
    last = feeding(data, files)
    after(last, "done")
    last.wait(20)
    check = subprocess.run(
        [sys.executable, "-c", CHECK, str(data)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    found = json.loads(check.stdout)

    assert {int(key): value for key, value in found["under"].items()} == {
        key: [hashlib.sha256(text).hexdigest() for text in texts] for key, texts in wanted.items()
    }
    assert (found["waiting"], found["separators"], found["torn"]) == (0, len(wanted), 0)


CHECK = """
import json, sys
from functools import cache
from pathlib import Path
from agent.settings import Settings
from agent.store.inbox import InboxPage, waits
from agent.store.papers import Page
from agent.wiring import build_site

site = build_site(Settings(data=Path(sys.argv[1])))
with site.store.reading():
    under = {}
    for page in Page.select().order_by(Page.component, Page.position):
        under.setdefault(page.component_id, []).append(page.sha256)
    rows = list(InboxPage.select())
    waiting = InboxPage.select().where(waits()).count()
torn = sum(not site.vault.get(row.sha256) for row in rows)
print(json.dumps({"under": under, "waiting": waiting, "torn": torn,
                  "separators": sum(row.page_id is None and row.filed_at is not None for row in rows)}))
"""
