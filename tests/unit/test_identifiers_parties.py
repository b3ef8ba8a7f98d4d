"""Who hands in, for whom, on what authority."""

from __future__ import annotations

from datetime import date

import pytest

from agent.domain.dossier import Role
from agent.domain.identifiers_person import Sex
from agent.domain.parties import (
    Authorisation,
    IdentityKind,
    contact,
    identity,
    organisation,
    parties,
    person,
)
from agent.errors import InvalidIdentifier, RuleViolation

TODAY = date(2026, 11, 21)
AN = person("  Nguyễn  Văn An ", identity(IdentityKind.CITIZEN_ID, "001 099 012 345"), contact=contact("0912345678"))
BINH = person("Trần Thị Bình", identity(IdentityKind.PASSPORT, "b1234567"))
POST = organisation("Công ty A", "0100233488")


def test_a_person_is_kept_as_written_but_tidy() -> None:
    assert (AN.name, AN.number, AN.contact.phone) == ("Nguyễn Văn An", "001099012345", "+84912345678")
    assert BINH.number == "B1234567"


def test_a_mismatch_of_birth_and_number_warns() -> None:
    odd = person("Nguyễn Văn An", AN.identity, birth=date(1980, 1, 1), sex=Sex.MALE)
    assert len(odd.warnings) == 1 and not AN.warnings


def test_who_has_no_identity_paper_says_why() -> None:
    assert identity(IdentityKind.NONE, reason="cháy nhà").reason == "cháy nhà"
    assert identity(IdentityKind.UNDER_14).number == ""
    with pytest.raises(RuleViolation, match="lý do"):
        identity(IdentityKind.NONE)
    with pytest.raises(InvalidIdentifier):
        identity(IdentityKind.PASSPORT, "?")


def test_wrong_contacts_and_names_are_refused() -> None:
    with pytest.raises(InvalidIdentifier):
        contact(email="an@nowhere")
    with pytest.raises(RuleViolation, match="họ tên"):
        person(" ", AN.identity)
    with pytest.raises(RuleViolation, match="tên tổ chức"):
        organisation("", "0100233488")
    with pytest.raises(InvalidIdentifier, match="cá nhân"):
        organisation("Công ty A", "001099012345")


def test_the_owner_hands_in_when_nobody_else_does() -> None:
    assert parties(AN, on=TODAY).hands_in is AN
    assert parties(AN, AN, on=TODAY).submitter is None
    both = parties(AN, BINH, on=TODAY)
    assert both.hands_in is BINH
    assert [role for role, _ in both.by_role()] == [Role.OWNER, Role.SUBMITTER]


def test_an_organisation_needs_a_person_at_the_counter() -> None:
    assert parties(POST, AN, on=TODAY).hands_in is AN
    with pytest.raises(RuleViolation, match="người nộp"):
        parties(POST, on=TODAY)


def test_a_representative_shows_an_authorisation_in_force() -> None:
    paper = Authorisation("12/UQ", date(2026, 1, 1), until=date(2026, 12, 31))
    assert parties(AN, on=TODAY, representative=BINH, authorisation=paper).representative is BINH
    with pytest.raises(RuleViolation, match="văn bản ủy quyền"):
        parties(AN, on=TODAY, representative=BINH)
    with pytest.raises(RuleViolation, match="hết hạn"):
        parties(AN, on=date(2027, 1, 1), representative=BINH, authorisation=paper)
    with pytest.raises(RuleViolation, match="sau hôm nay"):
        parties(AN, on=date(2025, 1, 1), representative=BINH, authorisation=paper)
