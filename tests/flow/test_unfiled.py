"""What is refused leaves nothing in the vault: neither a picture nor a copy that no row names."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.documents.digitiser import PageDigitiser
from agent.errors import DocumentError, RuleViolation
from agent.intake.arrange import replace_page
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, pages_of, remove_page, wants_copy
from agent.intake.label import confirm_label
from agent.intake.sign import sign_copies
from agent.store.dossiers import Dossier
from agent.store.lookup import components_of, dossier_by_uid
from tests.builders import CLERK, Station, received, scanned, station


@pytest.fixture
def desk(tmp_path: Path) -> Station:
    return station(tmp_path / "data")


def filed(desk: Station) -> Dossier:
    made = received(desk, procedure="1.001193")
    confirm_label(desk.site, made.uid, made.provisional, by=CLERK)
    for component in (one for one in components_of(made) if wants_copy(one)):
        add_pages(desk.site, made.uid, component.uid, page(desk, made.provisional), by=CLERK)
    return dossier_by_uid(made.uid)


def page(desk: Station, text: str) -> Any:
    return desk.site.digitiser().read_bytes("a.jpg", scanned(text))


def in_vault(desk: Station, text: str) -> bool:
    return desk.site.vault.has(hashlib.sha256(scanned(text)).hexdigest())


def test_a_picture_for_a_signed_paper_or_one_that_is_only_shown_is_refused_and_not_kept(desk: Station) -> None:
    dossier = filed(desk)
    shown = next(one for one in components_of(dossier) if not wants_copy(one))
    with pytest.raises(RuleViolation, match="chỉ xuất trình"):
        add_pages(desk.site, dossier.uid, shown.uid, page(desk, "căn cước"), by=CLERK)
    assert not in_vault(desk, "căn cước")
    make_copies(desk.site, dossier.uid, by=CLERK)
    sign_copies(desk.site, dossier.uid, by=CLERK)
    (first, *_) = pages_of(next(one for one in components_of(dossier) if wants_copy(one)))
    with pytest.raises(RuleViolation, match="đã ký"):
        replace_page(desk.site, dossier.uid, first.uid, page(desk, "thay"), by=CLERK, origin={})
    assert not in_vault(desk, "thay")
    assert in_vault(desk, dossier.provisional)


def test_a_copy_of_pages_that_changed_meanwhile_is_not_kept(desk: Station) -> None:
    dossier, made = filed(desk), list[str]()
    (first, *_) = pages_of(next(one for one in components_of(dossier) if wants_copy(one)))

    class Meanwhile(PageDigitiser):
        """While it makes a copy, somebody takes a page out."""

        def copy(self, pages: Any, **given: Any) -> Any:
            copy = super().copy(pages, **given)
            if not made:
                remove_page(desk.site, dossier.uid, first.uid, by=CLERK, reason="quét nhầm")
            made.append(hashlib.sha256(copy.pdf).hexdigest())
            return copy

    with pytest.raises(DocumentError, match="vừa thay đổi"):
        make_copies(replace(desk.site, digitiser=Meanwhile), dossier.uid, by=CLERK)
    assert made and not any(desk.site.vault.has(sha256) for sha256 in made)
