"""The checklist: every gap at once, nothing asked for that is not on the list, and who answers for exceptions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.catalogue import Case, Handling, Requirement
from agent.domain.checklist import Exemption, FindingKind, HandedIn, Verdict, check
from agent.domain.dossier import PaperForm
from agent.errors import Incomplete, RuleViolation

FORM = Requirement("F", "Tờ khai", "TK")
CARD = Requirement("C", "Giấy tờ tùy thân", "CCCD", handling=Handling.SHOW_ONLY)
PROOF = Requirement(
    "P", "Giấy chứng sinh", "GCS", original=1, copies=1, electronic=False, handling=Handling.COPY_RETURN
)
EITHER = Requirement("E", "Bản án", "BA", original=1, copies=1, either=True, required=False)
CASE = Case("standard", "Thông thường", (FORM, CARD, PROOF, EITHER))
GOOD = (
    HandedIn("F", PaperForm.ORIGINAL),
    HandedIn("C", PaperForm.ORIGINAL),
    HandedIn("P", PaperForm.ORIGINAL),
    HandedIn("P", PaperForm.COPY),
)


def kinds(verdict: Verdict) -> list[tuple[FindingKind, str]]:
    return [(finding.kind, finding.code) for finding in verdict.findings]


def test_a_complete_dossier_has_nothing_to_say() -> None:
    verdict = check(CASE, GOOD)
    assert verdict.complete and verdict.findings == ()
    verdict.require_complete()


def test_every_gap_is_named_at_once_in_the_lists_order() -> None:
    verdict = check(CASE, [HandedIn("P", PaperForm.ORIGINAL)])
    assert kinds(verdict) == [(FindingKind.MISSING, "F"), (FindingKind.MISSING, "C"), (FindingKind.SHORT, "P")]
    assert verdict.gaps[0].message == "Thiếu Tờ khai: cần 1 bản chính."
    assert verdict.gaps[2].message == "Giấy chứng sinh: cần 1 bản chính, 1 bản sao, đã có 1 bản chính, 0 bản sao."
    with pytest.raises(Incomplete, match="còn 3 điểm") as refusal:
        verdict.require_complete()
    assert len(refusal.value.gaps) == 3


def test_an_original_serves_for_a_copy_but_a_copy_never_for_an_original() -> None:
    two_originals = [*GOOD[:2], HandedIn("P", PaperForm.ORIGINAL, 2)]
    assert check(CASE, two_originals).complete
    two_copies = [*GOOD[:2], HandedIn("P", PaperForm.COPY, 2)]
    assert kinds(check(CASE, two_copies)) == [(FindingKind.SHORT, "P")]


@pytest.mark.parametrize("form", [PaperForm.ORIGINAL, PaperForm.COPY])
def test_one_of_either_form_is_enough(form: PaperForm) -> None:
    assert check(CASE, [*GOOD, HandedIn("E", form)]).findings == ()


def test_too_many_papers_are_offered_back_and_do_not_stop_the_dossier() -> None:
    verdict = check(CASE, [*GOOD, HandedIn("F", PaperForm.COPY, 2)])
    assert verdict.complete and kinds(verdict) == [(FindingKind.EXCESS, "F")]
    assert "trả lại phần thừa" in verdict.excess[0].message


def test_a_paper_that_is_not_on_the_list_may_not_be_asked_for() -> None:
    extra = HandedIn("X", PaperForm.COPY)
    verdict = check(CASE, [*GOOD, extra])
    assert not verdict.complete and kinds(verdict) == [(FindingKind.NOT_LISTED, "X")]
    excused = check(CASE, [*GOOD, extra], [Exemption("X", "công dân tự nguyện nộp", "Trần Bình", waives=False)])
    assert excused.complete and kinds(excused) == [(FindingKind.WAIVED, "X")]


def test_an_electronic_copy_serves_where_the_list_allows_it() -> None:
    assert check(CASE, [HandedIn("F", PaperForm.ELECTRONIC), *GOOD[1:]]).complete
    verdict = check(CASE, [*GOOD[:2], HandedIn("P", PaperForm.ELECTRONIC)])
    assert kinds(verdict) == [(FindingKind.FORM_FORBIDDEN, "P")]


def test_a_paper_already_in_the_citizens_store_is_not_asked_for_again() -> None:
    reused = HandedIn("P", PaperForm.ELECTRONIC, reused="001099012345.GCS.0000001")
    assert check(CASE, [*GOOD[:2], reused]).complete


def test_what_is_only_shown_may_not_be_copied_or_kept_but_gentler_is_fine() -> None:
    for handling in (Handling.COPY_RETURN, Handling.KEEP_FORWARD):
        verdict = check(CASE, [GOOD[0], HandedIn("C", PaperForm.ORIGINAL, handling=handling), *GOOD[2:]])
        assert kinds(verdict) == [(FindingKind.HANDLING_FORBIDDEN, "C")]
    assert check(CASE, [HandedIn("F", PaperForm.ORIGINAL, handling=Handling.SHOW_ONLY), *GOOD[1:]]).complete


def test_an_exception_carries_its_reason_and_name_on_the_list() -> None:
    verdict = check(CASE, GOOD[1:], [Exemption("F", "thiên tai", "Trần Bình")])
    assert verdict.complete
    assert verdict.findings[0].message == "Tờ khai: ngoại lệ do Trần Bình quyết định, lý do: thiên tai."
    for reason, by in (("", "Trần Bình"), ("thiên tai", " ")):
        with pytest.raises(RuleViolation, match="lý do và tên"):
            check(CASE, GOOD[1:], [Exemption("F", reason, by)])


def test_none_of_a_paper_is_not_a_quantity() -> None:
    with pytest.raises(RuleViolation, match="từ 1 trở lên"):
        check(CASE, [HandedIn("F", PaperForm.ORIGINAL, 0)])


lines = st.lists(
    st.builds(HandedIn, st.sampled_from("FCPEX"), st.sampled_from(PaperForm), st.integers(1, 3)), max_size=8
)


@given(lines, st.randoms(use_true_random=False))
def test_the_order_of_handing_in_never_matters(handed_in: list[HandedIn], random: object) -> None:
    shuffled = list(handed_in)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(check(CASE, handed_in).findings) == set(check(CASE, shuffled).findings)


@given(lines)
def test_adding_what_is_missing_always_completes_a_dossier(handed_in: list[HandedIn]) -> None:
    listed = [line for line in handed_in if line.code != "X" and line.form is not PaperForm.ELECTRONIC]
    assert check(CASE, [*listed, *GOOD]).complete
