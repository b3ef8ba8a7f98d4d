"""A feed of pages is dealt by its cover sheets; what is not sure is asked, and no page vanishes."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from agent.documents.digitiser import PageDigitiser
from agent.domain.feed import As, Ask, Known, Plan, Question, Sheet, Target, deal, targets
from agent.domain.likeness import ALIKE, alike
from tests.vietnamese_pages import encoded, faces, page

A1, A2, B1 = Target("A", "1"), Target("A", "2"), Target("B", "1")
SHOWN = Target("A", "id-card")
KNOWN = Known({"A": {"1": None, "2": None, "id-card": Ask.SHOW_ONLY, "done": Ask.CLOSED}, "B": {"1": None}})


def stack(*parts: Any) -> list[Sheet]:
    """Sheets named p0, p1 …: a Target is its cover, text a plain page, a dict a page with those values."""
    made = []
    for number, part in enumerate(parts):
        sheet = Sheet(f"p{number}")
        if isinstance(part, Target):
            sheet = replace(sheet, cover=True, says=(part,))
        elif isinstance(part, dict):
            sheet = replace(sheet, **part)
        made.append(sheet)
    return made


UNREAD: dict[str, Any] = {"cover": True}


def asked(plan: Plan) -> list[tuple[Ask, tuple[str, ...]]]:
    return [(question.ask, question.keys) for question in plan.questions]


# --- dealing -----------------------------------------------------------------------------------
def test_each_page_goes_to_the_component_of_the_cover_before_it() -> None:
    plan = deal(stack(A1, "", "", A2, "", B1, ""), KNOWN)
    assert plan.placed == {"p1": A1, "p2": A1, "p4": A2, "p6": B1}
    assert plan.separators == {"p0": A1, "p3": A2, "p5": B1}
    assert (plan.ready, plan.pages, plan.of(A1)) == (True, 4, ["p1", "p2"])


def test_pages_before_any_cover_are_asked_about_unless_a_component_is_open() -> None:
    plan = deal(stack("", "", A1, ""), KNOWN)
    assert asked(plan) == [(Ask.LEADING, ("p0", "p1"))]
    assert deal(stack("", "", A1, ""), KNOWN, start=A2).placed == {"p0": A2, "p1": A2, "p3": A1}


def test_an_unread_separator_stops_and_its_pages_never_go_on_to_the_component_before() -> None:
    plan = deal(stack(A1, "", UNREAD, "", "", A2, ""), KNOWN)
    assert asked(plan) == [(Ask.UNREAD, ("p2", "p3", "p4"))]
    assert plan.placed == {"p1": A1, "p6": A2}
    answered = stack(A1, "", UNREAD | {"decided": As.COVER, "to": B1}, "", "", A2, "")
    assert deal(answered, KNOWN).placed == {"p1": A1, "p3": B1, "p4": B1, "p6": A2}
    no_separator = stack(A1, "", UNREAD | {"decided": As.PAGE}, "", "", A2, "")
    assert deal(no_separator, KNOWN).of(A1) == ["p1", "p2", "p3", "p4"]


@pytest.mark.parametrize(
    ("target", "only", "ask"),
    [
        (Target("C", "1"), "", Ask.UNKNOWN_DOSSIER),
        (Target("A", "9"), "", Ask.UNKNOWN_COMPONENT),
        (SHOWN, "", Ask.SHOW_ONLY),
        (Target("A", "done"), "", Ask.CLOSED),
        (B1, "A", Ask.OTHER_DOSSIER),
        (Target("A"), "", Ask.WHICH_COMPONENT),
    ],
)
def test_a_cover_that_leads_nowhere_holds_its_pages(target: Target, only: str, ask: Ask) -> None:
    plan = deal(stack(A1, "", target, ""), KNOWN, only=only)
    assert asked(plan) == [(ask, ("p2", "p3"))]
    assert plan.questions[0].target == target


def test_a_cover_of_another_dossier_that_the_clerk_confirms_is_followed() -> None:
    plan = deal(stack(A1, "", {"cover": True, "says": (B1,), "decided": As.COVER}, ""), KNOWN, only="A")
    assert (plan.ready, plan.placed["p3"]) == (True, B1)


def test_a_cover_without_a_page_after_it_is_asked_about_once() -> None:
    assert asked(deal(stack(A1, A2, "", B1), KNOWN)) == [(Ask.EMPTY, ("p0",)), (Ask.EMPTY, ("p3",))]
    sure = {"cover": True, "says": (A1,), "decided": As.COVER}
    assert deal(stack(sure, A2, ""), KNOWN).ready


# --- two-sided, blanks -------------------------------------------------------------------------
FRONT, BLANK_BACK = {"back": False}, {"back": True, "blank": True, "verdict": "warn"}
COVER_FRONT = {"back": False, "cover": True, "says": (A1,)}


def test_the_blank_back_of_a_cover_fed_two_sided_is_no_page_and_other_blanks_are_kept_and_told() -> None:
    plan = deal(stack(COVER_FRONT, BLANK_BACK, FRONT, BLANK_BACK), KNOWN)
    assert plan.separators == {"p0": A1, "p1": None}
    assert plan.placed == {"p2": A1, "p3": A1}
    assert asked(plan) == [(Ask.DOUBT, ("p3",))]


def test_the_back_of_a_cover_with_something_on_it_is_asked_about() -> None:
    plan = deal(stack(COVER_FRONT, {"back": True}, FRONT, {"back": True}), KNOWN)
    assert asked(plan) == [(Ask.BACK, ("p1",))]
    kept = deal(stack(COVER_FRONT, {"back": True, "decided": As.PAGE}, FRONT, {"back": True}), KNOWN)
    assert kept.of(A1) == ["p1", "p2", "p3"]
    gone = deal(stack(COVER_FRONT, {"back": True, "decided": As.BACK}, FRONT, {"back": True}), KNOWN)
    assert (gone.separators["p1"], gone.of(A1)) == (None, ["p2", "p3"])


def test_a_blank_after_a_cover_fed_one_sided_is_kept_until_the_clerk_says_that_it_is_its_back() -> None:
    blank = {"blank": True, "verdict": "warn"}
    assert deal(stack(A1, blank, ""), KNOWN).of(A1) == ["p1", "p2"]
    said = deal(stack(A1, blank | {"decided": As.BACK}, ""), KNOWN)
    assert (said.ready, said.of(A1)) == (True, ["p2"])


def test_the_back_of_an_unread_cover_waits_with_it() -> None:
    plan = deal(stack(COVER_FRONT, BLANK_BACK, FRONT, UNREAD | FRONT, BLANK_BACK, FRONT), KNOWN)
    assert asked(plan) == [(Ask.UNREAD, ("p3", "p4", "p5"))]
    answer = UNREAD | FRONT | {"decided": As.COVER, "to": A2}
    plan = deal(stack(COVER_FRONT, BLANK_BACK, FRONT, answer, BLANK_BACK, FRONT), KNOWN)
    assert (plan.ready, plan.of(A2), plan.separators["p4"]) == (True, ["p5"], None)


# --- the gate's word, labels, moves ------------------------------------------------------------
def test_a_doubtful_page_waits_for_a_reason_and_a_refused_one_for_a_new_scan() -> None:
    doubt, refused = {"verdict": "warn"}, {"verdict": "refused"}
    plan = deal(stack(A1, doubt, refused, doubt | {"accepted": True}), KNOWN)
    assert asked(plan) == [(Ask.DOUBT, ("p1",)), (Ask.REFUSED, ("p2",))]
    assert plan.of(A1) == ["p1", "p2", "p3"]
    assert asked(deal(stack(A1, refused | {"accepted": True}), KNOWN)) == [(Ask.REFUSED, ("p1",))]


def test_a_page_with_a_components_label_begins_that_component_and_stays_a_page() -> None:
    plan = deal(stack({"says": (A2,)}, ""), KNOWN)
    assert (plan.ready, plan.of(A2)) == (True, ["p0", "p1"])


def test_a_label_that_contradicts_the_cover_is_asked_about() -> None:
    plan = deal(stack(A1, "", {"says": (B1,)}, ""), KNOWN)
    assert asked(plan) == [(Ask.TWO_CODES, ("p2", "p3"))]
    assert deal(stack(A1, "", {"says": (B1,), "decided": As.PAGE}, ""), KNOWN).of(A1) == ["p1", "p2", "p3"]


def test_a_dossiers_label_asks_for_the_component_unless_the_cover_told_it() -> None:
    label = {"says": (Target("A"),)}
    assert asked(deal(stack(label, ""), KNOWN)) == [(Ask.WHICH_COMPONENT, ("p0", "p1"))]
    assert deal(stack(A1, label, ""), KNOWN).of(A1) == ["p1", "p2"]
    assert targets([Target("A"), A1, A1]) == (A1,)


def test_a_page_that_the_clerk_moves_goes_alone() -> None:
    plan = deal(stack(A1, "", {"to": A2}, ""), KNOWN)
    assert (plan.of(A1), plan.of(A2), plan.ready) == (["p1", "p3"], ["p2"], True)
    assert asked(deal(stack(A1, "", {"to": SHOWN}), KNOWN)) == [(Ask.SHOW_ONLY, ("p2",))]


# --- counting, pairs ---------------------------------------------------------------------------
def test_the_pages_counted_by_hand_must_be_those_that_came() -> None:
    sheets = stack(A1, "", "", A2, "")
    assert deal(sheets, KNOWN, counted=3).ready
    assert asked(deal(sheets, KNOWN, counted=4)) == [(Ask.COUNT, ())]
    assert deal(sheets, KNOWN, counted=4, count_settled=True).ready


def test_two_pictures_of_one_page_are_asked_about_and_then_count_as_one() -> None:
    plan = deal(stack(A1, "", {"alike": 0.95}, {"alike": 0.3}), KNOWN)
    assert plan.questions == [Question(Ask.PAIR, ("p1", "p2"), A1)]
    paired = deal(stack(A1, "", {"alike": 0.95, "decided": As.PAIR}, ""), KNOWN, counted=2)
    assert (paired.ready, paired.pages, paired.of(A1)) == (True, 2, ["p1", "p2", "p3"])
    assert deal(stack(A1, "", {"alike": 0.95, "decided": As.TWO}), KNOWN).ready
    assert deal(stack(A1, "", A2, {"alike": 0.95}), KNOWN).ready, "of two components"


def look(image: Image.Image) -> str:
    """What is kept of a page that was scanned."""
    (read,) = PageDigitiser().read_bytes("a.jpg", encoded(image, "JPEG"))
    return str(read.seen["likeness"])


@pytest.mark.parametrize("kind", ["clean", "noisy", "skewed"])
def test_a_page_with_a_note_is_like_itself_without(kind: str) -> None:
    chance = random.Random(5)
    for face in list(faces())[: None if kind == "clean" else 2]:
        one = page(31, face=face, kind=kind).image
        noted = one.copy()
        x, y = chance.randrange(100, 1400), chance.randrange(100, 2400)
        pen = ImageDraw.Draw(noted)
        pen.rectangle((x, y, x + 900, y + 900), fill=(250, 230, 110))
        pen.line([(x + 60 + 40 * n, y + 120 + 200 * (n % 4)) for n in range(18)], fill=(40, 50, 120), width=8)
        noted = noted.rotate(chance.uniform(-0.5, 0.5), Image.Resampling.BILINEAR, fillcolor="white")
        assert alike(look(one), look(noted)) >= ALIKE, face


def test_a_page_is_seldom_like_the_next_of_its_form() -> None:
    pairs: dict[str, tuple[str, str]] = {}
    for face in faces():
        looks = [look(page(seed, face=face).image) for seed in range(31, 35)]
        pairs |= {f"{face} {number}": pair for number, pair in enumerate(itertools.pairwise(looks), start=31)}
    mistaken = [name for name, (one, other) in pairs.items() if alike(one, other) >= ALIKE]
    assert len(mistaken) <= len(pairs) // 3, f"each costs the clerk a key: {mistaken}"


def test_a_look_is_all_like_itself_and_not_at_all_like_none() -> None:
    one = look(page(31, face=next(iter(faces()))).image)
    assert alike("", one) == alike(one, one[:-1]) == 0.0
    assert alike(one, one) == pytest.approx(1.0)


# --- no page vanishes --------------------------------------------------------------------------
PLACES = st.sampled_from([A1, A2, B1, SHOWN, Target("A"), Target("A", "9"), Target("C", "1")])
SHEETS = st.lists(
    st.builds(
        Sheet,
        key=st.just(""),
        verdict=st.sampled_from(["ok", "ok", "warn", "refused"]),
        blank=st.booleans(),
        says=st.lists(PLACES, max_size=2, unique=True).map(tuple),
        cover=st.booleans(),
        back=st.sampled_from([None, False, True]),
        alike=st.sampled_from([0.0, 0.5, 0.9]),
        accepted=st.booleans(),
        decided=st.sampled_from([None, None, None, *As]),
        to=st.none() | PLACES,
    ),
    max_size=24,
).map(lambda made: [replace(sheet, key=f"p{number}") for number, sheet in enumerate(made)])


@given(SHEETS, st.sampled_from(["", "A", "B"]), st.none() | st.just(A1), st.none() | st.integers(0, 30))
def test_every_page_is_placed_or_a_separator_or_asked_about_and_none_twice(
    sheets: list[Sheet], only: str, start: Target | None, counted: int | None
) -> None:
    plan = deal(sheets, KNOWN, only=only, start=start, counted=counted)
    everywhere = [*plan.placed, *plan.separators, *plan.open]
    assert sorted(everywhere) == sorted(sheet.key for sheet in sheets)
    told = {key for question in plan.questions for key in question.keys}
    assert set(plan.open) <= told, "what is open is asked about"
    by_key = {sheet.key: sheet for sheet in sheets}
    assert all(KNOWN.fault(place, "") is None for place in plan.placed.values()), "only where pages may go"
    for key, place in plan.placed.items():
        sheet = by_key[key]
        fine = sheet.verdict == "ok" or (sheet.verdict == "warn" and sheet.accepted)
        assert fine or key in told
        assert sheet.to in (None, place)
    for key, says in plan.separators.items():
        sheet = by_key[key]
        is_cover = says is not None and (sheet.cover or sheet.decided is As.COVER)
        assert is_cover or sheet.blank or sheet.decided is As.BACK, "nothing but separators and their backs goes"
    if plan.ready:
        assert not plan.open and not told
        assert counted is None or counted == plan.pages


@given(SHEETS)
def test_pages_of_a_component_keep_the_order_in_which_they_were_fed(sheets: list[Sheet]) -> None:
    plan = deal(sheets, KNOWN)
    order = {sheet.key: number for number, sheet in enumerate(sheets)}
    for place in set(plan.placed.values()):
        numbers = [order[key] for key in plan.of(place)]
        assert numbers == sorted(numbers)
