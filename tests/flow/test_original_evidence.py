"""What our own evidence says of electronic originals is what was said when they came in: no more trust, and no less."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from pyhanko.sign.fields import MDPPerm

from agent.clock import SystemClock
from agent.errors import Incomplete
from agent.intake.digitise import make_copies
from agent.intake.electronic import take_as_original
from agent.intake.filing import accept_page, remove_page
from agent.intake.sign import sign_copies
from agent.reconcile.bundle import make_bundle
from agent.reconcile.paper_bundle import make_paper_bundle
from agent.reconcile.verify import Verdict, verify
from agent.store.dossiers import Component, Dossier
from agent.store.papers import Page, Paper
from agent.wiring import offline_checker
from tests import signed_files as made
from tests.builders import CLERK
from tests.flow.counter import Counter
from tests.flow.test_electronic_originals import labelled, uploaded
from tests.flow.test_values_forms import Browser
from tests.webdesk import add_people

REASON = "Sở xác nhận qua điện thoại"


@dataclass
class Case:
    """A dossier whose papers all came as the same signed file."""

    desk: Counter
    dossier: Dossier
    pages: list[Page]

    def accept(self) -> None:
        for page in self.pages:
            accept_page(self.desk.site, self.dossier.uid, page.uid, by=CLERK, reason=REASON)

    def sign(self) -> list[Paper]:
        make_copies(self.desk.site, self.dossier.uid, by=CLERK)
        sign_copies(self.desk.site, self.dossier.uid, by=CLERK)
        return list(Paper.select().where(Paper.dossier == self.dossier))

    def verdicts(self, *, strict: bool = False) -> list[Verdict]:
        """Of a paper's own bundle, and of the dossier's."""
        here, uid = self.desk.site, self.dossier.uid
        bundles = [make_paper_bundle(here, uid, self.sign()[0].uid), make_bundle(here, uid)]
        roots = [(self.desk.folder / "demonstration-ca" / "root.pem").read_bytes()]
        checker = offline_checker(SystemClock())
        return [verify(bundle, checker=checker, roots=roots, strict=strict) for bundle in bundles]

    def evidence_page(self) -> str:
        add_people(self.desk.site, "lananh")
        paper = Paper.get(Paper.dossier == self.dossier)
        return Browser(self.desk, "lananh").get(f"/counter/dossiers/{self.dossier.uid}/papers/{paper.uid}").text


def brought(desk: Counter, data: bytes) -> Case:
    dossier, components = labelled(desk)
    return Case(desk, dossier, [_taken(desk, dossier, one, data) for one in components])


def _taken(desk: Counter, dossier: Dossier, component: Component, data: bytes) -> Page:
    (page,) = uploaded(desk, dossier, component, data)
    take_as_original(desk.site, dossier.uid, component.uid, by=CLERK)
    return page


def test_an_original_with_its_long_term_evidence_in_the_file_stands_in_our_evidence_too(desk: Counter) -> None:
    at = desk.site.clock.now()
    by = made.signer(desk.folder / "demonstration-ca", at)
    case = brought(desk, made.long_term(by, made.signed(by, made.document(), at)))
    for verdict in case.verdicts():
        assert (verdict.consistent, verdict.training, verdict.problems) == (True, True, ())
    page = case.evidence_page()
    assert f"chữ ký của {made.SIGNER} còn đúng" in page and "thêm sau khi ký" not in page


def test_an_original_that_states_no_signing_time_is_signed_all_the_same(desk: Counter) -> None:
    by = made.signer(desk.folder / "demonstration-ca", desk.site.clock.now())
    data = made.signed(by, made.document(), None, box=None)
    assert b"/M (D:" not in data
    case = brought(desk, data)
    for verdict in case.verdicts():
        assert (verdict.consistent, verdict.training, verdict.problems) == (True, True, ())
    assert "chữ ký không ghi thời gian" in case.evidence_page()


def test_a_form_that_was_filled_in_later_is_asked_about_and_then_stands(desk: Counter) -> None:
    at = desk.site.clock.now()
    by = made.signer(desk.folder / "demonstration-ca", at)
    case = brought(desk, made.filled(made.signed(by, made.document(), at, allow=MDPPerm.FILL_FORMS)))
    with pytest.raises(Incomplete, match="phần thêm mà người ký cho phép"):
        case.sign()
    case.accept()
    paper, dossier = case.verdicts()
    assert (paper.consistent, paper.training, paper.problems) == (True, True, ())
    assert (dossier.consistent, dossier.training, dossier.problems) == (True, True, ())
    assert "sau đó có phần thêm mà người ký cho phép" in " ".join(paper.remarks)
    assert "tệp có phần thêm mà người ký cho phép" in case.evidence_page()


def test_an_authority_that_nobody_knows_is_asked_about_and_never_called_trusted(desk: Counter) -> None:
    at = desk.site.clock.now()
    (forger := desk.folder / "forger").mkdir()
    case = brought(desk, made.signed(made.signer(forger, at, "Bộ Tư pháp"), made.document(), at))
    with pytest.raises(Incomplete, match="Hỏi người nộp ai ký, rồi ghi lý do nhận"):
        case.sign()
    assert not Paper.select().where(Paper.dossier == case.dossier).exists()

    case.accept()
    for verdict in case.verdicts(strict=True):
        assert (verdict.consistent, verdict.trusted, verdict.training) == (True, False, False)
        assert all("Bộ Tư pháp ký bằng chứng thư không thuộc gốc tin cậy" in one for one in verdict.problems)
        assert verdict.problems and not verdict.stands(strict=False)
    paper = Paper.get(Paper.dossier == case.dossier)
    assert (paper.evidence["original"]["accepted_by"], paper.evidence["original"]["accepted_reason"]) == (
        CLERK.username, REASON,
    )  # fmt: skip
    assert "Nơi cấp chứng thư không có trong danh sách tin cậy" in case.evidence_page()


def test_what_was_accepted_for_something_else_is_asked_about_again(desk: Counter) -> None:
    """The authority was known when the file came and is not any more: the file is brought in anew, and asked about."""
    at = desk.site.clock.now()
    (forger := desk.folder / "forger").mkdir()
    data = made.signed(made.signer(forger, at), made.document(), at)
    case = brought(desk, data)
    with desk.site.store.writing():
        Page.update(findings=["active"]).where(Page.dossier == case.dossier).execute()
    case.accept()
    with pytest.raises(Incomplete, match="nạp lại tệp"):
        case.sign()
    for page in case.pages:
        remove_page(desk.site, case.dossier.uid, page.uid, by=CLERK, reason="nạp lại")
        (again,) = uploaded(desk, case.dossier, page.component, data)
        accept_page(desk.site, case.dossier.uid, again.uid, by=CLERK, reason=REASON)
    assert case.sign()
